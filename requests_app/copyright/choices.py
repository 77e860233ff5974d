"""How a copy may be got, with what each way costs and leads to: what the decision page shows. Changes nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from illdesk import budgets
from requests_app.copyright import (
    asking,
    clearance,
    collection,
    decision,
    fair_price,
    prices,
    royalties,
    waits,
)
from requests_app.models import (
    Check,
    CollectionNote,
    CopyrightUse,
    FairPriceSearch,
    ILLRequest,
    Library,
    PlaceWait,
    RightsQuote,
    Royalty,
)

_MOST_SEATS = 12


@dataclass(frozen=True)
class Versions:
    """What the newest check found beside the published text. `checked`: when, None where nothing was checked."""

    checked: datetime | None
    manuscripts: tuple[str, ...] = ()
    editions: int = 0


@dataclass(frozen=True)
class Choices:
    look: clearance.Look
    price: prices.Price | None
    quote: RightsQuote | None
    can_ask: bool
    funds: tuple[budgets.Fund, ...]
    lenders: tuple[Library, ...]
    versions: Versions
    searches: tuple[FairPriceSearch, ...]
    notes: tuple[CollectionNote, ...]
    wait: PlaceWait | None
    royalty: Royalty | None
    next_on: date

    @property
    def within(self) -> bool:
        """Can it be one of those within the guidelines?"""
        may = (decision.WITHIN, decision.PERSON)
        found = self.look
        return found.rules.counts and found.has_room and found.decision.leaning in may and not found.decision.barred

    @property
    def left(self) -> int:
        counted = self.look.facts.counted
        return max(self.look.rules.limit - counted.used - counted.held, 0)

    @property
    def seats(self) -> list[str]:
        """A segment for each place: used, held or free; none where there are too many to be drawn."""
        counted, limit = self.look.facts.counted, self.look.rules.limit
        if limit > _MOST_SEATS:
            return []
        taken = ["used"] * counted.used + ["held"] * counted.held
        return (taken + ["free"] * limit)[:limit]

    @property
    def needs_search(self) -> bool:
        return fair_price.is_needed(self.look.decision, "")

    @property
    def may_free(self) -> CopyrightUse | None:
        """Of the places of the year, the newest that may be free again."""
        held = [use for use in self.look.uses if use.state == CopyrightUse.HELD and not use.over]
        return max(held, key=lambda use: (use.asked_on, use.pk), default=None)  # type: ignore[return-value]

    @property
    def cheapest(self) -> tuple[Decimal, str] | None:
        charges = [(one.terms.charge_copy, one.terms.currency) for one in self.lenders
                   if one.terms.charge_copy is not None]
        return min(charges, default=None)


def gather(ill: ILLRequest, *, now: datetime) -> Choices:
    """A fixed number of queries, whatever was ever counted; nobody outside is asked."""
    found = clearance.look(ill, now=now)
    today = timezone.localtime(now).date()
    price, quote = prices.known(found.wanted, ill.citation, number=ill.number, today=today)
    wait = waits.of(ill)
    return Choices(
        look=found, price=price, quote=quote, can_ask=asking.is_asked(), funds=tuple(royalties.funds_on(today)),
        lenders=included(today), versions=_versions(ill), searches=tuple(fair_price.of(ill)),
        notes=tuple(collection.of(found.title, found.day.year)), wait=wait, royalty=royalties.of(ill),
        next_on=wait.next_on if wait else waits.next_day(ill, today, fixed=waits.year_is_fixed(found)),
    )


def included(today: date) -> tuple[Library, ...]:
    """Libraries whose price for a copy includes the royalty and that take requests today, the cheapest first."""
    rows = Library.objects.filter(
        active=True, policy__royalty_included=True, policy__takes_requests=True, policy__makes_copies=True,
    ).not_suspended_on(today).select_related("policy").order_by("policy__charge_copy", "symbol")
    return tuple(rows[:20])


def _versions(ill: ILLRequest) -> Versions:
    newest = Check.objects.filter(ill=ill).only("made", "access", "found").order_by("-pk").first()
    if newest is None:
        return Versions(None)
    manuscripts = tuple(
        str(one.get("url", "")) for one in newest.access
        if one.get("way") == "free" and one.get("version") in ("accepted", "submitted", "manuscript", "preprint")
    )
    return Versions(newest.made, manuscripts, max(len(newest.found) - 1, 0))
