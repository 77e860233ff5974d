"""The patron's own charges: what, why, when, how to pay, and how to say that it is wrong."""

from datetime import datetime
from decimal import Decimal

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.appeals import actions as appeals
from billing.appeals.models import Appeal
from billing.charges import queries, statements, words
from billing.charges.models import Charge, ChargePayment, ChargePolicy
from billing.charges.queries import NOTHING
from billing.charges.views import pdf_response
from illdesk.http import needs
from illdesk.models import Attachment
from illdesk.money import shown as shown_money
from requests_app.actions import intake
from requests_app.models import LoanPolicy


@needs("ask")
@require_safe
def my_charges(request):
    patron, now = intake.ensure_patron(request.user), timezone.now()
    rows = list(queries.of_patron(patron.pk)[:200])
    was = queries.cancelled_amounts(rows)
    cards = [_card(one, was.get(one.row.pk), now) for one in queries.standing(rows)]
    context = {
        "cards": [card for card in cards if card["asked"]], "done": [card for card in cards if not card["asked"]],
        "sums": queries.sums(patron.pk), "currency": LoanPolicy.current().currency, "policy": ChargePolicy.current(),
        "payments": patron.payments.order_by("-pk")[:50], "any": bool(rows),
    }
    return render(request, "billing/charges/my_charges.html", context)


def _card(one: queries.Standing, was: Decimal | None, now: datetime) -> dict:
    """`was`: what a cancelled one was; `asked`: it stands among those that something is still to happen with."""
    row = one.row
    why_not = appeals.why_not(row, now=now)
    return {"row": row, "state": state_of(one), "sentence": _sentence(one, was), "why": words.to_patron(row.reason),
            "was": was, "asked": bool(row.open) or row.state == Charge.ASKED, "appealed": one.appealed,
            "may_appeal": not why_not, "why_not": why_not,
            "appeals": [_appeal(each) for each in row.appeals.order_by("level")]}


def _appeal(row: Appeal) -> dict:
    """What the patron said, with its files, and what was answered: the first answer may explain the amount still."""
    return {"row": row, "answer": row.words if row.state != Appeal.OPEN else "",
            "files": Attachment.objects.filter(subject_kind="appeal", subject_id=row.pk).order_by("pk")}


def state_of(one: queries.Standing) -> dict:
    """In the patron's words."""
    row = one.row
    if row.state == Charge.UNDONE:
        return {"label": _("Cancelled"), "family": "ended_not"}
    if one.appealed:
        return {"label": _("We are deciding on your appeal"), "family": "ours"}
    if row.state == Charge.ASKED or one.searching:
        return {"label": _("We are looking into it"), "family": "ours"}
    if not row.open:
        return {"label": _("Settled"), "family": "ended_ok"}
    if row.state == Charge.PROVISIONAL:
        return {"label": _("May still change"), "family": "others"}
    return {"label": _("To pay"), "family": "decision"}


def _sentence(one: queries.Standing, was: Decimal | None) -> str:
    row = one.row
    if row.state == Charge.UNDONE:
        return _("We had charged %(sum)s and cancelled it: nothing of it is asked for.") % {
            "sum": shown_money(was or NOTHING, LoanPolicy.current().currency)}
    if one.appealed:
        return _("Nothing is to be paid until we have decided.")
    if row.state == Charge.ASKED:
        if row.item_back is None:
            return _("You found it: please bring it to the desk. We asked the lending library what it refunds.")
        return _("It is back. We asked the lending library what it refunds, and write to you.")
    if one.searching:
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


