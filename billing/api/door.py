"""How programs come in: by token or session, as often as allowed; every refusal is a sentence in JSON."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, parsers, renderers, status
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.utils.json import strict_constant
from rest_framework.views import APIView, exception_handler

from billing.api import tokens
from billing.approval.rule import NeedsAnother
from illdesk import actors, nested
from illdesk.accounts.roles import RIGHTS
from illdesk.errors import BadAnswer, DeskError, Stale


class ByToken(BaseAuthentication):
    """Authorization: Bearer illdesk_…"""

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() not in (b"bearer", b"token"):
            return None
        user = tokens.user_of(parts[1].decode("latin-1"), now=timezone.now()) if len(parts) == 2 else None
        if user is None:
            raise exceptions.AuthenticationFailed(_("This token is not known, or was taken back."))
        return user, None

    def authenticate_header(self, request):
        return "Bearer"


class HasRight(BasePermission):
    """The view's `right`, or that of the method where it is a dictionary."""

    def has_permission(self, request, view):
        if not request.user.is_authenticated:
            return False
        right = view.right
        if not right or request.user.may(right):
            return True
        self.message = _("Your roles do not include “%(right)s”.") % {"right": RIGHTS[right]}
        return False


class AsOftenAsAllowed(SimpleRateThrottle):
    """Of one person, or of one address where nobody is known."""

    scope = "api"

    def get_rate(self):
        return settings.API_RATE

    def get_cache_key(self, request, view):
        who = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        return f"api-rate:{who}"


class Json(parsers.BaseParser):
    """In whichever of its codings; nested no deeper than anything means (`illdesk.nested`), and
    without NaN and Infinity, which are no JSON (RFC 8259, 6)."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            return nested.loads(stream.read(), parse_constant=strict_constant)
        except ValueError as failure:
            raise exceptions.ParseError(_("This is not JSON: %(why)s") % {"why": failure}) from failure


class View(APIView):
    authentication_classes = [ByToken, SessionAuthentication]
    permission_classes = [HasRight]
    throttle_classes = [AsOftenAsAllowed]
    parser_classes = [Json]
    renderer_classes = [renderers.JSONRenderer]
    right = ""

    def get_exception_handler(self):
        return refused

    @property
    def actor(self) -> actors.Actor:
        return actors.staff(self.request.user)

    def answer(self, name: str, kind: type, *, default: Any = ...) -> Any:
        """What was sent under this name. BadAnswer where it is missing or something else."""
        data = self.request.data
        value = data.get(name, default) if isinstance(data, dict) else default
        if value is ... or not isinstance(value, kind) or isinstance(value, bool) or not storable(value):
            raise BadAnswer(_("Send “%(name)s”.") % {"name": name}, field=name)
        return value


def storable(value: Any) -> bool:
    """JSON can say what no database takes: NUL, half a surrogate, a number of a hundred digits."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    return not isinstance(value, int) or 0 <= value < 2**31


def refused(failure: Exception, context: dict) -> Response | None:
    """{"error": a sentence}, and what else is known: who could, which field."""
    if isinstance(failure, DeskError):
        said: dict[str, Any] = {"error": str(failure)}
        code = status.HTTP_409_CONFLICT
        if isinstance(failure, NeedsAnother):
            said["can"], code = failure.can, status.HTTP_403_FORBIDDEN
        elif isinstance(failure, BadAnswer):
            said["field"], code = failure.field, status.HTTP_422_UNPROCESSABLE_ENTITY
        elif isinstance(failure, Stale):
            said["stale"] = True
        return Response(said, status=code)
    found = exception_handler(failure, context)
    if found is not None:
        detail = getattr(failure, "detail", None) or _("There is nothing under this address.")
        found.data = {"error": str(detail)}
    return found
