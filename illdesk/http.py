"""What every page passes through; who may see it; where its sender sits."""

from functools import cache, wraps

from django.conf import settings
from django.http import HttpResponseBadRequest
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext as _

from illdesk.errors import DeskError


@cache
def _resolved(path: str):
    """Of the few paths of StraightIn: looking one up anew is 0.08 ms of a message's 2."""
    return resolve(path)


class StraightIn:
    """What other systems post meets nothing that is made for pages and people: session, sign-in, language,
    page headers. A third of a message's time in the web process was spent there."""

    PATHS = ("/iso18626",)

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info not in self.PATHS:
            return self.get_response(request)
        view, args, kwargs = _resolved(request.path_info)
        answer = view(request, *args, **kwargs)
        # Else the answer goes in chunks, which not every system reads.
        answer.headers.setdefault("Content-Length", str(len(answer.content)))
        answer.headers["X-Content-Type-Options"] = "nosniff"  # a browser led there runs nothing of it
        return answer


class RefuseNulBytes:
    """PostgreSQL stores no NUL. In an address it means nothing: a clear 400 instead of a failing query."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest(_("This address holds a NUL byte. Nothing was done."), "text/plain")
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


def client_address(request) -> str:
    """The sender's network address: as seen by the outermost of our own proxies, or by us when there is none.

    What stands further left in X-Forwarded-For was written by the sender and is not believed.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    count = settings.TRUSTED_PROXIES
    if count and len(hops) >= count:
        return hops[-count]
    return request.META.get("REMOTE_ADDR", "")


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
