"""The year's report: what was sent, filled, counted and paid; by title with each use; as lists and on paper."""

import re
from datetime import date
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from illdesk import exports
from illdesk.http import needs
from requests_app.copyright import listed, report, report_files, words
from requests_app.models import CopyrightTitle, CopyrightUse, RecordDeletion
from requests_app.views.copyright import side, years

A_PAGE, _FOLDED, _USES = 25, 12, 200
MOST_IN_A_WORKBOOK = 20_000  # each use as a line: 9 s; the list as CSV is sent while it is read


@needs("see_copyright")
@require_safe
def report_page(request):
    year = years.of(request)
    page = _page_of(request)
    rows = list(report.titles(year, skip=(page - 1) * A_PAGE, most=A_PAGE + 1))
    titles, many = report.titles_counted(year)
    found = report.of_year(year)
    context = {
        "year": year, "years": years.shown(year), "calendar": report_files.calendar(year),
        "found": found, "titles": titles, "many": many, "least_many": report.MANY,
        "rows": _title_rows(year, rows[:A_PAGE]), "page": page, "next": page + 1 if len(rows) > A_PAGE else None,
        "deletions": [(row, report.read(row.totals)) for row in _deletions(year)],
        "grounds": _named(found.outside, words.GROUNDS), "ended": _named(found.ended, report.ENDED),
    }
    side.set_side(request, "copyright_report")
    return render(request, "requests_app/copyright/report.html", context)


def _deletions(year: int):
    return RecordDeletion.objects.filter(year=year).select_related("by").order_by("pk")


def _named(counts: dict[str, int], names) -> list[tuple[str, int]]:
    return [(str(names.get(code, code) or _("without a ground")), count)
            for code, count in sorted(counts.items(), key=lambda one: -one[1])]


def _page_of(request) -> int:
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 7 and int(asked) else 1


def _title_rows(year: int, rows: list[report.TitleRow]) -> list[dict]:
    """Each title with its numbers, royalties and first uses: three queries for all of them."""
    titles = [row.pk for row in rows]
    numbers, royalties = listed.numbers_of(titles), listed.royalties_of(year, titles)
    uses: dict[int, list[CopyrightUse]] = {}
    place = Window(RowNumber(), partition_by=F("title_id"), order_by=[F("asked_on").asc(), F("pk").asc()])
    first = listed.uses(year, title__in=titles).annotate(nth=place).filter(nth__lte=_FOLDED)
    for use in first.order_by("asked_on", "pk"):
        uses.setdefault(use.title_id, []).append(use)
    return [
        {"title": row, "numbers": numbers.get(row.pk, ""), "royalties": royalties.get(row.pk, []),
         "uses": [_use(use) for use in uses.get(row.pk, [])], "more": len(uses.get(row.pk, [])) >= _FOLDED}
        for row in rows
    ]


def _use(use: CopyrightUse) -> dict[str, Any]:
    return {"use": use, "standing": listed.standing(use), "ground": listed.ground(use),
            "royalty": listed.royalty(use)}


@needs("see_copyright")
@require_safe
def title_page(request, year: int, title: int):
    """Each use of a title in a year, by its day; the next page begins behind the last row shown."""
    years.real(year)
    row = get_object_or_404(CopyrightTitle.objects.select_related("merged_into"), pk=title)
    uses = listed.uses(year, title=row)
    after = _after(request.GET.get("after", ""))
    if after is not None:
        day, pk = after
        uses = uses.filter(Q(asked_on__gt=day) | Q(asked_on=day, pk__gt=pk))
    shown = list(uses.order_by("asked_on", "pk")[: _USES + 1])
    last = shown[_USES - 1] if len(shown) > _USES else None
    context = {
        "title": row, "year": year, "numbers": listed.numbers_of([row.pk]).get(row.pk, ""),
        "calendar": report_files.calendar(year), "rows": [_use(use) for use in shown[:_USES]],
        "next": f"{last.asked_on.isoformat()}.{last.pk}" if last else None, "after": after,
    }
    side.set_side(request, "copyright_report")
    return render(request, "requests_app/copyright/report_title.html", context)


def _after(text: str) -> tuple[date, int] | None:
    """Day and key of the last row of the page before: "2026-06-10.17"."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.(\d{1,17})", text, re.ASCII)
    try:
        return (date.fromisoformat(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


@needs("see_copyright")
@require_safe
def export(request, year: int, form: str):
    name = f"copyright-{years.real(year)}"
    if form == "csv":
        return exports.csv(name, listed.use_head(), listed.use_rows(year))
    if form == "xlsx":
        return exports.book(name, [
            (_("Totals"), [report_files.calendar(year), _("Requests")], listed.total_rows(report.of_year(year))),
            (_("By title"), listed.title_head(), listed.title_rows(year)),
            (_("Uses"), listed.use_head(), _in_a_workbook(year)),
        ])
    if form == "pdf":
        if _more_than(report_files.AT_ONCE, year):
            return redirect("copyright_report_volumes", year)
        answer = HttpResponse(report_files.paper(year, now=timezone.now()), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
        return answer
    raise Http404


def _more_than(most: int, year: int) -> bool:
    return CopyrightUse.objects.filter(year=year)[: most + 1].count() > most


def _in_a_workbook(year: int):
    if _more_than(MOST_IN_A_WORKBOOK, year):
        return [[_("They are too many for a workbook: take the list as CSV, which holds them all.")]]
    return listed.use_rows(year)


@needs("see_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def volumes(request, year: int):
    """A long year on paper takes minutes: asked for here, made in a job."""
    years.real(year)
    if request.method == "POST":
        return redirect("job", report_files.start(year, by=request.user, now=timezone.now()).pk)
    if not _more_than(report_files.AT_ONCE, year):
        return redirect("copyright_report_export", year, "pdf")
    context = {"year": year, "uses": CopyrightUse.objects.filter(year=year).count(),
               "at_once": report_files.AT_ONCE, "calendar": report_files.calendar(year)}
    side.set_side(request, "copyright_report")
    return render(request, "requests_app/copyright/report_volumes.html", context)
