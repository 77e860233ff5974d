"""Zebra: a real catalogue server with records of ours, over Z39.50 (MARC and XML, no OPAC) and SRU."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.programs import needs, running
from tests.ports import free_ports

_TAB = "/usr/share/idzebra-2.0/tab"
# Words in any script, without accents.
_ICU = """<icu_chain locale="en">
  <transform rule="NFD; [:Nonspacing Mark:] Remove; NFC; [:Control:] Any-Remove"/>
  <tokenize rule="l"/>
  <transform rule="[[:WhiteSpace:][:Punctuation:]] Remove"/>
  <display/>
  <casemap rule="l"/>
</icu_chain>
"""
_INDEXES = """index w
completeness 0
position 1
alwaysmatches 1
firstinfield 1
icuchain words.xml

index p
completeness 1
icuchain words.xml
"""
_DOM = """<dom xmlns="http://indexdata.com/zebra-2.0">
  <extract name="index"><xslt stylesheet="index.xsl"/></extract>
  <retrieve name="marcxml"/>
  <retrieve name="dc"><xslt stylesheet="dc.xsl"/></retrieve>
  <input><xmlreader level="1"/></input>
</dom>
"""
_INDEX = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:z="http://indexdata.com/zebra-2.0" xmlns:m="http://www.loc.gov/MARC21/slim" exclude-result-prefixes="m">
  <xsl:template match="m:record">
    <z:record z:id="{m:controlfield[@tag='001']}" type="update">
      <xsl:for-each select="m:datafield[@tag='245' or @tag='246' or
          (@tag='880' and starts-with(m:subfield[@code='6'], '245'))]">
        <z:index name="Title:w Title:p Any:w">
          <xsl:for-each select="m:subfield[@code!='6' and @code!='c']"
            ><xsl:value-of select="."/><xsl:text> </xsl:text></xsl:for-each>
        </z:index>
      </xsl:for-each>
      <xsl:for-each select="m:datafield[@tag='780' or @tag='785']">
        <z:index name="Title:w Any:w"><xsl:value-of select="m:subfield[@code='t']"/></z:index>
      </xsl:for-each>
      <xsl:for-each select="m:datafield[@tag='100' or @tag='700' or
          (@tag='880' and starts-with(m:subfield[@code='6'], '100'))]">
        <z:index name="Author:w Author:p Any:w"><xsl:value-of select="m:subfield[@code='a']"/></z:index>
      </xsl:for-each>
      <xsl:for-each select="m:datafield[@tag='020']">
        <z:index name="ISBN:w ISBN:p"><xsl:value-of select="m:subfield[@code='a']"/></z:index>
      </xsl:for-each>
      <xsl:for-each select="m:datafield[@tag='022']">
        <z:index name="ISSN:w ISSN:p"><xsl:value-of select="m:subfield[@code='a']"/></z:index>
      </xsl:for-each>
      <z:index name="Date-of-publication:w"
        ><xsl:value-of select="substring(m:controlfield[@tag='008'], 8, 4)"/></z:index>
    </z:record>
  </xsl:template>
  <xsl:template match="*"><xsl:apply-templates select="*"/></xsl:template>
</xsl:stylesheet>
"""
_DC = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:m="http://www.loc.gov/MARC21/slim" xmlns:dc="http://purl.org/dc/elements/1.1/"
  exclude-result-prefixes="m">
  <xsl:template match="m:record">
    <dc:metadata>
      <dc:title><xsl:value-of select="m:datafield[@tag='245']/m:subfield[@code='a']"/></dc:title>
      <dc:creator><xsl:value-of select="m:datafield[@tag='100']/m:subfield[@code='a']"/></dc:creator>
      <dc:date><xsl:value-of select="substring(m:controlfield[@tag='008'], 8, 4)"/></dc:date>
      <dc:identifier>ISBN <xsl:value-of select="m:datafield[@tag='020']/m:subfield[@code='a']"/></dc:identifier>
    </dc:metadata>
  </xsl:template>
  <xsl:template match="*"><xsl:apply-templates select="*"/></xsl:template>
</xsl:stylesheet>
"""
_CQL = """set.cql = info:srw/cql-context-set/1/cql-v1.1
set.dc = info:srw/cql-context-set/1/dc-v1.1
set.bath = http://zing.z3950.org/cql/bath/2.0/
index.cql.serverChoice = 1=1016
index.cql.anywhere = 1=1016
index.dc.title = 1=4
index.dc.creator = 1=1003
index.dc.date = 1=31
index.bath.isbn = 1=7
index.bath.issn = 1=8
relation.eq = 2=3
relation.all = 2=3
relation.any = 2=3
relation.scr = 2=3
relation.exact = 2=3
position.any = 3=3 6=1
structure.all = 4=6
structure.any = 4=105
structure.exact = 4=1
structure.* = 4=1
truncation.none = 5=100
"""
_SERVER = """<yazgfs>
  <listen id="tcp">tcp:127.0.0.1:{port}</listen>
  <server id="catalogue" listenref="tcp">
    <directory>{folder}</directory>
    <config>{folder}/zebra.cfg</config>
    <cql2rpn>{folder}/cql.properties</cql2rpn>
    <retrievalinfo>
      <retrieval syntax="xml" name="marcxml" identifier="info:srw/schema/1/marcxml-v1.1"/>
      <retrieval syntax="xml" name="dc" identifier="info:srw/schema/1/dc-v1.1"/>
      <retrieval syntax="xml"><backend syntax="xml" name="marcxml"/></retrieval>
      <retrieval syntax="usmarc"><backend syntax="xml" name="marcxml">
        <marc inputformat="xml" outputformat="marc" inputcharset="utf-8" outputcharset="{charset}"/>
      </backend></retrieval>
    </retrievalinfo>
    <explain xmlns="http://explain.z3950.org/dtd/2.0/">
      <serverInfo><host>127.0.0.1</host><port>{port}</port><database>Default</database></serverInfo>
      <databaseInfo><title>Catalogue of the tests</title></databaseInfo>
      <schemaInfo>
        <schema identifier="info:srw/schema/1/marcxml-v1.1" name="marcxml"><title>MARCXML</title></schema>
        <schema identifier="info:srw/schema/1/dc-v1.1" name="dc"><title>Dublin Core</title></schema>
      </schemaInfo>
    </explain>
  </server>
</yazgfs>
"""


@contextmanager
def catalogue(folder: Path, records: str, *files: Path, charset: str = "utf-8") -> Iterator[str]:
    """Yields host:port. `records`: MARCXML of a collection; `files`: ISO 2709 too. `charset`: of MARC that it gives."""
    server, index = needs("zebrasrv", "idzebra-2.0-utils"), needs("zebraidx", "idzebra-2.0-utils")
    dump = needs("yaz-marcdump", "yaz")
    port = free_ports()[0]
    texts = {
        "zebra.cfg": f"profilePath: {folder}:{_TAB}\nattset: bib1.att\nencoding: utf-8\nrecordType: dom.dom.xml\n"
                     f"storeData: 1\nregister: {folder}/register:100M\nlockDir: {folder}/lock\n",
        "words.xml": _ICU, "default.idx": _INDEXES, "dom.xml": _DOM, "index.xsl": _INDEX, "dc.xsl": _DC,
        "cql.properties": _CQL, "server.xml": _SERVER.format(port=port, folder=folder, charset=charset),
    }
    for name in ("register", "lock", "records"):
        (folder / name).mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "records" / "own.xml").write_text(records)
    for file in files:
        said = subprocess.run([dump, "-f", "marc-8", "-t", "utf-8", "-o", "marcxml", file], capture_output=True,
                              check=True)
        (folder / "records" / f"{file.name}.xml").write_bytes(said.stdout)
    subprocess.run([index, "-c", "zebra.cfg", "init"], cwd=folder, check=True, capture_output=True)
    done = subprocess.run([index, "-c", "zebra.cfg", "-v", "fatal,warn", "update", "records"], cwd=folder,
                          capture_output=True, check=True)
    assert b"fatal" not in done.stderr, done.stderr
    with running([server, "-f", "server.xml"], port=port, log=folder / "zebra.log", cwd=folder):
        yield f"127.0.0.1:{port}"
