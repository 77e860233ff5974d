"""The file of charges, and the file of acknowledgements that comes back. Pure: bytes in and out.

Written: UTF-8 with byte order mark, commas, one line a charge or change. Read: UTF-8, UTF-16 or Latin 1; comma,
semicolon or tab; columns by name in any order: number, state, reference, paid, open, words.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

HEAD = ("number", "action", "card", "amount", "currency", "kind", "day", "request")
CHARGE, TAKE_OFF, DISPUTE, RESTORE = "charge", "take_off", "dispute", "restore"
ACCEPTED, REFUSED, PAID, CANCELLED = "accepted", "refused", "paid", "cancelled"
STATES = (ACCEPTED, REFUSED, PAID, CANCELLED)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_LINES = 100_000


@dataclass(frozen=True)
class Line:
    number: str
    action: str
    card: str
    amount: Decimal | None
    currency: str
    kind: str
    day: date
    request: str = ""


@dataclass(frozen=True)
class Said:
    """A line of the other side. `paid`: in all so far; `open`: what is still to be collected there."""

    line: int
    number: str
    state: str
    reference: str = ""
    paid: Decimal | None = None
    open: Decimal | None = None
    words: str = ""


@dataclass(frozen=True)
class Problem:
    """`why`: a code (number, state, amount)."""

    line: int
    why: str
    text: str


class NotReadable(ValueError):
    """The file as a whole is none: `why` is a code (table, columns, lines)."""


def write(lines: Iterable[Line]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for one in lines:
        writer.writerow([_cell(one.number), one.action, _cell(one.card),
                         "" if one.amount is None else f"{one.amount:.2f}", one.currency, one.kind,
                         one.day.isoformat(), _cell(one.request)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(text: str) -> str:
    """A card number comes from elsewhere, and a spreadsheet would run it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def read(content: bytes) -> tuple[list[Said], list[Problem]]:
    text = _text(content)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    if "\0" in text:
        raise NotReadable("table")  # an image, a workbook
    try:
        table = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as failure:
        raise NotReadable("table") from failure
    if not table:
        raise NotReadable("columns")
    if len(table) > MOST_LINES:
        raise NotReadable("lines")
    names = [name.strip().lower() for name in table[0]]
    if "number" not in names or "state" not in names:
        raise NotReadable("columns")
    said: list[Said] = []
    problems: list[Problem] = []
    for line, row in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        _one(line, dict(zip(names, row, strict=False)), said, problems)
    return said, problems


def _one(line: int, cells: dict[str, str], said: list[Said], problems: list[Problem]) -> None:
    number, state = cells.get("number", "").strip().lstrip("'"), cells.get("state", "").strip().lower()
    if not number:
        problems.append(Problem(line, "number", ""))
    elif state not in STATES:
        problems.append(Problem(line, "state", state[:40]))
    else:
        try:
            paid, left = _money(cells.get("paid", "")), _money(cells.get("open", ""))
        except ValueError as failure:
            problems.append(Problem(line, "amount", str(failure)[:40]))
            return
        said.append(Said(line, number[:30], state, cells.get("reference", "").strip()[:100], paid, left,
                         cells.get("words", "").strip()[:200]))


def _money(text: str) -> Decimal | None:
    """ "12.50" or "12,50"; a thousands' sign is refused rather than guessed. None for an empty cell."""
    bare = text.strip()
    if not bare:
        return None
    if bare.count(",") + bare.count(".") > 1:
        raise ValueError(text)
    try:
        amount = Decimal(bare.replace(",", "."))
    except InvalidOperation as failure:
        raise ValueError(text) from failure
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")) or amount > 10**9:
        raise ValueError(text)
    return amount.quantize(Decimal("0.01"))


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def by_number(said: Sequence[Said]) -> dict[str, Said]:
    """The last line of a number counts."""
    return {one.number: one for one in said}


class FileSystem:
    """The same verbs, where all goes into files: nothing is asked while somebody waits."""

    by_file = True

    def push(self, charge):
        raise NotImplementedError("it goes into the next file")

    def find(self, charge):
        return None

    def take_off(self, known, amount, *, left, paid):
        raise NotImplementedError("it goes into the next file")

    def dispute(self, known):
        raise NotImplementedError("it goes into the next file")

    def restore(self, known):
        raise NotImplementedError("it goes into the next file")

    def state(self, known):
        return []

    def test(self) -> str:
        return ""
