"""MARC 21 bibliographic fields into a Record. Pure."""

import re
from typing import Any

from requests_app.verification.marc import values
from requests_app.verification.marc.fields import Field, Marc
from requests_app.verification.records import Record, distinct

# Leader 06, the type of record, where it alone says what the thing is.
_KINDS = {
    "a": "book", "t": "book", "c": "score", "d": "score", "e": "other", "f": "other", "g": "film", "i": "other",
    "j": "other", "k": "other", "m": "other", "o": "other", "p": "other", "r": "other",
}
# Nature of contents in 008/24-27.
_CONTENTS = {"m": "thesis", "t": "report", "j": "patent", "u": "standard"}
_NO_LANGUAGE = {"", "und", "zxx", "mul", "mis"}
# Who stands in 700 without having written anything that a citation would name.
_NO_AUTHOR = re.compile(r"owner|binder|printer|donor|dedicatee|bookseller|inscriber|collector|thesis advisor|\bfmo\b|"
                        r"\bprt\b|\bbnd\b|\bdte\b|\bths\b|publisher|\bpbl\b|degree|\bdgg\b")
_MOST_NAMES = 30
_SERIAL = {"s", "i", "b"}
_TITLE_PARTS = "np"
_OTHER_TITLES = ("246", "247", "240", "130", "740")
_SHORT_TITLES = ("210", "222")  # their $b only tells two journals of one name apart
_OTHER_NAMES_OF_A_SERIAL = ("780", "785")
_ENUMERATION = re.compile(r"\b(?:vol|v|bd|jg|jahrg|t|tome|tomo|año)[.\s]*([0-9]+)", re.IGNORECASE)
_ISSUE = re.compile(r"\b(?:no|nr|n|heft|h|issue|iss|num|núm|fasc)[.\s°º]*([0-9]+)", re.IGNORECASE)
_PAGES = re.compile(r"\b(?:pp?|pages?|s|seiten?|p[áa]gs?)[.\s]*(e?[0-9]+(?:\s*[-–]\s*e?[0-9]+)?)", re.IGNORECASE)
_DEGREE = re.compile(r"\(([^)]{2,40})\)|^(?:Thesis|Dissertation|Diss\.?)\s*[,:]?\s*((?:Ph|M|D|B)\.?\s?[A-Za-z.]{1,8})")


def record(marc: Marc) -> Record:
    kind = _kind(marc)
    host = marc.first("773")
    found = Record(
        kind=kind, edition=values.plain(marc.first("250").first("a")), series=_series(marc), **_published(marc),
        **_numbers(marc), **_thesis(marc, kind), language=_language(marc), source_id=marc.control("001").strip(),
        also=_also(marc),
    )
    if kind == "thesis":  # the university stands for a publisher where there is none
        university, year = _university(marc)
        found = found.with_(publisher=found.publisher or university, year=found.year or year)
    if is_serial(marc):  # its years are those of the journal, not of what somebody wants to read in it
        found = found.with_(year="", continues=_other_name(marc, "780"), continued_by=_other_name(marc, "785"))
    if host.has("t") or (host.parts and marc.at(7) in "ab"):
        return _part(found, marc, host)
    first = marc.first("245")
    return found.with_(title=title(first), author=_authors(marc), volume=values.plain(first.first("n")))


def is_serial(marc: Marc) -> bool:
    return marc.at(7) in _SERIAL


def _other_name(marc: Marc, tag: str) -> tuple[str, ...]:
    """ISSNs of the same journal under its former or later name: second indicator 0. Others are splits, mergers and
    absorptions, and 770 and 772 supplements: other journals."""
    return distinct(values.issns(text for field in marc.all(tag) if field.ind[1:] == "0" for text in field.all("x")))


def is_online(marc: Marc) -> bool:
    """A text on the net, as 007, the form of item in 008 or the extent says."""
    place = 29 if marc.at(6) in "efgkor" else 23
    return (
        any(field.value.startswith("cr") for field in marc.all("007"))
        or marc.fixed(place, place + 1) == "o"
        or "online" in marc.first("300").first("a").lower()
    )


def _kind(marc: Marc) -> str:
    """'' for journals: what is wanted of them is an article, and that they are not."""
    if is_serial(marc):
        return ""
    if next(marc.all("502"), None):
        return "thesis"
    if marc.at(7) in "ab" and next(marc.all("773"), None):
        return "chapter" if marc.at(7) == "a" else "article"
    kind = _KINDS.get(marc.at(6), "")
    if kind == "book":
        return next((_CONTENTS[code] for code in marc.fixed(24, 28) if code in _CONTENTS), kind)
    return kind


def title(field: Field, *, codes: str = "ab") -> str:
    """"Title : subtitle. Part, name" of 245 and its like; what follows " = " is another title."""
    main: list[str] = []
    for code, text in field.parts:
        if code in codes and text:
            if code == "b" and _parallel(main, text):
                break
            main.append(values.plain(text.partition(" = ")[0]))
            if text.rstrip().endswith("="):
                break
    whole = " : ".join(text for text in main if text)
    for code, text in field.parts:
        if code in _TITLE_PARTS and text:
            before = ", " if code == "p" and whole.endswith(tuple("0123456789")) else ". "
            whole = f"{whole.rstrip('.')}{before}{values.plain(text)}" if whole else values.plain(text)
    return whole


def _parallel(main: list[str], text: str) -> bool:
    return bool(main) and text.lstrip().startswith("=")


def _parallel_titles(field: Field) -> list[str]:
    """Of "Autumn = Automne = Herbst" the second and the third, also where "=" ends $a or opens $b."""
    whole = " ".join(text for code, text in field.parts if code in "ab")
    return [values.plain(text) for text in whole.split(" = ")[1:]]


def _authors(marc: Marc) -> str:
    names = [
        heading for field in marc.all("100", "110", "111", "700", "710", "711")
        if not field.first("t") and not _NO_AUTHOR.search(" ".join(field.all("e4")).lower())
        and (heading := author(field))
    ]
    return "; ".join(distinct(names)[:_MOST_NAMES])


def author(field: Field) -> str:
    """"Family, Given", or a body with its departments."""
    parts = field.all("a") if field.tag.endswith("00") else field.all("ab") or field.all("a")
    return ". ".join(text for part in parts if (text := values.name(part)))


def _published(marc: Marc) -> dict[str, Any]:
    """Place, publisher, year. 264 with a second 1 is publication, 4 the copyright year."""
    imprint = next((field for field in marc.all("264") if field.ind[1:] == "1"), None) or marc.first("260", "264")
    coded = marc.fixed(7, 11)
    copyright_year = next((field.first("c") for field in marc.all("264") if field.ind[1:] == "4"), "")
    return {
        "place": values.plain(imprint.first("a")), "publisher": values.plain(imprint.first("b")),
        "year": values.year(coded, imprint.first("c"), copyright_year),
    }


def _series(marc: Marc) -> str:
    field = marc.first("490", "440", "830")
    name, number = values.plain(field.first("a")), values.plain(field.first("v"))
    return f"{name} ; {number}" if name and number else name


def _numbers(marc: Marc) -> dict[str, Any]:
    isbns = distinct([
        *values.isbns(text for field in marc.all("020") for text in field.all("a")),
        *values.isbns(text for field in marc.all("020") for text in field.all("z")),
    ])
    # 776 is the same journal in another form: print, online.
    issns = distinct([
        *values.issns(text for code in "aly" for field in marc.all("022") for text in field.all(code)),
        *(values.issns(text for field in marc.all("776") for text in field.all("x")) if is_serial(marc) else ()),
    ])
    others = {field.first("2").lower(): field.first("a") for field in marc.all("024") if field.first("2")}
    return {
        "isbn": isbns[0] if isbns else "", "isbns": isbns, "issn": issns[0] if issns else "", "issns": issns,
        "oclc": next(iter(_oclc_numbers(marc)), ""), "lccn": values.lccn(marc.first("010").first("a")),
        "doi": values.doi(others.get("doi", "")), "pmid": others.get("pmid", "").strip(),
        "arxiv": others.get("arxiv", "").strip(),
        "document_number": marc.first("088").first("a") or marc.first("013").first("a"),
    }


def _oclc_numbers(marc: Marc) -> tuple[str, ...]:
    return distinct([
        *(values.oclc(field.first("a")) for field in marc.all("035")),
        *(field.first("a").lstrip("0") for field in marc.all("016") if field.first("2") == "OCoLC"),
        values.oclc_of_control(marc.control("001"), marc.control("003")),
    ])


def _thesis(marc: Marc, kind: str) -> dict[str, Any]:
    """502: $b degree, $c university; older records say all in $a, "Thesis (Ph. D.)--University of X, 1990"."""
    if kind != "thesis":
        return {}
    note = marc.first("502")
    found = _DEGREE.search(note.first("a"))
    return {"degree": note.first("b") or (next(filter(None, found.groups()), "") if found else "")}


def _university(marc: Marc) -> tuple[str, str]:
    """Which university took it, and when."""
    note = marc.first("502")
    whole = note.first("a")
    after = re.split(r"--|—|–\s|\)\s*[,:]?\s*", whole, maxsplit=1)
    place = note.first("c") or (after[1] if len(after) > 1 else "")
    place = re.sub(r"[,.]?\s*\[?[0-9]{4}\]?\.?\s*$", "", place).strip(" -–—,.:")
    return place, values.year(note.first("d"), whole)


def _language(marc: Marc) -> str:
    for code in (marc.fixed(35, 38), marc.first("041").first("a")[:3]):
        if code.lower() not in _NO_LANGUAGE and len(code) == 3 and code.isalpha():
            return code.lower()
    return ""


def _part(found: Record, marc: Marc, host: Field) -> Record:
    """An article or chapter: what 773 says of the journal or book that it is in."""
    place = " ".join(host.all("gq"))
    year = values.year(place, host.first("d")) or found.year
    issns, isbns = values.issns(host.all("x")), values.isbns(host.all("z"))
    enumeration, issue, pages = (rule.search(place) for rule in (_ENUMERATION, _ISSUE, _PAGES))
    return found.with_(
        kind=found.kind if found.kind in ("thesis", "chapter", "article") else "article" if issns else "chapter",
        title=values.plain(host.first("t") or host.first("s") or host.first("p")),
        author=values.name(host.first("a")), part_title=title(marc.first("245")), part_author=_authors(marc),
        year=year, volume=enumeration.group(1) if enumeration else "", issue=issue.group(1) if issue else "",
        pages=re.sub(r"\s*[-–]\s*", "-", pages.group(1)) if pages else "",
        issn=issns[0] if issns else found.issn, issns=distinct([*issns, *found.issns]),
        isbn=isbns[0] if isbns else found.isbn, isbns=distinct([*isbns, *found.isbns]),
    )


def _also(marc: Marc) -> tuple[tuple[str, str], ...]:
    """Other titles, the original script, a journal's former and later names, merged OCLC numbers."""
    part = next(marc.all("773"), None) is not None and marc.at(7) in "ab"
    its_title, its_author = ("part_title", "part_author") if part else ("title", "author")
    linked = marc.linked()
    pairs: list[tuple[str, str]] = [
        *((its_title, form) for form in _parallel_titles(marc.first("245"))),
        *((its_title, title(field)) for field in marc.all(*_OTHER_TITLES)),
        *((its_title, values.plain(field.first("a"))) for field in marc.all(*_SHORT_TITLES)),
        *((its_title, title(field)) for field in linked.all("245", *_OTHER_TITLES)),
        (its_author, _authors(linked)),
        *(("edition", values.plain(field.first("a"))) for field in linked.all("250")),
        *(("series", values.plain(field.first("a"))) for field in linked.all("490", "830")),
        *(("publisher", values.plain(field.first("b"))) for field in linked.all("260", "264")),
        *(("place", values.plain(field.first("a"))) for field in linked.all("260", "264")),
        *(("oclc", number) for number in _oclc_numbers(marc)[1:]),
        *(("oclc", field.first("a").lstrip("0")) for field in marc.all("019")),
        *(("year", form) for form in _other_years(marc)),
    ]
    if is_serial(marc):
        for field in marc.all(*_OTHER_NAMES_OF_A_SERIAL):
            pairs.append(("title", values.plain(field.first("t") or field.first("s") or field.first("a"))))
    return tuple(dict.fromkeys((name, form) for name, form in pairs if form))


def _other_years(marc: Marc) -> list[str]:
    """The copyright year beside that of publication. Of reprints the first edition's year is another edition."""
    if is_serial(marc):
        return []
    years = [text for field in marc.all("264") if field.ind[1:] in "14" for text in values.years(field.first("c"))]
    if marc.fixed(6, 7) == "t":
        years += values.years(marc.fixed(11, 15))
    return [year for year in distinct(years) if year != _published(marc)["year"]]

