"""What staff see of a copy request's copyright: before it is sent what remains for the title, then what was counted."""

from django.utils import timezone

from requests_app import lifecycle
from requests_app.copyright import clearance, places, words
from requests_app.models import CopyrightDecision, CopyrightUse, ILLRequest

_BEFORE = {f"borrowing.{name}" for name in (
    "submitted", "in_review", "copyright_review", "ready_to_send", "unfilled",
)}


def has_one(ill: ILLRequest, user) -> bool:
    """Only what we obtain is counted (C19)."""
    return ill.kind == lifecycle.BORROWING and ill.service == lifecycle.COPY and user.may("see_copyright")


def context_for(ill: ILLRequest, user, tab: str) -> dict:
    """`places` where it can still leave; on its own tab also the decision, the uses and what was decided."""
    if not has_one(ill, user):
        return {}
    before = ill.state in _BEFORE
    found: dict = {"has_tab": True}
    if before and tab in ("facts", "copyright", "lenders"):
        look = clearance.look(ill, now=timezone.now())
        found["places"] = places.of_look(look)
        if tab == "copyright":
            found["look"] = look
    if tab == "copyright":
        found["uses"] = list(CopyrightUse.objects.filter(ill=ill).select_related("title", "by").order_by("-pk"))
        found["decided"] = [
            {"row": row, "lines": words.shown(row.lines), "ground": words.GROUNDS.get(row.ground, row.ground)}
            for row in CopyrightDecision.objects.filter(ill=ill).select_related("by", "note").order_by("-pk")[:20]
        ]
    return found
