"""The billing office in the demo: files, of which one went and came back; and an SFTP server that nobody has set up
to the end. Nothing more goes by itself: the demo's charges are younger than the days that are set."""

from datetime import datetime, timedelta

from billing.charges import queries
from billing.charges.models import Charge
from billing.local import actions, files
from billing.local.models import LocalPart, LocalSystem
from billing.local.sftp.models import SftpServer
from illdesk import actors
from illdesk.models import User

_DAYS = 60


def load(now: datetime) -> None:
    """Once: what is there stays."""
    if LocalSystem.objects.exists():
        return
    user = User.objects.filter(username="coordinator").first()
    ready = queries.charges().filter(queries.not_in_doubt(), state=Charge.FINAL, open__gt=0, key__startswith="demo ")
    some = list(ready.exclude(patron__user__username="patron").order_by("pk")[:2])
    if user is None or not some:
        return
    LocalSystem.objects.create(pk=1, kind=LocalSystem.FILE, after_days=_DAYS)
    SftpServer.objects.get_or_create(pk=1, defaults={
        "host": "sftp.bursar.riverside.example", "user": "library", "out_folder": "from-library",
        "in_folder": "to-library", "done_folder": "to-library/read"})
    actor, at = actors.staff(user), now - timedelta(days=2)
    for charge in some:
        actions.hand_over(charge, actor=actor, now=at)
    if files.write("demo", actor=actor, now=at) is None:
        return
    lines = ["number,state,reference,paid,open,words"]
    parts = list(LocalPart.objects.filter(state=LocalPart.IN_FILE).select_related("charge").order_by("pk"))
    for part in parts[:1]:
        lines.append(f"{part.number},accepted,B-20417,,,")
    for part in parts[1:]:
        lines.append(f"{part.number},refused,,,,Card not known")
    files.read("bursar-acknowledgement.csv", "\n".join([*lines, ""]).encode(), actor=actor, now=now - timedelta(days=1))
