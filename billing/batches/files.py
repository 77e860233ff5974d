"""Files of batches: cover sheets, a workbook, a list, all of them zipped. All from the same contents, so that their
amounts are the same; neither a patron nor a title is among those."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from billing.batches import paper, payable
from billing.batches.models import Batch, BatchSettings
from billing.batches.payable import Original
from billing.batches.queries import NOTHING, Contents, Invoice
from illdesk import dates, exports, money
from illdesk.errors import DeskError
from illdesk.models import Attachment, Institution

FORMS = ("pdf", "xlsx", "csv", "zip")
TYPES = {"pdf": "application/pdf", "xlsx": exports.XLSX_TYPE, "csv": "text/csv; charset=utf-8",
         "zip": "application/zip"}


def head() -> list[str]:
    return [_("Batch"), _("Payee"), _("Fiscal year"), _("Month"), _("Fund"), _("Kind"), _("Invoice"), _("Our number"),
            _("Date"), _("Due"), _("Request"), _("For"), _("Amount"), _("Currency"), _("State"), _("Paid on"),
            _("Reference")]


AMOUNT = 12  # its place in a row


def rows(found: Sequence[Contents]) -> Iterator[list[Any]]:
    """A row for each live line, with the month of the books in which its cost stands."""
    for one in found:
        batch = one.batch
        for invoice in one.invoices:
            for line in invoice.lines:
                if line.state == line.BACK:
                    continue
                month = one.months[line.pk]
                yield [
                    batch.number, batch.payee, month.year.label, str(month), line.fund, invoice.label,
                    invoice.row.number, invoice.row.ours, invoice.row.day, invoice.row.due, line.number, line.what,
                    line.amount, batch.currency, str(batch.get_state_display()), batch.paid_on, batch.reference,
                ]


def fund_head() -> list[str]:
    return [_("Batch"), _("Fiscal year"), _("Month"), _("Fund"), _("Amount"), _("Currency")]


def fund_rows(found: Sequence[Contents]) -> Iterator[list[Any]]:
    """A row for each fund and month of the books of each batch, then all of them together."""
    for one in found:
        for row in one.funds:
            yield [one.batch.number, row.period.year.label, str(row.period), row.fund, row.amount, one.batch.currency]
    yield [_("Total"), "", "", "", sum((one.total for one in found), NOTHING), currency(found)]


def currency(found: Sequence[Contents]) -> str:
    return found[0].batch.currency if found else ""


# --- each form -----------------------------------------------------------------------------------------------


def pdf(found: Sequence[Contents], *, now: datetime) -> bytes:
    ours = Institution.objects.filter(pk=1).first() or Institution(name="")
    office = BatchSettings.current().office
    size = "a4" if ours.country not in ("", "US", "CA", "MX") else "letter"
    return paper.covers([_cover(one, ours, office, now=now) for one in found], paper=size)


def _cover(one: Contents, ours: Institution, office: str, *, now: datetime) -> paper.Cover:
    batch = one.batch
    period = batch.period
    facts = [
        (_("To"), office), (_("Payee"), batch.payee), (_("Batch"), batch.number),
        (_("Amount"), money.shown(one.total, batch.currency)),
        (_("Forwarded in"), f"{period.year.label}, {dates.month(period.begins)}"),
        (_("Forwarded"), _signed(batch.forwarded, batch.forwarded_by)),
        (_("State"), str(batch.get_state_display())),
    ]
    if batch.paid_on:
        facts.append((_("Paid"), _("%(day)s, reference %(reference)s") % {
            "day": dates.in_words(batch.paid_on), "reference": batch.reference}))
    notes, count = [], sum(1 for invoice in one.invoices if _lives(invoice))
    if one.gone:
        said = ngettext("Sent back and not part of this batch any more: %(count)s line, %(amount)s.",
                        "Sent back and not part of this batch any more: %(count)s lines, %(amount)s.", len(one.gone))
        gone = sum((line.amount for line in one.gone), NOTHING)
        notes.append(said % {"count": len(one.gone), "amount": money.shown(gone, batch.currency)})
    if kept := held(one):
        notes.append(_("This sheet stands for the paper of %(numbers)s: the department keeps it, since it may show "
                       "titles or names, and passes it on when it was looked at.") % {"numbers": ", ".join(kept)})
    notes += [
        _("%(amount)s of it stands in the books of fiscal year %(year)s, not in that of this batch.") % {
            "amount": money.shown(amount, batch.currency), "year": label} for label, amount in one.other_years]
    return paper.Cover(
        library=ours.name, address=" · ".join(filter(None, (
            ours.department, ", ".join(filter(None, (ours.line1, ours.locality)))))),
        kind=_("Payment batch"), number=batch.number, heading=batch.payee,
        sub=ngettext("%(count)s invoice for payment, %(amount)s", "%(count)s invoices for payment, %(amount)s",
                     count) % {"count": count, "amount": money.shown(one.total, batch.currency)},
        facts=facts, tables=[_fund_table(one), _invoice_table(one), _line_table(one)], notes=notes,
        sign=[_("Approved for payment"), _("Date"), _("Payment reference")],
        page=_("%(batch)s · page {n} of {all}") % {"batch": batch.number}, language=get_language() or "en",
    )


def _signed(at: datetime, by) -> str:
    day = dates.in_words(timezone.localtime(at).date())
    return f"{day}, {by.short_name}" if by else day


def _lives(invoice: Invoice) -> bool:
    return any(line.state != line.BACK for line in invoice.lines)


def _shown(amount: Decimal) -> str:
    return money.figures(amount)


def _day(day: date | None) -> str:
    return dates.in_words(day) if day else ""


def _fund_table(one: Contents) -> paper.Table:
    return paper.Table(
        _("By fund and fiscal period"),
        [_("Fund"), _("Fiscal year"), _("Month"), _("Amount, %(currency)s") % {"currency": one.batch.currency}],
        [*([row.fund, row.period.year.label, dates.month(row.period.begins), _shown(row.amount)] for row in one.funds),
         [_("Total"), "", "", _shown(one.total)]],
        (4, 3, 3, 3), (3,), total=True)


def _invoice_table(one: Contents) -> paper.Table:
    return _filled(paper.Table(
        _("Invoices"),
        [_("Invoice"), _("Our number"), _("Date"), _("Due"), _("As billed"), _("Approved by"), _("Amount")],
        [[invoice.row.number, invoice.row.ours if invoice.row.ours != invoice.row.number else "",
          _day(invoice.row.day), _day(invoice.row.due),
          money.shown(invoice.row.foreign, invoice.row.currency), invoice.row.approved_by, _shown(invoice.amount)]
         for invoice in one.invoices if _lives(invoice)],
        (4, 4, 3, 3, 3.4, 4, 3), (6,)))


def _filled(table: paper.Table) -> paper.Table:
    """Without columns in which nothing stands."""
    kept = [place for place in range(len(table.head)) if any(row[place] for row in table.rows)]
    return replace(table, head=[table.head[place] for place in kept], widths=[table.widths[place] for place in kept],
                   rows=[[row[place] for place in kept] for row in table.rows],
                   right=[kept.index(place) for place in table.right if place in kept])


def _line_table(one: Contents) -> paper.Table:
    return paper.Table(
        _("Lines"), [_("Invoice"), _("Request"), _("For"), _("Fund"), _("Amount")],
        [[invoice.row.number or invoice.row.ours, line.number, line.what, line.fund, _shown(line.amount)]
         for invoice in one.invoices for line in invoice.lines if line.state != line.BACK],
        (4, 4, 5, 3, 3), (4,))


def workbook(found: Sequence[Contents]) -> IO[bytes]:
    return exports.workbook([(_("Funds"), fund_head(), fund_rows(found)), (_("Lines"), head(), rows(found))])


def csv_bytes(found: Sequence[Contents]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([exports.cell(words) for words in head()])
    for row in rows(found):
        writer.writerow([exports.cell(value) for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def zipped(found: Sequence[Contents], *, now: datetime) -> IO[bytes]:
    """A folder for each batch with its three files and the invoices as they came, where they may
    be passed on; at its beginning."""
    file = tempfile.TemporaryFile(prefix="illdesk-")  # noqa: SIM115 - whoever sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in found:
            name = one.batch.number
            archive.writestr(f"{name}/{name}.pdf", pdf([one], now=now))
            with workbook([one]) as book:
                archive.writestr(f"{name}/{name}.xlsx", book.read())
            archive.writestr(f"{name}/{name}.csv", csv_bytes([one]))
            taken: set[tuple[str, str]] = set()
            names = {f"{name}.{form}" for form in FORMS}
            for attachment in attached(one):
                # An invoice that was split bears the same file more than once.
                if (attachment.name, attachment.sha256) in taken:
                    continue
                taken.add((attachment.name, attachment.sha256))
                with opened(attachment) as came:
                    archive.writestr(f"{name}/{_apart(attachment.name, names)}", came.read())
    file.seek(0)
    return file


def _apart(name: str, names: set[str]) -> str:
    """The name, with a number before its ending where another file of the folder has it; added to `names`."""
    stem, dot, ending = name.rpartition(".")
    found, count = name, 1
    while found.casefold() in {one.casefold() for one in names}:
        count += 1
        found = f"{stem} ({count}).{ending}" if dot and stem else f"{name} ({count})"
    names.add(found)
    return found


def opened(attachment: Attachment) -> IO[bytes]:
    """DeskError where it cannot be read: a folder without the invoice would look complete."""
    try:
        return attachment.file.open("rb")
    except OSError as missing:
        raise DeskError(_("“%(name)s” cannot be read on our side. Ask whoever looks after ILL Desk to restore it.")
                        % {"name": attachment.name}) from missing


def attached(one: Contents) -> list[Attachment]:
    """Invoices as they came that may be passed on, of invoices that have a live line."""
    keys = {original.file for _invoice, original in originals(one) if original.passed}
    return list(Attachment.objects.filter(pk__in=keys).order_by("pk"))


def held(one: Contents) -> list[str]:
    """Numbers of invoices whose papers the department keeps until somebody has looked at them."""
    return list(dict.fromkeys(
        invoice.row.number or invoice.row.ours for invoice, original in originals(one) if not original.passed))


def originals(one: Contents) -> list[tuple[Invoice, Original]]:
    """One query for each kind."""
    found: list[tuple[Invoice, Original]] = []
    by_kind: dict[str, list[Invoice]] = {}
    for invoice in one.invoices:
        if _lives(invoice):
            by_kind.setdefault(invoice.row.kind, []).append(invoice)
    for code, invoices in by_kind.items():
        kind = payable.KINDS.get(code)
        if kind is None or kind.originals is None:
            found += [(invoice, Original(pk, passed=True)) for invoice in invoices for pk in invoice.row.files]
            continue
        there = kind.originals([invoice.row.payable for invoice in invoices])
        found += [(invoice, there[invoice.row.payable]) for invoice in invoices if invoice.row.payable in there]
    return found


def made(form: str, found: Sequence[Contents], *, now: datetime) -> IO[bytes]:
    """A file of one of FORMS, at its beginning."""
    if form == "pdf":
        return io.BytesIO(pdf(found, now=now))
    if form == "csv":
        return io.BytesIO(csv_bytes(found))
    return workbook(found) if form == "xlsx" else zipped(found, now=now)


def name_of(found: Sequence[Batch]) -> str:
    return found[0].number if len(found) == 1 else f"batches-{len(found)}"
