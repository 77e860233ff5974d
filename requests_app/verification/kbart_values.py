"""Identifiers, dates and titles in one form each, whatever a provider's spreadsheet made of them. Pure."""

import re
from calendar import monthrange

from anyascii import anyascii
from stdnum import isbn, issn

LONGEST_KEY = 200


def normal_identifier(text: str) -> str:
    """"1234-567X" or an ISBN-13 without hyphens; '' for what is neither or has a wrong check digit."""
    bare = re.sub(r"[^0-9Xx]", "", text).upper()
    if 5 <= len(bare) < 8 and bare == text.strip().upper():
        bare = bare.zfill(8)  # a spreadsheet took the noughts away
    if len(bare) == 8 and issn.is_valid(bare):
        return f"{bare[:4]}-{bare[4:]}"
    if len(bare) in (9, 10, 13):
        bare = bare.zfill(10)
        return isbn.to_isbn13(bare) if isbn.is_valid(bare) else ""
    return ""


_OPEN = {"", "present", "current", "ongoing", "to present", "9999", "9999-12-31", "0000", "0", "n/a", "-"}
_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T ]\d.*)?$")
_RUN = re.compile(r"(\d{4})(\d\d)(\d\d)?$")
_DAY_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?: .*)?$")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})$")


def partial_date(text: str) -> str | None:
    """"1999", "1999-03" or "1999-03-15"; '' for an open end, None for what cannot be read.

    Of 03/04/1999 only the year is kept, since nobody says whether it is March or April.
    """
    text = text.strip()
    if text.lower() in _OPEN:
        return ""
    if said := _ISO.match(text) or _RUN.match(text):
        return _checked(said[1], said[2], said[3])
    if said := _DAY_LAST.match(text):
        one, two = int(said[1]), int(said[2])
        if one > 12 or one == two:
            return _checked(said[3], said[2], said[1])
        return _checked(said[3], said[1], said[2]) if two > 12 else _checked(said[3], None, None)
    if said := _MONTH_YEAR.match(text):
        return _checked(said[2], said[1], None)
    return None


def _checked(year: str, month: str | None, day: str | None) -> str | None:
    if not 1400 <= int(year) <= 2200:
        return None
    if not month or not int(month):
        return year
    if int(month) > 12:
        return None
    if not day or not int(day):
        return f"{year}-{int(month):02d}"
    if int(day) > monthrange(int(year), int(month))[1]:
        return None
    return f"{year}-{int(month):02d}-{int(day):02d}"


_WORD = re.compile(r"[a-z0-9]+")


def title_key(title: str) -> str:
    """What two spellings of one title share: small Latin letters and digits, words apart by one space."""
    text = title if title.isascii() else anyascii(title)
    words = _WORD.findall(text.lower().replace("&", " and ").replace("'", ""))
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)[: LONGEST_KEY].rstrip()
