"""When something appeared, as far as a citation says: between which two days, and how surely. Pure.

"Winter 2021–22", "March 2021", "2021 Mar-Apr", "2021", "Early view". What is uncertain is wide, never narrow: the
decision reads the doubtful part on the conservative side.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from anyascii import anyascii

DAY, MONTH, SEASON, YEAR, YEARS, EARLY, UNKNOWN = "day", "month", "season", "year", "years", "early", "unknown"


@dataclass(frozen=True)
class Published:
    """Between `first` and `last`, both included; both None when nothing is known. `certainty`: a code of this room;
    `about`: the source itself was unsure ("ca. 2021", "[2021?]"), so a year is left on either side."""

    first: date | None = None
    last: date | None = None
    certainty: str = UNKNOWN
    about: bool = False

    @property
    def is_known(self) -> bool:
        return self.first is not None and self.last is not None


# English, Spanish, French, German, by their first letters; the longest that fits counts.
_MONTHS = {
    "jan": 1, "ene": 1, "feb": 2, "fev": 2, "mar": 3, "mrz": 3, "maerz": 3, "apr": 4, "abr": 4, "avr": 4, "may": 5,
    "mai": 5, "jun": 6, "juin": 6, "jul": 7, "juil": 7, "aug": 8, "ago": 8, "aou": 8, "sep": 9, "set": 9, "oct": 10,
    "okt": 10, "nov": 11, "dec": 12, "dic": 12, "dez": 12,
}
_MONTH = "(?:" + "|".join(_MONTHS) + r")[a-z]*\.?"
_WINTER = r"(?:winter|invierno|hiver)"
_SEASON = (
    rf"(?:{_WINTER}|spring|summer|autumn|fall|primavera|verano|otono|printemps|ete|automne|fruehling|fruhling|"
    r"fruehjahr|fruhjahr|sommer|herbst)"
)
_YEAR = r"(?<!\d)(1[4-9]\d\d|20\d\d|21\d\d)(?!\d)"
_TO = r"\s*(?:-|/|to|and|&|bis|a|y)\s*"
_EARLY = re.compile(
    r"early (?:view|access|online)|ahead of print|online first|first online|in press|forthcoming|advance (?:access|"
    r"online|article)|epub|articles? in press|en prensa|im druck|sous presse"
)
_ABOUT = re.compile(r"\?|\bca?\.?\s*(?=\d{4})|\bcirca\b|\bapprox|\babout\b|\bum\b|\bhacia\b|\bvers\b")


def read(text: str) -> Published:
    """Of any words about a date; what cannot be read is unknown."""
    said = _plain(text)
    about = bool(_ABOUT.search(said)) and not re.search(r"\bc\d{4}", said)
    found = next((one for reader in _READERS if (one := reader(said)) is not None), Published())
    if about and found.first and found.last:
        found = Published(_years_on(found.first, -1), _years_on(found.last, 1), YEAR, about=True)
    if _EARLY.search(said):
        # Online now; the issue comes later, nobody knows when. A year is left for it.
        last = _years_on(found.last, 1) if found.last else None
        return Published(found.first, last, EARLY)
    return found


def _plain(text: str) -> str:
    text = re.sub(r"年", "-", text)
    text = re.sub(r"月", "-", text).replace("日", "")
    text = re.sub(r"[‐-―−]", "-", text)
    for sign, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("©", " ")):
        text = text.replace(sign, plain)
    return re.sub(r"\s+", " ", anyascii(text).lower()).strip(" -")


def _day(said: str) -> Published | None:
    for pattern, order in _DAYS:
        for match in re.finditer(pattern, said):
            year, month, day = (match[place] for place in order)
            try:
                exact = date(int(year), _month(month), int(day))
            except ValueError:
                continue
            return Published(exact, exact, DAY)
    return None


_DAYS = (
    (r"(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)", (1, 2, 3)),
    (rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.|,)?(?: de| of)? ({_MONTH})(?: de)?,? {_YEAR}", (3, 2, 1)),
    (rf"({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?:,| ) ?{_YEAR}", (3, 1, 2)),
    (rf"{_YEAR},? ({_MONTH}) (\d{{1,2}})(?!\d)", (1, 2, 3)),
)


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    return next(_MONTHS[text[:length]] for length in (5, 4, 3) if text[:length] in _MONTHS)


def _months(said: str) -> Published | None:
    """One month or a span of them, which may pass the turn of the year: "Dec 2021/Jan 2022"."""
    for pattern, places in _SPANS:
        match = re.search(pattern, said)
        if match is None:
            continue
        first_month, first_year, last_month, last_year = (match[place] if place else "" for place in places)
        begins = _month(first_month)
        ends = _month(last_month) if last_month else begins
        year = int(first_year) if first_year else int(last_year)
        end_year = int(last_year) if last_year else year
        if not first_year and begins > ends:  # "December/January 2022"
            year -= 1
        if not last_year and begins > ends:  # "2021 Dec-Jan"
            end_year += 1
        if not (1 <= begins <= 12 and 1 <= ends <= 12):
            continue
        first, last = date(year, begins, 1), date(end_year, ends, monthrange(end_year, ends)[1])
        return Published(first, last, MONTH) if first <= last else None
    return None


_SPANS = (
    (rf"({_MONTH})(?: de)?,? {_YEAR}{_TO}({_MONTH})(?: de)?,? {_YEAR}", (1, 2, 3, 4)),
    (rf"{_YEAR},? ({_MONTH}){_TO}{_YEAR},? ({_MONTH})", (2, 1, 4, 3)),
    (rf"({_MONTH}){_TO}({_MONTH})(?: de)?,? {_YEAR}", (1, 0, 2, 3)),
    (rf"{_YEAR},? ({_MONTH}){_TO}({_MONTH})", (2, 1, 3, 0)),
    (rf"({_MONTH})(?: de| of)?,? {_YEAR}", (1, 2, 0, 0)),
    (rf"{_YEAR},? ({_MONTH})(?![a-z])", (2, 1, 0, 0)),
    (r"(?<!\d)(\d{4})[-./](0[1-9]|1[0-2])(?!\d)", (2, 1, 0, 0)),
    (rf"(?<![\d/])(0?[1-9]|1[0-2])[-./]{_YEAR}", (1, 2, 0, 0)),
)


def _season(said: str) -> Published | None:
    """A season lies somewhere in its year: which months depends on the hemisphere and the publisher. Winter may reach
    into the next year; "Winter 2021-22" says that it does."""
    match = re.search(rf"\b({_SEASON})\b", said)
    years = _years(said) or _year(said)
    if match is None or years is None or years.first is None or years.last is None:
        return None
    first, last = years.first, years.last
    if re.fullmatch(_WINTER, match[1]):
        if years.certainty == YEARS:
            return Published(date(first.year, 10, 1), date(last.year, 4, 30), SEASON)
        return Published(first, date(last.year + 1, 3, 31), SEASON)
    return Published(first, last, SEASON)


def _quarter(said: str) -> Published | None:
    match = re.search(r"\bq([1-4])\b|\b([1-4])(?:st|nd|rd|th)? (?:quarter|trimestre|quartal)", said)
    year = _year(said)
    if match is None or year is None or year.first is None:
        return None
    begins = (int(match[1] or match[2]) - 1) * 3 + 1
    at = year.first.year
    return Published(date(at, begins, 1), date(at, begins + 2, monthrange(at, begins + 2)[1]), MONTH)


def _years(said: str) -> Published | None:
    """2021/22, 2021-2022."""
    match = re.search(r"(?<!\d)(1[4-9]\d\d|20\d\d)\s*[-/]\s*(\d{4}|\d\d)(?![\d-])", said)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] if len(match[2]) == 4 else match[1][:2] + match[2])
    if not first < last <= first + 20:
        return None
    return Published(date(first, 1, 1), date(last, 12, 31), YEARS)


def _year(said: str) -> Published | None:
    """Of several ("1925 (reprinted 2021)") all are kept: from the first to the last."""
    years = sorted({int(one) for one in re.findall(r"(?<!\d)(1[4-9]\d\d|20\d\d|21\d\d)(?!\d)", said)})
    if not years:
        return None
    return Published(date(years[0], 1, 1), date(years[-1], 12, 31), YEAR if len(years) == 1 else YEARS)


def _years_on(day: date, years: int) -> date:
    """29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


_READERS = (_day, _quarter, _months, _season, _years, _year)


def years_before(day: date, years: int) -> date:
    """The first day of a window of so many years that ends with `day`. Of 29 February the 28th: the longer window."""
    return _years_on(day, -years)


def free_before(today: date, years: int = 95) -> date:
    """In the public domain by its age is what appeared before this day: in 2026 before 1 January 1931."""
    return date(today.year - years, 1, 1)
