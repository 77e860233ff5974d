"""The year's report as files: paper at once while it is short, else volume by volume in a job."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from illdesk import attachments, jobs
from illdesk.models import Institution, Job, JobItem, User
from requests_app.copyright import listed, report
from requests_app.models import CopyrightUse
from requests_app.printing.copyright_report import TitlePart, YearReport, year_report

# So many uses are drawn while somebody waits (2 s); a volume of a longer year has as many.
AT_ONCE = 2000
KIND, SUBJECT = "copyright_report", "copyright_report"


def calendar(year: int) -> str:
    """What every figure of a year means."""
    return _("Calendar year %(year)s in the library's time zone (%(zone)s), by the day a request first left for a "
             "supplier.") % {"year": year, "zone": timezone.get_default_timezone_name()}


def paper(year: int, titles: Iterable[int] | None = None, *, now: datetime, volume: str = "") -> bytes:
    """Letter-size PDF. `titles`: only these, as a volume of the year."""
    ours = Institution.objects.first() or Institution(name="")
    heading = _("Copyright report %(year)s") % {"year": year}
    found = report.of_year(year)
    return year_report(YearReport(
        library=ours.name, department=getattr(ours, "department", "") or "",
        heading=f"{heading}, {volume}" if volume else heading, calendar=calendar(year),
        totals=tuple((str(label), str(figure)) for label, figure in listed.total_rows(found)),
        notes=(
            _("Titles with %(many)s copies or more are marked: whether such copying is systematic (17 USC 108(g)(2)) "
              "is watched by the library.") % {"many": report.MANY},
            _("The CONTU guidelines are no law; fair use remains possible for any number."),
        ),
        head=tuple(str(words) for words in (
            _("Request"), _("First sent on"), _("Filled on"), _("Counted as"), _("Ground"), _("Royalty"),
            _("Article"))),
        titles=_parts(year, titles),
        printed=_("Printed %(when)s. Patrons' names are never part of these records.") % {
            "when": timezone.localtime(now).strftime("%Y-%m-%d %H:%M")},
        page=_("Page {n}"), language=get_language() or "en",
    ))


def _parts(year: int, titles: Iterable[int] | None) -> Iterator[TitlePart]:
    """Titles by name, each with its uses by their day."""
    only: dict[str, Any] = {} if titles is None else {"title__in": list(titles)}
    many = {row.pk for row in report.titles(year) if row.many}
    name, said, of = "", "", 0
    uses: list[CopyrightUse] = []
    for chunk in listed.in_chunks(listed.uses(year, **only).order_by("title__name", "title_id", "asked_on", "pk")):
        numbers = listed.numbers_of(use.title_id for use in chunk)
        for use in chunk:
            if use.title_id != of and uses:
                yield _part(name, of in many, said, uses)
                uses = []
            if use.title_id != of:
                name, of, said = use.title.name, use.title_id, numbers.get(use.title_id, "")
            uses.append(use)
    if uses:
        yield _part(name, of in many, said, uses)


def _part(name: str, many: bool, numbers: str, uses: list[CopyrightUse]) -> TitlePart:
    requests = [use for use in uses if not use.corrected]  # type: ignore[attr-defined]  # annotated
    summary = _("%(requests)s sent, %(filled)s filled") % {
        "requests": len(requests), "filled": sum(1 for use in requests if use.state != use.FREED and use.filled),
    }
    parts = [numbers, summary, _("many copies of one title") if many else ""]
    return TitlePart(name, " · ".join(part for part in parts if part), tuple(_cells(use) for use in uses))


def _cells(use: CopyrightUse) -> tuple[str, ...]:
    filled = listed.day_of(use.filled)
    return (
        use.number, use.asked_on.isoformat(), filled.isoformat() if filled else "", listed.standing(use),
        listed.ground(use), listed.royalty(use), use.article,
    )


# --- long years --------------------------------------------------------------------------------------------------


def start(year: int, *, by: User, now: datetime) -> Job:
    """A volume for about AT_ONCE uses, title by title; started once however often it is clicked."""
    items = [
        jobs.Work(f"{year}-{place}", title=_("Volume %(place)s") % {"place": place}, data={"titles": titles})
        for place, titles in enumerate(_volumes(year), start=1)
    ]
    return jobs.start(
        KIND, by=by, label=_("Copyright report %(year)s as PDF") % {"year": year}, items=items, now=now, once=True,
        data={"year": year, "back": reverse("copyright_report") + f"?year={year}"},
    )


def _volumes(year: int) -> Iterator[list[int]]:
    volume: list[int] = []
    length = 0
    rows = CopyrightUse.objects.filter(year=year).values("title_id").annotate(n=Count("pk"))
    for title, count in rows.order_by("title__name", "title_id").values_list("title_id", "n").iterator():
        if volume and length + count > AT_ONCE:
            yield volume
            volume, length = [], 0
        volume.append(title)
        length += count
    if volume:
        yield volume


@jobs.before(KIND)
def draw(job: Job, item: JobItem, *, now: datetime) -> dict[str, Any]:
    """Drawn before the transaction, which others would wait for."""
    return {"drawn": paper(job.data["year"], item.data["titles"], now=now, volume=item.title)}


@jobs.kind(KIND)
def keep(job: Job, item: JobItem, *, now: datetime, drawn: bytes) -> str:
    year = job.data["year"]
    file = SimpleUploadedFile(f"copyright-{item.name}.pdf", drawn, content_type="application/pdf")
    kept = attachments.store((SUBJECT, year), file, by=job.started_by, now=now)
    JobItem.objects.filter(pk=item.pk).update(url=reverse("file", args=[kept.pk]))
    return _("Ready: open it by its number.")
