"""The ways back: for each step of which nobody was told, a row that leads to where it came from."""

from django.utils.translation import gettext_lazy as _

from requests_app.lifecycle.table import UNDO, Step


def ways_back(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """One row for each pair of states that an undoable step joins; `undo_to` of a request says which fits it."""
    pairs: dict[tuple[str, str], str] = {}
    for step in steps:
        if step.undoable:
            for source in step.sources:
                pairs.setdefault((step.target, source), step.permission)
    return tuple(
        Step(UNDO, (target,), source, "staff", _("Undo"), _("Goes back to where it stood. Nobody was written to."),
             permission, only="undo_to", quiet=True)
        for (target, source), permission in pairs.items()
    )
