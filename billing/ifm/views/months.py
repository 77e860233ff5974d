"""The months of a network; one month with what does not fit, and its booking."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.ifm import IFM, TITLES, actions, queries, words
from billing.ifm.forms import LineForm
from billing.ifm.models import NetworkLine, NetworkPolicy, Report
from billing.ifm.views.common import address, form_page, known, month_of, set_side
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from illdesk import actors, dates, exports, jobs
from illdesk.errors import Stale
from illdesk.http import needs
from requests_app.models import ILLRequest, LoanPolicy

A_PAGE, _MONTHS, _DIFFERENCES = 50, 36, 200


@needs("see_payables")
@require_safe
def months(request, system: str):
    rows = queries.months(system)
    due = queries.next_due(timezone.localdate())
    held = ledger.balance(Where("ifm")) if system == IFM else None
    waiting = Report.objects.filter(system=system, state=Report.UNMAPPED).select_related("by")
    context = {
        "system": system, "name": TITLES[system], "rows": rows[:_MONTHS], "more": len(rows) > _MONTHS,
        "due": due if rows and all(row.month < due for row in rows) else None, "waiting": waiting,
        "balance": held, "owed": abs(held) if held is not None else None, "currency": LoanPolicy.current().currency,
    }
    set_side(request, system)
    return render(request, "billing/ifm/months.html", context)


@needs("see_payables")
@require_safe
def month(request, system: str, month: int):
    return month_page(request, system, month_of(system, month))


def month_page(request, system: str, day: date, refusal: str = ""):
    row = queries.months(system, only=day)[0]
    ready, job = actions.totals(actions.ready(system, day)), actions.under_way(system, day)
    differences = list(queries.differences(system, day)[: _DIFFERENCES + 1])
    page = Paginator(queries.lines_of(system, day), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "system": system, "name": TITLES[system], "row": row, "month": day, "refusal": refusal, "ready": ready,
        "job": job, "my_job": job is not None and job.started_by_id == request.user.pk,
        "differences": [_shown(line) for line in differences[:_DIFFERENCES]],
        "more_differences": len(differences) > _DIFFERENCES, "page": page, "rows": [_shown(line) for line in page],
        "uncharged": list(queries.uncharged(system, day)[:_DIFFERENCES]) if system == IFM and row.reports else [],
        "reports": Report.objects.filter(system=system, month=day).exclude(
            state=Report.DISCARDED).select_related("by", "file"),
        "works": request.user.may("work_payables"), "currency": LoanPolicy.current().currency,
        "line_currency": NetworkPolicy.current().fee_currency, "over": timezone.localdate() > queries.month_ends(day),
        "invoice_url": address("payable_add", "payable_new"),
    }
    set_side(request, system)
    return render(request, "billing/ifm/month.html", context, status=409 if refusal else 200)


def _shown(line: NetworkLine) -> dict:
    steps = words.steps_of(line)
    shape = {"booked": "ended_ok", "ready": "others", "open": "decision"}.get(line.state, "ended_not")
    return {"line": line, "first": steps[0] if steps else None, "more": steps[1:], "shape": shape,
            "signed": line.to_pay}


@needs("see_payables")
@require_safe
def export(request, system: str, form: str):
    known(system)
    wanted = request.GET.get("month", "")
    rows = NetworkLine.objects.filter(system=system)
    if wanted.isascii() and wanted.isdigit() and len(wanted) == 6:
        rows = rows.filter(month=month_of(system, int(wanted)))
    head = [_("Month"), _("Day"), _("Number"), _("Our number"), _("Symbol"), _("Library"), _("Kind"), _("Amount"),
            _("Currency"), _("Agreed"), _("Result"), _("State"), _("Reason"), _("Dummy request")]
    found = rows.select_related("ill", "library").order_by("month", "day", "row", "pk")
    lines = (
        (f"{one.month:%Y-%m}", one.day, one.written, one.ill.number if one.ill else "", one.symbol,
         one.library.name if one.library else one.name, one.get_kind_display(),
         -one.amount if one.comes_back else one.amount, one.currency, one.agreed, one.get_result_display(),
         one.get_state_display(), one.reason, _("yes") if one.dummy else "")
        for one in found.iterator(chunk_size=1000)
    )
    return exports.file(form, f"{system}-{wanted or 'lines'}", head, lines)


@needs("work_payables")
@require_POST
def book(request, system: str, month: int):
    day = month_of(system, month)
    try:
        job = actions.book(system, day, seen=request.POST.get("seen", ""), actor=actors.staff(request.user),
                           now=timezone.now())
    except Stale as told:
        return month_page(request, system, day, str(told))
    if job.started_by_id != request.user.pk:
        messages.info(request, _("%(who)s is booking this month already.") % {"who": job.started_by.short_name})
        return redirect("network_month", system, month)
    counts = jobs.counts(job)
    if job.is_open or counts.failed:
        return redirect("job", job.pk)
    messages.success(request, ngettext("%(n)s line is booked.", "%(n)s lines are booked.", counts.done) % {
        "n": counts.done})
    return redirect("network_month", system, month)


@needs("work_payables")
@require_POST
def compare(request, system: str, month: int):
    """Lines on which nobody decided, once more: a number was entered on a request's page meanwhile, or a price."""
    day = month_of(system, month)
    changed = actions.compare_month(system, day)
    messages.success(request, ngettext("%(n)s line stands otherwise now.", "%(n)s lines stand otherwise now.", changed)
                     % {"n": changed} if changed else _("Compared again: nothing has changed."))
    return redirect("network_month", system, month)


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def no_charge(request, system: str, month: int, pk: int):
    """A shipped request of which no report says anything: why none is to come."""
    day = month_of(system, month)
    ill = get_object_or_404(ILLRequest, pk=pk)
    back = reverse("network_month", args=[system, f"{day:%Y%m}"])
    form = LineForm(request.POST or None, asks="reason")
    if request.method == "POST" and form.is_valid():
        actions.no_charge(ill, form.cleaned_data["reason"], actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("It is not listed any more."))
        return redirect(back)
    return form_page(request, form, heading=_("No charge is to come"), system=system, back=back,
                 back_label=dates.month(day), sub=ill.number, save=_("No charge is to come"))
