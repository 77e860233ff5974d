"""The column beside every page of money."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


# In the order of the column.
ENTRIES: tuple[Entry, ...] = (
    Entry("see_budget", _("Budgets"), "budget", "collection"),
    Entry("see_payables", _("Fee management"), "ifm", "arrow-left-right", count=ifm.open_count),
    Entry("see_payables", "EFTS", "efts", "collection"),
    Entry("work_payables", _("Mail that came"), "mails", "envelope", count=mail.waiting),
    Entry("see_books", _("Reports"), "reports", "graph-up"),
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
