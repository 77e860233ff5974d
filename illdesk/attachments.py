"""Taking in files: looked at, named harmlessly, kept under a random name with their checksum."""

import codecs
import hashlib
import re
import unicodedata
import zipfile
from datetime import datetime
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from illdesk import actors, events
from illdesk.errors import BadAnswer
from illdesk.models import Attachment, User

# Kind → (content type, endings). What a file is, its first bytes say, not its name.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "pdf": ("application/pdf", (".pdf",)),
    "png": ("image/png", (".png",)),
    "jpeg": ("image/jpeg", (".jpg", ".jpeg")),
    "tiff": ("image/tiff", (".tif", ".tiff")),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",)),
    "txt": ("text/plain", (".txt",)),
}
_STARTS = {
    b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"II*\x00": "tiff", b"MM\x00*": "tiff",
}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NAME_LENGTH = 200


def store(subject: tuple[str, int], uploaded: UploadedFile | None, *, by: User | None, now: datetime) -> Attachment:
    """Keep an uploaded file with its subject. Raises BadAnswer (field "file"); then nothing is kept."""
    if uploaded is None:
        raise BadAnswer(_("No file was chosen. Choose one, then send the form again."), field="file")
    if not uploaded.size:
        raise BadAnswer(_("This file is empty. Nothing was kept. Choose another file."), field="file")
    if uploaded.size > settings.MAX_UPLOAD_BYTES:
        raise BadAnswer(
            _("This file is larger than %(most)s. Nothing was kept. Choose a smaller one.")
            % {"most": filesizeformat(settings.MAX_UPLOAD_BYTES)},
            field="file",
        )
    kind = kind_of(uploaded)
    if kind is None:
        raise BadAnswer(
            _("This is no PDF, image, Word, Excel or text file. Nothing was kept. Choose another file."), field="file"
        )
    digest = hashlib.sha256()
    for chunk in uploaded.chunks():
        digest.update(chunk)
    attachment = Attachment(
        subject_kind=subject[0], subject_id=subject[1], name=safe_name(uploaded.name or "", kind),
        content_type=KINDS[kind][0], size=uploaded.size, sha256=digest.hexdigest(), added=now, added_by=by,
    )
    uploaded.seek(0)
    attachment.file.save(attachment.name, uploaded, save=False)
    try:
        with transaction.atomic():
            attachment.save()
            events.record(
                f"{subject[0]}.file_added", subject=subject, actor=actors.staff(by) if by else actors.SYSTEM, now=now,
                data={"file": attachment.pk},
            )
    except Exception:
        attachment.file.delete(save=False)  # a file without its row would lie about for ever
        raise
    return attachment


def keep(
    subject: tuple[str, int], name: str, content: bytes, content_type: str, *, by: User | None, now: datetime
) -> Attachment:
    """Keep a file that we made ourselves. When the caller's transaction fails, a file without a row is left: its name
    is random, and nobody is led to it."""
    attachment = Attachment(
        subject_kind=subject[0], subject_id=subject[1], name=name[:_NAME_LENGTH], content_type=content_type,
        size=len(content), sha256=hashlib.sha256(content).hexdigest(), added=now, added_by=by,
    )
    attachment.file.save(attachment.name, ContentFile(content), save=False)
    attachment.save()
    return attachment


def kind_of(file) -> str | None:
    """A key of KINDS by the content, None for everything else."""
    file.seek(0)
    head = file.read(1024)
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if b"%PDF-" in head:  # readers allow some bytes before it
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(file)
    return "txt" if _is_text(file) else None


def _kind_of_zip(file) -> str | None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None  # macros are refused
    return {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}.get(
        next((name for name in ("word/document.xml", "xl/workbook.xml") if name in names), "")
    )


def _is_text(file) -> bool:
    """UTF-8 without control characters; a long file is read in pieces."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    file.seek(0)
    try:
        while piece := file.read(64 * 1024):
            if _CONTROL.search(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def safe_name(name: str, kind: str) -> str:
    """The last part of the name without what hides or turns letters, ending as the content demands."""
    name = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(
        letter for letter in unicodedata.normalize("NFC", name)
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and letter not in '"<>|:*?'
    ).strip(" .")
    path = PurePosixPath(kept or _("file"))
    endings = KINDS[kind][1]
    ending = path.suffix if path.suffix.lower() in endings else endings[0]
    stem = kept.removesuffix(path.suffix) if path.suffix.lower() in endings else str(path)
    return stem[: _NAME_LENGTH - len(ending)] + ending
