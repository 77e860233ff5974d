"""What the local billing system tells the others: its sweep, its settings, how it fares."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.local import actions, demo, sweeps  # noqa: F401 - the clock knows them from here on
from billing.local.files import SUBJECT
from billing.local.models import LocalPart, LocalSystem
from billing.local.sftp import actions as sftp
from billing.local.sftp import status as sftp_status
from illdesk import hosts, registry, status
from illdesk.models import OutsideHost
from illdesk.pages import settings_side


def _how_it_fares(now: datetime) -> Iterator[registry.System]:
    """A few queries; nothing where we collect ourselves."""
    row = LocalSystem.current()
    if row.kind == LocalSystem.NONE:
        return
    if row.kind == LocalSystem.SFTP:
        yield sftp_status.system(row)
        return
    waiting = LocalPart.objects.filter(state=LocalPart.WAITING, attempts__gt=0).count()
    host = hosts.of(row.url)
    down = OutsideHost.objects.filter(host=host, failures__gte=hosts.DOWN_AFTER).first() if host else None
    name = _("Local billing system (%(kind)s)") % {"kind": row.get_kind_display()}
    if down is None or down.failing_since is None:
        fares = _("answers") if not waiting else _("some charges wait to be handed over")
        yield registry.System(name, "ended_ok", fares, url=reverse("local_billing"), waiting=waiting)
        return
    words = _("does not answer since %(time)s: %(why)s") % {
        "time": status.moment(down.failing_since), "why": down.why[:200].rstrip(".")}
    yield registry.System(
        name, "trouble", words, works=_("Charges are made and paid here; patrons see them."),
        later=_("What waits is handed over by itself, once each, when it answers."), url=reverse("local_billing"),
        waiting=waiting)


registry.OUTSIDE_SYSTEMS.append(_how_it_fares)
registry.MAY_FETCH[SUBJECT] = lambda user, pk: user.may("see_charges")
registry.MAY_FETCH[sftp.SUBJECT] = lambda user, pk: user.may("see_charges")
settings_side.entry("manage_money", gettext_lazy("Local billing system"), "local_billing_settings",
                    "box-arrow-up-right")
registry.DEMO_DATA.append(demo.load)
