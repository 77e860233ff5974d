"""A report of a network as rows of cells, and its cells as lines. Pure: no database, no clock.

No list of the columns of OCLC's reports is public, so they are found by their names: the words people use are known
here, everything else is mapped once by a person. Files come as CSV, TSV (any delimiter, UTF-8, UTF-16, Windows-1252)
or as workbooks (XLSX, XLS, ODS).
"""

import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from billing.tables import amounts, csv_file, dates, files, names
from billing.tables.refused import Refused

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 100
CENTS = "."  # how OCLC writes them, where no row of a report tells another sign
_HEAD_WITHIN = 25  # rows in which the names of the columns are looked for

# Our fields, in the order of the form, with words by which a column is known. The first that fits is taken.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "number": ("ill request number", "ill number", "request number", "request id", "ill id", "ill#", "ill request",
               "docline number", "docline request", "transaction number", "ill no", "número de solicitud"),
    "day": ("transaction date", "date charged", "charge date", "fee date", "date shipped", "shipped", "date", "fecha"),
    "amount": ("ifm amount", "amount", "charge amount", "charge", "total", "usd", "importe"),
    "currency": ("currency", "currency code", "moneda"),
    "symbol": ("institution symbol", "oclc symbol", "symbol", "libid", "library symbol", "lender", "borrower",
               "supplier", "símbolo"),
    "name": ("institution name", "library name", "institution", "library", "name", "nombre"),
    "kind": ("transaction type", "type", "description", "charge type", "kind", "tipo"),
}
NEEDED = ("number", "day", "amount")


@dataclass(frozen=True)
class Table:
    """`head`: names of the columns; `rows`: (number of the row in the file, its cells)."""

    head: list[str]
    rows: list[tuple[int, list[Any]]]

    @property
    def signature(self) -> str:
        return hashlib.sha256("\x1f".join(plain(name) for name in self.head).encode()).hexdigest()


@dataclass(frozen=True)
class Line:
    """A line as it was read. `kind`: of ifm.KINDS; `amount` above nothing."""

    row: int
    written: str
    day: date
    kind: str
    amount: Decimal
    currency: str
    symbol: str = ""
    name: str = ""


@dataclass(frozen=True)
class Written:
    """How its columns are written: `order` of `dates`, `decimal_sign` of `amounts`."""

    order: str
    decimal_sign: str


@dataclass
class Reading:
    """`problems`: (row, code of words.PROBLEMS, value) of rows that were left out."""

    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[int, str, str]] = field(default_factory=list)


def plain(name: Any) -> str:
    return names.plain(str(name).replace("#", " number "))


# --- the file ------------------------------------------------------------------------------------------------


def read(data: bytes) -> Table:
    """Of a workbook the visible sheet with the most rows. Raises Refused."""
    if len(data) > MOST_BYTES:
        raise Refused("large")
    if not data.strip():
        raise Refused("empty")
    rows = _rows(io.BytesIO(data))
    place = _head_at(rows)
    if place is None:
        raise Refused("no_head")
    head = [str(cell).strip()[:100] for cell in rows[place][1]][:MOST_COLUMNS]
    while head and not head[-1]:
        head.pop()
    return Table(head, rows[place + 1:])


def _rows(file: io.BytesIO) -> list[files.Row]:
    book = files.opened(file, old=True)
    if book is None and not csv_file.is_text(file.getvalue()):
        raise Refused("no_table")
    found: list[files.Row] = []
    for number, cells in book.rows(max(book.shown, key=book.height)) if book else csv_file.rows(file):
        if len(found) >= MOST_ROWS:
            raise Refused("too_many", str(MOST_ROWS))
        found.append((number, cells[:MOST_COLUMNS]))
    return found


def _head_at(rows: Sequence[files.Row]) -> int | None:
    """The row in which most columns have a name that is known; else the first of three words and more."""
    known = {word for words in FIELDS.values() for word in map(plain, words)}
    best, most = None, 1
    for place, (_number, cells) in enumerate(rows[:_HEAD_WITHIN]):
        count = len({plain(cell) for cell in cells if isinstance(cell, str)} & known)
        if count > most:
            best, most = place, count
    if best is not None:
        return best
    return next((place for place, (_number, cells) in enumerate(rows[:_HEAD_WITHIN])
                 if sum(1 for cell in cells if isinstance(cell, str) and re.search(r"[^\W\d]", cell)) >= 3), None)


def guess(head: Sequence[str]) -> dict[str, str]:
    """Our field to the name of a column, as far as words tell; each column once."""
    found: dict[str, str] = {}
    for name, words in FIELDS.items():
        for word in map(plain, words):
            column = next((one for one in head if plain(one) == word and one not in found.values()), None)
            if column is not None:
                found[name] = column
                break
    return found


# --- its lines -----------------------------------------------------------------------------------------------


def lines(table: Table, columns: Mapping[str, str], *, side: str, currency: str) -> Reading:
    """`columns`: our field to the name of the column. `side`: "cost" or "income" for rows that do not say it; '' where
    a column says it. `currency`: of rows without one. Rows that cannot be read are told; totals are passed over."""
    places = {name: table.head.index(column) for name, column in columns.items() if column in table.head}
    reading = Reading()
    written = Written(order=_order(_column(table, places.get("day"))),
                      decimal_sign=amounts.decimal_sign(_column(table, places.get("amount"))) or CENTS)
    for number, cells in table.rows:
        given = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            line = _line(number, given, cells, side, currency, written)
        except ValueError as problem:
            code, value = problem.args
            reading.problems.append((number, code, str(value)[:80]))
        else:
            reading.lines.append(line)
    return reading


def _column(table: Table, place: int | None) -> list[Any]:
    return [] if place is None else [cells[place] for _number, cells in table.rows if place < len(cells)]


def _order(cells: Iterable[Any]) -> str:
    """Reports of OCLC are American: days come first only where a row proves it, or where dots stand between."""
    cells = list(cells)
    dotted = any(re.match(r"\d{1,2}\.\d", cell) for cell in cells if isinstance(cell, str))
    return dates.DAY_FIRST if dotted else dates.order_of(cells) or dates.MONTH_FIRST


def _line(number: int, given: dict, cells: list, side: str, currency: str, how: Written) -> Line:
    written = _number(given.get("number"))
    if cells[0] == csv_file.TOO_LONG:
        raise ValueError("too_long", "")
    kind_words = plain(given.get("kind") or "")
    if any(plain(cell).startswith(_TOTALS) for cell in ([written] if written else cells)):
        raise ValueError("total", written)
    amount, named = signed(given.get("amount"), decimal_sign=how.decimal_sign)
    if not amount:
        raise ValueError("nothing", given.get("amount"))
    kind = _kind(kind_words, side, back=amount < 0)
    if not kind:
        raise ValueError("kind", given.get("kind"))
    if not written and kind not in ("fee", "fee_back"):
        raise ValueError("number", given.get("number"))
    code = str(given.get("currency") or named or currency).strip().upper()
    code = {"US$": "USD", "$": "USD", "€": "EUR", "IFM": currency}.get(code, code)
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError("currency", code)
    return Line(
        row=number, written=written[:60], day=day_of(given.get("day"), order=how.order), kind=kind,
        amount=abs(amount), currency=code, symbol=str(given.get("symbol") or "").strip().upper()[:30],
        name=str(given.get("name") or "").strip()[:200],
    )


def _number(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # spreadsheets make numbers of numbers
    return str(cell if cell is not None else "").strip()


_TOTALS = ("total", "grand total", "subtotal", "sub total", "sum ", "net ")
_BACK_WORDS = ("refund", "reversal", "reimburse", "reembolso")
_FEE_WORDS = ("fee", "administ", "service charge")


def _kind(words: str, side: str, *, back: bool) -> str:
    """ "IFM Lib-to-Lib Borrowing Debit" is what we pay, "IFM Lib-to-Lib Lending Credit" what we get; a Refund, or the
    other of debit and credit, comes back."""
    if any(word in words for word in _FEE_WORDS) and "fee management" not in words:
        return "fee_back" if back or any(word in words for word in _BACK_WORDS) else "fee"
    if "borrow" in words:
        side = "cost"
    elif "lend" in words:
        side = "income"
    elif not side:
        side = "cost" if "debit" in words else "income" if "credit" in words else ""
    if not side:
        return ""
    against = "credit" if side == "cost" else "debit"
    told = f" {words} "
    back_said = any(word in words for word in _BACK_WORDS) or (f" {against} " in told)
    back = back or back_said
    if side == "cost":
        return "debit_back" if back else "debit"
    return "credit_back" if back else "credit"


def signed(cell: Any, *, decimal_sign: str = CENTS) -> amounts.Amount:
    """As `amounts.read`; ValueError("amount", value) for what is no amount."""
    try:
        return amounts.read("" if cell is None else cell, decimal_sign=decimal_sign)
    except ValueError as failure:
        raise ValueError("amount", cell) from failure


def day_of(cell: Any, *, order: str = dates.MONTH_FIRST) -> date:
    """ValueError("day", value) for what is no day; years of another century are typing mistakes."""
    try:
        found = dates.read("" if cell is None else cell, order=order)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 1990 <= found.year <= 2100:
        raise ValueError("day", cell)
    return found
