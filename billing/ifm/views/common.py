"""What the pages of networks share."""

from datetime import date

from django.http import Http404
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from billing import side
from billing.history import Changed
from billing.ifm import EFTS, IFM, SYSTEMS, TITLES

HOME = {IFM: "ifm", EFTS: "efts_months"}


def form_page(
    request, form, *, heading: str, system: str, back: str, back_label: str = "", sub: str = "", save: str,
    multipart: bool = False, history: list[Changed] | None = None,
):
    set_side(request, system)
    context = {"form": form, "heading": heading, "sub": sub, "back_url": back, "multipart": multipart,
               "back_label": back_label or TITLES[system], "save": save, "history": history}
    page = "illdesk/form_back.html" if history is None else "billing/rules.html"
    return render(request, page, context, status=422 if request.method == "POST" else 200)


def set_side(request, system: str) -> None:
    side.set_side(request, "ifm" if system == IFM else "efts")


def known(system: str) -> None:
    if system not in SYSTEMS:
        raise Http404


def month_of(system: str, month: int) -> date:
    """202603 as the first of March 2026."""
    known(system)
    year, of_year = divmod(month, 100)
    if not (1990 <= year <= 2100 and 1 <= of_year <= 12):
        raise Http404
    return date(year, of_year, 1)


def address(*names: str) -> str:
    """The first of these pages that there is."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""
