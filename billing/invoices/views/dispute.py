"""Disputes of invoices: the list, one with its notes, decided."""

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from billing import side
from billing.invoices import disputes, files
from billing.invoices.dispute_models import InvoiceDispute
from billing.invoices.forms import NoteForm
from illdesk import actors
from illdesk.errors import DeskError
from illdesk.http import needs


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
@require_http_methods(["GET", "HEAD", "POST"])
def dispute_note(request, pk: int):
    """Only posted, as deciding it; whoever reloads the address comes to the dispute."""
    row, form = get_object_or_404(InvoiceDispute, pk=pk), NoteForm(request.POST)
    if request.method != "POST":
        return redirect("invoice_dispute", pk)
    if not form.is_valid():
        return _dispute(request, pk, form, status=422)
    disputes.note(row, form.cleaned_data["text"], theirs=form.cleaned_data["theirs"], actor=actors.staff(request.user),
                  now=timezone.now())
    return redirect("invoice_dispute", pk)


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def dispute_reject(request, pk: int):
    row = get_object_or_404(InvoiceDispute, pk=pk)
    if request.method != "POST":
        return redirect("invoice_dispute", pk)
    try:
        disputes.reject(row, request.POST.get("outcome", "")[:5000], actor=actors.staff(request.user),
                        now=timezone.now())
    except DeskError as refusal:
        return _dispute(request, pk, NoteForm(), problem=str(refusal), status=422)
    return redirect("invoice_dispute", pk)
