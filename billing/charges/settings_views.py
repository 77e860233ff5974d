"""Rules and prices of charges, edited by who may change the rules of money."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.charges.forms import PolicyForm, TermsForm
from billing.charges.models import ChargePolicy, ChargeTerms
from illdesk import actors, events
from illdesk.http import needs
from illdesk.pages import settings_side
from requests_app.models import LoanPolicy, Patron

_NOBODY_IN_PARTICULAR = "everybody"


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request):
    form = PolicyForm(request.POST or None, instance=ChargePolicy.current())
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        saved.pk = 1
        saved.save()
        changed = {name: str(form.cleaned_data[name]) for name in form.changed_data
                   if name not in ("how_to_pay", "calendar")}
        events.record("charge_policy.changed", subject=("charge_policy", 1), actor=actors.staff(request.user),
                      now=timezone.now(), data=changed)
        messages.success(request, _("The rules of charges are stored. They hold for what happens from now on."))
        return redirect("charge_policy")
    settings_side.show(request)
    rows = {row.status: row for row in ChargeTerms.objects.all()}
    context = {
        "form": form, "currency": LoanPolicy.current().currency,
        "terms": [{"label": label, "slug": code or _NOBODY_IN_PARTICULAR, "row": rows.get(code)}
                  for code, label in [("", _("Everybody else")), *Patron.STATUSES]],
        "plain": ChargeTerms(),
    }
    return render(request, "billing/charges/policy.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request, status: str):
    code = "" if status == _NOBODY_IN_PARTICULAR else status
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
        ChargeTerms.objects.update_or_create(status=code, defaults=given)
        events.record("charge_terms.changed", subject=("charge_policy", 1), actor=actors.staff(request.user),
                      now=timezone.now(), data={"status": code, "fields": sorted(form.changed_data)})
        messages.success(request, _("The prices are stored. They hold for what happens from now on."))
        return redirect("charge_policy")
    settings_side.show(request)
    context = {"form": form, "heading": _("Prices: %(status)s") % {"status": labels[code]},
               "back_url": reverse("charge_policy"), "back_label": _("Charges to patrons")}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)
