"""Reports of money: one page with a tab for each, of a fiscal year or any days; and as lists for a spreadsheet."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import fiscal, side
from billing.reports import queries
from billing.reports.forms import LimitForm
from billing.reports.models import BalanceLimit
from billing.reports.queries import DIMENSIONS, Period
from illdesk import exports, money
from illdesk.http import needs
from requests_app.models import LoanPolicy

# Reports beside those by a dimension.
OTHERS = {
    "balance": gettext_lazy("Balance with libraries"), "group-balance": gettext_lazy("Balance with groups"),
    "request": gettext_lazy("Cost of a filled request"), "royalties": gettext_lazy("Royalties"),
}
_SHOWN, _BARS, _WIDE = 200, 12, 220  # a bar with its figure fits on a phone
_LONGEST = 3700  # days


@needs("see_books")
@require_safe
def report(request, report: str):
    period, asked, problem = _period(request)
    tabs = [(code, one.name) for code, one in DIMENSIONS.items()] + list(OTHERS.items())
    if report not in dict(tabs):
        raise Http404
    context: dict[str, Any] = {
        "report": report, "tabs": tabs, "name": dict(tabs)[report], "period": period, "asked": asked,
        "years": _years(period), "currency": LoanPolicy.current().currency, "problem": problem,
        "typed": {"first": request.GET.get("first", ""), "last": request.GET.get("last", "")} if problem else
                 {"first": period.first.isoformat(), "last": period.last.isoformat()},
    }
    if report in DIMENSIONS:
        rows, total = queries.by(DIMENSIONS[report], period), queries.total(period)
        others = queries.beside(period)
        ties = queries.tie(period, total)
        context |= {"rows": rows[:_SHOWN], "more": max(0, len(rows) - _SHOWN), "total": total, "ties": ties,
                    "bars": _bars(rows), "head": DIMENSIONS[report].name, "others": others,
                    "all_cost": ties["cost"].books + sum((one.amount for one in others), queries.NOTHING),
                    "finding": _finding(rows, total, context["currency"]),
                    "twice": sum(row.requests for row in rows) - total.requests}
    elif report in ("balance", "group-balance"):
        rows_ = queries.balances(period, group=report == "group-balance")
        context |= {"balances": rows_[:_SHOWN], "more": max(0, len(rows_) - _SHOWN)}
    elif report == "request":
        ways, everything = queries.per_request(period)
        context |= {"ways": ways, "everything": everything}
    else:
        context |= {"royalties": queries.royalties(period)}
    side.set_side(request, "reports")
    return render(request, "billing/reports/report.html", context, status=422 if problem else 200)


def _finding(rows: list[queries.Row], total: queries.Row, currency: str) -> str:
    """What the chart shows, in a sentence: where most was spent, or came in where nothing was."""
    if not rows:
        return ""
    spent, earned = max(rows, key=lambda row: row.spent), max(rows, key=lambda row: row.income)
    if spent.spent > 0:
        return _("Most was spent: %(what)s, %(amount)s of %(all)s") % {
            "what": spent.label, "amount": money.shown(spent.spent, currency),
            "all": money.shown(total.spent, currency)}
    return _("Most came in: %(what)s, %(amount)s of %(all)s") % {
        "what": earned.label, "amount": money.shown(earned.income, currency),
        "all": money.shown(total.income, currency)}


def _bars(rows: list[queries.Row]) -> list[dict]:
    """For the chart: widths of cost and income as parts of the largest."""
    shown = rows[-_BARS:] if rows and isinstance(rows[0].key, date) else rows[:_BARS]
    most = max((max(row.spent, row.income) for row in shown), default=Decimal(0))
    if most <= 0 or len(shown) < 2:
        return []
    return [{"row": row, "cost": _wide(row.spent, most), "income": _wide(row.income, most), "y": place * 44,
             "y_cost": place * 44 + 16, "y_income": place * 44 + 28}
            for place, row in enumerate(shown)]


def _wide(amount: Decimal, most: Decimal) -> int:
    return max(0, int(amount * _WIDE / most))


@needs("see_books")
@require_safe
def export(request, report: str, form: str):
    period, _asked, _problem = _period(request)
    name = f"{report}-{period.first}-{period.last}"
    if report in DIMENSIONS:
        head = [str(DIMENSIONS[report].name), _("Requests"), _("Charges"), _("Lost and damaged"), _("Fees"),
                _("Cost together"), _("Income"), _("Income less cost")]
        found = [[row.label, row.requests, row.cost, row.lost, row.fees, row.spent, row.income, row.net]
                 for row in queries.by(DIMENSIONS[report], period)]
        if form == "xlsx":
            left_out = [[one.label, one.fund, one.amount] for one in queries.beside(period)]
            return exports.book(name, [(str(DIMENSIONS[report].name), head, found),
                                       (_("Not in these sums"), [_("Account"), _("Fund"), _("Amount")], left_out)])
    elif report in ("balance", "group-balance"):
        head = [_("Library or group"), _("Loans lent"), _("Loans borrowed"), _("Copies lent"), _("Copies borrowed"),
                _("More lent than borrowed"), _("Income"), _("Cost"), _("Limit passed")]
        found = [[one.label, one.lent.get("loan", 0), one.borrowed.get("loan", 0), one.lent.get("copy", 0),
                  one.borrowed.get("copy", 0), one.more, one.income, one.spent, _("yes") if one.told else ""]
                 for one in queries.balances(period, group=report == "group-balance")]
    elif report == "request":
        head = [_("Way of payment"), _("Requests"), _("Cost"), _("Fees"), _("Each")]
        ways, everything = queries.per_request(period)
        found = [[one.label or _("All that were filled"), one.requests, one.cost, one.fees, one.each]
                 for one in [*ways, everything]]
    elif report == "royalties":
        head = [_("Fund"), _("Currency"), _("Copies"), _("Paid")]
        found = [[one.fund, one.currency, one.copies, one.paid] for one in queries.royalties(period)]
    else:
        raise Http404
    return exports.file(form, name, head, found)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request):
    form = LimitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The limit is stored."))
        return redirect("report_limits")
    side.set_side(request, "reports")
    context = {"form": form, "rows": BalanceLimit.objects.select_related("library", "group")}
    return render(request, "billing/reports/limits.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_money")
@require_POST
def remove_limit(request, pk: int):
    get_object_or_404(BalanceLimit, pk=pk).delete()
    messages.info(request, _("The limit is gone."))
    return redirect("report_limits")


def _period(request) -> tuple[Period, str, str]:
    """What was asked for: days, or the fiscal year that begins on a day; else the present one. How it was asked, for
    addresses of other tabs; and what is wrong with days that were typed and cannot be shown."""
    typed = [request.GET.get(name, "") for name in ("first", "last")]
    first, last = (_day(text) for text in typed)
    if first and last and first <= last <= first + timedelta(days=_LONGEST):
        return Period(first, last), f"?first={first}&last={last}", ""
    label, begins, ends = fiscal.year_of(_day(request.GET.get("year")) or timezone.localdate())
    problem = ""
    if any(typed):
        wrong = (_("Enter two days between 1990 and 2100.") if not first or not last
                 else _("The first day is after the last: change one of them.") if first > last
                 else _("At most ten years are shown at once."))
        problem = _("%(wrong)s Below is the fiscal year %(year)s.") % {"wrong": wrong, "year": label}
    return Period(begins, ends), f"?year={begins}", problem


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2100 else None


def _years(period: Period) -> list[dict]:
    """The present fiscal year and the four before it."""
    _label, begins, _ends = fiscal.year_of(timezone.localdate())
    found = []
    for back in range(5):
        first = fiscal.months_on(begins, -12 * back)
        found.append({"begins": first, "label": fiscal.label_of(first), "current": first == period.first
                      and fiscal.year_of(first)[2] == period.last})
    return found
