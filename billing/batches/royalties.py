"""Lists of royalties as a kind of payable: approved by somebody else than who made the list, paid by its own room."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.approval import rule
from billing.batches.models import BatchLine, RoyaltyApproval
from billing.batches.payable import Kind, Part, Payable
from illdesk import events, rows
from illdesk.actors import Actor
from illdesk.errors import NotAllowed, Stale
from requests_app.copyright import payment
from requests_app.models import LoanPolicy, Royalty, RoyaltyList

CODE, RIGHT = "royalty", "approve_payables"
PAYEE = "Copyright Clearance Center"


def _own(line: Royalty, currency: str) -> Decimal | None:
    """In the library's own currency; None where it is not known."""
    if line.currency == currency:
        return line.price
    return line.fund_amount if line.fund_currency == currency else None


def _parts(lists: Iterable[int], *, live: bool) -> dict[int, list[tuple[Royalty, Decimal]]]:
    """List → its royalties that are owed in it and in no batch; with `live` all of it, paid ones too. Two queries."""
    currency, keys = LoanPolicy.current().currency, list(lists)
    found: dict[int, list[tuple[Royalty, Decimal]]] = {}
    held = set(BatchLine.objects.filter(kind=CODE, payable__in=keys, state__in=BatchLine.LIVE).values_list(
        "payable", "part"))
    for line in Royalty.objects.filter(list__in=keys).order_by("used_on", "pk"):
        amount = _own(line, currency)
        if not amount or line.list_id is None:
            continue
        if live or (line.state == Royalty.LISTED and (line.list_id, str(line.pk)) not in held):
            found.setdefault(line.list_id, []).append((line, amount))
    return found


def unapproved() -> list[Payable]:
    """Lists with something owed that nobody approved yet."""
    return _read(_open(approved=False), live=False)


def waiting() -> list[Payable]:
    return _read(_open(approved=True), live=False)


def read(keys: Sequence[int]) -> dict[int, Payable]:
    return {one.pk: one for one in _read(keys, live=True)}


def _open(*, approved: bool) -> list[int]:
    done = set(RoyaltyApproval.objects.exclude(at=None).values_list("list_id", flat=True))
    open_ = RoyaltyList.objects.filter(apart=None, lines__state=Royalty.LISTED).distinct().order_by("made", "pk")
    return [pk for pk in open_.values_list("pk", flat=True) if (pk in done) == approved]


def _read(keys: Iterable[int], *, live: bool) -> list[Payable]:
    keys = list(keys)
    parts, approvals = _parts(keys, live=live), {
        row.list_id: row for row in RoyaltyApproval.objects.filter(list__in=keys).select_related("by")}
    lists = {row.pk: row for row in RoyaltyList.objects.filter(pk__in=keys)}
    return [
        _payable(lists[pk], parts[pk], approvals.get(pk)) for pk in keys if pk in parts and pk in lists
    ]


def _payable(row: RoyaltyList, lines: list[tuple[Royalty, Decimal]], approval: RoyaltyApproval | None) -> Payable:
    by = approval.by if approval else None
    return Payable(
        kind=CODE, pk=row.pk, number=row.number, ours=row.number, payee=PAYEE, day=row.last,
        amount=sum((amount for _line, amount in lines), Decimal(0)),
        parts=[Part(str(line.pk), line.fund, amount, _("Copy"), line.number) for line, amount in lines],
        approved_by=by.short_name if by else "", approved=approval.at if approval and approval.at else row.made,
        url=reverse("royalty_list", args=[row.number]),
        hands=[pk for pk in (row.by_id, by.pk if by else None) if pk],
    )


# --- approved by a second person -----------------------------------------------------------------------------


def version(pk: int) -> int:
    row = RoyaltyApproval.objects.filter(list=pk).first()
    return row.version if row else 0


def is_approved(pk: int) -> bool:
    return RoyaltyApproval.objects.filter(list=pk).exclude(at=None).exists()


def approve(row: RoyaltyList, *, seen: int, actor: Actor, now: datetime) -> None:
    """By another person than who made the list. Approved already: nothing happens."""
    rule.check(actor, RIGHT, entered_by=[row.by_id], subject=("royalty_list", row.pk), now=now)
    with transaction.atomic():
        if row.apart is not None or not Royalty.objects.filter(list=row, state=Royalty.LISTED).exists():
            raise NotAllowed(_("Nothing of %(list)s is owed any more.") % {"list": row.number})
        rows.insert(RoyaltyApproval(list=row), unless_there=True)
        found = RoyaltyApproval.objects.get(list=row)
        if found.at is not None:
            return
        mine = RoyaltyApproval.objects.filter(pk=found.pk, at=None, version=seen)
        if not mine.update(at=now, by=actor.user, why="", version=F("version") + 1):
            raise Stale(_("%(list)s was changed by somebody else. Nothing was changed; look at it again.") % {
                "list": row.number})
        events.record("royalties.approved", subject=("royalty_list", row.pk), actor=actor, now=now)


def refuse(row: RoyaltyList, why: str, *, seen: int, actor: Actor, now: datetime) -> None:
    """It is not approved, with a reason that stands beside it. An approval that stands is not taken back by this."""
    rule.check(actor, RIGHT, entered_by=[row.by_id], subject=("royalty_list", row.pk), now=now)
    with transaction.atomic():
        rows.insert(RoyaltyApproval(list=row), unless_there=True)
        found = RoyaltyApproval.objects.get(list=row)
        if found.at is None and found.why == why.strip()[:300]:
            return
        mine = RoyaltyApproval.objects.filter(pk=found.pk, at=None, version=seen)
        if not mine.update(why=why.strip()[:300], version=F("version") + 1):
            raise Stale(_("%(list)s was changed by somebody else. Nothing was changed; look at it again.") % {
                "list": row.number})
        events.record("royalties.refused", subject=("royalty_list", row.pk), actor=actor, now=now)


# --- what batches say ----------------------------------------------------------------------------------------


def paid(pk: int, parts: Sequence[str], day: date, reference: str, actor: Actor, now: datetime) -> None:
    """Marked by its own room, which spends what was put aside of a fund; so it comes into the books."""
    row, lines = _lines(pk, parts)
    done = payment.pay(row, {line.pk: line.price for line in lines}, paid_on=day, reference=reference, actor=actor,
                       now=now)
    if done != len(lines):
        raise NotAllowed(_("Something of %(list)s was paid outside of the batch. Send its lines back.") % {
            "list": row.number})


def back(pk: int, parts: Sequence[str], why: str, actor: Actor, now: datetime) -> None:
    """They are owed in their list as before; before they are forwarded again, somebody approves the list anew."""
    RoyaltyApproval.objects.filter(list=pk).update(at=None, by=None, why=why, version=F("version") + 1)
    events.record("royalties.sent_back", subject=("royalty_list", pk), actor=actor, now=now, data={"lines": len(parts)})


def unpaid(pk: int, parts: Sequence[str], why: str, actor: Actor, now: datetime) -> None:
    row, lines = _lines(pk, parts)
    payment.unpay(row, [line.pk for line in lines], actor=actor, now=now)


def _lines(pk: int, parts: Sequence[str]) -> tuple[RoyaltyList, list[Royalty]]:
    row = RoyaltyList.objects.get(pk=pk)
    lines = list(Royalty.objects.filter(list=pk, pk__in=[int(part) for part in parts]).order_by("pk"))
    if len(lines) != len(parts):
        raise NotAllowed(_("%(list)s was taken apart since it was forwarded. Send its lines back.") % {
            "list": row.number})
    return row, lines


KIND = Kind(CODE, gettext_lazy("Royalties"), waiting, read, paid, back, unpaid)
