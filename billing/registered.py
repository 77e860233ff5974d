"""What billing tells the ground floor: its place in the top bar, and who answers for funds."""

from django.utils.translation import gettext as _

from billing import side
from billing.budget import actions, demo, queries
from billing.budget.models import Fund
from billing.ifm import registered as _ifm  # noqa: F401 - it registers itself
from billing.ledger import names
from billing.ledger.models import Entry
from illdesk import append_only, money, registry
from illdesk.pages.frame import address
from requests_app.models import Library, Patron


class _Answers:
    on = staticmethod(queries.on)
    commit = staticmethod(actions.commit)
    spend = staticmethod(actions.spend)
    release = staticmethod(actions.release)


def _funds(keys: set[int]) -> dict[int, str]:
    return dict(Fund.objects.filter(pk__in=keys).values_list("pk", "code"))


def _libraries(keys: set[int]) -> dict[int, str]:
    return dict(Library.objects.filter(pk__in=keys).values_list("pk", "symbol"))


def _patrons(keys: set[int]) -> dict[int, str]:
    """By the card: no name stands in the books or on their pages."""
    return dict(Patron.objects.filter(pk__in=keys).values_list("pk", "card"))


def _place(request) -> registry.Place | None:
    if not request.user.may("see_budget"):
        return None
    return registry.Place(
        _("Money"), address("budget", "/billing/budget/"), current=getattr(request, "place", "") == "money",
    )


names.NAMES.update({"fund": _funds, "library": _libraries, "patron": _patrons})
append_only.TABLES.append(Entry._meta.db_table)
money.answer_with(_Answers())
registry.DEMO_DATA.insert(1, demo.load)  # after the accounts, before the requests whose royalties it pays
registry.PLACES.append(_place)
registry.MAIL_SIDE.append(lambda request: side.set_side(request, "mails"))
