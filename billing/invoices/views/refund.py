"""Credit of a library is paid back: proposed, approved with its transfer, refused, undone."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.invoices import refunds
from billing.invoices.forms import ReasonForm, RefundForm, TransferForm
from billing.invoices.payment_models import Payment
from billing.invoices.refund_models import LibraryRefund
from billing.invoices.views.common import form_page
from illdesk import actors, money
from illdesk.errors import DeskError
from illdesk.http import needs


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request, pk: int):
    row = get_object_or_404(Payment.objects.select_related("library"), pk=pk)
    form = RefundForm(request.POST or None, initial={"amount": row.rest or None})
    return _done(
        request, row, form, heading=_("Pay credit back"), save=_("Propose it"),
        sub=_("%(left)s of this payment is left. Somebody else approves it, with the reference of the transfer.") % {
            "left": money.shown(row.rest, row.currency)},
        said=_("It waits to be approved by somebody else."),
        do=lambda given, who, now: refunds.propose(row, given["amount"], given["why"], key=str(given["key"]), actor=who,
                                                   now=now))


@needs("see_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request, pk: int):
    """Who may, `billing.approval.rule` says: a right, or a deputy's."""
    row = _found(pk)
    form = TransferForm(request.POST or None, initial={"day": timezone.localdate()})
    return _done(
        request, row.payment, form, heading=_("Approve and enter the transfer"), save=_("Enter what was paid back"),
        sub=_what(row), said=_("It is entered as paid back."),
        do=lambda given, who, now: refunds.approve(row, day=given["day"], reference=given["reference"], actor=who,
                                                   now=now))


@needs("see_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request, pk: int):
    row = _found(pk)
    return _done(
        request, row.payment, ReasonForm(request.POST or None), heading=_("Do not pay it back"),
        save=_("Do not pay it back"), sub=_what(row), said=_("It is not paid back; the credit stands as before."),
        do=lambda given, who, now: refunds.refuse(row, given["why"], actor=who, now=now))


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request, pk: int):
    row = _found(pk)
    return _done(
        request, row.payment, ReasonForm(request.POST or None), heading=_("Undo this refund"),
        save=_("Undo the refund"),
        sub=_("A transfer that came back, or was entered wrong. Its entries are reversed, and the credit stands "
              "again."),
        said=_("The refund is undone; the credit stands again."),
        do=lambda given, who, now: refunds.undo(row, given["why"], actor=who, now=now))


def _found(pk: int) -> LibraryRefund:
    return get_object_or_404(LibraryRefund.objects.select_related("payment__library", "made_by"), pk=pk)


def _what(row: LibraryRefund) -> str:
    return _("%(amount)s to %(library)s, proposed by %(who)s: %(why)s") % {
        "amount": money.shown(row.amount, row.payment.currency), "library": row.payment.library.symbol,
        "who": row.made_by.short_name if row.made_by else "—", "why": row.why}


def _done(request, payment: Payment, form, *, heading: str, save: str, sub: str, said: str, do):
    if request.method == "POST" and form.is_valid():
        try:
            do(form.cleaned_data, actors.staff(request.user), timezone.now())
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("library_payment", payment.pk)
    return form_page(request, form, heading=heading, sub=sub, save=save, current="library_accounts",
                     back=reverse("library_payment", args=[payment.pk]),
                     label=money.shown(payment.amount, payment.currency))
