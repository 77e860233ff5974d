"""Settings of mailboxes, and the page of mail that came."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, registry
from illdesk.errors import DeskError
from illdesk.http import needs
from illdesk.mailboxes import actions, words
from illdesk.mailboxes.forms import MailboxForm
from illdesk.mailboxes.models import Mail, Mailbox
from illdesk.pages import settings_side

A_PAGE = 50
_WAITS = (Mail.NEW, Mail.WAITING, Mail.FAILED)


@needs("manage_settings")
@require_safe
def mailboxes(request):
    settings_side.show(request)
    rows = [{"row": row, "purpose": words.PURPOSES.get(row.purpose, row.purpose)} for row in Mailbox.objects.all()]
    return render(request, "illdesk/mailboxes/list.html", {"rows": rows})


@needs("manage_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox(request, pk: int = 0):
    row = get_object_or_404(Mailbox, pk=pk) if pk else Mailbox()
    name = row.name
    form = MailboxForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        saved = actions.save(form.save(commit=False), list(form.changed_data), actor=actors.staff(request.user),
                             now=timezone.now())
        messages.success(request, _("%(mailbox)s is stored. Test it once.") % {"mailbox": saved.name})
        return redirect("settings_mailbox", saved.pk)
    settings_side.show(request)
    context = {"form": form, "row": Mailbox.objects.get(pk=pk) if pk else None, "heading": name or _("Add a mailbox")}
    return render(request, "illdesk/mailboxes/mailbox.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_settings")
@require_POST
def test(request, pk: int):
    row = get_object_or_404(Mailbox, pk=pk)
    worked, said = actions.test(row, now=timezone.now())
    (messages.success if worked else messages.error)(request, said)
    return redirect("settings_mailbox", pk)


@needs("work_payables")
@require_safe
def mails(request):
    """What waits for somebody; with ?all=1 everything that came."""
    every = request.GET.get("all") == "1"
    found = Mail.objects.select_related("mailbox").defer("text")
    page = Paginator(found if every else found.filter(state__in=_WAITS), A_PAGE).get_page(request.GET.get("page"))
    _side(request)
    return render(request, "illdesk/mailboxes/mails.html", {"page": page, "rows": page, "every": every,
                                                             "any": Mailbox.objects.exists()})


@needs("work_payables")
@require_safe
def mail(request, pk: int):
    row = get_object_or_404(Mail.objects.select_related("mailbox", "raw"), pk=pk)
    _side(request)
    link = None
    if row.about_kind in registry.SUBJECT_LINKS and row.about_id:
        link = registry.SUBJECT_LINKS[row.about_kind]([row.about_id]).get(row.about_id)
    context = {
        "mail": row, "problems": [words.PROBLEMS.get(code, code) for code in row.problems], "link": link,
        "purposes": [(code, words.PURPOSES.get(code, code)) for code in registry.MAIL],
        "waits": row.state in (*_WAITS, Mail.ASIDE), "may_go_aside": row.state in _WAITS,
    }
    return render(request, "illdesk/mailboxes/mail.html", context)


@needs("work_payables")
@require_POST
def step(request, pk: int, what: str):
    row = get_object_or_404(Mail, pk=pk)
    actor, now = actors.staff(request.user), timezone.now()
    try:
        if what == "assign":
            actions.assign(row, request.POST.get("purpose", ""), actor=actor, now=now)
            messages.success(request, _("It is handed on."))
        elif what == "aside":
            actions.set_aside(row, actor=actor, now=now)
            messages.info(request, _("It is set aside and kept."))
        else:
            raise Http404
    except DeskError as refusal:
        messages.error(request, str(refusal))
        return redirect("mail", pk)
    return redirect("mails")


def _side(request) -> None:
    for place in registry.MAIL_SIDE:
        place(request)
