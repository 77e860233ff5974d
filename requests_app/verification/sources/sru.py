"""Our own catalogue and a union catalogue by SRU: searchRetrieve 1.1, 1.2 (zing/srw) and 2.0 (OASIS), explain."""

import re
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from lxml import etree

from illdesk.errors import AdapterError
from requests_app.verification.marc.reading import name_of, tidy
from requests_app.verification.records import Answer, Record
from requests_app.verification.sources import Option, Settings, catalogue, cql, source
from requests_app.verification.sources.catalogue import OWN, UNION, Catalogue, Found
from requests_app.verification.web import Web, xml_of

_INDEX_OPTIONS = tuple(
    Option(f"index_{name}", label, _("Name in CQL; empty: the usual one of this kind of server; - for none."))
    for name, label in (
        ("title", _("Index: title")), ("author", _("Index: author")), ("isbn", _("Index: ISBN")),
        ("issn", _("Index: ISSN")), ("oclc", _("Index: OCLC number")), ("lccn", _("Index: LCCN")),
        ("year", _("Index: year")), ("any", _("Index: everything")),
    )
)
OPTIONS = (
    Option("url", _("Address"), _("For example https://library.alma.exlibrisgroup.com/view/sru/01LIB_INST."),
           required=True),
    Option("kind", _("Kind of server"), _("alma, k10plus or dnb; empty: seen by the address.")),
    Option("version", _("SRU version"), _("1.1, 1.2 or 2.0; empty: the usual one.")),
    Option("schema", _("Record schema"),
           _("marcxml, opacxml or dc, or as the server calls them; empty: the usual one.")),
    *catalogue.COMMON_OPTIONS,
    *_INDEX_OPTIONS,
)
_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ACCEPT = {"Accept": "application/sru+xml, application/xml, text/xml"}
# A diagnostic record stands in place of one that the server cannot give (SRU 1.2 diagnostics; SRU 2.0, 4.1.9).
_DIAGNOSTIC = "info:srw/schema/1/diagnostic"
# Of Diagnostics 1.x: an index or relation that the server does not have is no reason to give up altogether.
_NOT_THIS_WAY = ("/15", "/16", "/19", "/22", "/24", "/27")


@dataclass
class Said:
    """One searchRetrieve: how many hits, and the records that could be read."""

    hits: int
    records: list[etree._Element]


class NotThisWay(AdapterError):
    """The server has no such index or relation; another question may do."""


class SRU(Catalogue):

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        """By number first, then by title and author; the first question with hits counts."""
        refused: NotThisWay | None = None
        answered = False
        for query in _queries(wanted, settings):
            try:
                said = search(query, settings, web)
            except NotThisWay as failure:
                refused = failure
                continue
            answered = True
            if said.hits:
                said = _narrowed(query, wanted, said, settings, web)
                found = Found(self.code, self.role, settings, wanted=wanted, today=timezone.localdate())
                for record in said.records:
                    found.add_xml(record)
                return found.answer(said.hits)
        if refused and not answered:
            raise refused
        return Answer()

    def test(self, settings: Settings, web: Web) -> str:
        title, schemas = explain(settings, web)
        said = search(_trial(settings), settings, web)
        about = gettext("%(title)s answers: %(hits)s for a trial search.") % {
            "title": title or settings.url, "hits": catalogue.some(said.hits)}
        wanted = _schema(settings)
        if schemas and wanted not in schemas:
            about += " " + gettext("It offers these record schemas: %(schemas)s.") % {"schemas": ", ".join(schemas)}
        return about


def _dialect(settings: Settings) -> cql.Dialect:
    return cql.dialect(settings.url, settings.option("kind"))


def _index(settings: Settings, name: str) -> str:
    own = settings.option(f"index_{name}").strip()
    return "" if own == "-" else own or _dialect(settings).indexes.get(name, "")


def _schema(settings: Settings) -> str:
    return settings.option("schema") or _dialect(settings).schema


def _queries(wanted: Record, settings: Settings):
    for name, forms in catalogue.numbers(wanted):
        if index := _index(settings, name):
            yield cql.number(index, forms)
    title, author, _year = catalogue.words(wanted)
    relation = _dialect(settings).relation
    anywhere = _index(settings, "any")
    if title and (index := _index(settings, "title")):
        yield cql.named((index, relation, title), (_index(settings, "author"), relation, author))
        if author:  # an editor or translator in place of the author, or another spelling
            yield cql.named((index, relation, title))
    elif title and anywhere:
        yield cql.named((anywhere, relation, f"{title} {author}"))


def _narrowed(query: str, wanted: Record, said: Said, settings: Settings, web: Web) -> Said:
    """Of many editions those of the wanted year: asked for only where not all could be fetched."""
    _title, _author, year = catalogue.words(wanted)
    index = _index(settings, "year")
    if said.hits <= catalogue.MOST_RECORDS or not (index and year.isdigit()):
        return said
    try:
        narrower = search(f"({query}) and {index} = {cql.quoted(year)}", settings, web)
    except AdapterError:  # the first answer is good enough
        return said
    if not narrower.hits:
        return said
    return Said(said.hits, [*narrower.records, *said.records])


def _trial(settings: Settings) -> str:
    return cql.named((_index(settings, "title") or _index(settings, "any"), _dialect(settings).relation, "history"))


def _version(settings: Settings) -> str:
    return settings.option("version") or _dialect(settings).version


def search(query: str, settings: Settings, web: Web, *, most: int = catalogue.MOST_RECORDS) -> Said:
    """One searchRetrieve. Raises AdapterError; NotThisWay where the server lacks an index or relation."""
    version = _version(settings)
    asked = {"query": query, "maximumRecords": str(most), "recordSchema": _schema(settings)}
    if version.startswith("2"):  # 2.0 needs no operation, and renamed the packing
        asked |= {"version": version, "queryType": "cql", "recordXMLEscaping": "xml"}
    else:
        asked |= {"version": version, "operation": "searchRetrieve", "recordPacking": "xml"}
    root = _root(web.get(settings.url, asked, headers=_ACCEPT, fine=()), "searchRetrieveResponse")
    hits = _number(_child(root, "numberOfRecords"))
    around = _child(root, "records")
    records = [one for one in around if name_of(one) == "record"] if around is not None else []
    readable = [data for one in records if (data := _data(one)) is not None]
    # One record that cannot be given is left out; where none can, the reason is worth more than "nothing found".
    if not readable and (why := _diagnostics(root)):
        raise why
    return Said(hits, readable)


def explain(settings: Settings, web: Web) -> tuple[str, list[str]]:
    """What the server calls itself and its record schemas; ('', []) where it does not explain itself."""
    version = _version(settings)
    asked = {"version": version}
    if not version.startswith("2"):
        asked |= {"operation": "explain", "recordPacking": "xml"}
    try:
        root = _root(web.get(settings.url, asked, headers=_ACCEPT, fine=()), "explainResponse")
    except AdapterError as failure:
        if not failure.permanent:
            raise
        return "", []
    record = _child(root, "record")
    about = _data(record) if record is not None else None
    if about is None:
        return "", []
    names = [one.get("name") or "" for one in about.iter() if name_of(one) == "schema"]
    title = next((tidy(one.text or "") for one in about.iter() if name_of(one) == "title"), "")
    return title[:200], [name for name in names if name]


def _root(answer, expected: str) -> etree._Element:
    root = xml_of(answer)
    if name_of(root) != expected:
        if name_of(root).lower().startswith("diagnostic") and (why := _diagnostics(root)):
            raise why
        raise AdapterError(gettext("Its answer is not one of an SRU server."), permanent=True)
    return root


def _diagnostics(root: etree._Element) -> AdapterError | None:
    """What a non-surrogate diagnostic says, as a sentence with the server's own words."""
    for one in root.iter():
        if name_of(one) != "diagnostic":
            continue
        said = {name_of(child): tidy(child.text or "") for child in one if name_of(child)}
        words = ": ".join(text for text in (said.get("message", ""), said.get("details", "")) if text)
        uri = said.get("uri", "")
        sentence = gettext("The catalogue refuses the question: %(why)s.") % {
            "why": (words or uri or gettext("no reason given")).rstrip(".")[:300]}
        kind = NotThisWay if uri.endswith(_NOT_THIS_WAY) else AdapterError
        # 1 and 2: something within the server, or it is away for now.
        return kind(sentence, permanent=not uri.endswith(("diagnostic/1/1", "diagnostic/1/2")))
    return None


def _data(record: etree._Element) -> etree._Element | None:
    """The record itself; None for a surrogate diagnostic and for what is no XML. Some servers send it as text
    although it was asked for as XML."""
    schema, data = _child(record, "recordSchema"), _child(record, "recordData")
    if data is None or (schema is not None and (schema.text or "").strip().startswith(_DIAGNOSTIC)):
        return None
    inner = next((one for one in data if isinstance(one.tag, str)), None)
    if inner is None:
        try:
            # Its declaration names the encoding that it had before it became text.
            inner = etree.fromstring(_DECLARATION.sub("", data.text or "").strip().encode(), _XML)
        except (etree.XMLSyntaxError, ValueError):
            return None
    return None if name_of(inner) == "diagnostic" else inner


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((one for one in element if name_of(one) == name), None)


def _number(element: etree._Element | None) -> int:
    text = (element.text or "").strip() if element is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


source(lambda: SRU(
    "own_catalogue", _("Our own catalogue (SRU)"),
    _("Says what we own, where it stands and whether it is on the shelf. Alma, Koha, FOLIO and others offer SRU."),
    OWN, OPTIONS,
))
source(lambda: SRU(
    "union_catalogue", _("Union catalogue (SRU)"),
    _("Says which other libraries hold a work, for example GVI, K10plus or a consortium's shared index."),
    UNION, OPTIONS,
))
