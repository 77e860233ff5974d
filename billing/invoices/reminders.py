"""Reminders of invoices that are overdue: by the clock, each level once, none while it is disputed."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.invoices import files, letters, sending
from billing.invoices.dispute_models import InvoiceDispute, InvoiceReminder
from billing.invoices.models import Invoice, InvoicePolicy
from illdesk import clock, events, rows
from illdesk.actors import CLOCK

LEVELS = (1, 2, 3)


def due(day: date) -> list[tuple[Invoice, int]]:
    """Invoices with the level that is due on a day. A level follows the one before it at the distance that the rules
    give, also when a dispute or a standing clock kept that one back."""
    days = InvoicePolicy.current().reminders
    rows_ = Invoice.objects.filter(
        kind=Invoice.INVOICE, state=Invoice.SENT, settled__lt=F("total"), due__lte=day - timedelta(days=days[1]),
    ).filter(~Q(pk__in=InvoiceDispute.objects.filter(state=InvoiceDispute.OPEN).values("invoice"))).select_related(
        "library").prefetch_related("reminders").order_by("due", "pk")
    found = []
    for invoice in rows_:
        sent = {row.level: row.day for row in invoice.reminders.all()}
        level = max(sent, default=0) + 1
        if level not in days or invoice.due is None or day < invoice.due + timedelta(days=days[level]):
            continue
        before = sent.get(level - 1)
        if before is not None and day < before + timedelta(days=days[level] - days[level - 1]):
            continue
        found.append((invoice, level))
    return found


def remind(invoice: Invoice, level: int, *, now: datetime) -> bool:
    """Row and letter together, or neither; False where it was sent already, or was paid or disputed meanwhile."""
    day = timezone.localtime(now).date()
    with transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(version=F("version") + 1)  # a payment of this moment comes first
        fresh = Invoice.objects.select_related("library").get(pk=invoice.pk)
        disputed = fresh.disputes.filter(state=InvoiceDispute.OPEN).exists()
        if fresh.open <= 0 or fresh.state != Invoice.SENT or disputed:
            return False
        row = InvoiceReminder(invoice=fresh, level=level, at=now, day=day)
        if not rows.insert(row, unless_there=True):
            return False
        letter = letters.send(
            f"library_reminder_{level}", fresh, key=f"library_reminder:{fresh.pk}:{level}", now=now,
            to=sending.address_of(fresh.library), attachments=files.stored_pdf(fresh))
        if letter is not None:
            InvoiceReminder.objects.filter(pk=row.pk).update(letter=letter)
        events.record("invoice.reminded", subject=("invoice", fresh.pk), actor=CLOCK, now=now,
                      data={"level": level, "letter": letter is not None})
        return True


def _would_remind(*, now: datetime) -> int:
    return len(due(timezone.localtime(now).date()))


@clock.register("library_reminders", label=_("Remind libraries of invoices"), every=6 * 3600, dry=_would_remind)
def remind_all(*, now: datetime) -> tuple[int, int]:
    done = 0
    for invoice, level in due(timezone.localtime(now).date()):
        done += remind(invoice, level, now=now)
    return done, 0


@clock.register("library_invoices", label=_("Send invoices that were approved"), every=900)
def send_left(*, now: datetime) -> tuple[int, int]:
    """Those whose sender was interrupted between the approval and the letter."""
    before = now - timedelta(minutes=10)
    rows_ = Invoice.objects.filter(state=Invoice.APPROVED, approved__lte=before).order_by("pk")
    done = 0
    for invoice in rows_[:50]:
        done += sending.send(invoice, actor=CLOCK, now=now).state == Invoice.SENT
    return done, 0
