"""Conversations: what there are, one by itself, a message, read."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.batches import top
from billing.talk import actions, queries, subjects
from billing.talk.forms import MessageForm
from billing.talk.models import Thread
from illdesk import actors
from illdesk.errors import BadAnswer
from illdesk.http import needs, signed_in_only


@needs("see_budget")
@require_safe
def listing(request):
    asked = request.GET.get("waiting", "")
    waiting = asked if asked in dict(Thread.WAITING) else ""
    top.show(request, "talk")
    context = {"rows": queries.threads(request.user, waiting_for=waiting), "waiting": waiting,
               "choices": [("", _("All")), *((code, words) for code, words in Thread.WAITING if code)]}
    return render(request, "billing/talk/list.html", context)


@signed_in_only
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request, talk_kind: str, pk: int):
    """One conversation by itself; a message is posted here from every page that shows it, and leads back there."""
    _visible(request, talk_kind, pk)
    shared = subjects.office_reads(talk_kind, pk)
    form = MessageForm(request.POST or None, request.FILES or None, shared=shared,
                       initial=actions.after(request.user, queries.of_subject(talk_kind, pk)))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.say(
                (talk_kind, pk), given["text"], key=f"form:{given['key']}", waiting_for=given["waiting_for"],
                until=given["until"], files=[given["file"]] if given["file"] else [],
                actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _said(request.user, shared))
            return redirect(_back(request, talk_kind, pk))
    label, url = subjects.link_for(request.user, talk_kind, pk)
    top.show(request, "talk")
    context = {"kind": talk_kind, "pk": pk, "label": label, "form": form,
               "beside": queries.beside(request.user, talk_kind, pk),
               "url": "" if url == subjects.alone(talk_kind, pk) else url}
    return render(request, "billing/talk/thread.html", context, status=422 if request.method == "POST" else 200)


def _said(user, shared: bool) -> str:
    if not shared:
        return _("Your note is stored; your colleagues read it here.")
    if actions.side_of(user) == actions.BUDGET:
        return _("Your message is stored; interlibrary loan gets a letter that it is here.")
    if not actions.address_of(actions.BUDGET):
        return _("Your message is stored; the budget office reads it here. It has no e-mail address in the settings, "
                 "so no letter tells it.")
    return _("Your message is stored; the budget office gets a letter that it is here.")


@signed_in_only
@require_POST
def read(request, talk_kind: str, pk: int):
    _visible(request, talk_kind, pk)
    found = queries.of_subject(talk_kind, pk)
    if found is not None:
        actions.read(found, request.user, upto=queries.newest(found))
    return redirect(_back(request, talk_kind, pk))


def _visible(request, kind: str, pk: int) -> None:
    if not subjects.may(request.user, kind, pk):
        raise Http404


def _back(request, kind: str, pk: int) -> str:
    there = request.POST.get("next", "")
    if there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        return there
    return subjects.link_for(request.user, kind, pk)[1] or "/"
