"""The column beside every page of money."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Entry:
    """A page of money: who sees it (a right), its name, its address by name, its icon; `count`: what stands beside."""

    right: str
    label: str | Promise
    name: str
    icon: str
    count: Callable[[], int] | None = None


def _payables() -> int:
    """Open ones that somebody has to key in, answer or approve; asked when a page is drawn."""
    from billing.payables import queries

    return queries.to_work() + queries.to_approve()


# In the order of the column.
ENTRIES: tuple[Entry, ...] = (
    Entry("see_budget", _("Budgets"), "budget", "collection"),
    Entry("see_payables", _("Library invoices"), "payables", "file-earmark-text", _payables),
    Entry("approve_payables", _("Deputies"), "deputies", "people"),
    Entry("see_payables", _("Rates of exchange"), "rates", "arrow-left-right"),
    Entry("manage_money", _("Funds of costs"), "cost_funds", "gear"),
    Entry("see_books", _("Books"), "books", "journals"),
)


def set_side(request, current: str) -> None:
    """`current`: the name of the address that is open, or of the page it belongs to."""
    request.place, request.side_name = "money", _("Money")
    items = [
        {"label": entry.label, "url": reverse(entry.name), "icon": entry.icon, "current": entry.name == current,
         "count": entry.count() if entry.count else None}
        for entry in ENTRIES if request.user.may(entry.right)
    ]
    request.side = [{"label": _("Money"), "items": items}]
