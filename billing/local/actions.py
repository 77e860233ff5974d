"""Handing charges over, and keeping both sides alike. What is outside is asked before a transaction or told after it.

A part is claimed by a conditional update, handed over, and settled in a transaction of its own, which also moves the
money in the books from the patron to the local billing system. A part whose sender died is sent again, and before that
the other side is asked whether it is there.
"""

import logging
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from billing.charges import payments, queries
from billing.charges.account import NOTHING, held
from billing.charges.models import Charge
from billing.local import systems
from billing.local.models import LocalPart, LocalSystem
from billing.local.system import CannotTell, Known, Placed, System, There, ToCollect
from illdesk import crash, events, rows
from illdesk.actors import CLOCK, Actor
from illdesk.errors import AdapterError, NotAllowed
from requests_app.models import LoanPolicy

log = logging.getLogger(__name__)
_MOST = 200
# Seconds to the next try.
RETRY_AFTER = (60, 300, 900, 3600, 7200, 14400, 28800)
# How often the other side is asked how a charge stands there.
ASK_EVERY = timedelta(hours=12)


def to_hand_over(row: LocalSystem, *, now: datetime) -> QuerySet[Charge]:
    """Final charges of some days with something open that is not handed over, in no doubt, and not on their way."""
    if row.kind == LocalSystem.NONE:
        return Charge.objects.none()
    on_its_way = LocalPart.objects.filter(state__in=LocalPart.UNDECIDED).values("charge")
    return queries.charges().filter(
        queries.not_in_doubt(), state=Charge.FINAL, open__gt=F("handed"),
        told__lte=now - timedelta(days=row.after_days),
    ).exclude(pk__in=on_its_way).order_by("pk")


def prepare(*, now: datetime, actor: Actor = CLOCK) -> int:
    """Make the parts that are to be handed over; how many."""
    done = 0
    for charge in to_hand_over(LocalSystem.current(), now=now)[:_MOST]:
        done += hand_over(charge, actor=actor, now=now) is not None
    return done


def hand_over(charge: Charge, *, actor: Actor, now: datetime) -> LocalPart | None:
    """Put a charge in line, also earlier than the rules say; None where nothing of it can be handed over now."""
    with held(charge.patron_id, actor=actor, now=now) as mine:
        one = mine.charge(charge.pk)
        if not may_go(one):
            return None
        row = LocalPart(charge=one, part=one.local_parts.count() + 1, amount=one.here, next_try=now, made=now)
        if not rows.insert(row, unless_there=True):
            return None
        events.record("local.queued", subject=one.subject, actor=actor, now=now, data={"amount": str(row.amount)})
        return row


def may_go(one: Charge) -> bool:
    certain = queries.charges().filter(queries.not_in_doubt(), pk=one.pk).exists()
    return certain and one.state == Charge.FINAL and one.here > 0


# --- handing over --------------------------------------------------------------------------------------------


def release_dead(*, now: datetime) -> int:
    """Parts whose sender died: they are looked for there before they are sent again."""
    return LocalPart.objects.filter(state=LocalPart.SENDING, claimed__lt=now - LocalPart.CLAIM_EXPIRES).update(
        state=LocalPart.WAITING, next_try=now)


def push_due(system: System, *, now: datetime) -> tuple[int, int]:
    done = failed = 0
    due = LocalPart.objects.filter(state=LocalPart.WAITING, next_try__lte=now).order_by("pk")
    for part in due.select_related("charge__patron", "charge__ill")[:_MOST]:
        went = push(part, system, now=now)
        done, failed = done + (went is True), failed + (went is False)
        crash.point("sweep.between")
    return done, failed


def push(part: LocalPart, system: System, *, now: datetime) -> bool | None:
    """True: it is there. False: not yet, or refused. None: it was not its turn, or nothing of it is to go any more."""
    mine = LocalPart.objects.filter(pk=part.pk, state=LocalPart.WAITING, attempts=part.attempts)
    if not mine.update(state=LocalPart.SENDING, claimed=now, attempts=F("attempts") + 1):
        return None
    part.refresh_from_db()
    charge = Charge.objects.select_related("patron", "ill").get(pk=part.charge_id)
    again = part.attempts > 1
    if not again:
        if not may_go(charge):  # paid or appealed since it was put in line; nobody was told of it
            _claimed(part).update(state=LocalPart.ENDED)
            return None
        if part.amount != charge.here:
            part.amount = charge.here
            _claimed(part).update(amount=part.amount)
    try:
        asked = _to_collect(part, charge)
        placed = system.find(asked) if again else None
        if placed is None:
            if again and not may_go(charge):
                _claimed(part).update(state=LocalPart.ENDED, last_error="")
                return None
            placed = system.push(asked)
    except AdapterError as failure:
        _failed(part, str(failure), permanent=failure.permanent, now=now)
        return False
    except CannotTell as failure:
        _claimed(part).update(state=LocalPart.UNCERTAIN, last_error=str(failure)[:300])
        return False
    except Exception as failure:
        log.exception("charge part %s", part.pk)
        _failed(part, type(failure).__name__, permanent=False, now=now)
        return False
    crash.point("outbox.answered")
    return settle(part, placed, now=now)


def settle(part: LocalPart, placed: Placed, *, actor: Actor = CLOCK, now: datetime) -> bool:
    """It is there: the books follow. What became less meanwhile is taken off there afterwards."""
    with held(part.charge.patron_id, actor=actor, now=now) as mine:
        changed = LocalPart.objects.filter(pk=part.pk, state__in=[
            LocalPart.SENDING, LocalPart.IN_FILE, LocalPart.UNCERTAIN, LocalPart.WAITING, LocalPart.REFUSED,
        ]).update(state=LocalPart.THERE, reference=placed.reference[:100], pushed=now, last_error="",
                  amount=placed.amount, there_open=placed.amount, asked=now)
        if not changed:
            return False
        one = mine.charge(part.charge_id)
        mine.move("handed", min(placed.amount, one.here), f"handed:{part.pk}", charge=one)
        events.record("local.handed", subject=one.subject, actor=actor, now=now, data={"amount": str(placed.amount)})
        return True


def _claimed(part: LocalPart) -> QuerySet[LocalPart]:
    return LocalPart.objects.filter(pk=part.pk, state=LocalPart.SENDING, claimed=part.claimed)


def _failed(part: LocalPart, why: str, *, permanent: bool, now: datetime) -> None:
    wait = RETRY_AFTER[min(part.attempts, len(RETRY_AFTER)) - 1]
    _claimed(part).update(
        state=LocalPart.REFUSED if permanent else LocalPart.WAITING, last_error=why[:300],
        next_try=now + timedelta(seconds=wait))


def _to_collect(part: LocalPart, charge: Charge) -> ToCollect:
    return ToCollect(part.number, charge.patron.card, part.amount, LoanPolicy.current().currency, charge.kind,
                     charge.day, charge.ill.number if charge.ill else "")


def known(part: LocalPart) -> Known:
    return Known(part.number, part.charge.patron.card, part.reference, LoanPolicy.current().currency)


# --- telling what changed ------------------------------------------------------------------------------------


def wanted(parts: list[LocalPart], handed: Decimal) -> dict[int, Decimal]:
    """What each part of a charge should still collect there: the first parts first."""
    found, left = {}, handed
    for part in sorted(parts, key=lambda one: one.part):
        found[part.pk] = min(max(part.expected, NOTHING), left)
        left -= found[part.pk]
    return found


def tell_changes(system: System, *, now: datetime) -> tuple[int, int]:
    """What was paid or waived with us is taken off there; what is appealed is told, and when that is over."""
    done = failed = 0
    for part, less, dispute in changes():
        try:
            _tell(part, system, less, dispute)
            done += 1
        except AdapterError as failure:
            LocalPart.objects.filter(pk=part.pk).update(last_error=str(failure)[:300])
            failed += 1
        crash.point("sweep.between")
    return done, failed


def changes() -> list[tuple[LocalPart, Decimal, bool]]:
    """Parts that are there and should be told something: how much less, and whether it is in dispute now."""
    rows = LocalPart.objects.filter(state=LocalPart.THERE).select_related("charge__patron", "charge__ill")
    changed = rows.filter(Q(amount__gt=F("off") + F("paid")) | Q(disputed=True)).order_by("charge", "part")
    by_charge: dict[int, list[LocalPart]] = {}
    for part in changed:
        by_charge.setdefault(part.charge_id, []).append(part)
    certain = set(queries.charges().filter(queries.not_in_doubt(), pk__in=by_charge).values_list("pk", flat=True))
    found = []
    for pk, parts in by_charge.items():
        keep = wanted(parts, parts[0].charge.handed)
        for part in parts:
            less = part.expected - keep[part.pk]
            dispute = pk not in certain and keep[part.pk] > 0
            if less > 0 or dispute != part.disputed:
                found.append((part, less, dispute))
    return found


def _tell(part: LocalPart, system: System, less: Decimal, dispute: bool) -> None:
    if less > 0:
        # Paid to us, or waived: of what went off last.
        paid = part.charge.moves.filter(what__in=["paid", "credit_used"], undone_by=None).exists()
        system.take_off(known(part), less, left=part.expected - less, paid=paid)
        left = None if part.there_open is None else max(part.there_open - less, NOTHING)
        LocalPart.objects.filter(pk=part.pk, off=part.off).update(off=part.off + less, there_open=left, last_error="")
    if dispute != part.disputed:
        (system.dispute if dispute else system.restore)(known(part))
        LocalPart.objects.filter(pk=part.pk, disputed=part.disputed).update(disputed=dispute, last_error="")


# --- asking how it stands ------------------------------------------------------------------------------------


def ask_states(system: System, *, now: datetime) -> tuple[int, int]:
    done = failed = 0
    due = LocalPart.objects.filter(state=LocalPart.THERE).filter(Q(asked=None) | Q(asked__lte=now - ASK_EVERY))
    for part in due.select_related("charge__patron", "charge__ill").order_by("asked", "pk")[:_MOST]:
        went = ask(part, system, now=now)
        done, failed = done + went, failed + (not went)
        crash.point("sweep.between")
    return done, failed


def ask(part: LocalPart, system: System, *, now: datetime) -> bool:
    """How it stands there; what was paid there is entered."""
    try:
        said = system.state([known(part)])
    except (AdapterError, CannotTell) as failure:
        LocalPart.objects.filter(pk=part.pk).update(asked=now, last_error=str(failure)[:300])
        return False
    hear(part, said[0] if said else There(part.number, None, None, _("not found")), now=now)
    return True


def hear(part: LocalPart, said: There, *, actor: Actor = CLOCK, now: datetime) -> Decimal:
    """Take in what the other side says of a part; what of it is newly paid. Heard twice it counts once."""
    LocalPart.objects.filter(pk=part.pk).update(
        there_open=said.open, there_state=said.state[:40], asked=now, last_error="")
    more = (said.paid or NOTHING) - part.paid
    if said.paid is None or more <= 0:
        return NOTHING
    # One receipt for each sum that they ever said: said again, the key is taken.
    new = payments.paid_there(f"local:{part.pk}:{said.paid}", part.charge, more, actor=actor, now=now,
                              reference=part.reference)
    LocalPart.objects.filter(pk=part.pk, paid=part.paid).update(paid=said.paid)
    return more if new else NOTHING


def differing() -> list[LocalPart]:
    """Parts for which the two sides say different things, or of which one side is not sure."""
    rows = LocalPart.objects.select_related("charge__patron", "charge__ill")
    there = rows.filter(state=LocalPart.THERE).exclude(asked=None).exclude(
        there_open=F("amount") - F("off") - F("paid"))
    unsure = rows.filter(state__in=[LocalPart.REFUSED, LocalPart.UNCERTAIN])
    return [*unsure.order_by("pk")[:_MOST], *there.order_by("pk")[:_MOST]]


def count_differing() -> int:
    return LocalPart.objects.filter(
        Q(state__in=[LocalPart.REFUSED, LocalPart.UNCERTAIN])
        | Q(state=LocalPart.THERE, asked__isnull=False) & ~Q(there_open=F("amount") - F("off") - F("paid"))).count()


# --- by a person ---------------------------------------------------------------------------------------------


def decide(part: LocalPart, what: str, *, actor: Actor, now: datetime) -> None:
    """A person looked: "there" (it is in their system), "again" (it is not: send it), "keep" (we collect it)."""
    stuck = LocalPart.objects.filter(pk=part.pk, state__in=[LocalPart.REFUSED, LocalPart.UNCERTAIN])
    if what == "there":
        done = part.state in (LocalPart.REFUSED, LocalPart.UNCERTAIN) and settle(
            part, Placed(part.reference or part.number, part.amount), actor=actor, now=now)
    elif what == "again":
        done = bool(stuck.update(state=LocalPart.WAITING, next_try=now, attempts=0 if _never_there(part) else 1))
    elif what == "keep":
        done = bool(stuck.update(state=LocalPart.ENDED))
    else:
        raise NotAllowed(_("There is no step of that name."))
    if not done:
        raise NotAllowed(_("Somebody has decided this already. Nothing was changed."))
    events.record("local.decided", subject=part.charge.subject, actor=actor, now=now, data={"what": what})


def _never_there(part: LocalPart) -> bool:
    """It was refused by a clear answer, or a person says that it is not there."""
    return part.state in (LocalPart.REFUSED, LocalPart.UNCERTAIN)


def test(row: LocalSystem, *, actor: Actor, now: datetime) -> LocalSystem:
    """Ask whether somebody answers; what came of it stays on the page."""
    try:
        words, ok = systems.of(row, timeout=10).test(), True
    except AdapterError as failure:
        words, ok = str(failure), False
    row.tested, row.test_ok, row.test_words = now, ok, words[:300]
    row.save(update_fields=["tested", "test_ok", "test_words"] if LocalSystem.objects.filter(pk=1).exists() else None)
    events.record("local.tested", subject=("local_system", 1), actor=actor, now=now, data={"ok": ok})
    return row
