"""A file of subscriptions, row by row: which column is which by its name, what it says, what of it cannot be read.
Pure. CSV with any delimiter and encoding, TSV, XLSX; names of columns in English or Spanish, as systems export them.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from requests_app.copyright.subscriptions import xlsx
from requests_app.verification import coverage, kbart_lines
from requests_app.verification.kbart_values import normal_identifier, partial_date, title_key

MOST_ROWS = 20_000
_DELIMITERS = (",", ";", "\t", "|")
_COLUMNS = {
    "name": "title|publication title|journal title|journal|name|titulo|titulo de la publicacion|titulo de la revista|"
            "revista|nombre",
    "numbers": "issn|print issn|p issn|pissn|issn print|e issn|eissn|online issn|electronic issn|issn online|issn l|"
               "issnl|linking issn|isbn|isbn 13|isbn13|print isbn|e isbn|eisbn|print identifier|online identifier|"
               "issn impreso|issn electronico|issn en linea|issn de enlace|identifier|identifiers|numbers|numeros",
    "oclc": "oclc|oclc number|oclc no|ocn|numero oclc",
    "kind": "type|kind|publication type|material type|tipo|tipo de material|tipo de publicacion",
    "form": "form|format|medium|formato|soporte|medio",
    "ordered": "ordered|ordered on|order date|date ordered|order entered on|po date|fecha de pedido|pedido|pedido el",
    "begins": "begins|begin date|start date|start|subscription start|subscription start date|valid from|from|"
              "in force since|since|received|date received|fecha de inicio|inicio|desde|vigente desde|alta|"
              "fecha de alta",
    "ends": "ends|ends on|end date|end|subscription end|subscription end date|valid to|valid until|until|expires|"
            "expiry|expiry date|expiration date|cancelled|cancelled on|canceled on|cancellation date|fecha de fin|"
            "fin|hasta|vigente hasta|baja|fecha de baja|fecha de cancelacion|vencimiento",
    "covers_from": "covers from|coverage start|coverage from|date first issue online|holdings start|holdings from|"
                   "cobertura desde|inicio de cobertura|fondos desde",
    "covers_to": "covers to|covers up to|coverage end|coverage to|date last issue online|holdings end|holdings to|"
                 "cobertura hasta|fin de cobertura|fondos hasta",
    "embargo": "embargo|embargo info",
    "supplier": "supplier|vendor|provider|agent|publisher name|proveedor|agente",
    "note": "note|notes|remark|remarks|nota|notas|observaciones",
}
_FIELD = {name: known for known, names in _COLUMNS.items() for name in names.split("|")}
_WORKS = (
    "book", "books", "monograph", "monographs", "work", "ebook", "e book", "libro", "libros", "monografia", "obra",
)
_FORMS = {
    "print": ("print", "p", "paper", "impreso", "impresa", "papel"),
    "online": ("online", "electronic", "e", "en linea", "electronico", "electronica", "digital"),
    "both": ("both", "print and online", "print online", "p e", "combination", "ambos", "impreso y en linea",
             "impreso y electronico"),
}
_TWO_WAYS = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$")


class NotReadable(ValueError):
    """The file as a whole; `code`: a key of `subscriptions.REFUSALS`."""

    def __init__(self, code: str, about: str = ""):
        super().__init__(f"{code} {about}".strip())
        self.code, self.about = code, about


@dataclass(frozen=True)
class Row:
    """`keys`: numbers as `CopyrightNumber.key`. Other fields as those of `models.Subscription`."""

    line: int
    kind: str
    name: str
    keys: tuple[str, ...] = ()
    form: str = "print"
    ordered: date | None = None
    begins: date | None = None
    ends: date | None = None
    covers_from: str = ""
    covers_to: str = ""
    embargo: str = ""
    supplier: str = ""
    note: str = ""


@dataclass
class Sheet:
    """`problems`: (line, code of `subscriptions.REASONS`, value); `rejected`: rows that are left out for them."""

    rows: list[Row] = field(default_factory=list)
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    rejected: int = 0
    columns: dict[str, list[str]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


def read(data: bytes) -> Sheet:
    """Raises NotReadable."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise NotReadable("old_excel")
    sheet = Sheet()
    try:
        lines = xlsx.rows(data) if data[:2] == b"PK" else _cells(data)
        head = next(lines, None)
        if head is None:
            raise NotReadable("empty")
        columns = _columns(sheet, head[1])
        for line, cells in lines:
            if len(sheet.rows) + sheet.rejected >= MOST_ROWS:
                raise NotReadable("too_many", f"{MOST_ROWS}")
            _row(sheet, line, columns, cells)
    except xlsx.NotReadable as why:
        raise NotReadable("broken", str(why)) from why
    return sheet


def _cells(data: bytes) -> Iterator[tuple[int, list[str]]]:
    lines, _encoding = kbart_lines.open_lines(io.BytesIO(data))
    head = next(((number, text) for number, text in lines if text and text.strip()), None)
    if head is None:
        return
    number, text = head
    # By the delimiter with which most columns are known.
    delimiter = max(_DELIMITERS, key=lambda one: sum(_known(cell) != "" for cell in (text or "").split(one)))
    lines.give_back([head])
    width = len((text or "").split(delimiter))
    for number, cells, _text in kbart_lines.cells(lines, delimiter, width):
        if cells is not None and any(cell.strip() for cell in cells):
            yield number, [_plain(cell) for cell in cells]


def _plain(cell: str) -> str:
    """An apostrophe keeps a spreadsheet from taking a text for a formula."""
    cell = cell.strip().strip("\ufeff")
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _known(header: str) -> str:
    return _FIELD.get(title_key(header.strip().strip("\ufeff\"'")), "")


def _columns(sheet: Sheet, head: list[str]) -> list[tuple[int, str]]:
    found = []
    for place, header in enumerate(head):
        known = _known(header)
        if not known:
            if header.strip():
                sheet.ignored.append(header.strip()[:80])
        elif known in ("numbers", "oclc") or known not in sheet.columns:
            sheet.columns.setdefault(known, []).append(header.strip()[:80])
            found.append((place, known))
        else:
            sheet.ignored.append(header.strip()[:80])
    if "name" not in sheet.columns:
        raise NotReadable("no_title", ", ".join(cell.strip() for cell in head if cell.strip())[:200])
    return found


def _row(sheet: Sheet, line: int, columns: list[tuple[int, str]], cells: list[str]) -> None:
    values: dict[str, str] = {}
    numbers: list[str] = []
    for place, known in columns:
        text = cells[place].strip() if place < len(cells) else ""
        if known == "oclc":
            numbers += [f"oclc {text}"] if text.isdigit() else [text] if text else []
        elif known == "numbers":
            numbers += [part for part in re.split(r"[;,|]|\s{2,}|\n", text) if part.strip()]
        else:
            values[known] = text
    wrong: list[tuple[str, str]] = []
    days = {name: _day(values.get(name, ""), wrong, last=name != "begins") for name in ("ordered", "begins", "ends")}
    spans = {name: _covered(values.get(name, ""), wrong) for name in ("covers_from", "covers_to")}
    if days["begins"] and days["ends"] and days["ends"] < days["begins"]:
        wrong.append(("order", f"{days['begins']} – {days['ends']}"))
    if backwards(spans["covers_from"], spans["covers_to"]):
        wrong.append(("covers_order", f"{spans['covers_from']} – {spans['covers_to']}"))
    if not values.get("name"):
        wrong.append(("no_title", ""))
    if wrong:
        sheet.rejected += 1
        sheet.problems += [(line, code, about[:100]) for code, about in wrong]
        return
    keys = tuple(dict.fromkeys(key for text in numbers if (key := key_of(text))))
    sheet.problems += [(line, "number", text.strip()[:100]) for text in numbers if not key_of(text)]
    if not keys:
        sheet.problems.append((line, "no_number", values["name"][:100]))
    embargo = values.get("embargo", "")[:40]
    if coverage.embargoes(embargo) is None:
        sheet.problems.append((line, "embargo", embargo))
    said = title_key(values.get("kind", ""))
    work = said in _WORKS if said else bool(keys) and not any(key.startswith("issn:") for key in keys)
    sheet.rows.append(Row(
        line=line, kind="work" if work else "periodical", name=values["name"][:500], keys=keys,
        form=_form(values.get("form", "")), embargo=embargo, supplier=values.get("supplier", "")[:200],
        note=values.get("note", "")[:500], ordered=days["ordered"], begins=days["begins"], ends=days["ends"],
        covers_from=spans["covers_from"], covers_to=spans["covers_to"],
    ))


def key_of(text: str) -> str:
    """"issn:…", "isbn:…" or "oclc:…"; '' for what is none or has a wrong check digit."""
    number = normal_identifier(text)
    if number:
        return f"{'issn' if len(number) == 9 else 'isbn'}:{number}"
    said = re.fullmatch(r"\s*(?:\(OCoLC\)|oclc|ocm|ocn|on)[\s:#]*0*(\d{1,14})\s*", text, re.IGNORECASE)
    return f"oclc:{said[1]}" if said else ""


def _day(text: str, wrong: list[tuple[str, str]], *, last: bool) -> date | None:
    """Of a year or a month its first day, or its `last`: an order of 2026 exempts nothing before its end."""
    if not text:
        return None
    if re.fullmatch(r"[1-9]\d{4}", text):  # as a workbook counts days
        return date(1899, 12, 30) + timedelta(days=int(text))
    said = partial_date(text)
    both = _TWO_WAYS.match(text)
    if said is None or (both and len(said) == 4):
        wrong.append(("date", text))
        return None
    span = coverage.span_of(said)
    return span[1 if last else 0] if span else None


def _covered(text: str, wrong: list[tuple[str, str]]) -> str:
    said = partial_date(text)
    if said is None:
        wrong.append(("covers", text))
    return said or ""


def backwards(first: str, last: str) -> bool:
    """Does what these partial dates cover end before it begins?"""
    begins, ends = coverage.span_of(first), coverage.span_of(last)
    return begins is not None and ends is not None and ends[1] < begins[0]


def _form(text: str) -> str:
    said = title_key(text.replace("+", " "))
    return next((form for form, names in _FORMS.items() if said in names), "print")


def is_head(cells: list[str]) -> bool:
    """Do these name columns, one of them the numbers?"""
    return any(_known(cell) in ("numbers", "oclc") for cell in cells)


def names() -> list[tuple[str, str]]:
    """Each field with the names of columns that are taken for it."""
    return [(known, ", ".join(said.split("|"))) for known, said in _COLUMNS.items()]
