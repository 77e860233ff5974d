"""What mailboxes tell the rest of the ground floor: their sweep, their files, how their servers fare."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import clock, registry, status
from illdesk.mailboxes import actions, queries
from illdesk.mailboxes.models import Mailbox


# Not quick: other people's servers may let us wait.
@clock.register("mailboxes", label=gettext_lazy("Fetch mail"), every=120, quick=False)
def fetch_mail(*, now: datetime) -> tuple[int, int]:
    return actions.fetch_due(now=now)


def systems(now: datetime) -> Iterator[registry.System]:
    """Each mailbox that does not answer; when all do, one line that says so. Two queries."""
    rows = list(Mailbox.objects.filter(active=True))
    url = reverse("settings_mailboxes")
    down = [row for row in rows if row.failures]
    for row in down:
        since = status.moment(row.failing_since) if row.failing_since else "—"
        yield registry.System(
            row.name, "trouble", _("cannot be fetched since %(time)s: %(why)s") % {
                "time": since, "why": row.why.rstrip(".")},
            works=_("Mail stays in the mailbox; invoices can be entered by hand."),
            later=_("It is tried again at %(time)s and on; then everything comes.") % {
                "time": status.moment(row.next_try) if row.next_try else "—"}, url=url)
    if rows and not down:
        waiting = queries.waiting()
        words = _("answer") if not waiting else _("answer; mail that waits for somebody: %(n)s") % {"n": waiting}
        yield registry.System(_("Mailboxes"), "ended_ok", words, url=url)


registry.OUTSIDE_SYSTEMS.append(systems)
registry.MAY_FETCH[actions.SUBJECT] = lambda user, pk: user.may("work_payables")
