"""One invoice with what is done to it: verified, approved, sent, discarded, written off."""

from datetime import timedelta
from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from billing import side
from billing.approval import rule
from billing.invoices import actions, credit, files, payments, sending
from billing.invoices.dispute_models import InvoiceDispute
from billing.invoices.forms import LineForm, ReasonForm
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy
from billing.invoices.views.common import as_listed, form_page, invoice_of, name_of, number_of, step_of_invoice
from illdesk import actors
from illdesk.errors import BadAnswer, DeskError
from illdesk.http import needs


@needs("see_invoices")
@require_safe
def invoice(request, pk: int):
    return _page(request, invoice_of(pk))


def _page(request, row: Invoice, *, status: int = 200, problem: str = "", typed: dict | None = None):
    today, user = timezone.localdate(), request.user
    lines = list(row.lines.select_related("ill", "agreement__agreement", "verified_by", "made_by", "of"))
    back = credit.credited(row) if row.kind == Invoice.INVOICE and row.number else {}
    waits = sum(1 for line in lines if line.state == InvoiceLine.OPEN)
    entered = actions.entered_by(row)
    context = {
        "row": row, "shown": as_listed(row, today), "problem": problem, "typed": typed or {},
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
    row = invoice_of(pk)
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
        return _page(request, invoice_of(row.invoice.pk), status=422, problem=str(refusal), typed={
            "pk": row.pk, "amount": request.POST.get("amount", ""), "why": request.POST.get("why", "")})
    return redirect(f"{reverse('invoice', args=[row.invoice.pk])}#lines")


@needs("work_invoices")
@step_of_invoice
def verify_all(request, pk: int):
    row = invoice_of(pk)
    try:
        count = actions.verify_all(row, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, ngettext("%(n)s line is verified.", "%(n)s lines are verified.", count) % {
            "n": count})
    except DeskError as refusal:
        return _page(request, row, status=422, problem=str(refusal))
    return redirect("invoice", pk)


@needs("see_invoices")
@step_of_invoice
def approve(request, pk: int):
    """Who may, `billing.approval.rule` says: a right, or a deputy's. Approved, it is sent at once."""
    row, who, now = invoice_of(pk), actors.staff(request.user), timezone.now()
    try:
        done = actions.approve(row, seen=number_of(request.POST.get("version")), actor=who, now=now)
        sent = sending.send(done, actor=who, now=now)
    except DeskError as refusal:
        return _page(request, invoice_of(pk), status=422, problem=str(refusal))
    if sent.how == "paper":
        messages.warning(request, _("%(number)s is approved. The library has no e-mail: print it and mail it.") % {
            "number": sent.number})
    else:
        messages.success(request, _("%(number)s is approved and goes to %(address)s.") % {
            "number": sent.number, "address": sending.address_of(row.library)})
    return redirect("invoice", pk)


@needs("work_invoices")
@step_of_invoice
def send(request, pk: int):
    """Once more, where the approval was interrupted before the letter."""
    try:
        sent = sending.send(invoice_of(pk), actor=actors.staff(request.user), now=timezone.now())
    except DeskError as refusal:
        return _page(request, invoice_of(pk), status=422, problem=str(refusal))
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
    row, form = invoice_of(pk), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            step(row, form.cleaned_data["why"], actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("invoice", pk)
    return form_page(request, form, heading=heading, sub=sub, save=save, back=reverse("invoice", args=[pk]),
                 label=name_of(row))
