"""Why a patron cannot ask for more now: what is to be paid now is above the library's limit."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.charges import letters, queries
from billing.charges.models import ChargePolicy
from illdesk import registry
from requests_app.models import Patron


def of(patron: Patron) -> Iterator[str]:
    """A sentence, or nothing. What is appealed, searched for, asked of the lender or provisional does not count, nor
    what the patron's credit covers."""
    limit = ChargePolicy.current().block_above
    if not limit or patron.pk is None:
        return
    due = queries.sums(patron.pk).to_pay
    if due > limit:
        yield registry.Block(_("You cannot request while %(amount)s is unpaid. See the charge or appeal it.") % {
            "amount": letters.shown(due)}, reverse("my_charges"))
