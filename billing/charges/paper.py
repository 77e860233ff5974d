"""Statement and receipt on paper. Pure: texts in, PDF out."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from illdesk import pdf

MARGIN, LINE, SIZE = 62.4, 13.0, 8.5  # 22 mm, as all papers of the house
# Day, number, what (two lines); more, less, owed (to their right edges).
COLUMNS = (0.0, 58.0, 138.0, 360.0, 418.0, 487.2)
WIDTHS = (56.0, 78.0, 168.0, 56.0, 56.0, 66.0)
_RIGHT, _WRAPPED = (3, 4, 5), (2,)


@dataclass(frozen=True)
class Paper:
    """All texts ready to print. `department`: ours with its address, in a line; `kind`, `number`: of the paper; `to`:
    lines of the patron; `facts`, `totals`: label and value, the last total in bold; `rows`: texts of six columns;
    `page`: with {n} in it."""

    library: str
    department: str
    kind: str
    number: str
    heading: str
    to: Sequence[str]
    facts: Sequence[tuple[str, str]]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: Sequence[tuple[str, str]]
    notes: Sequence[str]
    questions: str
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
        pdf.draw_text(sheet.canvas, MARGIN + COLUMNS[4], sheet.y, label, 10, bold=bold, align="right",
                      max_width=COLUMNS[4])
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
        paper, canvas, (width, height) = self.paper, self.canvas, self.size
        top, right = height - 48, width - MARGIN
        pdf.draw_mark(canvas, MARGIN, top - 26)
        pdf.draw_text(canvas, MARGIN + 35, top - 11, paper.library, 11, bold=True, max_width=self.room * 0.6)
        pdf.draw_text(canvas, MARGIN + 35, top - 24.5, paper.department, 9, max_width=self.room * 0.66)
        pdf.draw_text(canvas, right, top - 11, paper.kind, 11, bold=True, align="right")
        pdf.draw_text(canvas, right, top - 24.5, paper.number, 9, align="right")
        pdf.draw_rule(canvas, MARGIN, 60, self.room)
        pdf.draw_text(canvas, MARGIN, 46, paper.questions, 8, max_width=self.room * 0.55)
        words = " · ".join(part for part in (paper.printed, paper.page.format(n=self.number)) if part)
        pdf.draw_text(canvas, right, 46, words, 8, align="right")
        self.y = top - 80

    def need(self, room: float) -> bool:
        """True when a new page was begun for it."""
        if self.y - room >= 74:
            return False
        self.canvas.showPage()
        self.begin()
        return True


def _top(sheet: _Sheet) -> None:
    paper, canvas, middle = sheet.paper, sheet.canvas, MARGIN + sheet.room * 0.56
    y = facts = sheet.y
    for words in paper.to:
        y = pdf.draw_text(canvas, MARGIN, y, words, 9.5, max_width=sheet.room * 0.52)
    for label, value in paper.facts:
        pdf.draw_text(canvas, middle, facts, label, 8, grey=0.3, max_width=64)
        pdf.draw_text(canvas, middle + 70, facts, value, 9, max_width=sheet.room * 0.44 - 70)
        facts -= LINE + 1
    sheet.y = min(y, facts) - 26
    pdf.draw_text(canvas, MARGIN, sheet.y, paper.heading, 15, bold=True, max_width=sheet.room)
    sheet.y -= 30


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
