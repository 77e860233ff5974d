"""The cover sheet of a delivered copy: what it is, for which request, until when, and the notice of copyright."""

from dataclasses import dataclass

from illdesk import pdf
from illdesk.pdf_text import wrap

MARGIN = 62.4  # 22 mm
LEADING = 1.38


@dataclass(frozen=True)
class CoverSheet:
    """All texts in the reader's language, but `warning`, which is the regulation's own English."""

    number: str
    library: str
    department: str
    heading: str
    title: str
    source: str
    facts: tuple[tuple[str, str], ...]
    warning_title: str
    warning: tuple[str, ...]
    language: str = "en"


def cover_sheet(sheet: CoverSheet, *, paper: str = "letter") -> bytes:
    """A PDF of one page."""
    width, height = pdf.page_size_of(paper)
    canvas = pdf.new_document((width, height), title=sheet.number, language=sheet.language)
    right, room, y = width - MARGIN, width - 2 * MARGIN, height - MARGIN
    pdf.draw_text(canvas, MARGIN, y, sheet.library, 11, bold=True, max_width=room * 0.65)
    pdf.draw_text(canvas, right, y, sheet.number, 11, bold=True, align="right")
    pdf.draw_text(canvas, MARGIN, y - 15, sheet.department, 9, max_width=room * 0.65)
    pdf.draw_text(canvas, right, y - 15, sheet.heading, 9, align="right")
    pdf.draw_rule(canvas, MARGIN, y - 26, room, thickness=1)
    y = pdf.draw_text(canvas, MARGIN, y - 62, sheet.title, 18, bold=True, max_width=room, lines=5, leading=23)
    y = pdf.draw_text(canvas, MARGIN, y - 2, sheet.source, 11, max_width=room, lines=4, leading=15) - 14
    for label, value in sheet.facts:
        pdf.draw_text(canvas, MARGIN, y, label, 9, grey=0.25)
        y = pdf.draw_text(canvas, MARGIN + 116, y, value, 10, max_width=room - 116, lines=2, leading=13) - 5
    _warning(canvas, sheet, room)
    canvas.showPage()
    return pdf.finish(canvas)


def _warning(canvas, sheet: CoverSheet, room: float) -> None:
    """At the foot, in a box, never smaller than the facts' labels (37 CFR 201.14(c) asks for 8 points)."""
    size, inner = 9.0, room - 36
    title = wrap(sheet.warning_title, 10, inner, lines=3, bold=True)
    lines = [wrap(text, size, inner, lines=30) for text in sheet.warning]
    height = 36 + 14 * len(title) + sum(len(part) * size * LEADING + 5 for part in lines)
    canvas.saveState()
    canvas.setLineWidth(0.8)
    canvas.rect(MARGIN, MARGIN, room, height)
    canvas.restoreState()
    y = MARGIN + height - 24
    y = pdf.draw_text(canvas, MARGIN + 18, y, sheet.warning_title, 10, bold=True, max_width=inner, lines=3, leading=14)
    for text in sheet.warning:
        y = pdf.draw_text(
            canvas, MARGIN + 18, y - 3, text, size, max_width=inner, lines=30, leading=size * LEADING
        ) - 2
