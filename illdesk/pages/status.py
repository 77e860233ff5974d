"""The system status: trouble first, with its consequence and the next step. Never a letter's words."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from illdesk import actors, clock, events, inbox, machine, outbox, registry, status
from illdesk.errors import NotAllowed
from illdesk.http import needs
from illdesk.models import Handling, Heartbeat, InboxMessage, OutboxMessage

# So many messages of one system are sent again by one click.
AT_ONCE = 500


@needs("see_status")
@require_safe
def page(request):
    now = timezone.now()
    rows = status.clock_rows(now=now)
    found, count = status.stuck(now=now)
    signs, systems = status.signs(rows, now=now), status.systems(now=now)
    version = status.version_of(signs, systems, found, count)
    if "version" in request.GET:  # static/js/poll.js asks whether this is still so
        if request.GET["version"] == version:
            return HttpResponse(status=204)
        return JsonResponse({
            "text": _("Something changed since %(time)s.") % {"time": status.moment(now)}, "link": _("Look again"),
            "version": version,
        })
    context = {
        "now": now, "clock_rows": rows, "signs": signs, "systems": systems, "stuck": found, "stuck_count": count,
        "version": version, "machine": machine.facts(),
    }
    return render(request, "illdesk/status.html", context)


def _send_again(pk, *, actor, now):
    outbox.send_again(get_object_or_404(OutboxMessage, pk=pk), actor=actor, now=now)
    return _("It is sent again now.")


def _park(pk, *, actor, now):
    outbox.park(get_object_or_404(OutboxMessage, pk=pk), actor=actor, now=now)
    return _("It is parked: nothing is tried until somebody sends it again.")


def _drop(pk, *, actor, now):
    outbox.drop(get_object_or_404(OutboxMessage, pk=pk), actor=actor, now=now)
    return _("It is set aside and will not leave. What waited behind it goes on.")


def _handle_again(pk, *, actor, now):
    row = get_object_or_404(InboxMessage, pk=pk)
    if row.state != InboxMessage.PARKED:
        raise NotAllowed(_("This message was handled or set aside meanwhile. Nothing was changed."))
    if inbox.handle_again(row, actor=actor, now=now):
        return _("It is handled now.")
    return _("Our program failed on it again. It stays here; whoever looks after ILL Desk should see the log.")


def _set_aside(pk, *, actor, now):
    if not inbox.set_aside(get_object_or_404(InboxMessage, pk=pk), actor=actor, now=now):
        raise NotAllowed(_("This message was handled or set aside meanwhile. Nothing was changed."))
    return _("It is set aside. What it said stays readable at its request.")


def _work_again(pk, *, actor, now):
    if events.handle_again(get_object_or_404(Handling, pk=pk), actor=actor, now=now):
        return _("It is done now.")
    return _("It failed again. It stays here; whoever looks after ILL Desk should see the log.")


# (box, what) → what is done and recorded; returns the sentence for the person
STEPS: dict[tuple[str, str], Callable[..., str]] = {
    ("out", "again"): _send_again,
    ("out", "park"): _park,
    ("out", "drop"): _drop,
    ("in", "again"): _handle_again,
    ("in", "drop"): _set_aside,
    ("event", "again"): _work_again,
}


@needs("see_status")
@require_POST
def stuck_step(request, box: str, pk: int, what: str):
    if (box, what) not in STEPS:
        raise Http404
    now, actor = timezone.now(), actors.staff(request.user)
    with transaction.atomic():
        sentence = STEPS[box, what](pk, actor=actor, now=now)
    messages.info(request, sentence)
    return redirect("status")


@needs("see_status")
@require_POST
def send_all_again(request):
    """Everything that waits or is stuck for one system, in its order."""
    now, actor = timezone.now(), actors.staff(request.user)
    channel, partner = request.POST.get("channel", "")[:20], request.POST.get("partner", "")[:60]
    if "\x00" in channel + partner:
        raise Http404
    rows = OutboxMessage.objects.filter(
        channel=channel, partner=partner,
        state__in=[OutboxMessage.WAITING, OutboxMessage.PARKED, OutboxMessage.UNCERTAIN],
    ).order_by("pk")[:AT_ONCE]
    sent = 0
    for row in rows:
        try:
            outbox.send_again(row, actor=actor, now=now)
            sent += 1
        except NotAllowed:  # it left this moment, or somebody else decided
            continue
    if sent:
        words = ngettext("%(n)s message is sent again now.", "%(n)s messages are sent again now.", sent) % {"n": sent}
    else:
        words = _("Nothing waits there any more. Nothing was sent again.")
    messages.info(request, words)
    return redirect("status")


@needs("see_status")
@require_POST
def dry_run(request, name: str):
    """What a clock task would do now; nothing is changed."""
    task = clock.TASKS.get(name)
    if task is None or task.dry is None:
        raise Http404
    words = _("%(task)s, dry run: %(n)s would be done now. Nothing was changed.")
    messages.info(request, words % {"task": task.label, "n": task.dry(now=timezone.now())})
    return redirect("status")


@needs("see_status")
@require_POST
def run_now(request, name: str):
    if name not in clock.TASKS:
        raise Http404
    task, now = clock.TASKS[name], timezone.now()
    if not task.quick and settings.SEND_TASKS:
        from illdesk.tasks import run_clock

        run_clock.delay(name)
        messages.info(request, _("%(task)s: the worker was asked to do it now.") % {"task": task.label})
        return redirect("status")
    try:
        did, failed = clock.run(name, now=now)
    except Exception as failure:  # clock.run() has noted it; the person is told in a sentence
        words = _("%(task)s failed: %(why)s") % {"task": task.label, "why": type(failure).__name__}
        messages.error(request, words)
        return redirect("status")
    beat = Heartbeat.objects.get(name=name)
    events.record(
        "clock.run", subject=("clock", beat.pk), actor=actors.staff(request.user), now=now,
        data={"did": did, "failed": failed},
    )
    messages.info(
        request, _("%(task)s: %(did)s done, %(failed)s failed.") % {"task": task.label, "did": did, "failed": failed}
    )
    return redirect("status")


def place(request) -> registry.Place | None:
    if not request.user.may("see_status"):
        return None
    url = reverse("status")
    return registry.Place(_("Status"), url, current=request.path.startswith(url), more=True, icon="broadcast")
