"""Two descriptions, field by field: what agrees, what it is worth, what forbids taking one for the other. Pure.

Each function of FIELDS looks at one thing and adds its rows and reasons; all of them are symmetric.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from requests_app.verification.evidence import (
    BOOK_YEAR_OFF, CONTAINER, CONTAINER_AGAINST, OF_EDITIONS, POINTS, TITLE, TITLE_AGAINST, FieldMatch, Match, Reason,
)
from requests_app.verification.likeness import identifiers, journals, titles
from requests_app.verification.likeness.numbers import Edition, edition, numbers, pages, years
from requests_app.verification.likeness.people import shared
from requests_app.verification.likeness.scripts import fold, script_of, sounds_alike
from requests_app.verification.records import Record

PARTS = {"article", "chapter", "conference", "newspaper"}
# Not texts: a film of a novel is no other edition of it.
_MEDIA = {"film", "score"}
# Kinds that people and sources mix up without harm.
_KINDS = {"article": "article", "newspaper": "article", "book": "book", "thesis": "thesis", "patent": "patent"}
_LATIN_LANGUAGES = {"eng", "ger", "fre", "spa", "ita", "por", "dut", "swe", "dan", "nor", "pol", "cze", "hun", "fin", "tur"}
_NUMBERS = ("doi", "pmid", "pmcid", "arxiv", "oclc", "lccn", "document_number")


@dataclass
class Looking:
    """`is_book`: whole publications are compared, not articles or chapters. `identity`: row of the title that
    names the thing itself, with its share of the weight of equal titles."""

    one: Record
    other: Record
    any_edition: bool
    rows: list[FieldMatch] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    identity: str = ""
    share: float | None = None
    is_book: bool = True

    def add(self, name: str, typed: str, found: str, agreement: str, points: float | None = None) -> None:
        worth = POINTS.get(name, {}).get(agreement, 0.0) if points is None else points
        self.rows.append(FieldMatch(name, typed, found, agreement, worth))

    def agreement(self, name: str) -> str:
        return next((row.agreement for row in self.rows if row.name == name), "")

    def only_one(self, name: str, typed: str, found: str) -> bool:
        """Rows of a field that just one of the two has; True where both are not there."""
        if typed and found:
            return False
        if typed or found:
            self.add(name, typed, found, "only_typed" if typed else "only_found")
        return True


def compare(one: Record, other: Record, *, any_edition: bool = False) -> Match:
    looking = Looking(one, other, any_edition)
    for look in FIELDS:
        look(looking)
    rows, against = looking.rows, looking.against
    if any_edition and looking.is_book:
        against = [code for code in against if code not in OF_EDITIONS]
        rows = [
            row if row.name not in ("edition", "year", "isbn", "publisher") or row.points > 0
            else FieldMatch(row.name, row.typed, row.found, row.agreement)
            for row in rows
        ]
    return Match(
        round(sum(row.points for row in rows), 3), tuple(rows),
        tuple(Reason(code) for code in dict.fromkeys(against)), looking.identity,
    )


# --- Titles ---------------------------------------------------------------------------------------


def _titles(looking: Looking) -> None:
    one, other = looking.one, looking.other
    if one.part_title and other.part_title:
        looking.is_book = False
        _identity(looking, "part_title", one.forms("part_title"), other.forms("part_title"))
        _container(looking)
    elif not one.part_title and not other.part_title:
        looking.is_book = one.kind not in PARTS and other.kind not in PARTS
        if one.title and other.title:
            _identity(looking, "title", one.forms("title"), other.forms("title"))
        else:
            looking.only_one("title", one.title, other.title)
        if _is_part(one) != _is_part(other):
            looking.against.append("host")
    else:
        _title_of_one(looking)


def _is_part(record: Record) -> bool:
    return bool(record.part_title or record.kind in PARTS or (record.pages and record.volume and record.issn))


def _title_of_one(looking: Looking) -> None:
    """Only one has a title of a part. The other's title may be that one, in the wrong box, or the journal's."""
    one, other = looking.one, looking.other
    looking.is_book = False
    part, whole = (one, other) if one.part_title else (other, one)
    if not whole.title:
        looking.only_one("part_title", one.part_title, other.part_title)
        looking.only_one("title", one.title, other.title)
        return
    as_part = titles.compare(whole.title, part.part_title, "").share
    as_container = journals.compare(whole.title, part.title).share if part.title else -1.0
    if as_part > max(as_container, 0):
        forms = [record.forms("part_title" if record is part else "title") for record in (one, other)]
        _identity(looking, "part_title", *forms)
        looking.only_one("title", part.title if part is one else "", part.title if part is other else "")
        return
    looking.only_one("part_title", one.part_title, other.part_title)
    _container(looking)
    if not whole.pages and not whole.doi and not whole.pmid:
        looking.against.append("host")


def _identity(looking: Looking, name: str, mine: tuple[str, ...], yours: tuple[str, ...]) -> None:
    language = looking.one.language or looking.other.language
    best, pair = titles.compare(mine[0], yours[0], language), (mine[0], yours[0])
    if best.share < 0.95 and (len(mine) > 1 or len(yours) > 1):
        for first in mine:
            for second in yours:
                found = titles.compare(first, second, language)
                if found.share > best.share:
                    best, pair = found, (first, second)
    code, share = best.code, best.share
    if pair != (mine[0], yours[0]) and share > 0 and not (
        _is_form(mine[0], pair[0], looking.one.language) and _is_form(yours[0], pair[1], looking.other.language)
    ):
        code, share = "other_form", min(share, 0.7)
        looking.against.append("other_title")
    weight = (titles.weight(titles.title(pair[0])) + titles.weight(titles.title(pair[1]))) / 2
    reasons = titles.against(*pair)
    points = share * (TITLE * weight if share > 0 else TITLE_AGAINST)
    if "figure_missing" in reasons:
        points -= 1.0
    looking.against += [reason for reason in reasons if reason != "figure_missing"]
    if not looking.is_book and _one_names_a_part(pair):
        looking.against.append("volume_missing")
    looking.identity, looking.share = name, share
    looking.add(name, mine[0], yours[0], code, points)


def _one_names_a_part(pair: tuple[str, str]) -> bool:
    return bool(titles.title(pair[0]).parts) != bool(titles.title(pair[1]).parts)


def _is_form(own: str, form: str, language: str) -> bool:
    """The same title in other letters, and no translation that a catalogue names beside it."""
    if own == form or titles.compare(own, form, language).share >= 0.6:
        return True
    return script_of(own) != script_of(form) and language not in _LATIN_LANGUAGES


def _container(looking: Looking) -> None:
    one, other = looking.one, looking.other
    same_issn = _issn(looking)
    if looking.only_one("title", one.title, other.title):
        return
    best, renamed = journals.compare(one.title, other.title), False
    if best.share < 0.85:
        for first in one.forms("title"):
            for second in other.forms("title"):
                found = journals.compare(first, second)
                if found.share > best.share:
                    best, renamed = found, True
        chapter = {one.kind, other.kind} & {"chapter", "conference"}
        if best.share < 0.6 and chapter and (found := titles.compare(one.title, other.title)).share > best.share:
            best, renamed = found, False  # of a book, not of a journal
    code, share = ("renamed" if renamed and best.share > 0 else best.code), best.share
    if share < 0 and one.kind == other.kind == "conference":
        code, share = "partly", 0.0  # proceedings have more names than any table knows
    if same_issn and share <= 0:
        code, share = "renamed", 0.0
    points = share * (CONTAINER if share > 0 else CONTAINER_AGAINST)
    if same_issn and share > 0:
        points = 0.3  # the ISSN has said it already
    if share < 0 and looking.identity:
        looking.against.append("other_container")
    if {one.kind, other.kind} & {"chapter"}:
        looking.against += [code for code in titles.against(one.title, other.title) if code == "other_part"]
    looking.add("title", one.title, other.title, code, points)


def _issn(looking: Looking) -> bool:
    """Print, online and linking ISSN are one journal's: one that agrees will do."""
    one, other = looking.one, looking.other
    mine, yours = _all(one.issn, one.issns), _all(other.issn, other.issns)
    if looking.only_one("issn", one.issn or " ".join(one.issns), other.issn or " ".join(other.issns)):
        return False
    agreements = {identifiers.compare_issn(first, second) for first in mine for second in yours}
    code = next(code for code in ("same", "digit", "different") if code in agreements)
    looking.add("issn", one.issn, other.issn, code)
    return code == "same"


def _all(first: str, others: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in (first, *others) if value))


# --- People ---------------------------------------------------------------------------------------


def _authors(looking: Looking) -> None:
    """The author of a part may stand in either box; the editor of the book is no evidence against."""
    one, other = looking.one, looking.other
    mine = _all("", [*one.forms("part_author"), *one.forms("author")] if not looking.is_book else one.forms("author"))
    yours = _all("", [*other.forms("part_author"), *other.forms("author")] if not looking.is_book
                 else other.forms("author"))
    if not looking.is_book and one.part_author and other.part_author:
        mine, yours = list(one.forms("part_author")), list(other.forms("part_author"))
    typed, found = (mine or [""])[0], (yours or [""])[0]
    if looking.only_one("author", typed, found):
        return
    code = ""
    for first in mine:
        for second in yours:
            agreed = shared(first, second)
            if agreed.share >= 0.99 or (agreed.share >= 0.5 and agreed.first):
                looking.add("author", first, second, "same" if agreed.share >= 0.99 else "some",
                            None if agreed.share >= 0.99 else 2.2)
                return
            if agreed.share > 0:
                code = "some"
            elif agreed.family:
                code = code or "family"
            elif not code:
                code = "different" if agreed.readable else "unreadable"
    looking.add("author", typed, found, code)


# --- Where in it ----------------------------------------------------------------------------------


def _place(looking: Looking) -> None:
    if looking.is_book:
        _volume_of_book(looking)
    else:
        _volume_and_issue(looking)
        _pages(looking)


def _volumes(record: Record) -> tuple[str, ...]:
    own = numbers(record.volume).values or titles.title(record.title).parts
    if len(own) == 2 and all(one.isdigit() for one in own) and 0 < int(own[1]) - int(own[0]) < 100:
        return tuple(str(number) for number in range(int(own[0]), int(own[1]) + 1))
    return own


def _volume_of_book(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = _volumes(one), _volumes(other)
    if looking.only_one("volume", one.volume or ", ".join(mine), other.volume or ", ".join(yours)):
        # A number with a series is the series' number.
        silent = other if mine else one
        if silent.title and not _own_title(looking) and ((mine and not one.series) or (yours and not other.series)):
            looking.against.append("volume_missing")
        return
    if titles.same_parts(mine, yours):
        looking.add("volume", one.volume, other.volume, "same")
    elif one.series and other.series:
        looking.add("volume", one.volume, other.volume, "different", -0.5)
    else:
        looking.add("volume", one.volume, other.volume, "different")
        looking.against.append("other_volume")


def _own_title(looking: Looking) -> bool:
    """Volumes with titles of their own are known by them: "…: fundamental algorithms" is volume 1."""
    mine, yours = titles.title(looking.one.title), titles.title(looking.other.title)
    return bool(mine.sub and yours.sub) and mine.sub == yours.sub


def _volume_and_issue(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = set(numbers(one.volume).values), set(numbers(other.volume).values)
    my_issue, your_issue = set(numbers(one.issue).values), set(numbers(other.issue).values)
    if not (mine & yours) and _swapped(mine, my_issue, yours, your_issue):
        looking.add("volume", one.volume, other.volume, "swapped")
        looking.add("issue", one.issue, other.issue, "swapped")
        return
    if not looking.only_one("volume", one.volume, other.volume):
        looking.add("volume", one.volume, other.volume, _volume_code(looking, mine, yours))
    if not looking.only_one("issue", one.issue, other.issue):
        same = bool(my_issue & your_issue) or fold(one.issue) == fold(other.issue)
        looking.add("issue", one.issue, other.issue, "same" if same else "different")


def _swapped(mine: set[str], my_issue: set[str], yours: set[str], your_issue: set[str]) -> bool:
    if mine and my_issue and yours and your_issue:
        return bool(mine & your_issue and my_issue & yours)
    if mine and not my_issue and yours and your_issue or yours and not your_issue and mine and my_issue:
        return bool(mine & your_issue or yours & my_issue)
    return bool((my_issue and not mine and my_issue & yours) or (your_issue and not yours and your_issue & mine))


def _volume_code(looking: Looking, mine: set[str], yours: set[str]) -> str:
    if mine & yours:
        return "same"
    stated = {str(year) for year in (*years(looking.one.year), *years(looking.other.year))}
    if (mine | yours) & stated:
        return "is_year"
    first, second = min(mine, default=""), min(yours, default="")
    return "digit" if max(len(first), len(second)) > 1 and OSA.distance(first, second) == 1 else "different"


def _pages(looking: Looking) -> None:
    one, other = looking.one, looking.other
    if looking.only_one("pages", one.pages, other.pages):
        return
    code = _pages_code(pages(one.pages), pages(other.pages))
    if code == "inside" and looking.agreement("volume") == "different":
        code = "different"  # pages 273 to 282 of one volume lie within 267 to 288 of another by chance
    looking.add("pages", one.pages, other.pages, code)


def _pages_code(mine: tuple[str, str], yours: tuple[str, str]) -> str:
    if mine[0] == yours[0]:
        return "same" if mine[1] == yours[1] or not mine[1] or not yours[1] else "first"
    (first, last), (start, end) = [tuple(int(page) if page.isdigit() else 0 for page in pair) for pair in (mine, yours)]
    if _within(first, last, start, end) or _within(start, end, first, last):
        return "inside"
    if "1" in (mine[0], yours[0]) and any(not pair[1] and len(pair[0]) > 4 for pair in (mine, yours)):
        return "unreadable"  # an article's number against the pages of its file
    if mine[1] and mine[1] == yours[1] or (
        max(len(mine[0]), len(yours[0])) > 1 and OSA.distance(mine[0], yours[0], score_cutoff=1) <= 1
    ):
        return "digit"
    return "different"


def _within(first: int, last: int, start: int, end: int) -> bool:
    return bool(start and end and first) and start <= first <= end and (last or first) <= end


def _year(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = years(one.year), years(other.year)
    if looking.only_one("year", one.year, other.year):
        return
    if not mine or not yours:
        looking.add("year", one.year, other.year, "unreadable")
        return
    apart = min(abs(first - second) for first in mine for second in yours)
    code = "same" if apart == 0 else "year_off" if apart == 1 else "different"
    if not looking.is_book or code == "same":
        looking.add("year", one.year, other.year, code)
        if "chapter" in (one.kind, other.kind) and apart > 1:
            looking.against.append("other_year")
        return
    same_edition = looking.agreement("edition") == "same" or looking.agreement("isbn") == "same"
    if code == "year_off":
        looking.add("year", one.year, other.year, code, BOOK_YEAR_OFF)
    else:
        looking.add("year", one.year, other.year, code, -0.5 if same_edition else -2.0)
        if not same_edition:
            looking.against.append("other_year")


# --- Editions, publishers, numbers ------------------------------------------------------------------


def _edition_of(record: Record) -> Edition:
    own = edition(record.edition) if record.edition else Edition(None, frozenset())
    in_title = titles.title(record.title).edition if own.number is None and record.title else None
    return Edition(in_title.number, own.words | in_title.words) if in_title else own


def _editions(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = _edition_of(one), _edition_of(other)
    if mine.number and yours.number:
        same = mine.number == yours.number
        looking.add("edition", one.edition, other.edition, "same" if same else "different")
        if not same:
            looking.against.append("other_edition")
    elif one.edition and other.edition and fold(one.edition) == fold(other.edition):
        looking.add("edition", one.edition, other.edition, "same")
    else:
        looking.only_one("edition", one.edition, other.edition)
        number = mine.number or yours.number
        silent, telling = (other, one) if mine.number else (one, other)
        if number and number > 1 and silent.year and not set(years(silent.year)) & set(years(telling.year)):
            looking.against.append("edition_missing")
    apart = (mine.words ^ yours.words) & {"abridged", "facsimile", "large print", "annotated"}
    if apart:
        looking.against.append("other_edition" if "abridged" in apart else "edition_missing")


def _publisher(looking: Looking) -> None:
    if not looking.is_book:
        return
    one, other = looking.one, looking.other
    if looking.only_one("publisher", one.publisher, other.publisher):
        return
    mine, yours = fold(one.publisher), fold(other.publisher)
    if script_of(one.publisher) != script_of(other.publisher):
        same = (sounds_alike(one.publisher, other.publisher) or 0) > 85
    else:
        same = fuzz.token_set_ratio(mine, yours) >= 80 or fuzz.partial_ratio(mine, yours) >= 90 or (
            journals.compare(one.publisher, other.publisher).share > 0  # Univ. of Chicago Pr., MIT
        )
    # The university is half of what a thesis is known by.
    thesis = "thesis" in (one.kind, other.kind)
    points = (1.5 if same else -1.5) if thesis else None
    looking.add("publisher", one.publisher, other.publisher, "same" if same else "different", points)


def _isbn(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = _all(one.isbn, one.isbns), _all(other.isbn, other.isbns)
    if looking.only_one("isbn", " ".join(mine[:1]), " ".join(yours[:1])):
        return
    agreements = {identifiers.compare_isbn(first, second) for first in mine for second in yours}
    code = next(code for code in ("same", "digit", "different") if code in agreements)
    points = None
    if not looking.is_book:  # the book that a chapter is in
        points = {"same": 2.5, "digit": 1.0, "different": -0.3}[code]
    looking.add("isbn", mine[0], yours[0], code, points)


def _other_numbers(looking: Looking) -> None:
    if looking.is_book:
        _issn(looking)
    for name in _NUMBERS:
        mine, yours = looking.one.forms(name), looking.other.forms(name)
        if looking.only_one(name, *((forms or ("",))[0] for forms in (mine, yours))):
            continue
        agreements = {identifiers.compare_number(first, second) for first in mine for second in yours}
        code = next(code for code in ("same", "digit", "different") if code in agreements)
        looking.add(name, mine[0], yours[0], code)
        if name == "document_number" and code != "same":
            looking.against.append("other_document")


# --- What speaks against it -----------------------------------------------------------------------


def _kinds(looking: Looking) -> None:
    one, other = looking.one, looking.other
    if one.kind and other.kind and one.kind != other.kind:
        if {one.kind, other.kind} & _MEDIA:
            looking.against.append("other_medium")
        elif "host" not in looking.against and _KINDS.get(one.kind) != _KINDS.get(other.kind) and (
            {one.kind, other.kind} & {"thesis", "patent"} or (
                _KINDS.get(one.kind) and _KINDS.get(other.kind)
            )
        ):
            looking.against.append("other_kind")
    if (one.language and other.language and one.language != other.language) or _other_letters(one, other):
        looking.against.append("translation")


def _other_letters(one: Record, other: Record) -> bool:
    """What is wanted in Cyrillic is no English book, however alike their titles sound."""
    return any(
        script_of(mine.part_title or mine.title) != "latin" and yours.language in _LATIN_LANGUAGES
        and script_of(yours.part_title or yours.title) == "latin"
        for mine, yours in ((one, other), (other, one))
    )


def _doubts(looking: Looking) -> None:
    agreement = looking.agreement
    number = any(agreement(name) == "same" for name in ("isbn", *_NUMBERS)) and looking.identity
    same_pages = agreement("pages") in ("same", "first")
    if agreement("author") == "different" and not same_pages and not number:
        looking.against.append("other_author")
    if [agreement(name) for name in ("volume", "pages", "year")].count("different") > 1:
        looking.against.append("other_place_in_it")
    if not looking.is_book and "volume_missing" in looking.against and (same_pages or number):
        looking.against.remove("volume_missing")  # "Part I" is often left out, and this is its place
    if number and looking.share is not None and looking.share < 0:
        near = agreement("author") in ("same", "some") and agreement("year") != "different"
        looking.against.append("number_other_title" if near else "number_elsewhere")


FIELDS = (
    _titles, _authors, _place, _editions, _isbn, _year, _publisher, _other_numbers, _kinds, _doubts,
)
