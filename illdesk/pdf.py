"""The ground floor for paper: pages, text, rules, bar codes. Black on white, understandable without colour.

Lengths are PDF points (1/72 inch), y counts from the bottom edge and means a baseline for text.
"""

import re
from collections.abc import Sequence

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4, letter
from reportlab.pdfgen.canvas import Canvas

from illdesk.pdf_text import Run, clean, direction, fit_size, load_fonts, runs, runs_width, shaped, wrap

__all__ = [
    "draw_bar_code",
    "draw_bar_code_to",
    "draw_box",
    "draw_filled",
    "draw_fitted",
    "draw_mark",
    "draw_rule",
    "draw_text",
    "finish",
    "new_document",
    "page_size_of",
    "shaped",
]

PAGE_SIZES = {"letter": letter, "a4": A4}

# ISO/IEC 15417: ten modules of white on either side, or scanners do not see where the code begins.
QUIET_MODULES = 10
NARROWEST_MODULE = 0.48  # 0.17 mm; hand scanners miss finer bars from a laser printer
WIDEST_MODULE = 1.2


def page_size_of(name: str) -> tuple[float, float]:
    """Width and height of "letter" or "A4" (the setting's value, in any case)."""
    try:
        return PAGE_SIZES[name.lower()]
    except KeyError:
        raise ValueError(f"Paper size “{name}” is not known. Choose letter or A4.") from None


def new_document(size: tuple[float, float], *, title: str, language: str = "en") -> Canvas:
    """An empty document. The same calls always give the same bytes, so a reprint can be compared."""
    load_fonts()
    canvas = Canvas("", pagesize=size, invariant=1, pageCompression=1, lang=_language_tag(language))
    canvas.setTitle(clean(title))
    canvas.setCreator("ILL Desk")
    canvas.setAuthor("")
    canvas.setSubject("")
    return canvas


def _language_tag(language: str) -> str:
    tag = language.replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag) else "und"


def finish(canvas: Canvas) -> bytes:
    """The PDF file. The caller has ended the last page with `canvas.showPage()`."""
    return canvas.getpdfdata()


def draw_text(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    bold: bool = False,
    max_width: float | None = None,
    lines: int = 1,
    leading: float | None = None,
    align: str = "left",
    grey: float = 0.0,
) -> float:
    """Draw text from the baseline y downwards, at most `lines` lines; return the baseline after the last.

    `x` is the left edge, the right edge or the middle, as `align` ("left", "right", "center") says. Without
    `max_width` the text stays on one line. `grey` is 0 for black, 1 for white. Empty text takes no room.
    """
    leading = leading or size * 1.25
    text = clean(text)
    if max_width is None:
        parts = [text] if text else []
    else:
        parts = wrap(text, size, max_width, lines=lines, bold=bold)
    base = direction(text)
    for part in parts:
        _draw_runs(canvas, x, y, runs(shaped(part, base), bold=bold), size, align=align, grey=grey)
        y -= leading
    return y


def _draw_runs(
    canvas: Canvas, x: float, y: float, pieces: Sequence[Run], size: float, *, align: str, grey: float
) -> None:
    x -= {"left": 0.0, "center": 0.5, "right": 1.0}[align] * runs_width(list(pieces), size)
    canvas.saveState()
    canvas.setFillGray(grey)
    canvas.setStrokeGray(grey)
    canvas.setLineWidth(size / 32)
    line = canvas.beginText(x, y)
    for piece in pieces:
        line.setFont(piece.font, size)
        line.setTextRenderMode(2 if piece.embolden else 0)
        line.textOut(piece.text)
    line.setTextRenderMode(0)
    canvas.drawText(line)
    canvas.restoreState()


def draw_fitted(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    max_width: float,
    smallest: float,
    bold: bool = False,
    align: str = "left",
    grey: float = 0.0,
) -> float:
    """Draw one line, smaller if too wide; only at the smallest size is it cut. Returns the size used."""
    used = fit_size(text, size, max_width, smallest=smallest, bold=bold)
    # A hair more than the room, since the size was computed to fill it exactly.
    draw_text(canvas, x, y, text, used, bold=bold, max_width=max_width + 0.1, align=align, grey=grey)
    return used


def draw_rule(
    canvas: Canvas, x: float, y: float, width: float, *, thickness: float = 0.5, dashed: bool = False
) -> None:
    """A horizontal line, centred on y."""
    canvas.saveState()
    canvas.setStrokeGray(0.45 if dashed else 0)
    canvas.setLineWidth(thickness)
    if dashed:
        canvas.setDash(3, 3)
    canvas.line(x, y, x + width, y)
    canvas.restoreState()


def draw_box(canvas: Canvas, x: float, y: float, side: float) -> None:
    """A box to tick, its lower left corner at x, y."""
    canvas.saveState()
    canvas.setLineWidth(0.8)
    canvas.rect(x, y, side, side)
    canvas.restoreState()


def draw_filled(
    canvas: Canvas, x: float, y: float, width: float, height: float, *, radius: float = 0
) -> None:
    """A black area for white words."""
    canvas.saveState()
    canvas.setFillGray(0)
    canvas.roundRect(x, y, width, height, radius, stroke=0, fill=1)
    canvas.restoreState()


def draw_mark(canvas: Canvas, x: float, y: float) -> None:
    """The house's mark, 26 points wide and high: two arrows, white on black."""
    draw_filled(canvas, x, y, 26, 26, radius=5)
    canvas.saveState()
    canvas.setStrokeGray(1)
    canvas.setLineWidth(1.3)
    canvas.setLineCap(1)
    for base, way in ((y + 16.5, -1), (y + 9.5, 1)):
        canvas.line(x + 6.5, base, x + 19.5, base)
        tip = x + (6.5 if way < 0 else 19.5)
        canvas.line(tip, base, tip - way * 3, base + 3)
        canvas.line(tip, base, tip - way * 3, base - 3)
    canvas.restoreState()


def draw_bar_code(
    canvas: Canvas, x: float, y: float, value: str, *, width: float, height: float, dots_per_inch: int = 300
) -> float:
    """Draw Code 128 with its lower left bar at x, y and its bars within `width`; return the width used.

    The bars' module is a whole number of printer dots, so that no bar is a dot fatter than another. The white
    to the left of x and to the right of x + width is the caller's to keep: QUIET_MODULES modules, at most 12
    points, each. A value that has no Code 128 form, or would need bars too fine to scan, draws nothing and
    returns 0: the number stands beside the code in letters.
    """
    value = "".join(c for c in clean(value) if " " <= c <= "~")
    if not value or len(value) > 80:
        return 0
    modules = Code128(value, barWidth=1, quiet=0).width
    dot = 72 / dots_per_inch
    module = min(WIDEST_MODULE, width / modules)
    module = max(module // dot, 1) * dot if module >= dot else 0
    if module < NARROWEST_MODULE:
        module = width / modules  # between two dots: a little ragged, but wide enough
    if module < NARROWEST_MODULE:
        return 0
    canvas.saveState()
    Code128(value, barWidth=module, barHeight=height, quiet=0).drawOn(canvas, x, y)
    canvas.restoreState()
    return modules * module


def draw_bar_code_to(canvas: Canvas, right: float, y: float, value: str, *, width: float, height: float) -> float:
    """As `draw_bar_code`, its last bar at `right`: how wide bars come out is known when they are drawn."""
    used = draw_bar_code(new_document(PAGE_SIZES["letter"], title=""), 0, 0, value, width=width, height=height)
    return draw_bar_code(canvas, right - used, y, value, width=width, height=height) if used else 0
