"""Files of this room: tables in any encoding and PDFs, kept as they came."""

import hashlib
import io
from datetime import datetime

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from billing.tables import csv_file, workbooks
from illdesk import attachments
from illdesk.errors import BadAnswer
from illdesk.models import Attachment, User

_TABLES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv",
           "ods": "application/vnd.oasis.opendocument.spreadsheet"}


def keep(subject: tuple[str, int], name: str, content: bytes, *, by: User | None, now: datetime) -> Attachment:
    """A PDF, an image or a table; BadAnswer for what is none of them. Nothing is kept then."""
    kind = kind_of(content)
    if kind is None:
        raise BadAnswer(_("This is no PDF, image or table. Nothing was kept. Choose another file."), field="file")
    if kind in _TABLES:
        safe, content_type = attachments.safe_name(name, "xlsx" if kind == "xlsx" else "txt"), _TABLES[kind]
        if kind != "xlsx":
            stem = safe.removesuffix(".txt").removesuffix(".csv").removesuffix(".tsv").removesuffix(".ods")
            safe = f"{stem}.{kind}"
    else:
        safe, content_type = attachments.safe_name(name, kind), attachments.KINDS[kind][0]
    row = Attachment(
        subject_kind=subject[0], subject_id=subject[1], name=safe, content_type=content_type, size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), added=now, added_by=by)
    row.file.save(safe, ContentFile(content), save=False)
    try:
        row.save()
    except Exception:
        row.file.delete(save=False)  # a file without its row would lie about for ever
        raise
    return row


def kind_of(content: bytes) -> str | None:
    """"pdf", "png", "jpeg", "tiff"; "xlsx", "ods" or "csv" for a table; None for what is not taken."""
    if workbooks.is_workbook(content[:8]):
        return "ods" if b"opendocument.spreadsheet" in content[:200] else "xlsx"
    known = attachments.kind_of(io.BytesIO(content))
    if known in ("pdf", "png", "jpeg", "tiff"):
        return known
    if known == "txt" or csv_file.is_text(content):
        return "csv"
    return None
