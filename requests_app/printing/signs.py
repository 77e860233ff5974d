"""The sign for the counter where orders for copies are taken: the display warning on one page."""

from collections.abc import Sequence

from illdesk import pdf
from illdesk.pdf_text import wrap

MARGIN = 54.0
SMALLEST = 18.0  # 37 CFR 201.14(c): at least 18 points, so that it is seen and read from a distance
_SIZES = (24.0, 23.0, 22.0, 21.0, 20.0, 19.0, SMALLEST)
LEADING = 1.26


def counter_sign(title: str, paragraphs: Sequence[str], *, paper: str = "letter") -> bytes:
    """A PDF of one page, as large as the text fits; never smaller than the regulation asks for."""
    width, height = pdf.page_size_of(paper)
    room, tall = width - 2 * MARGIN - 36, height - 2 * MARGIN - 48
    size = next((size for size in _SIZES if _height(title, paragraphs, size, room) <= tall), SMALLEST)
    canvas = pdf.new_document((width, height), title=title, language="en")
    canvas.setLineWidth(2)
    canvas.rect(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN)
    left, free = MARGIN + 18, tall - _height(title, paragraphs, size, room)
    y = height - MARGIN - 24 - size - free / 2
    y = pdf.draw_text(canvas, width / 2, y, title, size + 2, bold=True, max_width=room, lines=4, align="center",
                      leading=(size + 2) * LEADING)
    for text in paragraphs:
        y = pdf.draw_text(canvas, left, y - size * 0.5, text, size, max_width=room, lines=40, leading=size * LEADING)
    canvas.showPage()
    return pdf.finish(canvas)


def _height(title: str, paragraphs: Sequence[str], size: float, room: float) -> float:
    heading = len(wrap(title, size + 2, room, lines=4, bold=True)) * (size + 2) * LEADING
    return heading + sum(len(wrap(text, size, room, lines=40)) * size * LEADING + size * 0.5 for text in paragraphs)
