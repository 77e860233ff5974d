"""Dates as people write them: 2026-11-12, 12.11.2026, 11/12/26, 12 Nov 2026, November 12, 2026, a workbook's own. Pure.

Day first or month first is told by the whole column; where it does not tell, the date is told as ambiguous.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_MONTHS = {
    name: number
    for number, names in enumerate((
        "jan january enero ene januar jänner janvier", "feb february febrero februar février fevrier",
        "mar march marzo märz maerz mars", "apr april abril abr avril", "may mayo mai",
        "jun june junio juni juin", "jul july julio juli juillet", "aug august agosto ago août aout",
        "sep sept september septiembre septembre", "oct october octubre okt oktober octobre",
        "nov november noviembre novembre", "dec december diciembre dic dez dezember décembre decembre",
    ), start=1)
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_NUMBERS = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?:,? \d{1,2}:\d{2}.*)?$")
_DAY_NAME = re.compile(r"(\d{1,2})\.?(?:st|nd|rd|th)?[\s\-.]*(?:de\s+)?([^\W\d_]+)\.?[\s\-,.]*(?:de\s+)?(\d{4}|\d{2})$")
_NAME_DAY = re.compile(r"([^\W\d_]+)\.?\s*(\d{1,2})(?:st|nd|rd|th)?[\s,]+(\d{4})$")


class Ambiguous(ValueError):
    """12.11.2026 may be in December or in November, and nothing else in the column tells."""


def read(cell: Any, *, order: str = "") -> date | None:
    """None for an empty cell. Raises Ambiguous, or ValueError for what is no date."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if 20_000 <= cell <= 80_000:  # as a workbook counts days, where the cell lost its format
            return date(1899, 12, 30) + timedelta(days=int(cell))
        if isinstance(cell, float) and not cell.is_integer():
            raise ValueError(cell)
        cell = str(int(cell))
    text = " ".join(str(cell).split()).strip()
    if not text:
        return None
    if found := _ISO.match(text) or _PLAIN.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERS.match(text):
        return _of_numbers(int(found[1]), int(found[2]), _year(found[3]), order, text)
    if (found := _DAY_NAME.match(text.lower())) and found[2] in _MONTHS:
        return date(_year(found[3]), _MONTHS[found[2]], int(found[1]))
    if (found := _NAME_DAY.match(text.lower())) and found[1] in _MONTHS:
        return date(_year(found[3]), _MONTHS[found[1]], int(found[2]))
    raise ValueError(text)


def _of_numbers(first: int, second: int, year: int, order: str, text: str) -> date:
    if first > 12 or order == DAY_FIRST:
        return date(year, second, first)
    if second > 12 or order == MONTH_FIRST:
        return date(year, first, second)
    if first == second:
        return date(year, first, second)
    raise Ambiguous(text)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def order_of(cells: Iterable[Any]) -> str:
    """DAY_FIRST or MONTH_FIRST, by the days beyond the twelfth; "" where none is or both are."""
    seen = set()
    for cell in cells:
        found = _NUMBERS.match(" ".join(cell.split())) if isinstance(cell, str) else None
        if found and int(found[1]) > 12 >= int(found[2]):
            seen.add(DAY_FIRST)
        elif found and int(found[2]) > 12 >= int(found[1]):
            seen.add(MONTH_FIRST)
    return seen.pop() if len(seen) == 1 else ""
