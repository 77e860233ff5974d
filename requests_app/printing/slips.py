"""Pull slips: the paper that a student takes to the shelves, three to a page, in shelf order."""

from collections.abc import Iterable
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from illdesk import pdf
from illdesk.pdf_text import text_width, wrap
from requests_app.printing.call_numbers import natural_key, shelf_key, shelf_lines

PER_PAGE = 3
MARGIN = 42.5
CUT_LINE_MARGIN = 22.5
SIDE_WIDTH = 164.0
GUTTER = 24.0
LONGEST_LEAD = 90.0

# Sizes of the call number, largest first, with how many lines of it there is room for: it is read from the
# slip at arm's length, so it gives way only to a call number that would lose its end.
CALL_NUMBER_SIZES = {26: 2, 21: 2, 18: 3, 14: 4, 11: 5}
CALL_NUMBER_LEADING = 1.1


@dataclass(frozen=True)
class PullSlip:
    """One thing to fetch. All texts are ready to print; empty ones are left out."""

    number: str
    call_number: str = ""
    location: str = ""
    title: str = ""
    author: str = ""
    year: str = ""
    wanted: str = ""
    for_library: str = ""
    answer_by: str = ""
    item_barcode: str = ""
    return_to: str = ""
    note: str = ""


@dataclass(frozen=True)
class SlipWords:
    """The fixed words, for the caller to translate. Names in braces are filled in."""

    language: str = "en"
    title: str = "Pull slips"
    position: str = "{at} of {total}"
    no_location: str = "Location not known"
    no_call_number: str = "No call number"
    answer_by: str = "answer by {when}"
    item: str = "Item {barcode}"
    returns_to: str = "Returns to {place}"
    results: tuple[str, ...] = ("Found", "Not on shelf", "Poor condition", "Need help")
    initials: str = "Initials"
    searched: str = "Searched"
    places: tuple[str, ...] = ("nearby shelves", "sorting shelf", "new books", "reserves")


def in_shelf_order(slips: Iterable[PullSlip]) -> list[PullSlip]:
    """By location, then as the books stand; slips without a location come last."""
    return sorted(
        slips,
        key=lambda slip: (
            not slip.location.strip(),
            natural_key(slip.location),
            shelf_key(slip.call_number),
            natural_key(slip.number),
        ),
    )


def pull_slips(
    slips: Iterable[PullSlip], *, page_size: str = "letter", words: SlipWords | None = None
) -> bytes:
    """A PDF with three slips a page, to be cut along the dashed lines. `page_size` is "letter" or "A4"."""
    words = words or SlipWords()
    ordered = in_shelf_order(slips)
    if not ordered:
        raise ValueError("There are no pull slips to print. Tick at least one request.")
    width, height = pdf.page_size_of(page_size)
    canvas = pdf.new_document((width, height), title=words.title, language=words.language)
    for index, slip in enumerate(ordered):
        row = index % PER_PAGE
        top = height - row * height / PER_PAGE
        if index and row == 0:
            canvas.showPage()
        position = words.position.replace("{at}", str(index + 1)).replace("{total}", str(len(ordered)))
        _draw_slip(canvas, top, width, slip, words, position)
        if row < PER_PAGE - 1:
            cut = top - height / PER_PAGE
            pdf.draw_rule(canvas, CUT_LINE_MARGIN, cut, width - 2 * CUT_LINE_MARGIN, dashed=True)
    canvas.showPage()
    return pdf.finish(canvas)


def _draw_slip(
    canvas: Canvas, top: float, page_width: float, slip: PullSlip, words: SlipWords, position: str
) -> None:
    left, right = MARGIN, page_width - MARGIN
    side = right - SIDE_WIDTH
    text_room = side - GUTTER - left

    position_width = text_width(position, 11)
    location = slip.location.strip() or words.no_location
    pdf.draw_text(
        canvas, left, top - 31, location, 13, bold=True, max_width=right - left - position_width - 16
    )
    pdf.draw_text(canvas, right, top - 31, position, 11, align="right")
    pdf.draw_rule(canvas, left, top - 39.5, right - left, thickness=1)

    _draw_call_number(canvas, left, top - 70, slip.call_number, words, text_room)
    _draw_what(canvas, left, top, slip, words, text_room)
    _draw_side(canvas, side, top, slip, words)

    pdf.draw_rule(canvas, left, top - 201, right - left)
    _draw_ticks(canvas, left, right, top, words)


def _draw_call_number(canvas: Canvas, x: float, y: float, text: str, words: SlipWords, room: float) -> None:
    spine = shelf_lines(text)
    if not spine:
        pdf.draw_text(canvas, x, y, words.no_call_number, 18, max_width=room)
        return
    for size, most in CALL_NUMBER_SIZES.items():
        lines = [line for part in spine for line in wrap(part, size, room, lines=most + 1, bold=True)]
        if len(lines) <= most:
            break
    else:
        lines = wrap(" ".join(spine), size, room, lines=most, bold=True)
    # Smaller sizes begin higher, so that the space under the rule stays the same.
    y += (26 - size) * 0.75
    for line in lines:
        y = pdf.draw_text(canvas, x, y, line, size, bold=True, leading=size * CALL_NUMBER_LEADING)


def _draw_what(canvas: Canvas, x: float, top: float, slip: PullSlip, words: SlipWords, room: float) -> None:
    """Title and author from above, what is wanted from below: staff find each at the same place."""
    y = pdf.draw_text(canvas, x, top - 125, slip.title, 11.5, bold=True, max_width=room, lines=2, leading=14)
    author = " · ".join(part for part in (slip.author.strip(), slip.year.strip()) if part)
    pdf.draw_text(canvas, x, y, author, 10, max_width=room)

    answer_by = words.answer_by.replace("{when}", slip.answer_by) if slip.answer_by.strip() else ""
    for_whom = " · ".join(part for part in (slip.for_library.strip(), answer_by) if part)
    wanted_lines = len(wrap(slip.wanted, 11.5, room, lines=2, bold=True))
    y = top - (173 if wanted_lines < 2 else 168)
    y = pdf.draw_text(canvas, x, y, slip.wanted, 11.5, bold=True, max_width=room, lines=2, leading=13.5)
    pdf.draw_text(canvas, x, y - 1.5 if wanted_lines < 2 else y, for_whom, 10, max_width=room)


def _draw_side(canvas: Canvas, x: float, top: float, slip: PullSlip, words: SlipWords) -> None:
    # The right margin is the quiet zone on one side, the gutter on the other.
    pdf.draw_bar_code(canvas, x, top - 91, slip.number, width=SIDE_WIDTH, height=32)
    pdf.draw_fitted(canvas, x, top - 105, slip.number, 10.5, bold=True, max_width=SIDE_WIDTH, smallest=7)
    y = top - 124
    if slip.item_barcode.strip():
        item = words.item.replace("{barcode}", slip.item_barcode)
        pdf.draw_fitted(canvas, x, y, item, 9, max_width=SIDE_WIDTH, smallest=6.5)
        y -= 14
    if slip.return_to.strip():
        place = words.returns_to.replace("{place}", slip.return_to)
        y = pdf.draw_text(canvas, x, y, place, 9, max_width=SIDE_WIDTH, lines=2, leading=11.5) - 2.5
    if slip.note.strip():
        _draw_note(canvas, x, y - 4, slip.note, bottom=top - 196)


def _draw_note(canvas: Canvas, x: float, y: float, note: str, *, bottom: float) -> None:
    leading = 11.5
    end = pdf.draw_text(
        canvas,
        x + 8,
        y,
        note,
        9,
        max_width=SIDE_WIDTH - 8,
        lines=int((y - bottom) / leading) + 1,
        leading=leading,
    )
    pdf.draw_filled(canvas, x, end + leading - 3, 2, y - end - leading + 11.5)


def _draw_ticks(canvas: Canvas, left: float, right: float, top: float, words: SlipWords) -> None:
    y = top - 221
    blank = text_width("_______", 10)
    pdf.draw_text(canvas, right, y, "_______", 10, align="right")
    initials = min(text_width(words.initials, 10), LONGEST_LEAD)
    pdf.draw_text(canvas, right - blank - 3, y, words.initials, 10, max_width=initials + 0.1, align="right")
    room = right - left - blank - 3 - initials - 18
    _draw_tick_row(canvas, left, y, words.results, room=room, size=10, pitch=97)

    y = top - 241
    indent = max(62.0, min(text_width(words.searched, 9), LONGEST_LEAD) + 14)
    pdf.draw_text(canvas, left, y, words.searched, 9, max_width=indent - 14 + 0.1, grey=0.25)
    _draw_tick_row(canvas, left + indent, y, words.places, room=right - left - indent, size=9, pitch=93.5)


def _draw_tick_row(
    canvas: Canvas, x: float, y: float, names: tuple[str, ...], *, room: float, size: float, pitch: float
) -> None:
    """Boxes with their words at even steps; translated words that are longer push on, then shrink."""
    box, gap, between = 10.0, 4.5, 12.0

    def steps(size: float) -> list[float]:
        return [max(pitch, box + gap + text_width(name, size) + between) for name in names]

    while sum(steps(size)) - between > room and size > 6:
        size -= 0.5
        pitch = 0
    wanted = steps(size)
    shrink = min(1.0, room / (sum(wanted) - between)) if names else 1.0
    for name, step in zip(names, wanted, strict=True):
        pdf.draw_box(canvas, x, y - 1.5, box)
        own = step * shrink - box - gap - (between if shrink < 1 else 4)
        pdf.draw_text(canvas, x + box + gap, y, name, size, max_width=max(own, size * 2))
        x += step * shrink
