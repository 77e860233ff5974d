"""The column beside every page of copyright, and its place in the top bar."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from illdesk.registry import Place
from requests_app.copyright import listing
from requests_app.models import CollectionNote, PlaceWait


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


_COUNTING, _BEYOND, _RECORDS, _RULES = _("Counting"), _("When no place is left"), _("Records"), _("Rules")
# In the order of the column.
ENTRIES: tuple[Entry, ...] = (
    Entry("see_copyright", _("Titles"), "copyright_titles", "journals", _COUNTING),
    Entry("see_copyright", _("Looks like the same"), "copyright_same", "arrow-left-right", _COUNTING),
    Entry("see_copyright", _("Subscriptions and orders"), "copyright_subscriptions", "collection", _COUNTING),
    Entry("see_copyright", _("Beyond the limit"), "copyright_over", "triangle-up", _BEYOND,
          count=lambda: listing.over().count()),
    Entry("see_copyright", _("Waiting for a place"), "copyright_waiting", "hourglass-split", _BEYOND,
          count=lambda: PlaceWait.objects.filter(ended=None).count()),
    Entry("see_copyright", _("Royalties"), "copyright_royalties", "c-circle", _BEYOND),
    Entry("see_copyright", _("Collection notes"), "copyright_collection", "envelope", _BEYOND,
          count=lambda: CollectionNote.objects.filter(state=CollectionNote.PROPOSED).count()),
    Entry("see_copyright", _("Year report"), "copyright_report", "graph-up", _RECORDS),
    Entry("see_copyright", _("Audit"), "copyright_audit", "check-lg", _RECORDS),
    Entry("see_copyright", _("What if"), "copyright_what_if", "arrow-left-right", _RECORDS),
    Entry("manage_copyright", _("Keeping and deleting"), "copyright_records", "clock", _RECORDS),
    Entry("see_copyright", _("Warnings and texts"), "copyright_notices", "chat-left-text", _RULES),
    Entry("manage_copyright", _("Copyright rules"), "copyright_rules", "gear", _RULES),
)


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
