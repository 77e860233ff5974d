"""Downloads of attached files. Each app says who may fetch what; to everybody else a file does not exist."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from illdesk import registry
from illdesk.errors import DeskError
from illdesk.http import signed_in_only
from illdesk.models import Attachment


@signed_in_only
@require_safe
def file(request, pk: int):
    attachment = get_object_or_404(Attachment, pk=pk)
    may_fetch = registry.MAY_FETCH.get(attachment.subject_kind)
    if may_fetch is None or not may_fetch(request.user, attachment.subject_id):
        raise Http404
    try:
        opened = attachment.file.open("rb")
    except OSError as missing:
        raise DeskError(
            _("“%(name)s” cannot be read on our side. Ask whoever looks after ILL Desk to restore it.")
            % {"name": attachment.name}
        ) from missing
    response = FileResponse(
        opened, as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
    # nosniff comes with SecurityMiddleware; a proxy or shared computer must not keep a copy.
    response["Cache-Control"] = "private, no-store"
    return response
