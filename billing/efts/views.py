"""Deposit accounts, what is paid into them, and lists of lending that are reported."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import side
from billing.efts import actions
from billing.efts.forms import BalanceForm, DepositForm, ListForm, PayForm
from billing.efts.models import Deposit, OutgoingList
from billing.ledger import queries as books
from billing.ledger.actions import Where
from illdesk import actors, exports
from illdesk.errors import DeskError
from illdesk.http import needs
from requests_app.models import LoanPolicy


@needs("see_payables")
@require_safe
def deposits(request):
    rows = []
    for row in Deposit.objects.order_by("-active", "name"):
        holds = books.balance(Where("deposit", row.pk))
        rows.append({"row": row, "holds": holds, "low": row.active and holds < row.low})
    side.set_side(request, "efts")
    return render(request, "billing/efts/deposits.html", {"rows": rows, "currency": LoanPolicy.current().currency})


@needs("see_payables")
@require_safe
def deposit(request, pk: int):
    row = get_object_or_404(Deposit, pk=pk)
    holds = books.balance(Where("deposit", pk))
    context = {
        "deposit": row, "holds": holds, "low": holds < row.low, "currency": LoanPolicy.current().currency,
        "compared": [{"row": one, "ours": ours, "less": one.amount - ours} for one, ours in actions.compared(row)],
        "lists": row.outgoing.select_related("by", "decided_by")[:24],
    }
    side.set_side(request, "efts")
    return render(request, "billing/efts/deposit.html", context)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int = 0):
    row = get_object_or_404(Deposit, pk=pk) if pk else Deposit()
    name = row.name
    form = DepositForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        return redirect("deposit", form.save().pk)
    return _form(request, form, name or _("Add a deposit account"), reverse("deposit", args=[pk]) if pk else "",
                 save=_("Store the account"))


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request, pk: int):
    row = get_object_or_404(Deposit, pk=pk)
    form = PayForm(request.POST or None, initial={"day": timezone.localdate()})
    return _done(request, row, form, _("Pay in"), _("Enter what was paid in"), lambda given: actions.pay_in(
        row, given["amount"], day=given["day"], key=str(given["key"]), actor=actors.staff(request.user),
        now=timezone.now()))


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def balance(request, pk: int):
    row = get_object_or_404(Deposit, pk=pk)
    form = BalanceForm(request.POST or None, initial={"day": timezone.localdate()})
    return _done(request, row, form, _("Balance as stated"), _("Store the balance"),
                 lambda given: actions.state_balance(row, given["day"], given["amount"],
                                                     actor=actors.staff(request.user), now=timezone.now()))


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def make(request, pk: int):
    row = get_object_or_404(Deposit, pk=pk)
    today = timezone.localdate()
    form = ListForm(request.POST or None, initial={"first": today.replace(day=1), "last": today})
    return _done(request, row, form, _("Lending to report"), _("Make the list"), lambda given: actions.make_list(
        row, given["first"], given["last"], key=str(given["key"]), actor=actors.staff(request.user),
        now=timezone.now()))


def _done(request, row: Deposit, form, heading: str, save: str, do):
    if request.method == "POST" and form.is_valid():
        try:
            made = do(form.cleaned_data)
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("It is stored."))
            return redirect("outgoing", made.number) if isinstance(made, OutgoingList) else redirect("deposit", row.pk)
    return _form(request, form, heading, reverse("deposit", args=[row.pk]), row.name, save=save)


def _form(request, form, heading: str, back: str, label: str = "", *, save: str):
    side.set_side(request, "efts")
    context = {"form": form, "heading": heading, "save": save, "back_url": back or reverse("efts"),
               "back_label": label or _("EFTS accounts")}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


@needs("see_payables")
@require_safe
def outgoing(request, list_number: str):
    row = get_object_or_404(OutgoingList.objects.select_related("deposit", "by", "decided_by"), number=list_number)
    lines = list(row.lines.select_related("ill", "library").order_by("pk"))
    side.set_side(request, "efts")
    context = {"list": row, "lines": lines, "sum": sum(line.amount for line in lines),
               "currency": LoanPolicy.current().currency}
    return render(request, "billing/efts/outgoing.html", context)


@needs("see_payables")
@require_POST
def decide(request, list_number: str, what: str):
    """Approving asks the rule of two persons itself: a deputy has the right only lent."""
    row = get_object_or_404(OutgoingList, number=list_number)
    if what not in ("approve", "discard") or (what == "discard" and not request.user.may("work_payables")):
        raise Http404
    try:
        (actions.approve if what == "approve" else actions.discard)(
            row, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("It is stored."))
    except DeskError as refusal:
        messages.error(request, str(refusal))
    return redirect("outgoing", list_number)


@needs("see_payables")
@require_safe
def export(request, list_number: str, form: str):
    """What is sent to the network; only of an approved list."""
    row = get_object_or_404(OutgoingList, number=list_number, state=OutgoingList.APPROVED)
    head = [_("Number"), _("Library"), _("Symbol"), _("Day"), _("Amount"), _("Our number")]
    lines = ((one.number, one.library.name, one.library.symbol, one.day, one.amount, one.ill.number)
             for one in row.lines.select_related("ill", "library").order_by("pk"))
    return exports.file(form, row.number, head, lines)
