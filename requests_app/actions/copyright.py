"""A person decides how a copy may be got: within the guidelines, paid, on another ground; or it waits, or is bought."""

from django.utils.translation import gettext as _

from illdesk import budgets
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.actions import Doing, does
from requests_app.actions.rota import is_ours, takes_requests, wait_in_order
from requests_app.copyright import clearance, collection, decision, fair_price, royalties, titles, waits, words
from requests_app.copyright.steps import keep_decision
from requests_app.models import CopyrightDecision, CopyrightTitle, Library, RotaEntry


@does("decide_copyright")
def decide_copyright(doing: Doing) -> None:
    """`answers`: compliance (a code that the rules in force know), text (the ground in words, where one is needed),
    ground (a key of `copyright.words.GROUNDS`); or royalty (`royalties.Offer`: it is paid), or lender (a library whose
    price includes it). The price was asked for before the step.

    A named person answers for it (CONTU 3, 37 CFR 201.14), in words where there is a doubt; CCG needs a place, which
    is taken when it leaves, and is no way around 108(e), (g)(1) and (i).
    """
    ill, given = doing.ill, doing.answers
    offer: royalties.Offer | None = given.get("royalty")
    lender: Library | None = given.get("lender")
    found = clearance.look(ill, now=doing.now)
    paid = offer is not None or lender is not None
    code = found.rules.outside if paid else given.get("compliance", "")
    if code not in found.rules.codes:
        raise BadAnswer(_("Choose the ground that is stated."), field="compliance")
    text = given.get("text", "").strip()
    counted = found.rules.takes_a_place(code)
    if counted and not found.has_room:
        raise BadAnswer(" ".join(str(line) for line in found.no_room), field="compliance")
    if counted and found.decision.barred:
        raise BadAnswer(" ".join([*(str(line) for line in found.decision.barred), str(words.NOT_WITHIN)]),
                        field="compliance")
    if found.rules.needs_a_reason(code) and not text and not paid:
        raise BadAnswer(_("Write the ground: you answer for it."), field="text")
    if found.decision.doubts and not text and not paid:
        raise BadAnswer(str(words.REASON_NEEDED), field="text")
    ground = "royalty" if paid else "" if counted else given.get("ground", "")
    if ground not in ("", *words.GROUNDS):
        raise BadAnswer(_("Choose the ground from the list."), field="ground")
    fair_price.refuse_without(ill, found.decision, ground)
    if offer is not None:
        try:
            row = royalties.agree(ill, offer, found, actor=doing.actor, now=doing.now)
        except budgets.NotEnough as refusal:  # another fund, or a reason, is entered in the same form
            raise BadAnswer(str(refusal), field="fund") from refusal
        doing.data |= {"royalty": row.pk, "price": str(row.price), "currency": row.currency}
    else:
        royalties.release_unless_sent(ill, "other_ground", actor=doing.actor, now=doing.now)
    if lender is not None:
        _asked_first(doing, lender)
    ill.compliance, ill.compliance_by = code, doing.actor.user
    doing.data["compliance"] = code
    doing.note("reason", text)
    keep_decision(doing, found, code=code, ground=ground, paid_by=_paid_by(offer, lender))
    if not counted:
        propose_note(doing, found)


def _paid_by(offer: royalties.Offer | None, lender: Library | None) -> str:
    if offer is not None:
        return CopyrightDecision.US
    return CopyrightDecision.LENDER if lender is not None else ""


def _asked_first(doing: Doing, lender: Library) -> None:
    """The lender whose price includes the royalty stands first; who waited before it is asked after it."""
    ill = doing.ill
    if not lender.terms.royalty_included:
        raise BadAnswer(_("The price of %(library)s does not include the royalty.") % {"library": lender},
                        field="lender")
    if is_ours(lender, doing) or not takes_requests(lender, doing):
        raise BadAnswer(_("%(library)s does not take requests now.") % {"library": lender}, field="lender")
    waiting = [row.library_id for row in ill.rota.filter(state=RotaEntry.WAITING).order_by("place")]
    wait_in_order(doing, [lender.pk, *(pk for pk in waiting if pk != lender.pk)])
    ill.partner = lender
    doing.data |= {"library": lender.pk, "waited": waiting}  # so that it can be taken back


def propose_note(doing: Doing, found: clearance.Look, kind: str = "") -> None:
    """The sixth of a title is a word to collection development, once a title and year."""
    over = found.decision.leaning == decision.OVER or (found.decision.counted and not found.has_room)
    if not over and not kind:
        return
    title = _title(doing, found)
    if title is not None:
        note = collection.propose(title, found.day.year, doing.ill.number, kind=kind, actor=doing.actor, now=doing.now)
        doing.data["collection"] = note.pk


def _title(doing: Doing, found: clearance.Look) -> CopyrightTitle | None:
    if found.title is not None:
        return titles.survivor(CopyrightTitle.objects.select_related("merged_into").get(pk=found.title.pk))
    if not found.wanted.keys and not found.wanted.name_key:
        return None
    return titles.ensure(found.wanted, None, now=doing.now)


# --- other ways out ------------------------------------------------------------------------------------------


@does("wait_for_place")
def wait_for_place(doing: Doing) -> None:
    """Until a place of the title is free (C16), the patron's day, or the next count: whatever comes first."""
    found = clearance.look(doing.ill, now=doing.now)
    if found.has_room or found.title is None:
        raise NotAllowed(_("A place is free: there is nothing to wait for."))
    begin_waiting(doing, found)
    propose_note(doing, found)


def begin_waiting(doing: Doing, found: clearance.Look) -> None:
    ill, title = doing.ill, _title(doing, found)
    assert title is not None
    royalties.release(ill, "waits", actor=doing.actor, now=doing.now)
    ill.compliance, ill.compliance_by = "", None
    row = waits.begin(ill, title, found.day.year, by=doing.actor.user, now=doing.now,
                      fixed=waits.year_is_fixed(found))
    if ill.attention_why in waits.MARKS:
        ill.attention, ill.attention_why = None, ""
    ill.respond_by = waits.moment_of(row.next_on)
    doing.data |= {"title": title.pk, "waits_until": row.next_on.isoformat()}


@does("wait_over")
def wait_over(doing: Doing) -> None:
    """The step that follows clears it where the rules leave no doubt; else somebody looks, and there is another day.
    After New Year it waits for a place of the new year, unless its year is fixed."""
    ill = doing.ill
    if waits.of(ill) is None:
        ill.respond_by = None
        return
    found = clearance.look(ill, now=doing.now)
    day = waits.next_day(ill, doing.today, fixed=waits.year_is_fixed(found))
    ill.respond_by = waits.moment_of(day)
    waits.look_again_on(ill, day, year=found.day.year, now=doing.now)
    doing.attend(waits.OVER)
    doing.data["waits_until"] = day.isoformat()


@does("other_version")
def other_version(doing: Doing) -> None:
    """`answers`: text, what could do instead."""
    doing.note("staff", doing.answers.get("text", ""))
    royalties.release(doing.ill, "other_version", actor=doing.actor, now=doing.now)


@does("buy_instead")
def buy_instead(doing: Doing) -> None:
    """`answers`: text (why, kept as a note), wait (the request waits for a place meanwhile)."""
    found = clearance.look(doing.ill, now=doing.now)
    doing.note("staff", doing.answers.get("text", ""))
    propose_note(doing, found, kind="purchase")
    if "collection" not in doing.data:
        raise NotAllowed(_("Neither a number nor a title says what could be bought. Put the citation right first."))
    if doing.answers.get("wait") and not found.has_room and found.title is not None:
        begin_waiting(doing, found)
