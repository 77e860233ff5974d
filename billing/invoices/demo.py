"""An agreement, a run, invoices in each state, payments, a dispute and vouchers, for a first look."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from billing.agreements import actions as agreements
from billing.agreements.models import Agreement
from billing.costs.models import Rate
from billing.invoices import actions, disputes, payments, refunds, sending
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy
from billing.invoices.payment_models import Payment
from billing.invoices.payments import Received
from billing.vouchers import actions as vouchers
from billing.vouchers import stock
from billing.vouchers.models import VoucherStock
from illdesk import actors
from illdesk.models import User
from requests_app.models import Library, LoanPolicy

NAME = "All libraries"
# Old bills, in days before today: the library's place in the list, amount, how long ago, what became of it.
BILLS = ((0, "65.00", 20, "open"), (1, "30.00", 50, "part"), (2, "45.00", 75, "disputed"), (3, "15.00", 110, "open"),
         (0, "20.00", 100, "paid"))


def load(now: datetime) -> None:
    """Once: what is there stays."""
    if Agreement.objects.filter(name=NAME).exists():
        return
    first = actors.staff(User.objects.get(username="coordinator"))
    second = actors.staff(User.objects.get(username="supervisor"))
    today = timezone.localtime(now).date()
    _agree(today, first, now)
    InvoicePolicy.objects.get_or_create(pk=1, defaults={
        "how_to_pay": "By check to the library, by bank transfer, or by IFLA voucher (a whole one is EUR 8.00).\n"
                      "Give the number of the invoice as reference."})
    Rate.objects.get_or_create(currency="EUR", on=today - timedelta(days=400), defaults={
        "rate": Decimal("1.08"), "source": "demo", "made_by": first.user})
    libraries = list(Library.objects.filter(active=True).order_by("symbol")[:5])
    for place, (which, amount, days, became) in enumerate(BILLS):
        if which < len(libraries):
            _bill(libraries[which], Decimal(amount), now - timedelta(days=days), f"demo {place}", became, first, second)
    last = today - timedelta(days=1)
    actions.run(today - timedelta(days=120), last, actor=first, now=now)
    if not VoucherStock.objects.exists():
        keeper = stock.holder().pk
        vouchers.buy(4, 2, day=today - timedelta(days=60), key="demo", actor=first, now=now, holder=keeper)
        if libraries:
            vouchers_day = today - timedelta(days=10)
            payments.enter(libraries[:4][-1], Received(kind=Payment.VOUCHER, day=vouchers_day, wholes=1, holder=keeper),
                           key="demo vouchers", actor=first, now=now)
    if len(libraries) > 4:  # it sent a bill's money that another library owed
        lost = payments.enter(libraries[4], Received(
            kind=Payment.TRANSFER, day=today - timedelta(days=8), amount=Decimal("22.00"), reference="TR 5531"),
            key="demo too much", actor=first, now=now)
        refunds.propose(lost, lost.amount, "Paid by mistake; they ask for it back.", key="demo", actor=first, now=now)


def _agree(today: date, who: actors.Actor, now: datetime) -> None:
    currency = LoanPolicy.current().currency
    row = agreements.save(Agreement(name=NAME), actor=who, now=now)
    common = {"direction": "lending", "currency": currency, "rush": Decimal(5), "international": Decimal(10)}
    agreements.publish(row, begins=date(today.year - 1, 7, 1), why="", based_on=0, actor=who, now=now, terms=[
        common | {"service": "loan", "flat": Decimal(15)},
        common | {"service": "copy", "flat": Decimal(15), "per_page": Decimal("0.25"), "from_page": 51},
        {"direction": "borrowing", "service": "loan", "flat": Decimal(15), "currency": currency},
        {"direction": "borrowing", "service": "copy", "flat": Decimal(15), "currency": currency},
    ])


def _bill(
    library: Library, amount: Decimal, at: datetime, key: str, became: str, first: actors.Actor, second: actors.Actor
) -> None:
    """As it would have been done on its day."""
    line = actions.add_line(library, kind=InvoiceLine.OTHER, amount=amount, why="Loans and copies, as listed",
                            key=key, actor=first, now=at, day=timezone.localtime(at).date())
    actions.verify(line, actor=first, now=at)
    assert line.invoice_id is not None
    draft = Invoice.objects.get(pk=line.invoice_id)
    done = sending.send(actions.approve(draft, seen=draft.version, actor=second, now=at), actor=second, now=at)
    if became in ("part", "paid"):
        later = at + timedelta(days=14)
        paid = amount if became == "paid" else amount / 3
        payments.enter(library, Received(kind=Payment.CHEQUE, day=timezone.localtime(later).date(), amount=paid,
                                         reference="10482"), key=key, settles=[(done, paid)], actor=first, now=later)
    elif became == "disputed":
        later = at + timedelta(days=20)
        disputes.open_dispute(done, reason="not_received", text="Two of these never came; please look into it.",
                              asked_on=timezone.localtime(later).date(), lines=list(done.lines.all()), actor=first,
                              now=later)
