"""What pages of invoices share: the invoice, its state in words, a form with a way back, what was typed."""

from datetime import date
from decimal import Decimal, InvalidOperation
from functools import wraps

from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing import side
from billing.invoices import files
from billing.invoices.models import Invoice
from illdesk import money
from illdesk.errors import BadAnswer
from requests_app.models import Library


def invoice_of(pk: int) -> Invoice:
    return get_object_or_404(Invoice.objects.select_related("library", "run", "of", "made_by", "approved_by"), pk=pk)


def name_of(row: Invoice) -> str:
    return row.number or _("Draft for %(symbol)s") % {"symbol": row.library.symbol}


def as_listed(row: Invoice, today: date) -> dict:
    total = files.total_of(row)
    disputed = getattr(row, "disputed", False)
    late = row.overdue(today)
    if row.state == Invoice.DRAFT:
        family = "ours"
    elif row.state == Invoice.APPROVED:
        family = "decision"
    elif row.state == Invoice.DISCARDED:
        family = "ended_not"
    elif disputed:
        family = "decision"
    else:
        family = "trouble" if late else "others" if row.open > 0 else "ended_ok"
    return {"row": row, "total": total, "late": late, "disputed": disputed, "family": family,
            "words": state_in_words(row, late)}


def state_in_words(row: Invoice, late: int) -> str:
    if row.state in (Invoice.DRAFT, Invoice.APPROVED, Invoice.DISCARDED):
        return str(row.get_state_display())
    if row.kind == Invoice.CREDIT:
        return _("Sent")
    if row.open <= 0:
        return _("Settled")
    return ngettext("%(n)s day overdue", "%(n)s days overdue", late) % {"n": late} if late else _("Open")


def step_of_invoice(view):
    """Only posted; whoever types or reloads its address comes to the page of the invoice."""
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def posted(request, pk: int):
        return view(request, pk) if request.method == "POST" else redirect("invoice", invoice_of(pk).pk)
    return posted


def form_page(
    request, form, *, heading: str, back: str, label: str, sub: str = "", save: str = "", current: str = "invoices",
    template: str = "illdesk/form_back.html", **more,
):
    side.set_side(request, current)
    context = {"form": form, "heading": heading, "sub": sub, "back_url": back, "back_label": label, "save": save}
    return render(request, template, context | more, status=422 if request.method == "POST" else 200)


def library_of(symbol: str) -> Library:
    return get_object_or_404(Library, symbol=symbol)


def amount_typed(text: str, field: str = "amount") -> Decimal:
    if not text.strip():
        return Decimal(0)
    try:
        return money.amount_of(text)
    except (ValueError, InvalidOperation) as failure:
        raise BadAnswer(_("“%(text)s” is no amount of money.") % {"text": text[:40]}, field=field) from failure


def number_of(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0
