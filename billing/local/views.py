"""The local billing system: what lies there, what differs, its files, its settings."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import side
from billing.charges.forms import NothingForm
from billing.charges.models import Charge
from billing.local import actions, files, systems
from billing.local.forms import AnswerFileForm, SystemForm
from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from billing.local.sftp import actions as sftp
from billing.local.sftp.forms import SftpForm
from billing.local.sftp.models import SftpArrival, SftpServer
from illdesk import actors, events
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.http import needs
from illdesk.pages import settings_side
from requests_app.models import LoanPolicy

_PROBLEMS = {
    "number": lambda: _("no number"), "state": lambda: _("a state that is not known"),
    "amount": lambda: _("an amount that cannot be read"), "unknown": lambda: _("no charge of ours"),
    "late": lambda: _("a charge that was not handed over"),
}


@needs("see_charges")
@require_safe
def local(request):
    row = LocalSystem.current()
    side.set_side(request, "local_billing")
    now = timezone.now()
    context = {
        "system": row, **_server(row), "differing": actions.differing(), "currency": LoanPolicy.current().currency,
        "waiting": LocalPart.objects.filter(state__in=[LocalPart.WAITING, LocalPart.SENDING]).select_related(
            "charge__patron").order_by("pk")[:100],
        "ready": actions.to_hand_over(row, now=now).count(),
        "there": LocalPart.objects.filter(state=LocalPart.THERE).count(),
        "in_files": LocalPart.objects.filter(state=LocalPart.IN_FILE).count(),
        "files": LocalFile.objects.select_related("by").order_by("-pk")[:20], "by_file": row.by_file,
        "answers": [{"row": one, "problems": [(line, _PROBLEMS.get(why, lambda: "")(), text)
                                              for line, why, text in one.problems[:20]]}
                    for one in LocalAnswer.objects.select_related("by").order_by("-pk")[:10]],
        "form": AnswerFileForm(), "key": uuid.uuid4(),
    }
    return render(request, "billing/local/local.html", context)


def _server(row: LocalSystem) -> dict[str, Any]:
    """How it stands with the SFTP server, where files go there; what could not be read stays in sight in any case."""
    bad = SftpArrival.objects.filter(state=SftpArrival.BAD).select_related("file").order_by("-pk")[:10]
    if row.kind != LocalSystem.SFTP:
        return {"bad": bad}
    return {
        "server": SftpServer.current(), "bad": bad, "unsent": sftp.unsent().count(),
        "lying": SftpArrival.objects.filter(state=SftpArrival.SEEN).order_by("name")[:20],
        "not_moved": SftpArrival.objects.filter(state=SftpArrival.READ, moved=None).exclude(why="").order_by("-pk")[:5],
    }


@needs("work_charges")
@require_POST
def make_file(request):
    form = NothingForm(request.POST)
    if not LocalSystem.current().by_file or not form.is_valid():
        messages.error(request, _("No file was made: nothing is handed over by files, or the page was too old."))
        return redirect("local_billing")
    now, actor = timezone.now(), actors.staff(request.user)
    actions.prepare(now=now, actor=actor)
    try:
        made = files.write(form.given_key, actor=actor, now=now)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        if made is None:
            messages.info(request, _("Nothing waits to be handed over. No file was made."))
        elif made.by_sftp:
            messages.success(request, _("%(number)s is made. It is put on the server within minutes.") % {
                "number": made.number})
        else:
            messages.success(request, _("%(number)s is made. Download it and pass it on.") % {"number": made.number})
    return redirect("local_billing")


@needs("see_charges")
@require_safe
def file(request, code: str):
    row = get_object_or_404(LocalFile, number=code)
    response = HttpResponse(files.content(row), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.number}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@needs("work_charges")
@require_POST
def answers(request):
    form = AnswerFileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("No file was chosen. Choose one, then send the form again."))
        return redirect("local_billing")
    upload = form.cleaned_data["file"]
    try:
        said = files.read(upload.name or "", upload.read(), actor=actors.staff(request.user), now=timezone.now())
    except BadAnswer as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Read: %(accepted)s accepted, %(refused)s refused, %(paid)s with payments.") % {
            "accepted": said.accepted, "refused": said.refused, "paid": said.paid})
    return redirect("local_billing")


@needs("work_charges")
@require_POST
def decide(request, pk: int, what: str):
    part = get_object_or_404(LocalPart.objects.select_related("charge__patron"), pk=pk)
    if what not in ("there", "again", "keep", "ask"):
        raise Http404
    now, actor = timezone.now(), actors.staff(request.user)
    try:
        if what == "ask":
            if part.state == LocalPart.THERE and not actions.ask(part, systems.of(LocalSystem.current()), now=now):
                messages.error(request, _("It could not be asked: the reason stands with it."))
        else:
            actions.decide(part, what, actor=actor, now=now)
            messages.success(request, _("Done."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("local_billing")


@needs("work_charges")
@require_POST
def hand_over(request, code: str):
    row = get_object_or_404(Charge.objects.select_related("patron"), number=code)
    if LocalSystem.current().kind == LocalSystem.NONE:
        messages.error(request, _("No local billing system is set: we collect ourselves."))
    elif actions.hand_over(row, actor=actors.staff(request.user), now=timezone.now()) is None:
        messages.error(request, _("This charge cannot be handed over now: it must be final, open, in no doubt, and not "
                                  "on its way already."))
    else:
        messages.success(request, _("It goes into the next file.") if LocalSystem.current().by_file
                         else _("It is in line, and handed over within minutes."))
    return redirect(row)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request):
    row = LocalSystem.current()
    kinds = dict(LocalSystem.KINDS)
    asked = request.POST.get("kind") or request.GET.get("kind") or row.kind
    kind = asked if asked in kinds else row.kind
    by_sftp = kind == LocalSystem.SFTP
    form = SftpForm(request.POST or None, instance=SftpServer.current(), system=row) if by_sftp else SystemForm(
        request.POST or None, instance=row, kind=kind)
    if request.method == "POST" and form.is_valid():
        if isinstance(form, SftpForm):
            sftp.save(form.filled(), moved=form.moved)
            row.pk, row.kind, row.after_days = 1, kind, form.cleaned_data["after_days"]
            row.save()
        else:
            form.save()
        events.record("local.settings", subject=("local_system", 1), actor=actors.staff(request.user),
                      now=timezone.now(), data={"kind": kind, "fields": sorted(form.changed_data)})
        messages.success(request, _("The local billing system is stored."))
        return redirect("local_billing_settings")
    settings_side.show(request)
    context = {"form": form, "row": LocalSystem.current(), "kinds": LocalSystem.KINDS, "kind": kind,
               "url": reverse("local_billing_settings"),
               "server": SftpServer.objects.select_related("confirmed_by").filter(pk=1).first() if by_sftp else None}
    return render(request, "billing/local/settings.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_money")
@require_POST
def test(request):
    row = LocalSystem.current()
    if row.kind in (LocalSystem.ALMA, LocalSystem.NCIP):
        actions.test(row, actor=actors.staff(request.user), now=timezone.now())
    return redirect("local_billing_settings")
