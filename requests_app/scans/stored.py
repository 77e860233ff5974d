"""A PDF, looked at and stored, that belongs to nobody yet: what `answers["file"]` of a step is."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk.errors import BadAnswer
from requests_app.scans.child import MOST_PAGES, SECONDS

# As many children at once as one process may have: each can take some 600 MB.
AT_ONCE = 2
_room = threading.BoundedSemaphore(AT_ONCE)
# The child meets strangers' bytes: it learns none of our secrets from the environment.
_TOLD = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHASHSEED", "TMPDIR", "SYSTEMROOT")
_PROBLEMS = {
    "encrypted": gettext_lazy("This PDF is locked with a password. Nothing was sent. Save it without one."),
    "no_pages": gettext_lazy("This PDF has no pages. Nothing was sent. Choose another file."),
    "too_long": gettext_lazy("This PDF has more than %(most)d pages. Nothing was sent. Split it."),
    "too_big": gettext_lazy("This PDF unfolds to more than can be read here. Nothing was sent. Scan it anew."),
    "unreadable": gettext_lazy("This PDF is damaged and cannot be read. Nothing was sent. Choose another file."),
}


@dataclass(frozen=True)
class StoredFile:
    """`path` in the file store; `pages` of the copy itself, a cover not counted."""

    path: str
    size: int
    sha256: str
    pages: int

    def forget(self) -> None:
        """The step was not taken: nobody's file must not lie about."""
        default_storage.delete(self.path)


def store(
    uploaded: File | IO[bytes] | None, *, legend: str = "", cover: bytes = b"", path: str = ""
) -> StoredFile:
    """Check, rewrite and store a PDF. `legend`: what is put on it, where no notice of copyright was found.

    `path`: where to store it, over what stands there; a random place without it. Raises BadAnswer (field
    "file") with a sentence; then nothing is kept. Opens no transaction and must not be called inside one.
    """
    if uploaded is None:
        raise BadAnswer(_("No file was chosen. Choose one, then send the form again."), field="file")
    with tempfile.TemporaryDirectory() as folder:
        source, target, front = Path(folder, "in.pdf"), Path(folder, "out.pdf"), Path(folder, "cover.pdf")
        _copy(uploaded, source)
        if cover:
            front.write_bytes(cover)
        pages = _rewrite(source, target, cover=front if cover else None, legend=legend)
        return _keep(target, pages, path=path)


def harmless(uploaded: UploadedFile) -> UploadedFile:
    """A PDF that is only to be kept, as `store` would write it. Raises BadAnswer (field "file")."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        _copy(uploaded, source)
        _rewrite(source, target, cover=None, legend="")
        kept = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the upload that it becomes
        with target.open("rb") as made:
            shutil.copyfileobj(made, kept)
    return UploadedFile(kept, name=uploaded.name, content_type="application/pdf", size=kept.tell())


def _copy(uploaded, target: Path) -> None:
    size, head = 0, b""
    with target.open("wb") as out:
        uploaded.seek(0)
        while piece := uploaded.read(256 * 1024):
            head = head or piece[:1024]
            size += len(piece)
            if size > settings.MAX_UPLOAD_BYTES:
                raise BadAnswer(
                    _("This file is larger than %(most)s. Nothing was kept. Choose a smaller one.")
                    % {"most": filesizeformat(settings.MAX_UPLOAD_BYTES)},
                    field="file",
                )
            out.write(piece)
    if not size:
        raise BadAnswer(_("This file is empty. Nothing was kept. Choose another file."), field="file")
    if b"%PDF-" not in head:  # readers allow some bytes before it
        raise BadAnswer(_("This file is not a PDF. Nothing was sent. Choose another file."), field="file")


def _rewrite(source: Path, target: Path, *, cover: Path | None, legend: str) -> int:
    """Number of pages. What kills or starves the child is the file's fault, and told as such."""
    command = [sys.executable, "-m", "requests_app.scans.child", str(source), str(target)]
    if cover:
        command += ["--cover", str(cover)]
    if legend:
        command += ["--legend", legend]
    if not _room.acquire(timeout=2 * SECONDS):
        raise BadAnswer(
            _("Many files are being read just now. Nothing was kept. Send it again in a minute."), field="file"
        )
    try:
        done = subprocess.run(  # noqa: S603 - our own program, our own file names
            command, cwd=settings.BASE_DIR, capture_output=True, timeout=SECONDS + 20, check=False,
            env={name: os.environ[name] for name in _TOLD if name in os.environ},
        )
        said = json.loads(done.stdout or b'{"problem": "too_big"}')
    except (subprocess.TimeoutExpired, ValueError):
        said = {"problem": "too_big"}
    finally:
        _room.release()
    if "problem" in said:
        raise BadAnswer(str(_PROBLEMS[said["problem"]]) % {"most": MOST_PAGES}, field="file")
    return said["pages"]


def _keep(target: Path, pages: int, *, path: str) -> StoredFile:
    digest = hashlib.sha256()
    with target.open("rb") as made:
        while piece := made.read(256 * 1024):
            digest.update(piece)
    if path:
        default_storage.delete(path)
    else:
        name = uuid4().hex
        path = f"{name[:2]}/{name}"
    with target.open("rb") as made:
        path = default_storage.save(path, File(made))
    return StoredFile(path, target.stat().st_size, digest.hexdigest(), pages)
