"""The queues column: states with open work and flags, with their counts."""

from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app import lifecycle, queries
from requests_app.registered import request_counts

FLAGS = {"attention": ("chat-left-text", lambda: _("Needs a look")), "referred": ("flag", lambda: _("Referred"))}


def set_side(request, kind: str, *, current: str = "") -> None:
    """Put the queues of this kind into the frame; `current` is a state's code or a flag's name."""
    counts = request_counts(request)
    flags = queries.flag_counts(kind)
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
            "label": label(),
            "url": reverse("queue", args=[kind, name]),
            "count": flags[name],
            "icon": icon,
            "current": name == current,
        }
        for name, (icon, label) in FLAGS.items()
    ]
    request.side = [
        {"label": lifecycle.KINDS[kind], "items": queues},
        {"label": _("Flags"), "items": marked},
    ]
