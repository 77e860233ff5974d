"""A report taken in: kept as it came, its columns named once, its lines stored once and compared. Nothing is booked."""

import hashlib
from collections import Counter
from datetime import date, datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.efts.models import Deposit
from billing.ifm import matching, reader, words
from billing.ifm.models import Layout, NetworkLine, NetworkPolicy, Report
from billing.tables import words as table_words
from billing.tables.refused import Refused
from illdesk import attachments, events, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Attachment
from requests_app.references import plain

PROBLEMS_KEPT = 500
SUBJECT = "network_report"


def take(
    data: bytes, *, system: str, month: date, name: str, actor: Actor, now: datetime, side: str = "",
    deposit: Deposit | None = None,
) -> Report:
    """The report as a row; read at once where its columns were named before, else they are to be named (`name`). Raises
    BadAnswer, and nothing is kept. A file that was read already is given back as it stands."""
    table = _table(data)
    digest = hashlib.sha256(data).hexdigest()
    there = Report.objects.filter(system=system, month=month, deposit=deposit, side=side, file__sha256=digest).exclude(
        state=Report.DISCARDED).first()
    if there is not None:
        return there
    layout = Layout.objects.filter(system=system, signature=table.signature).first()
    stored = ""
    try:
        with transaction.atomic():
            row = Report.objects.create(
                system=system, month=matching.month_of(month), file_name=_name(name), made=now, by=actor.user,
                side=side, deposit=deposit)
            file = _kept(row, data, name, digest, actor, now)
            stored = file.file.name or ""
            Report.objects.filter(pk=row.pk).update(file=file)
            row.file = file
            events.record("network.report_taken", subject=(SUBJECT, row.pk), actor=actor, now=now)
            if layout is not None:
                _store(row, table, layout.columns, actor=actor, now=now)
    except Exception:
        if stored:
            file.file.storage.delete(stored)
        raise
    return row


def _name(name: str) -> str:
    return name.replace("\x00", "").replace("\\", "/").rpartition("/")[2][-200:] or "report"


def _table(data: bytes) -> reader.Table:
    try:
        return reader.read(data)
    except Refused as refusal:
        raise BadAnswer(table_words.sentence(refusal, words.REFUSALS), field="file") from refusal


def _kept(row: Report, data: bytes, name: str, digest: str, actor: Actor, now: datetime) -> Attachment:
    """As it came, also where it is no kind of file that people may add elsewhere (UTF-16, XLS)."""
    workbook = data[:4] == b"PK\x03\x04"
    kept = Attachment(
        subject_kind=SUBJECT, subject_id=row.pk, name=attachments.safe_name(name, "xlsx" if workbook else "txt"),
        content_type=attachments.KINDS["xlsx"][0] if workbook else "application/octet-stream", size=len(data),
        sha256=digest, added=now, added_by=actor.user)
    kept.file.save(kept.name, ContentFile(data), save=False)
    kept.save()
    return kept


def table_of(row: Report) -> reader.Table:
    """The file again. BadAnswer where it is not there any more."""
    assert row.file is not None
    try:
        with row.file.file.open("rb") as file:
            return reader.read(file.read())
    except (OSError, Refused) as failure:
        raise BadAnswer(_("The file of this report cannot be read on our side. Read it in anew."), field="file") \
            from failure


def name_columns(row: Report, columns: dict[str, str], *, actor: Actor, now: datetime) -> Report:
    """What each column is; kept for every report with the same columns, and this one is read. BadAnswer where one is
    missing that is needed, or named twice."""
    table = table_of(row)
    columns = {name: column for name, column in columns.items() if column in table.head and name in reader.FIELDS}
    for name in reader.NEEDED:
        if name not in columns:
            raise BadAnswer(_("Say which column has this: %(field)s.") % {"field": words.FIELDS[name]}, field=name)
    twice = [name for name, column in columns.items() if list(columns.values()).count(column) > 1]
    if twice:
        raise BadAnswer(_("One column cannot be two things."), field=twice[-1])
    if "kind" not in columns and not row.side:
        raise BadAnswer(_("Without a column that says what a line is, say whether it is the borrower or the lender "
                          "report: throw this one away and read the file in again."), field="kind")
    with transaction.atomic():
        Layout.objects.update_or_create(
            system=row.system, signature=table.signature,
            defaults={"columns": columns, "made": now, "by": actor.user})
        _store(row, table, columns, actor=actor, now=now)
    return row


def _store(row: Report, table: reader.Table, columns: dict[str, str], *, actor: Actor, now: datetime) -> None:
    reading = reader.lines(table, columns, side=row.side, currency=NetworkPolicy.current().fee_currency)
    if not Report.objects.filter(pk=row.pk, state=Report.UNMAPPED).update(state=Report.READ):
        raise NotAllowed(_("Somebody read this report already. Nothing was changed."))
    lines = [_line(row, one) for one in reading.lines]
    _number_keys(lines)
    there = _there([line.key for line in lines])
    new = [line for line in lines if line.key not in there]
    NetworkLine.objects.filter(pk__in=there.values(), seen__lt=row.pk).update(seen=row)
    matching.compare(new)
    stored = sum(1 for line in new if rows.insert(line, unless_there=True))
    row.state, row.rows, row.known = Report.READ, len(lines), len(lines) - stored
    row.problems = [list(problem) for problem in reading.problems[:PROBLEMS_KEPT]]
    row.save(update_fields=["rows", "known", "problems"])
    events.record("network.report_read", subject=(SUBJECT, row.pk), actor=actor, now=now,
                  data={"rows": row.rows, "known": row.known, "problems": len(reading.problems)})


def _line(row: Report, one: reader.Line) -> NetworkLine:
    return NetworkLine(
        report=row, seen=row, system=row.system, deposit=row.deposit, month=row.month, row=one.row,
        number=plain(one.written)[:60], written=one.written, symbol=one.symbol, name=one.name, day=one.day,
        kind=one.kind, amount=one.amount, currency=one.currency)


def _number_keys(lines: list[NetworkLine]) -> None:
    """What a line says is its key; of lines that say the same, which it is. So the order of a report does not matter,
    nor whether another has only some of them."""
    count: Counter[str] = Counter()
    for line in lines:
        said = f"{line.number}|{line.day}|{line.kind}|{line.amount:.2f}|{line.currency}"
        digest = hashlib.sha256(said.encode()).hexdigest()[:32]
        count[digest] += 1
        line.key = f"{line.system}:{line.deposit_id or 0}:{digest}:{count[digest]}"


def _there(keys: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at in range(0, len(keys), 1000):
        found.update(NetworkLine.objects.filter(key__in=keys[at:at + 1000]).values_list("key", "pk"))
    return found


def discard(row: Report, *, actor: Actor, now: datetime) -> None:
    """A report read by mistake: its lines that were not booked go with it. NotAllowed where some were booked."""
    with transaction.atomic():
        mine = NetworkLine.objects.filter(report=row)
        if mine.filter(state__in=[NetworkLine.BOOKED, NetworkLine.REPLACED]).exists():
            raise NotAllowed(_("Lines of this report are booked: undo those first that are wrong."))
        if mine.filter(seen__gt=row.pk).exists() or NetworkLine.objects.filter(instead__report=row).exists():
            raise NotAllowed(_("A later report has lines of this one: throw that away first."))
        if not Report.objects.filter(pk=row.pk).exclude(state=Report.DISCARDED).update(state=Report.DISCARDED):
            raise NotAllowed(_("Somebody threw this report away already."))
        mine.delete()
        NetworkLine.objects.filter(seen=row).update(seen=F("report"))
        events.record("network.report_discarded", subject=(SUBJECT, row.pk), actor=actor, now=now)
