"""A movement of vouchers that was entered wrong: undone by the opposite one, its entries in the books reversed.

What was entered with it (both kinds, giver and taker) goes back with it; of change that came back, the lender owes it
to us again. A payment of an invoice is undone where it stands, with what it settled.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.costs import actions as costs
from billing.costs.models import Booked
from billing.ledger import actions as ledger
from billing.ledger.models import Entry
from billing.vouchers import stock
from billing.vouchers.models import VoucherChange, VoucherMovement
from illdesk import dates, events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed

# By the beginning of a movement's key: the entries of its own, and what was booked with it; {}: the rest of the key.
_ENTRIES = {"bought": "bought:{}", "redeemed": "redeemed:{}", "lost": "voucher_lost:{}", "counted": "counted:{}",
            "spent": "change:{}", "came": "came:{}", "moved": "moved:{}", "change": "change_received:{}"}
_BOOKED = {"spent": "voucher:{}", "came": "voucher_in:{}"}
_MARK = "undo:"


def _of(movement: VoucherMovement) -> tuple[str, str]:
    """How it was entered, and under which key."""
    way, _colon, rest = movement.key.partition(":")
    if way in ("lost", "counted"):
        return way, rest
    return way, rest.rpartition(":")[0]


def together(movement: VoucherMovement) -> list[VoucherMovement]:
    """What was entered in the same step, this one too."""
    way, rest = _of(movement)
    if way in ("lost", "counted"):
        return [movement]
    return list(VoucherMovement.objects.filter(key__startswith=f"{way}:{rest}:").order_by("pk"))


def undone(keys: list[str]) -> set[str]:
    """Those of these keys of movements that were undone."""
    found = VoucherMovement.objects.filter(key__in=[_MARK + key for key in keys]).values_list("key", flat=True)
    return {key.removeprefix(_MARK) for key in found}


def undoing_of(movement: VoucherMovement) -> VoucherMovement | None:
    """The opposite one, where it was undone."""
    return VoucherMovement.objects.select_related("by").filter(key=_MARK + movement.key).first()


def said_undone(opposite: VoucherMovement) -> str:
    return _("%(who)s undid it on %(day)s. Nothing was changed now.") % {
        "who": opposite.by.short_name if opposite.by else _("The system"), "day": dates.in_words(opposite.day)}


def may_be(movement: VoucherMovement) -> bool:
    """By what it is; whether it was undone already is not looked at."""
    return _of(movement)[0] in _ENTRIES


def payment_of(movement: VoucherMovement) -> int | None:
    """The payment of an invoice these came as: it is undone there."""
    way, rest = _of(movement)
    return int(rest) if way == "payment" and rest.isdigit() else None


def undo(movement: VoucherMovement, why: str, *, actor: Actor, now: datetime) -> None:
    """Once; a second time changes nothing. BadAnswer without a reason; NotAllowed where it is undone elsewhere, or the
    vouchers are gone meanwhile."""
    way, rest = _of(movement)
    if way == "payment":
        raise NotAllowed(_("These paid an invoice: undo the payment on its page."))
    if way not in _ENTRIES:
        raise NotAllowed(_("This is not undone: enter what is right as a movement of its own."))
    if not why.strip():
        raise BadAnswer(_("Say why it is undone: it stays with the movement."), field="why")
    day = timezone.localtime(now).date()
    with transaction.atomic():
        rows = together(movement)
        for kind in sorted({row.kind for row in rows}):
            stock.hold(kind)
        if undone([movement.key]):
            return
        if way == "spent":
            _forget_change(rest)
        elif way == "change":
            _owed_again(int(rest.partition("-")[0]), VoucherChange.RECEIVED, why.strip())
        for row in rows:
            stock.opposite(row, key=f"{_MARK}{row.key}", day=day, actor=actor, now=now, note=why.strip())
        for entry in _entries(way, rest):
            ledger.reverse(entry, key=f"{_MARK}{entry.key}", day=day, actor=actor, now=now)
        booked = Booked.objects.filter(key=_BOOKED[way].format(rest)).first() if way in _BOOKED else None
        if booked is not None:
            costs.undo(booked, key=f"{_MARK}{booked.key}", day=day, actor=actor, now=now)
        events.record("voucher.undone", subject=("voucher", movement.pk), actor=actor, now=now,
                      data={"what": movement.what})


def undo_change(change: VoucherChange, why: str, *, actor: Actor, now: datetime) -> None:
    """What settled it was wrong: the lender owes it to us again. Once; NotAllowed where nothing settled it (any more),
    or the vouchers that came are gone meanwhile."""
    if change.state == VoucherChange.RECEIVED:
        came = VoucherMovement.objects.filter(key__startswith=f"change:{change.settling}:").order_by("pk").first()
        if came is not None:
            undo(came, why, actor=actor, now=now)
            return
    if not why.strip():
        raise BadAnswer(_("Say why it is undone: it stays with the movement."), field="why")
    day = timezone.localtime(now).date()
    with transaction.atomic():
        _owed_again(change.pk, VoucherChange.USED, why.strip())
        booked = Booked.objects.filter(key=f"change_used:{change.settling}").first()
        if booked is not None:
            costs.undo(booked, key=f"{_MARK}{booked.key}", day=day, actor=actor, now=now)
        events.record("voucher.undone", subject=("voucher_change", change.pk), actor=actor, now=now,
                      data={"what": VoucherChange.USED})


def _owed_again(pk: int, state: str, why: str) -> None:
    """The reason stays with what was noted before."""
    row = VoucherChange.objects.filter(pk=pk, state=state)
    note = " · ".join(text for text in (row.values_list("note", flat=True).first(), why) if text)
    if not row.update(state=VoucherChange.NOTED, settled=None, undone=F("undone") + 1, note=note[:300]):
        raise NotAllowed(_("This credit is open already: nothing settles it that could be undone."))


def _entries(way: str, rest: str) -> QuerySet[Entry]:
    key = f"vouchers:{_ENTRIES[way].format(rest)}"
    found = Q(key=key)
    if way != "counted":  # there the next count of the day comes after the colon
        found |= Q(key__startswith=f"{key}:")
    return Entry.objects.filter(found, reverses=None)


def _forget_change(key: str) -> None:
    """The lender owes us nothing back: nothing was paid."""
    change = VoucherChange.objects.filter(key=key).first()
    if change is None:
        return
    if not VoucherChange.objects.filter(pk=change.pk, state=VoucherChange.NOTED).delete()[0]:
        raise NotAllowed(_("What the lender owed us back of it was settled already: it is not undone any more."))
