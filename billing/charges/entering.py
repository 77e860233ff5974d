"""A new charge by hand: first the patron (or the request), then what."""

from datetime import datetime
from decimal import Decimal
from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import side
from billing.charges import declared, queries, shown_before
from billing.charges.actions import New, charge
from billing.charges.forms import ChargeForm
from billing.charges.models import Charge, ChargeTerms
from billing.charges.views import form_context
from illdesk import actors
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, DeskError, NotAllowed
from illdesk.http import needs
from requests_app.models import ILLRequest, Patron


@needs("work_charges")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """First the patron (or the request), then what."""
    ill = ILLRequest.objects.select_related("patron", "citation").filter(
        number=request.GET.get("request", ""), patron__isnull=False).first()
    chosen = request.GET.get("patron", "")
    row = ill.patron if ill else (
        Patron.objects.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 16 else None)
    if (chosen or request.GET.get("request")) and row is None:
        raise Http404
    if row is None:
        return _choose(request)
    form = ChargeForm(request.POST or None, initial={"number": ill.number if ill else ""})
    before, now = None, timezone.now()
    if request.method == "POST" and form.is_valid():
        do = partial(_make, form, row, actors.staff(request.user), now)
        try:
            if not shown_before.asked(request):
                return _made(request, do(), now)
            before = shown_before.of(do, row, now=now)
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
    context = form_context(request, form, row, _("New charge"), _("Charge it and write to the patron"),
                           sub=_("Prices come from the rules of charges."))
    return shown_before.page(request, "billing/charges/form_letter.html", context, patron=row, before=before)


def _made(request, made: Charge, now: datetime):
    if made.made == now:
        messages.success(request, _("%(number)s is charged.") % {"number": made.number})
    elif made.moves.filter(at=now).exists():  # a delay that went on
        messages.success(request, _("%(number)s was charged already; it is %(sum)s now.") % {
            "number": made.number, "sum": made.amount})
    else:
        messages.warning(request, _("It was charged already: %(number)s. Nothing was changed.") % {
            "number": made.number})
    return redirect(made)


def _choose(request):
    side.set_side(request, "charges")
    wanted = " ".join(request.GET.get("find", "").split())[:100]
    found = list(queries.found_patrons(wanted)[:21]) if wanted else []
    context = {"find": wanted, "found": found[:20], "more": len(found) > 20}
    return render(request, "billing/charges/choose.html", context)


def _make(form: ChargeForm, row: Patron, actor: Actor, now: datetime) -> Charge:
    given = form.cleaned_data
    ill = None
    if given["number"]:
        ill = ILLRequest.objects.select_related("patron", "partner", "citation").filter(
            number=given["number"], patron=row).first()
        if ill is None:
            raise BadAnswer(_("This patron has no request of that number."), field="number")
    late = given["kind"] == Charge.OVERDUE and given["reason"] == "late"
    if late and ill is not None and ill.state == "borrowing.checked_out":
        raise BadAnswer(_("It is not back yet, so it was not returned late: choose Still overdue, or check it in."),
                        field="reason")
    if given["kind"] == Charge.LOST and ill is not None:
        where = given["reason"] if given["reason"] in ("lost_by_patron", "not_returned") else ill.reason
        where = declared.BY_PATRON if where == "not_returned" else where
        return declared.lost(ill, where, actor=actor, now=now, amount=given["amount"], note=given["note"])
    if given["kind"] == Charge.DAMAGED and ill is not None:
        return declared.damaged(ill, given["amount"], key=form.given_key, actor=actor, now=now, note=given["note"])
    if given["kind"] == Charge.OVERDUE and ill is not None and not given["amount"]:
        until = declared.came_back(ill) if late else None
        by_rules = declared.overdue_now(ill, until=until or timezone.localtime(now).date(), actor=actor, now=now,
                                        why=given["reason"])
        if by_rules is None:
            raise NotAllowed(_("By the rules of charges nothing is owed. Nobody was charged."))
        return by_rules
    amount = given["amount"]
    if amount is None and given["kind"] == Charge.RUSH:
        amount = ChargeTerms.of(row.status).rush
    if ill is not None and given["kind"] == Charge.OVERDUE:
        declared.stands_still(ill)
    due = ill.due_patron if ill and given["kind"] == Charge.OVERDUE else None
    if due is not None and Charge.objects.filter(ill=ill, due=due, kind=Charge.OVERDUE).exclude(
            state=Charge.UNDONE).exclude(key=form.given_key).exists():
        raise NotAllowed(_("This delay was charged already. Cancel or waive that charge first."))
    made = New(given["kind"], amount or Decimal(0), given["reason"], ill=ill.pk if ill else None, due=due,
               note=given["note"])
    return charge(form.given_key, row.pk, made, actor=actor, now=now)
