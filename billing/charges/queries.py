"""What patrons owe, as lists and sums."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from billing.charges.declared import held_ills
from billing.charges.models import Charge, ChargeHold, ChargeMove, ChargePolicy, PatronMoney, Waiver
from billing.ledger.models import Account, Entry
from illdesk.money import cents
from requests_app.models import Patron

NOTHING = Decimal("0.00")
# Of a patron's list.
STATES = ("open", "provisional", "asked", "appealed", "handed", "held", "settled", "cancelled", "all")


def charges() -> QuerySet[Charge]:
    return Charge.objects.select_related("patron", "ill__citation", "made_by")


@dataclass(frozen=True)
class Standing:
    """A charge with what is going on about it: an open appeal, a search for what the patron says was returned."""

    row: Charge
    appealed: bool
    searching: bool


def standing(rows: Iterable[Charge]) -> list[Standing]:
    """In their order. Two queries for all of them."""
    found = list(rows)
    appealed = set(_open_appeals().filter(charge__in=[row.pk for row in found]).values_list("charge", flat=True))
    searched = set(ChargeHold.objects.filter(
        ill__in={row.ill_id for row in found if row.ill_id}, until=None).values_list("ill", flat=True))
    return [Standing(row, row.pk in appealed, row.ill_id in searched) for row in found]


def _open_appeals() -> QuerySet:
    from billing.appeals.models import Appeal

    return Appeal.objects.filter(state=Appeal.OPEN)


def open_appeals() -> QuerySet:
    """Of the charge of an outer query."""
    return _open_appeals().filter(charge=OuterRef("pk"))


def not_in_doubt() -> Q:
    """Charges that may be asked for: final, no appeal is open, no search is on, the lender is not being asked."""
    return Q(state=Charge.FINAL) & _left_alone()


def may_change() -> Q:
    """Provisional ones that nobody disputes: known to the patron, and not asked for before the lender has decided."""
    return Q(state=Charge.PROVISIONAL) & _left_alone()


def _left_alone() -> Q:
    searching = ChargeHold.objects.filter(ill=OuterRef("ill"), until=None)
    return Q(~Exists(open_appeals()), ~Exists(searching))


def listed(state: str = "open", *, wanted: str = "", older: int = 0, now: datetime, kind: str = "") -> QuerySet[Charge]:
    """Newest first. `wanted`: number of the charge or request, card, or words of a name; `older`: made so many days
    ago, or more."""
    found = charges()
    if state == "open":
        found = found.filter(open__gt=0)
    elif state in (Charge.PROVISIONAL, Charge.ASKED):
        found = found.filter(state=state)
    elif state == "appealed":
        found = found.filter(Exists(open_appeals()))
    elif state == "handed":
        found = found.filter(handed__gt=0)
    elif state == "held":
        found = found.filter(held_ills(), open__gt=0)
    elif state == "settled":
        found = found.filter(open=0).exclude(state__in=[Charge.UNDONE, Charge.ASKED])
    elif state == "cancelled":
        found = found.filter(state=Charge.UNDONE)
    if kind:
        found = found.filter(kind=kind)
    if older:
        found = found.filter(made__lte=now - timedelta(days=older))
    for word in wanted.split()[:6]:
        found = found.filter(
            Q(number__iexact=word) | Q(ill__number__iexact=word) | Q(patron__card__iexact=word)
            | Q(patron__last_name__icontains=word) | Q(patron__first_name__icontains=word))
    return found.order_by("-pk")


def of_patron(patron: int) -> QuerySet[Charge]:
    return charges().filter(patron=patron).order_by("-pk")


def of_request(ill: int) -> list[Standing]:
    return standing(charges().filter(ill=ill).order_by("pk"))


@dataclass(frozen=True)
class Sums:
    """`open`: all that is open; `in_doubt`: what of it is appealed, searched for or asked about; `provisional`: what
    of it may still change; `handed`: what of it the local billing system collects; `credit`: what we owe the
    patron."""

    open: Decimal
    in_doubt: Decimal
    provisional: Decimal
    handed: Decimal
    credit: Decimal

    @property
    def due(self) -> Decimal:
        """What may be asked for, whatever the credit."""
        return self.open - self.in_doubt - self.provisional

    @property
    def used(self) -> Decimal:
        """How much of the credit covers what is due."""
        return min(self.credit, self.due)

    @property
    def to_pay(self) -> Decimal:
        """"To pay now", on every page, on paper, and for the block: what the credit does not cover."""
        return self.due - self.used


def sums(patron: int) -> Sums:
    """Four queries."""
    rows = charges().filter(patron=patron, open__gt=0)
    every = rows.aggregate(open=Sum("open"), handed=Sum("handed"))
    certain = cents(rows.filter(not_in_doubt()).aggregate(open=Sum("open"))["open"]) or NOTHING
    changing = cents(rows.filter(may_change()).aggregate(open=Sum("open"))["open"]) or NOTHING
    credit = PatronMoney.objects.filter(patron=patron).values_list("credit", flat=True).first()
    whole = cents(every["open"]) or NOTHING
    return Sums(whole, whole - certain - changing, changing, cents(every["handed"]) or NOTHING,
                cents(credit) or NOTHING)


def has_open_money(patrons: Iterable[int]) -> set[int]:
    """Patrons who owe us something, or whom we owe: whoever takes names out of old requests leaves theirs."""
    keys = list(patrons)
    owing = Charge.objects.filter(patron__in=keys).filter(Q(open__gt=0) | Q(state__in=["provisional", "asked"]))
    return set(owing.values_list("patron", flat=True)) | set(
        PatronMoney.objects.filter(patron__in=keys, credit__gt=0).values_list("patron", flat=True))


def requests_with_open_money(ills: Iterable[int]) -> set[int]:
    found = Charge.objects.filter(ill__in=list(ills)).filter(Q(open__gt=0) | Q(state__in=["provisional", "asked"]))
    return set(found.values_list("ill", flat=True))


def waiting() -> int:
    """What somebody at the desk must decide: proposed waivers, answers of lenders, provisional ones past their day."""
    today = timezone.localdate()
    late = Q(state=Charge.PROVISIONAL, provisional_until__lt=today)
    return (Waiver.objects.filter(state=Waiver.PROPOSED).count()
            + Charge.objects.filter(Q(state=Charge.ASKED) | late).count())


def to_remind(now: datetime, policy: ChargePolicy) -> QuerySet[Charge]:
    if not policy.remind_days:
        return Charge.objects.none()
    before = now - timedelta(days=policy.remind_days)
    return charges().filter(not_in_doubt(), open__gt=0, handed=0, state=Charge.FINAL, told__lte=before).filter(
        Q(reminded=None) | Q(reminded__lte=before)).order_by("pk")


# --- statement -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A move as the statement shows it. `owed`: what the patron owes after it, to us or by way of the local billing
    system; `credit`: his or her credit after it."""

    move: ChargeMove
    more: Decimal | None
    less: Decimal | None
    owed: Decimal
    credit: Decimal


_MORE = {"charged", "raised", "unwaived", "returned"}
_LESS = {"lowered", "paid", "credit_used", "waived", "paid_there"}
_CREDIT = {"returned": 1, "overpaid": 1, "credit_used": -1, "refunded": -1}


def changes(move: ChargeMove) -> Decimal:
    """By how much it makes more (or less, below nothing) what the patron owes."""
    what, sign = (move.undoes.what, -1) if move.undoes else (move.what, 1)
    return sign * move.amount * ((what in _MORE) - (what in _LESS))


_MADE_UP = {"charged": 1, "raised": 1, "lowered": -1}


def charged_at(charge: Charge, when: datetime) -> Decimal:
    """What was charged at that time, whatever was taken away of it later. Reads moves that may be prefetched."""
    return sum((_MADE_UP.get(move.what, 0) * move.amount for move in charge.moves.all()
                if move.at <= when and ((undone := _undoing(move)) is None or undone.at >= when)), NOTHING)


def cancelled_amounts(rows: Iterable[Charge]) -> dict[int, Decimal]:
    """By key, what each of them that is cancelled was before. One query."""
    pairs: dict[int, list[tuple[ChargeMove, ChargeMove]]] = {
        row.pk: [] for row in rows if row.state == Charge.UNDONE}
    for move in ChargeMove.objects.filter(charge__in=pairs, what__in=_MADE_UP).select_related("undone_by"):
        if move.charge_id is not None and (undone := _undoing(move)) is not None:
            pairs[move.charge_id].append((move, undone))
    return {pk: _last_undone(found) for pk, found in pairs.items()}


def _last_undone(pairs: list[tuple[ChargeMove, ChargeMove]]) -> Decimal:
    last = max((undone.at for _move, undone in pairs), default=None)
    return sum((_MADE_UP[move.what] * move.amount for move, undone in pairs if undone.at == last), NOTHING)


def _undoing(move: ChargeMove) -> ChargeMove | None:
    return getattr(move, "undone_by", None)  # the other end of a one-to-one: missing where nothing undid it


def statement(patron: int, *, since: date | None = None, upto: date | None = None) -> list[Line]:
    """Each move with what was owed after it, by its day and then as they were entered; those before `since` are
    summed up in the first one's figures. Three queries."""
    moves = ChargeMove.objects.filter(patron=patron).select_related(
        "charge__ill", "payment", "undoes", "entry").order_by("entry__day", "pk")
    lines, owed, credit = [], NOTHING, NOTHING
    for move in moves:
        what, sign = (move.undoes.what, -1) if move.undoes else (move.what, 1)
        change = changes(move)
        owed += change
        credit += sign * move.amount * _CREDIT.get(what, 0)
        if (since is None or move.entry.day >= since) and (upto is None or move.entry.day <= upto):
            lines.append(Line(move, change if change > 0 else None, -change if change < 0 else None, owed, credit))
    return lines


def by_the_books(patron: int) -> Decimal:
    """What the books say that a patron owes, with what was handed over for him or her."""
    mine = Account.objects.filter(family="patron", subject=patron).first()
    if mine is None:
        return NOTHING
    debit = Entry.objects.filter(debit=mine).aggregate(sum=Sum("amount"))["sum"]
    credit = Entry.objects.filter(credit=mine).aggregate(sum=Sum("amount"))["sum"]
    return (cents(debit) or NOTHING) - (cents(credit) or NOTHING)


def found_patrons(wanted: str) -> QuerySet[Patron]:
    names = Q()
    for word in wanted.split()[:6]:
        names &= Q(last_name__icontains=word) | Q(first_name__icontains=word)
    return Patron.objects.filter(Q(card__iexact=wanted) | Q(email__iexact=wanted) | names).order_by(
        "last_name", "first_name", "pk")
