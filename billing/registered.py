"""What billing tells the ground floor: its place in the top bar, and who answers for funds."""

from django.utils.translation import gettext as _

from billing.budget import actions, demo, queries
from billing.ledger.models import Entry
from illdesk import append_only, money, registry
from illdesk.pages.frame import address


class _Answers:
    on = staticmethod(queries.on)
    commit = staticmethod(actions.commit)
    spend = staticmethod(actions.spend)
    release = staticmethod(actions.release)


def _place(request) -> registry.Place | None:
    if not request.user.may("see_budget"):
        return None
    return registry.Place(
        _("Money"), address("budget", "/billing/budget/"), current=getattr(request, "place", "") == "money",
    )


append_only.TABLES.append(Entry._meta.db_table)
money.answer_with(_Answers())
registry.DEMO_DATA.insert(1, demo.load)  # after the accounts, before the requests whose royalties it pays
registry.PLACES.append(_place)
