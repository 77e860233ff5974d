"""Appeals made and decided. While one is open nothing is asked for: no block, no letter, no collection."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.appeals import letters
from billing.appeals.days import last_day
from billing.appeals.models import Appeal
from billing.approval import rule
from billing.charges import actions as charges
from billing.charges.account import held
from billing.charges.models import Charge, ChargePolicy
from illdesk import attachments, events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import User

_LONGEST = 4000


def why_not(charge: Charge, *, now: datetime, late: bool = False) -> str:
    """Why it cannot be appealed now, in a sentence; '' when it can. `late`: staff enter one that came in time."""
    before = list(charge.appeals.order_by("level"))
    if charge.state == Charge.UNDONE:
        return _("This charge is cancelled already.")
    if charge.amount == charge.waived:
        return _("Nothing of this charge is asked for.")
    if before and before[-1].state == Appeal.OPEN:
        return _("Your appeal is being decided.")
    if len(before) == len(Appeal.LEVELS):
        return _("It was appealed twice; the second decision is final.")
    if before and before[-1].state == Appeal.GRANTED:
        return _("Your appeal was granted already.")
    last = last_day(charge, ChargePolicy.current())
    if not late and last is not None and timezone.localtime(now).date() > last:
        return _("The days to appeal are over. Write to us if something has changed.")
    return ""


def appeal(
    charge: Charge, text: str, *, key: str, actor: Actor, now: datetime, files: list[UploadedFile] | None = None,
    came: str = Appeal.PAGE, on: datetime | None = None,
) -> Appeal:
    """Once per `key`; a second appeal of the same charge is the second level. Files are looked at before anything is
    stored; a bad one is refused with the whole appeal (BadAnswer, field "files")."""
    text = text.strip()
    if len(text) < 2:
        raise BadAnswer(_("Tell us why the charge is wrong: a sentence is enough."), field="text")
    if len(text) > _LONGEST:
        raise BadAnswer(_("Please be shorter: at most %(most)s signs. You can add a file.") % {"most": _LONGEST},
                        field="text")
    there = Appeal.objects.filter(key=key).first()
    if there is not None:
        return there
    for file in files or []:
        if attachments.kind_of(file) is None:
            raise BadAnswer(_("“%(name)s” is no PDF, image, Word, Excel or text file. Nothing was sent.") % {
                "name": file.name}, field="files")
        file.seek(0)
    policy = ChargePolicy.current()
    with held(charge.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(charge.pk)
        there = Appeal.objects.filter(key=key).first()
        if there is not None:
            return there
        why = why_not(one, now=now, late=came == Appeal.PAPER)
        if why:
            raise NotAllowed(why)
        row = Appeal(
            charge=one, level=one.appeals.count() + 1, text=text, came=came, made=now, made_by=actor.user,
            due=timezone.localtime(now).date() + timedelta(days=policy.decide_days), key=key,
        )
        rows.insert(row)
        events.record("appeal.made", subject=row.subject, actor=actor, now=now,
                      data={"charge": one.pk, "level": row.level})
        for file in files or []:
            attachments.store(row.subject, file, by=actor.user, now=now)
        letters.send(row, "appeal_received", now=now)
        return row


@dataclass(frozen=True)
class Decision:
    """`outcome`: granted, partly or denied; `amount`: what is taken away, of one granted in part."""

    outcome: str
    words: str
    amount: Decimal | None = None


def not_by(row: Appeal) -> list[int | None]:
    """Who does not decide it: who charged, who made it more, who decided before, and the patron."""
    charge = row.charge
    moved = charge.moves.filter(what__in=["charged", "raised"]).values_list("by", flat=True)
    before = charge.appeals.filter(level__lt=row.level).values_list("decided_by", flat=True)
    return [charge.made_by_id, *moved, *before, charge.patron.user_id]


def decide(row: Appeal, decision: Decision, *, actor: Actor, now: datetime) -> Appeal:
    """By somebody who may and did not charge it; of the second level, not by who decided the first. The books follow:
    granted, the charge is reversed; in part, so much of it is waived. Stale where it is decided already."""
    rule.check(actor, "decide_appeals", entered_by=not_by(row), subject=row.subject, now=now)
    _checked(decision)
    with held(row.charge.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(row.charge_id)
        fresh = Appeal.objects.get(pk=row.pk)
        if fresh.state != Appeal.OPEN:
            by: User | None = fresh.decided_by
            who = by.short_name if by is not None else ""
            raise Stale(_("%(who)s has decided this appeal already. Nothing was changed.") % {"who": who})
        if one.state == Charge.UNDONE and decision.outcome != Appeal.GRANTED:
            raise NotAllowed(_("The charge was cancelled meanwhile: grant the appeal, nothing is asked for."))
        left, taken = one.amount - one.waived, Decimal(0)
        if decision.outcome == Appeal.GRANTED:
            taken = left
            if one.state != Charge.UNDONE:
                charges.take_away(mine, one, "appeal", key=f"appeal:{row.pk}")
        elif decision.outcome == Appeal.PARTLY:
            assert decision.amount is not None
            if decision.amount >= left:
                raise BadAnswer(_("The charge is %(left)s: grant it whole, or less of it.") % {"left": left},
                                field="amount")
            taken = decision.amount
            charges.waive_by_appeal(mine, one, taken, f"appeal:{row.pk}")
        if decision.outcome != Appeal.GRANTED:
            one.told = now  # the days to appeal once more begin
        Appeal.objects.filter(pk=row.pk, state=Appeal.OPEN).update(
            state=decision.outcome, amount=taken, words=decision.words.strip(), decided=now, decided_by=actor.user)
        fresh.refresh_from_db()
        fresh.charge = one
        events.record("appeal.decided", subject=row.subject, actor=actor, now=now,
                      data={"outcome": decision.outcome, "amount": str(taken), "charge": one.pk})
        letters.send(fresh, f"appeal_{decision.outcome}", now=now)
        return fresh


def _checked(decision: Decision) -> None:
    if decision.outcome not in (Appeal.GRANTED, Appeal.PARTLY, Appeal.DENIED):
        raise BadAnswer(_("Choose how it is decided."), field="outcome")
    if not decision.words.strip():
        raise BadAnswer(_("Say why: the patron reads it."), field="words")
    amount = decision.amount
    if decision.outcome == Appeal.PARTLY and (
            amount is None or amount <= 0 or amount != amount.quantize(money.CENT)):
        raise BadAnswer(_("Enter how much is taken away, to the cent."), field="amount")


def who_can(row: Appeal, *, now: datetime) -> list[User]:
    return rule.others("decide_appeals", not_by(row), day=timezone.localtime(now).date())
