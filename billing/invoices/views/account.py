"""What libraries owe: by age, one account, its statement."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import side
from billing.invoices import files, letters, queries, sending
from billing.invoices.payment_models import Payment
from billing.invoices.views.common import library_of
from billing.ledger import queries as books
from billing.ledger.actions import Where
from illdesk import exports, money
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
               "credit": sum(row.credit for row in rows), "open": sum(row.open for row in rows),
               "refunds": list(queries.refunds_waiting())}
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
