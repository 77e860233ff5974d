"""Book bands: the paper strip around a borrowed book. It stands on open shelves, so it names no patron."""

from collections.abc import Iterable
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from illdesk import pdf
from illdesk.pdf_text import fit_size, wrap

BAND_SIZE = (70 * mm, 279 * mm)
MARGIN = 22.5
WIDTH = BAND_SIZE[0] - 2 * MARGIN


@dataclass(frozen=True)
class BookBand:
    """One band. Without `hold_until` and `shelf_code` it is the band printed when the book comes in."""

    number: str
    hold_until: str = ""
    shelf_code: str = ""
    pickup: str = ""
    due: str = ""
    title: str = ""
    author: str = ""
    pieces_text: str = ""
    lent_by: str = ""
    use_text: str = ""
    renew_url: str = ""
    phone: str = ""
    library: str = ""


@dataclass(frozen=True)
class BandWords:
    """The fixed words, for the caller to translate. Names in braces are filled in."""

    language: str = "en"
    title: str = "Book bands"
    hold_until: str = "Hold until"
    due_back: str = "Due back"
    pick_up_at: str = "Pick up at"
    return_all: str = "Please return everything, and leave this band on the book."
    leave_band: str = "Please leave this band on the book."
    lent_by: str = "Lent by"
    renew: str = "Renew: {address}"
    questions: str = "Questions: {phone}"


def book_bands(bands: Iterable[BookBand], *, words: BandWords | None = None) -> bytes:
    """A PDF with one page of 70 × 279 mm for each band, in the order given."""
    words = words or BandWords()
    bands = list(bands)
    if not bands:
        raise ValueError("There are no book bands to print. Tick at least one request.")
    canvas = pdf.new_document(BAND_SIZE, title=words.title, language=words.language)
    for band in bands:
        _draw_band(canvas, band, words)
        canvas.showPage()
    return pdf.finish(canvas)


def _draw_band(canvas: Canvas, band: BookBand, words: BandWords) -> None:
    """From the top down; each part takes the room it needs and returns where the next may begin."""
    y = BAND_SIZE[1] - 28
    if band.hold_until.strip() or band.shelf_code.strip():
        y = _draw_hold(canvas, y, band, words)
        y = _draw_dates(canvas, y, (words.due_back, band.due, 18))
    else:
        y = _draw_dates(canvas, y, (words.due_back, band.due, 24), (words.pick_up_at, band.pickup, 16))
    y = _draw_book(canvas, y, band)
    y = _draw_pieces(canvas, y, band, words)
    y = _draw_lender(canvas, y, band, words)
    _draw_foot(canvas, y, band, words)


def _draw_hold(canvas: Canvas, y: float, band: BookBand, words: BandWords) -> float:
    if band.hold_until.strip():
        y = _labelled(canvas, y, words.hold_until, band.hold_until, 20) - 14
    if band.shelf_code.strip():
        # The code is found from two metres away; a long one gives up size before it gives up letters.
        size = fit_size(band.shelf_code, 44, WIDTH, smallest=14, bold=True)
        y -= size * 0.75
        pdf.draw_fitted(canvas, MARGIN, y, band.shelf_code, size, bold=True, max_width=WIDTH, smallest=14)
        y -= 13
    y = pdf.draw_text(canvas, MARGIN, y - 9, band.pickup, 12.5, max_width=WIDTH, lines=2)
    return _rule(canvas, y, 1)


def _draw_dates(canvas: Canvas, y: float, *facts: tuple[str, str, float]) -> float:
    shown = [fact for fact in facts if fact[1].strip()]
    if not shown:
        return y
    for label, value, size in shown:
        y = _labelled(canvas, y, label, value, size) - 14
    return _rule(canvas, y + 2, 1 if len(facts) > 1 else 0.5)


def _labelled(canvas: Canvas, y: float, label: str, value: str, size: float) -> float:
    """A small word over a large value, from y downwards; returns the bottom.

    A value that would become small on one line takes two.
    """
    pdf.draw_text(canvas, MARGIN, y - 10, label, 10, max_width=WIDTH)
    used = fit_size(value, size, WIDTH, smallest=14, bold=True)
    y -= 15 + used * 0.92
    y = pdf.draw_text(
        canvas, MARGIN, y, value, used, bold=True, max_width=WIDTH + 0.1, lines=2, leading=used * 1.2
    )
    return y + used * 0.9


def _rule(canvas: Canvas, y: float, thickness: float) -> float:
    """Called with the next free baseline."""
    pdf.draw_rule(canvas, MARGIN, y, WIDTH, thickness=thickness)
    return y - 17


def _draw_book(canvas: Canvas, y: float, band: BookBand) -> float:
    y = pdf.draw_text(
        canvas, MARGIN, y - 8, band.title, 10.5, bold=True, max_width=WIDTH, lines=4, leading=14
    )
    y = pdf.draw_text(canvas, MARGIN, y - 0.5, band.author, 9.5, max_width=WIDTH, lines=2, leading=12.5)
    use = wrap(band.use_text, 12, WIDTH - 16, lines=2, bold=True)
    if use:
        height = 10.5 + 15 * len(use)
        bottom = y + 4 - height
        pdf.draw_filled(canvas, MARGIN, bottom, WIDTH, height)
        at = bottom + height - 17
        for line in use:
            at = pdf.draw_text(
                canvas, MARGIN + WIDTH / 2, at, line, 12, bold=True, leading=15, align="center", grey=1
            )
        y = bottom - 15
    return y - 9


def _draw_pieces(canvas: Canvas, y: float, band: BookBand, words: BandWords) -> float:
    several = bool(band.pieces_text.strip())
    y = pdf.draw_text(
        canvas, MARGIN, y, band.pieces_text, 10, bold=True, max_width=WIDTH, lines=4, leading=13.5
    )
    ask = words.return_all if several else words.leave_band
    return pdf.draw_text(canvas, MARGIN, y, ask, 9.5, max_width=WIDTH, lines=3, leading=13) - 20


def _draw_lender(canvas: Canvas, y: float, band: BookBand, words: BandWords) -> float:
    if band.lent_by.strip():
        pdf.draw_text(canvas, MARGIN, y, words.lent_by, 9, max_width=WIDTH)
        y = pdf.draw_text(
            canvas, MARGIN, y - 14, band.lent_by, 10, bold=True, max_width=WIDTH, lines=3, leading=13
        )
        y -= 10
    # The margins of 8 mm are the quiet zone.
    if pdf.draw_bar_code(canvas, MARGIN, y - 40, band.number, width=WIDTH, height=40):
        y -= 53
    pdf.draw_fitted(canvas, MARGIN, y, band.number, 10.5, bold=True, max_width=WIDTH, smallest=7)
    return y - 30


def _draw_foot(canvas: Canvas, y: float, band: BookBand, words: BandWords) -> None:
    lines = [
        (words.renew.replace("{address}", band.renew_url) if band.renew_url.strip() else "", 3),
        (words.questions.replace("{phone}", band.phone) if band.phone.strip() else "", 1),
        (band.library, 2),
    ]
    if not any(text.strip() for text, _ in lines):
        return
    pdf.draw_rule(canvas, MARGIN, y, WIDTH)
    y -= 17
    for text, most in lines:
        y = pdf.draw_text(canvas, MARGIN, y, text, 8, max_width=WIDTH, lines=most, leading=11.5)
