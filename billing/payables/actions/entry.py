"""Entering invoices: what is on the paper, and its lines."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.fiscal import refuse_ahead
from billing.payables import assess, lifecycle
from billing.payables.actions.moving import move
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed

# What is kept of a line that was keyed in again as it was.
_STAYS = ("pk", "round", "ill_id", "chosen", "answer", "why", "answered", "answered_by_id", "owed", "result")
_LIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Head:
    """What stands above the lines. `total`: as the paper says it."""

    library: int
    number: str
    dated: date
    currency: str
    total: Decimal
    due: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Typed:
    """A line as it is written on the paper. `fund`: its key, where it is not the one of the settings."""

    amount: Decimal
    number: str = ""
    theirs: str = ""
    external: str = ""
    title: str = ""
    dated: date | None = None
    what: str = "charge"
    fund: int | None = None


def number_key(number: str) -> str:
    """The same for a number retyped: "INV 00882-13" and "inv-8821З" … without spaces, signs, noughts in front, with
    O and 0, I, l and 1 alike."""
    bare = re.sub(r"[^A-Z0-9]", "", number.upper())
    bare = re.sub(r"^(?:INVOICE|INV|FACTURA|RECHNUNG|NO|NR)(?=[A-Z0-9]*\d)", "", bare) or bare
    return bare.translate(_LIKE).lstrip("0")[:60]


def lines_key(lines: Iterable[Any]) -> str:
    """The same for the same lines (ill_id, number, theirs, external, title, amount) in any order: a sum of what each
    says."""
    total = 0
    for line in lines:
        about = f"ill {line.ill_id}" if line.ill_id else number_key(line.number or line.theirs or line.external)
        said = f"{about or line.title.casefold()}|{Decimal(line.amount):.2f}"
        total += int.from_bytes(hashlib.sha256(said.encode()).digest()[:31], "big")
    return f"{total % (1 << 255):064x}" if total else ""


def enter(
    head: Head, lines: Sequence[Typed], *, key: str, actor: Actor, now: datetime, how: str = "keyed",
) -> PayableInvoice:
    """A new invoice with its lines, matched at once. Once per `key`. BadAnswer for what does not fit."""
    _checked(head, lines, now=now)
    if not actor.may("work_payables"):
        raise NotAllowed(_("You may not do this."))
    with transaction.atomic():
        invoice = PayableInvoice(
            **of_head(head), how=how, state=lifecycle.ENTERED, key=key, entered=now, entered_by=actor.user)
        if not rows.insert(invoice, unless_there=True):
            return PayableInvoice.objects.select_related("library").get(key=key)
        store_lines(invoice, [line_of(invoice, place, one) for place, one in enumerate(lines, start=1)])
        finish(invoice)
        events.record("payable.entered", subject=invoice.subject, actor=actor, now=now,
                      data={"how": how, "lines": len(lines), "total": str(head.total)})
    return PayableInvoice.objects.select_related("library").get(pk=invoice.pk)


def change(
    invoice: PayableInvoice, head: Head, lines: Sequence[Typed], *, seen: int, actor: Actor, now: datetime,
) -> PayableInvoice:
    """Keyed in anew, before approval is asked for; or for the first time where it came by mail. Who keys it in has
    entered it. Lines are matched again; what was answered of lines that stayed the same stays. A line keeps its key
    whatever is corrected in it, since the batch that it went back from knows it by that."""
    _checked(head, lines, now=now)
    with transaction.atomic():
        there = list(invoice.lines.order_by("place", "pk"))
        if any(line.booked_id or line.paid or line.dispute for line in there):
            raise NotAllowed(_("Lines of this invoice are disputed or booked already: answer its lines instead."))
        who: dict[str, Any] = {"entered_by": actor.user} if invoice.state == lifecycle.RECEIVED else {}
        row = move(invoice, "key_in", actor=actor, now=now, seen=seen, data={"lines": len(lines)}, why="",
                   **who, **of_head(head))
        # A part is known by the numbers that its lines have on the paper.
        places = [line.place for line in there] if row.part_of_id else []
        places += range(max(places, default=0) + 1, max(places, default=0) + 1 + len(lines))
        made = [line_of(row, place, one) for place, one in zip(places, lines, strict=False)]
        _take_over(made, there)
        row.lines.all().delete()
        store_lines(row, made)
        finish(row)
    return row


def _take_over(made: list[PayableLine], there: list[PayableLine]) -> None:
    """First lines that say the same, each once, then what is left of both in the order of the paper."""
    same: dict[tuple, list[PayableLine]] = {}
    for line in there:
        same.setdefault(_what_it_says(line), []).append(line)
    changed = []
    for line in made:
        found = same.get(_what_it_says(line))
        if found:
            before = found.pop(0)
            for name in _STAYS:
                setattr(line, name, getattr(before, name))
            line.fund_id = line.fund_id or before.fund_id
        else:
            changed.append(line)
    left = sorted((line for found in same.values() for line in found), key=lambda line: (line.place, line.pk))
    for line, before in zip(changed, left, strict=False):
        line.pk, line.round, line.fund_id = before.pk, before.round, line.fund_id or before.fund_id


def _what_it_says(line: PayableLine) -> tuple:
    return (line.number, line.theirs, line.external, line.title, line.dated, line.what, Decimal(line.amount))


def _checked(head: Head, lines: Sequence[Typed], *, now: datetime) -> None:
    check_head(head, now=now)
    if not lines:
        raise BadAnswer(_("Enter at least one line."), field="lines")
    check_lines(lines)


def check_head(head: Head, *, now: datetime) -> None:
    """Raises BadAnswer."""
    refuse_ahead(head.dated, now=now)
    if not head.number.strip():
        raise BadAnswer(_("Enter the number of the invoice."), field="number")
    if head.currency not in money.CURRENCIES:
        raise BadAnswer(_("Enter the currency as three letters, for example EUR."), field="currency")
    _amount(head.total)


def check_lines(lines: Sequence[Typed]) -> None:
    """Raises BadAnswer."""
    for line in lines:
        _amount(line.amount)
    if any(not line.amount for line in lines):
        raise BadAnswer(_("A line needs an amount."), field="lines")


def _amount(amount: Decimal) -> None:
    if amount != amount.quantize(money.CENT) or abs(amount) > money.MOST:
        raise BadAnswer(_("Enter an amount of money, to the cent."), field="total")


def of_head(head: Head) -> dict[str, Any]:
    number = " ".join(head.number.split())[:60]
    return {"library_id": head.library, "number": number, "number_key": number_key(number), "dated": head.dated,
            "due": head.due, "currency": head.currency, "total": head.total, "note": head.note}


def line_of(invoice: PayableInvoice, place: int, typed: Typed) -> PayableLine:
    return PayableLine(
        invoice=invoice, place=place, number=typed.number[:60], theirs=typed.theirs[:60],
        external=typed.external[:60], title=typed.title[:300], dated=typed.dated, what=typed.what,
        amount=typed.amount, fund_id=typed.fund)


def store_lines(invoice: PayableInvoice, lines: list[PayableLine], about: assess.Assessing | None = None) -> None:
    """Match and store. Where a line carries an answer to another result than it has now, the answer goes."""
    said = [line.result for line in lines]
    assess.assess(lines, about or assess.Assessing(invoice))
    assess.forget_titles()
    for line, before in zip(lines, said, strict=True):
        if line.answer and line.result != before:
            line.answer, line.why, line.answered, line.answered_by, line.owed = "", "", None, None, None
    PayableLine.objects.bulk_create(lines, batch_size=500)


def finish(invoice: PayableInvoice) -> None:
    """What is kept of all lines together."""
    said = invoice.lines.values_list("ill_id", "number", "theirs", "external", "title", "amount", named=True)
    found = lines_key(said.iterator(2000))
    PayableInvoice.objects.filter(pk=invoice.pk).update(lines_key=found)


def say_no_twin(
    invoice: PayableInvoice, why: str, *, actor: Actor, now: datetime, seen: int | None = None,
) -> PayableInvoice:
    """It looks like another invoice, and is none: with the reason."""
    if not why.strip():
        raise BadAnswer(_("Say why it is not the same invoice."), field="why")
    with transaction.atomic():
        return move(invoice, "answer", actor=actor, now=now, seen=seen, data={"twin": False},
                    twin_answer=why.strip()[:300])
