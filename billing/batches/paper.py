"""The cover sheet of a batch: what, for whom, how much by fund, and each line. Pure drawing, texts come ready."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from illdesk import pdf

MARGIN = 62.4  # 22 mm
SIZE, LINE = 9.0, 15.0


@dataclass(frozen=True)
class Table:
    """`widths`: shares of the page; `right`: columns of amounts. The last row is in bold where `total` says so."""

    heading: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    right: Sequence[int]
    total: bool = False


@dataclass(frozen=True)
class Cover:
    """All texts as they are printed. `page`: with {n} and {all} in it."""

    library: str
    address: str
    kind: str
    number: str
    heading: str
    sub: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]
    notes: Sequence[str]
    sign: Sequence[str]
    page: str
    language: str = "en"


def covers(pages: Sequence[Cover], *, paper: str) -> bytes:
    """One document of them all, each beginning on a page of its own, counted for itself."""
    size = pdf.page_size_of(paper)
    first = pages[0] if pages else None
    canvas = pdf.new_document(size, title=first.heading if first else "", language=first.language if first else "en")
    for cover in pages:
        counted = _Sheet(pdf.new_document(size, title="", language="en"), size, cover, 0)
        counted.draw()  # drawn once to know how many pages it has
        _Sheet(canvas, size, cover, counted.number).draw()
    if not pages:
        canvas.showPage()
    return pdf.finish(canvas)


class _Sheet:
    def __init__(self, canvas: Canvas, size: tuple[float, float], cover: Cover, pages: int):
        self.canvas, self.cover, self.pages = canvas, cover, pages
        self.width, self.height = size
        self.room = self.width - 2 * MARGIN
        self.number, self.y = 0, 0.0

    def draw(self) -> None:
        cover = self.cover
        self._begin()
        self.y -= 44
        self.y = pdf.draw_text(self.canvas, MARGIN, self.y, cover.heading, 18, bold=True, max_width=self.room, lines=2,
                               leading=23)
        if cover.sub:
            self.y = pdf.draw_text(self.canvas, MARGIN, self.y - 1, cover.sub, 10.5, max_width=self.room, lines=2)
        self.y -= 16
        self._facts()
        for table in cover.tables:
            self._table(table)
        for note in cover.notes:
            self._room(30)
            self.y = pdf.draw_text(self.canvas, MARGIN, self.y, note, SIZE, max_width=self.room, lines=4) - 4
        self._sign()
        self._end()

    def _begin(self) -> None:
        self.number += 1
        top, cover = self.height - 50, self.cover
        pdf.draw_mark(self.canvas, MARGIN, top - 24)
        pdf.draw_text(self.canvas, MARGIN + 35, top - 9, cover.library, 11, bold=True, max_width=self.room * 0.6)
        pdf.draw_text(self.canvas, MARGIN + 35, top - 22, cover.address, 8.5, max_width=self.room * 0.6)
        pdf.draw_text(self.canvas, self.width - MARGIN, top - 9, cover.kind, 11, bold=True, align="right")
        pdf.draw_text(self.canvas, self.width - MARGIN, top - 22, cover.number, 8.5, align="right")
        self.y = top - 52

    def _end(self) -> None:
        pdf.draw_rule(self.canvas, MARGIN, 57, self.room, thickness=0.5)
        pdf.draw_text(self.canvas, MARGIN, 43, self.cover.library, 8, max_width=self.room * 0.6)
        said = self.cover.page.replace("{n}", str(self.number)).replace("{all}", str(self.pages))
        pdf.draw_text(self.canvas, self.width - MARGIN, 43, said, 8, align="right")
        self.canvas.showPage()

    def _room(self, needed: float) -> bool:
        """True where a new page was begun for it."""
        if self.y - needed > 66:
            return False
        self._end()
        self._begin()
        return True

    def _facts(self) -> None:
        code = pdf.draw_bar_code_to(self.canvas, self.width - MARGIN, self.y - 30, self.cover.number, width=150,
                                    height=34)
        room = self.room - 98 - (170 if code else 0)
        for label, value in self.cover.facts:
            self._room(20)
            pdf.draw_text(self.canvas, MARGIN, self.y, label, SIZE, grey=0.3, max_width=94)
            after = pdf.draw_text(self.canvas, MARGIN + 98, self.y, value, SIZE, max_width=room, lines=2)
            self.y = min(self.y - 17, after - 4)
        self.y -= 14

    def _table(self, table: Table) -> None:
        self._room(70)
        pdf.draw_text(self.canvas, MARGIN, self.y, table.heading, 11, bold=True, max_width=self.room)
        self.y -= 18
        self._head(table)
        for place, row in enumerate(table.rows):
            if self._room(24):
                self._head(table)
            bold = table.total and place == len(table.rows) - 1
            if bold:
                pdf.draw_rule(self.canvas, MARGIN, self.y + 11, self.room, thickness=1)
            self._row(table, row, bold=bold)
            pdf.draw_rule(self.canvas, MARGIN, self.y + 10.5, self.room, thickness=0.3)
        self.y -= 18

    def _head(self, table: Table) -> None:
        self._row(table, table.head, bold=True, size=8)
        pdf.draw_rule(self.canvas, MARGIN, self.y + 10.5, self.room, thickness=1)

    def _row(self, table: Table, cells: Sequence[str], *, bold: bool, size: float = SIZE) -> None:
        x, whole = MARGIN, sum(table.widths)
        for place, (share, cell) in enumerate(zip(table.widths, cells, strict=True)):
            width = self.room * share / whole
            right = place in table.right
            pdf.draw_fitted(self.canvas, x + width if right else x, self.y, cell, size,
                            max_width=width - (0 if right else 6), smallest=6, bold=bold,
                            align="right" if right else "left")
            x += width
        self.y -= LINE

    def _sign(self) -> None:
        if not self.cover.sign:
            return
        self._room(70)
        self.y -= 34
        width = self.room / len(self.cover.sign)
        for place, words in enumerate(self.cover.sign):
            pdf.draw_rule(self.canvas, MARGIN + place * width, self.y + 11, width - 20, thickness=0.5)
            pdf.draw_text(self.canvas, MARGIN + place * width, self.y, words, 8, grey=0.3, max_width=width - 20)
