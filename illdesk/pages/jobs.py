"""Jobs: what was started, how far it is, what worked and what did not and why."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from illdesk import jobs
from illdesk.http import signed_in_only
from illdesk.models import Job, JobItem

AT_ONCE = 20


@signed_in_only
def listing(request):
    rows = Job.objects.filter(started_by=request.user).order_by("-pk")
    if not request.user.is_desk and not rows.exists():
        raise Http404
    return render(request, "illdesk/jobs.html", {"page": Paginator(rows, 50).get_page(request.GET.get("page"))})


@signed_in_only
def job(request, pk: int):
    row = _mine(request.user, pk)
    if request.htmx and not row.is_open:  # it ended while somebody looked on: what can be done now is other buttons
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    counts = jobs.counts(row)
    # What did not work stands first: it is what somebody has to do something about.
    order = {JobItem.FAILED: 0, JobItem.WAITING: 1, JobItem.DONE: 2}
    items = sorted(row.items.order_by("pk"), key=lambda item: order[item.state]) if not row.is_open else list(
        row.items.exclude(state=JobItem.WAITING).order_by("-at", "-pk")[:50]
    )
    context = {
        "job": row, "counts": counts, "items": items, "back": _back(request, row), "now": timezone.now(),
        "left": counts.failed + counts.waiting if not row.is_open and not row.followed_by_id else 0,
    }
    return render(request, "illdesk/_job.html" if request.htmx else "illdesk/job.html", context)


@signed_in_only
@require_POST
def stop(request, pk: int):
    row = _mine(request.user, pk)
    jobs.stop(row, now=timezone.now())
    messages.info(request, _("No further part is begun. What is done stays done."))
    return redirect("job", pk)


@signed_in_only
@require_POST
def retry(request, pk: int):
    row = _mine(request.user, pk)
    if row.started_by_id != request.user.pk:
        raise Http404
    more = jobs.retry(row, by=request.user, now=timezone.now(), at_once=AT_ONCE)
    return redirect("job", more.pk)


def _mine(user, pk: int) -> Job:
    """One's own; supervisors see everybody's."""
    row = get_object_or_404(Job.objects.select_related("started_by"), pk=pk)
    if row.started_by_id != user.pk and not user.may("decide_referred"):
        raise Http404
    return row


def _back(request, row: Job) -> str:
    """Where it was started, as the job remembers it."""
    wanted = str(row.data.get("back", ""))
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours else ""
