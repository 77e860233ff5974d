"""Dublin Core, as SRU servers send it, into a Record. Pure.

It says less than MARC and parts nothing: numbers stand in dc:identifier with or without their kind before them.
"""

from lxml import etree

from requests_app.verification.marc import values
from requests_app.verification.marc.reading import name_of, tidy
from requests_app.verification.records import Record, distinct

_KINDS = (
    ("thesis", "thesis"), ("dissertation", "thesis"), ("article", "article"), ("book", "book"), ("score", "score"),
    ("notated music", "score"), ("video", "film"), ("moving image", "film"), ("film", "film"), ("report", "report"),
    ("patent", "patent"), ("standard", "standard"), ("text", "book"),
)


def describe(element: etree._Element) -> Record | None:
    """None without a title. Names of elements count, in whatever namespace."""
    found: dict[str, list[str]] = {}
    for one in element.iter():
        text = tidy(one.text or "")
        if text and name_of(one):
            found.setdefault(name_of(one).lower(), []).append(text)
    titles = found.get("title", [])
    if not titles:
        return None
    numbers = [*found.get("identifier", []), *found.get("source", []), *found.get("relation", [])]
    own = found.get("identifier", [])
    isbns = distinct(values.isbns(text for text in own if "issn" not in text.lower()))
    issns = distinct(values.issns(text for text in own if "issn" in text.lower()))
    language = next((text.lower() for text in found.get("language", []) if len(text) == 3), "")
    kinds = " ".join(found.get("type", [])).lower()
    names = [values.name(text) for text in [*found.get("creator", []), *found.get("contributor", [])]]
    return Record(
        kind=next((kind for word, kind in _KINDS if word in kinds), ""),
        title=values.plain(titles[0].partition(" / ")[0]), author="; ".join(distinct(names)),
        publisher=values.plain(next(iter(found.get("publisher", [])), "")),
        year=values.year(*found.get("date", []), *found.get("issued", [])), language=language,
        isbn=isbns[0] if isbns else "", isbns=isbns, issn=issns[0] if issns else "", issns=issns,
        doi=next((doi for text in own if (doi := values.doi(text))), ""),
        oclc=next((number for text in numbers if (number := values.oclc(text))), ""),
        also=tuple(("title", values.plain(text.partition(" / ")[0])) for text in titles[1:]),
    )
