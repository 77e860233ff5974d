"""Invoices from libraries as programs approve them, and as the conversation with the budget office knows them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.api import approvals
from billing.batches import returned
from billing.batches.models import BatchInvoice
from billing.payables import actions, lifecycle, queries
from billing.payables.models import PayableInvoice, PayableLine
from billing.talk import subjects
from illdesk.actors import Actor
from illdesk.models import User

_STATES = {lifecycle.ASKED: "waiting", lifecycle.APPROVED: "approved", lifecycle.PAID: "approved",
           lifecycle.REJECTED: "refused"}


def _item(row: PayableInvoice) -> approvals.Item:
    assert row.dated is not None and row.total is not None
    lines = row.lines.select_related("ill", "fund").order_by("place", "pk")
    return approvals.Item(
        pk=row.pk, number=row.number, who=row.library.name if row.library else "", amount=row.total,
        currency=row.currency, day=row.dated, version=row.version, state=_STATES.get(row.state, "refused"),
        entered_by=row.entered_by.short_name if row.entered_by else "", url=reverse("payable", args=[row.pk]),
        lines=[{"request": line.ill.number if line.ill else "", "fund": line.fund.code if line.fund else "",
                "amount": queries.owed(line)} for line in lines])


def _rows():
    return PayableInvoice.objects.select_related("library", "entered_by")


def waiting() -> Sequence[approvals.Item]:
    return [_item(row) for row in _rows().filter(state=lifecycle.ASKED).order_by("dated", "pk")]


def get(pk: int) -> approvals.Item | None:
    """None also for what nobody asked to be approved yet: it is not for programs."""
    row = _rows().filter(pk=pk).first()
    if row is None or (row.state not in _STATES and not row.why):
        return None
    return None if row.dated is None or row.total is None else _item(row)


def approve(pk: int, version: int, actor: Actor, now: datetime) -> None:
    row = _rows().get(pk=pk)
    if row.state == lifecycle.APPROVED and actor.user is not None and row.approved_by_id == actor.user.pk:
        return  # said twice
    actions.approve(row, actor=actor, now=now, seen=version)


def refuse(pk: int, why: str, version: int, actor: Actor, now: datetime) -> None:
    row = _rows().get(pk=pk)
    if row.state == lifecycle.ENTERED and row.why == why.strip()[:300]:
        return  # said twice
    actions.return_(row, why, actor=actor, now=now, seen=version)


def _visible(user: User, keys: Iterable[int]) -> set[int]:
    if user.may("see_payables"):
        return set(keys)
    return _office(keys) if user.may("see_batches") else set()


def _office(keys: Iterable[int]) -> set[int]:
    return set(_since(keys))


def _since(keys: Iterable[int]) -> dict[int, datetime]:
    """The budget office joins once an invoice was forwarded, and stays while what it sent back is mended."""
    wholes = {pk: whole or pk for pk, whole in PayableInvoice.objects.filter(pk__in=list(keys)).values_list(
        "pk", "part_of")}
    first: dict[int, datetime] = {}
    for payable, at in BatchInvoice.objects.filter(
            kind="payable", payable__in={*wholes, *wholes.values()}).values_list("payable", "batch__forwarded"):
        first[payable] = min(at, first.get(payable, at))
    return {pk: min(first[one] for one in (pk, whole) if one in first)
            for pk, whole in wholes.items() if pk in first or whole in first}


def _others(keys: Iterable[int]) -> dict[int, list[tuple[str, int]]]:
    """The batches that its lines are or were in."""
    return {pk: [("batch", row.pk) for row in queries.batches_of(pk)] for pk in keys}


def _returned(pk: int) -> list[tuple[str, int, datetime]]:
    lines = PayableLine.objects.filter(invoice=pk).values_list("pk", flat=True)
    return returned.of_payable("payable", pk, [str(line) for line in lines])


def links(keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = list(PayableInvoice.objects.filter(pk__in=list(keys)).select_related("library"))
    names = queries.names(rows)
    return {row.pk: (_label(row, names[row.pk]), reverse("payable", args=[row.pk])) for row in rows}


def _label(row: PayableInvoice, name: str) -> str:
    """Libraries count their invoices alike, and the parts of one have one number."""
    if not row.number:
        return _("Invoice by e-mail, not keyed in yet")
    if row.library is None:
        return _("Invoice %(number)s") % {"number": name}
    return _("Invoice %(number)s from %(library)s") % {"number": name, "library": row.library.name}


approvals.register(approvals.Kind(
    "payable", gettext_lazy("Invoices from libraries"), "see_payables", waiting, get, approve, refuse))
subjects.register(subjects.Subject(
    "payable", gettext_lazy("Invoice from a library"), _visible, links, right="see_payables", office=_office,
    others=_others, since=_since, returned=_returned))
