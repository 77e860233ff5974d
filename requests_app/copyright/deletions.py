"""Deleting a year's records in a job that somebody started: a part each five hundred rows, taken up after a stop."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from illdesk import actors, jobs
from illdesk.errors import NotAllowed
from illdesk.models import Job, JobItem, User
from requests_app.copyright import records

KIND = "copyright_deletion"


def start(year: int, *, by: User, now: datetime) -> Job:
    """Raises NotAllowed before its time, or where nothing is left."""
    row = records.begin(year, actor=actors.staff(by), now=now)
    slices = max(0, row.planned - row.rows + records.SLICE - 1) // records.SLICE
    items = [
        *(jobs.Work(f"{year}-{place}", title=_("Rows of %(year)s") % {"year": year}) for place in range(1, slices + 1)),
        jobs.Work(f"{year}-end", title=_("The end of %(year)s") % {"year": year}, data={"last": True}),
    ]
    return jobs.start(
        KIND, by=by, label=_("Delete copyright records of %(year)s") % {"year": year}, items=items, now=now, once=True,
        data={"deletion": row.pk, "back": reverse("copyright_records")},
    )


@jobs.kind(KIND)
def one_part(job: Job, item: JobItem, *, now: datetime) -> str:
    pk = job.data["deletion"]
    if not job.started_by.may("manage_copyright"):
        raise NotAllowed(_("Who started this may not delete records any more. Nothing was deleted."))
    gone = records.delete_slice(pk, now=now)
    if item.data.get("last"):
        while records.delete_slice(pk, now=now):  # what came beside the plan
            pass
        row = records.end(pk, actor=actors.staff(job.started_by), now=now)
        return _("Finished: %(rows)s rows in all; %(held)s held rows stay.") % {"rows": row.rows, "held": row.held}
    return _("%(rows)s rows deleted") % {"rows": gone}
