"""Money at a glance: what waits for somebody, what the accounts hold, which month is to be closed."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing import side
from billing.ledger import queries
from illdesk.http import needs
from requests_app.models import LoanPolicy

# Families of accounts whose holdings somebody wants to know each morning, in this order.
_HELD = ("patron", "library", "payable", "local", "ifm", "deposit", "vouchers")


@needs("see_books")
@require_safe
def overview(request):
    year = queries.year_on(timezone.localdate())
    held = {row.family.code: row for row in queries.families(year.begins, year.ends)} if year else {}
    context = {
        "year": year, "waiting": side.waiting(request.user), "currency": LoanPolicy.current().currency,
        "held": [held[code] for code in _HELD if code in held], "to_close": queries.next_to_close(timezone.localdate()),
    }
    side.set_side(request, "money")
    return render(request, "billing/overview.html", context)
