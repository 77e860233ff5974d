"""How the SFTP server fares, for the status page."""

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.local.models import LocalSystem
from billing.local.sftp import actions
from billing.local.sftp.models import SftpArrival, SftpServer
from illdesk import registry, status


def system(row: LocalSystem) -> registry.System:
    """Trouble: it does not answer or refuses us, its key is not confirmed, or a file cannot be put there. Three
    queries."""
    server = SftpServer.current()
    name = _("Local billing system (%(kind)s)") % {"kind": row.get_kind_display()}
    unsent = list(actions.unsent().order_by("pk")[:100])
    stuck = next((file for file in unsent if file.why), None)
    url = reverse("local_billing")
    if not server.fingerprint:
        words = _("its key is not confirmed: nothing is sent")
    elif server.failures:
        words = _("cannot be used since %(time)s: %(why)s") % {
            "time": status.moment(server.failing_since) if server.failing_since else "—",
            "why": server.why.rstrip(".")}
    elif stuck is not None:
        words = _("does not take %(number)s: %(why)s") % {"number": stuck.number, "why": stuck.why.rstrip(".")}
    else:
        bad = SftpArrival.objects.filter(state=SftpArrival.BAD).count()
        words = _("answers") if not bad else _("answers; acknowledgements that could not be read: %(n)s") % {"n": bad}
        return registry.System(name, "ended_ok", words, url=url, waiting=len(unsent))
    return registry.System(
        name, "trouble", words,
        works=_("Charges are made and paid here; files can be downloaded and acknowledgements uploaded."),
        later=_("What waits is sent by itself, once each, when it can be."), url=url, waiting=len(unsent))
