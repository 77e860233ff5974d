"""Where royalties and waiting meet the steps of a request: owed when the copy comes, released when none does.

As `steps`, from one place: by where the request stood and where it goes.
"""

from django.utils.translation import gettext as _

from illdesk.models import Event
from requests_app import lifecycle
from requests_app.actions import WATCH, Doing, Elsewhere
from requests_app.actions.rota import wait_in_order
from requests_app.copyright import ledger, royalties, steps, waits
from requests_app.models import CopyrightDecision, Royalty

_REVIEW, _SENT = "borrowing.copyright_review", "borrowing.sent"
# That a lender says it was sent makes nobody owe anything: the copy may be lost in the mail.
_HERE = {"borrowing.received", "borrowing.delivered"}
_MARKS = (waits.FREE, waits.OVER)


def watch(doing: Doing) -> None:
    ill = doing.ill
    if doing.before.get("service") != lifecycle.COPY or not doing.was.startswith("borrowing."):
        return
    if ill.service != lifecycle.COPY:  # a loan owes no royalty
        royalties.release(ill, "loan", actor=doing.actor, now=doing.now)
        _waits_no_more(doing)
        return
    if doing.was == ill.state:
        return
    if doing.was == _REVIEW:
        _waits_no_more(doing)
    if doing.step.action == lifecycle.UNDO and ill.state == _REVIEW:
        _taken_back(doing)
    elif ill.state == _SENT and doing.was in steps.BEFORE_SENT:
        _leaves(doing)
    elif ill.state in _HERE:
        state = royalties.came(ill, ledger.of(ill), actor=doing.actor, now=doing.now)
        if state == Royalty.OWED:
            doing.data["royalty_owed"] = True
        elif state:
            doing.data["royalty_released"] = "other_ground"
    elif (why := steps.ended(doing)) and royalties.release(ill, why, actor=doing.actor, now=doing.now):
        doing.data["royalty_released"] = why


def _waits_no_more(doing: Doing) -> None:
    if doing.was == _REVIEW and waits.end(doing.ill, now=doing.now):
        doing.ill.respond_by = None
    if doing.ill.attention_why in _MARKS:
        doing.ill.attention, doing.ill.attention_why = None, ""


def _taken_back(doing: Doing) -> None:
    """The decision did not happen: its money is free again. What was written of it stays."""
    royalties.release(doing.ill, "undone", actor=doing.actor, now=doing.now)
    doing.ill.compliance, doing.ill.compliance_by = "", None
    undone = Event.objects.filter(pk=doing.data["undone"]).first() if "undone" in doing.data else None
    if undone is not None and "waited" in undone.data:  # a lender was put first; as they waited before
        wait_in_order(doing, undone.data["waited"])


def _leaves(doing: Doing) -> None:
    """The ledger says what it costs. A price that was to include the royalty is this lender's alone."""
    ill = doing.ill
    by_person = ill.compliance_by_id is not None
    use = ledger.of(ill) if by_person else None
    paid = use is not None and use.ground == royalties.WHAT
    newest = CopyrightDecision.objects.filter(ill=ill).order_by("-pk").first() if paid else None
    includes = newest is not None and newest.paid_by == CopyrightDecision.LENDER
    if paid and not includes:
        royalties.sent(ill, use)
    elif royalties.release(ill, "other_ground", actor=doing.actor, now=doing.now):
        # What a former sending might have brought is not waited for any more.
        doing.data["royalty_released"] = "other_ground"
    if includes and ill.partner is not None and not ill.partner.terms.royalty_included:
        raise Elsewhere(
            _("Nothing was sent; it is in Copyright review now. The price of %(library)s does not include the royalty, "
              "as the decision said.") % {"library": ill.partner.symbol}, action="back_to_copyright")


WATCH.append(watch)
