"""Who may fetch what. A stranger gets 404: not even that a number exists is told."""

from django.http import Http404

from illdesk.models import User
from requests_app import lifecycle
from requests_app.models import ILLRequest

RELATED = ("citation", "patron", "patron__user", "partner", "branch", "compliance_by")


def sees_kind(user: User, kind: str) -> bool:
    return user.may(f"see_{kind}")


def works_kind(user: User, kind: str) -> bool:
    return user.may(f"work_{kind}")


def kinds_seen(user: User) -> list[str]:
    return [kind for kind in lifecycle.KINDS if sees_kind(user, kind)]


def request_for(user: User, number: str) -> ILLRequest:
    """The request, for staff who see its kind or for the patron it belongs to; else 404."""
    ill = ILLRequest.objects.select_related(*RELATED).filter(number=number).first()
    if ill is None or not (sees_kind(user, ill.kind) or is_own(user, ill)):
        raise Http404
    return ill


def staff_request(user: User, number: str) -> ILLRequest:
    ill = request_for(user, number)
    if not sees_kind(user, ill.kind):
        raise Http404
    return ill


def own_request(user: User, number: str) -> ILLRequest:
    ill = request_for(user, number)
    if not is_own(user, ill):
        raise Http404
    return ill


def is_own(user: User, ill: ILLRequest) -> bool:
    return user.is_authenticated and ill.patron is not None and ill.patron.user_id == user.pk


def may_fetch_files(user: User, request_pk: int) -> bool:
    """Files of a request: staff of its kind. What a patron may download has its own door."""
    ill = ILLRequest.objects.filter(pk=request_pk).only("kind").first()
    return ill is not None and sees_kind(user, ill.kind)
