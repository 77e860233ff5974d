"""The patron's page to appeal a charge."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.appeals import actions
from billing.appeals.forms import AppealForm
from billing.charges import queries as charges
from billing.charges.mine import own_charge
from billing.charges.models import ChargePolicy
from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.http import needs
from requests_app.models import LoanPolicy


@needs("ask")
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request, code: str):
    row, now = own_charge(request, code), timezone.now()
    form = AppealForm(request.POST or None, request.FILES or None)
    why_not = actions.why_not(row, now=now)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.appeal(row, given["text"], key=form.given_key, actor=actors.patron(request.user), now=now,
                           files=given["attached"])
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else "attached", str(refusal))
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("We have your appeal. Nothing is to be paid until we have decided."))
            return redirect("my_charges")
    context = {"row": row, "form": form, "why_not": why_not if request.method != "POST" else "",
               "policy": ChargePolicy.current(), "currency": LoanPolicy.current().currency,
               "second": row.appeals.exists(), "was": charges.cancelled_amounts([row]).get(row.pk)}
    return render(request, "billing/appeals/my_appeal.html", context, status=422 if request.method == "POST" else 200)
