"""The table's words for pages that explain it."""

from django import template

from requests_app import lifecycle

register = template.Library()


@register.inclusion_tag("illdesk/help/_states.html")
def states_of(kind: str) -> dict:
    """Every state of a kind of request with what staff look at it for."""
    states = [state for state in lifecycle.STATES.values() if state.side == kind and not state.later]
    return {"rows": [(state, state.look_for) for state in states]}


@register.inclusion_tag("illdesk/help/_states.html")
def states_for_patrons() -> dict:
    """What patrons read on their requests, each word once."""
    told: dict[str, dict] = {}
    for state in lifecycle.STATES.values():
        if state.patron_label and not state.later:
            told.setdefault(str(state.patron_label), {"label": state.patron_label, "family": state.family,
                                                      "sentence": state.patron_sentence})
    return {"rows": [(row, row["sentence"]) for row in told.values()]}
