"""A report of a network as rows of cells, and its cells as lines. Pure: no database, no clock.

No list of the columns of OCLC's reports is public, so they are found by their names: the words people use are known
here, everything else is mapped once by a person. Files come as CSV, TSV (any delimiter, UTF-8, UTF-16, Windows-1252)
or as workbooks (XLSX, XLS, ODS).
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from illdesk import money

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 100
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


class NotReadable(ValueError):
    """`code`: of words.REFUSALS."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


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


@dataclass
class Reading:
    """`problems`: (row, code of words.PROBLEMS, value) of rows that were left out."""

    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[int, str, str]] = field(default_factory=list)


def plain(name: Any) -> str:
    return " ".join(re.sub(r"[_\W]+", " ", str(name).casefold().replace("#", " number ")).split())


# --- the file ------------------------------------------------------------------------------------------------


def read(data: bytes) -> Table:
    """Raises NotReadable."""
    if len(data) > MOST_BYTES:
        raise NotReadable("large")
    if not data.strip():
        raise NotReadable("empty")
    rows = list(_workbook(data) if _is_workbook(data) else _text(data))
    place = _head_at(rows)
    if place is None:
        raise NotReadable("no_head")
    head = [str(cell).strip()[:100] for cell in rows[place][1]][:MOST_COLUMNS]
    while head and not head[-1]:
        head.pop()
    return Table(head, [row for row in rows[place + 1:] if any(_said(cell) for cell in row[1])])


def _is_workbook(data: bytes) -> bool:
    return data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _workbook(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    """The visible sheet with the most rows; what a formula came to stands in the file."""
    import python_calamine as calamine

    _no_macros(data)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        seen = [one.name for one in book.sheets_metadata if one.visible == calamine.SheetVisibleEnum.Visible]
        sheets = [book.get_sheet_by_name(name) for name in seen or book.sheet_names]
        sheet = max(sheets, key=lambda one: one.total_height)
        if sheet.total_height > MOST_ROWS:
            raise NotReadable("large")
        for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            yield number, row[:MOST_COLUMNS]
    except (calamine.CalamineError, ValueError, OSError) as failure:
        if isinstance(failure, NotReadable):
            raise
        raise NotReadable("broken") from failure


def _no_macros(data: bytes) -> None:
    if data[:4] != b"PK\x03\x04":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(name.lower().endswith("vbaproject.bin") for name in archive.namelist()):
                raise NotReadable("macros")
            if sum(entry.file_size for entry in archive.infolist()) > 10 * MOST_BYTES:
                raise NotReadable("large")  # a few kilobytes may claim gigabytes
    except zipfile.BadZipFile as failure:
        raise NotReadable("broken") from failure


def _text(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    text = _decoded(data)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    try:
        for number, row in enumerate(reader, start=1):
            if number > MOST_ROWS:
                raise NotReadable("large")
            yield number, row[:MOST_COLUMNS]
    except csv.Error as failure:
        raise NotReadable("broken") from failure


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if data[1:2] == b"\0":  # UTF-16 without its mark, as some programs write it
        return data.decode("utf-16-le", "replace")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise NotReadable("broken")
    return text


def _delimiter(text: str) -> str:
    """Which stands equally often in the most of the first lines; quoted text does not count."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:50] if line.strip()]
    return max("\t;,|", key=lambda sign: (sum(1 for line in lines if line.count(sign) >= 2),
                                          sum(line.count(sign) for line in lines)))


def _said(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _head_at(rows: Sequence[tuple[int, list[Any]]]) -> int | None:
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
    order = _day_first(row[places["day"]] for _number, row in table.rows if places.get("day", 999) < len(row))
    for number, cells in table.rows:
        given = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            line = _line(number, given, cells, side, currency, order)
        except ValueError as problem:
            code, value = problem.args
            reading.problems.append((number, code, str(value)[:80]))
        else:
            reading.lines.append(line)
    return reading


def _line(number: int, given: dict, cells: list, side: str, currency: str, day_first: bool) -> Line:
    written = _number(given.get("number"))
    kind_words = plain(given.get("kind") or "")
    if any(plain(cell).startswith(_TOTALS) for cell in ([written] if written else cells)):
        raise ValueError("total", written)
    amount = signed(given.get("amount"))
    if not amount:
        raise ValueError("nothing", given.get("amount"))
    kind = _kind(kind_words, side, back=amount < 0)
    if not kind:
        raise ValueError("kind", given.get("kind"))
    if not written and kind not in ("fee", "fee_back"):
        raise ValueError("number", given.get("number"))
    code = str(given.get("currency") or currency).strip().upper()
    code = {"US$": "USD", "$": "USD", "€": "EUR", "IFM": currency}.get(code, code)
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError("currency", code)
    return Line(
        row=number, written=written[:60], day=day_of(given.get("day"), day_first=day_first), kind=kind,
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


def signed(cell: Any) -> Decimal:
    """ "(12.50)", "12.50-", "-12,50", "USD 12.50", 12.5. ValueError("amount", value) for what is no amount."""
    if isinstance(cell, bool) or cell is None:
        raise ValueError("amount", cell)
    if isinstance(cell, (int, float)):
        amount = Decimal(str(cell)).quantize(Decimal("0.0001"))
        if amount != amount.quantize(money.CENT) or abs(amount) > money.MOST:
            raise ValueError("amount", cell)
        return amount.quantize(money.CENT)
    text = str(cell).strip().replace("\u2212", "-").replace("\u00a0", " ")
    inside = re.fullmatch(r"\((.*)\)", text) or re.fullmatch(r"([^\d(]*)\((.*)\)", text)
    minus = bool(inside) or "-" in text or text.upper().endswith("CR")
    bare = re.sub(r"[()\-]|CR$", "", text, flags=re.IGNORECASE)
    try:
        amount = money.amount_of(bare)
    except ValueError as failure:
        raise ValueError("amount", text) from failure
    return -amount if minus else amount


_MONTHS = {name: number for number, names in enumerate((
    ("jan", "ene"), ("feb",), ("mar",), ("apr", "abr"), ("may",), ("jun",), ("jul",), ("aug", "ago"), ("sep",),
    ("oct",), ("nov",), ("dec", "dic")), start=1) for name in names}
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:\D.*)?")


def _day_first(cells: Iterator[Any]) -> bool:
    """Written with a month after the day? Only where a row proves it; reports of OCLC are American."""
    for cell in cells:
        found = _SLASHED.fullmatch(str(cell).strip())
        if found and (int(found[1]) > 12 or "." in str(cell)[:5]):
            return True
    return False


def day_of(cell: Any, *, day_first: bool = False) -> date:
    """ValueError("day", value) for what is no day."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell or "").strip()
    try:
        if found := re.match(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)", text):
            return _within(int(found[1]), int(found[2]), int(found[3]))
        if found := _SLASHED.fullmatch(text):
            one, two, year = int(found[1]), int(found[2]), int(found[3])
            year += 2000 if year < 100 else 0
            return _within(year, two, one) if day_first else _within(year, one, two)
        if found := re.fullmatch(r"(\d{1,2})[\s-]+([^\W\d]{3})[^\W\d]*\.?,?[\s-]+(\d{4})", text):
            return _within(int(found[3]), _MONTHS[found[2].lower()], int(found[1]))
        if found := re.fullmatch(r"([^\W\d]{3})[^\W\d]*\.?\s+(\d{1,2}),?\s+(\d{4})", text):
            return _within(int(found[3]), _MONTHS[found[1].lower()], int(found[2]))
    except (ValueError, KeyError):
        pass
    raise ValueError("day", text)


def _within(year: int, month: int, day: int) -> date:
    """Years of another century are typing mistakes."""
    if not 1990 <= year <= 2100:
        raise ValueError(year)
    return date(year, month, day)
