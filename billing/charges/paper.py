"""Statement and receipt on paper. Pure: texts in, PDF out."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from illdesk import pdf

MARGIN, LINE, SIZE = 48.0, 13.0, 8.5
# Day, number, what (two lines); more, less, owed (to their right edges).
COLUMNS = (0.0, 56.0, 138.0, 366.0, 432.0, 516.0)
WIDTHS = (54.0, 80.0, 170.0, 58.0, 58.0, 76.0)
_RIGHT, _WRAPPED = (3, 4, 5), (2,)


@dataclass(frozen=True)
class Paper:
    """All texts ready to print. `address`: lines of ours; `to`: of the patron; `facts`: label and value; `rows`: texts
    of six columns; `totals`: label and value, the last in bold; `page`: with {n} in it."""

    library: str
    address: Sequence[str]
    heading: str
    to: Sequence[str]
    facts: Sequence[tuple[str, str]]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: Sequence[tuple[str, str]]
    notes: Sequence[str]
    printed: str
    page: str = "Page {n}"
    language: str = "en"


def draw(paper: Paper, *, size: str = "letter") -> bytes:
    sheet = _Sheet(paper, size)
    _top(sheet)
    if paper.rows:
        _cells(sheet, paper.head, bold=True)
        for row in paper.rows:
            if sheet.need(2 * LINE):
                _cells(sheet, paper.head, bold=True)
            _cells(sheet, row)
    sheet.need(len(paper.totals) * (LINE + 2) + 20)
    pdf.draw_rule(sheet.canvas, MARGIN, sheet.y + 5, sheet.room)
    sheet.y -= 8
    for place, (label, value) in enumerate(paper.totals):
        bold = place == len(paper.totals) - 1
        pdf.draw_text(sheet.canvas, MARGIN + 432, sheet.y, label, 10, bold=bold, align="right", max_width=380)
        pdf.draw_text(sheet.canvas, MARGIN + sheet.room, sheet.y, value, 10, bold=bold, align="right")
        sheet.y -= LINE + 2
    sheet.y -= 10
    for note in paper.notes:
        sheet.need(4 * LINE)
        sheet.y = pdf.draw_text(sheet.canvas, MARGIN, sheet.y, note, 9.5, max_width=sheet.room, lines=6) - 5
    sheet.canvas.showPage()
    return pdf.finish(sheet.canvas)


class _Sheet:
    def __init__(self, paper: Paper, size: str):
        self.paper, self.size, self.number, self.y = paper, pdf.page_size_of(size), 0, 0.0
        self.canvas: Canvas = pdf.new_document(self.size, title=paper.heading, language=paper.language)
        self.room = self.size[0] - 2 * MARGIN
        self.begin()

    def begin(self) -> None:
        self.number += 1
        width, height = self.size
        pdf.draw_text(self.canvas, MARGIN, 30, self.paper.printed, 7.5, max_width=self.room * 0.8)
        pdf.draw_text(self.canvas, width - MARGIN, 30, self.paper.page.format(n=self.number), 7.5, align="right")
        self.y = height - 60

    def need(self, room: float) -> bool:
        """True when a new page was begun for it."""
        if self.y - room >= 48:
            return False
        self.canvas.showPage()
        self.begin()
        return True


def _top(sheet: _Sheet) -> None:
    paper, canvas, right = sheet.paper, sheet.canvas, MARGIN + sheet.room
    top = sheet.y
    pdf.draw_text(canvas, MARGIN, top, paper.library, 12, bold=True, max_width=sheet.room * 0.6)
    y = top - 15
    for words in paper.address:
        y = pdf.draw_text(canvas, MARGIN, y, words, 8.5, max_width=sheet.room * 0.6)
    facts = top
    for label, value in paper.facts:
        pdf.draw_text(canvas, right - 90, facts, label, 9, align="right", grey=0.3)
        pdf.draw_text(canvas, right, facts, value, 9, align="right", bold=True)
        facts -= LINE
    y = min(y, facts) - 18
    for words in paper.to:
        y = pdf.draw_text(canvas, MARGIN, y, words, 10, max_width=sheet.room * 0.6)
    pdf.draw_text(canvas, MARGIN, y - 22, paper.heading, 17, bold=True, max_width=sheet.room)
    sheet.y = y - 52


def _cells(sheet: _Sheet, texts: Sequence[str], *, bold: bool = False) -> None:
    below = sheet.y - LINE
    for place, (x, width, text) in enumerate(zip(COLUMNS, WIDTHS, texts, strict=True)):
        if text:
            end = pdf.draw_text(sheet.canvas, MARGIN + x, sheet.y, text, SIZE, bold=bold, max_width=width,
                                align="right" if place in _RIGHT else "left", lines=3 if place in _WRAPPED else 1,
                                leading=10)
            below = min(below, end - 3)
    if bold:
        pdf.draw_rule(sheet.canvas, MARGIN, below + 9, sheet.room)
        below -= 4
    sheet.y = below
