"""What an account is called: its family, and whose it is in words that others know and the books do not."""

from collections.abc import Callable, Iterable, Mapping

from django.utils.translation import gettext as _

from billing.ledger import chart
from billing.ledger.models import Account

# Kind of a subject ("patron", "library", "fund") to what gives names for keys; registered by those who know them.
NAMES: dict[str, Callable[[set[int]], Mapping[int, str]]] = {}


def of(accounts: Iterable[Account]) -> dict[int, str]:
    """Key of the account to its name; one query for each kind of subject."""
    accounts = list(accounts)
    wanted: dict[str, set[int]] = {}
    for account in accounts:
        kind = chart.FAMILIES[account.family].of
        if kind:
            wanted.setdefault(kind, set()).add(account.subject)
    known = {kind: NAMES[kind](keys) if kind in NAMES else {} for kind, keys in wanted.items()}
    return {account.pk: _one(account, known) for account in accounts}


def _one(account: Account, known: dict[str, Mapping[int, str]]) -> str:
    family = chart.FAMILIES[account.family]
    if not family.of:
        return str(family.label)
    whose = known[family.of].get(account.subject) or _("number %(number)s") % {"number": account.subject}
    return f"{family.label}: {whose}"
