"""What billing tells the ground floor: its place in the top bar, and who answers for funds."""

from django.urls import reverse
from django.utils.translation import gettext as _

from billing import side
from billing.api import registered as _api  # noqa: F401 - registers itself
from billing.batches import demo as batches_demo
from billing.batches import registered as _batches  # noqa: F401 - registers itself
from billing.batches import top
from billing.budget import actions, demo, queries
from billing.budget.models import Fund
from billing.invoices import registered as invoices  # noqa: F401 - letters, the clock's work, files, demo data
from billing.budget import actions, demo, queries
from billing.budget.models import Fund
from billing.ifm import registered as _ifm  # noqa: F401 - it registers itself
from billing.ledger import names
from billing.ledger.models import Entry
from billing.side import ENTRIES
from billing.talk import registered as _talk  # noqa: F401 - registers itself
from billing.appeals import registered as appeals  # noqa: F401 - each room registers itself
from billing.budget import actions, demo, queries
from billing.budget.models import Fund
from billing.charges import registered as charges  # noqa: F401 - it registers itself
from billing.ledger import names
from billing.ledger.models import Entry
from billing.local import registered as local  # noqa: F401 - it registers itself
from billing.payables import registered as payables
from illdesk import append_only, money, registry
from requests_app.models import Library, Patron


class _Answers:
    on = staticmethod(queries.on)
    commit = staticmethod(actions.commit)
    spend = staticmethod(actions.spend)
    unspend = staticmethod(actions.unspend)
    release = staticmethod(actions.release)


def _funds(keys: set[int]) -> dict[int, str]:
    return dict(Fund.objects.filter(pk__in=keys).values_list("pk", "code"))


def _libraries(keys: set[int]) -> dict[int, str]:
    return dict(Library.objects.filter(pk__in=keys).values_list("pk", "symbol"))


def _patrons(keys: set[int]) -> dict[int, str]:
    """By the card: no name stands in the books or on their pages."""
    return dict(Patron.objects.filter(pk__in=keys).values_list("pk", "card"))


def _place(request) -> registry.Place | None:
    url = side.first(request.user)
    return registry.Place(_("Money"), url, current=getattr(request, "place", "") == "money") if url else None
    first = next((one for one in ENTRIES if request.user.may(one.right)), None)
    """At the first page of money that this person may see."""
    first = next((entry for entry in side.ENTRIES if request.user.may(entry.right)), None)
    if first is None:
        return None
    if request.user.may("see_budget"):  # where most of them begin
        first = next(one for one in ENTRIES if one.name == "budget")
    if not request.user.may("see_budget") or top.is_office(request.user):
        return None  # the budget office has its own places
    return registry.Place(
        _("Money"), reverse(first.name), current=getattr(request, "place", "") == "money",
        _("Money"), address(first.name, "/billing/budget/"), current=getattr(request, "place", "") == "money",
    )
    first = side.first(request.user)
    if first is None:
        return None
    return registry.Place(_("Money"), first, current=getattr(request, "place", "") == "money")


ROOMS = (payables,)  # each registers itself
names.NAMES.update({"fund": _funds, "library": _libraries, "patron": _patrons})
append_only.TABLES.append(Entry._meta.db_table)
money.answer_with(_Answers())
registry.DEMO_DATA.insert(1, demo.load)  # after the accounts, before the requests whose royalties it pays
registry.DEMO_DATA.append(batches_demo.load)  # after the requests whose royalties it pays
registry.PLACES += [_place, *top.PLACES]
registry.PLACES.append(_place)
registry.MAIL_SIDE.append(lambda request: side.set_side(request, "mails"))
