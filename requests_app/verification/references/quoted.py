"""Styles that put the title in quotes: MLA, Chicago, IEEE, most of Harvard. Pure."""

import re

from requests_app.verification.references import tail
from requests_app.verification.references.names import authors, look_like_names
from requests_app.verification.references.pieces import placed
from requests_app.verification.references.text import MONTH, YEAR, Found, clean

_QUOTES = (("“", "”"), ('"', '"'), ("«", "»"), ("„", "“"), ("„", "”"), ("‘", "’"), ("'", "'"), ("``", "''"))
_QUOTED = tuple(
    re.compile(
        rf"(?:^|(?<=[\s,.(])){re.escape(opening)}(?P<title>[^{re.escape(opening[0])}].{{2,600}}?){re.escape(closing)}"
        r"(?=[\s,.;:)]|$)(?!\s?[a-z]{2,}\b(?<!\bin)(?<!\bIn))"
    ) for opening, closing in _QUOTES
)


def quoted(text: str) -> Found | None:
    found = [one for pattern in _QUOTED if (one := pattern.search(text))]
    match = min(found, key=lambda one: one.start(), default=None)
    if match is None:
        return None
    before, after = text[:match.start()].strip(), text[match.end():].strip()
    if not before.strip(" ,.") and not re.match(r"[,.]?\s*\S", after):
        return None
    named = re.match(rf"^(?P<names>.*?)(?P<year>[\s,.]*\(?(?<!\d){YEAR}[a-z]?\)?)?(?P<end>[\s,.:]*)$", before, re.S)
    assert named is not None
    names, year = named["names"].strip(), re.sub(r"\D", "", named["year"] or "")
    names += "." if before[named.end("names"):].startswith(".") else ""
    if names.strip(" ,.") and not (look_like_names(names) or len(names.split()) <= 10):
        return None
    style, sure = _style_of(names, named["year"] or "", match.group(), after)
    report = _report_behind(after)
    if report is not None:
        return Found(_style_of(names, named["year"] or "", match.group(), after)[0], 0.85, {"year": year} | report | {
            "title": re.sub(r"[\s,.;]+$", "", match["title"]), "author": authors(names, direct=True),
        })
    rest = tail.read(after)
    if not rest or not (set(rest) & {"volume", "pages", "year", "degree", "inside", "publisher"} or year):
        return None
    rest.setdefault("year", year)
    if year:
        rest["year"] = year
    people = authors(names, direct=style in ("chicago", "ieee"))
    title = re.sub(r"^\s+|[\s,.;]+$", "", match["title"])
    return Found(style, sure, placed(rest, title, people))


def _report_behind(after: str) -> dict[str, str] | None:
    """ "Aerospace Corp., Los Angeles, CA, USA, Tech. Rep. TR-0200 (4230-46)-3, Nov. 1988"."""
    match = re.match(
        rf"[\s,.]*(?P<house>[^\d]*?)[,.]?\s*(?P<number>(?:(?:[A-Z][\w-]*\s){{0,2}}(?:Tech(?:nical|\.)?\s"
        rf"(?:Rep(?:ort|\.)?|Memo(?:randum|\.)?|Note)|Working Paper"
        rf"|Discussion Paper|Research Report|Rep\.|Report))\s(?:[Nn]o\.?\s|[Nn]umber\s)?[^,\s]*\d[^,:]*?)"
        rf"(?P<rest>(?:[,.:]|\s\({YEAR}\)).*)?$", after,
    )
    if match is None or re.search(r"\bvol\.|\bpp\.", after):
        return None
    rest = match["rest"] or ""
    year = re.search(YEAR, rest)
    where, _left = tail.imprint(". " + rest.strip(" .,"))
    house, _comma, place = match["house"].strip(" ,.").partition(", ")
    behind = re.sub(rf"[\s,.(]*(?:{MONTH}\s)?{YEAR}[).\s]*", "", rest).strip(" ,.")
    return {
        "kind": "report", "document_number": clean(match["number"]), "year": year.group() if year else "",
        "publisher": where.get("publisher") or re.sub(r"(?<=Corp|.Inc)$", ".", house) or behind,
        "place": where.get("place") or place,
    }


def _style_of(names: str, year: str, quoted: str, after: str) -> tuple[str, float]:
    if year:
        return ("chicago", 0.9) if quoted[0] in "“\"" and "(" not in year else ("harvard", 0.9)
    if re.match(r"(?:[A-Z]\.[\s-]?){1,3}\w", names) and quoted[0] in "“\"`":
        return "ieee", 0.9
    mla = re.search(r"\bvol\.|\d\.\d+ \(", after)
    if not mla and re.search(r"\d,\sno\.|\):|\bdiss\.|^[\s,]*\bin\b.*\(|^\s*In\b", after):
        return "chicago", 0.85
    return "mla", 0.85
