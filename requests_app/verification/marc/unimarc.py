"""UNIMARC bibliographic fields into a Record (France, Italy, Portugal, parts of Eastern Europe). Pure."""

from typing import Any

from requests_app.verification.marc import values
from requests_app.verification.marc.fields import Field, Marc
from requests_app.verification.records import Record, distinct

# Leader 06 as UNIMARC has it: b is a manuscript, l an electronic resource.
_KINDS = {
    "a": "book", "b": "book", "c": "score", "d": "score", "e": "other", "f": "other", "g": "film", "i": "other",
    "j": "other", "k": "other", "l": "book", "m": "other", "r": "other",
}
_NAMES = ("700", "701", "710", "711", "720", "702", "712")
_OTHER_TITLES = ("510", "500", "512", "513", "514", "515", "516", "517", "518", "530", "531", "532", "540", "541")
_FORMER_AND_LATER = ("430", "431", "432", "433", "434", "435", "436", "437", "440", "441", "442", "443", "444", "445",
                     "446", "447", "448")
_HOSTS = ("463", "461", "464", "462")
_MOST_NAMES = 30


def looks_like(marc: Marc) -> bool:
    """UNIMARC has its title in 200 and its dates in 100; MARC 21 has a person there."""
    if next(marc.all("245"), None):
        return False
    return marc.first("200").has("a") or marc.first("100").first("a")[:8].isdigit()


def record(marc: Marc) -> Record:
    found = Record(
        kind=_kind(marc), title=title(marc.first("200")), author=_authors(marc),
        edition=values.plain(marc.first("205").first("a")), volume=values.plain(marc.first("200").first("h")),
        series=_series(marc), language=marc.first("101").first("a")[:3].lower(),
        degree=marc.first("328").first("b"), source_id=marc.control("001").strip(), also=_also(marc),
        **_published(marc), **_numbers(marc),
    )
    if marc.at(7) == "s":
        return found.with_(year="", continues=_other_name(marc, "430"), continued_by=_other_name(marc, "440"))
    host = next(marc.all(*_HOSTS), None)
    if marc.at(7) == "a" and host:
        return found.with_(
            kind="article", title=_embedded(host), author="", part_title=found.title, part_author=found.author,
            issn=next(iter(values.issns(host.all("x"))), ""),
        )
    return found


def _kind(marc: Marc) -> str:
    if marc.at(7) == "s":
        return ""
    return "thesis" if next(marc.all("328"), None) else _KINDS.get(marc.at(6), "")


def title(field: Field) -> str:
    """200: $a title, $e what goes on with it, $h number and $i name of the part, $d a parallel title."""
    whole = " : ".join(text for part in [field.first("a"), *field.all("e")] if (text := values.plain(part)))
    for part in field.all("hi"):
        whole = f"{whole}. {values.plain(part)}" if whole else values.plain(part)
    return whole


def _authors(marc: Marc) -> str:
    return "; ".join(distinct(author(field) for field in marc.all(*_NAMES))[:_MOST_NAMES])


def author(field: Field) -> str:
    """700-702: $a family name, $b given name, with or without the comma between them; 710-712: a body."""
    first, second = values.name(field.first("a")), values.name(field.first("b").lstrip(" ,"))
    if not second:
        return first
    return f"{first}. {second}" if field.tag.startswith("71") else f"{first}, {second}"


def _published(marc: Marc) -> dict[str, Any]:
    imprint = marc.first("210", "214", "219")
    return {
        "place": values.plain(imprint.first("a")), "publisher": values.plain(imprint.first("c")),
        "year": values.year(marc.first("100").first("a")[9:13], imprint.first("d")),
    }


def _series(marc: Marc) -> str:
    field = marc.first("225")
    if field.first("a"):
        name, number = values.plain(field.first("a")), values.plain(field.first("v"))
    else:
        field = marc.first("410")
        name, number = _embedded(field), values.plain(field.first("v"))
    return f"{name} ; {number}" if name and number else name


def _embedded(field: Field) -> str:
    """The title in a field of the 4-- block, as $t or as a field within the field ("$12001 $aBestsellers")."""
    within = False
    for code, text in field.parts:
        if code == "1":
            within = text.startswith("200")
        elif code == "t" or (code == "a" and within):
            return values.plain(text)
    return ""


def _other_name(marc: Marc, tag: str) -> tuple[str, ...]:
    """ISSNs of the same journal under its former (430) or later (440) name, in $x or in a field 011 within it; the
    other fields of the block are parts of it, splits and mergers."""
    found: list[str] = []
    for field in marc.all(tag):
        within = False
        for code, text in field.parts:
            if code == "1":
                within = text.startswith("011")
            elif code == "x" or (code == "a" and within):
                found.append(text)
    return distinct(values.issns(found))


def _numbers(marc: Marc) -> dict[str, Any]:
    isbns = distinct(values.isbns(text for field in marc.all("010") for text in field.all("az")))
    issns = distinct(values.issns(text for field in marc.all("011") for text in field.all("afz")))
    return {
        "isbn": isbns[0] if isbns else "", "isbns": isbns, "issn": issns[0] if issns else "", "issns": issns,
        "oclc": next((number for field in marc.all("035") if (number := values.oclc(field.first("a")))), ""),
        "doi": next((values.doi(field.first("a")) for field in marc.all("017") if field.first("2") == "DOI"), ""),
    }


def _also(marc: Marc) -> tuple[tuple[str, str], ...]:
    pairs = [
        *(("title", values.plain(form)) for form in marc.first("200").all("d")),
        # A second 200 is the same title in another script, as is a name with $7 in 70-.
        *(("title", title(field)) for field in list(marc.all("200"))[1:]),
        *(("title", values.plain(field.first("a"))) for field in marc.all(*_OTHER_TITLES)),
        *(("author", author(field)) for field in marc.all("790", "791")),
        *(("title", _embedded(field)) for field in marc.all("454")),
    ]
    if marc.at(7) == "s":
        pairs += [("title", _embedded(field)) for field in marc.all(*_FORMER_AND_LATER)]
    return tuple(dict.fromkeys((name, form) for name, form in pairs if form))
