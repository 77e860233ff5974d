"""One charge, and what staff do with it; the hold of a request while the patron says it was returned."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import side
from billing.appeals import actions as appeals
from billing.appeals.days import last_day
from billing.approval import rule
from billing.charges import actions, declared, forms, queries, shown_before, words
from billing.charges.models import Charge, ChargePolicy, Waiver
from billing.charges.views import shown
from billing.local import actions as local
from billing.local.models import LocalSystem
from billing.rehearsal import Rehearsal
from illdesk import actors
from illdesk.actors import Actor
from illdesk.errors import DeskError
from illdesk.http import needs
from requests_app import access
from requests_app.models import ILLRequest, LoanPolicy


@dataclass(frozen=True)
class Step:
    """`then`: what will happen; `possible`: for a charge as it stands; `do(charge, cleaned, key, actor, now)`;
    `writes`: a letter goes with it, which can be seen before."""

    code: str
    label: str | Promise
    then: str | Promise
    form: type[forms.Keyed]
    possible: Callable[[Charge], bool]
    do: Callable[[Charge, dict, str, Actor, datetime], object]
    writes: bool = True


STEPS = {step.code: step for step in (
    Step("final", gettext_lazy("Make final"), gettext_lazy("What differs is a second entry; the patron is written to."),
         forms.FinalForm, lambda one: one.state == Charge.PROVISIONAL,
         lambda one, given, key, actor, now: actions.finalise(
             one, given["amount"], key=key, actor=actor, now=now, note=given["note"])),
    Step("waive", gettext_lazy("Waive"),
         gettext_lazy("The patron is written to. Above the limit of the rules it is only proposed, and somebody else "
                      "decides."),
         forms.WaiveForm, lambda one: one.open > 0 and one.state != Charge.UNDONE,
         lambda one, given, key, actor, now: actions.waive(
             one, given["amount"], given["reason"], key=key, actor=actor, now=now, note=given["note"])),
    Step("found", gettext_lazy("It was found"),
         gettext_lazy("The lender is asked whether it wants it and what it refunds. Nothing is refunded yet."),
         forms.NothingForm,
         lambda one: one.kind == Charge.LOST and one.state in (Charge.PROVISIONAL, Charge.FINAL)
         and one.refunded is None,
         lambda one, given, key, actor, now: declared.found(one, actor=actor, now=now)),
    Step("scan", gettext_lazy("Scan the item"), gettext_lazy("Nothing is refunded before the item is here."),
         forms.ScanForm, lambda one: one.state == Charge.ASKED and one.item_back is None,
         lambda one, given, key, actor, now: declared.scanned(one, given["barcode"], actor=actor, now=now),
         writes=False),
    Step("answer", gettext_lazy("Lender's answer"), gettext_lazy("Nothing is refunded yet."), forms.AnswerForm,
         lambda one: one.state == Charge.ASKED,
         lambda one, given, key, actor, now: declared.lender_answered(
             one, given["amount"], actor=actor, now=now, note=given["note"]), writes=False),
    Step("refund", gettext_lazy("Refund by the rules"),
         gettext_lazy("What was paid beyond what stays becomes credit; the patron is written to."), forms.NothingForm,
         lambda one: one.state == Charge.ASKED and one.lender_refunds is not None and one.item_back is not None,
         lambda one, given, key, actor, now: declared.refunded(one, actor=actor, now=now)),
    Step("cancel", gettext_lazy("Cancel the charge"),
         gettext_lazy("Its entries are reversed; what was paid becomes credit. The patron is written to."),
         forms.CancelForm, lambda one: one.state != Charge.UNDONE and one.state != Charge.ASKED,
         lambda one, given, key, actor, now: actions.cancel(
             one, given["reason"], key=key, actor=actor, now=now, note=given["note"])),
)}


@needs("see_charges")
@require_safe
def page(request, code: str):
    return _page(request, get_object_or_404(queries.charges().select_related("patron__user"), number=code))


def _page(request, row: Charge, *, before: Rehearsal | None = None, refusal: str = ""):
    """`before`: the letter that goes when its proposed waiver is granted; `refusal`: why it cannot be shown."""
    side.set_side(request, "charges")
    works = request.user.may("work_charges")
    steps = [step for step in STEPS.values() if step.possible(row)] if works else []
    policy, system = ChargePolicy.current(), LocalSystem.current()
    waiver = row.waivers.filter(state=Waiver.PROPOSED).select_related("proposed_by").first()
    refund = declared.keeps(row, policy, now=timezone.now()) if row.lender_refunds is not None else None
    context = {
        "one": shown(queries.standing([row])[0]), "row": row, "steps": steps, "waiver": waiver,
        "currency": LoanPolicy.current().currency,
        "waiver_others": rule.others_in_words("decide_appeals", [row.made_by_id, waiver.proposed_by_id],
                                              day=timezone.localdate()) if waiver else "",
        "may_decide": waiver is not None and rule.may_approve(
            request.user, "decide_appeals", entered_by=[row.made_by_id, waiver.proposed_by_id],
            day=timezone.localdate()),
        "why": words.reason(row.reason), "appeal_by": last_day(row, policy), "keeps": refund,
        "appealable": not appeals.why_not(row, now=timezone.now(), late=True),
        "was": queries.cancelled_amounts([row]).get(row.pk),
        "by_file": system.by_file, "hands_over": system.kind != LocalSystem.NONE and local.may_go(row),
        "moves": [{"move": move, "amount": queries.changes(move) or move.amount,
                   "what": (what := words.of_move(move.what, move.reason)),
                   "why": why if (why := words.reason(move.reason) if move.reason else "") != what else "",
                   "of": words.MOVES.get(move.undoes.what, "") if move.undoes else ""}
                  for move in row.moves.select_related("entry__year", "by", "payment", "undoes").order_by("pk")],
        "notes": row.notes.select_related("by").order_by("-pk"), "appeals": row.appeals.order_by("level"),
        "parts": row.local_parts.select_related("charge").order_by("part"), "policy": policy,
        "sees_request": row.ill is not None and access.sees_kind(request.user, row.ill.kind),
    }
    return shown_before.page(request, "billing/charges/charge.html", context, patron=row.patron, before=before,
                             refused=409, refusal=refusal)


@needs("work_charges")
@require_http_methods(["GET", "HEAD", "POST"])
def act(request, code: str, what: str):
    row = get_object_or_404(Charge.objects.select_related("patron", "ill"), number=code)
    step = STEPS.get(what)
    if step is None:
        raise Http404
    initial = {"amount": row.open} if what == "waive" else {"amount": row.amount - row.fee} if what == "final" else {}
    form = step.form(request.POST or None, initial=initial)
    if not step.possible(row) and request.method != "POST":
        messages.error(request, _("“%(step)s” is not possible now.") % {"step": step.label})
        return redirect(row)
    before, now = None, timezone.now()
    if request.method == "POST" and form.is_valid():
        do = partial(step.do, row, form.cleaned_data, form.given_key, actors.staff(request.user), now)
        try:
            if not (step.writes and shown_before.asked(request)):
                return _done(request, row, do())
            before = shown_before.of(do, row.patron, now=now)
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
    side.set_side(request, "charges")
    context = {"form": form, "heading": step.label, "sub": f"{row.number} · {row.patron.name} · {step.then}",
               "back_url": row.get_absolute_url(), "back_label": row.number, "save": step.label}
    template = "billing/charges/form_letter.html" if step.writes else "illdesk/form_back.html"
    return shown_before.page(request, template, context, patron=row.patron, before=before)


def _done(request, row: Charge, done: object):
    proposed = isinstance(done, Waiver) and done.state == Waiver.PROPOSED
    messages.success(request, _("The waiver is proposed: somebody else decides.") if proposed else _("Done."))
    return redirect(row)


@needs("see_charges")
@require_POST
def decide_waiver(request, pk: int, what: str):
    """Who may decide, the rule of two persons says: a deputy has no right of the role."""
    row = get_object_or_404(Waiver.objects.select_related("charge__patron"), pk=pk)
    if what not in ("grant", "refuse"):
        raise Http404
    now = timezone.now()
    do = partial(actions.decide_waiver, row, granted=what == "grant", actor=actors.staff(request.user), now=now)
    if shown_before.asked(request):
        charge = queries.charges().select_related("patron__user").get(pk=row.charge_id)
        try:
            return _page(request, charge, before=shown_before.of(do, charge.patron, now=now))
        except DeskError as refusal:
            return _page(request, charge, refusal=str(refusal))
    try:
        do()
        messages.success(request, _("Waived.") if what == "grant" else _("The waiver is refused."))
    except DeskError as refusal:
        messages.error(request, str(refusal))
    return redirect(row.charge)


@needs("work_charges")
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request, code: str, what: str):
    """`code`: number of the request; "begin" or "end"."""
    ill = get_object_or_404(ILLRequest.objects.select_related("patron", "citation"), number=code, patron__isnull=False)
    if what not in ("begin", "end"):
        raise Http404
    form = (forms.HoldForm if what == "begin" else forms.NothingForm)(request.POST or None)
    actor, now = actors.staff(request.user), timezone.now()
    if request.method == "POST" and form.is_valid():
        if what == "begin":
            declared.hold(ill, actor=actor, now=now, note=form.cleaned_data["note"])
            messages.success(request, _("Charging stands still for %(number)s.") % {"number": ill.number})
        else:
            declared.end_hold(ill, actor=actor, now=now)
            messages.success(request, _("The clock of charges goes on; the days of the search are not counted."))
        return redirect(_back(request, ill))
    side.set_side(request, "charges")
    heading = _("The patron says it was returned") if what == "begin" else _("End the search")
    sub = (_("While it is searched for nothing is charged, blocked or collected.") if what == "begin"
           else _("Days of the search are never counted as overdue."))
    context = {"form": form, "heading": heading, "sub": f"{ill.number} · {sub}", "back_url": _back(request, ill),
               "back_label": ill.number, "save": heading}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


def _back(request, ill: ILLRequest) -> str:
    if access.sees_kind(request.user, ill.kind):
        return ill.get_absolute_url()
    return reverse("charges_patron", args=[ill.patron_id])
