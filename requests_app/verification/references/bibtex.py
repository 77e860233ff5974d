"""BibTeX and BibLaTeX: entries with braces in braces, quotes, strings, joined parts, and TeX's accents. Pure."""

import re
import unicodedata
from typing import Any

from requests_app.verification import identifiers
from requests_app.verification.records import Record
from requests_app.verification.references.text import pages

# Type -> kind; where its title and author belong is in `_PARTS`.
_KINDS = {
    "article": "article", "book": "book", "booklet": "book", "mvbook": "book", "collection": "book",
    "proceedings": "book", "inbook": "chapter", "incollection": "chapter", "suppbook": "chapter",
    "bookinbook": "chapter",
    "inreference": "chapter", "inproceedings": "conference", "conference": "conference", "phdthesis": "thesis",
    "mastersthesis": "thesis", "thesis": "thesis", "techreport": "report", "report": "report", "manual": "report",
    "patent": "patent", "standard": "standard", "unpublished": "other", "misc": "", "online": "other", "movie": "film",
    "video": "film", "music": "score",
}
_PARTS = ("article", "chapter", "conference")
_HOUSES = ("publisher", "school", "institution", "organization")
_DEGREES = {"phdthesis": "PhD", "mastersthesis": "Master"}
# TeX's accent -> combining character.
_ACCENTS = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331", "k": "\u0328",
    "r": "\u030a",
}
_SIGNS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å",
    "i": "ı", "j": "ȷ", "dh": "ð", "th": "þ", "dj": "đ", "DJ": "Đ", "textendash": "–", "textemdash": "—",
    "textquoteright": "’", "textquoteleft": "‘", "ldots": "…", "dots": "…", "alpha": "α", "beta": "β", "gamma": "γ",
    "delta": "δ", "lambda": "λ", "mu": "μ", "pi": "π", "sigma": "σ", "omega": "ω",
}
_MONTHS = {
    name: name.title()
    for name in ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
}


def read(text: str) -> list[tuple[str, Record]]:
    if not re.search(r"@\s*[A-Za-z]+\s*[{(]", text):
        return []
    strings: dict[str, str] = dict(_MONTHS)
    found = []
    for kind, body in _entries(text):
        if kind == "string":
            strings |= _fields(body, strings)
        elif kind not in ("comment", "preamble"):
            _key, _comma, rest = body.partition(",")
            if "=" in _key:
                rest = body
            values = _fields(rest, strings)
            if values:
                found.append(("bibtex", _record(kind, values)))
    return found


def _entries(text: str):
    """Type in small letters, and what stands between its braces; one that is not closed ends with the text."""
    at = 0
    opening = re.compile(r"@\s*([A-Za-z]+)\s*([{(])")
    while match := opening.search(text, at):
        closing = "}" if match[2] == "{" else ")"
        depth, end = 0, match.end()
        while end < len(text) and (depth or text[end] != closing):
            if text[end] == "\\":
                end += 1
            elif text[end] in "{}":
                depth += 1 if text[end] == "{" else -1
            end += 1
        yield match[1].lower(), text[match.end():end]
        at = end + 1


def _fields(body: str, strings: dict[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    at = 0
    name = re.compile(r"[\s,]*([A-Za-z][\w:.+-]*)\s*=\s*")
    while match := name.match(body, at):
        parts, at = _value(body, match.end(), strings)
        values.setdefault(match[1].lower(), parts)
        comma = re.compile(r"[^,]*").match(body, at)
        at = comma.end() if comma else at
    return values


def _value(body: str, at: int, strings: dict[str, str]) -> tuple[str, int]:
    said = []
    while at < len(body):
        if body[at] in '{"':
            closing, depth, start = ("}" if body[at] == "{" else '"'), 0, at + 1
            at += 1
            while at < len(body) and (depth or body[at] != closing):
                if body[at] == "\\":
                    at += 1
                elif body[at] in "{}":
                    depth += 1 if body[at] == "{" else -1
                at += 1
            said.append(body[start:at])
            at += 1
        else:
            word = re.compile(r"[^\s,#{}\"]*").match(body, at)
            assert word is not None
            said.append(strings.get(word.group().lower(), word.group()))
            at = word.end()
        joined = re.compile(r"\s*#\s*").match(body, at)
        if not joined:
            break
        at = joined.end()
    return "".join(said), at


def plain(text: str) -> str:
    """Without braces, commands and TeX's accents: {\\"o}, \\'{e}, \\v{c}, \\ss, -- and ~."""
    text = re.sub(r"\\([\"'`^~=.])\s*\{?\\?([A-Za-z])\}?", _accented, text)
    text = re.sub(r"\\([uvHcdbkr])(?:\s+|\s*\{)\\?([A-Za-z])\}?", _accented, text)
    text = re.sub(r"\\([A-Za-z]+)\s*(?:\{\})?", lambda match: _SIGNS.get(match[1], ""), text)
    text = re.sub(r"\\([&%$#_{}])", r"\1", text)
    text = text.replace("---", "—").replace("--", "–").replace("``", "“").replace("''", "”").replace("~", " ")
    return " ".join(re.sub(r"[{}$]", "", text).split())


def _accented(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match[2] + _ACCENTS[match[1]])


def _names(text: str) -> str:
    """"and" stands between names; {a corporate body in braces} and "Given Family" are told apart."""
    names = []
    for name in re.split(r"\s+and\s+(?![^{]*\})", text.strip()):
        whole = name.startswith("{") and name.endswith("}")
        said = plain(name)
        if said.lower() in ("others", ""):
            continue
        parts = [part.strip() for part in said.split(",")]
        if len(parts) == 3:  # "von Last, Jr, First"
            said = f"{parts[0]}, {parts[2]}, {parts[1]}"
        elif len(parts) == 1 and not whole:
            pieces = said.split()
            particles = [place for place, piece in enumerate(pieces[:-1]) if place and piece[0].islower()]
            at = particles[0] if particles else len(pieces) - 1
            said = f"{' '.join(pieces[at:])}, {' '.join(pieces[:at])}" if at else said
        names.append(said)
    return "; ".join(names)


def _record(entry: str, values: dict[str, str]) -> Record:
    said = {name: plain(value) for name, value in values.items()}
    kind = _KINDS.get(entry, "other")
    if not kind:
        kind = "article" if said.get("journal") or said.get("eprint") else "other"
    authors, editors = _names(values.get("author", "")), _names(values.get("editor", ""))
    title = ": ".join(part for part in (said.get("title", ""), said.get("subtitle", "")) if part)
    host = next((said[name] for name in ("journaltitle", "journal", "booktitle", "maintitle") if said.get(name)), "")
    if entry == "inbook" and not host:  # BibTeX: the chapter of a book whose own title is "title"
        host, title = title, said.get("chapter", "")
    names: dict[str, Any] = {"title": title, "author": authors or editors}
    if kind in _PARTS:
        names = {"title": host, "part_title": title, "part_author": authors, "author": editors}
    date = said.get("year") or said.get("date", "")
    number = said.get("number") or said.get("issue", "")
    report = kind in ("report", "patent", "standard")
    record = Record(
        kind=kind, **names, year=year[0] if (year := re.findall(r"\d{4}", date)) else date,
        volume=said.get("volume", ""),
        issue="" if report or kind == "book" else number, pages=pages(said.get("pages", "") or said.get("eid", "")),
        document_number=number if report else "",
        publisher=next((said[name] for name in _HOUSES if said.get(name)), ""),
        place=said.get("address") or said.get("location", ""), edition=said.get("edition", ""),
        series=said.get("series", ""),
        degree=said.get("type", "") or _DEGREES.get(entry, "") if kind == "thesis" else "",
        url=said.get("url", ""),
    )
    found: dict[str, str] = {}
    for name, label in (("doi", ""), ("isbn", "ISBN "), ("issn", "ISSN "), ("pmid", "PMID "), ("pmcid", "PMCID "),
                        ("oclc", "OCLC "), ("lccn", "LCCN "), ("eprint", "arXiv:"), ("url", ""), ("note", "")):
        for one in identifiers.find(label + said.get(name, "")):
            if one.valid and one.kind != "patent":
                found.setdefault(identifiers.FIELD[one.kind], one.value)
    return record.with_(**found)
