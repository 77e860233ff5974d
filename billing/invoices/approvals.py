"""Invoices to libraries and credit notes as programs approve them, and as the conversation about them knows them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.api import approvals
from billing.invoices import actions
from billing.invoices.models import Invoice, InvoiceLine
from billing.talk import subjects
from illdesk.actors import Actor
from illdesk.errors import NotAllowed
from illdesk.models import User

_STATES = {Invoice.DRAFT: "waiting", Invoice.APPROVED: "approved", Invoice.SENT: "approved",
           Invoice.DISCARDED: "refused"}


def _item(row: Invoice) -> approvals.Item:
    lines = [line for line in row.lines.all() if line.state != InvoiceLine.LEFT_OUT]
    return approvals.Item(
        pk=row.pk, number=row.number or "", who=row.library.name, currency=row.currency, version=row.version,
        amount=row.total if row.number else sum((line.amount for line in lines), row.total * 0),
        day=row.day or timezone.localtime(row.made).date(), state=_STATES[row.state],
        entered_by=row.made_by.short_name, url=reverse("invoice", args=[row.pk]),
        lines=[{"request": line.ill.number if line.ill else "", "fund": "", "amount": line.amount} for line in lines])


def _rows():
    return Invoice.objects.select_related("library", "made_by").prefetch_related("lines__ill")


def waiting() -> Sequence[approvals.Item]:
    """Drafts of which every line is verified; the others are still worked on."""
    drafts = _rows().filter(state=Invoice.DRAFT).exclude(lines__state=InvoiceLine.OPEN).order_by("pk")
    return [_item(row) for row in drafts]


def get(pk: int) -> approvals.Item | None:
    row = _rows().filter(pk=pk).first()
    return _item(row) if row else None


def approve(pk: int, version: int, actor: Actor, now: datetime) -> None:
    row = _rows().get(pk=pk)
    if row.state in Invoice.COUNTS and actor.user is not None and row.approved_by_id == actor.user.pk:
        return  # said twice
    actions.approve(row, seen=version, actor=actor, now=now)


def refuse(pk: int, why: str, version: int, actor: Actor, now: datetime) -> None:
    """A draft is not sent back: whoever does not approve it says so in its conversation, and it stays a draft."""
    raise NotAllowed(_("A draft is not sent back: leave out its lines, discard it, or ask in its conversation."))


def _visible(user: User, keys: Iterable[int]) -> set[int]:
    return set(keys) if user.may("see_invoices") else set()


def _links(keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = Invoice.objects.filter(pk__in=list(keys)).values_list("pk", "number")
    return {pk: (_("Invoice %(number)s") % {"number": number} if number else _("Draft of an invoice"),
                 reverse("invoice", args=[pk])) for pk, number in rows}


approvals.register(approvals.Kind(
    "invoice", gettext_lazy("Invoices to libraries"), "see_invoices", waiting, get, approve, refuse))
# No batch holds one, so the budget office has no part in them.
subjects.register(subjects.Subject("invoice", gettext_lazy("Invoice to a library"), _visible, _links,
                                   right="see_invoices", office=lambda _keys: set()))
