"""What is done with vouchers, each with its entries in the books: spent, bought, redeemed, lost, counted, change."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import history
from billing.costs import actions as costs
from billing.costs.actions import Booking
from billing.costs.models import Booked
from billing.fiscal import refuse_far
from billing.ledger import actions as ledger
from billing.ledger.actions import Transfer, Where
from billing.vouchers import stock
from billing.vouchers.models import (
    CURRENCY,
    HALF,
    WHOLE,
    VoucherChange,
    VoucherCount,
    VoucherHolding,
    VoucherMovement,
    VoucherStock,
    VoucherTerms,
)
from illdesk import events, money
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.models import ILLRequest, Library, LoanPolicy

NOTHING = Decimal("0.00")
TERMS = ("whole", "half", "fee", "fee_percent")
VOUCHERS, USED, BANK = Where("vouchers"), Where("vouchers_used"), Where("bank")


def in_own(euros: Decimal, day: date) -> Decimal:
    """What euros are in our currency on a day. BadAnswer where no rate is known."""
    return euros if LoanPolicy.current().currency == CURRENCY else costs.foreign(euros, CURRENCY, day).own


def enough_for(asked: Decimal, day: date) -> tuple[int, int]:
    """The vouchers in stock that pay an amount in euros with the least too much: (wholes, halves)."""
    worth = stock.terms(day)
    wholes, halves = _in_stock()
    best: tuple[Decimal, int, int, int] | None = None
    for some in range(min(wholes, int(asked / worth.whole) + 1) + 1):
        rest = asked - worth.whole * some
        need = max(0, -int(-rest // worth.half)) if rest > 0 else 0
        if need > halves:
            continue
        over = worth.whole * some + worth.half * need - asked
        if over >= 0 and (best is None or (over, some + need) < (best[0], best[1])):
            best = (over, some + need, some, need)
    if best is None:
        raise stock.NotEnough(_("The vouchers in stock are not enough for EUR %(asked)s.") % {"asked": asked})
    return best[2], best[3]


def _in_stock() -> tuple[int, int]:
    found = dict(VoucherStock.objects.values_list("kind", "count"))
    return found.get(WHOLE, 0), found.get(HALF, 0)


def spend(
    library: Library, asked: Decimal, *, wholes: int, halves: int, day: date, key: str, actor: Actor, now: datetime,
    ill: ILLRequest | None = None, holder: int | None = None, fund: int | None = None, note: str = "",
) -> VoucherChange | None:
    """Pay a lender `asked` euros with these vouchers, once per `key`. What they are worth beyond it the lender owes us:
    noted as credit (None where they fit). In the books the cost is what was asked, the credit stands in what we owe
    that library."""
    refuse_far(day, now=now)
    worth = stock.face(wholes, halves, day)
    if asked <= 0 or asked != asked.quantize(money.CENT):
        raise BadAnswer(_("Enter what the lender asked for, in euros."), field="asked")
    if worth < asked:
        raise BadAnswer(_("These vouchers are worth EUR %(worth)s: less than was asked.") % {"worth": worth},
                        field="wholes")
    with transaction.atomic():
        there = Booked.objects.filter(key=f"voucher:{key}").first()
        if there is not None:
            return VoucherChange.objects.filter(key=key).first()
        book = stock.take(wholes, halves, holder=holder, day=day, library=library, key=f"spent:{key}", actor=actor,
                          now=now, ill=ill, note=note)
        cost = book if worth == asked else (book * asked / worth).quantize(money.CENT)
        moved = VoucherMovement.objects.filter(key__startswith=f"spent:{key}:").order_by("pk")[0]
        costs.book(f"voucher:{key}", Booking(
            side=Booked.COST, way="voucher", what="charge", source=("voucher", moved.pk), day=day, amount=cost,
            ill=ill.pk if ill else None, library=library.pk, fund=fund, number=ill.number if ill else "",
        ), actor=actor, now=now)
        change = None
        if worth > asked:
            if book - cost > 0:
                _post(f"change:{key}", Where("payable", library.pk), VOUCHERS, book - cost, day, actor=actor, now=now,
                      about=("voucher", moved.pk))
            change = VoucherChange.objects.create(library=library, ill=ill, amount=worth - asked, own=book - cost,
                                                  day=day, key=key, note=note[:300])
        events.record("voucher.spent", subject=("voucher", moved.pk), actor=actor, now=now,
                      data={"wholes": wholes, "halves": halves, "library": library.pk})
        return change


def settle_change(
    change: VoucherChange, how: str, *, actor: Actor, now: datetime, holder: int | None = None,
    ill: ILLRequest | None = None, fund: int | None = None, note: str = "",
) -> VoucherChange:
    """What a lender owed us came as vouchers (RECEIVED), or paid for another request (USED). Once."""
    day = timezone.localtime(now).date()
    if how not in (VoucherChange.RECEIVED, VoucherChange.USED):
        raise BadAnswer(_("Say what became of it."), field="how")
    with transaction.atomic():
        row = VoucherChange.objects.filter(pk=change.pk, state=VoucherChange.NOTED)
        if not row.update(state=how, settled=now, note=note.strip()[:300] or change.note):
            raise NotAllowed(_("This credit was settled already."))
        found = VoucherChange.objects.select_related("library").get(pk=change.pk)
        if how == VoucherChange.RECEIVED:
            worth = stock.terms(day)
            wholes, rest = divmod(found.amount, worth.whole)
            halves, over = divmod(rest, worth.half)
            if over:
                raise BadAnswer(_("EUR %(amount)s is no sum of vouchers: note what it paid for instead.") % {
                    "amount": found.amount}, field="how")
            stock.receive(int(wholes), int(halves), found.own, holder=holder, day=day, library=found.library,
                          key=f"change:{found.settling}", actor=actor, now=now, what=VoucherMovement.CHANGE)
            if found.own:
                _post(f"change_received:{found.settling}", VOUCHERS, Where("payable", found.library_id), found.own, day,
                      actor=actor, now=now, about=("voucher_change", found.pk))
        elif found.own:
            costs.book(f"change_used:{found.settling}", Booking(
                side=Booked.COST, way="invoice", what="charge", source=("voucher_change", found.pk), day=day,
                amount=found.own, ill=ill.pk if ill else None, library=found.library_id, fund=fund,
                number=ill.number if ill else "",
            ), actor=actor, now=now)
        return found


def receive_for_request(
    ill: ILLRequest, *, wholes: int, halves: int, day: date, key: str, actor: Actor, now: datetime,
    holder: int | None = None,
) -> Booked:
    """Vouchers that came with a lending request, without an invoice."""
    if ill.partner is None or ill.kind != "lending":
        raise BadAnswer(_("Choose a lending request."), field="ill")
    refuse_far(day, now=now)
    own = in_own(stock.face(wholes, halves, day), day)
    with transaction.atomic():
        stock.receive(wholes, halves, own, holder=holder, day=day, library=ill.partner, key=f"came:{key}", actor=actor,
                      now=now, ill=ill)
        moved = VoucherMovement.objects.filter(key__startswith=f"came:{key}:").order_by("pk")[0]
        return costs.book(f"voucher_in:{key}", Booking(
            side=Booked.INCOME, way="voucher", what="charge", source=("voucher", moved.pk), day=day, amount=own,
            ill=ill.pk, library=ill.partner_id, number=ill.number), actor=actor, now=now)


def buy(
    wholes: int, halves: int, *, day: date, key: str, actor: Actor, now: datetime, holder: int | None = None
) -> Decimal:
    """Their face value and the fee leave the bank; the fee in euros is given back."""
    refuse_far(day, now=now)
    worth = stock.face(wholes, halves, day)
    charged = stock.fee(worth, day)
    own, own_fee = in_own(worth, day), in_own(charged, day)
    with transaction.atomic():
        stock.receive(wholes, halves, own, holder=holder, day=day, library=None, key=f"bought:{key}", actor=actor,
                      now=now, what=VoucherMovement.BOUGHT)
        _post(f"bought:{key}", VOUCHERS, BANK, own, day, actor=actor, now=now)
        if own_fee:
            _post(f"bought:{key}:fee", USED, BANK, own_fee, day, actor=actor, now=now, what="fee")
        return charged


def redeem(
    wholes: int, halves: int, *, day: date, key: str, actor: Actor, now: datetime, holder: int | None = None
) -> Decimal:
    """Turned into money: the face value less the fee comes to the bank; what they stood for beyond it is an exchange
    difference."""
    refuse_far(day, now=now)
    worth = stock.face(wholes, halves, day)
    charged = stock.fee(worth, day)
    if charged >= worth:
        raise NotAllowed(_("The fee of EUR %(fee)s is more than they are worth: collect more of them.") % {
            "fee": charged})
    own, own_fee = in_own(worth, day), in_own(charged, day)
    with transaction.atomic():
        book = stock.take(wholes, halves, holder=holder, day=day, library=None, key=f"redeemed:{key}", actor=actor,
                          now=now, what=VoucherMovement.REDEEMED)
        if book:
            _post(f"redeemed:{key}", BANK, VOUCHERS, book, day, actor=actor, now=now)
        _post(f"redeemed:{key}:fee", USED, BANK, own_fee, day, actor=actor, now=now, what="fee")
        if own > book:
            _post(f"redeemed:{key}:more", BANK, Where("exchange"), own - book, day, actor=actor, now=now,
                  what="exchange")
        elif own < book:
            _post(f"redeemed:{key}:less", Where("exchange"), BANK, book - own, day, actor=actor, now=now,
                  what="exchange")
        return charged


def lose(
    kind: str, quantity: int, *, holder: int, day: date, note: str, key: str, actor: Actor, now: datetime
) -> None:
    """Gone, from a drawer or in the mail: out of the stock, at our cost."""
    if quantity <= 0:
        raise BadAnswer(_("Enter how many vouchers."), field="quantity")
    if not note.strip():
        raise BadAnswer(_("Say what happened: it stays with them."), field="note")
    refuse_far(day, now=now)
    with transaction.atomic():
        gone = stock.adjust(kind, -quantity, VoucherMovement.LOST, holder=holder, day=day, key=f"lost:{key}",
                            actor=actor, now=now, note=note.strip())
        if gone:
            _post(f"voucher_lost:{key}", USED, VOUCHERS, -gone, day, actor=actor, now=now)
        events.record("voucher.lost", subject=("voucher_holder", holder), actor=actor, now=now,
                      data={"kind": kind, "quantity": quantity})


def count(
    kind: str, counted: int, *, holder: int, day: date, why: str, actor: Actor, now: datetime
) -> VoucherCount:
    """The drawer was counted. What differs is explained and booked. Counted again that day the new number stands, and
    what differs from the first is booked."""
    if counted < 0:
        raise BadAnswer(_("Enter how many vouchers are there."), field="counted")
    refuse_far(day, now=now)
    with transaction.atomic():
        stock.hold(kind)
        row = VoucherCount.objects.filter(holder=holder, kind=kind, day=day).first()
        expected = VoucherHolding.objects.filter(holder=holder, kind=kind).values_list("count", flat=True).first() or 0
        if counted != expected and not why.strip():
            raise BadAnswer(_("%(expected)s should be there: say why it differs.") % {"expected": expected},
                            field="why")
        difference, time, booked = counted - expected, "", 0
        if row is None:
            row = VoucherCount(holder_id=holder, kind=kind, day=day)
        else:
            time, booked = _again(row)
        # As it would have been without what earlier counts of that day booked.
        row.expected, row.counted, row.why = expected - booked, counted, why.strip()[:300] or row.why
        row.made, row.by = now, actor.user  # type: ignore[assignment]  # somebody signed in counts
        row.save()
        if difference:
            each = in_own(stock.terms(day).worth(kind), day) if difference > 0 else NOTHING
            key = f"counted:{row.pk}{time}"
            moved = stock.adjust(kind, difference, VoucherMovement.COUNTED, holder=holder, day=day, key=key,
                                 actor=actor, now=now, note=why.strip(), each=each)
            if moved:
                debit, credit = (VOUCHERS, USED) if moved > 0 else (USED, VOUCHERS)
                _post(key, debit, credit, abs(moved), day, actor=actor, now=now)
        events.record("voucher.counted", subject=("voucher_holder", holder), actor=actor, now=now,
                      data={"kind": kind, "counted": counted, "expected": expected})
        return row


def _again(row: VoucherCount) -> tuple[str, int]:
    """The end of the key for what this time books, and how many vouchers the times before booked and left so."""
    key = f"counted:{row.pk}"
    moved = VoucherMovement.objects.filter(
        Q(key__in=[key, f"undo:{key}"]) | Q(key__startswith=f"{key}:") | Q(key__startswith=f"undo:{key}:"))
    return f":{len(moved) + 1}", sum(one.quantity for one in moved)


def set_terms(row: VoucherTerms, *, actor: Actor, now: datetime) -> VoucherTerms:
    """What they are worth from a day on; a day that has terms gets these instead, and what they were stays in the
    history, as does what held on a new day until then."""
    if not actor.may("manage_money"):
        raise NotAllowed(_("The value of vouchers is changed by whoever may change the rules of money."))
    with transaction.atomic():
        before = history.values(stock.terms(row.begins), TERMS)
        stored, made = VoucherTerms.objects.update_or_create(
            begins=row.begins, defaults={name: getattr(row, name) for name in TERMS} | {"made_by": actor.user})
        history.record("voucher_terms.changed", stored, before, subject=("voucher_terms", stored.pk), actor=actor,
                       now=now, begins=stored.begins, added=made)
        return stored


def _post(
    key: str, debit: Where, credit: Where, amount: Decimal, day: date, *, actor: Actor, now: datetime,
    what: str = "voucher", about: tuple[str, int] = ("", 0),
) -> None:
    ledger.post(f"vouchers:{key}", Transfer(debit, credit, amount, what, about), day=day, actor=actor, now=now,
                or_later=True)
