"""`python -m requests_app.scans.child IN OUT [--cover FILE] [--legend TEXT]`: one PDF, rewritten harmlessly.

Started by `rewrite.py` for each file, with little memory and time: a PDF can hold gigabytes in a few
kilobytes, or keep a parser busy for ever. Prints one JSON object: {"pages": 3} or {"problem": "encrypted"}.
What could act when the file is opened (scripts, launched programs, attached files, forms) is left behind: only
the pages are taken over.
"""

import argparse
import io
import json
import logging
import sys

MEMORY, SECONDS = 1024**3, 40
MOST_PAGES = 2000
# What may not stand in an annotation of a page that is taken over (PDF 32000-1, 12.6.4).
_ACTS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition", "/RichMediaExecute"}


def limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def rewrite(source: str, target: str, *, cover: str, legend: str) -> dict:
    from pypdf import PdfReader, PdfWriter

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
        added = writer.add_page(page)
        _harmless(added)
        if legend and index == 0:
            _stamp(added, legend)
    writer.add_metadata({"/Producer": "ILL Desk"})
    with open(target, "wb") as out:
        writer.write(out)
    return {"pages": pages}


def _harmless(page) -> None:
    page.pop("/AA", None)
    annotations = page.get("/Annots")
    if annotations is None:
        return
    from pypdf.generic import ArrayObject, NameObject

    kept = ArrayObject()
    for reference in annotations.get_object() or ():
        note = reference.get_object()
        action = note.get("/A")
        acts = action is not None and action.get_object().get("/S") in _ACTS
        if not acts and note.get("/Subtype") not in ("/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Widget"):
            note.pop("/AA", None)
            kept.append(reference)
    page[NameObject("/Annots")] = kept


def _stamp(page, legend: str) -> None:
    """The legend in the bottom margin of the page as it is read, on white, so that it is never lost in a scan."""
    from pypdf import PdfReader
    from reportlab.pdfgen.canvas import Canvas

    page.transfer_rotation_to_content()
    box = page.cropbox
    width, height = float(box.width), float(box.height)
    size = max(6.0, min(9.0, width / 62))
    drawn = io.BytesIO()
    canvas = Canvas(drawn, pagesize=(width, height))
    words = canvas.stringWidth(legend, "Helvetica", size)
    canvas.setFillGray(1)
    canvas.rect((width - words) / 2 - 6, 8, words + 12, size + 8, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.setFont("Helvetica", size)
    canvas.drawCentredString(width / 2, 13, legend)
    canvas.showPage()
    canvas.save()
    overlay = PdfReader(io.BytesIO(drawn.getvalue())).pages[0]
    page.merge_translated_page(overlay, float(box.left), float(box.bottom))


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
        said = {"problem": "too_big" if "imit" in type(failure).__name__ else "unreadable"}
    sys.stdout.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
