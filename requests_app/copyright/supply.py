"""Our own copies for our patrons: nothing is counted, and the rules for a single request hold (C11–C14, C19).

Before anything is scanned: what a person has not looked at stops the step, with the sentences that say why.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from illdesk.errors import NotAllowed
from requests_app import lifecycle
from requests_app.actions import WATCH, Doing
from requests_app.copyright import clearance
from requests_app.copyright.steps import refuse_undeclared
from requests_app.copyright.words import Line
from requests_app.models import CopyrightDecision, ILLRequest

BEFORE = ("documents.submitted", "documents.searching", "documents.scanning")
_COPIED = ("documents.scanning", "documents.delivered")


def watch(doing: Doing) -> None:
    ill = doing.ill
    if ill.service != lifecycle.COPY or doing.was not in BEFORE or ill.state not in _COPIED or doing.was == ill.state:
        return
    refuse_undeclared(doing)
    open_ones = still_open(ill, clearance.look(ill, now=doing.now).decision.doubts)
    if open_ones:
        raise NotAllowed(" ".join([
            *(str(line) for line in open_ones),
            _("Nothing was copied. Lend it instead, propose to buy it, or record why it may be copied (Copyright…)."),
        ]))


def still_open(ill: ILLRequest, doubts: Iterable[Line]) -> list[Line]:
    """Those that no person has answered for yet: a decision covers what was known when it was made."""
    doubts = list(doubts)
    if not doubts:
        return []
    by_people = CopyrightDecision.objects.filter(ill=ill, by__isnull=False).values_list("lines", flat=True)
    known = {code for lines in by_people for code, _values in lines}
    return [line for line in doubts if line.code not in known or line.code == "declaration"]


WATCH.append(watch)
