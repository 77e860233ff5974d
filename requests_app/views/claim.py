"""Who works on a request: taking it up, giving it back, taking it over; and the steps, which do so by themselves."""

from functools import wraps

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from illdesk.http import signed_in_only
from requests_app import access, claims, lifecycle
from requests_app.models import ILLRequest
from requests_app.views.detail import safe_next


@signed_in_only
@require_POST
def claim(request, number: str, what: str):
    ill = access.staff_request(request.user, number)
    now = timezone.now()
    if what == "done":
        claims.release(ill, request.user)
    elif what == "over":
        other = claims.take_over(ill, request.user, now=now)
        if other is not None:
            messages.info(request, _("%(who)s is told that you took over.") % {"who": other.short_name})
    elif not claims.claim(ill, request.user, now=now):
        holder = claims.holder(ill, now)
        messages.warning(
            request,
            _("%(who)s has just begun to work here.") % {"who": holder.short_name if holder else _("A colleague")},
        )
    return redirect(safe_next(request) or ill)


def claiming(view):
    """Around the view of every step: who opens its form or takes it works on that request, as colleagues see.

    Notes and other steps aside claim nothing; a colleague's claim stands until somebody takes it over.
    """

    @wraps(view)
    def claimed(request, number: str, action: str):
        before = ILLRequest.objects.filter(number=number).first()
        step = lifecycle.find(before, action, by="staff") if before is not None else None
        if before is None or step is None or step.aside or not before.is_open or not _may(request.user, before, step):
            return view(request, number, action)
        if request.method != "POST":  # before the page is made: it shows who works here
            claims.claim(before, request.user, now=timezone.now())
        response = view(request, number, action)
        # What goes into another queue is nobody's until somebody takes it up there.
        if request.method == "POST" and step.target in ("", before.state) and response.status_code == 302:
            claims.claim(before, request.user, now=timezone.now())
        return response

    return claimed


def _may(user, ill: ILLRequest, step: lifecycle.Step) -> bool:
    return access.sees_kind(user, ill.kind) and user.may(step.permission)
