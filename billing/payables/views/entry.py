"""Keying in an invoice: its head and lines on one page, the paper beside it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.payables import actions, lifecycle, paper
from billing.payables.forms import MOST_LINES, HeadForm, LineForm, LineForms
from billing.payables.models import PayableInvoice
from billing.payables.views import pages
from billing.payables.views.common import invoice_of, line_errors, set_side, stored_with_paper
from illdesk import actors
from illdesk.http import needs


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request):
    return _edit(request, None)


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int):
    row = invoice_of(pk)
    if request.method != "POST" and not lifecycle.may(row.state, "key_in"):  # what was typed is kept
        messages.error(request, _("This invoice is %(state)s: it is not keyed in anew.") % {
            "state": row.state_row.label})
        return redirect("payable", pk)
    if "page" in request.GET or "page" in request.POST or row.lines.count() > pages.ONE_FORM:
        return pages.edit(request, row)
    return _edit(request, row)


def _edit(request, row: PayableInvoice | None):
    if request.method == "POST" and "more" in request.POST:
        if request.FILES:
            messages.warning(request, _("Choose the file of the invoice again before you enter it."))
        form = HeadForm(invoice=row, typed=request.POST)
        return _shown(request, row, form, LineForms(prefix="lines", initial=_lines_typed(request.POST)), status=200)
    if request.method == "POST":
        form, lines = HeadForm(request.POST, request.FILES, invoice=row), LineForms(request.POST, prefix="lines")
        typed = [one for line in lines if (one := line.typed())] if lines.is_valid() else []
        if form.is_valid() and lines.is_valid():
            saved = _store(request, row, form, typed)
            if saved is not None:
                keyed = row is None or row.state == lifecycle.RECEIVED
                messages.success(request, (
                    _("Invoice %(number)s is entered and its lines are matched.") if keyed else
                    _("Invoice %(number)s is changed and its lines are matched again.")) % {"number": saved.number})
                return redirect("payable", saved.pk)
        return _shown(request, row, form, lines, status=422)
    there = [{"number": line.number, "external": line.external or line.theirs, "title": line.title, "what": line.what,
              "amount": line.amount} for line in row.lines.order_by("place")] if row else []
    return _shown(request, row, HeadForm(invoice=row), LineForms(prefix="lines", initial=there), status=200)


def _lines_typed(data) -> list[dict[str, str]]:
    """As they stand in the form, to be shown again with five more; nothing is checked."""
    return [{name: data.get(f"lines-{place}-{name}", "") for name in LineForm.base_fields}
            for place in range(min(MOST_LINES, _number(data.get("lines-TOTAL_FORMS"))))]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 5


def _store(request, row: PayableInvoice | None, form: HeadForm, typed: list) -> PayableInvoice | None:
    actor, now = actors.staff(request.user), timezone.now()

    def store() -> PayableInvoice:
        if row is None:
            return actions.enter(form.head(), typed, key=f"form:{form.cleaned_data['key']}", actor=actor, now=now)
        return actions.change(row, form.head(), typed, seen=form.cleaned_data["seen"] or 0, actor=actor, now=now)

    return stored_with_paper(request, form, store, new=row is None)


def _shown(request, row: PayableInvoice | None, form: HeadForm, lines, *, status: int):
    set_side(request)
    numbered = list(enumerate(lines, start=1))
    wrong = line_errors(numbered, lines)
    context = {"form": form, "lines": lines, "numbered": numbered, "invoice": row, "wrong": wrong,
               "problems": len(form.errors) + len(wrong),
               "full": lines.total_form_count() >= MOST_LINES,
               "pictures": range(1, paper.pages(row.paper) + 1) if row else range(0)}
    return render(request, "billing/payables/edit.html", context, status=status)
