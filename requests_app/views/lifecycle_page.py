"""Help: what can happen to a request, drawn from the lifecycle table itself."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from illdesk.http import signed_in_only
from illdesk.pages import help
from illdesk.registry import Place
from requests_app import diagram, lifecycle


@signed_in_only
@require_safe
def page(request):
    if not request.user.is_desk:
        raise Http404  # patrons read plain words on their own page
    help.show_side(request, current=reverse("help_lifecycle"))
    sides = [
        {"name": lifecycle.KINDS[side], "code": side, "picture": diagram.picture(side), "rows": diagram.rows(side)}
        for side in diagram.sides()
    ]
    return render(request, "requests_app/lifecycle.html", {"sides": sides, "who": diagram.WHO.values()})


def place(request) -> Place:
    return Place(_("From step to step"), reverse("help_lifecycle"), icon="arrow-left-right")
