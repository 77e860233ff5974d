"""Invoices, credit notes and statements on paper, as Letter or A4: black on white, the number as a bar code. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from illdesk import pdf
from illdesk.pdf_text import text_width

MARGIN = 22 * mm
SIZE, LEADING = 9.0, 14.0
FOOT = 62.0
# A bar code begins here at the least; rows end above it on the last page.
LAST_ROOM = 112.0


@dataclass(frozen=True)
class Column:
    """`x`: from the left margin; with `right` the right edge. `width`: what its texts have."""

    head: str
    x: float
    width: float
    right: bool = False


@dataclass(frozen=True)
class Paper:
    """All texts ready to print. `facts`, `account`: label and value. `page`: with {n} and {of} in it. `mark`: that it
    is a draft; it stands in the number's place while there is none."""

    kind: str
    number: str
    library: str
    department: str
    to: Sequence[str]
    facts: Sequence[tuple[str, str]]
    heading: str
    text: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: tuple[str, str]
    boxes: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    how: tuple[str, str] = ("", "")
    questions: str = ""
    foot: str = ""
    page: str = "page {n} of {of}"
    mark: str = ""
    language: str = "en"
    subs: Sequence[str] = field(default_factory=tuple)  # under each row, in small type; may be shorter than the rows


class _Sheet:
    """Pages are counted before they are drawn, so that each can say of how many it is."""

    def __init__(self, paper: Paper, size: tuple[float, float], pages: int):
        self.paper, self.size, self.pages, self.number = paper, size, pages, 0
        title = f"{paper.kind} {paper.number}".strip()
        self.canvas: Canvas = pdf.new_document(size, title=title, language=paper.language)
        self.left, self.right, self.y = MARGIN, size[0] - MARGIN, 0.0
        self.room = self.right - self.left
        self.begin()

    def begin(self) -> None:
        self.number += 1
        paper, canvas, top = self.paper, self.canvas, self.size[1] - 48
        pdf.draw_mark(canvas, self.left, top - 26)
        pdf.draw_text(canvas, self.left + 35, top - 11, paper.library, 11, bold=True, max_width=self.room * 0.6)
        pdf.draw_text(canvas, self.left + 35, top - 24.5, paper.department, SIZE, max_width=self.room * 0.66)
        pdf.draw_text(canvas, self.right, top - 11, paper.kind, 11, bold=True, align="right")
        pdf.draw_text(canvas, self.right, top - 24.5, paper.number or paper.mark, SIZE, align="right",
                      bold=not paper.number)
        pdf.draw_rule(canvas, self.left, FOOT - 2, self.room)
        pdf.draw_text(canvas, self.left, FOOT - 16, paper.questions, 8, max_width=self.room * 0.55)
        words = " · ".join(part for part in (
            paper.number, paper.foot, paper.page.format(n=self.number, of=self.pages or "?")) if part)
        pdf.draw_text(canvas, self.right, FOOT - 16, words, 8, align="right")
        self.y = top - 62

    def need(self, height: float) -> bool:
        if self.y - height >= FOOT + 12:
            return False
        self.canvas.showPage()
        self.begin()
        return True


def draw(paper: Paper, *, size: str = "letter") -> bytes:
    """The document; drawn twice, since only the first time tells how many pages there are."""
    dimensions = pdf.page_size_of(size)
    first = _Sheet(paper, dimensions, 0)
    _body(first)
    sheet = _Sheet(paper, dimensions, first.number)
    _body(sheet)
    sheet.canvas.showPage()
    return pdf.finish(sheet.canvas)


def _body(sheet: _Sheet) -> None:
    paper, canvas = sheet.paper, sheet.canvas
    top, middle = sheet.y - 18, sheet.left + sheet.room * 0.56
    y = top
    for line in paper.to:
        pdf.draw_fitted(canvas, sheet.left, y, line, SIZE + 0.5, max_width=sheet.room * 0.52, smallest=7)
        y -= LEADING
    facts_y = top
    label_room = max([52.0, *(text_width(label, 8) + 10 for label, _value in paper.facts)])
    for label, value in paper.facts:
        pdf.draw_text(canvas, middle, facts_y, label, 8, grey=0.3)
        pdf.draw_fitted(canvas, middle + label_room, facts_y, value, SIZE, smallest=6.5,
                        max_width=sheet.right - middle - label_room)
        facts_y -= LEADING
    sheet.y = min(y, facts_y) - 26
    pdf.draw_fitted(canvas, sheet.left, sheet.y, paper.heading, 15, bold=True, max_width=sheet.room, smallest=10)
    sheet.y = pdf.draw_text(canvas, sheet.left, sheet.y - 23, paper.text, SIZE + 0.3, max_width=sheet.room - 30,
                            lines=6, leading=LEADING) - 12
    _rows(sheet)
    _total(sheet)
    _boxes(sheet)
    _bar_code(sheet)


def _head(sheet: _Sheet) -> None:
    for column in sheet.paper.columns:
        x = sheet.left + column.x
        pdf.draw_text(sheet.canvas, x, sheet.y, column.head, 8.5, bold=True, align="right" if column.right else "left",
                      max_width=column.width)
    sheet.y -= 6
    pdf.draw_rule(sheet.canvas, sheet.left, sheet.y, sheet.room, thickness=1)
    sheet.y -= 15


def _rows(sheet: _Sheet) -> None:
    sheet.need(80)
    _head(sheet)
    subs = list(sheet.paper.subs)
    for place, row in enumerate(sheet.paper.rows):
        sub = subs[place] if place < len(subs) else ""
        if sheet.need(34 if sub else 24):
            sheet.y -= 6
            _head(sheet)
        for column, text in zip(sheet.paper.columns, row, strict=True):
            align = "right" if column.right else "left"
            pdf.draw_text(sheet.canvas, sheet.left + column.x, sheet.y, text, SIZE, max_width=column.width, align=align)
        if sub:
            sheet.y -= 10.5
            x = sheet.left + sheet.paper.columns[2].x if len(sheet.paper.columns) > 2 else sheet.left
            pdf.draw_text(sheet.canvas, x, sheet.y, sub, 7, max_width=sheet.right - x - 70, grey=0.3)
        sheet.y -= 6.5
        pdf.draw_rule(sheet.canvas, sheet.left, sheet.y, sheet.room, thickness=0.3)
        sheet.y -= 14.5


def _total(sheet: _Sheet) -> None:
    label, value = sheet.paper.total
    sheet.need(30)
    width = text_width(value, 10, bold=True)
    pdf.draw_text(sheet.canvas, sheet.right, sheet.y, value, 10, bold=True, align="right")
    pdf.draw_text(sheet.canvas, sheet.right - max(width, 70) - 26, sheet.y, label, 10, bold=True, align="right")
    sheet.y -= 40


def _boxes(sheet: _Sheet) -> None:
    for heading, facts in sheet.paper.boxes:
        if not facts:
            continue
        sheet.need(20 + LEADING * len(facts))
        pdf.draw_text(sheet.canvas, sheet.left, sheet.y, heading, 9.5, bold=True)
        sheet.y -= 16
        for label, value in facts:
            pdf.draw_text(sheet.canvas, sheet.left, sheet.y, label, SIZE, max_width=150)
            pdf.draw_text(sheet.canvas, sheet.left + 208, sheet.y, value, SIZE, align="right")
            sheet.y -= LEADING
        sheet.y -= 18
    heading, text = sheet.paper.how
    if text:
        sheet.need(60)
        pdf.draw_text(sheet.canvas, sheet.left, sheet.y, heading, 9.5, bold=True)
        sheet.y -= 16
        for part in text.splitlines():
            sheet.need(LEADING)
            sheet.y = pdf.draw_text(sheet.canvas, sheet.left, sheet.y, part, SIZE, max_width=sheet.room * 0.7, lines=4,
                                    leading=13)


def _bar_code(sheet: _Sheet) -> None:
    if not sheet.paper.number:
        return
    if sheet.y < LAST_ROOM:
        sheet.canvas.showPage()
        sheet.begin()
    pdf.draw_bar_code_to(sheet.canvas, sheet.right, FOOT + 10, sheet.paper.number, width=150, height=24)
