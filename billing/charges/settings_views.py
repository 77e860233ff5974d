"""Rules and prices of charges, edited by who may change the rules of money."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import history
from billing.charges import rules
from billing.charges.forms import PolicyForm, TermsForm
from billing.charges.models import ChargePolicy, ChargeTerms
from illdesk import actors
from illdesk.http import needs
from illdesk.pages import settings_side
from requests_app.models import LoanPolicy, Patron


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request):
    form = PolicyForm(request.POST or None, instance=ChargePolicy.current())
    if request.method == "POST" and form.is_valid():
        rules.store(form.save(commit=False), actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("The rules of charges are stored. They hold for what happens from now on."))
        return redirect("charge_policy")
    settings_side.show(request)
    rows = {row.status: row for row in ChargeTerms.objects.all()}
    context = {
        "form": form, "currency": LoanPolicy.current().currency,
        "terms": [{"label": label, "slug": code or rules.EVERYBODY, "row": rows.get(code)}
                  for code, label in [("", _("Everybody else")), *Patron.STATUSES]],
        "plain": ChargeTerms(), "history": history.of(
            "charge_policy", ChargePolicy, ChargeTerms,
            names={rules.EVERYBODY: _("Everybody else"), **dict(Patron.STATUSES)}),
    }
    return render(request, "billing/charges/policy.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request, status: str):
    code = "" if status == rules.EVERYBODY else status
    labels = dict([("", _("Everybody else")), *Patron.STATUSES])
    if code not in labels:
        raise Http404
    row = ChargeTerms.objects.filter(status=code).first()
    if row is None:
        begins = ChargeTerms.of("")
        row = ChargeTerms(status=code, **{name: getattr(begins, name) for name in TermsForm.Meta.fields})
    form = TermsForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in TermsForm.Meta.fields}
        rules.store_terms(code, given, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("The prices are stored. They hold for what happens from now on."))
        return redirect("charge_policy")
    settings_side.show(request)
    context = {"form": form, "heading": _("Prices: %(status)s") % {"status": labels[code]},
               "back_url": reverse("charge_policy"), "back_label": _("Charges to patrons")}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)
