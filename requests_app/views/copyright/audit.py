"""What a compliance audit asks: every copy request that was sent in a year, and whether the records agree."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from illdesk import exports
from illdesk.http import needs
from requests_app.copyright import audit, report_files
from requests_app.models import CopyrightUse, RecordDeletion
from requests_app.views.copyright import side, years

A_PAGE = 50


@needs("see_copyright")
@require_safe
def audit_page(request):
    """The list's next page begins behind the last row shown; those without a row stand on its last page."""
    year = years.of(request)
    after = _after(request)
    found = audit.findings(year)
    rows = list(audit.of_year(year, after=after, most=A_PAGE + 1))
    last = len(rows) <= A_PAGE
    behind = rows[A_PAGE - 1].use if not last else None
    strays = next(one for one in found if one.check.code == "use").count
    context = {
        "year": year, "years": years.shown(year), "calendar": report_files.calendar(year), "findings": found,
        "faults": sum(1 for one in found if one.count and one.check.fault), "rows": rows[:A_PAGE], "after": after,
        "next": behind.pk if behind else None,
        "strays": list(audit.of_no_use(year)) if last and strays else [],
        "warning": audit.warning_now(timezone.localdate()),
        "total": CopyrightUse.objects.filter(year=year).values("number").distinct().count() + strays,
        "deletions": RecordDeletion.objects.filter(year=year).select_related("by").order_by("pk"),
    }
    side.set_side(request, "copyright_audit")
    return render(request, "requests_app/copyright/audit.html", context)


def _after(request) -> int:
    asked = request.GET.get("after", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0


@needs("see_copyright")
@require_safe
def export(request, year: int, form: str):
    name = f"copyright-audit-{years.real(year)}"
    if form == "csv":
        return exports.csv(name, audit.head(), audit.rows(year))
    if form == "xlsx":
        checks = [report_files.calendar(year), _("Holds"), _("How many"), _("The first of them")]
        return exports.book(name, [
            (_("Requests"), audit.head(), audit.rows(year)), (_("Checks"), checks, audit.check_rows(year)),
        ])
    raise Http404
