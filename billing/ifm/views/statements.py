"""The network's own invoice of a month, and the rules by which its lines are judged."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import history
from billing.ifm import IFM, actions, queries
from billing.ifm.forms import PolicyForm, SettleForm, StatementForm
from billing.ifm.models import NetworkPolicy, NetworkStatement
from billing.ifm.views.common import form_page, month_of
from illdesk import actors, dates, money
from illdesk.errors import BadAnswer, DeskError
from illdesk.http import needs
from requests_app.models import LoanPolicy


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def state(request, system: str, month: int):
    """The network's own invoice or credit memo."""
    day = month_of(system, month)
    found = queries.months(system, only=day)[0]
    form = StatementForm(request.POST or None, initial={"amount": found.net or None})
    if request.method == "POST" and form.is_valid():
        try:
            actions.state_month(system, day, **form.cleaned_data, actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("It is stored, and compared with the lines."))
            return redirect("network_month", system, month)
    return form_page(request, form, heading=_("Invoice or credit memo of a month"), system=system,
                 back=reverse("network_month", args=[system, month]), back_label=dates.month(day), sub=dates.month(day),
                 save=_("Enter their invoice"))


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request, pk: int):
    row = get_object_or_404(NetworkStatement, pk=pk)
    back = reverse("network_month", args=[row.system, f"{row.month:%Y%m}"])
    form = SettleForm(request.POST or None, initial={"day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.settle_statement(row, **form.cleaned_data, actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It is entered in the books."))
            return redirect(back)
    return form_page(request, form, heading=_("Paid through the bank"), system=row.system, back=back,
                 back_label=dates.month(row.month),
                 sub=f"{row.number} · {money.shown(row.amount, LoanPolicy.current().currency)}",
                 save=_("Enter the payment"))


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request):
    row = NetworkPolicy.current()
    form = PolicyForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            before = history.values(NetworkPolicy.current(), form.fields)
            history.record("network_policy.changed", form.save(), before, subject=("network_policy", 1),
                           actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("The rules are stored."))
        return redirect("ifm")
    return form_page(request, form, heading=_("Rules of fee management"), system=IFM, back=reverse("ifm"),
                     save=_("Store the rules"), history=history.of("network_policy", NetworkPolicy))
