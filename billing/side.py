"""The column beside every page of money."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.appeals import queries as appeals
from billing.batches import queries as batches
from billing.charges import queries as charges
from billing.ifm import queries as ifm
from billing.invoices import queries as invoices
from billing.local import actions as local
from billing.payables import queries as payables
from billing.talk import queries as talk
from illdesk.mailboxes import queries as mail
from illdesk.models import User


@dataclass(frozen=True)
class Entry:
    """A page of money: who sees it (a right), its name, its address by name, its icon; `count`: what waits there,
    `count_for`: instead of it, where it is another for each person."""

    right: str
    label: str | Promise
    name: str
    icon: str
    count: Callable[[], int] | None = None
    count_for: Callable[[User], int] | None = None

    def waiting(self, user: User) -> int | None:
        """None where nothing is counted; nothing waiting is no number either."""
        found = self.count_for(user) if self.count_for else self.count() if self.count else 0
        return found or None


# In the order of the column.
GROUPS: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (_("Money"), (
        Entry("see_books", _("Overview"), "money", "speedometer2"),
        Entry("see_payables", _("Library invoices"), "payables", "receipt", payables.to_work),
        Entry("see_payables", _("Fee management"), "ifm", "credit-card", ifm.open_count),
        Entry("see_payables", "EFTS", "efts", "arrow-left-right"),
        Entry("work_payables", _("Mail that came"), "mails", "envelope", mail.waiting),
        Entry("see_invoices", _("Our invoices"), "invoices", "file-earmark-text", invoices.waiting),
        Entry("see_invoices", _("Disputes"), "invoice_disputes", "chat-left-text", invoices.open_disputes),
        Entry("see_invoices", _("Accounts of libraries"), "library_accounts", "building",
              lambda: invoices.refunds_waiting().count()),
        Entry("see_invoices", _("IFLA vouchers"), "vouchers", "ticket-perforated"),
        Entry("see_charges", _("Charges to patrons"), "charges", "person", charges.waiting),
        Entry("see_charges", _("Appeals"), "appeals", "chat-left-text", appeals.count),
        Entry("see_charges", _("Local billing system"), "local_billing", "box-arrow-up-right", local.count_differing),
    )),
    (_("Budget office"), (
        Entry("work_payables", _("To be forwarded"), "batches_waiting", "file-earmark-arrow-up", batches.to_forward),
        Entry("see_batches", _("Batches"), "batches", "send", batches.waiting_count),
        Entry("see_batches", _("Downloads"), "batches_downloads", "download"),
        Entry("see_budget", _("Conversations"), "talk", "chat-left-text", count_for=talk.unread),
        Entry("see_budget", _("Year"), "forecast", "graph-up"),
        Entry("see_budget", _("Budgets"), "budget", "collection"),
    )),
    (_("Books and rules"), (
        Entry("see_books", _("Books"), "books", "journals"),
        Entry("see_books", _("Reports"), "reports", "graph-up"),
        Entry("see_invoices", _("Fee agreements"), "agreements", "file-earmark-text"),
        Entry("see_payables", _("Rates of exchange"), "rates", "arrow-left-right"),
        Entry("manage_money", _("Funds of costs"), "cost_funds", "gear"),
        Entry("approve_payables", _("Deputies"), "deputies", "people"),
    )),
)
ENTRIES: tuple[Entry, ...] = tuple(entry for _label, entries in GROUPS for entry in entries)


def first(user: User) -> str:
    """The address of the first page of money that this person may open; '' for who may open none."""
    return next((reverse(entry.name) for entry in ENTRIES if user.may(entry.right)), "")


def waiting(user: User) -> list[dict]:
    """Pages of money on which something waits, for who may open them."""
    counted = [(entry, entry.waiting(user)) for entry in ENTRIES if user.may(entry.right)]
    return [{"label": entry.label, "url": reverse(entry.name), "count": count} for entry, count in counted if count]


def set_side(request, current: str) -> None:
    """`current`: the name of the address that is open, or of the page it belongs to."""
    request.place, request.side_name = "money", _("Money")
    request.side = [
        {"label": label, "items": items} for label, entries in GROUPS if (items := [
            {"label": entry.label, "url": reverse(entry.name), "icon": entry.icon, "current": entry.name == current,
             "count": entry.waiting(request.user)}
            for entry in entries if request.user.may(entry.right)
        ])
    ]
