"""The two doors to a copy: a library's link, and a patron's download after sign-in. Both count and expire."""

from django.db.models import F
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from illdesk import actors, events, secrets
from illdesk.errors import DeskError
from illdesk.http import needs, open_page
from requests_app import access
from requests_app.actions.copies import current
from requests_app.models import Delivery


@open_page
@require_safe
def scan_link(request, token: str):
    """The link in our CopyCompleted. Whoever has it may fetch the file, some days and some times."""
    row = Delivery.objects.select_related("attachment", "ill").filter(token_hash=secrets.hashed(token)).first()
    if row is None:
        raise Http404
    now = timezone.now()
    if request.method == "HEAD" and row.is_open(now):
        return HttpResponse(content_type="application/pdf")
    if not _taken(row, now):
        return HttpResponse(
            _("This copy can no longer be fetched here. Ask for it again without a new request."),
            status=410, content_type="text/plain; charset=utf-8",
        )
    response = _file(row, row.ill.number)
    events.record(
        "request.scan_fetched", subject=row.ill.subject, actor=actors.Actor("partner"), now=now,
        data={"times": row.fetched + 1},
    )
    return response


@needs("ask")
@require_safe
def download(request, number: str):
    """The patron's PDF: only his or her own, while it is open."""
    ill = access.own_request(request.user, number)
    row, now = current(ill) if ill.state.endswith(".delivered") else None, timezone.now()
    if row is not None and request.method == "HEAD" and row.is_open(now):
        return HttpResponse(content_type="application/pdf")
    if row is None or not _taken(row, now):
        return render(request, "requests_app/patron/expired.html", {"ill": ill}, status=410)
    response = _file(row, ill.number)
    events.record(
        "request.downloaded", subject=ill.subject, actor=actors.patron(request.user), now=now,
        data={"times": row.fetched + 1},
    )
    return response


def _taken(row: Delivery, now) -> bool:
    """One of the times it may be fetched; two at once cannot both take the last."""
    if not row.is_open(now):
        return False
    return bool(
        Delivery.objects.filter(pk=row.pk, erased=None, until__gt=now, fetched__lt=F("most")).update(
            fetched=F("fetched") + 1
        )
    )


def _file(row: Delivery, number: str) -> FileResponse:
    assert row.attachment is not None
    try:
        opened = row.attachment.file.open("rb")
    except OSError as missing:
        Delivery.objects.filter(pk=row.pk).update(fetched=F("fetched") - 1)
        raise DeskError(
            _("The file cannot be read on our side. Write to the department; your request is safe.")
        ) from missing
    response = FileResponse(opened, as_attachment=True, filename=f"{number}.pdf", content_type="application/pdf")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
