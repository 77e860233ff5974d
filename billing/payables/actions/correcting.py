"""A long invoice is keyed in anew a page at a time: what stands on the page is stored, the other lines stay."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.payables import assess, lifecycle
from billing.payables.actions.answers import UNANSWERED, look_again
from billing.payables.actions.entry import Head, Typed, check_head, check_lines, finish, line_of, of_head, store_lines
from billing.payables.actions.moving import move
from billing.payables.models import PayableInvoice, PayableLine
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed

# Written otherwise above the lines, all of them are compared anew.
_OF_ALL = ("library_id", "dated", "currency")
_STORED = ["number", "theirs", "external", "title", "what", "amount", "ill", "agreed", "result", "found", "chosen",
           *UNANSWERED]


def change_page(
    invoice: PayableInvoice, head: Head, *, changed: Mapping[int, Typed | None], added: Sequence[Typed], seen: int,
    actor: Actor, now: datetime,
) -> PayableInvoice:
    """`changed`: by the line's key what it says now, None where it is taken out; `added`: lines behind the last.
    Changed lines are matched again, and answers to what they said before go. NotAllowed where a line is booked or
    disputed, Stale as everywhere."""
    check_head(head, now=now)
    check_lines([one for one in [*changed.values(), *added] if one is not None])
    with transaction.atomic():
        who: dict[str, Any] = {"entered_by": actor.user} if invoice.state == lifecycle.RECEIVED else {}
        before = PayableInvoice.objects.get(pk=invoice.pk)
        row = move(invoice, "key_in", actor=actor, now=now, seen=seen, why="", **who, **of_head(head),
                   data={"changed": len(changed), "added": len(added)})
        all_anew = any(getattr(row, name) != getattr(before, name) for name in _OF_ALL)
        touched = row.lines.all() if all_anew else row.lines.filter(pk__in=changed)
        if touched.exclude(booked=None, paid=None, dispute="").exists():
            raise NotAllowed(_("Lines of this invoice are disputed or booked already: answer its lines instead."))
        there = {line.pk: line for line in row.lines.filter(pk__in=changed)}
        if len(there) != len(changed):
            raise NotAllowed(_("Lines of this page are not in the invoice any more: look at it again."))
        anew = [_as_now(there[pk], said) for pk, said in changed.items() if said is not None]
        last = row.lines.order_by("-place").values_list("place", flat=True).first() or 0
        made = [line_of(row, last + at, one) for at, one in enumerate(added, start=1)]
        row.lines.filter(pk__in=[pk for pk, said in changed.items() if said is None]).delete()
        if not made and not row.lines.exists():
            raise BadAnswer(_("Enter at least one line."), field="lines")
        assess.assess(anew, assess.Assessing(row))
        PayableLine.objects.bulk_update(anew, _STORED, batch_size=200)
        store_lines(row, made)
        _close_gaps(row)
        if all_anew:
            look_again(row)
        finish(row)
        assess.forget_titles()
    return row


def _as_now(line: PayableLine, said: Typed) -> PayableLine:
    """What the form does not show stays: its date, its fund, and of two numbers the one that was not typed over."""
    if said.external != (line.external or line.theirs):
        line.external, line.theirs = said.external[:60], said.theirs[:60]
    line.number, line.title, line.what, line.amount = said.number[:60], said.title[:300], said.what, said.amount
    line.chosen, line.found = False, {"row": line.found["row"]} if line.found.get("row") else {}
    for name, value in UNANSWERED.items():
        setattr(line, name, value)
    return line


def _close_gaps(invoice: PayableInvoice) -> None:
    """1, 2, 3 …, also where a line was taken out."""
    moved = []
    for place, line in enumerate(invoice.lines.only("invoice", "place").order_by("place", "pk"), start=1):
        if line.place != place:
            line.place = place
            moved.append(line)
    PayableLine.objects.bulk_update(moved, ["place"], batch_size=500)
