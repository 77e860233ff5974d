"""The mailbox of the demo: every letter that either desk sent, to whomever. Nowhere but in a demo."""

from pathlib import Path

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from illdesk import mailbox as post
from illdesk.http import open_page


# Open: the link for a forgotten password arrives here.
@open_page
@require_safe
def mailbox(request):
    if not settings.DEMO:
        raise Http404
    folder = Path(settings.MAIL_FOLDER) if settings.MAIL_FOLDER else None
    page = Paginator(post.names(folder) if folder else [], 20).get_page(request.GET.get("page"))
    mails = [mail for name in page if folder and (mail := post.read(folder, name))]
    return render(request, "illdesk/mailbox.html", {"page": page, "mails": mails})
