"""Where in it and when: volume, issue, pages, year. Pure."""

from rapidfuzz.distance import OSA

from requests_app.verification.evidence import BOOK_YEAR_OFF
from requests_app.verification.fields import Looking
from requests_app.verification.likeness.numbers import numbers, pages, years
from requests_app.verification.likeness.reading_titles import same_parts, title
from requests_app.verification.likeness.scripts import fold
from requests_app.verification.records import Record


def look_at_place(looking: Looking) -> None:
    if looking.is_book:
        _volume_of_book(looking)
    else:
        _volume_and_issue(looking)
        _pages(looking)


def _volumes(record: Record) -> tuple[str, ...]:
    own = numbers(record.volume).values or title(record.title).parts
    if len(own) == 2 and all(one.isdigit() for one in own) and 0 < int(own[1]) - int(own[0]) < 100:
        return tuple(str(number) for number in range(int(own[0]), int(own[1]) + 1))
    return own


def _volume_of_book(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = _volumes(one), _volumes(other)
    typed, found = [
        (record.volume or ", ".join(values)) if values else "" for record, values in ((one, mine), (other, yours))
    ]
    if looking.only_one("volume", typed, found):
        # A number with a series is the series' number.
        silent = other if mine else one
        if silent.title and not _own_title(looking) and ((mine and not one.series) or (yours and not other.series)):
            looking.against.append("volume_missing")
        return
    if same_parts(mine, yours):
        looking.add("volume", typed, found, "same")
    elif one.series and other.series:
        looking.add("volume", typed, found, "different", -0.5)
    else:
        looking.add("volume", typed, found, "different")
        looking.against.append("other_volume")


def _own_title(looking: Looking) -> bool:
    """Volumes with titles of their own are known by them: "…: fundamental algorithms" is volume 1."""
    mine, yours = title(looking.one.title), title(looking.other.title)
    return bool(mine.sub and yours.sub) and mine.sub == yours.sub


def _volume_and_issue(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = set(numbers(one.volume).values), set(numbers(other.volume).values)
    my_issue, your_issue = set(numbers(one.issue).values), set(numbers(other.issue).values)
    if not (mine & yours) and _swapped(mine, my_issue, yours, your_issue):
        looking.add("volume", one.volume, other.volume, "swapped")
        looking.add("issue", one.issue, other.issue, "swapped")
        return
    if not looking.only_one("volume", one.volume if mine else "", other.volume if yours else ""):
        looking.add("volume", one.volume, other.volume, _volume_code(looking, mine, yours))
    if not looking.only_one("issue", one.issue, other.issue):
        same = bool(my_issue & your_issue) or fold(one.issue) == fold(other.issue)
        looking.add("issue", one.issue, other.issue, "same" if same else "different")


def _swapped(mine: set[str], my_issue: set[str], yours: set[str], your_issue: set[str]) -> bool:
    if mine and my_issue and yours and your_issue:
        return bool(mine & your_issue and my_issue & yours)
    if (mine and not my_issue and yours and your_issue) or (yours and not your_issue and mine and my_issue):
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
    if (mine[1] and mine[1] == yours[1]) or (
        max(len(mine[0]), len(yours[0])) > 1 and OSA.distance(mine[0], yours[0], score_cutoff=1) <= 1
    ):
        return "digit"
    return "different"


def _within(first: int, last: int, start: int, end: int) -> bool:
    return bool(start and end and first) and start <= first <= end and (last or first) <= end


def look_at_year(looking: Looking) -> None:
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
