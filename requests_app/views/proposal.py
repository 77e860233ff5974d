"""A dry run for one request: whom the present rules would ask, beside who was asked and what came of it."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from illdesk.http import signed_in_only
from requests_app import access, lifecycle
from requests_app.forms.lenders_shown import MOST_LEFT_OUT
from requests_app.lenders import rota
from requests_app.views.lenders import rota_of
from requests_app.views.side import set_side


@signed_in_only
@require_safe
def proposal(request, number: str):
    ill = access.staff_request(request.user, number)
    if ill.kind != lifecycle.BORROWING:
        raise Http404
    found = rota.propose(ill, now=timezone.now(), as_if_new=True)
    asked = rota_of(ill)
    was_asked = {row["library"].pk for row in asked if row["entry"].state != "waiting"}
    left_out = [row for row in found.ranking.left_out if row.held or row.lender.pk in was_asked]
    set_side(request, ill.kind, current=ill.state)
    context = {
        "ill": ill, "rota": asked, "proposed": [(row, row.lender.pk in was_asked) for row in found.rota],
        "elsewhere": [row for row in found.ranking.offered if row.lender.pk in was_asked and row not in found.rota],
        "left_out": left_out[:MOST_LEFT_OUT], "all": len(found.ranking.offered),
        "more_left_out": len(found.ranking.left_out) - len(left_out[:MOST_LEFT_OUT]), "strangers": found.strangers,
        "holders": found.holders,
    }
    return render(request, "requests_app/staff/proposal.html", context)
