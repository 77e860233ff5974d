"""What libraries owe: by age, one account, what comes in, disputes."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import side
from billing.invoices import disputes, files, letters, payments, queries, sending
from billing.invoices.dispute_models import InvoiceDispute
from billing.invoices.forms import NoteForm, PaymentForm, ReasonForm
from billing.invoices.payment_models import Payment
from billing.invoices.payments import Received
from billing.invoices.views import _amount, _form, library_of
from billing.ledger import queries as books
from billing.ledger.actions import Where
from illdesk import actors, exports, money
from illdesk.errors import DeskError, NotAllowed
from illdesk.http import needs
from requests_app.exchange.mail import LANGUAGE_OF
from requests_app.models import LoanPolicy


@needs("see_invoices")
@require_safe
def ageing(request):
    today = timezone.localdate()
    rows = queries.ageing(today)
    side.set_side(request, "library_accounts")
    buckets = [sum((row.buckets[place] for row in rows), Decimal(0)) for place in range(len(queries.BUCKETS) + 1)]
    context = {"rows": rows, "today": today, "currency": LoanPolicy.current().currency, "buckets": buckets,
               "credit": sum(row.credit for row in rows), "open": sum(row.open for row in rows)}
    return render(request, "billing/invoices/ageing.html", context)


@needs("see_invoices")
@require_safe
def ageing_export(request, form: str):
    head = [_("Library"), _("Name"), "0–30", "31–60", "61–90", "90+", _("Credit"), _("Open"), _("Disputed"),
            _("Currency")]
    currency = LoanPolicy.current().currency
    rows = ([row.library.symbol, row.library.name, *row.buckets, row.credit, row.open, row.disputed, currency]
            for row in queries.ageing(timezone.localdate()))
    return exports.file(form, f"ageing-{timezone.localdate():%Y-%m-%d}", head, rows)


@needs("see_invoices")
@require_safe
def account(request, symbol: str):
    library, today = library_of(symbol), timezone.localdate()
    aged = next((row for row in queries.ageing(today) if row.library.pk == library.pk), queries.Aged(library))
    side.set_side(request, "library_accounts")
    context = {
        "library": library, "aged": aged, "items": [
            {"row": row, "late": row.overdue(today)} for row in queries.open_items(library)],
        "unused": list(queries.unused(library)), "moved": queries.account(library, today - timedelta(days=365), today),
        "holds": books.balance(Where("library", library.pk)), "currency": LoanPolicy.current().currency,
        "payments": list(Payment.objects.filter(library=library).exclude(
            kind__in=[Payment.CREDIT, Payment.WRITTEN_OFF])[:20]),
        "address": sending.address_of(library),
    }
    return render(request, "billing/invoices/account.html", context)


@needs("see_invoices")
@require_safe
def statement(request, symbol: str):
    library, today = library_of(symbol), timezone.localdate()
    drawn = files.draw_statement(library, since=today - timedelta(days=365), day=today, language=_language(library))
    response = HttpResponse(drawn, content_type=files.PDF)
    response["Content-Disposition"] = f'attachment; filename="{files.statement_name(library, today)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _language(library) -> str:
    return LANGUAGE_OF.get(library.country, "en")


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def statement_mail(request, symbol: str):
    """Asked before: a letter that left is not taken back. To whom, and what it says, stands on the page."""
    library, today, now = library_of(symbol), timezone.localdate(), timezone.now()
    to, key, language = sending.address_of(library), request.POST.get("key", "")[:36], _language(library)
    aged = next((row for row in queries.ageing(today) if row.library.pk == library.pk), queries.Aged(library))
    left = money.shown(max(aged.open, Decimal(0)), LoanPolicy.current().currency)
    try:
        if not to:
            raise NotAllowed(_("This library has no e-mail: print the statement."))
        if request.method != "POST":
            subject, body = letters.statement(library, language=language, left=left, day=today)
            side.set_side(request, "library_accounts")
            return render(request, "billing/invoices/statement_mail.html", {
                "library": library, "to": to, "subject": subject, "body": body, "key": uuid.uuid4(),
                "name": files.statement_name(library, today)})
        uuid.UUID(key)
        drawn = files.draw_statement(library, since=today - timedelta(days=365), day=today, language=language)
        kept = files.keep_statement(library, drawn, by=request.user, now=now)
        letters.send_statement(library, to=to, language=language, left=left, day=today, now=now,
                               key=f"library_statement:{library.pk}:{key}", attachments=[kept])
        messages.success(request, _("The statement goes to %(address)s.") % {"address": to})
    except (DeskError, ValueError) as refusal:
        messages.error(request, str(refusal) if isinstance(refusal, DeskError) else _("Try it again."))
    return redirect("library_account", symbol)


# --- payments ------------------------------------------------------------------------------------------------


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
            settles = [(one["row"], _amount(one["typed"])) for one in items if one["typed"].strip()]
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
    items = list(queries.open_items(row.library)) if row.rest > 0 else []
    context = {"row": row, "allocations": list(row.allocations.select_related("invoice")), "items": items,
               "problem": problem, "currency": LoanPolicy.current().currency}
    return render(request, "billing/invoices/payment.html", context, status=status)


@needs("work_invoices")
@require_POST
def allocate(request, pk: int):
    row = get_object_or_404(Payment, pk=pk)
    try:
        wanted = [(one, _amount(request.POST.get(f"settle_{one.pk}", ""))) for one in queries.open_items(row.library)]
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
    return _form(request, form, heading=_("Undo this payment"), back=reverse("library_payment", args=[pk]),
                 label=money.shown(row.amount, row.currency), save=_("Undo the payment"), current="library_accounts",
                 sub=_("A check that bounced, or an amount entered wrong. Its entries are reversed."))


# --- disputes ------------------------------------------------------------------------------------------------


@needs("see_invoices")
@require_safe
def dispute_list(request):
    side.set_side(request, "invoice_disputes")
    rows = InvoiceDispute.objects.select_related("invoice__library", "made_by", "decided_by")
    today = timezone.localdate()
    opened = [{"row": row, "left": (row.settle_by - today).days}
              for row in rows.filter(state=InvoiceDispute.OPEN).order_by("settle_by")]
    return render(request, "billing/invoices/disputes.html", {
        "opened": opened, "decided": list(rows.exclude(state=InvoiceDispute.OPEN)[:50])})


@needs("see_invoices")
@require_safe
def dispute(request, pk: int):
    return _dispute(request, pk, NoteForm())


def _dispute(request, pk: int, form, *, problem: str = "", status: int = 200):
    row = get_object_or_404(InvoiceDispute.objects.select_related("invoice__library", "made_by", "decided_by",
                                                                  "credit_note"), pk=pk)
    side.set_side(request, "invoice_disputes")
    context = {
        "row": row, "notes": list(row.notes.select_related("by")), "form": form, "problem": problem,
        "lines": [{"line": one, "name": files.name_of(one)} for one in row.lines.select_related("ill")],
        "left": (row.settle_by - timezone.localdate()).days, "outcome": request.POST.get("outcome", ""),
    }
    return render(request, "billing/invoices/dispute.html", context, status=status)


@needs("work_invoices")
@require_POST
def dispute_note(request, pk: int):
    row, form = get_object_or_404(InvoiceDispute, pk=pk), NoteForm(request.POST)
    if not form.is_valid():
        return _dispute(request, pk, form, status=422)
    disputes.note(row, form.cleaned_data["text"], theirs=form.cleaned_data["theirs"], actor=actors.staff(request.user),
                  now=timezone.now())
    return redirect("invoice_dispute", pk)


@needs("work_invoices")
@require_POST
def dispute_reject(request, pk: int):
    row = get_object_or_404(InvoiceDispute, pk=pk)
    try:
        disputes.reject(row, request.POST.get("outcome", "")[:5000], actor=actors.staff(request.user),
                        now=timezone.now())
    except DeskError as refusal:
        return _dispute(request, pk, NoteForm(), problem=str(refusal), status=422)
    return redirect("invoice_dispute", pk)


