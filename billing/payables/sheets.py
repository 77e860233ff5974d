"""Long sheets of workbooks, unfolded: a job reads each slice of one, and not the whole workbook for each."""

from datetime import datetime
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from django.core.files.base import File
from django.db import transaction

from billing.payables.models import PayableFile
from billing.payables.readers.table import MOST_ROWS
from billing.tables import files, unfolded
from billing.tables.refused import Refused
from illdesk.models import Attachment

LONG = 3000  # rows from which on a sheet is unfolded; a shorter one is entered in one go
SUBJECT = "payable_rows"
_NAME = 200
_IN_MEMORY = 4 * 1024 * 1024  # more lies on the disk


def unfold(file: BinaryIO, sheet: str) -> BinaryIO | None:
    """A long sheet written down row by row; None for a short one, and for what is no workbook. Raises Refused."""
    if not files.is_workbook(file):
        return None
    out = cast(BinaryIO, SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115, closed when it is forgotten
    many = 0
    for many, _row in enumerate(unfolded.write(files.rows(file, sheet), out), start=1):
        if many > MOST_ROWS:
            raise Refused("too_many", str(MOST_ROWS))
    return out if many > LONG else None


def opened(row: PayableFile, *, sheet: str | None = None) -> BinaryIO:
    """The rows of its sheet (or of another one), unfolded where they were; else the file as it came."""
    if (rows_ := _rows_of(row.pk, row.layout["layout"]["sheet"] if sheet is None else sheet)) is not None:
        try:
            return cast(BinaryIO, rows_.file.open("rb"))
        except OSError:  # lost: the file itself has them too
            pass
    whole = Attachment.objects.get(subject_kind="payable_file", subject_id=row.pk)
    return cast(BinaryIO, whole.file.open("rb"))


def keep(file: int, sheet: str, rows: BinaryIO, *, now: datetime) -> None:
    """The rows of a workbook's sheet, unfolded (`tables.unfolded`), in the place of those of another sheet: `file` is
    the key of the PayableFile. Nobody fetches them, and they go when the file is entered or thrown away."""
    forget(file)
    rows.seek(0, 2)
    row = Attachment(subject_kind=SUBJECT, subject_id=file, name=sheet[:_NAME], content_type="application/octet-stream",
                     size=rows.tell(), sha256="", added=now)
    rows.seek(0)
    row.file.save("rows", File(rows), save=False)
    row.save()


def _rows_of(file: int, sheet: str) -> Attachment | None:
    return Attachment.objects.filter(subject_kind=SUBJECT, subject_id=file, name=sheet[:_NAME]).first()


def forget(file: int) -> None:
    for row in Attachment.objects.filter(subject_kind=SUBJECT, subject_id=file):
        stored, storage = row.file.name, row.file.storage
        row.delete()
        if stored:
            transaction.on_commit(partial(storage.delete, stored), robust=True)
