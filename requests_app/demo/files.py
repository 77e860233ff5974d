"""The demo's scans: a few made-up pages, each copy with the cover or the legend that it would have.

Rewritten as any PDF is (scans/child.py), but in this process: we drew it ourselves, and a hundred processes
would take half a minute.
"""

import hashlib
import io
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from reportlab.pdfgen.canvas import Canvas

from requests_app.actions.copies import INCLUDED, NONE_FOUND
from requests_app.copyright.notices import LEGEND
from requests_app.models import ILLRequest
from requests_app.scans import child
from requests_app.scans.covers import cover_of
from requests_app.scans.stored import StoredFile

_WIDTH, _HEIGHT = 612, 792


def notice_of(ill: ILLRequest) -> str:
    """What the scan of this request says of its notice of copyright; the first of three has none."""
    return INCLUDED if _which(ill) else NONE_FOUND


def _which(ill: ILLRequest) -> int:
    return ill.pk % 3


def scan_of(ill: ILLRequest, at: datetime, *, cover: bool) -> StoredFile:
    """A stored PDF for this request. The place follows from the request, so that a new load leaves none over."""
    which = _which(ill)
    content, pages = _rewritten(which, cover_of(ill, now=at)) if cover else _plain(which)
    path = f"demo/{hashlib.sha256(f'{ill.number} {at.isoformat()}'.encode()).hexdigest()[:40]}"
    default_storage.delete(path)
    path = default_storage.save(path, ContentFile(content))
    return StoredFile(path, len(content), hashlib.sha256(content).hexdigest(), pages)


def _rewritten(which: int, cover: bytes) -> tuple[bytes, int]:
    with tempfile.TemporaryDirectory() as folder:
        source, target, front = Path(folder, "in.pdf"), Path(folder, "out.pdf"), Path(folder, "cover.pdf")
        source.write_bytes(_pages(which + 2))
        if cover:
            front.write_bytes(cover)
        said = child.rewrite(
            str(source), str(target), cover=str(front) if cover else "", legend="" if which else LEGEND
        )
        return target.read_bytes(), said["pages"]


@cache
def _plain(which: int) -> tuple[bytes, int]:
    """Without a cover, each of the three is the same for all."""
    return _rewritten(which, b"")


@cache
def _pages(count: int) -> bytes:
    """Pages of grey bars, as print looks from afar; nobody's text."""
    dice = Random(count)  # noqa: S311
    drawn = io.BytesIO()
    canvas = Canvas(drawn, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    for page in range(count):
        canvas.setFillGray(0.35)
        canvas.setFont("Times-Roman", 10)
        canvas.drawCentredString(_WIDTH / 2, _HEIGHT - 50, f"{40 + page}")
        canvas.drawCentredString(_WIDTH / 2, 44, "Specimen page of the demo")
        canvas.setFillGray(0.72)
        y = _HEIGHT - 90.0
        while y > 80:
            end = dice.random() < 0.14
            canvas.rect(90, y, 432 * (dice.uniform(0.2, 0.8) if end else dice.uniform(0.97, 1)), 5, stroke=0, fill=1)
            y -= 20 if end else 12
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()
