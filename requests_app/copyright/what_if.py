"""How a year would have looked under other rules, or with other subscriptions. Pure: history is not rewritten.

A use is judged twice, by the rules it was counted by and by the others: where both say the same of it, what happened
stands, a person's decision too. Where they differ it is judged anew. Places are then given in the order of the days;
one that was refused a place in its time gets one only where the others leave more room than there was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Protocol

from requests_app.copyright import decision, facts
from requests_app.copyright.published import UNKNOWN, Published
from requests_app.copyright.rules import Rules

WITHIN, OVER, OUTSIDE = decision.WITHIN, decision.OVER, decision.OUTSIDE
GIVEN, PAID, AGREED = "given", "paid", "agreed"
# What a person chose, and what stands whatever the guidelines say of numbers and years.
_FIXED = ("public_domain", "federal", "open_licence", "licence", "accessible", "permission", "other", "fair_use",
          "royalty")


@dataclass(frozen=True)
class Past:
    """A use that was not freed. `denied`: no place was left for it in its time; `ground` is what was chosen then.
    `royalty`: as agreed; `paid`: as it was really paid, None while it was not."""

    pk: int
    title: int
    name: str
    kind: str
    keys: frozenset[str]
    number: str
    asked_on: date
    placed: bool
    over: bool
    denied: bool = False
    ground: str = ""
    limit: int = 5
    rules: str = ""
    published_first: date | None = None
    published_last: date | None = None
    certainty: str = UNKNOWN
    royalty: Decimal | None = None
    currency: str = ""
    paid: Decimal | None = None
    volume: str = ""
    issue: str = ""

    @property
    def was(self) -> str:
        return WITHIN if self.placed else OVER if self.over else OUTSIDE


class Row(Protocol):
    """A row of ours that says itself what it has."""

    def has(self, use: Past) -> bool: ...


@dataclass(frozen=True)
class Subscribed:
    """A subscription: the numbers of its title ("issn:1234-567X") and the days it was in force, both included; `row`:
    what it covers, where that is known."""

    keys: frozenset[str]
    since: date | None = None
    until: date | None = None
    row: Row | None = None

    def holds(self, use: Past) -> bool:
        day = use.asked_on
        there = (self.since is None or self.since <= day) and (self.until is None or day <= self.until)
        return there and (self.row is None or self.row.has(use))


@dataclass(frozen=True)
class Outcome:
    """What became of a use, and what would have. `saved`: its royalty would not have been owed; `owed`: one more
    would have been needed, or another ground."""

    use: Past
    now: str
    ground: str
    saved: bool = False
    owed: bool = False

    @property
    def changed(self) -> bool:
        return self.now != self.use.was or (self.now == OUTSIDE and self.ground != self.use.ground)


@dataclass
class Sums:
    within: int = 0
    over: int = 0
    outside: int = 0

    def add(self, verdict: str) -> None:
        setattr(self, verdict, getattr(self, verdict) + 1)


@dataclass
class TitleSums:
    title: int
    name: str
    then: Sums = field(default_factory=Sums)
    now: Sums = field(default_factory=Sums)
    changed: list[Outcome] = field(default_factory=list)


@dataclass
class Replay:
    then: Sums = field(default_factory=Sums)
    now: Sums = field(default_factory=Sums)
    titles: dict[int, TitleSums] = field(default_factory=dict)
    saved: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    owed: int = 0
    owed_each: Decimal | None = None
    owed_currency: str = ""
    owed_by: str = ""  # what `owed_each` is: GIVEN, PAID or AGREED

    @property
    def changed(self) -> list[TitleSums]:
        rows = [row for row in self.titles.values() if row.changed]
        return sorted(rows, key=lambda row: (-len(row.changed), row.name))

    @property
    def owed_sum(self) -> Decimal | None:
        return None if self.owed_each is None else (self.owed_each * self.owed).quantize(Decimal("0.01"))


def replay(
    past: Iterable[Past], rules: Rules, *, as_then: Mapping[str, Rules], subscribed: Iterable[Subscribed] = (),
    price: tuple[Decimal, str] | None = None,
) -> Replay:
    """`as_then`: the rules by their labels, as they were. `price`: of a royalty; else the year's average."""
    rows = sorted(past, key=lambda row: (row.asked_on, row.pk))
    by_key: dict[str, list[Subscribed]] = {}
    for one in subscribed:
        for key in one.keys:
            by_key.setdefault(key, []).append(one)
    found = Replay()
    if price is not None:
        (found.owed_each, found.owed_currency), found.owed_by = price, GIVEN
    else:
        found.owed_each, found.owed_currency, found.owed_by = _average(rows)
    by_title: dict[int, list[Past]] = {}
    for row in rows:
        by_title.setdefault(row.title, []).append(row)
    for title, uses in by_title.items():
        sums = found.titles[title] = TitleSums(title, uses[0].name)
        for outcome in _one_title(uses, rules, as_then, by_key):
            for there in (found, sums):
                there.then.add(outcome.use.was)
                there.now.add(outcome.now)
            if outcome.changed:
                sums.changed.append(outcome)
            if outcome.saved and outcome.use.royalty is not None:
                count, paid = found.saved.get(outcome.use.currency, (0, Decimal()))
                found.saved[outcome.use.currency] = (count + 1, paid + outcome.use.royalty)
            found.owed += outcome.owed
    return found


def _average(rows: list[Past]) -> tuple[Decimal | None, str, str]:
    """Of what was really paid, else of what was agreed; in the currency of most of them."""
    for by, name in ((PAID, "paid"), (AGREED, "royalty")):
        amounts: dict[str, list[Decimal]] = {}
        for row in rows:
            if (amount := getattr(row, name)) is not None:
                amounts.setdefault(row.currency, []).append(amount)
        if amounts:
            currency = max(amounts, key=lambda one: (len(amounts[one]), one))
            mean = sum(amounts[currency], Decimal()) / len(amounts[currency])
            return mean.quantize(Decimal("0.01"), ROUND_HALF_UP), currency, by
    return None, "", ""


def _one_title(
    uses: list[Past], rules: Rules, as_then: Mapping[str, Rules], by_key: Mapping[str, list[Subscribed]]
) -> Iterable[Outcome]:
    taken = 0  # places given by these rules
    more = 0  # places given that were not then, less those that were and are not now
    for use in uses:
        counts, ground = _judged(use, rules, as_then, by_key)
        placed = False
        if counts:
            was_full = use.over or (use.denied and not use.placed)
            room = use.limit + more < rules.limit if was_full else True
            placed = room and taken < rules.limit
        taken += placed
        more += placed - use.placed
        if placed:
            now, ground = WITHIN, ""
        elif not counts:
            now = OUTSIDE
        elif use.was == OUTSIDE and use.denied:
            now, ground = OUTSIDE, use.ground  # as then: no place, and the ground that was chosen
        else:
            now, ground = OVER, ""
        paid_for = use.royalty is not None and (use.over or use.ground == "royalty")
        free = now == WITHIN or (now == OUTSIDE and ground not in ("royalty", use.ground))
        yield Outcome(use, now, ground, saved=paid_for and free, owed=now == OVER and use.was != OVER)


def _judged(
    use: Past, rules: Rules, as_then: Mapping[str, Rules], by_key: Mapping[str, list[Subscribed]]
) -> tuple[bool, str]:
    """(does it count?, the ground where it does not)."""
    before = as_then.get(use.rules) or Rules(limit=use.limit)
    ours = any(one.holds(use) for key in use.keys for one in by_key.get(key, ()))
    then, now = _by_rules(use, before, subscribed=False), _by_rules(use, rules, subscribed=ours)
    if then != now:
        return (not now, now)
    # The same in both: what happened stands. What was refused a place would have counted.
    return (use.was != OUTSIDE or use.denied, "" if use.was != OUTSIDE else use.ground)


def _by_rules(use: Past, rules: Rules, *, subscribed: bool) -> str:
    """The ground on which it is not counted; '' where it is, as the decision itself says it."""
    if use.ground in _FIXED and not use.denied:
        return use.ground
    held = subscribed or use.ground == "held"
    published = Published(use.published_first, use.published_last, use.certainty or UNKNOWN)
    return _decided(rules, use.kind, published, use.asked_on, held)


@lru_cache(maxsize=20_000)  # many of a year were asked on one day for articles of one year
def _decided(rules: Rules, kind: str, published: Published, asked_on: date, held: bool) -> str:
    ours = facts.Ours("subscription" if kind == facts.PERIODICAL else "owned", False) if held else facts.Ours()
    return decision.decide(
        facts.Facts(asked=facts.Asked(first_sent=asked_on, part_title="x", pages="1"), published=published,
                    counted=facts.Counted(name="x", kind=kind), ours=ours),
        rules, today=asked_on,
    ).ground
