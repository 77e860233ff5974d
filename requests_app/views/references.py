"""Numbers under which other systems know a request: added and taken away by who works on it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from illdesk import actors
from illdesk.errors import BadAnswer
from illdesk.http import signed_in_only
from illdesk.pages import errors
from requests_app import access, references


@signed_in_only
@require_POST
def add(request, number: str):
    ill = access.staff_request(request.user, number)
    if not access.works_kind(request.user, ill.kind):
        return _refused(request, ill)
    try:
        added = references.enter(
            ill, request.POST.get("system", "")[:10], request.POST.get("reference", "")[:200],
            dummy="dummy" in request.POST, shared="shared" in request.POST, actor=actors.staff(request.user),
            now=timezone.now())
    except BadAnswer as refusal:
        messages.error(request, str(refusal))
    else:
        if added:
            messages.success(request, _("The number is stored with %(number)s.") % {"number": ill.number})
        else:
            messages.info(request, _("This number stood there already."))
    return redirect(ill)


@signed_in_only
@require_POST
def remove(request, number: str, pk: int):
    ill = access.staff_request(request.user, number)
    if not access.works_kind(request.user, ill.kind):
        return _refused(request, ill)
    if references.remove(ill, pk, actor=actors.staff(request.user), now=timezone.now()):
        messages.success(request, _("The number is taken away from %(number)s.") % {"number": ill.number})
    return redirect(ill)


def _refused(request, ill):
    return errors.refused(request, _("Numbers are changed by those who work on %(number)s.") % {"number": ill.number})
