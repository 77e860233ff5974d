"""Batches: the list with its filters, and as a file; one batch."""

from collections.abc import Iterable
from datetime import datetime

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import fiscal
from billing.approval import rule
from billing.batches import actions, files, queries, top
from billing.batches.models import Batch
from billing.batches.views.common import A_PAGE, FAMILIES, batch_of
from billing.forecast import queries as forecast
from illdesk import dates, exports
from illdesk.http import needs
from illdesk.models import User
from requests_app.copyright.listed import in_chunks
from requests_app.models import LoanPolicy


@needs("see_batches")
@require_safe
def listing(request):
    filters = queries.Filters.of(request.GET)
    rows = queries.batches(filters)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    top.show(request, "batches")
    label = fiscal.year_of(timezone.localdate())[0]
    context = {
        "page": page, "rows": _shown(page, reader=request.user), "filters": filters,
        "menus": _menus(filters), "count": page.paginator.count, "total": queries.total_of(rows),
        "currency": LoanPolicy.current().currency, "meters": forecast.meters(label),
        "filtered": any(vars(filters).values()),
        "forms": ("pdf", "xlsx", "csv"),
    }
    return render(request, "billing/batches/list.html", context)


def _shown(rows: Iterable[Batch], *, reader: User) -> list[dict]:
    rows = list(rows)
    last = queries.sent_back(row for row in rows if row.state == Batch.BACK)
    approved, holds = queries.approved(row for row in rows if row.state == Batch.FORWARDED), queries.held(rows)
    return [{
        "row": row, "holds": holds[row.pk], "approved": _approved(*approved.get(row.pk, ([], None))),
        "last": last.get(row.pk), "open": row.state == Batch.FORWARDED,
        "state": _state(row, reader),
    } for row in rows]


def _state(row: Batch, reader: User) -> dict[str, str]:
    """What is approved is a decision to whoever pays; to the others it waits for those, as on the invoice itself."""
    waits = row.state == Batch.FORWARDED and not reader.may("pay_batches")
    return {"label": row.get_state_display(), "family": "others" if waits else FAMILIES[row.state]}


def _approved(names: list[str], at: datetime | None) -> str:
    return ", ".join([*names, dates.in_words(at)]) if at else ""


def _menus(filters: queries.Filters) -> list[dict]:
    """Filters as menus of links: name in the address, label, what is chosen, (value, words)."""
    there = queries.choices()
    periods = [("", _("all")), *((one, one) for one in there.years), *there.periods]
    menus = [
        ("period", _("Period"), periods), ("fund", _("Fund"), [("", _("all")), *((one, one) for one in there.funds)]),
        ("payee", _("Payee"), [("", _("all")), *((one, one) for one in there.payees)]),
        ("state", _("State"), [("", _("all")), *((code, str(words)) for code, words in Batch.STATES)]),
    ]
    found = []
    for name, label, options in menus:
        chosen = getattr(filters, name)
        found.append({"name": name, "label": label, "options": [{"value": value, "words": words, "on": value == chosen}
                                                                for value, words in options],
                      "chosen": dict(options).get(chosen, chosen)})
    return found


@needs("see_batches")
@require_safe
def export(request, form: str):
    """The list as it is filtered, a row for each batch."""
    head = [_("Batch"), _("Payee"), _("Forwarded in, fiscal year"), _("Forwarded in, month"), _("Invoices"),
            _("Amount"), _("Currency"), _("State"), _("Forwarded"), _("Paid on"), _("Reference")]
    rows = (
        (row.number, row.payee, row.period.year.label, str(row.period), holds.invoices, holds.total, row.currency,
         row.get_state_display(), timezone.localtime(row.forwarded).date(), row.paid_on, row.reference)
        for chunk in in_chunks(queries.batches(queries.Filters.of(request.GET)), 500)
        for found in [queries.held(chunk)] for row in chunk for holds in [found[row.pk]]
    )
    return exports.file(form, "batches", head, rows)


@needs("see_batches")
@require_safe
def batch(request, batch: str):
    row = batch_of(batch)
    one = queries.contents([row])[0]
    top.show(request, "batches")
    context = {
        "batch": row, "contents": one, "holds": queries.held([row])[row.pk],
        "state": _state(row, request.user),
        "steps": list(row.steps.select_related("by").order_by("-pk")), "came": files.attached(one),
        "held": ", ".join(files.held(one)),
        "releases": rule.others_in_words("work_payables", [], day=timezone.localdate()),
        "other": _others(row, request.user),
    }
    return render(request, "billing/batches/batch.html", context)


def _others(row: Batch, user) -> str:
    """Who could mark it paid, where this person may not."""
    if row.state != Batch.FORWARDED or not user.may("pay_batches") or user.pk not in actions.hands(row):
        return ""

    return rule.others_in_words("pay_batches", actions.hands(row), day=timezone.localdate())
