"""A file of invoice lines: looked at first (which sheet, head and columns), then read row by row. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from billing.payables.readers import columns
from billing.tables import amounts, dates, files, names
from billing.tables.csv_file import TOO_LONG
from billing.tables.refused import Refused

HEAD_WITHIN = 40  # rows above the head: an address, a logo's name, "Invoice 88213"
SAMPLE = 3000  # rows by which signs of cents and the order of dates are found
MOST_ROWS = 500_000


@dataclass(frozen=True)
class Layout:
    """How a file is read. `mapping`: field of `columns.FIELDS` -> place of its column. `order`: of its dates, ""
    where nothing tells; `decimal_sign`: as in `amounts.read`; `currency`: where the head names it."""

    sheet: str
    head_line: int
    head: tuple[str, ...]
    mapping: dict[str, int]
    order: str = ""
    decimal_sign: str = ""
    currency: str = ""

    @property
    def signature(self) -> str:
        return columns.signature(self.head)


@dataclass(frozen=True)
class Written:
    """A line as it was written. `amount`: below nothing for a credit; `currency` "" where it says none."""

    line: int
    amount: Decimal
    number: str = ""
    theirs: str = ""
    external: str = ""
    title: str = ""
    dated: date | None = None
    what: str = "charge"
    currency: str = ""
    invoice: str = ""


@dataclass(frozen=True)
class Problem:
    """A row, or what of it, that cannot be read. `left_out`: the whole row. `code`: of `payables.words.PROBLEMS`."""

    line: int
    code: str
    value: str
    left_out: bool = True


@dataclass(frozen=True)
class Total:
    """A row that adds up the lines above it: checked against them, never a line itself."""

    line: int
    amount: Decimal
    words: str


@dataclass
class Looked:
    """What a first look found. `sheets`: those that can be chosen; `hidden`: ignored, and told."""

    layout: Layout
    sheets: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    first: list[list[str]] = field(default_factory=list)


@dataclass
class Counted:
    """A whole file, read through once. `invoices`: number -> lines; `totals`: (line, says, comes to)."""

    lines: int = 0
    amount: Decimal = Decimal(0)
    left_out: int = 0
    problems: list[Problem] = field(default_factory=list)
    totals: list[tuple[int, Decimal, Decimal]] = field(default_factory=list)
    invoices: dict[str, int] = field(default_factory=dict)
    currencies: set[str] = field(default_factory=set)
    first: list[Written] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)

    @property
    def wrong_totals(self) -> list[tuple[int, Decimal, Decimal]]:
        return [one for one in self.totals if one[1] != one[2]]


def look(file: BinaryIO, *, sheet: str = "", known: dict[str, dict[str, Any]] | None = None) -> Looked:
    """`known`: what was chosen for a layout before, by its signature: {"mapping": …, "order": …}. Raises Refused."""
    book = files.opened(file)
    shown, hidden = (book.shown, book.hidden) if book else ((), ())
    best: tuple[int, Looked | None] = (-1, None)
    for name in ([sheet] if sheet in shown else shown or [""]):
        rows = list(islice(book.rows(name) if book else files.rows(file), SAMPLE))
        score, looked = _look_at(rows, name, known or {})
        if score > best[0]:
            best = score, looked
    assert best[1] is not None
    best[1].sheets, best[1].hidden = shown, hidden
    return best[1]


def _look_at(rows: list[files.Row], sheet: str, known: dict[str, dict[str, Any]]) -> tuple[int, Looked]:
    """The head is the row that names most columns, or one that was told of before; else the first of several cells."""
    if not rows:
        return 0, Looked(Layout(sheet, 0, (), {}))
    place, score = 0, 0
    for at, (_line, cells) in enumerate(rows[:HEAD_WITHIN]):
        said = 100 if columns.signature(cells) in known else columns.score(cells)
        if said > score:
            place, score = at, said
    if not score:
        place = next((at for at, (_line, cells) in enumerate(rows[:HEAD_WITHIN])
                      if sum(cell != "" for cell in cells) > 1), 0)
    line, head = rows[place]
    if score and place + 1 < len(rows) and _goes_on(head, rows[place + 1][1]):
        place += 1
        line = rows[place][0]
        head = _merged(head, rows[place][1])
    elif place and score:
        head = _merged(rows[place - 1][1], head)
    told = known.get(columns.signature(head), {})
    mapping = {field: at for field, at in (told.get("mapping") or columns.mapping(head)).items()
               if isinstance(at, int) and 0 <= at < 200}
    below = [cells for _line, cells in rows[place + 1:]]
    layout = Layout(
        sheet=sheet, head_line=line, head=tuple(str(cell) for cell in head), mapping=mapping,
        order=told.get("order") or dates.order_of(_column(below, mapping.get("dated"))),
        decimal_sign=amounts.decimal_sign(_column(below, mapping.get("amount"))),
        currency=columns.currency_in(head[mapping["amount"]]) if mapping.get("amount", 999) < len(head) else "",
    )
    used = set(mapping.values())
    ignored = tuple(str(cell)[:60] for at, cell in enumerate(head) if cell != "" and at not in used)
    return score, Looked(layout, ignored=ignored, first=[[_text(cell) for cell in cells] for cells in below[:5]])


def _goes_on(head: list[Any], below: list[Any]) -> bool:
    """Is the row below a second one of the head? Words only, none under the amount, one of them a column's name."""
    said = [cell for cell in below if cell != ""]
    amount = columns.mapping(head).get("amount", 0)
    return bool(said) and all(isinstance(cell, str) for cell in said) and (
        amount >= len(below) or below[amount] == "") and any(columns.field_of(cell) for cell in said)


def _merged(above: list[Any], head: list[Any]) -> list[Any]:
    """A head of two rows: where the lower one is empty, a cell merged over both stands in the upper one."""
    both = [*head, *[""] * (len(above) - len(head))]
    return [above[at] if cell == "" and at < len(above) and columns.field_of(above[at]) else cell
            for at, cell in enumerate(both)]


def _column(rows: list[list[Any]], at: int | None) -> list[Any]:
    return [] if at is None else [row[at] for row in rows if at < len(row)]


def _text(cell: Any) -> str:
    if cell == "":
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).replace("\x00", "").split())


# --- row by row ----------------------------------------------------------------------------------------------


def read(file: BinaryIO, layout: Layout, *, since: int = 0) -> Iterator[Written | Problem | Total]:
    """In the file's order; of one row first its lesser problems, then the row itself. `since`: rows before this one
    are passed over unread. Raises Refused."""
    amount_at = layout.mapping.get("amount")
    if amount_at is None:
        raise Refused("no_amount")
    signature = layout.signature
    for count, (line, cells) in enumerate(files.rows(file, layout.sheet, since=since)):
        if count > MOST_ROWS:
            raise Refused("too_many", str(MOST_ROWS))
        if line <= layout.head_line:
            continue
        if cells[0] == TOO_LONG:
            yield Problem(line, "too_long", "")
        elif str(cells[0]) == layout.head[0] and columns.signature(cells) == signature:
            continue  # the head again, on each printed page
        else:
            yield from _row(line, cells, layout, amount_at)


_TEXTS = {"number": 60, "theirs": 60, "external": 60, "title": 300, "invoice": 60}  # so long at most


def _row(line: int, cells: list[Any], layout: Layout, amount_at: int) -> Iterator[Written | Problem | Total]:
    said = cells[amount_at] if amount_at < len(cells) else ""
    total = names.is_total(cells, amount_at)
    if said == "":
        if total:
            amount = next((found for cell in reversed(cells) if (found := _maybe(cell, layout)) is not None), None)
            if amount is not None:
                yield Total(line, amount.value, _words(cells))
            return
        yield Problem(line, "no_amount" if sum(cell != "" for cell in cells) > 1 else "words", _words(cells))
        return
    amount = _maybe(said, layout)
    if amount is None:
        yield Problem(line, "amount", _text(said)[:100])
        return
    if total:
        yield Total(line, amount.value, _words(cells))
        return
    if not amount.value:
        yield Problem(line, "nothing", _words(cells))
        return
    dated, wrong = _day(cells, layout)
    if wrong:
        yield Problem(line, wrong, _text(_at(cells, layout, "dated"))[:100], left_out=False)
    yield Written(
        line=line, amount=amount.value, dated=dated,
        currency=(_text(_at(cells, layout, "currency")).upper() or amount.currency or layout.currency)[:3],
        what=what_of(_text(_at(cells, layout, "what")), amount.value),
        **{name: _text(cells[at])[:_TEXTS[name]] for name, at in layout.mapping.items()
           if name in _TEXTS and at < len(cells)},
    )


def _at(cells: list[Any], layout: Layout, name: str) -> Any:
    at = layout.mapping.get(name)
    return cells[at] if at is not None and at < len(cells) else ""


def _maybe(cell: Any, layout: Layout) -> amounts.Amount | None:
    try:
        return amounts.read(cell, decimal_sign=layout.decimal_sign) if cell != "" else None
    except ValueError:
        return None


def _day(cells: list[Any], layout: Layout) -> tuple[date | None, str]:
    try:
        return dates.read(_at(cells, layout, "dated"), order=layout.order), ""
    except dates.Ambiguous:
        return None, "ambiguous"
    except (ValueError, OverflowError):
        return None, "date"


def _words(cells: list[Any]) -> str:
    return " · ".join(_text(cell) for cell in cells if cell != "")[:100]


_WHATS = {
    "lost": ("lost", "replacement", "perdido", "perdida", "reposicion", "verlust", "verloren", "perdu"),
    "damaged": ("damage", "damaged", "danado", "beschadigt", "schaden", "endommage"),
    "refund": ("refund", "reembolso", "ruckerstattung", "remboursement"),
    "credit": ("credit", "credito", "gutschrift", "avoir"),
    "fee": ("fee", "handling fee", "bank fee", "comision", "gebuhr"),
}


def what_of(words: str, amount: Decimal) -> str:
    """As the type says it; below nothing it is a credit."""
    if not words:
        return "credit" if amount < 0 else "charge"
    said = names.plain(words)
    found = next((what for what, names in _WHATS.items() if said in names or set(said.split()) & set(names)), "charge")
    return "credit" if amount < 0 and found not in ("refund", "credit") else found


def count(file: BinaryIO, layout: Layout, *, problems: int = 5000, first: int = 20, mark: int = 5000) -> Counted:
    """Read through once. A total is the sum of all lines above it, or (a subtotal) of those since the last total.
    `mark`: the row of the first line and of each so many more is noted, so that slices find their beginning."""
    found, since = Counted(), Decimal(0)
    for one in read(file, layout):
        if isinstance(one, Problem):
            found.left_out += one.left_out and one.code != "words"
            if len(found.problems) < problems:
                found.problems.append(one)
        elif isinstance(one, Total):
            comes_to = found.amount if one.amount == found.amount or one.amount != since else since
            found.totals.append((one.line, one.amount, comes_to))
            since = Decimal(0)
        else:
            if found.lines % mark == 0:
                found.marks.append(one.line)
            found.lines += 1
            found.amount += one.amount
            since += one.amount
            found.invoices[one.invoice] = found.invoices.get(one.invoice, 0) + 1
            found.currencies.add(one.currency)
            if len(found.first) < first:
                found.first.append(one)
    return found
