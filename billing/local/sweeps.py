"""What the clock does with the local billing system."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from billing.local import actions, files, systems
from billing.local.models import LocalPart, LocalSystem
from billing.local.sftp import actions as sftp
from illdesk import clock


def _would(*, now: datetime) -> int:
    row = LocalSystem.current()
    waiting = LocalPart.objects.filter(state=LocalPart.WAITING, next_try__lte=now).count()
    return actions.to_hand_over(row, now=now).count() + waiting


# Not quick: other people's servers may let us wait.
@clock.register("local_billing", label=_("Hand charges to the local billing system"), every=300, quick=False,
                dry=_would)
def exchange(*, now: datetime) -> tuple[int, int]:
    row = LocalSystem.current()
    if row.kind == LocalSystem.NONE:
        return 0, 0
    actions.prepare(now=now)
    if row.kind == LocalSystem.FILE:
        return files.exchange(row, now=now)
    if row.kind == LocalSystem.SFTP:
        return sftp.by_the_clock(now=now)
    actions.release_dead(now=now)
    system = systems.of(row)
    did = failed = 0
    for step in (actions.push_due, actions.tell_changes, actions.ask_states):
        done, bad = step(system, now=now)
        did, failed = did + done, failed + bad
    return did, failed
