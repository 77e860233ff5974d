"""Reading a PDF back, as a reader's program and a scanner would."""

import pypdfium2
import zxingcpp

MM = 72 / 25.4


def page_texts(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def lines_as_seen(data: bytes, page: int = 0) -> list[str]:
    """The characters of each line from left to right on the paper, spaces left out, in whatever direction
    they are read."""
    text = pypdfium2.PdfDocument(data)[page].get_textpage()
    lines: dict[int, list[tuple[float, str]]] = {}
    for at in range(text.count_chars()):
        letter = text.get_text_range(at, 1)
        if letter.strip():
            left, bottom, _right, top = text.get_charbox(at, loose=True)
            lines.setdefault(round((bottom + top) / 4), []).append((left, letter))
    return ["".join(letter for _, letter in sorted(line)) for line in lines.values()]


def page_sizes(data: bytes) -> list[tuple[float, float]]:
    return [page.get_size() for page in pypdfium2.PdfDocument(data)]


def picture(data: bytes, page: int = 0, *, dots_per_inch: int = 203):
    return pypdfium2.PdfDocument(data)[page].render(scale=dots_per_inch / 72).to_pil().convert("L")


def scanned(data: bytes, page: int = 0, *, dots_per_inch: int = 203) -> list[str]:
    """The bar codes on a page, printed at the resolution of a cheap label printer, in alphabetical order."""
    found = zxingcpp.read_barcodes(picture(data, page, dots_per_inch=dots_per_inch))
    return sorted(code.text for code in found)


def ink_box(data: bytes, page: int = 0) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of all that is printed, in points from the upper left corner."""
    dots = 144
    left, top, right, bottom = (
        picture(data, page, dots_per_inch=dots).point(lambda v: 255 * (v < 200)).getbbox()
    )
    return tuple(edge * 72 / dots for edge in (left, top, right, bottom))
