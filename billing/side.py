"""The column beside every page of money."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.invoices import queries as invoices
from billing.batches import queries as batches
from billing.talk import queries as talk
from illdesk.models import User
from billing.ifm import queries as ifm
from illdesk.mailboxes import queries as mail


@dataclass(frozen=True)
class Entry:
    """A page of money: who sees it (a right), its name, its address by name, its icon; `count`: what stands beside."""

    right: str
    label: str | Promise
    name: str
    icon: str
    count: Callable[[], int] | None = None
    count_for: Callable[[User], int] | None = None  # instead of it, where it is another for each person


def _charges() -> int:
    from billing.charges import queries

    return queries.waiting()


def _appeals() -> int:
    from billing.appeals import queries

    return queries.count()


def _local() -> int:
    from billing.local import actions

    return actions.count_differing()


def _payables() -> int:
    """Open ones that somebody has to key in, answer or approve; asked when a page is drawn."""
    from billing.payables import queries

    return queries.to_work() + queries.to_approve()


# In the order of the column.
ENTRIES: tuple[Entry, ...] = (
    Entry("see_books", _("Overview"), "money", "speedometer2"),
    Entry("see_invoices", _("Our invoices"), "invoices", "file-earmark-text", invoices.waiting),
    Entry("see_invoices", _("Accounts of libraries"), "library_accounts", "building"),
    Entry("see_invoices", _("Disputes"), "invoice_disputes", "chat-left-text", invoices.open_disputes),
    Entry("see_invoices", _("IFLA vouchers"), "vouchers", "envelope"),
    Entry("see_invoices", _("Fee agreements"), "agreements", "journals"),
    Entry("see_charges", _("Charges to patrons"), "charges", "person", _charges),
    Entry("see_charges", _("Appeals"), "appeals", "chat-left-text", _appeals),
    Entry("see_charges", _("Local billing system"), "local_billing", "box-arrow-up-right", _local),
    Entry("see_budget", _("Budgets"), "budget", "collection"),
    Entry("see_books", _("Books"), "books", "book"),
    Entry("work_payables", _("To be forwarded"), "batches_waiting", "file-earmark-arrow-up", batches.to_forward),
    Entry("see_batches", _("Batches"), "batches", "journals", batches.waiting_count),
    Entry("see_budget", _("Conversations"), "talk", "chat-left-text", count_for=talk.unread),
    Entry("see_budget", _("Year"), "forecast", "graph-up"),
    Entry("see_batches", _("Downloads"), "batches_downloads", "download"),
    Entry("see_payables", _("Library invoices"), "payables", "file-earmark-text", _payables),
    Entry("approve_payables", _("Deputies"), "deputies", "people"),
    Entry("see_payables", _("Rates of exchange"), "rates", "arrow-left-right"),
    Entry("manage_money", _("Funds of costs"), "cost_funds", "gear"),
    Entry("see_payables", _("Fee management"), "ifm", "arrow-left-right", count=ifm.open_count),
    Entry("see_payables", "EFTS", "efts", "collection"),
    Entry("work_payables", _("Mail that came"), "mails", "envelope", count=mail.waiting),
    Entry("see_books", _("Reports"), "reports", "graph-up"),
    Entry("see_books", _("Books"), "books", "journals"),
)


def first(user) -> str:
    """The address of the first page of money that this person may open; '' for who may open none."""
    return next((reverse(entry.name) for entry in ENTRIES if user.may(entry.right)), "")


def waiting(user) -> list[dict]:
    """Pages of money on which something waits, for who may open them."""
    counted = [(entry, entry.count()) for entry in ENTRIES if entry.count and user.may(entry.right)]
    return [{"label": entry.label, "url": reverse(entry.name), "icon": entry.icon, "count": count}
            for entry, count in counted if count]


def set_side(request, current: str) -> None:
    """`current`: the name of the address that is open, or of the page it belongs to."""
    request.place, request.side_name = "money", _("Money")
    items = [
        {"label": entry.label, "url": reverse(entry.name), "icon": entry.icon, "current": entry.name == current,
         "count": _count(entry, request.user)}
        for entry in ENTRIES if request.user.may(entry.right)
    ]
    request.side = [{"label": _("Money"), "items": items}]


def _count(entry: Entry, user: User) -> int | None:
    if entry.count_for is not None:
        return entry.count_for(user) or None
    return entry.count() if entry.count else None
def first(user) -> str | None:
    """Where money begins for this person; None for who sees none of it. Budgets stand first for who sees them."""
    seen = [entry for entry in ENTRIES if user.may(entry.right)]
    if not seen:
        return None
    return reverse(next((entry.name for entry in seen if entry.name == "budget"), seen[0].name))
