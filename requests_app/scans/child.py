"""`python -m requests_app.scans.child IN OUT [--cover FILE] [--legend TEXT]`: one PDF, rewritten harmlessly.

Started by `stored.py` for each file, with little memory and time: a PDF can hold gigabytes in a few
kilobytes, or keep a parser busy for ever. Prints one JSON object: {"pages": 3} or {"problem": "encrypted"}.
What could act when the file is opened (scripts, launched programs, attached files, forms) is left behind: only
the pages are taken over, and of those what is printed (harmless.py).
"""

import argparse
import errno
import io
import json
import logging
import sys

MEMORY, SECONDS = 640 * 1024**2, 30
LONGEST = 160 * 1024**2  # bytes of what is written: a small file can repeat itself on every page
MOST_PAGES = 2000


def limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LONGEST, LONGEST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def rewrite(source: str, target: str, *, cover: str, legend: str) -> dict:
    from pypdf import PdfReader, PdfWriter

    from requests_app.scans import harmless

    reader = PdfReader(source, strict=False)
    # Owner passwords only forbid; a file that opens with an empty one opens for everybody.
    if reader.is_encrypted and not reader.decrypt(""):
        return {"problem": "encrypted"}
    pages = len(reader.pages)
    if pages == 0:
        return {"problem": "no_pages"}
    if pages > MOST_PAGES:
        return {"problem": "too_long"}
    writer = PdfWriter()
    if cover:
        for page in PdfReader(cover).pages:
            writer.add_page(page)
    for index, page in enumerate(reader.pages):
        harmless.strip(page)
        added = writer.add_page(page)
        if legend and index == 0:
            _stamp(added, legend)
    harmless.scrub(writer)
    writer.add_metadata({"/Producer": "ILL Desk"})
    with open(target, "wb") as out:
        writer.write(out)
    return {"pages": pages}


# From the page as it is read to the page as it lies: what /Rotate turns clockwise, the other way round
# (PDF 32000-1, 8.3.3). `w`, `h`: of the page as it lies.
_TURNED = {
    0: lambda w, h: (1, 0, 0, 1, 0, 0), 90: lambda w, h: (0, 1, -1, 0, w, 0),
    180: lambda w, h: (-1, 0, 0, -1, w, h), 270: lambda w, h: (0, -1, 1, 0, 0, h),
}


def _stamp(page, legend: str) -> None:
    """The legend in the bottom margin of the page as it is read, on white, so that it is never lost in a scan."""
    from pypdf import PdfReader, Transformation
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    left, bottom, right, top = _visible(page)
    lying = (right - left, top - bottom)
    turn = int(page.get("/Rotate", 0)) % 360
    width, height = lying if turn % 180 == 0 else lying[::-1]
    # Readable on a map as on a letter; on a slip of paper it takes as many lines as it needs.
    size = max(min(width, height) / 68, 5.0)
    lines = simpleSplit(legend, "Helvetica", size, width - 2 * size)
    drawn = io.BytesIO()
    canvas = Canvas(drawn, pagesize=(width, height))
    canvas.setFont("Helvetica", size)
    widest = max(canvas.stringWidth(line, "Helvetica", size) for line in lines)
    canvas.setFillGray(1)
    canvas.rect((width - widest) / 2 - size, size * 0.6, widest + 2 * size, size * (1.25 * len(lines) + 0.5),
                stroke=0, fill=1)
    canvas.setFillGray(0)
    for place, line in enumerate(lines, 1):
        canvas.drawCentredString(width / 2, size * (1.1 + 1.25 * (len(lines) - place)), line)
    canvas.showPage()
    canvas.save()
    overlay = PdfReader(io.BytesIO(drawn.getvalue())).pages[0]
    page.merge_transformed_page(
        overlay, Transformation(_TURNED.get(turn, _TURNED[0])(*lying)).translate(left, bottom), over=True
    )


def _visible(page) -> tuple[float, float, float, float]:
    """What a reader sees of the page: the crop box as far as it lies on the medium."""
    def edges(box) -> tuple[float, float, float, float]:
        xs, ys = sorted((float(box[0]), float(box[2]))), sorted((float(box[1]), float(box[3])))
        return xs[0], ys[0], xs[1], ys[1]

    medium, crop = edges(page.mediabox), edges(page.cropbox)
    seen = (max(medium[0], crop[0]), max(medium[1], crop[1]), min(medium[2], crop[2]), min(medium[3], crop[3]))
    if not (seen[2] > seen[0] and seen[3] > seen[1]):  # cropped to nothing
        seen, page.cropbox = medium, page.mediabox
    if not (0 < seen[2] - seen[0] < 1e6 and 0 < seen[3] - seen[1] < 1e6):
        raise ValueError("This page has no size.")
    return seen


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--cover", default="")
    parser.add_argument("--legend", default="")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # pypdf tells of every odd byte
    limit()
    try:
        said = rewrite(options.source, options.target, cover=options.cover, legend=options.legend)
    except (MemoryError, RecursionError):
        said = {"problem": "too_big"}
    except Exception as failure:
        said = {"problem": _problem(failure)}
    sys.stdout.write(json.dumps(said))
    return 0


def _problem(failure: Exception) -> str:
    from pypdf.errors import FileNotDecryptedError, LimitReachedError

    if isinstance(failure, FileNotDecryptedError):
        return "encrypted"
    if isinstance(failure, LimitReachedError) or getattr(failure, "errno", None) == errno.EFBIG:
        return "too_big"
    return "unreadable"


if __name__ == "__main__":
    sys.exit(main())
