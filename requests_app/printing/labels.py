"""Shipping labels, 4 × 6 inches in landscape, for a parcel between two libraries."""

from collections.abc import Iterable
from dataclasses import dataclass

from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas

from illdesk import pdf
from illdesk.pdf_text import fit_size, text_width, wrap

LABEL_SIZE = (6 * inch, 4 * inch)
MARGIN = 22.5
RIGHT = LABEL_SIZE[0] - MARGIN
WIDTH = RIGHT - MARGIN

# Usual label printers have 203 dots to the inch.
LABEL_PRINTER_DOTS = 203

# The lowest baseline that the address may have, points from the upper edge.
ADDRESS_BOTTOM = 181.0


@dataclass(frozen=True)
class ShippingLabel:
    """One parcel. Address lines come without the library's name, the last one with the town or country."""

    number: str
    to_name: str
    to_lines: tuple[str, ...] = ()
    from_name: str = ""
    from_lines: tuple[str, ...] = ()
    their_number: str = ""
    due_back: str = ""
    pieces: str = ""
    route: str = ""
    insured: str = ""


@dataclass(frozen=True)
class LabelWords:
    """The fixed words, for the caller to translate. Names in braces are filled in."""

    language: str = "en"
    title: str = "Shipping labels"
    badge: str = "Library loan"
    sender: str = "From"
    to: str = "To"
    due_back: str = "Due back"
    pieces: str = "Pieces"
    route: str = "Route"
    insured: str = "Insured"
    their_number: str = "Their number {number}"


def shipping_labels(labels: Iterable[ShippingLabel], *, words: LabelWords | None = None) -> bytes:
    """A PDF with one page of 6 × 4 inches for each label, in the order given."""
    words = words or LabelWords()
    labels = list(labels)
    if not labels:
        raise ValueError("There are no shipping labels to print. Tick at least one request.")
    canvas = pdf.new_document(LABEL_SIZE, title=words.title, language=words.language)
    for label in labels:
        _draw_sender(canvas, label, words)
        _draw_address(canvas, label, words)
        _draw_facts(canvas, label, words)
        _draw_number(canvas, label, words)
        canvas.showPage()
    return pdf.finish(canvas)


def _down(offset: float) -> float:
    """The place `offset` points below the upper edge."""
    return LABEL_SIZE[1] - offset


def _draw_sender(canvas: Canvas, label: ShippingLabel, words: LabelWords) -> None:
    room = WIDTH
    if words.badge.strip():
        size = fit_size(words.badge, 13, 150, smallest=9, bold=True)
        width = min(text_width(words.badge, size, bold=True), 150) + 28
        pdf.draw_filled(canvas, RIGHT - width, _down(53.5), width, 31, radius=4)
        middle = _down(38) - size * 0.36
        pdf.draw_text(
            canvas,
            RIGHT - width / 2,
            middle,
            words.badge,
            size,
            bold=True,
            max_width=150.1,
            align="center",
            grey=1,
        )
        room -= width + 14
    if not label.from_name.strip() and not any(label.from_lines):
        pdf.draw_rule(canvas, MARGIN, _down(65), WIDTH, thickness=1)
        return
    pdf.draw_text(canvas, MARGIN, _down(28), words.sender, 8, max_width=room)
    pdf.draw_fitted(canvas, MARGIN, _down(40), label.from_name, 9.5, bold=True, max_width=room, smallest=7)
    address = ", ".join(line.strip() for line in label.from_lines if line.strip())
    size = 9 if text_width(address, 9) <= room else 7.5
    pdf.draw_text(
        canvas, MARGIN, _down(51), address, size, max_width=room, lines=1 if size == 9 else 2, leading=8.5
    )
    pdf.draw_rule(canvas, MARGIN, _down(65), WIDTH, thickness=1)


def _draw_address(canvas: Canvas, label: ShippingLabel, words: LabelWords) -> None:
    lines = [line for line in label.to_lines if line.strip()]
    name_size = fit_size(label.to_name, 17, WIDTH, smallest=12, bold=True)
    # The room that fit_size just filled, and a hair.
    room = WIDTH + 0.1
    long_name = len(wrap(label.to_name, name_size, room, lines=2, bold=True)) > 1

    # Baselines of "To", the name and the first line. A long name or an address abroad moves up to stay large.
    if long_name:
        to_top, name_top, top = 78.0, 93.0, 122.0
    elif len(lines) > 4:
        to_top, name_top, top = 78.0, 97.0, 115.0
    else:
        to_top, name_top, top = 87.5, 108.0, 128.5
    pdf.draw_text(canvas, MARGIN, _down(to_top), words.to, 8, max_width=WIDTH)
    pdf.draw_text(
        canvas,
        MARGIN,
        _down(name_top),
        label.to_name,
        name_size,
        bold=True,
        max_width=room,
        lines=2,
        leading=14.5,
    )
    leading = min(20.5, (ADDRESS_BOTTOM - top) / max(len(lines) - 1, 1))
    size = min(14.0, max(leading / 1.2, 6))
    for at, line in enumerate(lines):
        y = top + at * leading
        if y > ADDRESS_BOTTOM + 1:
            break
        last = at == len(lines) - 1
        pdf.draw_fitted(
            canvas, MARGIN, _down(y), line, size, bold=last, max_width=WIDTH, smallest=min(size, 8)
        )


def _draw_facts(canvas: Canvas, label: ShippingLabel, words: LabelWords) -> None:
    facts = [
        (words.due_back, label.due_back, 108.0),
        (words.pieces, label.pieces, 73.5),
        (words.route, label.route, 73.5),
        (words.insured, label.insured, 108.0),
    ]
    shown = [fact for fact in facts if fact[1].strip()]
    pdf.draw_rule(canvas, MARGIN, _down(189.5), WIDTH)
    pdf.draw_rule(canvas, MARGIN, _down(232), WIDTH)
    # Columns as wide as their words need, up to a third of the label; if that is too much, all give way.
    needed = [
        min(max(least, text_width(value, 12, bold=True) + 14, text_width(name, 8) + 14), WIDTH / 3)
        for name, value, least in shown
    ]
    scale = min(1.0, WIDTH / sum(needed)) if needed else 1.0
    x = MARGIN
    for (name, value, _least), width in zip(shown, needed, strict=True):
        room = width * scale - 10
        pdf.draw_text(canvas, x, _down(205), name, 8, max_width=room)
        pdf.draw_fitted(canvas, x, _down(220), value, 12, bold=True, max_width=room, smallest=7)
        x += width * scale


def _draw_number(canvas: Canvas, label: ShippingLabel, words: LabelWords) -> None:
    # The left margin and the space before the number are the quiet zone.
    used = pdf.draw_bar_code(
        canvas, MARGIN, _down(275), label.number, width=200, height=34, dots_per_inch=LABEL_PRINTER_DOTS
    )
    room = WIDTH - used - 16 if used else WIDTH
    pdf.draw_fitted(
        canvas, RIGHT, _down(251), label.number, 13, bold=True, max_width=room, smallest=7, align="right"
    )
    if label.their_number.strip():
        theirs = words.their_number.replace("{number}", label.their_number)
        pdf.draw_fitted(canvas, RIGHT, _down(267.5), theirs, 9, max_width=room, smallest=6, align="right")
