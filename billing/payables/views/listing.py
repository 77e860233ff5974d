"""The list of invoices from libraries."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.payables import lifecycle, queries
from billing.payables.models import PayableInvoice
from billing.payables.views.common import set_side
from illdesk import exports
from illdesk.http import needs

A_PAGE = 50
_TABS = ("open", "received", "entered", "answered", "back", "asked", "disputed", "approved", "paid", "rejected", "all")


@needs("see_payables")
@require_safe
def listing(request):
    state, text = _asked(request)
    page = Paginator(queries.listed(state=state, text=text), A_PAGE).get_page(request.GET.get("page"))
    waiting, day = queries.open_lines(list(page)), timezone.localdate()
    counts, standings = queries.counts(), queries.standings(list(page))
    names, owed = queries.names(list(page)), queries.owed_beside(list(page))
    labels = {"open": _("Open"), "answered": _("Lines answered"), "disputed": _("Disputed"), "all": _("All")} | {
        code: row.label for code, row in lifecycle.STATES.items()} | {"back": _("Sent back")}
    set_side(request)
    context = {
        "page": page, "state": state, "text": text, "may_work": request.user.may("work_payables"),
        "tabs": [(code, labels[code], counts.get(code)) for code in _TABS
                 if code in ("open", "back", "approved", "paid", "all", state) or counts.get(code)],
        "rows": [{"row": row, "name": names[row.pk], "state": standings[row.pk], "owed": owed.get(row.pk),
                  "late": queries.late(row, day),
                  "open": waiting.get(row.pk, 0) if row.state in ("entered", "back") else 0} for row in page],
    }
    return render(request, "billing/payables/list.html", context)


def _asked(request) -> tuple[str, str]:
    state = request.GET.get("state", "open")
    return state if state in _TABS else "open", request.GET.get("q", "").strip()[:100]


@needs("see_payables")
@require_safe
def export(request, form: str):
    state, text = _asked(request)
    head = [_("Library"), _("Invoice"), _("Part"), _("Dated"), _("Due"), _("Currency"), _("Total"), _("Owed"),
            _("State"), _("Entered by"), _("Approved by"), _("Six months end"), _("It came")]
    rows = (
        (row.library.name if row.library else "", row.number, part, row.dated, row.due, row.currency, row.total, owed,
         standing.label, row.entered_by.short_name if row.entered_by else "",
         row.approved_by.short_name if row.approved_by else "", row.clock, row.get_how_display())
        for row, standing, part, owed in _standing(queries.listed(state=state, text=text).select_related("approved_by"))
    )
    return exports.file(form, f"library-invoices-{timezone.localdate()}", head, rows)


def _standing(rows: QuerySet[PayableInvoice]) -> Iterator[tuple[PayableInvoice, lifecycle.State, str, Decimal | None]]:
    """Each with how it stands, the lines that a part consists of and what is owed of it, a thousand at a time."""
    there = rows.iterator(chunk_size=1000)
    while chunk := list(islice(there, 1000)):
        found, parts, owed = queries.standings(chunk), queries.parts(chunk), queries.owed_beside(chunk)
        for row in chunk:
            whole = None if row.state == lifecycle.REJECTED else row.total
            yield row, found[row.pk], parts.get(row.pk, ""), owed.get(row.pk, whole)
