"""What billing tells the ground floor: its place in the top bar, and who answers for funds. Each room tells its own."""

from django.utils.translation import gettext as _

from billing import side
from billing.api import registered as _api  # noqa: F401 - each of these rooms registers itself
from billing.appeals import registered as _appeals  # noqa: F401
from billing.batches import demo as batches_demo
from billing.batches import registered as _batches  # noqa: F401
from billing.batches import top
from billing.budget import actions, demo, queries
from billing.budget.models import Fund
from billing.charges import registered as _charges  # noqa: F401
from billing.costs import spending
from billing.ifm import registered as _ifm  # noqa: F401
from billing.invoices import registered as _invoices  # noqa: F401
from billing.ledger import names
from billing.ledger.models import Entry
from billing.local import registered as _local  # noqa: F401
from billing.payables import registered as _payables  # noqa: F401
from billing.talk import registered as _talk  # noqa: F401
from illdesk import append_only, budgets, registry
from requests_app.models import Library, Patron


class _Answers:
    on = staticmethod(queries.on)
    commit = staticmethod(actions.commit)
    spend = staticmethod(spending.spend)
    unspend = staticmethod(spending.unspend)
    release = staticmethod(actions.release)


def _funds(keys: set[int]) -> dict[int, str]:
    return dict(Fund.objects.filter(pk__in=keys).values_list("pk", "code"))


def _libraries(keys: set[int]) -> dict[int, str]:
    return dict(Library.objects.filter(pk__in=keys).values_list("pk", "symbol"))


def _patrons(keys: set[int]) -> dict[int, str]:
    """By the card: no name stands in the books or on their pages."""
    return dict(Patron.objects.filter(pk__in=keys).values_list("pk", "card"))


def _place(request) -> registry.Place | None:
    """At the first page of money that this person may see; the budget office has places of its own."""
    url = "" if top.is_office(request.user) else side.first(request.user)
    return registry.Place(_("Money"), url, current=getattr(request, "place", "") == "money") if url else None


names.NAMES.update({"fund": _funds, "library": _libraries, "patron": _patrons})
append_only.TABLES.append(Entry._meta.db_table)
budgets.answer_with(_Answers())
registry.DEMO_DATA.insert(1, demo.load)  # after the accounts, before the requests whose royalties it pays
registry.DEMO_DATA.append(batches_demo.load)  # last: it pays what the others had approved
registry.PLACES += [_place, *top.PLACES]
registry.MAIL_SIDE.append(lambda request: side.set_side(request, "mails"))
