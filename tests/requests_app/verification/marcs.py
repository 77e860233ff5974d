"""MARC records as tests write them: "245 10 $a Title : $b rest" a line, and what servers make of them."""

from lxml import etree

from requests_app.verification import marc
from requests_app.verification.marc import Field, Marc

_NAMESPACE = "http://www.loc.gov/MARC21/slim"


def make(text: str, *, leader: str = "00000nam a2200000 a 4500") -> Marc:
    fields = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        tag, rest = line[:3], line[3:]
        if tag < "010":
            fields.append(Field(tag, "  ", rest[1:]))
            continue
        marks, *parts = rest.split("$")
        ind = (marks[1:] + "  ")[:2].replace("_", " ")
        fields.append(Field(tag, ind, "", tuple((part[0], part[1:].strip()) for part in parts)))
    return Marc(leader, tuple(fields))


def element(record: Marc, *, namespace: str = _NAMESPACE) -> etree._Element:
    name = f"{{{namespace}}}" if namespace else ""
    one = etree.Element(f"{name}record", nsmap={None: namespace} if namespace else None)
    etree.SubElement(one, f"{name}leader").text = record.leader
    for field in record.fields:
        if field.parts:
            data = etree.SubElement(one, f"{name}datafield", tag=field.tag, ind1=field.ind[0], ind2=field.ind[1])
            for code, text in field.parts:
                etree.SubElement(data, f"{name}subfield", code=code).text = text
        else:
            etree.SubElement(one, f"{name}controlfield", tag=field.tag).text = field.value
    return one


def xml(*records: Marc) -> str:
    return "".join(etree.tostring(element(record), encoding="unicode") for record in records)


def collection(*records: Marc) -> str:
    return f'<collection xmlns="{_NAMESPACE}">{xml(*records)}</collection>'


def iso2709(record: Marc, *, encoding: str = "utf-8") -> bytes:
    directory, body = b"", b""
    for field in record.fields:
        data = field.value.encode(encoding) if not field.parts else field.ind.encode() + b"".join(
            b"\x1f" + code.encode() + text.encode(encoding) for code, text in field.parts
        )
        data += b"\x1e"
        directory += f"{field.tag}{len(data):04}{len(body):05}".encode()
        body += data
    start = 24 + len(directory) + 1
    leader = f"{start + len(body) + 1:05}{record.leader[5:12]}{start:05}{record.leader[17:24]}".encode()
    return leader + directory + b"\x1e" + body + b"\x1d"


def described(text: str, **more):
    found = marc.describe(make(text, **more))
    assert found is not None
    return found
