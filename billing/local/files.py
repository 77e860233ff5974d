"""Charges in files: written with all that waits, and acknowledgements read back."""

import hashlib
import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.local import actions, export_file
from billing.local.export_file import Line
from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from billing.local.system import Placed, There
from billing.numbers import actions as numbers
from illdesk import attachments, events, rows
from illdesk.actors import CLOCK, Actor
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Attachment
from requests_app.models import LoanPolicy

SUBJECT = "local_file"
_LONGEST = 10 * 1024 * 1024


def write(key: str, *, actor: Actor, now: datetime) -> LocalFile | None:
    """A file with all that waits: charges to collect, what to take off, what is appealed. Once per `key`; None where
    nothing waits."""
    there = LocalFile.objects.filter(key=key).first()
    if there is not None:
        return there
    today, currency = timezone.localtime(now).date(), LoanPolicy.current().currency
    with transaction.atomic():
        file = LocalFile(number=numbers.draw("LF", today), made=now, by=actor.user, key=key,
                         by_sftp=LocalSystem.current().kind == LocalSystem.SFTP)
        if not rows.insert(file, unless_there=True):
            raise NotAllowed(_("The same file is being made already."))
        lines = [*_charges(file, currency, now), *_changes(currency, now)]
        if not lines:
            transaction.set_rollback(True)
            return None
        total = sum((one.amount or Decimal(0) for one in lines if one.action == export_file.CHARGE), Decimal(0))
        LocalFile.objects.filter(pk=file.pk).update(lines=len(lines), total=total)
        upload = SimpleUploadedFile(f"{file.number}.csv", export_file.write(lines), content_type="text/plain")
        attachments.store((SUBJECT, file.pk), upload, by=actor.user, now=now)
        events.record("local.file_made", subject=(SUBJECT, file.pk), actor=actor, now=now, data={"lines": len(lines)})
        file.refresh_from_db()
        return file


def _charges(file: LocalFile, currency: str, now: datetime) -> list[Line]:
    lines = []
    waiting = LocalPart.objects.filter(state=LocalPart.WAITING).select_related("charge__patron", "charge__ill")
    for part in waiting.order_by("pk"):
        charge = part.charge
        if not actions.may_go(charge):
            LocalPart.objects.filter(pk=part.pk, state=LocalPart.WAITING).update(state=LocalPart.ENDED)
            continue
        mine = LocalPart.objects.filter(pk=part.pk, state=LocalPart.WAITING)
        if mine.update(state=LocalPart.IN_FILE, file=file, amount=charge.here, claimed=now):
            lines.append(Line(part.number, export_file.CHARGE, charge.patron.card, charge.here, currency, charge.kind,
                              charge.day, charge.ill.number if charge.ill else ""))
    return lines


def _changes(currency: str, now: datetime) -> list[Line]:
    lines = []
    for part, less, dispute in actions.changes():
        charge, day = part.charge, timezone.localtime(now).date()

        def line(action: str, amount: Decimal | None = None, part=part, charge=charge, day=day) -> Line:
            return Line(part.number, action, charge.patron.card, amount, currency, charge.kind, day)

        if less > 0 and LocalPart.objects.filter(pk=part.pk, off=part.off).update(off=part.off + less):
            lines.append(line(export_file.TAKE_OFF, less))
        if dispute != part.disputed and LocalPart.objects.filter(pk=part.pk, disputed=part.disputed).update(
                disputed=dispute):
            lines.append(line(export_file.DISPUTE if dispute else export_file.RESTORE))
    return lines


def content(file: LocalFile) -> bytes:
    kept = Attachment.objects.filter(subject_kind=SUBJECT, subject_id=file.pk).latest("pk")
    with kept.file.open("rb") as opened:
        return opened.read()


def read(name: str, data: bytes, *, actor: Actor, now: datetime) -> LocalAnswer:
    """Take in a file of acknowledgements, line by line; the same file again changes nothing. BadAnswer for what is
    none; lines that cannot be used are listed and the others count."""
    if len(data) > _LONGEST:
        raise BadAnswer(_("This file is too large for acknowledgements. Nothing was read."), field="file")
    digest = hashlib.sha256(data).hexdigest()
    there = LocalAnswer.objects.filter(sha256=digest).first()
    if there is not None:
        return there
    try:
        said, problems = export_file.read(data)
    except export_file.NotReadable as failure:
        if str(failure) == "table":
            raise BadAnswer(_("This is no file of acknowledgements. Nothing was read."), field="file") from failure
        raise BadAnswer(_("This is no file of acknowledgements: the first line must name the columns number and state. "
                          "Nothing was read."), field="file") from failure
    ours = LocalPart.objects.filter(charge__number__in={_charge_number(one.number) for one in said})
    parts = {part.number: part for part in ours.select_related("charge__patron", "charge__ill")}
    counts = {"accepted": 0, "refused": 0, "paid": 0}
    rows_of_problems = [[one.line, one.why, one.text] for one in problems]
    for one in export_file.by_number(said).values():
        part = parts.get(one.number)
        if part is None:
            rows_of_problems.append([one.line, "unknown", one.number])
            continue
        if part.state in (LocalPart.IN_FILE, LocalPart.UNCERTAIN, LocalPart.REFUSED) and one.state != "refused":
            if actions.settle(part, Placed(one.reference or part.number, part.amount), actor=actor, now=now):
                counts["accepted"] += 1
                part.refresh_from_db()
        elif part.state == LocalPart.IN_FILE:
            LocalPart.objects.filter(pk=part.pk, state=LocalPart.IN_FILE).update(
                state=LocalPart.REFUSED, last_error=one.words or _("refused"))
            counts["refused"] += 1
            continue
        if part.state == LocalPart.THERE:
            left = one.open if one.open is not None else (
                None if one.paid is None else part.expected + part.paid - one.paid)
            if one.state == export_file.CANCELLED and one.open is None:
                left = Decimal("0.00")
            if left is not None or one.paid is not None:
                heard = actions.hear(part, There(one.number, left, one.paid, one.state), actor=actor, now=now)
                counts["paid"] += heard > 0
        else:
            rows_of_problems.append([one.line, "late", one.number])
    answer = LocalAnswer(file_name=name[:200], sha256=digest, at=now, by=actor.user, problems=rows_of_problems,
                         **counts)
    rows.insert(answer, unless_there=True)
    return LocalAnswer.objects.get(sha256=digest)


def _charge_number(number: str) -> str:
    """PC-2026-00012 of PC-2026-00012-2."""
    return "-".join(number.split("-")[:3])


# --- a folder ------------------------------------------------------------------------------------------------


def exchange(row: LocalSystem, *, now: datetime) -> tuple[int, int]:
    """Write what was made into the folder, read what lies in its folder "in"; each once."""
    folder = row.option("folder")
    if not folder:
        return 0, 0
    done = failed = 0
    write(f"clock:{timezone.localtime(now):%Y-%m-%dT%H}", actor=CLOCK, now=now)
    for file in LocalFile.objects.filter(written=None, by_sftp=False).order_by("pk"):
        try:
            _put(Path(folder), f"{file.number}.csv", content(file))
        except OSError:
            failed += 1
            continue
        LocalFile.objects.filter(pk=file.pk, written=None).update(written=now)
        done += 1
    for path in sorted((Path(folder) / "in").glob("*.csv"))[:100]:
        try:
            read(path.name, path.read_bytes(), actor=CLOCK, now=now)
            target = Path(folder) / "in" / "read"
            target.mkdir(exist_ok=True)
            os.replace(path, target / path.name)
            done += 1
        except (OSError, BadAnswer):
            failed += 1
    return done, failed


def _put(folder: Path, name: str, data: bytes) -> None:
    """Whole or not at all: nobody takes half a file away."""
    half = folder / f".{name}.part"
    half.write_bytes(data)
    os.replace(half, folder / name)
