"""Invoices to libraries: the list with its tabs, and as a file."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from billing import side
from billing.invoices import files, queries
from billing.invoices.views.common import as_listed, number_of, state_in_words
from illdesk import exports
from illdesk.http import needs

A_PAGE = 50
TABS = (("draft", gettext_lazy("Drafts")), ("approved", gettext_lazy("To send")), ("open", gettext_lazy("Open")),
        ("overdue", gettext_lazy("Overdue")), ("disputed", gettext_lazy("Disputed")),
        ("settled", gettext_lazy("Settled")), ("credit", gettext_lazy("Credit notes")),
        ("discarded", gettext_lazy("Discarded")))
_COUNTED = ("draft", "approved", "open", "overdue", "disputed")


@needs("see_invoices")
@require_safe
def invoices(request):
    state, today = _state(request), timezone.localdate()
    before = number_of(request.GET.get("before"))
    rows = queries.listed(state, day=today)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: A_PAGE + 1])
    side.set_side(request, "invoices")
    tabs = [{"state": one, "label": label, "count": queries.listed(one, day=today).count() if one in _COUNTED else None}
            for one, label in TABS]
    context = {
        "tabs": tabs, "waiting": queries.waiting(), "state": state, "before": before,
        "rows": [as_listed(one, today) for one in found[:A_PAGE]],
        "next": found[A_PAGE - 1].pk if len(found) > A_PAGE else 0,
    }
    return render(request, "billing/invoices/list.html", context)


def _state(request) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in dict(TABS) else "draft"


@needs("see_invoices")
@require_safe
def export(request, form: str):
    state, today = _state(request), timezone.localdate()
    head = [_("Number"), _("Kind"), _("Library"), _("Day"), _("Due"), _("Total"), _("Open"), _("Currency"), _("State"),
            _("Entered by"), _("Approved by")]
    rows = (
        (row.number or "", str(row.get_kind_display()), row.library.symbol, row.day, row.due, files.total_of(row),
         row.open, row.currency, state_in_words(row, row.overdue(today)), row.made_by.short_name,
         row.approved_by.short_name if row.approved_by else "")
        for row in queries.listed(state, day=today).iterator(chunk_size=500)
    )
    return exports.file(form, f"invoices-{state}", head, rows)
