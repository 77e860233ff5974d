"""Which partner libraries' systems do not answer, for the status page: since when, why, what goes on without."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from illdesk import hosts, status
from illdesk.models import OutboxMessage
from illdesk.registry import System
from requests_app.exchange.iso18626.outbox import CHANNEL
from requests_app.models import Library

SHOWN = 50


def partners(now: datetime) -> Iterator[System]:
    """Each library with trouble; when there is none, one line that says so. Four queries at most."""
    rows = OutboxMessage.objects.filter(channel=CHANNEL, state__in=OutboxMessage.UNSETTLED)
    waiting = {
        row["partner"]: row for row in rows.values("partner").order_by().annotate(
            count=Count("pk"), oldest=Min("created"), stuck=Count("pk", filter=status.out_stuck(now))
        )
    }
    down = list(hosts.down()[:SHOWN])
    at_down = Q(pk=None)
    for row in down:
        at_down |= Q(endpoint__contains=f"//{row.host}")
    troubled = [symbol for symbol, row in waiting.items() if row["stuck"]]
    libraries = list(Library.objects.filter(at_down | Q(symbol__in=troubled))[:SHOWN])
    by_host = {row.host: row for row in down}
    told: Counter[str] = Counter()
    for library in libraries:
        host = by_host.get(hosts.of(library.endpoint))
        queue: dict = dict(waiting.get(library.symbol, {"count": 0, "stuck": 0, "oldest": None}))
        if host is None and not queue["stuck"]:
            continue
        told["trouble"] += 1
        yield _of(library, host, queue)
    known = {hosts.of(library.endpoint) for library in libraries}
    for row in down:
        if row.host not in known:
            yield _source(row)
    if not told:
        total = sum(row["count"] for row in waiting.values())
        words = _("all answer") if not total else ngettext(
            "all answer; %(n)s message is on its way", "all answer; %(n)s messages are on their way", total
        ) % {"n": total}
        yield System("ISO 18626", "ended_ok", words)


def _source(row) -> System:
    """A server that no library's messages go to: a source of verification, or a library's file server."""
    words = _("does not answer since %(time)s: %(why)s") % {
        "time": status.moment(row.failing_since), "why": row.why[:200].rstrip(".")}
    return System(
        row.host, "trouble", words, works=_("Requests can be worked on; citations are verified without it."),
        later=_("It is tried again by itself; checks that missed its answer are made again."),
    )


def _of(library: Library, host, queue: dict) -> System:
    url = reverse("library", args=[library.symbol]) + "?tab=conversation&trouble=1"
    if host is not None:
        words = _("does not answer since %(time)s: %(why)s") % {
            "time": status.moment(host.failing_since), "why": host.why[:200].rstrip(".")}
        later = _("It is tried again at %(time)s and on until it answers; then everything that waits goes by itself.")
        later = later % {"time": status.moment(host.next_probe) if host.next_probe else "—"}
    else:
        words = ngettext("%(n)s message does not leave", "%(n)s messages do not leave", queue["stuck"]) % {
            "n": queue["stuck"]}
        if queue["oldest"]:
            words = _("%(words)s, the oldest since %(time)s") % {
                "words": words, "time": status.moment(queue["oldest"])}
        later = _("What is parked stays until somebody decides: look at the reason, then send again or set aside.")
    works = _("Requests can be worked on; messages for it are kept in their order. Urgent ones go by telephone.")
    return System(
        library.name, "trouble", words, works=works, later=later, url=url, waiting=queue["count"],
        channel=CHANNEL, partner=library.symbol,
    )
