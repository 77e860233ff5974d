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
    rights: tuple[str, ...] = ()  # and has one of these

    def is_for(self, user) -> bool:
        if not self.desk:
            return True
        return user.is_desk and (not self.rights or any(user.may(right) for right in self.rights))


_BORROWING, _LENDING, _DOCUMENTS = ("see_borrowing",), ("see_lending",), ("see_documents",)
PAGES = {
    page.slug: page
    for page in (
        HelpPage("patrons", gettext_lazy("Asking for something"), "book", desk=False),
        HelpPage("borrowing", gettext_lazy("Borrowing"), "arrow-left", rights=_BORROWING),
        HelpPage("lending", gettext_lazy("Lending"), "arrow-right", rights=_LENDING),
        HelpPage("documents", gettext_lazy("Document delivery"), "file-earmark-text", rights=_DOCUMENTS),
        HelpPage("verification", gettext_lazy("Verifying a citation"), "search", rights=_BORROWING + _LENDING),
        HelpPage("conditions", gettext_lazy("When a lender asks something"), "question-circle", rights=_BORROWING),
        HelpPage("dates", gettext_lazy("Due dates, renewals, recalls"), "clock", rights=_BORROWING + _LENDING),
        HelpPage("copies", gettext_lazy("Copies and copyright"), "c-circle", rights=_DOCUMENTS),
        HelpPage("books", gettext_lazy("The books"), "journals", rights=("see_books",)),
        HelpPage("library-invoices", gettext_lazy("Invoices to libraries"), "file-earmark-text",
                 rights=("see_invoices",)),
        HelpPage("batches", gettext_lazy("Batches and the budget office"), "journals",
                 rights=("see_batches", "work_payables")),
        HelpPage("charges", gettext_lazy("Charges to patrons"), "person", rights=("see_charges",)),
        HelpPage("payables", gettext_lazy("Invoices from libraries"), "file-earmark-text", rights=("see_payables",)),
        HelpPage("fees", gettext_lazy("Fee management, mail and reports"), "arrow-left-right",
                 rights=("see_payables", "see_books")),
        HelpPage("administrators", gettext_lazy("Looking after ILL Desk"), "gear",
                 rights=("manage_people", "manage_settings", "see_status")),
        HelpPage("crash", gettext_lazy("What a crash may lose"), "lightning", rights=("see_status",)),
    )
}


@signed_in_only
@require_safe
def index(request):
    """The page that fits this reader, with the others beside it."""
    first = next((one for one in PAGES.values() if one.desk and one.is_for(request.user)), PAGES["patrons"])
    return page(request, first.slug)


@signed_in_only
@require_safe
def page(request, page: str):
    found = PAGES.get(page)
    if found is None or not found.is_for(request.user):
        raise Http404
    show_side(request, current=reverse("help_page", args=[page]))
    face = "staff.html" if request.user.is_desk else "patron.html"
    return render(request, f"illdesk/help/{page}.html", {"face": face, "page": found})


def show_side(request, *, current: str) -> None:
    """The column beside every page of help."""
    if not request.user.is_desk:
        return
    items: list[dict[str, Any]] = [
        {"label": one.label, "url": reverse("help_page", args=[one.slug]), "icon": one.icon}
        for one in PAGES.values() if one.is_for(request.user)
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
