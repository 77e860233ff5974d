"""A year's uses one by one, as lists and paper show them: never a patron's name."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk.money import cents
from requests_app.copyright import report, words
from requests_app.models import CopyrightNumber, CopyrightUse, Royalty

CHUNK = 1000
_ROYALTY_STATES = dict(Royalty.STATES)


def uses(year: int, **only: Any) -> QuerySet[Any]:
    """With `corrected`: another row of the request took its part; and what became of its royalty: `royalty_state`,
    `royalty_paid` (None where none was agreed)."""
    later = CopyrightUse.objects.filter(number=OuterRef("number"), pk__gt=OuterRef("pk")).exclude(number="")
    corrected = Q(state=CopyrightUse.FREED) & (
        Exists(CopyrightUse.objects.filter(instead_of=OuterRef("pk"))) | Exists(later)
    )
    rows = CopyrightUse.objects.filter(year=year, **only).select_related("title", "by")
    followed = Royalty.objects.filter(use=OuterRef("pk")).exclude(state=Royalty.RELEASED).order_by()
    return rows.annotate(
        corrected=Case(When(corrected, then=Value(True)), default=Value(False), output_field=BooleanField()),
        royalty_state=Subquery(followed.values("state")[:1]), royalty_paid=Subquery(followed.values("paid")[:1]),
    )


def standing(use: CopyrightUse) -> str:
    """In words: its place, or why it has none."""
    if use.state == CopyrightUse.FREED:
        return str(report.ENDED.get(use.freed_why, use.freed_why or _("Freed")))
    if use.state == CopyrightUse.OUTSIDE:
        return _("Not counted")
    if use.over:
        return _("Beyond the limit")
    return _("%(place)s of %(limit)s") % {"place": use.place, "limit": use.limit}


def ground(use: CopyrightUse) -> str:
    return str(words.GROUNDS.get(use.ground, use.ground))


def royalty(use: Any) -> str:
    """What it costs, and whether that is agreed, owed or paid; `use`: one of `uses`."""
    if use.royalty_paid is not None:
        return _("%(money)s paid") % {"money": f"{use.currency} {use.royalty_paid:.2f}"}
    if use.royalty is None:
        return ""
    return _royalty_in_words(use.royalty_state, f"{use.currency} {use.royalty:.2f}")


def _royalty_in_words(state: str | None, money: str) -> str:
    if state in (Royalty.OWED, Royalty.LISTED):
        return _("%(money)s owed") % {"money": money}
    if state == Royalty.AGREED:
        return _("%(money)s agreed") % {"money": money}
    return _("%(money)s with the lender's invoice") % {"money": money}


def royalties_of(year: int, titles: Iterable[int]) -> dict[int, list[str]]:
    """Title to what its royalties of the year come to: a line for each of agreed, owed, paid, and each currency."""
    live = uses(year, title__in=set(titles)).exclude(state=CopyrightUse.FREED).filter(royalty__isnull=False)
    sums = live.select_related(None).order_by().values("title_id", "currency", "royalty_state").annotate(
        price=Sum("royalty"), paid=Sum("royalty_paid"))
    agreed: dict[tuple[int, str, str], Decimal] = {}
    for one in sums:
        state = Royalty.OWED if one["royalty_state"] == Royalty.LISTED else one["royalty_state"] or ""
        key = one["title_id"], one["currency"], state
        money = one["paid"] if state == Royalty.PAID else one["price"]
        agreed[key] = agreed.get(key, Decimal()) + (cents(money) or Decimal())
    found: dict[int, list[str]] = {}
    for (title, currency, state), money in sorted(agreed.items()):
        said = f"{currency} {money}"
        found.setdefault(title, []).append(
            _("%(money)s paid") % {"money": said} if state == Royalty.PAID else _royalty_in_words(state, said))
    return found


def numbers_of(titles: Iterable[int]) -> dict[int, str]:
    """Title to its ISSNs, ISBNs and the like, in one line."""
    found: dict[int, list[str]] = {}
    rows = CopyrightNumber.objects.filter(title__in=set(titles)).exclude(kind="title").order_by("key")
    for title, key in rows.values_list("title_id", "key"):
        found.setdefault(title, []).append(key.partition(":")[2])
    return {title: ", ".join(keys) for title, keys in found.items()}


def in_chunks(rows: QuerySet, size: int = CHUNK) -> Iterator[list]:
    """Read as they are needed: the length of the list costs no memory."""
    reader = rows.iterator(chunk_size=size)
    while chunk := list(islice(reader, size)):
        yield chunk


def use_head() -> list[str]:
    return [
        _("Title"), _("Numbers"), _("Request"), _("First sent on"), _("Filled on"), _("Counted as"), _("State"),
        _("Ground"), _("Royalty agreed"), _("Currency"), _("Royalty stands at"), _("Royalty paid"), _("Article"),
        _("Issue"), _("Published"), _("Rules"), _("Freed on"), _("Corrected later"),
    ]


def use_rows(year: int) -> Iterator[list[Any]]:
    """Each row of the ledger, title by title, by the day it was first sent."""
    for chunk in in_chunks(uses(year).order_by("title__name", "title_id", "asked_on", "pk")):
        numbers = numbers_of(use.title_id for use in chunk)
        for use in chunk:
            yield [
                use.title.name, numbers.get(use.title_id, ""), use.number, use.asked_on, day_of(use.filled),
                standing(use), str(use.get_state_display()), ground(use), use.royalty, use.currency,
                str(_ROYALTY_STATES.get(use.royalty_state, "")), cents(use.royalty_paid), use.article, use.issue,
                use.published, use.rules, day_of(use.freed), _("yes") if use.corrected else "",
            ]


def day_of(moment):
    """In the library's time zone."""
    return timezone.localtime(moment).date() if moment else None


def title_head() -> list[str]:
    return [
        _("Title"), _("Numbers"), _("Requests sent"), _("Filled"), _("Within the limit"), _("Beyond the limit"),
        _("Not counted"), _("Ended without a copy"), _("Many of one title"), _("Royalties"),
    ]


def title_rows(year: int) -> Iterator[list[Any]]:
    rows = report.titles(year)
    while chunk := list(islice(rows, CHUNK)):
        pks = [row.pk for row in chunk]
        numbers, royalties = numbers_of(pks), royalties_of(year, pks)
        for row in chunk:
            yield [row.name, numbers.get(row.pk, ""), row.requests, row.filled, row.within, row.over, row.outside,
                   row.ended, _("yes") if row.many else "", "; ".join(royalties.get(row.pk, []))]


def total_rows(found: report.Totals) -> Iterator[list[Any]]:
    """Label and figure, line by line; sums of money with their currency."""
    yield [_("Requests sent"), found.requests]
    yield [_("Filled"), found.filled]
    yield [_("Pending"), found.pending]
    yield [_("Within the limit"), found.within]
    for place, count in found.by_place.items():
        yield [_("Place %(place)s") % {"place": place}, count]
    yield [_("Beyond the limit"), found.over]
    yield [_("Not counted"), found.not_counted]
    for code, count in sorted(found.outside.items()):
        ground = words.GROUNDS.get(code, code or _("without a ground"))
        yield [_("Not counted: %(ground)s") % {"ground": ground}, count]
    yield [_("Without a copy"), found.without_copy]
    for code, count in sorted(found.ended.items()):
        yield [_("Without a copy: %(why)s") % {"why": report.ENDED.get(code, code)}, count]
    yield [_("Rows that a correction took the place of"), found.corrected]
    for currency, (count, paid) in sorted(found.royalties.items()):
        yield [_("Royalties agreed or entered with requests: %(count)s, in %(currency)s")
               % {"count": count, "currency": currency or "—"}, paid]
    for currency, (count, money) in sorted(found.owed.items()):
        yield [_("Royalties owed, the copy came: %(count)s, in %(currency)s")
               % {"count": count, "currency": currency}, money]
    for currency, (count, money) in sorted(found.paid.items()):
        yield [_("Royalties really paid by our lists: %(count)s, in %(currency)s")
               % {"count": count, "currency": currency}, money]
    for currency, (count, money) in sorted(found.invoiced.items()):
        yield [_("Royalties paid with lenders' invoices: %(count)s, in %(currency)s")
               % {"count": count, "currency": currency or "—"}, money]
