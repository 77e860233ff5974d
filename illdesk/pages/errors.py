"""Errors as pages: what happened, what was kept, what to do, a number to quote."""

import uuid

from django.http import HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from illdesk.http import open_page


def sentence_page(request, sentence: str, *, status: int):
    """A refusal in a sentence. htmx gets the note alone, everybody else a page."""
    context = {
        "heading": _("That was not possible"),
        "what": sentence,
        "kept": _("Nothing was changed."),
        "do": _("Go back to see how it stands now."),
        "home_url": request.META.get("HTTP_REFERER") or "/",
    }
    return render(request, "errors/error.html", context, status=status)


@open_page
def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


@open_page
def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


@open_page
def csrf_failure(request, reason=""):
    context = {
        "heading": _("This form is too old"),
        "what": _("You were signed out meanwhile, or your browser blocks our cookie. Nothing was changed."),
        "do": _("Go back, load the page again and send the form once more."),
        "home_url": "/",
    }
    return render(request, "errors/error.html", context, status=403)


@open_page
def not_found(request, exception=None):
    return render(request, "404.html", status=404)


@open_page
def failed(request):
    try:
        body = str(render_to_string("500.html", {"number": uuid.uuid4().hex[:8]}))
    except Exception:
        body = "Something failed on our side. Nothing you sent before is lost. Please try again."
    return HttpResponseServerError(body)


def refused(request, sentence: str) -> HttpResponse:
    """A page, or a part of one, that this person's roles do not open."""
    context = {
        "heading": _("This is not open to you"),
        "what": sentence,
        "kept": _("Nothing was changed."),
        "do": _("If you need it for your work, ask an administrator of ILL Desk to add the role."),
        "home_url": "/",
    }
    return render(request, "errors/error.html", context, status=403)
