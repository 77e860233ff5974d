"""What libraries pay: entered, settled with invoices, undone."""

from decimal import Decimal

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import side
from billing.approval import rule
from billing.invoices import payments, queries, refunds
from billing.invoices.forms import PaymentForm, ReasonForm
from billing.invoices.payment_models import Payment
from billing.invoices.payments import Received
from billing.invoices.refund_models import LibraryRefund
from billing.invoices.views.common import amount_typed, form_page, library_of
from illdesk import actors, money
from illdesk.errors import DeskError
from illdesk.http import needs
from requests_app.models import LoanPolicy


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request, symbol: str):
    """What came in, and which invoices it settles; without amounts beside them the oldest are settled first."""
    library, today = library_of(symbol), timezone.localdate()
    currency = LoanPolicy.current().currency
    form = PaymentForm(request.POST or None, initial={"day": today, "currency": currency})
    items = [{"row": row, "typed": request.POST.get(f"settle_{row.pk}", "")} for row in queries.open_items(library)]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        received = Received(
            kind=given["kind"], day=given["day"], currency=given["currency"], amount=given["amount"] or Decimal(0),
            reference=given["reference"], bank_charge=given["bank_charge"] or Decimal(0), wholes=given["wholes"] or 0,
            halves=given["halves"] or 0, holder=given["holder"].pk if given["holder"] else None, note=given["note"])
        try:
            settles = [(one["row"], amount_typed(one["typed"])) for one in items if one["typed"].strip()]
            settles = [(row, some) for row, some in settles if some]
            if not settles and not request.POST.get("as_credit") and received.kind != Payment.VOUCHER:
                settles = payments.oldest_first(library, received.currency, received.amount)
            made = payments.enter(library, received, key=str(given["key"]), settles=settles, another=given["another"],
                                  actor=actors.staff(request.user), now=timezone.now())
        except payments.Twice as question:
            form.ask("another", str(question))
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("%(amount)s is entered.") % {"amount": money.shown(made.amount, made.currency)})
            return redirect("library_payment", made.pk)
    side.set_side(request, "library_accounts")
    context = {"library": library, "form": form, "items": items, "as_credit": bool(request.POST.get("as_credit"))}
    return render(request, "billing/invoices/pay.html", context, status=422 if request.method == "POST" else 200)


@needs("see_invoices")
@require_safe
def payment(request, pk: int):
    return _payment(request, pk)


def _payment(request, pk: int, *, problem: str = "", status: int = 200):
    row = get_object_or_404(Payment.objects.select_related("library", "made_by", "undone_by", "entry"), pk=pk)
    side.set_side(request, "library_accounts")
    items = [{"row": one, "typed": request.POST.get(f"settle_{one.pk}", "")}
             for one in queries.open_items(row.library)] if row.rest > 0 else []
    back = _refunds(row, request.user)
    context = {"row": row, "allocations": list(row.allocations.select_related("invoice")), "items": items,
               "problem": problem, "refunds": back,
               "may_refund": row.rest > 0 and all(one["row"].disputed for one in items) and not any(
                   one["waits"] for one in back), "currency": LoanPolicy.current().currency}
    return render(request, "billing/invoices/payment.html", context, status=status)


def _refunds(row: Payment, user) -> list[dict]:
    """What of it goes back, with who may approve what waits."""
    found, day = [], timezone.localdate()
    for one in LibraryRefund.objects.filter(payment=row).select_related("made_by", "decided_by", "payment"):
        waits, hands = one.state == LibraryRefund.PROPOSED, refunds.entered_by(one)
        found.append({
            "row": one, "waits": waits, "paid": one.state == LibraryRefund.PAID,
            "may": waits and rule.may_approve(user, refunds.RIGHT, entered_by=hands, day=day),
            "others": rule.others_in_words(refunds.RIGHT, hands, day=day) if waits else "",
        })
    return found


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def allocate(request, pk: int):
    """Only posted; whoever reloads its address comes to the payment."""
    row = get_object_or_404(Payment, pk=pk)
    if request.method != "POST":
        return redirect("library_payment", pk)
    try:
        wanted = [(one, amount_typed(request.POST.get(f"settle_{one.pk}", "")))
                  for one in queries.open_items(row.library)]
        payments.allocate(row, [(one, some) for one, some in wanted if some], actor=actors.staff(request.user),
                          now=timezone.now())
    except DeskError as refusal:
        return _payment(request, pk, problem=str(refusal), status=422)
    return redirect("library_payment", pk)


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request, pk: int):
    row, form = get_object_or_404(Payment, pk=pk), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            payments.undo(row, form.cleaned_data["why"], actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The payment is undone; what it settled is open again."))
            return redirect("library_payment", pk)
    return form_page(request, form, heading=_("Undo this payment"), back=reverse("library_payment", args=[pk]),
                 label=money.shown(row.amount, row.currency), save=_("Undo the payment"), current="library_accounts",
                 sub=_("A check that bounced, or an amount entered wrong. Its entries are reversed."))
