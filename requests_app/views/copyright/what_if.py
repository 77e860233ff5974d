"""How a year would have looked under other rules or with other subscriptions. Nothing is written."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from illdesk.http import needs
from requests_app.copyright import report, report_files, what_if, what_if_rows, words
from requests_app.forms.copyright_what_if import WhatIfForm
from requests_app.views.copyright import side

_TITLES, _USES = 100, 10


@needs("see_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def what_if_page(request):
    known = sorted({*report.years(), timezone.localdate().year}, reverse=True)
    asked = request.GET.get("year", "")
    begin = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else known[0]
    form = WhatIfForm(request.POST or None, request.FILES or None, years=known,
                      initial={"year": begin if begin in known else known[0], "ours": "ours" in request.GET,
                               "typed": request.GET.get("typed", "")[:200]})
    context: dict = {"form": form}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            context |= _replayed(form)
        else:
            status = 422
    side.set_side(request, "copyright_what_if")
    return render(request, "requests_app/copyright/what_if.html", context, status=status)


def _replayed(form: WhatIfForm) -> dict:
    year, subscribed = form.cleaned_data["year"], list(form.subscribed)
    past = what_if_rows.past_of(year)
    if form.cleaned_data["ours"]:
        subscribed += what_if_rows.subscriptions(past)
    if form.cleaned_data["holdings"]:
        subscribed += what_if_rows.holdings(past)
    found = what_if.replay(
        past, form.new_rules(), as_then=form.versions, subscribed=subscribed, price=form.royalty()
    )
    titles = found.changed
    return {
        "found": found, "year": year, "calendar": report_files.calendar(year), "uses": len(past),
        "subscribed": len(subscribed), "changed": len(titles), "more": max(0, len(titles) - _TITLES),
        "figures": [(label, getattr(found.then, name), getattr(found.now, name)) for name, label in _LABELS],
        "titles": [
            {"title": row, "more": max(0, len(row.changed) - _USES),
             "changed": [(one, _said(one.use.was, one.use.ground), _said(one.now, one.ground))
                         for one in row.changed[:_USES]]}
            for row in titles[:_TITLES]
        ],
    }


_LABELS = (
    ("within", gettext_lazy("Within the limit")), ("over", gettext_lazy("Beyond the limit")),
    ("outside", gettext_lazy("Not counted")),
)


def _said(verdict: str, ground: str) -> str:
    label = str(dict(_LABELS)[verdict])
    return f"{label}: {words.GROUNDS.get(ground, ground)}" if ground else label
