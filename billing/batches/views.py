"""The budget office's pages, which the department sees too: batches, one batch, paid, sent back, downloads."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import fiscal
from billing.approval import rule
from billing.batches import actions, files, queries, royalties, top
from billing.batches.forms import BackForm, DecideForm, ForwardForm, OfficeForm, PayForm, UnpaidForm
from billing.batches.models import Batch, BatchSettings, Download, RoyaltyApproval
from billing.forecast import queries as forecast
from illdesk import actors, dates, exports
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.http import needs
from illdesk.models import Attachment, User
from requests_app.models import LoanPolicy, RoyaltyList

A_PAGE = 50
FAMILIES = {Batch.FORWARDED: "decision", Batch.BACK: "others", Batch.PAID: "ended_ok"}


@needs("see_batches")
@require_safe
def listing(request):
    filters = queries.Filters.of(request.GET)
    rows = queries.batches(filters)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    top.show(request, "batches")
    label = fiscal.year_of(timezone.localdate())[0]
    context = {
        "page": page, "rows": _shown(page, reader=request.user), "filters": filters,
        "menus": _menus(filters), "count": page.paginator.count, "total": queries.total_of(rows),
        "currency": LoanPolicy.current().currency, "meters": forecast.meters(label),
        "filtered": any(vars(filters).values()),
        "forms": ("pdf", "xlsx", "csv"),
    }
    return render(request, "billing/batches/list.html", context)


def _shown(rows: Iterable[Batch], *, reader: User) -> list[dict]:
    rows = list(rows)
    last = queries.sent_back(row for row in rows if row.state == Batch.BACK)
    approved = queries.approved(row for row in rows if row.state == Batch.FORWARDED)
    return [{
        "row": row, "amount": queries.amount(row), "approved": _approved(*approved.get(row.pk, ([], None))),
        "last": last.get(row.pk), "open": row.state == Batch.FORWARDED,
        "state": _state(row, reader),
    } for row in rows]


def _state(row: Batch, reader: User) -> dict[str, str]:
    """What is approved is a decision to whoever pays; to the others it waits for those, as on the invoice itself."""
    waits = row.state == Batch.FORWARDED and not reader.may("pay_batches")
    return {"label": row.get_state_display(), "family": "others" if waits else FAMILIES[row.state]}


def _approved(names: list[str], at: datetime | None) -> str:
    return ", ".join([*names, dates.in_words(at)]) if at else ""


def _menus(filters: queries.Filters) -> list[dict]:
    """Filters as menus of links: name in the address, label, what is chosen, (value, words)."""
    there = queries.choices()
    periods = [("", _("all")), *((one, one) for one in there.years), *there.periods]
    menus = [
        ("period", _("Period"), periods), ("fund", _("Fund"), [("", _("all")), *((one, one) for one in there.funds)]),
        ("payee", _("Payee"), [("", _("all")), *((one, one) for one in there.payees)]),
        ("state", _("State"), [("", _("all")), *((code, str(words)) for code, words in Batch.STATES)]),
    ]
    found = []
    for name, label, options in menus:
        chosen = getattr(filters, name)
        found.append({"name": name, "label": label, "options": [{"value": value, "words": words, "on": value == chosen}
                                                                for value, words in options],
                      "chosen": dict(options).get(chosen, chosen)})
    return found


@needs("see_batches")
@require_safe
def export(request, form: str):
    """The list as it is filtered, a row for each batch."""
    head = [_("Batch"), _("Payee"), _("Fiscal year"), _("Month"), _("Invoices"), _("Amount"), _("Currency"), _("State"),
            _("Forwarded"), _("Paid on"), _("Reference")]
    rows = (
        (row.number, row.payee, row.period.year.label, str(row.period), row.count,  # type: ignore[attr-defined]  # annotated
         queries.amount(row), row.currency,
         row.get_state_display(), timezone.localtime(row.forwarded).date(), row.paid_on, row.reference)
        for row in queries.batches(queries.Filters.of(request.GET)).iterator(chunk_size=500)
    )
    return exports.file(form, "batches", head, rows)


@needs("see_batches")
@require_safe
def batch(request, batch: str):
    row = _found(batch)
    one = queries.contents([row])[0]
    top.show(request, "batches")
    context = {
        "batch": row, "contents": one, "state": _state(row, request.user),
        "steps": list(row.steps.select_related("by").order_by("-pk")), "came": files.attached(one),
        "other": _others(row, request.user),
    }
    return render(request, "billing/batches/batch.html", context)


def _others(row: Batch, user) -> str:
    """Who could mark it paid, where this person may not."""
    if row.state != Batch.FORWARDED or not user.may("pay_batches") or user.pk not in actions.hands(row):
        return ""

    return rule.others_in_words("pay_batches", actions.hands(row), day=timezone.localdate())


# --- forwarding ----------------------------------------------------------------------------------------------


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request):
    """Approved invoices that wait; ticked ones go to the budget office."""
    form = ForwardForm(request.POST or None)
    if request.method == "POST":
        ticked = [_mark(text) for text in request.POST.getlist("tick")]
        if form.is_valid():
            try:
                made = actions.forward([one for one in ticked if one], key=f"form:{form.cleaned_data['key']}",
                                       actor=actors.staff(request.user), now=timezone.now())
            except (BadAnswer, NotAllowed, Stale) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Forwarded: %(batches)s.") % {
                    "batches": ", ".join(row.number for row in made)})
                return redirect("batches" if request.user.may("see_batches") else "batches_waiting")
    top.show(request, "batches_waiting")
    payees = queries.waiting()
    context = {
        "form": form, "payees": payees, "ticked": request.POST.getlist("tick"), "royalties": _royalties(request.user),
        "currency": LoanPolicy.current().currency, "office": BatchSettings.current(),
        "total": sum((one.amount for one in payees), queries.NOTHING),
    }
    return render(request, "billing/batches/waiting.html", context, status=422 if request.method == "POST" else 200)


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
@require_POST
def royalty_decide(request, pk: int, what: str):
    row = get_object_or_404(RoyaltyList, pk=pk)
    if what not in ("approve", "refuse"):
        raise Http404
    form = DecideForm(request.POST)
    form.is_valid()
    why, seen = form.cleaned_data.get("why", ""), form.cleaned_data.get("version")
    given: dict[str, Any] = {"seen": -1 if seen is None else seen, "actor": actors.staff(request.user),
                             "now": timezone.now()}
    try:
        if what == "approve":
            royalties.approve(row, **given)
            messages.success(request, _("%(list)s is approved and waits to be forwarded.") % {"list": row.number})
        elif not why:
            messages.error(request, _("Say why it is not approved."))
        else:
            royalties.refuse(row, why, **given)
            messages.success(request, _("%(list)s is not approved; the reason stands beside it.") % {
                "list": row.number})
    except (NotAllowed, Stale) as refusal:
        messages.error(request, str(refusal))
    return redirect("batches_waiting" if request.user.may("work_payables") else "batches")


# --- paid, sent back -----------------------------------------------------------------------------------------


@needs("pay_batches")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request):
    """One or many: a reference is asked for each, the day once."""
    chosen = _ticked(request.POST if request.method == "POST" else request.GET)
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
    found = queries.batches().filter(pk__in=[one.pk for one in rows])
    shown = {row.pk: row for row in found}
    context = {
        "form": form, "skipped": skipped, "asks": asks,
        "rows": [(row, queries.amount(shown[row.pk]), field, version) for row, field, version in form.rows],
        "total": queries.total_of(found), "currency": rows[0].currency,
        "back_url": reverse("batches") if len(rows) > 1 else reverse("batch", args=[rows[0].number]),
    }
    return render(request, "billing/batches/pay.html", context, status=422 if answered else 200)


@needs("pay_batches")
@require_http_methods(["GET", "HEAD", "POST"])
def back(request, batch: str):
    row = _found(batch)
    form = BackForm(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            done = actions.send_back(row, [line.pk for line in given["lines"]], given["why"], version=given["version"],
                                     actor=actors.staff(request.user), now=timezone.now())
        except (BadAnswer, NotAllowed, Stale) as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("%(batch)s is sent back; the department has a letter.") % {"batch": row.number}
                             if done.state == Batch.BACK else
                             _("The ticked lines of %(batch)s are sent back; the others stay approved.") % {
                                 "batch": row.number})
            return redirect("batch", row.number)
    top.show(request, "batches")
    one = queries.contents([row])[0]
    context = {"form": form, "batch": row, "contents": one, "ticked": request.POST.getlist("lines"),
               "all": request.method != "POST" and len(one.live) == 1}
    return render(request, "billing/batches/back.html", context, status=422 if request.method == "POST" else 200)


@needs("pay_batches")
@require_http_methods(["GET", "HEAD", "POST"])
def unpaid(request, batch: str):
    row = _found(batch)
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


# --- files ---------------------------------------------------------------------------------------------------


@needs("see_batches")
@require_safe
def file(request, batch: str, form: str):
    return _send(request, [_found(batch)], form)


@needs("see_batches")
@require_safe
def came(request, batch: str, pk: int):
    """An invoice as it came, where it belongs to this batch."""
    one = queries.contents([_found(batch)])[0]
    attachment = next((row for row in files.attached(one) if row.pk == pk), None)
    if attachment is None:
        raise Http404
    return _opened(attachment)


def _opened(attachment: Attachment) -> FileResponse:
    response = FileResponse(files.opened(attachment), as_attachment=True, filename=attachment.name,
                            content_type=attachment.content_type)
    response["Cache-Control"] = "private, no-store"
    return response


@needs("see_batches")
@require_POST
def download_many(request):
    rows = _ticked(request.POST)
    if not rows:
        messages.error(request, _("Tick the batches to download."))
        return redirect("batches")
    return _send(request, rows, request.POST.get("form") or "zip")


@needs("see_batches")
@require_safe
def downloads(request):
    """The log: everybody's, for whoever may see batches."""
    top.show(request, "batches_downloads")
    page = Paginator(Download.objects.select_related("by"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "billing/batches/downloads.html", {"page": page})


@needs("see_batches")
@require_safe
def download_again(request, pk: int):
    row = get_object_or_404(Download, pk=pk)
    rows = list(queries.batches().filter(number__in=row.batches))
    if not rows:
        raise Http404
    return _send(request, rows, row.form)


def _send(request, rows: Sequence[Batch], form: str):
    if form not in files.FORMS:
        raise Http404
    now = timezone.now()
    made = files.made(form, queries.contents(rows), now=now)
    Download.objects.create(batches=[row.number for row in rows], form=form, at=now, by=request.user)
    response = FileResponse(made, as_attachment=True, filename=f"{files.name_of(rows)}.{form}",
                            content_type=files.TYPES[form])
    response["Cache-Control"] = "private, no-store"
    return response


# --- settings ------------------------------------------------------------------------------------------------


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def office(request):
    form = OfficeForm(request.POST or None, instance=BatchSettings.current())
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("batches_waiting" if request.user.may("work_payables") else "batches")
    top.show(request, "batches_waiting")
    context = {"form": form, "heading": _("Budget office"), "back_url": reverse("batches"), "back_label": _("Batches")}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


def _found(number: str) -> Batch:
    return get_object_or_404(queries.batches(), number=number)


def _ticked(data) -> list[Batch]:
    """Batches by their numbers, as `tick` says, oldest first; at most as many as a page shows twice."""
    numbers = data.getlist("tick")[: 2 * A_PAGE]
    return list(queries.batches().filter(number__in=numbers).order_by("pk"))


