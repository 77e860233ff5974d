"""The patron's own charges: what, why, when, how to pay, and how to say that it is wrong."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.appeals import actions as appeals
from billing.appeals.models import Appeal
from billing.charges import queries, statements, words
from billing.charges.models import Charge, ChargePayment, ChargePolicy
from billing.charges.views import pdf_response
from illdesk.http import needs
from illdesk.models import Attachment
from requests_app.actions import intake
from requests_app.models import LoanPolicy


@needs("ask")
@require_safe
def my_charges(request):
    patron, now = intake.ensure_patron(request.user), timezone.now()
    rows = list(queries.of_patron(patron.pk)[:200])
    open_ones = [_card(row, now) for row in rows if row.open or row.state == Charge.ASKED]
    context = {
        "cards": open_ones, "done": [_card(row, now) for row in rows if not row.open and row.state != Charge.ASKED],
        "sums": queries.sums(patron.pk), "currency": LoanPolicy.current().currency, "policy": ChargePolicy.current(),
        "payments": patron.payments.order_by("-pk")[:50], "any": bool(rows),
    }
    return render(request, "billing/charges/my_charges.html", context)


def _card(row: Charge, now) -> dict:
    why_not = appeals.why_not(row, now=now)
    last = row.appeals.order_by("-level").first()
    return {"row": row, "state": state_of(row), "sentence": _sentence(row), "why": words.to_patron(row.reason),
            "may_appeal": not why_not, "why_not": why_not, "last": last,
            "files": Attachment.objects.filter(
                subject_kind="appeal", subject_id=last.pk).order_by("pk") if last else [],
            "answer": last.words if last and last.state != Appeal.OPEN else ""}


def state_of(row: Charge) -> dict:
    """In the patron's words. `row`: of `queries.charges()`."""
    if row.state == Charge.UNDONE:
        return {"label": _("Cancelled"), "family": "ended_not"}
    if row.appealed:  # type: ignore[attr-defined]  # annotated
        return {"label": _("We are deciding on your appeal"), "family": "ours"}
    if row.state == Charge.ASKED or row.searching:  # type: ignore[attr-defined]  # annotated
        return {"label": _("We are looking into it"), "family": "ours"}
    if not row.open:
        return {"label": _("Settled"), "family": "ended_ok"}
    if row.state == Charge.PROVISIONAL:
        return {"label": _("May still change"), "family": "others"}
    return {"label": _("To pay"), "family": "decision"}


def _sentence(row: Charge) -> str:
    if row.state == Charge.UNDONE:
        return _("Nothing is asked for.")
    if row.appealed:  # type: ignore[attr-defined]  # annotated
        return _("Nothing is to be paid until we have decided.")
    if row.state == Charge.ASKED:
        if row.item_back is None:
            return _("You found it: please bring it to the desk. We asked the lending library what it refunds.")
        return _("It is back. We asked the lending library what it refunds, and write to you.")
    if row.searching:  # type: ignore[attr-defined]  # annotated
        return _("You told us that you returned it: we search for it. Nothing is to be paid meanwhile.")
    if row.patron_owns:
        return _("You may keep the item.")
    if not row.open:
        return ""
    if row.state == Charge.PROVISIONAL:
        return _("The lending library has not sent its invoice yet. When you find it, bring it back: then only the "
                 "delay is charged.")
    if row.handed:
        return _("The university’s billing office collects it.")
    return ""


@needs("ask")
@require_safe
def my_statement(request):
    patron = intake.ensure_patron(request.user)
    return pdf_response(statements.statement(patron, now=timezone.now()), "statement.pdf")


@needs("ask")
@require_safe
def my_receipt(request, code: str):
    patron = intake.ensure_patron(request.user)
    row = ChargePayment.objects.select_related("patron").filter(number=code, patron=patron).first()
    if row is None:
        raise Http404
    return pdf_response(statements.receipt(row, now=timezone.now()), f"{row.number}.pdf")


def own_charge(request, code: str) -> Charge:
    """The reader's own; to everybody else it does not exist."""
    row = queries.charges().filter(number=code, patron__user=request.user).first()
    if row is None:
        raise Http404
    return row


