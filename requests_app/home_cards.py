"""What waits in each kind of work, for the start page: queues that hold work, and what needs a look."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk.pages.frame import address
from illdesk.registry import Card
from requests_app import access, lifecycle, queries
from requests_app.copyright import records


def work_card(kind: str, counts_of):
    """A card with the queues of this kind that hold work, in the order of the work."""

    def card(request) -> Card | None:
        if not access.sees_kind(request.user, kind) or not lifecycle.open_states(kind):
            return None
        counts = counts_of(request)
        rows = [
            {
                "label": state.label,
                "url": queue_url(kind, state.slug),
                "count": counts[code],
                "family": state.family,
            }
            for code in lifecycle.open_states(kind)
            if counts.get(code) and (state := lifecycle.STATES[code])
        ]
        if kind == lifecycle.BORROWING and request.user.may("work_borrowing"):
            rows.append({"label": _("New request for a patron"), "url": reverse("staff_entry"), "icon": "plus-square"})
        return Card(lifecycle.KINDS[kind], rows, _("Nothing is open here. New requests appear by themselves."))

    return card


_FLAGS = (
    ("attention", gettext_lazy("%(kind)s: something came in"), "chat-left-text"),
    ("referred", gettext_lazy("%(kind)s: referred"), "flag"),
)


def look_card(request) -> Card | None:
    """What a person must look at, whatever its state; only where there is something."""
    rows = []
    for kind in access.kinds_seen(request.user):
        if not lifecycle.open_states(kind):
            continue
        counts = queries.flag_counts(kind)
        for flag, words, icon in _FLAGS:
            if counts[flag]:
                rows.append(
                    {
                        "label": words % {"kind": lifecycle.KINDS[kind]},
                        "url": queue_url(kind, flag),
                        "count": counts[flag],
                        "icon": icon,
                    }
                )
    return Card(_("Needs a look"), rows) if rows else None


def records_card(request) -> Card | None:
    """Copyright records whose time of keeping is over, for who may start their deletion."""
    if not request.user.may("manage_copyright"):
        return None
    rows = [
        {"label": _("Records of %(year)s may be deleted") % {"year": year}, "icon": "c-circle",
         "url": address("copyright_records_year", f"/copyright/records/{year}/", year)}
        for year in records.deletable_years(timezone.localdate())
    ]
    return Card(_("Copyright"), rows) if rows else None


def queue_url(kind: str, queue: str) -> str:
    return address("queue", f"/{kind}/{queue}/", kind, queue)
