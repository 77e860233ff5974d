"""What a replay needs: a year's uses, the rules they were counted by, what a subscription list says. Only read."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Subquery
from django.utils.dateparse import parse_date

from requests_app.copyright import ours, what_if
from requests_app.copyright.subscriptions import lines
from requests_app.models import (
    CopyrightNumber,
    CopyrightTitle,
    CopyrightUse,
    ElectronicTitle,
    Royalty,
    Subscription,
    SubscriptionNumber,
)
from requests_app.verification import coverage
from requests_app.verification.kbart_values import normal_identifier

MOST_LINES = 20_000


def past_of(year: int) -> list[what_if.Past]:
    """Two queries, however many uses."""
    rows = CopyrightUse.objects.filter(year=year).exclude(state=CopyrightUse.FREED).order_by("pk")
    lists = Royalty.objects.filter(use=OuterRef("pk"), state=Royalty.PAID).order_by()
    uses = list(rows.annotate(paid=Subquery(lists.values("paid")[:1])).values(
        "pk", "title_id", "title__name", "title__kind", "number", "asked_on", "place", "over", "ground", "limit",
        "rules", "published_first", "published_last", "certainty", "royalty", "currency", "why", "instead_of__over",
        "ill__citation__volume", "ill__citation__issue", "paid",
    ))
    keys: dict[int, set[str]] = {}
    numbers = CopyrightNumber.objects.filter(
        title__in=CopyrightUse.objects.filter(year=year).order_by().values("title_id"))
    for title, key in numbers.values_list("title_id", "key"):
        keys.setdefault(title, set()).add(key)
    return [
        what_if.Past(
            pk=row["pk"], title=row["title_id"], name=row["title__name"], kind=row["title__kind"],
            keys=frozenset(keys.get(row["title_id"], ())), number=row["number"], asked_on=row["asked_on"],
            placed=row["place"] is not None, over=row["over"],
            # No place was left when it was decided, or it lost its place and was given a ground after that.
            denied="full" in row["why"] or bool(row["instead_of__over"]), ground=row["ground"], limit=row["limit"],
            rules=row["rules"], published_first=row["published_first"], published_last=row["published_last"],
            certainty=row["certainty"], royalty=row["royalty"], currency=row["currency"], paid=row["paid"],
            volume=row["ill__citation__volume"] or "", issue=row["ill__citation__issue"] or "",
        ) for row in uses
    ]


@dataclass(frozen=True)
class Held:
    """A row of ours, judged for each use as the decision judges it (`ours.of`): in force or ordered on the day, and
    certain to cover what was wanted. What is in doubt is a person's case there, and not taken here."""

    kind: str
    row: ours.Stored

    def has(self, use: what_if.Past) -> bool:
        if self.kind != use.kind:
            return False
        if self.row.how != "online":
            dates = Subscription(ordered=self.row.ordered, begins=self.row.begins, ends=self.row.ends)
            if dates.standing(use.asked_on) not in ("in_force", "entered"):
                return False
        if use.kind != CopyrightTitle.PERIODICAL:
            return True
        part = ours.Part(ours.partial(use.published_first, use.published_last), use.volume, use.issue)
        return self.row.covers(part, use.asked_on) == coverage.YES


def holdings(past: Iterable[what_if.Past]) -> list[what_if.Subscribed]:
    """Serials of our electronic packages among these titles, as if each had been there all year: those that the
    decision takes (`ours`), with their coverage and embargo."""
    numbers = {key.partition(":")[2]: key for use in past for key in use.keys if key.startswith("issn")}
    rows = ElectronicTitle.objects.filter(
        package__on=True, generation=F("package__generation"), kind="serial", free=False).exclude(depth="abstracts")
    found: dict[int, ElectronicTitle] = {}
    wanted = sorted(numbers)
    for at in range(0, len(wanted), 500):
        part = wanted[at : at + 500]
        for name in ("print_identifier", "online_identifier"):
            found |= {row.pk: row for row in rows.filter(**{f"{name}__in": part})}
    return [
        what_if.Subscribed(
            frozenset(numbers[one] for one in (row.print_identifier, row.online_identifier) if one in numbers),
            row=Held(CopyrightTitle.PERIODICAL, ours.Stored(
                "online", row.first_date, row.last_date, row.embargo, depth=row.depth, first_volume=row.first_volume,
                first_issue=row.first_issue, last_volume=row.last_volume, last_issue=row.last_issue)),
        ) for _pk, row in sorted(found.items())
    ]


def subscriptions(past: Iterable[what_if.Past]) -> list[what_if.Subscribed]:
    """Our subscriptions and orders as they stand, of these titles, with their days and what they cover."""
    wanted = sorted({key for use in past for key in use.keys})
    keys: dict[int, set[str]] = {}
    for at in range(0, len(wanted), 500):
        numbers = SubscriptionNumber.objects.filter(key__in=wanted[at : at + 500])
        for pk, key in numbers.values_list("subscription_id", "key"):
            keys.setdefault(pk, set()).add(key)
    rows = {row.pk: row for at in range(0, len(keys), 500)
            for row in Subscription.objects.counting().filter(pk__in=sorted(keys)[at : at + 500])}
    return [
        what_if.Subscribed(frozenset(keys[pk]), row=Held(row.kind, ours.Stored(
            "entered", row.covers_from, row.covers_to, row.embargo, ordered=row.ordered, begins=row.begins,
            ends=row.ends)))
        for pk, row in sorted(rows.items())
    ]


def read_list(text: str) -> tuple[list[what_if.Subscribed], list[str]]:
    """(subscriptions, lines that could not be read). A line: ISSN, since, until; days as 2026-06-30 or a year. The
    first may name the columns."""
    found: list[what_if.Subscribed] = []
    unread: list[str] = []
    said = text.lstrip("\ufeff").splitlines()
    delimiter = next((sign for sign in ("\t", ";", ",") if any(sign in line for line in said[:5])), ",")
    for place, cells in enumerate(csv.reader(io.StringIO("\n".join(said[:MOST_LINES])), delimiter=delimiter)):
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        number = normal_identifier(cells[0])
        since, until = _day(cells[1:2], first=True), _day(cells[2:3], first=False)
        if len(number) == 9 and not isinstance(since, bool) and not isinstance(until, bool):
            found.append(what_if.Subscribed(frozenset({f"issn:{number}"}), since, until))
        elif place or not lines.is_head(cells):
            unread.append(delimiter.join(cells)[:80])
    unread += [line[:80] for line in said[MOST_LINES:]]
    return found, unread


def _day(cells: list[str], *, first: bool) -> date | bool | None:
    """None where nothing is said, False where it cannot be read."""
    text = cells[0] if cells else ""
    if not text:
        return None
    if len(text) == 4 and text.isascii() and text.isdigit() and text > "0000":
        return date(int(text), 1, 1) if first else date(int(text), 12, 31)
    try:
        return parse_date(text) or False
    except ValueError:
        return False
