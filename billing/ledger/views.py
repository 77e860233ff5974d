"""The books: a fiscal year's accounts and months, one account with its entries, lists for a spreadsheet."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import side
from billing.ledger import actions, chart, names, queries
from billing.ledger.actions import Where
from billing.ledger.models import Account, Entry, FiscalYear, Period
from illdesk import actors, dates, exports
from illdesk.errors import NotAllowed
from illdesk.http import needs

A_PAGE = 50


@needs("see_books")
@require_safe
def books(request):
    year, years = _chosen(request)
    rows = queries.families(year.begins, year.ends) if year else []
    months = queries.months(year) if year else []
    context = {
        "year": year, "years": years, "months": months, "rows": rows,
        "next_to_close": queries.next_to_close(timezone.localdate()),
        "count": year.last if year else 0,
        "debited": sum(row.debited for row in rows), "credited": sum(row.credited for row in rows),
    }
    side.set_side(request, "books")
    return render(request, "billing/ledger/books.html", context)


@needs("see_books")
@require_safe
def export(request, form: str):
    year, _years = _chosen(request)
    if year is None:
        raise Http404
    head = [_("Number"), _("Day"), _("Belongs to"), _("For"), _("Debit"), _("Credit"), _("Amount"), _("Foreign amount"),
            _("Currency"), _("Rate"), _("Rate of"), _("Reverses"), _("Entered by")]
    return exports.file(form, f"books-{year.begins:%Y-%m}", head, _rows(year))


def _rows(year: FiscalYear):
    entries = year.entries.select_related("debit", "credit", "by", "reverses").order_by("number")
    known = names.of(Account.objects.all())
    for row in entries.iterator(chunk_size=1000):
        yield [
            row.number, row.day, row.of_day, str(chart.WHATS.get(row.what, row.what)), known.get(row.debit_id, ""),
            known.get(row.credit_id, ""), row.amount, row.foreign, row.foreign_currency, row.rate, row.rate_on,
            row.reverses.number if row.reverses else None, row.by.short_name if row.by else "",
        ]


@needs("see_books")
@require_safe
def family(request, family: str):
    """Accounts of a family that hold something, by key; the next page begins behind the last one shown."""
    found = _family(family)
    after = _number(request.GET.get("after"))
    accounts = list(Account.objects.filter(family=family, pk__gt=after).order_by("pk")[: A_PAGE + 1])
    if not found.of and accounts:
        return redirect("books_account", family, 0)
    known = names.of(accounts[:A_PAGE])
    context = {
        "family": found, "after": after, "next": accounts[A_PAGE - 1].pk if len(accounts) > A_PAGE else 0,
        "rows": [(known[one.account.pk], one) for one in queries.balances(accounts[:A_PAGE])],
    }
    side.set_side(request, "books")
    return render(request, "billing/ledger/family.html", context)


@needs("see_books")
@require_safe
def account(request, family: str, subject: int):
    _family(family)
    row = get_object_or_404(Account, family=family, subject=subject)
    before = _number(request.GET.get("before"))
    entries = queries.entries_of(Where(family, subject)).order_by("-pk")
    if before:
        entries = entries.filter(pk__lt=before)
    shown = list(entries.select_related("reverses", "reversed_by")[: A_PAGE + 1])
    others = {one.credit if one.debit_id == row.pk else one.debit for one in shown}
    known = names.of({row, *others})
    context = {
        "account": row, "family": chart.FAMILIES[family], "name": known[row.pk], "before": before,
        "balance": queries.balance(Where(family, subject)),
        "next": shown[A_PAGE - 1].pk if len(shown) > A_PAGE else 0,
        "rows": [_shown(one, row, known) for one in shown[:A_PAGE]],
    }
    side.set_side(request, "books")
    return render(request, "billing/ledger/account.html", context)


def _shown(entry: Entry, row: Account, known: dict[int, str]) -> dict:
    debited = entry.debit_id == row.pk
    other = entry.credit if debited else entry.debit
    return {"entry": entry, "debited": debited, "other": other, "other_name": known[other.pk],
            "what": chart.WHATS.get(entry.what, entry.what), "undone": getattr(entry, "reversed_by", None)}


@needs("close_books")
@require_POST
def close(request, pk: int):
    period = get_object_or_404(Period, pk=pk)
    try:
        actions.close(period, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("%(month)s is closed: nothing is entered in it any more.") % {
            "month": dates.month(period.begins)})
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("books")


def _family(code: str) -> chart.Family:
    if code not in chart.FAMILIES:
        raise Http404
    return chart.FAMILIES[code]


def _chosen(request) -> tuple[FiscalYear | None, list[FiscalYear]]:
    """The fiscal year that was asked for, else the present one, else the newest; and all there are, newest first."""
    years = list(FiscalYear.objects.filter(Q(last__gt=0) | Q(begins__lte=timezone.localdate())).order_by("-begins"))
    asked, today = request.GET.get("year", ""), timezone.localdate()
    chosen = next((one for one in years if one.label == asked), None)
    present = next((one for one in years if one.begins <= today <= one.ends), None)
    return chosen or present or (years[0] if years else None), years


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0
