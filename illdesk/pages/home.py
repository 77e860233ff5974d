"""The start page: patrons go to their requests, everybody else sees what waits for them."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from illdesk import registry, status
from illdesk.http import signed_in_only
from illdesk.pages.frame import address
from illdesk.registry import Card


@signed_in_only
def home(request):
    if not request.user.is_desk:
        return redirect(address("my_requests", "/my/"))
    # The work first, in the order the apps gave; the system's own troubles last.
    cards = [card for ask in (*registry.HOME_CARDS, system_card) if (card := ask(request))]
    return render(request, "illdesk/home.html", {"cards": cards})


def system_card(request) -> Card | None:
    """Only when something is stuck: a healthy system is no news."""
    if not request.user.may("see_status"):
        return None
    trouble = status.trouble()
    if not trouble:
        return None
    url = address("status", "/status/")
    return Card(
        _("System"),
        rows=[
            {"label": words, "url": url, "count": count, "family": "trouble"} for words, count in trouble
        ],
    )
