"""Where these pages stand: in the top bar for the budget office, in the column of money for the department."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing import side
from billing.batches import queries
from illdesk.pages.frame import address
from illdesk.registry import Place


def is_office(user) -> bool:
    """The budget office has no other work here, so its pages stand in the bar itself."""
    return user.may("pay_batches") and not user.may("manage_money")


def show(request, current: str) -> None:
    """`current`: the name of the page's address."""
    if is_office(request.user):
        request.place = current
    else:
        side.set_side(request, current)


def _place(name: str, label: str | Promise, fallback: str, *, count: bool = False, also: str | None = None):
    """`also`: another place of these pages that stands under this one."""

    def ask(request) -> Place | None:
        if not is_office(request.user):
            return None
        waiting = queries.waiting_count() if count else 0
        return Place(label, address(name, fallback), count=waiting or None,
                     current=getattr(request, "place", "") in (name, also))

    return ask


PLACES = [
    _place("batches", _("Approved batches"), "/billing/batches/", count=True),
    _place("forecast", _("Year"), "/billing/year/", also="money"),  # the budgets themselves, too
    _place("batches_downloads", _("Downloads"), "/billing/batches/downloads/"),
    _place("talk", _("Conversations"), "/billing/talk/"),
]
