"""Why a patron cannot ask for more now: what is open, and in no doubt, is above the library's limit."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from billing.charges import letters, queries
from billing.charges.models import ChargePolicy
from requests_app.models import Patron


def of(patron: Patron) -> Iterator[str]:
    """A sentence, or nothing. What is appealed, searched for or asked of the lender does not count."""
    limit = ChargePolicy.current().block_above
    if not limit or patron.pk is None:
        return
    due = queries.sums(patron.pk).due
    if due > limit:
        yield _("You cannot request while %(amount)s is unpaid. See the charge or appeal it.") % {
            "amount": letters.shown(due)}
