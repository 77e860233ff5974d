"""Pages of a network: its months, one month with what does not fit, a report read in, a decision about a line."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import side
from billing.ifm import EFTS, IFM, SYSTEMS, TITLES, actions, imports, queries, reader, words
from billing.ifm.forms import ColumnsForm, LineForm, PolicyForm, ReportForm, SettleForm, StatementForm
from billing.ifm.models import NetworkLine, NetworkPolicy, NetworkStatement, Report
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from illdesk import actors, dates, exports, money
from illdesk.errors import BadAnswer, DeskError, NotAllowed, Stale
from illdesk.http import needs
from requests_app.models import ILLRequest, LoanPolicy

A_PAGE, _MONTHS, _DIFFERENCES, _PROBLEMS = 50, 36, 200, 100
_HOME = {IFM: "ifm", EFTS: "efts_months"}


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
    _side(request, system)
    return render(request, "billing/ifm/months.html", context)


@needs("see_payables")
@require_safe
def month(request, system: str, month: int):
    return _month_page(request, system, _month(system, month))


def _month_page(request, system: str, day: date, refusal: str = ""):
    row = queries.months(system, only=day)[0]
    ready = actions.totals(actions.ready(system, day))
    differences = list(queries.differences(system, day)[: _DIFFERENCES + 1])
    page = Paginator(queries.lines_of(system, day), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "system": system, "name": TITLES[system], "row": row, "month": day, "refusal": refusal, "ready": ready,
        "differences": [_shown(line) for line in differences[:_DIFFERENCES]],
        "more_differences": len(differences) > _DIFFERENCES, "page": page, "rows": [_shown(line) for line in page],
        "uncharged": list(queries.uncharged(system, day)[:_DIFFERENCES]) if system == IFM and row.reports else [],
        "reports": Report.objects.filter(system=system, month=day).exclude(
            state=Report.DISCARDED).select_related("by", "file"),
        "works": request.user.may("work_payables"), "currency": LoanPolicy.current().currency,
        "line_currency": NetworkPolicy.current().fee_currency, "over": timezone.localdate() > queries.month_ends(day),
        "invoice_url": _address("payable_add", "payable_new"),
    }
    _side(request, system)
    return render(request, "billing/ifm/month.html", context, status=409 if refusal else 200)


def _shown(line: NetworkLine) -> dict:
    steps = words.steps_of(line)
    shape = {"booked": "ended_ok", "ready": "others", "open": "decision"}.get(line.state, "ended_not")
    return {"line": line, "first": steps[0] if steps else None, "more": steps[1:], "shape": shape,
            "signed": line.to_pay}


@needs("see_payables")
@require_safe
def export(request, system: str, form: str):
    _known(system)
    wanted = request.GET.get("month", "")
    rows = NetworkLine.objects.filter(system=system)
    if wanted.isascii() and wanted.isdigit() and len(wanted) == 6:
        rows = rows.filter(month=_month(system, int(wanted)))
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


# --- a report ---------------------------------------------------------------------------------------------------------


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def take(request, system: str):
    _known(system)
    due = request.GET.get("month") or f"{queries.next_due(timezone.localdate()):%Y-%m}"
    form = ReportForm(request.POST, request.FILES, system=system) if request.method == "POST" else ReportForm(
        system=system, initial={"month": due})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given["file"].size > reader.MOST_BYTES:
                raise BadAnswer(str(words.REFUSALS["large"]), field="file")
            row = imports.take(
                given["file"].read(), system=system, month=given["month"], name=given["file"].name,
                side=given["side"], deposit=given.get("deposit"), actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("network_report", row.pk)
    return _form(request, form, heading=_("Read a report"), system=system, back=reverse(_HOME[system]),
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
    _side(request, row.system)
    return render(request, "billing/ifm/report.html", context)


def _columns(request, row: Report):
    try:
        table = imports.table_of(row)
    except BadAnswer as refusal:
        messages.error(request, str(refusal))
        return redirect(_HOME[row.system])
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
    _side(request, row.system)
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
    return redirect(_HOME[row.system])


# --- a month ----------------------------------------------------------------------------------------------------------


@needs("work_payables")
@require_POST
def book(request, system: str, month: int):
    day = _month(system, month)
    try:
        done = actions.book(system, day, seen=request.POST.get("seen", ""), actor=actors.staff(request.user),
                            now=timezone.now())
    except Stale as told:
        return _month_page(request, system, day, str(told))
    if done.count:
        messages.success(request, ngettext("%(n)s line is booked.", "%(n)s lines are booked.", done.count) % {
            "n": done.count})
    for number, sentence in done.failed[:5]:
        messages.error(request, f"{number}: {sentence}")
    if len(done.failed) > 5:
        more = len(done.failed) - 5
        messages.error(request, ngettext("%(n)s more line could not be booked.",
                                         "%(n)s more lines could not be booked.", more) % {"n": more})
    return redirect("network_month", system, month)


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def state(request, system: str, month: int):
    """The network's own invoice or credit memo."""
    day = _month(system, month)
    found = queries.months(system, only=day)[0]
    form = StatementForm(request.POST or None, initial={"amount": found.net or None})
    if request.method == "POST" and form.is_valid():
        try:
            actions.state_month(system, day, **form.cleaned_data, actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("It is stored, and compared with the lines."))
            return redirect("network_month", system, month)
    return _form(request, form, heading=_("Invoice or credit memo of a month"), system=system,
                 back=reverse("network_month", args=[system, month]), back_label=dates.month(day), sub=dates.month(day),
                 save=_("Enter their invoice"))


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request, pk: int):
    row = get_object_or_404(NetworkStatement, pk=pk)
    back = reverse("network_month", args=[row.system, f"{row.month:%Y%m}"])
    form = SettleForm(request.POST or None, initial={"day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.settle_statement(row, **form.cleaned_data, actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It is entered in the books."))
            return redirect(back)
    return _form(request, form, heading=_("Paid through the bank"), system=row.system, back=back,
                 back_label=dates.month(row.month),
                 sub=f"{row.number} · {money.shown(row.amount, LoanPolicy.current().currency)}",
                 save=_("Enter the payment"))


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def no_charge(request, system: str, month: int, pk: int):
    """A shipped request of which no report says anything: why none is to come."""
    day = _month(system, month)
    ill = get_object_or_404(ILLRequest, pk=pk)
    back = reverse("network_month", args=[system, f"{day:%Y%m}"])
    form = LineForm(request.POST or None, asks="reason")
    if request.method == "POST" and form.is_valid():
        actions.no_charge(ill, form.cleaned_data["reason"], actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("It is not listed any more."))
        return redirect(back)
    return _form(request, form, heading=_("No charge is to come"), system=system, back=back,
                 back_label=dates.month(day), sub=ill.number, save=_("No charge is to come"))


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request, pk: int, what: str):
    """One step about one line: a bare button, or a form with the one thing that it wants to know."""
    line = get_object_or_404(NetworkLine.objects.select_related("ill", "library", "before", "instead"), pk=pk)
    found = words.STEPS.get(what)
    if found is None:
        raise Http404
    form = LineForm(request.POST or None, asks=found.asks)
    back = reverse("network_month", args=[line.system, f"{line.month:%Y%m}"])
    if request.method == "POST" and (not found.asks or form.is_valid()):
        given = "".join(form.cleaned_data.values()) if found.asks else ""
        try:
            said = _do(what, line, given, actors.staff(request.user))
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except DeskError as refusal:
            if not found.asks:
                messages.error(request, str(refusal))
                return redirect(back)
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect(back)
    sub = f"{line.written or '—'} · {line.get_kind_display()} · {money.shown(line.amount, line.currency)}"
    sub += f" · {dates.in_words(line.day)}"
    return _form(request, form, heading=str(found.label).rstrip("…"), system=line.system, back=back,
                 back_label=dates.month(line.month), sub=f"{sub} · {line.get_result_display()}",
                 save=str(found.label).rstrip("…"))


def _do(what: str, line: NetworkLine, given: str, actor) -> str:
    now = timezone.now()
    if what in ("link", "dummy"):
        row = actions.link(line, given, dummy=what == "dummy", actor=actor, now=now)
        return _("It is linked: %(result)s.") % {"result": row.get_result_display()}
    if what in ("ask", "ask_network"):
        to = actions.ask(line, given, network=what == "ask_network", actor=actor, now=now)
        return _("The letter to %(to)s is on its way.") % {"to": to}
    if what in _REASONED:
        _REASONED[what](line, given, actor=actor, now=now)
    else:
        _BARE[what](line, actor=actor, now=now)
    return _("It is stored.")


_REASONED = {"accept": actions.accept, "aside": actions.aside, "undo": actions.undo}
_BARE = {"replace": actions.replace, "reopen": actions.reopen}


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request):
    row = NetworkPolicy.current()
    form = PolicyForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The rules are stored."))
        return redirect("ifm")
    return _form(request, form, heading=_("Rules of fee management"), system=IFM, back=reverse("ifm"),
                 save=_("Store the rules"))


# --- shared by these pages -----------------------------------------------------------------------------------


def _form(
    request, form, *, heading: str, system: str, back: str, back_label: str = "", sub: str = "", save: str,
    multipart: bool = False,
):
    _side(request, system)
    context = {"form": form, "heading": heading, "sub": sub, "back_url": back, "multipart": multipart,
               "back_label": back_label or TITLES[system], "save": save}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


def _side(request, system: str) -> None:
    side.set_side(request, "ifm" if system == IFM else "efts")


def _known(system: str) -> None:
    if system not in SYSTEMS:
        raise Http404


def _month(system: str, month: int) -> date:
    """202603 as the first of March 2026."""
    _known(system)
    year, of_year = divmod(month, 100)
    if not (1990 <= year <= 2100 and 1 <= of_year <= 12):
        raise Http404
    return date(year, of_year, 1)


def _address(*names: str) -> str:
    """The first of these pages that there is."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


