"""Batches are paid, sent back, not paid after all."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing.batches import actions, queries, top
from billing.batches.forms import BackForm, PayForm, UnpaidForm
from billing.batches.models import Batch
from billing.batches.views.common import batch_of, ticked_batches
from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.http import needs


@needs("pay_batches")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request):
    """One or many: a reference is asked for each, the day once."""
    chosen = ticked_batches(request.POST if request.method == "POST" else request.GET)
    rows = [row for row in chosen if row.state == Batch.FORWARDED]
    skipped = [row for row in chosen if row.state != Batch.FORWARDED]
    if not rows:
        messages.error(request, _("None of these batches waits to be paid."))
        return redirect("batches")
    # The first POST comes from the list's bar and holds no answers yet.
    answered = request.method == "POST" and "day" in request.POST
    form = PayForm(rows, request.POST if answered else None, initial={"day": timezone.localdate()})
    if answered and form.is_valid():
        results = actions.pay_many(form.wanted(), day=form.cleaned_data["day"], actor=actors.staff(request.user),
                                   now=timezone.now(), same=form.cleaned_data["same"])
        asks = any(one.asks for one in results)
        failed = [one for one in results if one.refusal]
        if done := len(results) - len(failed):
            said = ngettext("%(n)s batch is marked paid.", "%(n)s batches are marked paid.", done)
            messages.success(request, said % {"n": done})
        if not failed:
            return redirect("batches" if len(results) > 1 else reverse("batch", args=[results[0].batch.number]))
        rows = [one.batch for one in failed]
        form = PayForm(rows, request.POST)
        form.is_valid()
        for one in failed:
            form.add_error(f"reference_{one.batch.pk}", one.refusal)
    else:
        asks = answered and "same" in request.POST
    top.show(request, "batches")
    holds = queries.held(rows)
    context = {
        "form": form, "skipped": skipped, "asks": asks,
        "rows": [(row, holds[row.pk].total, field, version) for row, field, version in form.rows],
        "total": sum((one.total for one in holds.values()), queries.NOTHING), "currency": rows[0].currency,
        "back_url": reverse("batches") if len(rows) > 1 else reverse("batch", args=[rows[0].number]),
    }
    return render(request, "billing/batches/pay.html", context, status=422 if answered else 200)


@needs("pay_batches")
@require_http_methods(["GET", "HEAD", "POST"])
def back(request, batch: str):
    row = batch_of(batch)
    form = BackForm(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            done = actions.send_back(row, [line.pk for line in given["lines"]], given["why"], version=given["version"],
                                     actor=actors.staff(request.user), now=timezone.now())
        except (BadAnswer, NotAllowed, Stale) as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
            row = batch_of(batch)
        else:
            messages.success(request, _("%(batch)s is sent back; the department has a letter.") % {"batch": row.number}
                             if done.state == Batch.BACK else
                             _("The ticked lines of %(batch)s are sent back; the others stay approved.") % {
                                 "batch": row.number})
            return redirect("batch", row.number)
    ticked = request.POST.getlist("lines")
    if request.method == "POST" and (form.stale or str(row.version) != form.data.get("version")):
        form.show_anew(row)
        ticked = []
    top.show(request, "batches")
    one = queries.contents([row])[0]
    context = {"form": form, "batch": row, "contents": one, "ticked": ticked,
               "all": request.method != "POST" and len(one.live) == 1}
    return render(request, "billing/batches/back.html", context, status=422 if request.method == "POST" else 200)


@needs("pay_batches")
@require_http_methods(["GET", "HEAD", "POST"])
def unpaid(request, batch: str):
    row = batch_of(batch)
    form = UnpaidForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.unpay(row, form.cleaned_data["why"], version=form.cleaned_data["version"],
                          actor=actors.staff(request.user), now=timezone.now())
        except (BadAnswer, NotAllowed, Stale) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(batch)s is not paid any more; what was entered is reversed.") % {
                "batch": row.number})
            return redirect("batch", row.number)
    top.show(request, "batches")
    context = {"form": form, "heading": _("Not paid after all"), "sub": f"{row.number} · {row.payee}",
               "back_url": reverse("batch", args=[row.number]), "back_label": row.number,
               "save": _("Take the payment back")}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)
