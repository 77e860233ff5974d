"""Where copyright meets the steps of a request: what leaves takes its place, what comes uses it, what ends frees it.

It looks at every step from one place (`actions.WATCH`), by where the request stood and where it goes: a step that
somebody adds later cannot forget it. Nobody can send a counted sixth as CCG.
"""

from django.utils.translation import gettext as _

from illdesk.errors import NotAllowed
from requests_app import lifecycle
from requests_app.actions import WATCH, Doing, Elsewhere, does
from requests_app.copyright import clearance, declarations, ledger, titles, words
from requests_app.models import CopyrightDecision

_SENT = "borrowing.sent"
# From these a request leaves; from others (conditional, finished) it is with the lender, and keeps what it has.
BEFORE_SENT = {f"borrowing.{name}" for name in (
    "submitted", "in_review", "copyright_review", "ready_to_send", "unfilled",
)}
FILLED = {"borrowing.shipped", "borrowing.received", "borrowing.delivered"}


def watch(doing: Doing) -> None:
    """Keep the ledger in step. Only copies that were ours to borrow, and only when something of that changes."""
    ill = doing.ill
    if doing.before.get("service") != lifecycle.COPY or not doing.was.startswith("borrowing."):
        return
    if ill.service != lifecycle.COPY:  # a loan is not counted and states nothing (C5, C8)
        ledger.free(ill, "loan", now=doing.now)
        ill.compliance, ill.compliance_by = "", None
        return
    if doing.was == ill.state:
        return
    if ill.state == _SENT and doing.was in BEFORE_SENT:
        leaves(doing)
    elif ill.state in FILLED:
        ledger.fill(ill, now=doing.now)
    elif (why := ended(doing)) and ledger.free(ill, why, now=doing.now):
        doing.data["freed"] = why


def ended(doing: Doing) -> str:
    """Why it needs no place any more (C5); '' while it goes on, or ended with its copy. One that was filled keeps its
    place all the same: of a bad scan nobody sent again, a copy was made."""
    if doing.ill.kind != lifecycle.BORROWING:
        return "held"
    if doing.ill.state == "borrowing.cancelled":
        return "unfilled"
    if doing.ill.state == "borrowing.finished" and doing.was in BEFORE_SENT:
        return "online"
    return ""


# --- sending ---------------------------------------------------------------------------------------------------


def leaves(doing: Doing) -> None:
    """The first sending fixes title and year; a later lender keeps the place. Decided again, in this transaction."""
    ill = doing.ill
    refuse_undeclared(doing)
    live = ledger.of(ill)
    if live is not None and _stands(doing, live):
        return
    found = clearance.look(ill, now=doing.now)
    counted = found.rules.takes_a_place(ill.compliance)
    if ill.compliance_by_id is None:
        if not found.decision.certain:
            raise Elsewhere(not_sent(found), action="back_to_copyright")
        ill.compliance = found.decision.code
        counted = found.rules.takes_a_place(ill.compliance)
    elif _decided_by_others(ill, found):
        raise Elsewhere(
            _("Nothing was sent; it is in Copyright review now. The rules changed since it was decided: decide again."),
            action="back_to_copyright")
    if counted and not found.has_room:
        raise Elsewhere(not_sent(found), action="back_to_copyright")
    title = _title(doing, found)
    if live is not None:  # what it had until another ground was chosen
        ledger.steady([live.title, title])
        ledger.free(ill, "other_ground", now=doing.now, also_filled=True)
    sending = ledger.Sending(title=title, ground=_ground(ill, found), **clearance.sending_facts(found))
    if not counted:
        use = ledger.stand_outside(ill, sending, by=ill.compliance_by, now=doing.now)
    else:
        try:
            use = ledger.hold(ill, sending, by=ill.compliance_by, now=doing.now)
        except ledger.NoPlace as full:
            fresh = clearance.look(ill, now=doing.now)  # others were faster: say how it stands now
            raise Elsewhere(not_sent(fresh), action="back_to_copyright") from full
    doing.data |= {"use": use.pk, "title": use.title_id, "counted": use.year}
    if use.place is not None:
        doing.data["place"] = use.place


def refuse_undeclared(doing: Doing) -> None:
    """C20: nothing is sent or copied before the patron signed; from now on it can be signed on the request's page."""
    if not declarations.is_due(doing.ill, doing.today):
        return
    if doing.before.get("declaration_due"):
        raise NotAllowed(declarations.missing())
    raise Elsewhere(declarations.missing(), action="miss_declaration")


def _stands(doing: Doing, live) -> bool:
    """Is what the ledger has still what was decided, so that the next supplier is asked on the same ground?"""
    ill = doing.ill
    settled, newest = ledger.settled(live), _newest(ill)
    if settled is not None and settled.freed is not None:
        anew = newest if newest is not None and newest.made > settled.freed else None
    else:
        anew = newest if newest is not None and newest.made >= live.made else None
    if live.over and anew is None:
        raise Elsewhere(
            _("Nothing was sent; it is in Copyright review now. It is beyond the limit since titles were merged: "
              "somebody says on which ground it stands."), action="back_to_copyright")
    if live.over:
        return False
    rules = clearance.rules_on(doing.today)
    counted = live.state in live.COUNTED
    if settled is not None and anew is None:
        # It was beyond the limit, and a person said on which other ground it stands: suppliers are told that.
        ill.compliance, ill.compliance_by = rules.outside, live.by
        return True
    if live.filled is not None:
        # A better scan of what came is no second use (C5): it keeps its place, or its ground.
        if rules.takes_a_place(ill.compliance) and not counted:
            ill.compliance = rules.outside
        return True
    if anew is None:  # also where the rules changed meanwhile: what was stated once stays stated
        return True
    if counted != rules.takes_a_place(ill.compliance):
        return False
    return counted or ill.compliance_by_id is None or (anew.ground or "other") == live.ground


def _newest(ill) -> CopyrightDecision | None:
    return CopyrightDecision.objects.filter(ill=ill).order_by("-pk").first()


def _decided_by_others(ill, found: clearance.Look) -> bool:
    """Was it decided by other rules than those in force now, so that its code may mean something else?"""
    newest = _newest(ill)
    return ill.compliance not in found.rules.codes or (newest is not None and newest.rules != found.rules.label)


def _title(doing: Doing, found: clearance.Look):
    first = ledger.first_of(doing.ill)
    if first is not None:
        return titles.survivor(first.title)
    return titles.ensure(found.wanted, found.title, now=doing.now)


def _ground(ill, found: clearance.Look) -> str:
    if found.rules.takes_a_place(ill.compliance):
        return ""
    if ill.compliance_by_id is None:
        return found.decision.ground
    newest = _newest(ill)
    return (newest.ground if newest else "") or "other"


def not_sent(found: clearance.Look) -> str:
    """What whoever wanted to send it reads."""
    why = found.decision.doubts
    if not found.has_room:
        why = tuple(found.no_room)
    return " ".join([_("Nothing was sent; it is in Copyright review now."), *(str(line) for line in why)])


# --- deciding --------------------------------------------------------------------------------------------------


@does("clear_copyright")
def clear_copyright(doing: Doing) -> None:
    """Where it is certain, by the rules alone: nobody's name stands with it, but the rules'."""
    found = clearance.look(doing.ill, now=doing.now)
    if not found.decision.certain:
        raise NotAllowed(" ".join(str(line) for line in found.decision.doubts) or not_sent(found))
    doing.ill.compliance, doing.ill.compliance_by = found.decision.code, None
    doing.data |= {"compliance": found.decision.code, "rules": found.rules.label}
    keep_decision(doing, found, code=found.decision.code, ground=found.decision.ground)


@does("back_to_copyright")
def back_to_copyright(doing: Doing) -> None:
    doing.ill.compliance, doing.ill.compliance_by = "", None
    doing.ill.respond_by = None


def keep_decision(doing: Doing, found: clearance.Look, *, code: str, ground: str, by=None,
                  paid_by: str = "") -> None:
    """Who decided, and what was known then. `by`: where not whoever answers for what is stated to suppliers."""
    row = CopyrightDecision.objects.create(
        ill=doing.ill, made=doing.now, by=by or doing.ill.compliance_by, code=code, ground=ground,
        paid_by=paid_by, verdict=found.decision.verdict, rules=found.rules.label,
        lines=words.stored(found.decision.lines),
        note_id=doing.data.get("note"),
    )
    doing.data["decision"] = row.pk


WATCH.append(watch)
