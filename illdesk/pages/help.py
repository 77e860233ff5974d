"""Help: short pages of what there is, one for each kind of reader."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from illdesk import registry
from illdesk.http import signed_in_only


@dataclass(frozen=True)
class HelpPage:
    slug: str
    label: str | Promise
    icon: str
    desk: bool = True  # only for who works at the desk


PAGES = {
    page.slug: page
    for page in (
        HelpPage("patrons", gettext_lazy("Asking for something"), "book", desk=False),
        HelpPage("borrowing", gettext_lazy("Borrowing"), "arrow-left"),
        HelpPage("lending", gettext_lazy("Lending"), "arrow-right"),
        HelpPage("administrators", gettext_lazy("Looking after ILL Desk"), "gear"),
        HelpPage("crash", gettext_lazy("What a crash may lose"), "shield"),
    )
}


@signed_in_only
@require_safe
def index(request):
    """The page that fits this reader, with the others beside it."""
    user = request.user
    if not user.is_desk:
        return page(request, "patrons")
    first = {"see_borrowing": "borrowing", "see_lending": "lending"}
    return page(request, next((slug for right, slug in first.items() if user.may(right)), "administrators"))


@signed_in_only
@require_safe
def page(request, page: str):
    found = PAGES.get(page)
    if found is None or (found.desk and not request.user.is_desk):
        raise Http404
    show_side(request, current=reverse("help_page", args=[page]))
    face = "staff.html" if request.user.is_desk else "patron.html"
    return render(request, f"illdesk/help/{page}.html", {"face": face, "page": found})


def show_side(request, *, current: str) -> None:
    """The column beside every page of help."""
    if not request.user.is_desk:
        return
    items: list[dict[str, Any]] = [
        {"label": one.label, "url": reverse("help_page", args=[one.slug]), "icon": one.icon} for one in PAGES.values()
    ]
    items += [
        {"label": place.label, "url": place.url, "icon": place.icon}
        for ask in registry.HELP
        if (place := ask(request))
    ]
    for item in items:
        item["current"] = item["url"] == current
    request.side = [{"label": _("Help"), "items": items}]
    request.side_name = _("Help")


def place(request) -> registry.Place:
    url = reverse("help")
    return registry.Place(_("Help"), url, current=request.path.startswith(url), more=True, icon="question-circle")
