"""The directory as CSV: which columns there are, and how files of spreadsheets are read. Pure.

One row a library. What it has several of stands in numbered columns (contact_1_name, contact_2_name …), as
many as the longest list needs, so that no order of rows matters. A cell that a spreadsheet would take for a
formula is written with an apostrophe before it, and read without.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LIBRARY = (
    "symbol", "name", "active", "agency_type", "agency_value", "email", "phone", "line1", "line2", "locality",
    "region", "postal_code", "country", "endpoint", "dialect", "secret_in_message", "allowed_addresses",
    "sends_patron_name", "answer_days_loan", "answer_days_copy", "calendar", "retry_keeps_id", "file_hosts", "note",
)
POLICY = (
    "takes_requests", "lends_books", "makes_copies", "loan_days", "renewals", "renewal_days", "due_means",
    "charge_loan", "charge_copy", "currency", "ships_by", "takes_vouchers", "takes_ifm",
    "royalty_included", "note",
)
ADDRESS = ("name", "line1", "line2", "locality", "region", "postal_code", "country")
ADDRESSES = ("shipping", "returns", "billing")
SEVERAL = {
    "agency": ("type", "value", "note"),
    "contact": ("kind", "name", "email", "phone", "note"),
    "suspension": ("from", "until", "reason"),
    "group": ("name", "kind"),
}
SINGLE = (
    *LIBRARY,
    *(f"{kind}_{name}" for kind in ADDRESSES for name in ADDRESS),
    *(f"policy_{name}" for name in POLICY),
)
MOST_ROWS = 20_000
_MOST_NUMBER = 99
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_DELIMITERS = (",", ";", "\t", "|")

# A library as the file has it: column → text, and for SEVERAL a list of tuples of texts.
Entry = dict[str, object]


class NotReadable(ValueError):
    """The file as a whole cannot be read; `code` names the reason, `about` what it is about."""

    def __init__(self, code: str, about: str = ""):
        super().__init__(f"{code} {about}".strip())
        self.code, self.about = code, about


@dataclass(frozen=True)
class Sheet:
    """`rows`: line number and entry; an entry holds only columns that the file has. `ignored`: columns unknown."""

    encoding: str
    delimiter: str
    rows: list[tuple[int, Entry]]
    ignored: list[str]


def write(entries: Iterable[Entry]) -> Iterator[str]:
    """The lines of the file. Every numbered group has at least its first columns, as a form to fill in."""
    entries = list(entries)
    most = {
        name: max([1, *(len(entry.get(name, ())) for entry in entries)])  # type: ignore[arg-type]
        for name in SEVERAL
    }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    numbered = [
        (name, place, part) for name, parts in SEVERAL.items() for place in range(most[name]) for part in parts
    ]
    writer.writerow([*SINGLE, *(f"{name}_{place + 1}_{part}" for name, place, part in numbered)])
    yield _taken(out)
    for entry in entries:
        cells = [str(entry.get(column, "")) for column in SINGLE]
        for name, place, part in numbered:
            values: list = list(entry.get(name, ()))  # type: ignore[call-overload]
            cells.append(values[place][SEVERAL[name].index(part)] if place < len(values) else "")
        writer.writerow([_guarded(cell) for cell in cells])
        yield _taken(out)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    cell = cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA and len(cell) > 1 else cell
    return tidy(cell)


def tidy(text: str) -> str:
    """As a form would keep it: one kind of line end, nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def read(data: bytes) -> Sheet:
    """Reads UTF-8, UTF-16 and Windows-1252, with commas, semicolons, tabs or bars. Raises NotReadable."""
    text, encoding = _decoded(data)
    text, delimiter = _said_delimiter(text)
    if not text.strip():
        raise NotReadable("empty")
    if not delimiter:
        delimiter = _delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next((row for row in reader if any(cell.strip() for cell in row)), [])
        columns = [cell.strip().strip("\ufeff").lower() for cell in header]
        if "symbol" not in columns:
            raise NotReadable("no_symbol", ", ".join(column for column in columns if column)[:200])
        known, ignored = _columns(columns)
        rows: list[tuple[int, Entry]] = []
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                rows.append((line, _entry(known, cells)))
            if len(rows) > MOST_ROWS:
                raise NotReadable("too_many", str(MOST_ROWS))
    except csv.Error as failure:
        raise NotReadable("broken", f"{reader.line_num}: {failure}") from failure
    return Sheet(encoding, delimiter, rows, ignored)


def _decoded(data: bytes) -> tuple[str, str]:
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encoding = next((name for mark, name in marks if data.startswith(mark)), "")
    if not encoding and data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif not encoding and data[:1] == b"\0":
        encoding = "utf-16-be"
    for name in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    raise NotReadable("encoding", encoding or "UTF-8, Windows-1252")


def _said_delimiter(text: str) -> tuple[str, str]:
    """Excel writes 'sep=;' before the header, and reads it."""
    first, end, rest = text.partition("\n")
    said = first.strip("\ufeff\r \"")
    if said.lower().startswith("sep=") and len(said) == 5:
        return rest if end else "", said[4]
    if said.lower() == "sep=":  # a tab, stripped
        return rest, "\t"
    return text, ""


def _delimiter_of(text: str) -> str:
    """The one by which the first line has most columns that we know."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> int:
        return sum(cell.strip("\ufeff\" ").lower() in SINGLE for cell in first.split(delimiter))

    return max(_DELIMITERS, key=known)


def _columns(columns: list[str]) -> tuple[list[tuple[int, str, int, int]], list[str]]:
    """For each column that we know its index, name, number and part (for single ones 0, 0)."""
    known, ignored, seen = [], [], set()
    for index, column in enumerate(columns):
        if not column:
            continue
        if column in seen:
            raise NotReadable("twice", column[:80])
        seen.add(column)
        name, _sep, rest = column.partition("_")
        number, _sep, part = rest.partition("_")
        if column in SINGLE:
            known.append((index, column, 0, 0))
        elif (
            name in SEVERAL and part in SEVERAL[name] and number.isascii() and number.isdecimal()
            and 1 <= int(number) <= _MOST_NUMBER
        ):
            known.append((index, name, int(number), SEVERAL[name].index(part)))
        else:
            ignored.append(column[:80])
    return known, ignored


def _entry(known: list[tuple[int, str, int, int]], cells: list[str]) -> Entry:
    entry: Entry = {}
    lists: dict[str, dict[int, list[str]]] = {}
    for index, name, number, part in known:
        cell = _plain(cells[index]) if index < len(cells) else ""
        if number:
            lists.setdefault(name, {}).setdefault(number, [""] * len(SEVERAL[name]))[part] = cell
        else:
            entry[name] = cell
    for name, found in lists.items():
        entry[name] = [tuple(found[number]) for number in sorted(found) if any(found[number])]
    return entry
