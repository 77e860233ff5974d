"""A condition before supply: a lender's to us, or ours to a borrower; accepted, declined, or lapsed.

On the wire it is RetryPossible, and accepting it a Retry (ISO 18626 4.4); dialects say the same by a note.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer, NotAllowed
from requests_app import reasons
from requests_app.actions import Doing, does
from requests_app.actions.dialogues import answer_until, close_dialogue, days_from, newest, open_dialogue, settle_rota
from requests_app.actions.patrons import tell_patron
from requests_app.copyright import rules
from requests_app.models import Condition, Dialogue, RotaEntry

# What a library of the United States states (CONTU 3), whatever our own rules are.
STATEMENTS = rules.CODES["us-contu"]


def asked(doing: Doing) -> Condition | None:
    """The condition that is open, or was last."""
    return doing.ill.conditions.order_by("-pk").first()


@does("lender_conditional", "record_conditional", "ask_condition")
def conditional(doing: Doing) -> None:
    """`answers`: reason, loan_condition, cost (Decimal), currency, retry_after, retry_before, note."""
    ill, given = doing.ill, doing.answers
    ours = doing.step.action in ("ask_condition", "ask_compliance")
    if doing.step.by == "staff" and given.get("reason", "") not in reasons.CONDITIONS:
        raise BadAnswer(_("Choose what the condition is."), field="reason")
    cost: Decimal | None = given.get("cost")
    if ours and given.get("reason") == "cost" and cost is None:
        raise BadAnswer(_("Enter the cost."), field="cost")
    row = Condition.objects.create(
        ill=ill, dialogue=newest(doing), made=doing.now, reason=given.get("reason", "")[:60],
        loan_condition=given.get("loan_condition", "")[:60], cost=cost,
        currency=given.get("currency") or (ill.currency if cost is not None else ""),
        retry_after=given.get("retry_after"), retry_before=given.get("retry_before"),
    )
    doing.memo["condition"] = row
    doing.data["condition"] = row.pk
    doing.note("to_partner" if ours else "partner", given.get("note", ""))
    if ours:
        doing.memo["first_answer"] = ill.answered_at is None
        ill.answered_at = ill.answered_at or doing.now
    if doing.step.target.endswith(".cancelled"):  # nobody wants it any more: the condition is moot
        ill.reason, ill.cancel_asked, ill.respond_by = "cancel_granted", None, None
        _answer(doing, row, Condition.DECLINED)
        close_dialogue(doing)
        tell_patron(doing, "cancelled")
        return
    limit = days_from(doing, doing.policy.condition_days, ill.partner)
    named = row.retry_before
    ill.respond_by = named if named is not None and named > doing.now else limit
    ill.promised = None


@does("accept_condition", "retry_on_day")
def accept(doing: Doing) -> None:
    """Ask the same lender again under its condition, with the id that its system expects."""
    ill, row = doing.ill, asked(doing)
    assert ill.partner is not None
    if row is not None:
        _answer(doing, row, Condition.ACCEPTED)
        _take_over(doing, row)
    doing.memo |= {"condition": row, "previous": newest(doing)}
    doing.note("to_partner", doing.answers.get("note", ""))
    # Systems that accept by a note know of no Retry and go on with the id they have (exchange's dialects).
    if not ill.partner.retry_keeps_id and ill.partner.dialect == "plain":
        close_dialogue(doing)
        dialogue = open_dialogue(doing, ill.partner, role=Dialogue.REQUESTER)
        ill.rota.filter(state=RotaEntry.ASKED).update(dialogue=dialogue)
    ill.retry_on = None
    ill.respond_by = answer_until(doing, ill.partner)


def _take_over(doing: Doing, row: Condition) -> None:
    """What we accepted holds for the request from now on."""
    ill = doing.ill
    if row.cost is not None:
        ill.cost = row.cost
        ill.currency = row.currency or ill.currency
        ill.max_cost = max(ill.max_cost or row.cost, row.cost)
        doing.data |= {"cost": str(row.cost), "currency": ill.currency}
    kinds = {row.reason, *row.loan_condition.replace(",", " ").split()}
    if kinds & {"use_only", "LibraryUseOnly", "WatchLibraryUseOnly", "SpecCollSupervReq"}:
        ill.library_use_only = True
    if kinds & {"no_renewal", "NoRenewals", "NoRenewal"}:
        ill.no_renewals = True


@does("decline_condition", "condition_lapsed")
def decline(doing: Doing) -> None:
    row = asked(doing)
    by_clock = doing.step.by == "clock"
    if row is not None:
        _answer(doing, row, Condition.LAPSED if by_clock else Condition.DECLINED)
    doing.note("to_partner", doing.answers.get("note", ""))
    close_dialogue(doing)
    doing.ill.reason = doing.data["reason"] = "condition_lapsed" if by_clock else "condition_declined"
    settle_rota(doing, RotaEntry.DECLINED, doing.ill.reason)
    doing.ill.respond_by = doing.ill.retry_on = None


@does("retry_later")
def retry_later(doing: Doing) -> None:
    row = asked(doing)
    if row is None or row.retry_after is None or row.retry_after <= doing.now:
        raise NotAllowed(_("The lender named no later day. Accept the condition, or decline it."))
    row.answer = Condition.LATER
    row.save(update_fields=["answer"])
    doing.ill.retry_on = row.retry_after


def _answer(doing: Doing, row: Condition, answer: str) -> None:
    row.answer, row.answered = answer, doing.now
    row.save(update_fields=["answer", "answered"])


# --- ours, in lending -------------------------------------------------------------------------------


@does("borrower_accepts", "record_accepted")
def accepted(doing: Doing) -> None:
    """`answers`: note, and from a Retry: compliance, max_cost, currency, dialogue (its new id)."""
    ill, given, row = doing.ill, doing.answers, asked(doing)
    if row is not None:
        _answer(doing, row, Condition.ACCEPTED)
        if row.reason == "use_only":
            ill.library_use_only = True
        if row.reason == "no_renewal":
            ill.no_renewals = True
        if row.cost is not None:
            ill.cost, ill.currency = row.cost, row.currency or ill.currency
    if given.get("request_id") and ill.partner is not None:
        close_dialogue(doing)
        open_dialogue(doing, ill.partner, role=Dialogue.SUPPLIER, request_id=given["request_id"])
        ill.answered_at = None  # a Retry is a request of its own, and gets its first answer
    if doing.step.by != "staff":
        ill.compliance = given.get("compliance") or ill.compliance
    elif ill.lacks_compliance and (given.get("compliance") or (row is not None and row.reason == "compliance")):
        _state(doing)  # that was the condition: without it nothing is accepted
    if given.get("max_cost") is not None:
        ill.max_cost, ill.currency = given["max_cost"], given.get("currency") or ill.currency
    ill.respond_by = days_from(doing, doing.policy.answer_days, ill.partner)
    doing.note("partner", given.get("note", ""))
    doing.attend("condition_accepted")


@does("record_statement")
def stated(doing: Doing) -> None:
    """`answers`: compliance, note. As told by telephone or mail (CONTU 3)."""
    _state(doing)
    doing.note("partner", doing.answers.get("note", ""))


def _state(doing: Doing) -> None:
    code = doing.answers.get("compliance", "")
    if code not in STATEMENTS:
        raise BadAnswer(_("Choose what the library states: CCG or CCL."), field="compliance")
    doing.ill.compliance = doing.data["compliance"] = code


@does("borrower_declines", "record_declined", "condition_unanswered")
def declined(doing: Doing) -> None:
    row, by_clock = asked(doing), doing.step.by == "clock"
    if row is not None:
        _answer(doing, row, Condition.LAPSED if by_clock else Condition.DECLINED)
    doing.ill.reason = doing.data["reason"] = "condition_lapsed" if by_clock else "condition_declined"
    doing.note("partner", doing.answers.get("note", ""))
    doing.ill.respond_by = None
    close_dialogue(doing)
