"""What every page passes through, and the one door to other people's servers."""

import ipaddress
import socket
from functools import wraps
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.http import HttpResponseBadRequest
from django.utils import translation
from django.utils.translation import gettext as _

from illdesk.errors import AdapterError, DeskError


class RefuseNulBytes:
    """PostgreSQL stores no NUL. In an address it means nothing: a clear 400 instead of a failing query."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("This address holds a NUL byte. Nothing was done.", "text/plain")
        return self.get_response(request)


class ReaderLocale:
    """The reader's language: from the account, else the cookie, else the browser.

    Only for this request: what fails before it in the next one must not speak this reader's language.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = getattr(request.user, "language", "")
        if language not in dict(settings.LANGUAGES):
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE or "en")
            return response


class SignedIn:
    """Whoever is not signed in meets the sign-in page, except where a page says it is open (`@open_page`)."""

    OPEN_PREFIXES = ("/accounts/", "/static/", "/health/", "/iso18626", "/i18n/")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.path.startswith(self.OPEN_PREFIXES) or getattr(view, "open_page", False):
            return None
        if request.user.is_authenticated:
            return None
        from django.contrib.auth.views import redirect_to_login

        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


class SentencesForErrors:
    """A DeskError that no view caught is still a sentence for the person, not a failure of ours."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, DeskError):
            from illdesk.pages.errors import sentence_page

            return sentence_page(request, str(exception), status=409)
        return None


# Every view carries one of these three, so that a test can read the whole table of who may see what.
def open_page(view):
    """Mark a view that needs no sign-in."""
    view.open_page = True
    return view


def signed_in_only(view):
    """Mark a view that is for everybody who is signed in; what it shows is its own affair."""
    view.signed_in_only = True
    return view


def needs(right: str):
    """Only for people with this right; everybody else gets a page that names it."""

    def guard(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if request.user.may(right):
                return view(request, *args, **kwargs)
            from illdesk.accounts.roles import RIGHTS
            from illdesk.pages.errors import refused

            return refused(request, _("Your roles do not include “%(right)s”.") % {"right": RIGHTS[right]})

        guarded.needs = right  # type: ignore[attr-defined]
        return guarded

    return guard


def post(url: str, *, body: bytes, headers: dict[str, str], timeout: float | None = None) -> requests.Response:
    """POST to a partner's server; its address is checked, redirects are not followed.

    Raises AdapterError: not permanent for everything that may be better later.
    """
    refuse_private_address(url)
    try:
        return requests.post(
            url, data=body, headers=headers, timeout=(5, timeout or settings.OUTSIDE_TIMEOUT), allow_redirects=False
        )
    except requests.Timeout as failure:
        raise AdapterError(
            _("No answer within %(seconds)s seconds.") % {"seconds": timeout or settings.OUTSIDE_TIMEOUT},
            permanent=False,
        ) from failure
    except requests.RequestException as failure:
        raise AdapterError(_("Cannot be reached: %(why)s") % {"why": _short(failure)}, permanent=False) from failure


def refuse_private_address(url: str) -> None:
    """Partners are on the public internet; an address inside our own network would make us a tool."""
    no_address = AdapterError(_("%(url)s is not an http or https address.") % {"url": url}, permanent=True)
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as failure:
        raise no_address from failure
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise no_address
    if settings.ALLOW_PRIVATE_ADDRESSES:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, port, proto=socket.IPPROTO_TCP)
    except OSError as failure:
        raise AdapterError(
            _("The name %(host)s is not known.") % {"host": parts.hostname}, permanent=False
        ) from failure
    for entry in found:
        if not ipaddress.ip_address(entry[4][0]).is_global:
            raise AdapterError(
                _("%(host)s is an address inside a private network; partners there are refused.")
                % {"host": parts.hostname},
                permanent=True,
            )


def _short(failure: Exception) -> str:
    """The kind of failure, without addresses of memory and stack."""
    reason = getattr(failure.args[0], "reason", failure.args[0]) if failure.args else failure
    return str(reason).rpartition(": ")[2][:200] or type(failure).__name__
