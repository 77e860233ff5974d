"""A report read in, and its columns named."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing.ifm import SYSTEMS, imports, queries, reader, words
from billing.ifm.forms import ColumnsForm, ReportForm
from billing.ifm.models import NetworkLine, Report
from billing.ifm.views.common import HOME, form_page, known, set_side
from illdesk import actors, dates
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.http import needs

_PROBLEMS = 100


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def take(request, system: str):
    known(system)
    due = request.GET.get("month") or f"{queries.next_due(timezone.localdate()):%Y-%m}"
    form = ReportForm(request.POST, request.FILES, system=system) if request.method == "POST" else ReportForm(
        system=system, initial={"month": due})
    if request.method == "POST" and form.is_valid():
        given, now = form.cleaned_data, timezone.now()
        try:
            if given["file"].size > reader.MOST_BYTES:
                raise BadAnswer(str(words.REFUSALS["large"]), field="file")
            row = imports.take(
                given["file"].read(), system=system, month=given["month"], name=given["file"].name,
                side=given["side"], deposit=given.get("deposit"), actor=actors.staff(request.user), now=now)
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            if row.made < now:
                messages.info(request, _("This very file was read already, on %(when)s. Nothing was read again.") % {
                    "when": dates.in_words(row.made)})
            return redirect("network_report", row.pk)
    return form_page(request, form, heading=_("Read a report"), system=system, back=reverse(HOME[system]),
                 sub=str(SYSTEMS[system]), save=_("Read it"), multipart=True)


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, pk: int):
    """Its columns, where nobody named them yet; else what was read of it."""
    row = get_object_or_404(Report.objects.select_related("by", "file", "deposit"), pk=pk)
    if row.state == Report.UNMAPPED:
        return _columns(request, row)
    if request.method == "POST":
        return redirect("network_report", pk)
    problems = [(line, words.PROBLEMS.get(code, code), value) for line, code, value in row.problems]
    context = {
        "report": row, "name": SYSTEMS[row.system], "problems": problems[:_PROBLEMS],
        "more_problems": max(0, len(problems) - _PROBLEMS), "new": row.rows - row.known,
        "ready": row.lines.filter(state=NetworkLine.READY).count(),
        "open": row.lines.filter(state=NetworkLine.OPEN).count(),
        "booked": row.lines.filter(state=NetworkLine.BOOKED).count(),
    }
    set_side(request, row.system)
    return render(request, "billing/ifm/report.html", context)


def _columns(request, row: Report):
    try:
        table = imports.table_of(row)
    except BadAnswer as refusal:
        messages.error(request, str(refusal))
        return redirect(HOME[row.system])
    form = ColumnsForm(request.POST if request.method == "POST" else None, head=table.head,
                       initial=reader.guess(table.head))
    if request.method == "POST" and form.is_valid():
        try:
            given = {name: column for name, column in form.cleaned_data.items() if column}
            imports.name_columns(row, given, actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except NotAllowed as refusal:
            messages.info(request, str(refusal))
            return redirect("network_report", row.pk)
        else:
            messages.success(request, _("The columns are kept: the next report of this kind is read at once."))
            return redirect("network_report", row.pk)
    context = {"report": row, "form": form, "head": table.head, "name": SYSTEMS[row.system],
               "sample": [cells[: len(table.head)] for _number, cells in table.rows[:5]]}
    set_side(request, row.system)
    return render(request, "billing/ifm/columns.html", context, status=422 if request.method == "POST" else 200)


@needs("work_payables")
@require_POST
def discard(request, pk: int):
    row = get_object_or_404(Report, pk=pk)
    try:
        imports.discard(row, actor=actors.staff(request.user), now=timezone.now())
        messages.info(request, _("The report is thrown away, and what it said with it."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("network_report", pk)
    return redirect(HOME[row.system])
