"""Funds of costs and rates of exchange."""

import re
from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import history, side
from billing.costs import actions
from billing.costs.models import CostPolicy, Rate
from billing.payables.models import PayablePolicy
from illdesk import actors, events
from illdesk.errors import BadAnswer
from illdesk.forms import Plain, currency
from illdesk.http import needs
from requests_app.models import LoanPolicy

A_PAGE = 50
FUNDS, TOLERANCE = ("borrowing_fund", "lost_fund"), ("tolerance",)
AHEAD = 7  # days: a rate of next week may be known, one of next year is a slip of the pen


class RateForm(Plain, forms.Form):
    currency = forms.CharField(label=gettext_lazy("currency"), max_length=3, widget=forms.TextInput(
        attrs={"dir": "ltr", "autocapitalize": "characters", "spellcheck": "false"}))
    on = forms.DateField(label=gettext_lazy("day"), widget=forms.DateInput(attrs={"type": "date"}))
    rate = forms.CharField(label=gettext_lazy("what one unit costs"), max_length=30, widget=forms.TextInput(
        attrs={"inputmode": "decimal", "dir": "ltr"}), help_text=gettext_lazy("For example 1.12345 or 1,12345."))
    source = forms.CharField(label=gettext_lazy("source"), max_length=100, required=False,
                             help_text=gettext_lazy("Whose rate it is, for example the central bank’s."))
    replace = forms.BooleanField(label=gettext_lazy("Replace the rate of this day"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Asked only where there is one.
        self.there = self._there()
        if self.there is None:
            del self.fields["replace"]

    def _there(self) -> Rate | None:
        if not self.is_bound:
            return None
        code, on = str(self.data.get("currency", "")).strip().upper(), _day_of(str(self.data.get("on", "")))
        return Rate.objects.filter(currency=code, on=on).first() if on else None

    def clean_currency(self) -> str:
        return currency(self.cleaned_data["currency"])

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > timezone.localdate() + timedelta(days=AHEAD):
            raise forms.ValidationError(_("Enter a day at most %(days)s days ahead.") % {"days": AHEAD})
        return on

    def clean_rate(self) -> Decimal:
        """A comma is the point: a rate has no thousands."""
        text = self.cleaned_data["rate"].strip().replace(",", ".")
        if not re.fullmatch(r"[0-9]{1,8}(\.[0-9]{1,8})?", text) or not Decimal(text):
            raise forms.ValidationError(_("Enter what one unit costs, above nothing."))
        return Decimal(text)

    def clean(self):
        super().clean()
        given, there = self.cleaned_data, self.there
        if there and given.get("rate") and given["rate"] != there.rate and not given.get("replace"):
            self.add_error("replace", _(
                "%(currency)s has the rate %(old)s on this day already. Tick here to replace it with %(new)s.") % {
                    "currency": there.currency, "old": f"{there.rate.normalize():f}",
                    "new": f"{given['rate'].normalize():f}"})
        return given


def _day_of(text: str) -> date | None:
    try:
        return forms.DateField().clean(text)
    except forms.ValidationError:
        return None


@needs("see_payables")
@require_safe
def rates(request):
    return _rates(request, RateForm(initial={"on": timezone.localdate().isoformat()}), status=200)


@needs("manage_money")
@require_POST
def rate_add(request):
    own, form = LoanPolicy.current().currency, RateForm(request.POST)
    if form.is_valid():
        given, actor = form.cleaned_data, actors.staff(request.user)
        try:
            if given["currency"] == own:
                raise BadAnswer(_("This is our own currency."), field="currency")
            with transaction.atomic():
                row = actions.set_rate(given["currency"], given["on"], given["rate"], source=given["source"],
                                       actor=actor)
                events.record("rate.set", subject=("rate", row.pk), actor=actor, now=timezone.now(),
                              data={"rate": str(row.rate)})
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            if form.there and form.there.rate != given["rate"]:
                messages.success(request, _(
                    "%(new)s replaces %(old)s. What is entered keeps the rate it was entered with.") % {
                        "new": f"{given['rate'].normalize():f}", "old": f"{form.there.rate.normalize():f}"})
            else:
                messages.success(request, _("The rate is stored. What is entered keeps the rate it was entered with."))
            return redirect("rates")
    return _rates(request, form, status=422)


def _rates(request, form: RateForm, *, status: int):
    side.set_side(request, "rates")
    page = Paginator(Rate.objects.select_related("made_by"), A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "own": LoanPolicy.current().currency,
               "may_change": request.user.may("manage_money")}
    return render(request, "billing/costs/rates.html", context, status=status)


class FundsForm(Plain, forms.ModelForm):
    tolerance = forms.DecimalField(
        label=gettext_lazy("difference on an invoice that nobody has to accept"), min_value=0, max_digits=7,
        decimal_places=2, help_text=gettext_lazy("More or less than agreed by this much still agrees."))

    class Meta:
        model = CostPolicy
        fields = ["borrowing_fund", "lost_fund"]
        help_texts = {"lost_fund": gettext_lazy("Empty: the fund above.")}


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def funds(request):
    """Where costs go, unless a line names another fund; and how exact an invoice must be."""
    row = CostPolicy.current()
    form = FundsForm(request.POST or None, instance=row, initial={"tolerance": PayablePolicy.current().tolerance})
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            actor, now = actors.staff(request.user), timezone.now()
            before = history.values(CostPolicy.current(), FUNDS), history.values(PayablePolicy.current(), TOLERANCE)
            stored, _made = CostPolicy.objects.update_or_create(pk=1, defaults={
                name: form.cleaned_data[name] for name in FUNDS})
            exact, _made = PayablePolicy.objects.update_or_create(pk=1, defaults={
                "tolerance": form.cleaned_data["tolerance"]})
            history.record("costs.policy", stored, before[0], subject=("costs", 1), actor=actor, now=now)
            history.record("costs.policy", exact, before[1], subject=("costs", 1), actor=actor, now=now)
        messages.success(request, _("Stored. It holds for what is approved from now on."))
        return redirect("cost_funds")
    side.set_side(request, "cost_funds")
    context = {"form": form, "history": history.of("costs", CostPolicy, PayablePolicy)}
    return render(request, "billing/costs/funds.html", context, status=422 if request.method == "POST" else 200)
