"""A year's copyright report on paper: its totals, then each title with each of its uses."""

from collections.abc import Iterable
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from illdesk import pdf

MARGIN, LINE, SIZE = 48.0, 12.0, 8.0
# Request, sent, filled, counted as, ground, royalty (to its right edge), article.
COLUMNS = (0.0, 66.0, 118.0, 170.0, 234.0, 402.0, 410.0)
WIDTHS = (64.0, 50.0, 50.0, 62.0, 112.0, 54.0, 106.0)
_MONEY, _WRAPPED = 5, (3, 4, 5, 6)  # these may take two lines


@dataclass(frozen=True)
class TitlePart:
    """A title: `summary` beside its name, `uses` as texts of the seven columns."""

    name: str
    summary: str
    uses: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class YearReport:
    """All texts ready to print. `calendar`: what a year means here. `page`: with {n} in it."""

    library: str
    department: str
    heading: str
    calendar: str
    totals: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    head: tuple[str, ...]
    titles: Iterable[TitlePart]
    printed: str
    page: str = "Page {n}"
    language: str = "en"


class _Sheet:
    """The page being drawn: where its next line stands."""

    def __init__(self, report: YearReport, paper: str):
        self.report = report
        self.size = pdf.page_size_of(paper)
        self.canvas: Canvas = pdf.new_document(self.size, title=report.heading, language=report.language)
        self.room = self.size[0] - 2 * MARGIN
        self.number = 0
        self.y = 0.0
        self.begin()

    def begin(self) -> None:
        self.number += 1
        width, height = self.size
        pdf.draw_text(self.canvas, MARGIN, height - 40, self.report.library, 9, bold=True, max_width=self.room * 0.6)
        pdf.draw_text(self.canvas, width - MARGIN, height - 40, self.report.heading, 9, align="right")
        pdf.draw_rule(self.canvas, MARGIN, height - 46, self.room)
        pdf.draw_text(self.canvas, MARGIN, 30, self.report.printed, 7, max_width=self.room * 0.8)
        pdf.draw_text(self.canvas, width - MARGIN, 30, self.report.page.format(n=self.number), 7, align="right")
        self.y = height - 66

    def need(self, height: float) -> bool:
        """True when a new page was begun for it."""
        if self.y - height >= 44:
            return False
        self.canvas.showPage()
        self.begin()
        return True


def year_report(report: YearReport, *, paper: str = "letter") -> bytes:
    sheet = _Sheet(report, paper)
    _first_part(sheet)
    for title in report.titles:
        _title(sheet, title)
    sheet.canvas.showPage()
    return pdf.finish(sheet.canvas)


def _first_part(sheet: _Sheet) -> None:
    report, canvas = sheet.report, sheet.canvas
    pdf.draw_text(canvas, MARGIN, sheet.y, report.heading, 16, bold=True, max_width=sheet.room)
    sheet.y = pdf.draw_text(canvas, MARGIN, sheet.y - 20, report.department, 9, max_width=sheet.room)
    sheet.y = pdf.draw_text(canvas, MARGIN, sheet.y, report.calendar, 9, max_width=sheet.room, lines=3) - 8
    for label, value in report.totals:
        sheet.need(LINE)
        pdf.draw_text(canvas, MARGIN, sheet.y, label, 9, max_width=sheet.room - 100)
        pdf.draw_text(canvas, MARGIN + 400, sheet.y, value, 9, align="right")
        sheet.y -= LINE + 1
    sheet.y -= 4
    for note in report.notes:
        sheet.need(3 * LINE)
        sheet.y = pdf.draw_text(canvas, MARGIN, sheet.y, note, 8, max_width=sheet.room, lines=4, leading=10.5) - 3
    sheet.y -= 6


def _title(sheet: _Sheet, title: TitlePart) -> None:
    sheet.need(5 * LINE)
    canvas = sheet.canvas
    pdf.draw_rule(canvas, MARGIN, sheet.y + 11, sheet.room, thickness=0.3)
    sheet.y = pdf.draw_text(canvas, MARGIN, sheet.y, title.name, 9.5, bold=True, max_width=sheet.room, lines=2)
    sheet.y = pdf.draw_text(canvas, MARGIN, sheet.y, title.summary, SIZE, max_width=sheet.room, lines=2)
    _cells(sheet, sheet.report.head, bold=True)
    for use in title.uses:
        if sheet.need(2 * LINE):
            pdf.draw_text(canvas, MARGIN, sheet.y, title.name, SIZE, bold=True, max_width=sheet.room)
            sheet.y -= LINE
            _cells(sheet, sheet.report.head, bold=True)
        _cells(sheet, use)
    sheet.y -= 6


def _cells(sheet: _Sheet, texts: tuple[str, ...], *, bold: bool = False) -> None:
    size = 7.0 if bold else SIZE
    below = sheet.y - LINE
    for place, (x, width, text) in enumerate(zip(COLUMNS, WIDTHS, texts, strict=True)):
        if text:
            align = "right" if place == _MONEY else "left"
            end = pdf.draw_text(sheet.canvas, MARGIN + x, sheet.y, text, size, bold=bold, max_width=width, align=align,
                                lines=2 if place in _WRAPPED else 1, leading=9.5)
            below = min(below, end - 2.5)
    sheet.y = below
