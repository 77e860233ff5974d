"""Styles whose year comes late: Vancouver, Nature, physics, ACS, and books known by their imprint. Pure."""

import re

from requests_app.verification.references import tail
from requests_app.verification.references.names import authors, look_like_names
from requests_app.verification.references.pieces import REPORT, names_first, title_and_journal
from requests_app.verification.references.text import MONTH, YEAR, Found, clean

_VANCOUVER = re.compile(rf"^(?P<front>.+?)[.?!]\s+(?P<numbers>{YEAR}(?:\s+{MONTH}[^;:]{{0,12}})?\s*;.*)$")
_VANCOUVER_BOOK = re.compile(
    rf"^(?P<front>.+?)[.\]]\s+(?P<place>(?:St\.\s)?[^.:;\d]{{2,60}}(?:,\s[A-Z][\w.]*)?):\s*(?P<publisher>[^;:]{{2,120}});\s*(?P<year>{YEAR})\b(?P<rest>.*)$"
)
_NATURE = re.compile(
    rf"^(?P<front>.+?[.?!]\s.*?)\s+(?P<numbers>\w{{1,6}}(?:\s?\(\w+\))?,\s*[\w–-]+\s*\({YEAR}\))\.?$"
)
_ACS = re.compile(
    rf"^(?P<front>[^\W\d_].+?)\s(?P<year>{YEAR}),\s(?P<volume>\d{{1,4}})(?:\s?\((?P<issue>\w+)\))?,\s(?P<pages>\w?\d+(?:\s?[-–]\s?\w?\d+)?)\.?$"
)
_PHYSICS = re.compile(
    rf"^(?P<names>[A-Z]\..+?),\s(?P<journal>[A-Z][^\d,]+?)\s(?P<numbers>\w{{1,6}},\s*[\w–-]+\s*\({YEAR}\))\.?$"
)
_NOTE_BOOK = re.compile(
    rf"^(?P<names>[^(),:]+(?:,[^(),:]+)*?),\s(?P<title>[^()]+?),?\s\((?P<imprint>[^()]*?:\s[^()]+,\s{YEAR})\)(?P<rest>.*)$"
)
_IEEE_BOOK = re.compile(
    rf"^(?P<front>[A-Z]\.[^:]+?)(?P<edition>,\s\d+\w{{2}}\sed)?\.\s(?P<imprint>[^:.]+:\s[^:]+,\s{YEAR})(?P<rest>.*)$"
)
_NAMES_APART = re.compile(r",?\s(?:and|&)\s|,\s")
_INITIALS_FIRST = re.compile(r"(?:[A-Z]\.[\s-]?){1,3}+[^\W\d_]{2}")
_LAST_BOOK = re.compile(
    rf"^(?P<names>.{{2,400}}?[^\W\d_]\.?)\.\s(?P<title>[^\W_].+?)\.\s(?P<imprint>[^.]+(?:\.[^.]+){{0,2}},\s(?:c|©)?{YEAR})\.?(?:\s+(?:Print|Web|eBook)\.)?$"
)


def vancouver(text: str) -> Found | None:
    match = _VANCOUVER.match(text)
    if match is None:
        return None
    found, _match = tail.numbers(match["numbers"])
    front = text[:match.end("front") + 1].rstrip(". ")
    people, rest = names_first(front)
    title, journal = title_and_journal(rest)
    if not journal:
        return None
    found.pop("date", None)
    return Found("vancouver", 0.92, found | {
        "kind": "article", "title": clean(re.sub(r"\s*\[Internet\]", "", journal)), "part_title": title,
        "part_author": authors(people),
    })


def vancouver_book(text: str) -> Found | None:
    match = _VANCOUVER_BOOK.match(text)
    if match is None:
        return None
    front = text[:match.end("front") + 1].rstrip(". ")
    fields = {"place": clean(match["place"]), "publisher": clean(match["publisher"]), "year": match["year"]}
    if pages := re.search(r"\bp\.\s*([\w–-]+)", match["rest"]):
        fields["pages"] = re.sub("[–—]", "-", pages[1])
    people, rest = names_first(front)
    chapter = re.match(r"(?P<title>.+?)[.?!]\s+In:\s*(?P<rest>.+)$", rest)
    if chapter:
        named, book = tail.editors(chapter["rest"])
        edition, book = tail.edition(book)
        book = clean(book.split(tail.CUT)[0].partition(";")[0])
        return Found("vancouver", 0.92, fields | {
            "kind": "conference" if tail.CONFERENCE.search(book) else "chapter", "title": book, "author": named,
            "edition": edition, "part_title": chapter["title"], "part_author": authors(people),
        })
    thesis = re.search(r"\s*\[(?P<degree>[^\]]*(?:thesis|dissertation|tesis)[^\]]*)\]", rest, re.I)
    if thesis:
        return Found("vancouver", 0.92, fields | {
            "kind": "thesis", "title": clean(rest[:thesis.start()]), "author": authors(people), "pages": "",
            "degree": thesis["degree"],
        })
    edition, rest = tail.edition(rest)
    report = REPORT.search(text[match.start("rest"):])
    title = clean(rest.split(tail.CUT)[0])
    kind = {"kind": "report", "document_number": clean(report["number"])} if report else {"kind": "book"}
    title = re.sub(r"\s*\[Internet\]", "", title)
    return Found("vancouver", 0.9, fields | kind | {
        "title": title, "author": authors(people), "edition": edition, "pages": "",
    })


def nature(text: str) -> Found | None:
    match = _NATURE.match(text)
    if match is None:
        return None
    people, rest = names_first(match["front"].strip())
    title, journal = title_and_journal(rest)
    found, _match = tail.numbers(match["numbers"])
    if not people or "volume" not in found or not journal:
        return None
    return Found("nature", 0.85, found | {
        "kind": "article", "title": journal, "part_title": title, "part_author": authors(people),
    })


def acs(text: str) -> Found | None:
    """American Chemical Society: "Cohen, H.; Weiss, T. Title. J. Am. Chem. Soc. 2011, 133 (2), 1234–1240"."""
    match = _ACS.match(text)
    if match is None:
        return None
    people, rest = names_first(match["front"].strip())
    title, journal = title_and_journal(rest)
    if not people or not (journal or rest):
        return None
    return Found("acs", 0.85, {
        "kind": "article", "title": journal or rest, "part_title": title if journal else "",
        "part_author": authors(people), "year": match["year"], "volume": match["volume"], "issue": match["issue"] or "",
        "pages": re.sub("[–—]", "-", match["pages"]),
    })


def physics(text: str) -> Found | None:
    """Titles are left out: "A. Einstein, Ann. Phys. 17, 891 (1905)"."""
    match = _PHYSICS.match(text)
    if match is None:
        return None
    found, _match = tail.numbers(match["numbers"])
    if "volume" not in found or not all(_INITIALS_FIRST.match(name) for name in _NAMES_APART.split(match["names"])):
        return None
    return Found("nature", 0.8, found | {
        "kind": "article", "title": match["journal"].strip(" ,"), "part_author": authors(match["names"], direct=True),
    })


def note_book(text: str) -> Found | None:
    match = _NOTE_BOOK.match(text)
    if match is None:
        return None
    where, _rest = tail.imprint(match["imprint"])
    edition, title = tail.edition(match["title"])
    if not where.get("publisher") or not _direct_names(match["names"]):
        return None
    return Found("chicago", 0.85, where | {
        "kind": "book", "title": clean(title.replace(tail.CUT, "")), "author": authors(match["names"], direct=True),
        "edition": edition,
    })


def _direct_names(text: str) -> bool:
    parts = re.split(r",\s|\sand\s|\s&\s", text)
    return all(2 <= len(part.split()) <= 5 and re.match(r"[^\W\d_a-z]", part.strip()) for part in parts if part.strip())


def ieee_book(text: str) -> Found | None:
    match = _IEEE_BOOK.match(text)
    if match is None:
        return None
    where, _rest = tail.imprint(match["imprint"])
    at = 0
    for part in _NAMES_APART.finditer(match["front"]):
        if not _INITIALS_FIRST.match(match["front"], at):
            break
        at = part.end()
    names, title = match["front"][:at].strip(), match["front"][at:]
    if not where.get("publisher") or not names or _INITIALS_FIRST.match(title) or re.search(r"[“\"]", title):
        return None
    return Found("ieee", 0.85, where | {
        "kind": "book", "title": clean(title), "author": authors(names, direct=True),
        "edition": clean(match["edition"] or ""),
    })


def last_book(text: str) -> Found | None:
    """MLA and Chicago: "Smith, John. Title. Place: Publisher, 2019."; MLA's theses: "Title. 2019. University"."""
    thesis = re.match(rf"^(?P<names>[^.]+(?:\s[A-Z]\.)?)\.\s(?P<title>.+?)\.\s(?P<year>{YEAR})\.\s"
                      rf"(?P<rest>.*(?:thesis|dissertation|diss).*)$", text, re.I)
    if thesis and look_like_names(thesis["names"]):
        found = tail.read(thesis["rest"])
        return Found("mla", 0.85, {
            "kind": "thesis", "title": thesis["title"], "author": authors(thesis["names"]), "year": thesis["year"],
            "degree": found.get("degree", ""), "publisher": found.get("publisher", ""), "place": found.get("place", ""),
        })
    match = _LAST_BOOK.match(text)
    if match is None:
        return None
    people, rest = names_first(text)
    if not people:
        return None
    where, left = tail.imprint(rest)
    edition, left = tail.edition(left)
    year = where.get("year") or re.findall(YEAR, rest)[-1]
    left = re.sub(rf",?\s*(?:c|©)?{YEAR}\.?(?:\s+(?:Print|Web)\.)?$", "", left)
    pieces = [clean(piece) for piece in re.split(rf"{tail.CUT}|\.\s+(?=[^\W\d_a-z])", left)]
    pieces = [piece for piece in pieces if re.search(r"\w", piece) and piece not in ("Print", "Web")]
    if "publisher" not in where:
        if len(pieces) < 2:
            return None
        where["publisher"] = re.sub(rf",?\s*(?:c|©)?{YEAR}.*$", "", pieces.pop())
    if not pieces:
        return None
    named, title = tail.editors(pieces.pop()) if len(pieces) > 1 and re.match(r"Ed", pieces[-1]) else ("", "")
    title = title.replace(tail.CUT, "").strip()
    return Found("chicago" if "place" in where and not re.search(r"\b(?:Print|Web)\.$", text) else "mla", 0.8, where | {
        "kind": "book", "title": ". ".join([*pieces, *([title] if title else [])]),
        "author": "; ".join(part for part in (authors(people), named) if part), "edition": edition, "year": year,
    })
