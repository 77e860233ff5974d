"""What an invoice is corrected by: a credit note, and what the library says against it."""

from decimal import Decimal
from typing import Any

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from billing import side
from billing.invoices import credit, disputes, files
from billing.invoices.dispute_models import InvoiceDispute
from billing.invoices.forms import DisputeForm
from billing.invoices.models import InvoiceLine
from billing.invoices.views.common import amount_typed, invoice_of, number_of
from illdesk import actors
from illdesk.errors import DeskError
from illdesk.http import needs


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def credit_note(request, pk: int):
    """Which lines are taken back, and how much of each; also the answer to a dispute that is upheld."""
    row = invoice_of(pk)
    dispute = row.disputes.filter(state=InvoiceDispute.OPEN, pk=number_of(request.GET.get("dispute"))).first()
    back = credit.credited(row)
    disputed = set(dispute.lines.values_list("pk", flat=True)) if dispute else set()
    lines: list[dict[str, Any]] = [
        {"line": line, "name": files.name_of(line), "left": line.amount - back.get(line.pk, Decimal(0)),
         "typed": request.POST.get(f"amount_{line.pk}", "") if request.method == "POST" else (
             str(line.amount - back.get(line.pk, Decimal(0))) if line.pk in disputed else "")}
        for line in row.lines.filter(state=InvoiceLine.VERIFIED).select_related("ill")
    ]
    problem, wrong, reason = "", "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            amounts = {
                one["line"].pk: amount_typed(one["typed"], f"amount_{one['line'].pk}") for one in lines}
            who, now = actors.staff(request.user), timezone.now()
            if dispute is not None:
                note = disputes.uphold(dispute, amounts, reason, actor=who, now=now)
            else:
                note = credit.draft(row, amounts, reason, actor=who, now=now)
        except DeskError as refusal:
            problem, wrong = str(refusal), getattr(refusal, "field", "")
            wrong = f"amount_{lines[0]['line'].pk}" if wrong == "amount" and lines else wrong
        else:
            return redirect("invoice", note.pk)
    side.set_side(request, "invoices")
    for one in lines:
        one["wrong"] = wrong == f"amount_{one['line'].pk}"
    context = {"row": row, "lines": lines, "problem": problem, "wrong": wrong, "reason": reason, "dispute": dispute}
    return render(request, "billing/invoices/credit.html", context, status=422 if problem else 200)


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request, pk: int):
    """What the library says against it."""
    row, form = invoice_of(pk), DisputeForm(request.POST or None, initial={"asked_on": timezone.localdate()})
    lines = list(row.lines.filter(state=InvoiceLine.VERIFIED).select_related("ill"))
    chosen = {number_of(text) for text in request.POST.getlist("lines")}
    if request.method == "POST" and form.is_valid():
        try:
            made = disputes.open_dispute(
                row, lines=[one for one in lines if one.pk in chosen], actor=actors.staff(request.user),
                now=timezone.now(), **form.cleaned_data)
        except DeskError as refusal:
            form.add_error(getattr(refusal, "field", "") or None, str(refusal))
        else:
            return redirect("invoice_dispute", made.pk)
    side.set_side(request, "invoices")
    context = {"row": row, "form": form, "chosen": chosen,
               "lines": [{"line": one, "name": files.name_of(one)} for one in lines]}
    status = 422 if request.method == "POST" else 200
    return render(request, "billing/invoices/dispute_new.html", context, status=status)
