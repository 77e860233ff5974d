"""Is a volume within a summary of holdings, as catalogues write them? Pure.

"v.1(1990)-v.12(2001)", "1.1990 - 12.2001", "Bd. 3-7", "v. 10-" (goes on), "1990-2001" (years only), "v.1-3, v.5".
What cannot be read with confidence is no answer at all: None.
"""

import re

_LAST = 10**6
_YEAR = re.compile(r"(1[5-9]|20)\d\d")
# A volume, perhaps with its prefix before it and its year behind it; or a year alone.
_POINT = (
    r"(?:(?:v|vol|vols|bd|band|t|tom|tomo|jg|n|no|nr)\.?\s*)?(\d{1,4})"
    r"(?:\s*[.(:/]\s*((?:1[5-9]|20)\d\d)(?:/\d\d)?\)?)?"
)
_SPAN = re.compile(rf"{_POINT}(?:\s*([-–—])\s*(?:{_POINT})?)?", re.IGNORECASE)
_FIRST_NUMBER = re.compile(r"\d{1,4}")


def covers(summary: str, volume: str, year: str = "") -> bool | None:
    """Does `summary` hold this volume (by its number; where it names only years: this year)?"""
    spans = _spans(summary)
    if not spans:
        return None
    wanted = _number(volume)
    by_volume = [(low, high) for low, high, is_year in spans if not is_year]
    if by_volume:
        return None if wanted is None else any(low <= wanted <= high for low, high in by_volume)
    when = _YEAR.search(year)
    return None if when is None else any(low <= int(when[0]) <= high for low, high, _is_year in spans)


def _number(volume: str) -> int | None:
    """'v. 12', '12' and '12(3)' are 12; 'XII' and 'Suppl.' are none that is known here."""
    found = _FIRST_NUMBER.search(volume)
    return int(found[0]) if found else None


def _spans(summary: str) -> list[tuple[int, int, bool]]:
    """First and last of each part, and whether they are years. Empty where one part cannot be read."""
    found = []
    for part in re.split(r"[;,+]|\band\b|\bund\b", summary):
        if not (part := part.strip().rstrip(".")):
            continue
        match = _SPAN.fullmatch(part)
        if match is None:
            return []
        first, _first_year, dash, last, _last_year = match.groups()
        is_year = bool(_YEAR.fullmatch(first))
        low = int(first)
        high = int(last) if last else _LAST if dash else low
        if last and len(last) < len(first) and is_year:  # "1990-95"
            high = int(first[: -len(last)] + last)
        if high < low or (last and not is_year and _YEAR.fullmatch(last)):
            return []
        found.append((low, high, is_year))
    return found
