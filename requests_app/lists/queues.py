"""What a queue holds: one state of a kind, one flag of it, or what a person is working on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from requests_app import claims, lifecycle
from requests_app.lists.paging import Order
from requests_app.models import ILLRequest

# Name in the address → icon and label.
FLAGS = {
    "attention": ("chat-left-text", _("Needs a look")),
    "referred": ("flag", _("Referred")),
    "mine": ("person", _("My work")),
}
# Where an answer is due, the most urgent stands first; elsewhere what has waited longest.
URGENT = ("lending.received", "lending.searching")
# What the date column shows: the day that matters while a request stands there.
DATES: dict[str, tuple[str, Any]] = {
    "lending.received": ("respond_by", _("Answer by")),
    "lending.searching": ("respond_by", _("Answer by")),
    "lending.shipped": ("due_lender", _("Due")),
    "borrowing.shipped": ("due_lender", _("Lender's date")),
    "borrowing.on_hold_shelf": ("hold_until", _("Hold until")),
    "borrowing.checked_out": ("due_patron", _("Due")),
    "borrowing.returned_by_patron": ("due_lender", _("Lender's date")),
    "borrowing.return_shipped": ("due_lender", _("Lender's date")),
}
NEED_BY = ("need_by", _("Need by"))
RELATED = ("citation", "patron", "partner", "claimed_by")


@dataclass(frozen=True)
class Queue:
    kind: str
    slug: str
    state: lifecycle.State | None = None

    @property
    def name(self) -> str:
        """How it is remembered, and told apart from every other."""
        return f"{self.kind}/{self.slug}"

    @property
    def current(self) -> str:
        return self.state.code if self.state else self.slug

    @property
    def label(self) -> str:
        return str(self.state.label if self.state else FLAGS[self.slug][1])

    @property
    def wide(self) -> bool:
        """Lending is answered from the list: it takes the whole width, and a request opens alone."""
        return self.kind == lifecycle.LENDING

    @property
    def urgent(self) -> bool:
        return self.current in URGENT

    @property
    def date(self) -> tuple[str, Any]:
        return DATES.get(self.current, NEED_BY)

    @property
    def order(self) -> Order:
        if self.urgent:
            return Order("respond_by", empty=True)
        if self.state:
            return Order("changed")
        return Order("claimed_at" if self.slug == "mine" else self.slug)

    def rows(self, user, now: datetime) -> QuerySet[ILLRequest]:
        return of_queue(self, user, now).select_related(*RELATED)


def of_queue(queue: Queue, user, now: datetime) -> QuerySet[ILLRequest]:
    if queue.state:
        return ILLRequest.objects.filter(state=queue.state.code)
    if queue.slug == "mine":
        return claims.held_by(user, now).filter(kind=queue.kind)
    return ILLRequest.objects.filter(kind=queue.kind, **{f"{queue.slug}__isnull": False})


def named(kind: str, slug: str) -> Queue | None:
    state = lifecycle.state_for(kind, slug)
    return Queue(kind, slug, state) if state or slug in FLAGS else None
