"""The queues column: states with open work, flags and stations, with their counts."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app import lifecycle, queries
from requests_app.lists.queues import FLAGS
from requests_app.registered import request_counts


def set_side(request, kind: str, *, current: str = "") -> None:
    """Put the queues of this kind into the frame; `current` is a state's code, a flag's or a station's name."""
    counts = request_counts(request)
    flags = queries.flag_counts(kind, user=request.user, now=timezone.now())
    request.place = kind
    queues = [
        {
            "label": state.label,
            "url": reverse("queue", args=[kind, state.slug]),
            "count": counts.get(code, 0),
            "family": state.family,
            "current": code == current,
        }
        for code, state in lifecycle.STATES.items()
        if state.side == kind and not state.later and not state.ended
    ]
    marked = [
        {
            "label": label,
            "url": reverse("queue", args=[kind, name]),
            "count": flags.get(name, 0),
            "icon": icon,
            "current": name == current,
        }
        for name, (icon, label) in FLAGS.items()
    ]
    stations = [
        {"label": _("Receive and return"), "url": reverse("scan"), "icon": "upc-scan", "current": current == "scan",
         "count": None},
    ]
    if kind == lifecycle.BORROWING and request.user.may("work_borrowing"):
        stations.insert(0, {"label": _("New request for a patron"), "url": reverse("staff_entry"),
                            "icon": "plus-square", "current": current == "new", "count": None})
    request.side = [
        {"label": lifecycle.KINDS[kind], "items": queues},
        {"label": _("Flags"), "items": marked},
        {"label": _("Stations"), "items": stations},
    ]
