"""What a list can show of a request: each column's head, width, order, and its value for a spreadsheet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, Left, Lower, NullIf
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from requests_app import lifecycle, reasons
from requests_app.lists.paging import Order
from requests_app.lists.queues import DATES, NEED_BY, Queue
from requests_app.models import Check, ILLRequest


@dataclass(frozen=True)
class Column:
    """`width` in px as site.css has them, 0: what is left; `css`: its place on a phone, and its alignment."""

    name: str
    label: str | Promise
    width: int
    value: Callable[[ILLRequest, date], Any]
    order: Order | None = None
    css: str = ""
    kinds: tuple[str, ...] = tuple(lifecycle.KINDS)


def _text(*parts: Any) -> Order:
    """Ordered as read, capitals or not; only the beginning counts, for it stands in the next page's address."""
    texts = [Coalesce(Cast(part, TextField()), Value(""), output_field=TextField()) for part in parts]
    whole = Concat(*texts, output_field=TextField()) if len(texts) > 1 else texts[0]
    return Order(Lower(Left(whole, 80), output_field=TextField()), "text")


_TITLE = Coalesce(NullIf("citation__part_title", Value("")), "citation__title")
_WHO = {
    lifecycle.BORROWING: _text(F("patron__last_name"), Value(" "), F("patron__first_name")),
    lifecycle.LENDING: _text(F("partner__symbol")),
    lifecycle.DOCUMENTS: _text(F("patron__last_name"), Value(" "), F("patron__first_name")),
}


def who(ill: ILLRequest) -> str:
    """Whom it is for: the patron, in lending the library."""
    if ill.kind != lifecycle.LENDING:
        return ill.patron.short_name if ill.patron else ""
    return ill.partner.symbol if ill.partner else ""


def age(ill: ILLRequest, today: date) -> int:
    return (today - timezone.localtime(ill.created).date()).days


def where(ill: ILLRequest) -> str:
    return " · ".join(filter(None, (ill.location, ill.call_number)))


def _plain(moment: Any) -> Any:
    """A spreadsheet knows no time zones: the library's own clock."""
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0) if moment else None


def flag_words(ill: ILLRequest, today: date) -> list[str]:
    found = [
        reasons.ATTENTION.get(ill.attention_why, _("needs a look")) if ill.attention else "",
        _("referred") if ill.referred else "", _("cancel asked") if ill.cancel_asked else "",
        _("renewal asked") if ill.renewal_asked else "", _("recalled") if ill.recalled else "",
    ]
    late = ill.due_lender if ill.kind == lifecycle.LENDING else ill.due_patron
    if late and late < today and ill.state in ("borrowing.checked_out", "lending.shipped"):
        found.append(_("%(days)d d overdue") % {"days": (today - late).days})
    return [str(words) for words in found if words]


OUTCOMES = dict(Check.OUTCOMES)
_NO_LENDING = (lifecycle.BORROWING, lifecycle.DOCUMENTS)


def of(queue: Queue) -> dict[str, Column]:
    """Every column this queue can show, by name, in the order in which they are offered."""
    field, label = queue.date
    day = Order(field, "time" if field == "respond_by" else "date", empty=True)
    # In a list of several states each row shows the date of its own: there is no order over these.
    columns = [
        Column("left", gettext_lazy("Left"), 88, lambda ill, _t: _plain(ill.respond_by),
               Order("respond_by", empty=True), "ill-c-when ill-nowrap", (lifecycle.LENDING,)),
        Column("number", gettext_lazy("Number"), 104, lambda ill, _t: ill.number, Order("pk", "number"),
               "ill-num ill-c-a"),
        Column("title", gettext_lazy("Title"), 0, lambda ill, _t: ill.citation.shown_title, _text(_TITLE),
               "ill-c-title"),
        Column("author", gettext_lazy("Author"), 128, lambda ill, _t: ill.citation.shown_author),
        Column("service", gettext_lazy("Kind"), 72, lambda ill, _t: ill.get_service_display(),
               Order("service", "text"), "ill-muted"),
        Column("material", gettext_lazy("Material"), 88, lambda ill, _t: ill.citation.get_kind_display(),
               _text(F("citation__kind")), "ill-muted"),
        Column("who", gettext_lazy("For") if queue.kind == lifecycle.LENDING else gettext_lazy("Patron"),
               72 if queue.kind == lifecycle.LENDING else 88, lambda ill, _t: who(ill), _WHO[queue.kind], "ill-c-b"),
        Column("status", pgettext_lazy("of a patron", "Status"), 104,
               lambda ill, _t: ill.patron.get_status_display() if ill.patron
               else "", _text(F("patron__status")), "ill-muted", _NO_LENDING),
        Column("lender", gettext_lazy("Lender"), 72, lambda ill, _t: ill.partner.symbol if ill.partner else "",
               _text(F("partner__symbol")), "ill-muted", (lifecycle.BORROWING,)),
        Column("state", gettext_lazy("State"), 160, lambda ill, _t: str(ill.state_row.label), css="ill-muted ill-c-c"),
        Column("where", gettext_lazy("Where"), 200, lambda ill, _t: where(ill),
               _text(F("location"), Value(" "), F("call_number")), "ill-muted ill-c-c",
               (lifecycle.LENDING, lifecycle.DOCUMENTS)),
        Column("branch", gettext_lazy("Pick-up"), 104, lambda ill, _t: ill.branch.name if ill.branch else "",
               _text(F("branch__name")), "ill-muted", _NO_LENDING),
        Column("age", gettext_lazy("Age"), 56, age, Order("created", turned=True), "ill-muted ill-r ill-c-c"),
        Column("waits", gettext_lazy("Waits"), 56, lambda ill, today: (today - timezone.localtime(ill.changed).date())
               .days, Order("changed", turned=True), "ill-muted ill-r"),
        Column("asked", gettext_lazy("Asked"), 88, lambda ill, _t: _plain(ill.created), Order("created"),
               "ill-muted ill-nowrap"),
        Column("date", label if queue.state else gettext_lazy("Next date"), 72, lambda ill, _t: next_date(ill),
               day if queue.state else None, "ill-c-when ill-nowrap"),
        Column("need_by", gettext_lazy("Need by"), 72, lambda ill, _t: ill.need_by,
               Order("need_by", "date", empty=True), "ill-nowrap"),
        Column("barcode", gettext_lazy("Barcode"), 128, lambda ill, _t: ill.barcode, Order("barcode", "text"),
               "ill-muted"),
        Column("outcome", gettext_lazy("Citation"), 104, lambda ill, _t: str(OUTCOMES[ill.outcome]),
               Order("outcome", "text"), "ill-muted"),
        Column("flags", gettext_lazy("Flags"), 112, lambda ill, today: ", ".join(flag_words(ill, today)),
               css="ill-c-flag"),
        Column("next", gettext_lazy("Next step"), 160, lambda ill, _t: "", css="ill-r ill-wide ill-next-step"),
    ]
    if queue.state and field == "need_by":
        columns = [column for column in columns if column.name != "need_by"]  # the date column is it
    return {column.name: column for column in columns if queue.kind in column.kinds}


def next_date(ill: ILLRequest) -> date | None:
    value = getattr(ill, DATES.get(ill.state, NEED_BY)[0])
    return timezone.localtime(value).date() if hasattr(value, "hour") else value


def house(queue: Queue) -> tuple[str, ...]:
    """What a list shows to somebody who chose nothing."""
    if not queue.wide:
        return ("number", "title", "who", "age", "date", "flags")
    return (
        "left" if queue.urgent else "date", "number", "title", "service", "who",
        "where" if queue.state else "state", "next",
    )
