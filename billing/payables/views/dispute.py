"""Disputing lines: chosen, what is paid of them meanwhile, and the letter to read and change before it goes."""

import uuid
from decimal import Decimal

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.payables import actions, letter, lifecycle, results
from billing.payables.actions.disputes import could_be_paid
from billing.payables.forms import DisputeForm
from billing.payables.models import PayableInvoice, PayableLine
from billing.payables.views.common import invoice_of, result_of, set_side
from billing.tables import amounts
from illdesk import actors
from illdesk.errors import BadAnswer, DeskError
from illdesk.http import needs


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request, pk: int):
    row = invoice_of(pk)
    if request.method != "POST" and not lifecycle.may(row.state, "answer"):  # a letter that was typed is kept
        messages.error(request, _("This invoice is %(state)s: its lines are not disputed now.") % {
            "state": row.state_row.label})
        return redirect("payable", pk)
    language = request.POST.get("language") or request.GET.get("language") or letter.language_of(row.library)
    language = language if language in ("en", "es") else "en"
    lines = [line for line in row.lines.filter(booked=None, amount__gt=0).exclude(
        dispute__in=["told", "ended"]).select_related("ill").order_by("place")
        if line.result not in results.FINE or line.answer][:200]
    ticked, wrong = _ticked(request, lines)
    if request.method == "POST" and (wrong or "letter" not in request.POST):
        form = DisputeForm(request.POST, lines=lines)
        for at, sentence in wrong.items():
            form.add_error(f"paid-{at}", sentence)
        if form.is_valid() and _send(request, row, form, ticked):
            return redirect("payable", pk)
        return _page(request, row, lines, ticked, form, language, status=422)
    for line in lines:
        line.disputed = line.amount - ticked.get(line.pk, _proposed(line))
    subject, body = letter.filled(row, [line for line in lines if line.pk in ticked], language=language)
    form = DisputeForm(initial={"to": letter.recipient(row.library), "subject": subject, "body": body,
                                "key": uuid.uuid4(), "seen": row.version, "drafted": mark(ticked)})
    return _page(request, row, lines, ticked, form, language, status=200)


def _ticked(request, lines: list[PayableLine]) -> tuple[dict[int, Decimal], dict[int, str]]:
    """Key of a line -> what of it is paid meanwhile; and key -> what is wrong with that."""
    if request.method != "POST":
        asked = {int(one) for one in request.GET.getlist("line") if one.isdecimal() and len(one) < 16}
        unanswered = [line for line in lines if line.needs_answer]
        doubted = {line.pk for line in unanswered if line.result in results.DOUBTED}
        chosen = asked & {line.pk for line in lines} or doubted or {line.pk for line in unanswered}
        return {line.pk: _proposed(line) for line in lines if line.pk in chosen}, {}
    found: dict[int, Decimal] = {}
    wrong: dict[int, str] = {}
    for line in lines:
        if str(line.pk) in request.POST.getlist("line"):
            try:
                found[line.pk] = amounts.read((request.POST.get(f"paid-{line.pk}") or "0")[:60]).value
            except ValueError:
                found[line.pk] = _proposed(line)
                said = _("Enter an amount, for example 15.00 or 1,234.56.")
                wrong[line.pk] = " ".join([_("Line %(n)s:") % {"n": line.place}, said])
            else:
                if not could_be_paid(line, found[line.pk]):
                    wrong[line.pk] = _("Of line %(line)s less than it bills can be paid meanwhile.") % {
                        "line": line.place}
    return found, wrong


def mark(ticked: dict[int, Decimal]) -> str:
    """What a letter was drafted for: lines with what is paid of them meanwhile."""
    return " ".join(f"{pk}:{paid:.2f}" for pk, paid in sorted(ticked.items()))


def _proposed(line: PayableLine) -> Decimal:
    """Of what is too much the agreed part is paid."""
    if line.result == results.TOO_MUCH and line.agreed is not None and 0 <= line.agreed < line.amount:
        return line.agreed
    return Decimal("0.00")


def _send(request, row: PayableInvoice, form: DisputeForm, ticked: dict[int, Decimal]) -> bool:
    given, to = form.cleaned_data, "" if "without" in request.POST else form.cleaned_data["to"]
    try:
        if not to and "without" not in request.POST:
            raise BadAnswer(_("Enter the address the letter goes to, or dispute without a letter."), field="to")
        if to and given["drafted"] != mark(ticked):
            raise BadAnswer(_("The letter was drafted for other lines or amounts than are ticked now. Draft it anew, "
                              "then send it. Nothing was sent."), field="body")
        actions.dispute(row, ticked, to=to, subject=given["subject"], body=given["body"], key=str(given["key"]),
                        seen=given["seen"], actor=actors.staff(request.user), now=timezone.now())
    except DeskError as refusal:
        field = getattr(refusal, "field", "")
        form.add_error(field if field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("The lines are disputed, and the letter goes to %(to)s.") % {"to": to} if to else _(
        "The lines are disputed. Tell the library, and note here that you did."))
    return True


def _page(request, row, lines, ticked, form, language, *, status):
    set_side(request)
    context = {
        "invoice": row, "form": form, "language": language, "count": len(ticked),
        "claimed": sum((line.amount - ticked[line.pk] for line in lines if line.pk in ticked), Decimal(0)),
        "lines": [_line(request, line, ticked, form) for line in lines],
    }
    context["sound"] = not any(one["errors"] for one in context["lines"])
    return render(request, "billing/payables/dispute.html", context, status=status)


def _line(request, line: PayableLine, ticked: dict[int, Decimal], form: DisputeForm) -> dict:
    """What was typed stands as it was typed where it is wrong or not ticked."""
    name = f"paid-{line.pk}"
    errors = [str(said) for said in form.errors.get(name, ())]
    paid = f"{ticked.get(line.pk, _proposed(line)):.2f}"
    if errors or line.pk not in ticked:
        paid = request.POST.get(name, paid)
    return {"row": line, "result": result_of(line), "ticked": line.pk in ticked, "errors": errors, "paid": paid}
