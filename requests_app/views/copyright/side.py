"""The column beside every page of copyright, and its place in the top bar."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from illdesk import exports
from illdesk.registry import Place


@dataclass(frozen=True)
class Entry:
    """A page of copyright: who sees it (a right), its name, its address by name, its icon, and its group;
    `count`: what stands beside it, asked for once a page."""

    right: str
    label: str | Promise
    name: str
    icon: str
    group: str | Promise
    count: Callable[[], int] | None = None


# In the order of the column; each room of copyright's pages puts its own in.
ENTRIES: list[Entry] = []


def set_side(request, current: str = "") -> None:
    """`current`: the name of the address that is open, or of the page it belongs to."""
    request.place = "copyright"
    groups: dict[str, list[dict]] = {}
    for entry in ENTRIES:
        if request.user.may(entry.right):
            groups.setdefault(str(entry.group), []).append({
                "label": entry.label, "url": reverse(entry.name), "icon": entry.icon, "current": entry.name == current,
                "count": entry.count() if entry.count else None,
            })
    request.side = [{"label": label, "items": items} for label, items in groups.items()]
    request.side_name = _("Copyright")


def place(request) -> Place | None:
    """Copyright in the top bar leads to the first of its pages that this person may see."""
    first = next((entry for entry in ENTRIES if request.user.may(entry.right)), None)
    if first is None:
        return None
    try:
        url = reverse(first.name)
    except NoReverseMatch:  # a frame must not fail for a missing page
        return None
    return Place(_("Copyright"), url, current=getattr(request, "place", "") == "copyright", more=True, icon="c-circle")


def download(form: str, name: str, head, rows):
    """A list as a file, as its address says: csv or xlsx."""
    write = {"csv": exports.csv, "xlsx": exports.xlsx}.get(form)
    if write is None:
        raise Http404
    return write(name, head, rows)
