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


def _charges() -> int:
    from billing.charges import queries

    return queries.waiting()


def _appeals() -> int:
    from billing.appeals import queries

    return queries.count()


def _local() -> int:
    from billing.local import actions

    return actions.count_differing()


# In the order of the column.
ENTRIES: tuple[Entry, ...] = (
    Entry("see_charges", _("Charges to patrons"), "charges", "person", _charges),
    Entry("see_charges", _("Appeals"), "appeals", "chat-left-text", _appeals),
    Entry("see_charges", _("Local billing system"), "local_billing", "box-arrow-up-right", _local),
    Entry("see_budget", _("Budgets"), "budget", "collection"),
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


def first(user) -> str | None:
    """Where money begins for this person; None for who sees none of it. Budgets stand first for who sees them."""
    seen = [entry for entry in ENTRIES if user.may(entry.right)]
    if not seen:
        return None
    return reverse(next((entry.name for entry in seen if entry.name == "budget"), seen[0].name))
