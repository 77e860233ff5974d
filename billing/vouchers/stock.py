"""The stock of vouchers: how many of each kind, by holder, and what they stand for in the books.

What is taken is taken by one conditional update that never leaves less than nothing, so that of two who want the last
voucher one is told. Callers post what the books need; `book` is in our currency.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.fiscal import refuse_far
from billing.vouchers.models import (
    HALF,
    VOUCHERS,
    WHOLE,
    VoucherHolder,
    VoucherHolding,
    VoucherMovement,
    VoucherStock,
    VoucherTerms,
)
from illdesk import money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.models import ILLRequest, Library

NOTHING = Decimal("0.00")


class NotEnough(NotAllowed):
    """Fewer vouchers than are wanted. As text: the sentence."""


def terms(day: date) -> VoucherTerms:
    """What vouchers are worth and cost on a day."""
    return VoucherTerms.objects.filter(begins__lte=day).order_by("-begins").first() or VoucherTerms(begins=day)


def face(wholes: int, halves: int, day: date) -> Decimal:
    """In euros."""
    if wholes < 0 or halves < 0 or not wholes + halves:
        raise BadAnswer(_("Enter how many vouchers."), field="wholes")
    now = terms(day)
    return (now.whole * wholes + now.half * halves).quantize(money.CENT)


def fee(amount: Decimal, day: date) -> Decimal:
    """For buying or redeeming vouchers of this face value, in euros (RULES M2)."""
    now = terms(day)
    return (now.fee + amount * now.fee_percent / 100).quantize(money.CENT)


def holder(pk: int | None = None) -> VoucherHolder:
    """Without a key: the first in use, made where there is none."""
    if pk is not None:
        return VoucherHolder.objects.get(pk=pk)
    first = VoucherHolder.objects.filter(active=True).order_by("pk").first()
    if first is not None:
        return first
    row = VoucherHolder(name=_("Drawer of the department"))
    return row if rows.insert(row, unless_there=True) else VoucherHolder.objects.order_by("pk")[0]


def receive(
    wholes: int, halves: int, book: Decimal, *, holder: int | None, day: date, library: Library | None, key: str,
    actor: Actor, now: datetime, what: str = VoucherMovement.RECEIVED, note: str = "", ill: ILLRequest | None = None,
) -> None:
    """Into the stock, in the caller's transaction, once per `key`."""
    for kind, quantity, part in _parts(wholes, halves, book, day):
        _move(kind, quantity, part, what, holder=holder, day=day, library=library, key=f"{key}:{kind}", actor=actor,
              now=now, note=note, ill=ill)


def take(
    wholes: int, halves: int, *, holder: int | None, day: date, library: Library | None, key: str, actor: Actor,
    now: datetime, what: str = VoucherMovement.SPENT, note: str = "", ill: ILLRequest | None = None,
) -> Decimal:
    """Out of the stock; what they stood for in the books. NotEnough, and nothing is taken by the transaction."""
    taken = NOTHING
    for kind, quantity in ((WHOLE, wholes), (HALF, halves)):
        if quantity:
            taken += _move(kind, -quantity, None, what, holder=holder, day=day, library=library, key=f"{key}:{kind}",
                           actor=actor, now=now, note=note, ill=ill)
    return taken


def give_back(*, day: date, key: str, actor: Actor, now: datetime) -> None:
    """A payment by vouchers is undone: they leave from where they came, for what they came with."""
    moved = {row.kind: row for row in VoucherMovement.objects.filter(key__startswith=f"{key}:", quantity__gt=0)}
    for kind, row in moved.items():
        opposite(row, key=f"{key}:back:{kind}", day=day, actor=actor, now=now, note="")


def move(
    kind: str, quantity: int, *, giver: int, taker: int, day: date, key: str, actor: Actor, now: datetime,
    note: str = "",
) -> None:
    """From one holder to another; the stock and the books stay."""
    if giver == taker or quantity <= 0:
        raise BadAnswer(_("Choose another holder, and how many vouchers."), field="quantity")
    refuse_far(day, now=now)
    with transaction.atomic():
        if VoucherMovement.objects.filter(key=f"{key}:out").exists():
            return
        hold(kind)
        for pk, some, way in ((giver, -quantity, "out"), (taker, quantity, "in")):
            _holding(kind, pk, some)
            VoucherMovement.objects.create(kind=kind, holder_id=pk, what=VoucherMovement.MOVED, quantity=some, day=day,
                                           key=f"{key}:{way}", made=now, by=actor.user, note=note[:300])


def opposite(
    row: VoucherMovement, *, key: str, day: date, actor: Actor, now: datetime, note: str
) -> None:
    """In a transaction: the same vouchers back, for what they stood for, so that its entry can be reversed whole.
    NotEnough."""
    have = hold(row.kind)
    if row.what == VoucherMovement.MOVED:
        _holding(row.kind, row.holder_id, -row.quantity)
        VoucherMovement.objects.create(
            kind=row.kind, holder_id=row.holder_id, what=VoucherMovement.BACK, quantity=-row.quantity, day=day, key=key,
            made=now, by=actor.user, note=note[:300])
        return
    count, book = have.count - row.quantity, have.book - row.book
    if count >= 0 and (book < 0 or (not count and book)):  # the stock would not be what the books say
        raise NotEnough(_("Vouchers were spent or redeemed since, at what these were worth: undo that first."))
    _move(row.kind, -row.quantity, -row.book, VoucherMovement.BACK, holder=row.holder_id, day=day, library=row.library,
          key=key, actor=actor, now=now, note=note, ill=row.ill)


def adjust(
    kind: str, quantity: int, what: str, *, holder: int, day: date, key: str, actor: Actor, now: datetime, note: str,
    each: Decimal = NOTHING,
) -> Decimal:
    """What a count or a loss changes; the book value moved, less than nothing for what is gone. `each`: what one that
    was found is put into the books for."""
    book = (each * quantity).quantize(money.CENT) if quantity > 0 else None
    moved = _move(kind, quantity, book, what, holder=holder, day=day, library=None, key=key, actor=actor, now=now,
                  note=note, ill=None)
    return moved if quantity > 0 else -moved


def _parts(wholes: int, halves: int, book: Decimal, day: date) -> list[tuple[str, int, Decimal]]:
    """The book value by kind, as their face values stand to each other; together it is the whole of it."""
    now = terms(day)
    worth = now.whole * wholes + now.half * halves
    first = book if not halves else (book * now.whole * wholes / worth).quantize(money.CENT)
    parts = [(WHOLE, wholes, first), (HALF, halves, book - first)]
    return [part for part in parts if part[1]]


def hold(kind: str) -> VoucherStock:
    """In a transaction: the stock of a kind, ours until the commit."""
    if kind not in dict(VOUCHERS):
        raise BadAnswer(_("Choose the kind of voucher."), field="kind")
    rows.insert(VoucherStock(kind=kind), unless_there=True)
    VoucherStock.objects.filter(kind=kind).update(version=F("version") + 1)
    return VoucherStock.objects.get(kind=kind)


def _move(
    kind: str, quantity: int, book: Decimal | None, what: str, *, holder: int | None, day: date,
    library: Library | None, key: str, actor: Actor, now: datetime, note: str, ill: ILLRequest | None,
) -> Decimal:
    """The book value that moved, above nothing. `book`: None takes the average of what is there."""
    with transaction.atomic():
        row = hold(kind)
        there = VoucherMovement.objects.filter(key=key).first()
        if there is not None:
            return abs(there.book)
        if row.count + quantity < 0:
            raise NotEnough(_("%(count)s of this kind are in stock (%(kind)s): %(wanted)s are wanted. Nothing was "
                              "taken.") % {"count": row.count, "kind": row.get_kind_display(), "wanted": -quantity})
        if book is None:
            book = -(row.book if row.count == -quantity else (row.book * -quantity / row.count).quantize(money.CENT))
        if row.book + book < 0:
            book = -row.book
        keeper = _keeper(kind, holder, quantity)
        _holding(kind, keeper, quantity)
        changed = VoucherStock.objects.filter(kind=kind, version=row.version, count__gte=-quantity).update(
            count=row.count + quantity, book=row.book + book)
        if not changed:
            raise NotEnough(_("Somebody took vouchers at this moment. Nothing was taken; try again."))
        VoucherMovement.objects.create(
            kind=kind, holder_id=keeper, what=what, quantity=quantity, book=book, day=day, library=library, ill=ill,
            note=note[:300], key=key, made=now, by=actor.user)
        return abs(book)


def _keeper(kind: str, pk: int | None, quantity: int) -> int:
    """Who was named; else, of what leaves, the first who has enough."""
    if pk is None and quantity < 0:
        pk = VoucherHolding.objects.filter(kind=kind, count__gte=-quantity).order_by("holder").values_list(
            "holder", flat=True).first()
    return holder(pk).pk


def _holding(kind: str, pk: int, quantity: int) -> None:
    rows.insert(VoucherHolding(holder_id=pk, kind=kind), unless_there=True)
    row = VoucherHolding.objects.filter(holder=pk, kind=kind, count__gte=-quantity)
    if not row.update(count=F("count") + quantity):
        name = VoucherHolder.objects.get(pk=pk).name
        raise NotEnough(_("%(name)s does not hold so many of them. Nothing was taken.") % {"name": name})
