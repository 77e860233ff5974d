"""RIS, MEDLINE (nbib) and EndNote's own tags: one field a line. Pure."""

import re
from typing import Any

from requests_app.verification import identifiers
from requests_app.verification.records import Record, distinct
from requests_app.verification.references.names import one as one_name
from requests_app.verification.references.text import pages

# RIS type -> kind (refman's list, the common ones); what is not here is "other".
_RIS_KINDS = {
    "JOUR": "article", "JFULL": "article", "EJOUR": "article", "MGZN": "article", "ABST": "article", "INPR": "article",
    "BOOK": "book", "WHOLE": "book", "EBOOK": "book", "EDBOOK": "book", "SER": "book", "CLSWK": "book", "CONF": "book",
    "CHAP": "chapter", "ECHAP": "chapter", "ENCYC": "chapter", "DICT": "chapter", "CPAPER": "conference",
    "THES": "thesis", "RPRT": "report", "GOVDOC": "report", "PAT": "patent", "STAND": "standard", "NEWS": "newspaper",
    "MUSIC": "score", "VIDEO": "film", "MPCT": "film", "UNPB": "other", "GEN": "", "ELEC": "other",
}
_ENDNOTE_KINDS = {
    "journal article": "article", "book": "book", "edited book": "book", "book section": "chapter", "thesis": "thesis",
    "conference paper": "conference", "conference proceedings": "conference", "report": "report", "patent": "patent",
    "newspaper article": "newspaper", "magazine article": "article", "electronic book": "book",
}
_PARTS = ("article", "chapter", "conference", "newspaper")
# EndNote's tag -> RIS tag; %E, %B depend on the type as there.
_ENDNOTE = {
    "A": "AU", "T": "TI", "J": "JO", "B": "T2", "E": "A2", "D": "PY", "V": "VL", "N": "IS", "P": "SP", "I": "PB",
    "C": "CY", "@": "SN", "R": "DO", "U": "UR", "7": "ET", "S": "T3", "9": "M3", "8": "DA", "Y": "A3", "M": "AN",
}
_TAG = {
    "ris": re.compile(r"^([A-Z][A-Z0-9])\s{1,2}-\s?(.*)$"),
    "medline": re.compile(r"^([A-Z]{2,4})\s{0,2}- (.*)$"),
    "endnote": re.compile(r"^%([0-9A-Z@!?]) (.*)$"),
}

Said = dict[str, list[str]]


def read(text: str) -> list[tuple[str, Record]]:
    text = text.lstrip("\ufeff")
    if re.search(r"(?m)^TY\s{1,2}-", text):
        entries = _entries(text, "ris", starts=("TY",), ends=("ER",))
        return [("ris", _ris(entry, _RIS_KINDS.get(_first(entry, "TY").upper(), "other"))) for entry in entries]
    if re.search(r"(?m)^PMID- |^(?:OWN|STAT)\s*- ", text):
        return [("medline", _medline(entry)) for entry in _entries(text, "medline", starts=("PMID",), ends=())]
    if re.search(r"(?m)^%[0T] .", text) and len(re.findall(r"(?m)^%[0-9A-Z@] ", text)) > 1:
        found = []
        for entry in _entries(text, "endnote", starts=("0",), ends=()):
            ris: Said = {}
            for tag, values in entry.items():
                ris.setdefault(_ENDNOTE.get(tag, "N1"), []).extend(values)
            kind = _ENDNOTE_KINDS.get(_first(entry, "0").lower(), "article" if ris.get("JO") else "other")
            found.append(("endnote", _ris(ris, kind)))
        return found
    return []


def _entries(text: str, form: str, *, starts: tuple[str, ...], ends: tuple[str, ...]) -> list[Said]:
    """Lines without a tag go on with the one before."""
    found: list[Said] = []
    last = ""
    for line in text.splitlines():
        match = _TAG[form].match(line.rstrip())
        if match:
            last = match[1]
            if last in ends:
                last = ""
                continue
            if last in starts or not found:
                found.append({})
            found[-1].setdefault(last, []).append(match[2].strip())
        elif last and line.strip() and found:
            found[-1][last][-1] += f" {line.strip()}"
    return [entry for entry in found if any(any(values) for tag, values in entry.items() if tag not in ("TY", "0"))]


def _first(said: Said, *tags: str) -> str:
    return next((value for tag in tags for value in said.get(tag, ()) if value), "")


def _ris(said: Said, kind: str) -> Record:
    host = _first(said, "T2", "JF", "JO", "BT", "JA", "J2")
    title = _first(said, "TI", "T1", "CT") or (_first(said, "BT") if kind not in _PARTS else "")
    if not kind:
        kind = "article" if host else "other"
    people = "; ".join(one_name(name, direct=False) for tag in ("AU", "A1") for name in said.get(tag, ()) if name)
    editors = "; ".join(name for tag in ("A2", "ED") for name in said.get(tag, ()) if name)
    names: dict[str, Any]
    if kind in _PARTS:
        names = {"title": host, "part_title": title, "part_author": people, "author": editors}
        if kind == "article" and not title:  # a whole journal
            names = {"title": host, "part_author": people}
    else:
        names = {"title": title or host, "author": people or editors}
    start, end = _first(said, "SP"), _first(said, "EP")
    date = _first(said, "PY", "Y1", "DA", "Y2")
    number = _first(said, "IS", "M1")
    report = kind in ("report", "patent", "standard")
    record = Record(
        kind=kind, **names, year=year[0] if (year := re.findall(r"\d{4}", date)) else date, volume=_first(said, "VL"),
        issue="" if report else number, document_number=_first(said, "SN", "M1", "IS") if report else "",
        pages=pages(f"{start}-{end}" if end and end != start and "-" not in start else start)
        if kind in _PARTS else "",
        publisher=_first(said, "PB"), place=_first(said, "CY", "PP"), edition=_first(said, "ET"),
        series=_first(said, "T3") or (host if kind == "book" and host != title else ""),
        degree=_first(said, "M3") if kind == "thesis" else "", url=_first(said, "UR", "L2"),
        also=tuple(("title", form) for form in distinct(said.get("JA", []) + said.get("J2", [])) if form != host)
        if kind == "article" else (),
    )
    if kind == "newspaper" and (day := _first(said, "DA")):
        record = record.with_(issue=day.strip("/"))
    return record.with_(**_numbers(said, ("DO", "SN", "M3", "UR", "AN", "N1", "C2", "L3", "ID"), report))


def _numbers(said: Said, tags: tuple[str, ...], report: bool) -> dict:
    found: dict[str, list[str]] = {}
    for tag in tags:
        for value in said.get(tag, ()):
            for part in re.split(r"[;\r\n]|\s{2,}", value):
                for label in ("", "ISSN ") if tag == "SN" and not report else ("",):
                    for one in identifiers.find(label + part):
                        if one.valid and one.kind != "patent":
                            found.setdefault(identifiers.FIELD[one.kind], []).append(one.value)
    values: dict = {name: numbers[0] for name, numbers in found.items()}
    for name in ("isbn", "issn"):
        if name in found:
            values[f"{name}s"] = distinct(found[name])
    return values


def _medline_kind(types: str) -> str:
    return "report" if "technical report" in types else "article"


def _medline(said: Said) -> Record:
    """MEDLINE's tags (NLM, "MEDLINE/PubMed Data Element Descriptions")."""
    full = [name for name in said.get("FAU", ()) if name]
    people = "; ".join(full or [one_name(name, direct=False) for name in said.get("AU", ())] or said.get("CN", []))
    book = bool(said.get("BTI")) and not said.get("TI")
    title = _first(said, "JT", "BTI", "TA")
    types = " ".join(said.get("PT", ())).lower()
    names: dict[str, Any] = {"title": _first(said, "BTI"), "author": people} if book else {
        "title": title, "part_title": _first(said, "TI"), "part_author": people,
    }
    ids: dict[str, Any] = {}
    for value in (*said.get("LID", ()), *said.get("AID", ())):
        if "[doi]" in value:
            ids["doi"] = identifiers.normal("doi", value.replace("[doi]", ""))
    for tag, kind in (("PMID", "pmid"), ("PMC", "pmcid"), ("ISBN", "isbn"), ("IS", "issn")):
        right = [identifiers.normal(kind, re.sub(r"\(.*?\)", "", value)) for value in said.get(tag, ())]
        if right:
            ids[kind] = right[0]
    issns = distinct(identifiers.normal("issn", re.sub(r"\(.*?\)", "", value)) for value in said.get("IS", ()))
    start = _first(said, "PG")
    record = Record(
        kind="book" if book else "chapter" if said.get("BTI") else _medline_kind(types), **names,
        year=_first(said, "DP", "DEP")[:4], volume=_first(said, "VI"), issue=_first(said, "IP"),
        pages=pages(start), publisher=_first(said, "PB"), place=_first(said, "PL") if said.get("BTI") else "",
        language=_first(said, "LA") if re.fullmatch("[a-z]{3}", _first(said, "LA")) else "",
        also=tuple(
            (name, form) for name, form in (("title", _first(said, "TA")), ("part_title", _first(said, "TT")))
            if form and form != names.get(name)
        ),
    )
    return record.with_(**ids, issns=issns)
