"""Pages of the invoice as it came, drawn as pictures: a browser shows them beside the lines under any policy."""

import io

import pypdfium2
from django.core.cache import cache

from illdesk.models import Attachment

WIDTH, MOST_PAGES, MOST_PIXELS = 880, 60, 4_000_000


def pages(row: Attachment | None) -> int:
    """0 where it cannot be drawn: then only its file is offered."""
    if row is None:
        return 0
    if row.content_type.startswith("image/"):
        return 1 if row.content_type in ("image/png", "image/jpeg") else 0
    if row.content_type != "application/pdf":
        return 0
    key = f"paper-pages:{row.sha256}"
    found = cache.get(key)
    if found is None:
        try:
            with row.file.open("rb") as file:
                document = pypdfium2.PdfDocument(file.read())
                found = min(len(document), MOST_PAGES)
                document.close()
        except (pypdfium2.PdfiumError, OSError, ValueError):
            found = 0
        cache.set(key, found, 3600)
    return found


def picture(row: Attachment, page: int) -> tuple[bytes, str] | None:
    """PNG or JPEG and its content type; None where there is no such page. `page` from 1."""
    if not 1 <= page <= pages(row):
        return None
    with row.file.open("rb") as file:
        content = file.read()
    if row.content_type.startswith("image/"):
        return content, row.content_type
    document = pypdfium2.PdfDocument(content)
    try:
        one = document[page - 1]
        width, height = one.get_size()
        scale = min(WIDTH / max(width, 1), (MOST_PIXELS / max(width * height, 1)) ** 0.5)
        out = io.BytesIO()
        one.render(scale=scale).to_pil().save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png"
    except pypdfium2.PdfiumError:
        return None
    finally:
        document.close()
