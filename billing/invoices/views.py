"""Invoices to libraries: the list, a run with its preview, one invoice with what is done to it."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from billing import side
from billing.approval import rule
from billing.invoices import actions, billable, credit, disputes, files, payments, queries, sending
from billing.invoices.dispute_models import InvoiceDispute
from billing.invoices.forms import DisputeForm, ExtraForm, LineForm, PolicyForm, ReasonForm, RunForm
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy, InvoiceRun
from illdesk import actors, exports, money
from illdesk.errors import BadAnswer, DeskError
from illdesk.http import needs
from requests_app.models import Library, LoanPolicy

A_PAGE = 50
TABS = (("draft", gettext_lazy("Drafts")), ("approved", gettext_lazy("To send")), ("open", gettext_lazy("Open")),
        ("overdue", gettext_lazy("Overdue")), ("disputed", gettext_lazy("Disputed")),
        ("settled", gettext_lazy("Settled")), ("credit", gettext_lazy("Credit notes")),
        ("discarded", gettext_lazy("Discarded")))
_COUNTED = ("draft", "approved", "open", "overdue", "disputed")


@needs("see_invoices")
@require_safe
def invoices(request):
    state, today = _state(request), timezone.localdate()
    before = _number(request.GET.get("before"))
    rows = queries.listed(state, day=today)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: A_PAGE + 1])
    side.set_side(request, "invoices")
    tabs = [{"state": one, "label": label, "count": queries.listed(one, day=today).count() if one in _COUNTED else None}
            for one, label in TABS]
    context = {
        "tabs": tabs, "waiting": queries.waiting(), "state": state, "before": before,
        "rows": [_shown(one, today) for one in found[:A_PAGE]],
        "next": found[A_PAGE - 1].pk if len(found) > A_PAGE else 0,
    }
    return render(request, "billing/invoices/list.html", context)


def _state(request) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in dict(TABS) else "draft"


def _shown(row: Invoice, today: date) -> dict:
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
            "words": _words(row, late)}


def _words(row: Invoice, late: int) -> str:
    if row.state in (Invoice.DRAFT, Invoice.APPROVED, Invoice.DISCARDED):
        return str(row.get_state_display())
    if row.kind == Invoice.CREDIT:
        return _("Sent")
    if row.open <= 0:
        return _("Settled")
    return ngettext("%(n)s day overdue", "%(n)s days overdue", late) % {"n": late} if late else _("Open")


@needs("see_invoices")
@require_safe
def export(request, form: str):
    state, today = _state(request), timezone.localdate()
    head = [_("Number"), _("Kind"), _("Library"), _("Day"), _("Due"), _("Total"), _("Open"), _("Currency"), _("State"),
            _("Entered by"), _("Approved by")]
    rows = (
        (row.number or "", str(row.get_kind_display()), row.library.symbol, row.day, row.due, files.total_of(row),
         row.open, row.currency, _words(row, row.overdue(today)), row.made_by.short_name,
         row.approved_by.short_name if row.approved_by else "")
        for row in queries.listed(state, day=today).iterator(chunk_size=500)
    )
    return exports.file(form, f"invoices-{state}", head, rows)


# --- runs ----------------------------------------------------------------------------------------------------


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def run(request):
    """The preview of a period; sent, its drafts are made."""
    today = timezone.localdate()
    last = today.replace(day=1) - timedelta(days=1)
    given = request.POST if request.method == "POST" else request.GET if "begins" in request.GET else None
    form = RunForm(given, initial={"begins": last.replace(day=1), "ends": last})
    asked = form.cleaned_data if given is not None and form.is_valid() else None
    if request.method == "POST" and asked:
        try:
            made = actions.run(asked["begins"], asked["ends"], actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            count = made.invoices.filter(state=Invoice.DRAFT).count()
            messages.success(request, ngettext("%(n)s draft waits to be verified.", "%(n)s drafts wait to be verified.",
                                               count) % {"n": count})
            return redirect("invoices")
    begins, ends = (asked["begins"], asked["ends"]) if asked else (last.replace(day=1), last)
    fits = begins <= ends and (ends - begins).days <= 400
    planned = billable.plan(begins, ends) if fits else []
    side.set_side(request, "invoices")
    context = {
        "form": form, "begins": begins, "ends": ends, "sums": billable.summed(planned),
        "free": [one for one in planned if one.outcome == billable.FREE],
        "elsewhere": [one for one in planned if one.outcome == billable.ELSEWHERE],
        "unknown": [one for one in planned if one.outcome == billable.UNKNOWN],
        "runs": InvoiceRun.objects.select_related("made_by")[:12],
    }
    return render(request, "billing/invoices/run.html", context,
                  status=422 if given is not None and form.errors else 200)


# --- one invoice ---------------------------------------------------------------------------------------------


def _found(pk: int) -> Invoice:
    return get_object_or_404(Invoice.objects.select_related("library", "run", "of", "made_by", "approved_by"), pk=pk)


def _step(view):
    """Only posted; whoever types or reloads its address comes to the page of the invoice."""
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def posted(request, pk: int):
        return view(request, pk) if request.method == "POST" else redirect("invoice", _found(pk).pk)
    return posted


@needs("see_invoices")
@require_safe
def invoice(request, pk: int):
    return _page(request, _found(pk))


def _page(request, row: Invoice, *, status: int = 200, problem: str = "", typed: dict | None = None):
    today, user = timezone.localdate(), request.user
    lines = list(row.lines.select_related("ill", "agreement__agreement", "verified_by", "made_by", "of"))
    back = credit.credited(row) if row.kind == Invoice.INVOICE and row.number else {}
    waits = sum(1 for line in lines if line.state == InvoiceLine.OPEN)
    entered = actions.entered_by(row)
    context = {
        "row": row, "shown": _shown(row, today), "problem": problem, "typed": typed or {},
        "lines": [{"line": line, "name": files.name_of(line), "back": back.get(line.pk, Decimal(0)),
                   "changed": line.amount != line.proposed} for line in lines],
        "total": files.total_of(row), "waits": waits, "draft": row.state == Invoice.DRAFT,
        "may_approve": rule.may_approve(user, actions.RIGHT, entered_by=entered, day=today),
        "others": actions.waiting_for(row, day=today) if row.state == Invoice.DRAFT else "",
        "address": sending.address_of(row.library), "allocations": list(
            row.allocations.filter(undone=None).select_related("payment")),
        "reminders": list(row.reminders.all()), "disputes": list(row.disputes.all()),
        "open_dispute": row.disputes.filter(state=InvoiceDispute.OPEN).first(),
        "notes": list(row.credit_notes.exclude(state=Invoice.DISCARDED)),
        "question_by": row.day + timedelta(days=InvoicePolicy.current().question_days) if row.day else None,
        "small": row.open > 0 and row.open_own <= InvoicePolicy.current().small_amount, "today": today,
    }
    side.set_side(request, "invoices")
    return render(request, "billing/invoices/invoice.html", context, status=status)


@needs("see_invoices")
@require_safe
def file(request, pk: int, form: str):
    """pdf, xml, csv or xlsx; what was sent is given as it was."""
    row = _found(pk)
    if form in ("csv", "xlsx"):
        return files.export(row, form)
    if form not in ("pdf", "xml") or (form == "xml" and not row.number):
        raise Http404
    content_type = files.PDF if form == "pdf" else files.XML
    kept = files.stored(row, content_type)
    if kept is not None:
        with kept.file.open("rb") as opened:
            content = opened.read()
    else:
        content = files.draw_pdf(row, day=timezone.localdate()) if form == "pdf" else files.draw_xml(row)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{row.number or f"draft-{row.pk}"}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def line(request, pk: int, what: str):
    """`what`: verify, rush, plain or leave: the answer to a line."""
    row = get_object_or_404(InvoiceLine.objects.select_related("invoice"), pk=pk, invoice__isnull=False)
    if request.method != "POST":
        return redirect("invoice", row.invoice_id)
    form, who, now = LineForm(request.POST), actors.staff(request.user), timezone.now()
    if what not in ("verify", "rush", "plain", "leave"):
        raise Http404
    assert row.invoice is not None
    try:
        if not form.is_valid():
            raise BadAnswer(str(next(iter(form.errors.values()))[0]))
        why = form.cleaned_data["why"]
        if what == "leave":
            actions.leave_out(row, why, actor=who, now=now)
        else:
            amount = form.cleaned_data["amount"] if what == "verify" else None
            rush = {"rush": True, "plain": False}.get(what)
            actions.verify(row, actor=who, now=now, amount=amount, why=why, rush=rush)
    except DeskError as refusal:
        return _page(request, _found(row.invoice.pk), status=422, problem=str(refusal), typed={
            "pk": row.pk, "amount": request.POST.get("amount", ""), "why": request.POST.get("why", "")})
    return redirect(f"{reverse('invoice', args=[row.invoice.pk])}#lines")


@needs("work_invoices")
@_step
def verify_all(request, pk: int):
    row = _found(pk)
    try:
        count = actions.verify_all(row, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, ngettext("%(n)s line is verified.", "%(n)s lines are verified.", count) % {
            "n": count})
    except DeskError as refusal:
        return _page(request, row, status=422, problem=str(refusal))
    return redirect("invoice", pk)


@needs("see_invoices")
@_step
def approve(request, pk: int):
    """Who may, `billing.approval.rule` says: a right, or a deputy's. Approved, it is sent at once."""
    row, who, now = _found(pk), actors.staff(request.user), timezone.now()
    try:
        done = actions.approve(row, seen=_number(request.POST.get("version")), actor=who, now=now)
        sent = sending.send(done, actor=who, now=now)
    except DeskError as refusal:
        return _page(request, _found(pk), status=422, problem=str(refusal))
    if sent.how == "paper":
        messages.warning(request, _("%(number)s is approved. The library has no e-mail: print it and mail it.") % {
            "number": sent.number})
    else:
        messages.success(request, _("%(number)s is approved and goes to %(address)s.") % {
            "number": sent.number, "address": sending.address_of(row.library)})
    return redirect("invoice", pk)


@needs("work_invoices")
@_step
def send(request, pk: int):
    """Once more, where the approval was interrupted before the letter."""
    try:
        sent = sending.send(_found(pk), actor=actors.staff(request.user), now=timezone.now())
    except DeskError as refusal:
        return _page(request, _found(pk), status=422, problem=str(refusal))
    if sent.how == "paper":
        messages.warning(request, _("The library has no e-mail: print %(number)s and mail it.") % {
            "number": sent.number})
    else:
        messages.success(request, _("%(number)s goes to %(address)s.") % {
            "number": sent.number, "address": sending.address_of(sent.library)})
    return redirect("invoice", pk)


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request, pk: int):
    return _reason(request, pk, heading=_("Discard this draft"), save=_("Discard the draft"),
                   sub=_("Its requests can be billed again by a run."), step=actions.discard,
                   said=_("The draft is discarded; its requests can be billed again."))


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def write_off(request, pk: int):
    return _reason(request, pk, heading=_("Write off what is open"), save=_("Write it off"),
                   sub=_("It is entered as a cost; the library is not written to."), step=payments.write_off,
                   said=_("What was open is written off."))


def _reason(request, pk: int, *, heading: str, save: str, sub: str, step, said: str):
    row, form = _found(pk), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            step(row, form.cleaned_data["why"], actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("invoice", pk)
    return _form(request, form, heading=heading, sub=sub, save=save, back=reverse("invoice", args=[pk]),
                 label=_name(row))


def _form(request, form, *, heading: str, back: str, label: str, sub: str = "", save: str = "", current="invoices"):
    side.set_side(request, current)
    context = {"form": form, "heading": heading, "sub": sub, "back_url": back, "back_label": label, "save": save}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


def _name(row: Invoice) -> str:
    return row.number or _("Draft for %(symbol)s") % {"symbol": row.library.symbol}


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def credit_note(request, pk: int):
    """Which lines are taken back, and how much of each; also the answer to a dispute that is upheld."""
    row = _found(pk)
    dispute = row.disputes.filter(state=InvoiceDispute.OPEN, pk=_number(request.GET.get("dispute"))).first()
    back = credit.credited(row)
    disputed = set(dispute.lines.values_list("pk", flat=True)) if dispute else set()
    lines: list[dict[str, Any]] = [
        {"line": line, "name": files.name_of(line), "left": line.amount - back.get(line.pk, Decimal(0)),
         "typed": request.POST.get(f"amount_{line.pk}", "") if request.method == "POST" else (
             str(line.amount - back.get(line.pk, Decimal(0))) if line.pk in disputed else "")}
        for line in row.lines.filter(state=InvoiceLine.VERIFIED).select_related("ill")
    ]
    problem, wrong, reason = "", "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            amounts = {one["line"].pk: _amount(one["typed"], f"amount_{one['line'].pk}") for one in lines}
            who, now = actors.staff(request.user), timezone.now()
            if dispute is not None:
                note = disputes.uphold(dispute, amounts, reason, actor=who, now=now)
            else:
                note = credit.draft(row, amounts, reason, actor=who, now=now)
        except DeskError as refusal:
            problem, wrong = str(refusal), getattr(refusal, "field", "")
            wrong = f"amount_{lines[0]['line'].pk}" if wrong == "amount" and lines else wrong
        else:
            return redirect("invoice", note.pk)
    side.set_side(request, "invoices")
    for one in lines:
        one["wrong"] = wrong == f"amount_{one['line'].pk}"
    context = {"row": row, "lines": lines, "problem": problem, "wrong": wrong, "reason": reason, "dispute": dispute}
    return render(request, "billing/invoices/credit.html", context, status=422 if problem else 200)


def _amount(text: str, field: str = "amount") -> Decimal:
    if not text.strip():
        return Decimal(0)
    try:
        return money.amount_of(text)
    except (ValueError, InvalidOperation) as failure:
        raise BadAnswer(_("“%(text)s” is no amount of money.") % {"text": text[:40]}, field=field) from failure


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request, pk: int):
    """What the library says against it."""
    row, form = _found(pk), DisputeForm(request.POST or None, initial={"asked_on": timezone.localdate()})
    lines = list(row.lines.filter(state=InvoiceLine.VERIFIED).select_related("ill"))
    chosen = {_number(text) for text in request.POST.getlist("lines")}
    if request.method == "POST" and form.is_valid():
        try:
            made = disputes.open_dispute(
                row, lines=[one for one in lines if one.pk in chosen], actor=actors.staff(request.user),
                now=timezone.now(), **form.cleaned_data)
        except DeskError as refusal:
            form.add_error(getattr(refusal, "field", "") or None, str(refusal))
        else:
            return redirect("invoice_dispute", made.pk)
    side.set_side(request, "invoices")
    context = {"row": row, "form": form, "chosen": chosen,
               "lines": [{"line": one, "name": files.name_of(one)} for one in lines]}
    status = 422 if request.method == "POST" else 200
    return render(request, "billing/invoices/dispute_new.html", context, status=status)


# --- by hand, rules ------------------------------------------------------------------------------------------


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def extra(request):
    """A lost or damaged item, or something else; below it what can be billed as lost by the rules."""
    policy, today = InvoicePolicy.current(), timezone.localdate()
    given = {name: request.GET[name] for name in ("kind", "request", "library") if request.GET.get(name)}
    form = ExtraForm(request.POST or None, initial={"kind": "lost", "amount": policy.lost_amount} | given)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        ill, library = asked["request"], asked["library"]
        assert ill is not None or library is not None
        try:
            made = actions.add_line(
                ill.partner if ill else library, kind=asked["kind"], ill=ill, amount=asked["amount"], why=asked["why"],
                key=str(asked["key"]), actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            field = "request" if field == "ill" else field
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("It stands on a draft; somebody verifies it, and a second person approves it."))
            return redirect("invoice", made.invoice_id)
    side.set_side(request, "invoices")
    context = {"form": form, "losses": [{"ill": ill, "late": (today - ill.due_lender).days if ill.due_lender else 0}
                                        for ill in queries.losses(today, policy.lost_after)], "policy": policy,
               "currency": LoanPolicy.current().currency}
    return render(request, "billing/invoices/extra.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request):
    form = PolicyForm(request.POST or None, instance=InvoicePolicy.current())
    if request.method == "POST" and form.is_valid():
        row = form.save(commit=False)
        row.pk = 1
        row.save()
        messages.success(request, _("The rules are stored; they count from now on."))
        return redirect("invoices")
    return _form(request, form, heading=_("Rules of invoices"), back=reverse("invoices"), label=_("Our invoices"))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def library_of(symbol: str) -> Library:
    return get_object_or_404(Library, symbol=symbol)
