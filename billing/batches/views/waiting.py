"""What waits to be forwarded: approved invoices, royalties to decide; the budget office's address."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import history
from billing.approval import rule
from billing.batches import actions, queries, royalties, top
from billing.batches.forms import DecideForm, ForwardForm, OfficeForm
from billing.batches.models import BatchSettings, RoyaltyApproval
from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.http import needs
from requests_app.models import LoanPolicy, RoyaltyList


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request):
    """Approved invoices that wait; ticked ones go to the budget office."""
    form = ForwardForm(request.POST or None)
    if request.method == "POST":
        marks = [_mark(text) for text in request.POST.getlist("tick")]
        if form.is_valid():
            try:
                made = actions.forward([one for one in marks if one], key=f"form:{form.cleaned_data['key']}",
                                       actor=actors.staff(request.user), now=timezone.now())
            except (BadAnswer, NotAllowed, Stale) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Forwarded: %(batches)s.") % {
                    "batches": ", ".join(row.number for row in made)})
                return redirect("batches" if request.user.may("see_batches") else "batches_waiting")
    return _waiting(request, form, status=422 if request.method == "POST" else 200)


def _waiting(request, form: ForwardForm, *, status: int, problem: str = "", typed: dict | None = None):
    """`typed`: into the refusal of a list of royalties: its key and the reason."""
    top.show(request, "batches_waiting")
    payees = queries.waiting()
    context = {
        "form": form, "payees": payees, "ticked": set(request.POST.getlist("tick")),
        "royalties": _royalties(request.user), "currency": LoanPolicy.current().currency,
        "office": BatchSettings.current(), "total": sum((one.amount for one in payees), queries.NOTHING),
        "problem": problem, "typed": typed or {},
    }
    return render(request, "billing/batches/waiting.html", context, status=status)


def _mark(text: str) -> tuple[str, int] | None:
    kind, _colon, pk = text.partition(":")
    return (kind, int(pk)) if pk.isascii() and pk.isdigit() and len(pk) < 18 else None


def _royalties(user) -> list[dict]:

    found, day = [], timezone.localdate()
    said = {row.list_id: row for row in RoyaltyApproval.objects.all()}
    made = dict(RoyaltyList.objects.values_list("pk", "by"))
    for one in royalties.unapproved():
        hands = [made.get(one.pk)]
        approval = said.get(one.pk)
        found.append({
            "one": one, "may": rule.may_approve(user, royalties.RIGHT, entered_by=hands, day=day),
            "others": rule.others_in_words(royalties.RIGHT, hands, day=day), "why": approval.why if approval else "",
            "version": approval.version if approval else 0,
        })
    return found


@needs("see_batches")
@require_http_methods(["GET", "HEAD", "POST"])
def royalty_decide(request, pk: int, what: str):
    """Only posted; whoever types or reloads its address comes to the list."""
    row = get_object_or_404(RoyaltyList, pk=pk)
    if what not in ("approve", "refuse"):
        raise Http404
    if request.method != "POST":
        return redirect("batches_waiting" if request.user.may("work_payables") else "batches")
    form = DecideForm(request.POST)
    form.is_valid()
    why, seen = form.cleaned_data.get("why", request.POST.get("why", "").strip()), form.cleaned_data.get("version")
    given: dict[str, Any] = {"seen": -1 if seen is None else seen, "actor": actors.staff(request.user),
                             "now": timezone.now()}
    problem = ""
    try:
        if what == "approve":
            royalties.approve(row, **given)
            messages.success(request, _("%(list)s is approved and waits to be forwarded.") % {"list": row.number})
        elif not why:
            problem = _("Say why it is not approved.")
        else:
            royalties.refuse(row, why, **given)
            messages.success(request, _("%(list)s is not approved; the reason stands beside it.") % {
                "list": row.number})
    except (NotAllowed, Stale) as refusal:
        problem = str(refusal)
    if problem and request.user.may("work_payables"):
        return _waiting(request, ForwardForm(), status=422, problem=problem, typed={"pk": row.pk, "why": why})
    if problem:
        messages.error(request, problem)
    return redirect("batches_waiting" if request.user.may("work_payables") else "batches")


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def office(request):
    form = OfficeForm(request.POST or None, instance=BatchSettings.current())
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            before = history.values(BatchSettings.current(), OfficeForm.Meta.fields)
            row = form.save()
            history.record("budget_office.changed", row, before, subject=("budget_office", 1), texts=before,
                           actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("batches_waiting" if request.user.may("work_payables") else "batches")
    top.show(request, "batches_waiting")
    context = {"form": form, "heading": _("Budget office"), "back_url": reverse("batches"), "back_label": _("Batches"),
               "history": history.of("budget_office", BatchSettings)}
    return render(request, "billing/rules.html", context, status=422 if request.method == "POST" else 200)
