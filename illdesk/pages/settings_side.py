"""The column beside every page of settings: what this person may change, from every app."""

from django.urls import reverse
from django.utils.translation import gettext as _

from illdesk import registry
from illdesk.registry import Place


def show(request) -> None:
    places = [place for ask in registry.SETTINGS if (place := ask(request))]
    items = [
        {"label": place.label, "url": place.url, "icon": place.icon, "current": request.path.startswith(place.url)}
        for place in places
    ]
    request.side = [{"label": _("Settings"), "items": items}]
    request.side_name = _("Settings")


def entry(right: str, label, name: str, icon: str) -> None:
    """Put one page of the ground floor into the column."""

    def ask(request) -> Place | None:
        return Place(label, reverse(name), icon=icon) if request.user.may(right) else None

    registry.SETTINGS.append(ask)


def place(request) -> Place | None:
    """Settings in the top bar lead to the first page that this person may change."""
    first = next((found for ask in registry.SETTINGS if (found := ask(request))), None)
    if first is None:
        return None
    # Another place of the bar may lie under the same address and says so.
    current = request.path.startswith("/settings/") and not getattr(request, "place", "")
    return Place(_("Settings"), first.url, current=current, more=True, icon="gear")
