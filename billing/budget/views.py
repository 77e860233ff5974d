"""Budgets: funds by fiscal year, one fund with its commitments. Neither patrons' names nor titles stand here."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import fiscal, side
from billing.budget import actions, queries
from billing.budget.forms import ChangeForm, FundForm, YearForm
from billing.budget.models import Fund, FundYear
from illdesk import actors, exports
from illdesk.errors import BadAnswer, Stale
from illdesk.http import needs

A_PAGE = 50


@needs("see_budget")
@require_safe
def budget(request):
    label, labels = _chosen(request)
    side.set_side(request, "budget")
    years = queries.years(label)
    context = {
        "rows": [_shown(row) for row in years], "label": label, "labels": labels, "totals": _totals(years),
        "bare": queries.without_year(label),
    }
    return render(request, "billing/budget/list.html", context)


@needs("see_budget")
@require_safe
def export(request, form: str):
    label, _labels = _chosen(request)
    head = [_("Fund"), _("Name"), _("Fiscal year"), _("From"), _("To"), _("Currency"), _("Budget"), _("Committed"),
            _("Spent"), _("Left")]
    rows = (
        (row.fund.code, row.fund.name, row.label, row.begins, row.ends, row.fund.currency, row.budget, row.committed,
         row.spent, row.left)
        for row in queries.years(label)
    )
    return exports.file(form, f"budget-{_plain(label)}", head, rows)


@needs("see_budget")
@require_safe
def fund(request, code: str):
    row, years, year = _fund_and_year(request, code)
    side.set_side(request, "budget")
    before = _number(request.GET.get("before"))
    found = list(queries.commitments(year, before=before, most=A_PAGE + 1)) if year else []
    context = {
        "fund": row, "years": years, "year": _shown(year) if year else None, "rows": found[:A_PAGE], "before": before,
        "next": found[A_PAGE - 1].pk if len(found) > A_PAGE else 0,
        "changes": list(year.changes.select_related("by").order_by("pk")) if year else [],
    }
    return render(request, "billing/budget/fund.html", context)


@needs("see_budget")
@require_safe
def fund_export(request, code: str, form: str):
    row, _years, year = _fund_and_year(request, code)
    if year is None:
        raise Http404
    head = [_("Date"), _("For"), _("Number"), _("Committed"), _("Paid"), _("Currency"), _("State"), _("Settled"),
            _("Beyond the budget because")]
    rows = (
        (timezone.localtime(one.made).date(), one.get_what_display(), one.about, one.amount, one.actual, one.currency,
         one.get_state_display(), timezone.localtime(one.settled).date() if one.settled else None, one.over_reason)
        for one in queries.commitments(year).iterator()
    )
    return exports.file(form, f"fund-{row.code}-{_plain(year.label)}", head, rows)


@needs("manage_budget")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, code: str = ""):
    row = get_object_or_404(Fund, code=code) if code else Fund()
    form = FundForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_fund(form.save(commit=False), fields=list(form.changed_data),
                                      actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The fund %(fund)s is stored.") % {"fund": saved.code})
            return redirect("fund", saved.code)
    return _form(request, form, heading=code or _("Add a fund"), code=code)


@needs("manage_budget")
@require_http_methods(["GET", "HEAD", "POST"])
def add_year(request, code: str):
    row = get_object_or_404(Fund, code=code)
    newest = row.years.order_by("-ends").first()
    day = timezone.localdate()
    if newest is not None and newest.ends >= day:
        day = type(day).fromordinal(newest.ends.toordinal() + 1)
    label, begins, ends = fiscal.year_of(day)
    form = YearForm(request.POST or None, initial={"label": label, "begins": begins, "ends": ends})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data | {"key": str(form.cleaned_data["key"])}
        try:
            year = actions.open_year(row, **given, actor=actors.staff(request.user), now=timezone.now())
        except (BadAnswer, Stale) as refusal:
            form.add_error(getattr(refusal, "field", "") or None, str(refusal))
        else:
            messages.success(request, _("%(fund)s has its budget for %(year)s.") % {
                "fund": row.code, "year": year.label})
            return redirect(_url_of(year, row))
    return _form(request, form, heading=_("Budget of a fiscal year"), code=code, sub=f"{row.code} · {row.currency}")


@needs("manage_budget")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, code: str, pk: int):
    year = get_object_or_404(FundYear.objects.select_related("fund"), pk=pk, fund__code=code)
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            year = actions.change_budget(year, given["amount"], given["why"], key=str(given["key"]),
                                         actor=actors.staff(request.user), now=timezone.now())
        except (BadAnswer, Stale) as refusal:
            form.add_error(getattr(refusal, "field", "") or None, str(refusal))
        else:
            messages.success(request, _("The change is stored."))
            if year.left < 0:
                messages.warning(request, _("More is committed and spent than this budget has now."))
            return redirect(_url_of(year, year.fund))
    return _form(request, form, heading=_("Change the budget"), code=code,
                 sub=f"{year.fund.code} · {year.label} · {year.fund.currency} {year.budget}")


# --- shared by these pages -----------------------------------------------------------------------------------


def _form(request, form, *, heading: str, code: str, sub: str = ""):
    side.set_side(request, "budget")
    back = reverse("fund", args=[code]) if code else reverse("budget")
    context = {"form": form, "heading": heading, "sub": sub, "back_url": back, "back_label": code or _("Budgets")}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


def _chosen(request) -> tuple[str, list[str]]:
    """The fiscal year that was asked for, else the present one; and all there are."""
    present = fiscal.year_of(timezone.localdate())[0]
    labels = queries.labels()
    asked = request.GET.get("year", "")
    return (asked if asked in labels else present), labels if present in labels else [present, *labels]


def _fund_and_year(request, code: str) -> tuple[Fund, list[FundYear], FundYear | None]:
    row = get_object_or_404(Fund, code=code)
    years = list(row.years.select_related("fund").order_by("-begins"))
    asked, today = request.GET.get("year", ""), timezone.localdate()
    chosen = next((one for one in years if one.label == asked), None)
    present = next((one for one in years if one.begins <= today <= one.ends), None)
    return row, years, chosen or present or (years[0] if years else None)


def _shown(row: FundYear) -> dict:
    used = row.committed + row.spent
    percent = min(100, int(used * 100 / row.budget)) if row.budget > 0 else 100 if used else 0
    return {"row": row, "used": used, "percent": percent, "over": row.left < 0}


def _totals(years: list[FundYear]) -> list[dict]:
    """By currency: amounts of several are not added up."""
    found: dict[str, dict] = {}
    for row in years:
        total = found.setdefault(row.fund.currency, {"budget": 0, "committed": 0, "spent": 0, "left": 0})
        for name in total:
            total[name] += getattr(row, name)
    return [{"currency": currency} | total for currency, total in sorted(found.items())]


def _url_of(year: FundYear, row: Fund) -> str:
    return reverse("fund", args=[row.code], query={"year": year.label})


def _plain(label: str) -> str:
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in label)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0
