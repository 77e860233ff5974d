"""The year: its chart with the table beneath, by fund and all together."""

from datetime import date

from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import fiscal
from billing.batches import top
from billing.forecast import picture, queries
from billing.forecast.project import LAST_YEAR, NONE, NOTHING, OVER, RUN_RATE
from illdesk import exports, money
from illdesk.http import needs


def _method(code: str) -> str:
    return {
        LAST_YEAR: _("The months to come are taken from the same months of the year before."),
        RUN_RATE: _("The year before has no entries: what a day cost so far goes on to the end of the year."),
        OVER: _("This year is over: the forecast is what it cost."),
        NONE: _("Nothing is entered yet: only what is committed is known."),
        "mixed": _("Each fund goes by the same months of the year before where it has entries there, else by what a "
                   "day cost so far."),
    }[code]


@needs("see_budget")
@require_safe
def forecast(request):
    found, labels, today = _chosen(request)
    codes = [line.code for line in found.funds]
    code = request.GET.get("fund", "")
    line = next((one for one in found.funds if one.code == code), found.all)
    done = sum(1 for first in found.firsts if first <= today)
    top.show(request, "forecast")
    context = {
        "year": found, "labels": labels, "line": line, "codes": codes, "method": _method(line.projection.method),
        "picture": picture.draw(line.months, line.projection.months, line.budget, done=done,
                                share=_share(found, done, today)), "side": picture,
        "headline": _headline(found, line, over=today > found.ends),
        "names": _names(line), "months": _months(found, line, done), "short": line.difference < 0,
        "all_label": _all_label(found),
    }
    return render(request, "billing/forecast/year.html", context)


def _all_label(found: queries.Year) -> str:
    return _("All funds with a budget") if found.without and found.all.budgeted else _("All funds")


def _share(found: queries.Year, done: int, today: date) -> float:
    """How much of the present month is over."""
    if not done or today > found.ends:
        return 1.0
    first = found.firsts[done - 1]
    after = found.firsts[done] if done < len(found.firsts) else date.fromordinal(found.ends.toordinal() + 1)
    return ((today - first).days + 1) / (after - first).days


def _headline(found: queries.Year, line: queries.Line, *, over: bool) -> str:
    """The finding. Of all funds together it says where funds without a budget are not counted, and names them."""
    if not line.budgeted:
        words = [_("No budget is entered for %(fund)s.") % {"fund": line.code} if line.code
                 else _("No budget is entered for this fiscal year."),
                 _("The year came to %(forecast)s.") if over else _("The year will probably come to %(forecast)s.")]
    elif not line.code and found.without:
        words = [{(True, True): _("The funds with a budget came to %(forecast)s: %(lacking)s more than it."),
                  (True, False): _("The funds with a budget came to %(forecast)s; %(left)s of it were left."),
                  (False, True): _("The funds with a budget will probably come to %(forecast)s: %(lacking)s more than "
                                   "it."),
                  (False, False): _("The funds with a budget will probably come to %(forecast)s; %(left)s of it would "
                                    "be left.")}[over, line.difference < 0],
                 _("Without a budget: %(funds)s.") % {
                     "funds": ", ".join(f"{one.code} {one.spent:,.2f}" for one in found.without)}]
    else:
        words = [{(True, True): _("The year came to %(forecast)s: %(lacking)s more than its budget."),
                  (True, False): _("The year came to %(forecast)s; %(left)s of its budget were left."),
                  (False, True): _("The year will probably come to %(forecast)s: %(lacking)s more than its budget."),
                  (False, False): _("The year will probably come to %(forecast)s; %(left)s of its budget would be "
                                    "left.")}[over, line.difference < 0]]
    return " ".join(words) % {
        "forecast": money.shown(line.forecast, found.currency), "lacking": f"{-line.difference:,.2f}",
        "left": f"{line.difference:,.2f}"}


def _names(line: queries.Line) -> dict[str, str]:
    named = {"spent": (_("Spent"), line.spent), "forecast": (_("Forecast"), line.forecast)}
    if line.budgeted:
        named["budget"] = (_("Budget"), line.budget)
    return {code: f"{label} {amount:,.0f}" for code, (label, amount) in named.items()}


def _months(found: queries.Year, line: queries.Line, done: int) -> list[dict]:
    rows, total = [], NOTHING
    for place, first in enumerate(found.firsts):
        total += line.months[place] + line.projection.months[place]
        rows.append({"first": first, "label": _month(first), "spent": line.months[place], "begun": place < done,
                     "coming": line.projection.months[place], "before": line.before[place], "total": total})
    return rows


def _month(first: date) -> str:
    return date_format(first, "M Y")


@needs("see_budget")
@require_safe
def export(request, form: str):
    """A row for each fund and month, and the funds' totals as a second sheet; CSV has the months only."""
    found, _labels, _today = _chosen(request)
    head = [_("Fund"), _("Month"), _("Spent"), _("Still to come"), _("Same month of the year before"), _("Currency")]
    rows = [
        [line.code, first, line.months[place], line.projection.months[place], line.before[place], found.currency]
        for line in found.funds for place, first in enumerate(found.firsts)
    ]
    name = f"year-{found.begins:%Y-%m}"
    if form != "xlsx":
        return exports.file(form, name, head, rows)
    totals = [_("Fund"), _("Budget"), _("Spent"), _("Committed"), _("Open"), _("Forecast"), _("Difference"),
              _("Currency")]
    funds = [[line.code or _all_label(found), line.budget if line.budgeted else None, line.spent, line.committed,
              line.open, line.forecast, line.difference if line.budgeted else None, found.currency]
             for line in (*found.funds, found.all)]
    return exports.book(name, [(_("Funds"), totals, funds), (_("Months"), head, rows)])


def _chosen(request) -> tuple[queries.Year, list[str], date]:
    today = timezone.localdate()
    present = fiscal.year_of(today)[0]
    labels = queries.labels()
    asked = request.GET.get("year", "")
    label = asked if asked in labels else present
    return queries.year(label, today=today), labels if present in labels else [present, *labels], today
