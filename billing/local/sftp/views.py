"""The SFTP server: exchanging now, its key, a trial."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from billing.local.models import LocalSystem
from billing.local.sftp import actions
from billing.local.sftp.models import SftpArrival, SftpServer
from illdesk import actors
from illdesk.errors import AdapterError, Stale
from illdesk.http import needs


@needs("work_charges")
@require_POST
def exchange(request):
    server = SftpServer.objects.filter(pk=1).first()
    if LocalSystem.current().kind != LocalSystem.SFTP or server is None:
        messages.error(request, _("Nothing was exchanged: files do not go over SFTP now."))
        return redirect("local_billing")
    done = actions.exchange(server, actor=actors.staff(request.user), now=timezone.now(), limit=actions.AT_A_PAGE)
    if done is None:
        messages.info(request, _("Files are being exchanged already. Look again in a minute."))
        return redirect("local_billing")
    for problem in done.problems[:5]:
        messages.error(request, problem)
    if not done.problems or done.sent or done.read or done.bad:
        messages.success(request, _("Files sent: %(sent)s. Acknowledgements read: %(read)s, not readable: %(bad)s.") % {
            "sent": done.sent, "read": done.read, "bad": done.bad})
    if done.waiting:
        messages.info(request, ngettext(
            "%(n)s file may still be being written; it is read at the next look, when it has not changed.",
            "%(n)s files may still be being written; they are read at the next look, when they have not changed.",
            done.waiting) % {"n": done.waiting})
    return redirect("local_billing")


@needs("work_charges")
@require_POST
def set_aside(request, pk: int):
    row = get_object_or_404(SftpArrival, pk=pk)
    try:
        actions.set_aside(row, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("It is set aside and kept."))
    except Stale as refusal:
        messages.error(request, str(refusal))
    return redirect("local_billing")


@needs("manage_money")
@require_POST
def key(request, what: str):
    server = SftpServer.objects.filter(pk=1).first()
    if server is None or what not in ("fetch", "confirm"):
        raise Http404
    now, actor = timezone.now(), actors.staff(request.user)
    try:
        if what == "fetch":
            actions.fetch_key(server, now=now)
        else:
            actions.confirm_key(server, request.POST.get("fingerprint", "")[:80], actor=actor, now=now)
            messages.success(request, _("The key is confirmed. Try it once."))
    except (AdapterError, Stale) as refusal:
        messages.error(request, str(refusal))
    return redirect("local_billing_settings")


@needs("manage_money")
@require_POST
def test(request):
    server = SftpServer.objects.filter(pk=1).first()
    if server is None:
        raise Http404
    actions.test(server, actor=actors.staff(request.user), now=timezone.now())
    return redirect("local_billing_settings")
