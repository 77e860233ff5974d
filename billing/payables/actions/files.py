"""Tables of lines: looked at, their columns mapped (remembered for the library), then entered as invoices.

A long one is entered by a job, some thousand rows at a time, each slice once.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.payables import assess, kept, lifecycle, sheets, words
from billing.payables.actions.entry import finish, number_key
from billing.payables.actions.moving import move
from billing.payables.models import PayableFile, PayableInvoice, PayableLayout, PayableLine
from billing.payables.readers import table
from billing.payables.readers.table import Layout, Written
from billing.tables import amounts, dates
from billing.tables import files as tables
from billing.tables import words as table_words
from billing.tables.refused import Refused
from illdesk import events, jobs, money, rows
from illdesk.actors import SYSTEM, Actor, staff
from illdesk.dates import in_words
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.models import Library, LoanPolicy

KIND = "payable_file"
A_SLICE = 5000
AT_ONCE = 3000  # so many lines are entered while the person waits
PROBLEMS_KEPT = 5000


def look_at(
    content: bytes, *, name: str, library: int | None, given: dict[str, Any], actor: Actor, now: datetime,
) -> PayableFile:
    """Kept and read through once; nothing is entered. `given`: number, dated, due, currency, total as typed with it,
    dates as ISO. BadAnswer (field "file") for what is not opened; then nothing is kept."""
    if not actor.may("work_payables"):
        raise NotAllowed(_("You may not do this."))
    if kept.kind_of(content) not in ("xlsx", "ods", "csv"):
        raise BadAnswer(_("This is no table: send CSV, TSV or XLSX. A PDF is kept beside an invoice that is keyed in."),
                        field="file")
    digest = hashlib.sha256(content).hexdigest()
    try:
        file = io.BytesIO(content)
        looked = table.look(file, known=_known(library))
        rows_ = sheets.unfold(file, looked.layout.sheet)
        counted = _counted(rows_ or file, looked.layout)
    except Refused as refusal:
        raise BadAnswer(refused(refusal), field="file") from refusal
    with transaction.atomic():
        row = PayableFile(
            library_id=library, file_name=name.replace("\x00", "")[-200:], sha256=digest, made=now, by=actor.user,
            given=given, layout=_stored(looked), **counted)
        row.save()
        kept.keep(("payable_file", row.pk), name, content, by=actor.user, now=now)
        if rows_ is not None:
            sheets.keep(row.pk, looked.layout.sheet, rows_, now=now)
        events.record("payable_file.looked", subject=("payable_file", row.pk), actor=actor, now=now,
                      data={"lines": row.counted.get("lines", 0)})
    return row


def refused(refusal: Refused) -> str:
    return table_words.sentence(refusal, words.REFUSALS)


def _known(library: int | None) -> dict[str, dict[str, Any]]:
    """What was chosen before: for this library first, else for any."""
    layouts = PayableLayout.objects.filter(library=library) if library else PayableLayout.objects.none()
    everybody = PayableLayout.objects.filter(library=None)
    return {row.signature: row.chosen for row in (*everybody, *layouts)}


def _stored(looked: table.Looked) -> dict[str, Any]:
    return {"layout": asdict(looked.layout), "sheets": looked.sheets, "hidden": looked.hidden,
            "ignored": looked.ignored, "first": looked.first}


def layout_of(row: PayableFile) -> Layout:
    said = row.layout["layout"]
    return Layout(**{**said, "head": tuple(said["head"])})


def _counted(file: BinaryIO, layout: Layout) -> dict[str, Any]:
    if "amount" not in layout.mapping:
        return {"counted": {}, "problems": []}
    found = table.count(file, layout, problems=PROBLEMS_KEPT, mark=A_SLICE)
    return {
        "counted": {
            "lines": found.lines, "marks": found.marks, "amount": str(found.amount), "left_out": found.left_out,
            "totals": [[line, str(says), str(comes)] for line, says, comes in found.totals],
            "invoices": dict(list(found.invoices.items())[:500]), "currencies": sorted(found.currencies),
        },
        "problems": [[one.line, one.code, one.value, one.left_out] for one in found.problems],
    }


def choose(
    row: PayableFile, *, mapping: dict[str, int], order: str, sheet: str, library: int | None, given: dict[str, Any],
    actor: Actor, now: datetime,
) -> PayableFile:
    """Other columns, another sheet; read through again. What is chosen is remembered for the next file."""
    if row.state != PayableFile.LOOKED:
        raise NotAllowed(_("This file was decided on already."))
    other = sheet if sheet != row.layout["layout"]["sheet"] else ""
    rows_: BinaryIO | None = None
    try:
        with sheets.opened(row, sheet=other or None) as file:
            if other:
                if other not in row.layout["sheets"]:
                    raise BadAnswer(_("Choose a sheet of this workbook."), field="sheet")
                looked = table.look(file, sheet=other, known=_known(library))
                rows_ = sheets.unfold(file, other)
                looked.sheets = tuple(row.layout["sheets"])
                stored = _stored(looked)
                layout = looked.layout
            else:
                stored = row.layout
                said = stored["layout"] | {"mapping": mapping, "order": order}
                layout = Layout(**{**said, "head": tuple(said["head"])})
                layout = _again(file, layout)
                used = set(mapping.values())
                stored = stored | {"layout": asdict(layout), "ignored": [
                    name[:60] for at, name in enumerate(layout.head) if name and at not in used]}
            counted = _counted(rows_ or file, layout)
    except Refused as refusal:
        raise BadAnswer(refused(refusal), field="mapping") from refusal
    with transaction.atomic():
        done = PayableFile.objects.filter(pk=row.pk, state=PayableFile.LOOKED).update(
            layout=stored, library=library, given=given, **counted)
        if not done:
            raise NotAllowed(_("Somebody decided on this file already."))
        if other:
            sheets.forget(row.pk)
        if rows_ is not None:
            sheets.keep(row.pk, other, rows_, now=now)
        PayableLayout.objects.update_or_create(
            library=Library.objects.get(pk=library) if library else None, signature=layout.signature,
            defaults={"chosen": {"mapping": layout.mapping, "order": layout.order}, "used": now})
    return PayableFile.objects.get(pk=row.pk)


def _again(file: BinaryIO, layout: Layout) -> Layout:
    """The signs of cents and the order of dates by the columns that are chosen now."""
    below = [cells for line, cells in islice(tables.rows(file, layout.sheet), table.SAMPLE)
             if line > layout.head_line]

    def column(name: str) -> list[Any]:
        at = layout.mapping.get(name)
        return [] if at is None else [cells[at] for cells in below if at < len(cells)]

    return replace(layout, decimal_sign=amounts.decimal_sign(column("amount")),
                   order=layout.order or dates.order_of(column("dated")))


# --- entering ------------------------------------------------------------------------------------------------


def enter_file(row: PayableFile, *, actor: Actor, now: datetime) -> PayableFile:
    """Its lines become invoices: one, or one for each number in the invoices' column. Once; the same file a second
    time is told. A long one goes on in a job (`row.job`)."""
    if not actor.may("work_payables"):
        raise NotAllowed(_("You may not do this."))
    lines = int(row.counted.get("lines", 0))
    if not lines:
        raise BadAnswer(str(words.REFUSALS["no_lines"]), field="file")
    heads = _heads(row, now)
    with transaction.atomic():
        try:
            with transaction.atomic():
                mine = PayableFile.objects.filter(pk=row.pk, state=PayableFile.LOOKED)
                if not mine.update(state=PayableFile.READING, by=actor.user or row.by):
                    raise NotAllowed(_("This file was decided on already."))
        except IntegrityError as other:
            raise NotAllowed(same_file(row)) from other
        _by_mail(row, heads, actor=actor, now=now)
        for number, head in heads.items():
            rows.insert(PayableInvoice(
                library_id=row.library_id, how="file", state=lifecycle.READING, file=row,
                key=f"file:{row.pk}:{number_key(number) or number}"[:120], entered=now, entered_by=actor.user, **head,
            ), unless_there=True)
        for invoice in PayableInvoice.objects.filter(file=row):
            events.record("payable.entered", subject=invoice.subject, actor=actor, now=now,
                          data={"how": "file", "file": row.pk})
        if lines <= AT_ONCE:
            for slice_ in range(_slices(lines)):
                _read_slice(row, slice_)
            _read_all(row, actor=actor, now=now)
    if lines > AT_ONCE and actor.user is not None:
        work = [jobs.Work(name=f"{at * A_SLICE + 1}–{min((at + 1) * A_SLICE, lines)}", data={"slice": at})
                for at in range(_slices(lines))]
        work.append(jobs.Work(name=_("all lines"), data={"last": True}))
        job = jobs.start(KIND, by=actor.user, label=_("Lines of %(file)s") % {"file": row.file_name[:100]},
                         items=work, data={"file": row.pk}, now=now)
        PayableFile.objects.filter(pk=row.pk).update(job=job.pk)
    return PayableFile.objects.get(pk=row.pk)


def _by_mail(row: PayableFile, heads: dict[str, dict[str, Any]], *, actor: Actor, now: datetime) -> None:
    """The invoice with which the file came by mail gets the lines; of several, each keeps the mail's PDF beside it."""
    mailed = PayableInvoice.objects.filter(pk=row.given.get("mail") or 0, state=lifecycle.RECEIVED)
    if len(heads) == 1:
        (number, head), = heads.items()
        if mailed.update(library=row.library, state=lifecycle.READING, file=row, entered_by=actor.user, **head):
            heads.pop(number)
        return
    for one in mailed:
        heads.update({number: head | {"paper_id": one.paper_id} for number, head in heads.items()})
        mailed.update(state=lifecycle.REJECTED, file=None, library=row.library, why=_(
            "It holds several invoices; each was entered by itself."))


def same_file(row: PayableFile) -> str:
    other = PayableFile.objects.filter(
        sha256=row.sha256, state__in=[PayableFile.READING, PayableFile.ENTERED]).exclude(pk=row.pk).first()
    if other is None:
        return ""
    return _("This very file was entered already, on %(day)s (%(name)s). Nothing was entered.") % {
        "day": in_words(other.made), "name": other.file_name}


def _heads(row: PayableFile, now: datetime) -> dict[str, dict[str, Any]]:
    """What stands above the lines of each invoice. By its number as the file writes it; "" where it has no column."""
    given, counted = row.given, row.counted
    if row.library_id is None:
        raise BadAnswer(_("Choose the library whose invoice it is."), field="library")
    invoices = counted["invoices"]
    numbers = [number for number in invoices if number]
    single = len(numbers) <= 1
    currencies = [code for code in counted["currencies"] if code in money.CURRENCIES]
    currency = given.get("currency") or (currencies[0] if len(currencies) == 1 else "") or (
        "" if currencies else LoanPolicy.current().currency)
    if not currency:
        raise BadAnswer(_("The file names several currencies: choose one, or split it."), field="currency")
    if not given.get("dated"):
        raise BadAnswer(_("Enter the date of the invoice."), field="dated")
    number = given.get("number") or (numbers[0] if single and numbers else "")
    if single and not number:
        raise BadAnswer(_("Enter the number of the invoice."), field="number")
    base = {"currency": currency, "dated": date.fromisoformat(given["dated"]),
            "due": date.fromisoformat(given["due"]) if given.get("due") else None}
    if single:
        total = Decimal(given["total"]) if given.get("total") else _grand_total(counted)
        return {number: base | {"number": number[:60], "number_key": number_key(number), "total": total}}
    return {one: base | {"number": one[:60], "number_key": number_key(one), "total": Decimal(0)} for one in numbers}


def _grand_total(counted: dict[str, Any]) -> Decimal:
    """As the file itself says it in its last total; else what its lines come to."""
    totals = counted["totals"]
    return Decimal(totals[-1][1]) if totals else Decimal(counted["amount"])


def _slices(lines: int) -> int:
    return (lines + A_SLICE - 1) // A_SLICE


def _written(row: PayableFile, since: int) -> Iterator[Written]:
    with sheets.opened(row) as file:
        for one in table.read(file, layout_of(row), since=since):
            if isinstance(one, Written):
                yield one


def _read_slice(row: PayableFile, at: int) -> int:
    """Lines at * A_SLICE and on: matched, compared, stored."""
    invoices = {invoice.number: invoice for invoice in PayableInvoice.objects.filter(file=row)}
    only = next(iter(invoices.values())) if len(invoices) == 1 else None
    abouts: dict[int, assess.Assessing] = {}
    left_out: list[tuple[Written, str]] = []
    by_invoice: dict[int, list[PayableLine]] = {}
    written = islice(_written(row, row.counted["marks"][at]), A_SLICE)
    for place, one in enumerate(written, start=at * A_SLICE + 1):
        invoice = only or invoices.get(one.invoice[:60])
        if invoice is None:  # several invoices, and this row names none of them
            left_out.append((one, "no_invoice"))
            continue
        if one.currency and one.currency != invoice.currency:
            left_out.append((one, "currency"))
            continue
        if invoice.pk not in abouts:
            abouts[invoice.pk] = assess.Assessing(invoice)
        about = abouts[invoice.pk]
        by_invoice.setdefault(invoice.pk, []).append(PayableLine(
            invoice=about.invoice, place=place, number=one.number, theirs=one.theirs, external=one.external,
            title=one.title, dated=one.dated, what=one.what, amount=one.amount, found={"row": one.line}))
    for pk, lines in by_invoice.items():
        assess.assess(lines, abouts[pk])
        rows.insert_all(lines)
    if left_out:  # nothing is lost: they stand in the list with the reason
        kept_so_far = PayableFile.objects.get(pk=row.pk).problems
        said = [[one.line, code, f"{one.number or one.title} {one.currency} {one.amount}".strip()[:100], True]
                for one, code in left_out]
        PayableFile.objects.filter(pk=row.pk).update(problems=(kept_so_far + said)[:2 * PROBLEMS_KEPT])
    return sum(len(lines) for lines in by_invoice.values())


def _number(row: PayableFile) -> None:
    """1, 2, 3 … on each invoice; meanwhile they were counted through the file, whichever slice came first. One
    statement, however long the file is."""
    table_ = PayableLine._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table_} SET place = counted.n FROM (SELECT line.id AS pk, ROW_NUMBER() "  # noqa: S608, our tables
            f"OVER (PARTITION BY line.invoice_id ORDER BY line.place, line.id) AS n FROM {table_} line JOIN "
            f"{PayableInvoice._meta.db_table} whole ON whole.id = line.invoice_id WHERE whole.file_id = %s "
            f"AND whole.state = %s) AS counted WHERE {table_}.id = counted.pk "
            f"AND {table_}.place <> counted.n", [row.pk, lifecycle.READING])


def _read_all(row: PayableFile, *, actor: Actor, now: datetime) -> None:
    assess.forget_titles()
    _number(row)
    several = PayableInvoice.objects.filter(file=row).count() > 1
    for invoice in PayableInvoice.objects.filter(file=row, state=lifecycle.READING):
        if several:
            billed = invoice.lines.aggregate(sum=Sum("amount"))["sum"]
            PayableInvoice.objects.filter(pk=invoice.pk).update(total=money.cents(billed))
        finish(invoice)
        move(invoice, "read", actor=actor, now=now)
    PayableFile.objects.filter(pk=row.pk).update(state=PayableFile.ENTERED)
    sheets.forget(row.pk)


@jobs.kind(KIND)
def one_slice(job: Any, item: Any, *, now: datetime) -> str:
    row = PayableFile.objects.get(pk=job.data["file"])
    if item.data.get("last"):
        if job.items.exclude(pk=item.pk).exclude(state="done").exists():
            raise NotAllowed(_("Not all lines are read: try the others again first."))
        _read_all(row, actor=staff(job.started_by) if job.started_by else SYSTEM, now=now)
        return str(_("Lines to answer"))
    return _("%(n)s lines") % {"n": _read_slice(row, item.data["slice"])}


def discard(row: PayableFile, *, actor: Actor, now: datetime) -> None:
    """Nothing of it was entered; that it came stays."""
    with transaction.atomic():
        if not PayableFile.objects.filter(pk=row.pk, state=PayableFile.LOOKED).update(state=PayableFile.DISCARDED):
            raise NotAllowed(_("This file was decided on already."))
        sheets.forget(row.pk)
        events.record("payable_file.discarded", subject=("payable_file", row.pk), actor=actor, now=now)
