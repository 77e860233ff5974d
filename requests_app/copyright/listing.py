"""What the pages of titles read: lists by year, a title's uses, those beyond the limit, and what looks the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, FilteredRelation, Max, Min, Q, QuerySet

from requests_app.copyright import ledger, titles
from requests_app.copyright.facts import PERIODICAL, WORK
from requests_app.models import CopyrightNumber, CopyrightTitle, CopyrightUse, TitleLink
from requests_app.verification.kbart_values import title_key
from requests_app.verification.stored import wanted_of


def of_year(year: int, *, text: str = "", kind: str = "") -> QuerySet[CopyrightTitle]:
    """Titles with what is counted for them in a year (used, pending, over, outside, limit), the most asked first.
    Without a search only those of which something was asked; `text`: a number, or words of the name."""
    rows = CopyrightTitle.objects.filter(merged_into=None).annotate(
        mine=FilteredRelation("uses", condition=Q(uses__year=year, uses__state__in=ledger.LIVE))
    )
    rows = rows.filter(_found(text)) if text.strip() else rows.filter(mine__isnull=False)
    if kind in (PERIODICAL, WORK):
        rows = rows.filter(kind=kind)
    rows = rows.annotate(
        used=Count("mine", filter=Q(mine__state=CopyrightUse.USED, mine__over=False)),
        pending=Count("mine", filter=Q(mine__state=CopyrightUse.HELD, mine__over=False)),
        over=Count("mine", filter=Q(mine__over=True)),
        outside=Count("mine", filter=Q(mine__state=CopyrightUse.OUTSIDE)),
        limit=Max("mine__limit"),
    )
    return rows.order_by((F("used") + F("pending") + F("over")).desc(), "-outside", "name", "pk")


def _found(text: str) -> Q:
    keys = [key for kind in (PERIODICAL, WORK) if (key := titles.key_of(text, kind))]
    by_number = CopyrightNumber.objects.filter(key__in=keys).values("title") if keys else None
    name = title_key(text)
    found = Q(name_key__contains=name) if name else Q(name__icontains=text.strip())
    return found | Q(pk__in=by_number) if by_number is not None else found


def numbers_of(rows: Iterable[CopyrightTitle]) -> dict[int, list[str]]:
    """As people write them, by title: one query."""
    found: dict[int, list[str]] = {}
    for number in CopyrightNumber.objects.filter(title__in=[row.pk for row in rows]).exclude(
        kind=titles.BY_NAME_KIND
    ).order_by("kind", "key"):
        found.setdefault(number.title_id, []).append(shown(number.key))
    return found


def shown(key: str) -> str:
    """"ISSN 1234-567X" """
    scheme, _colon, number = key.partition(":")
    return f"{scheme.upper()} {number}"


def years(title: CopyrightTitle | None = None) -> list[int]:
    """The years in which something was counted, the newest first."""
    if title is not None:
        rows = CopyrightUse.objects.filter(title=title)
        return sorted(set(rows.order_by().values_list("year", flat=True).distinct()), reverse=True)
    ends = CopyrightUse.objects.aggregate(first=Min("year"), last=Max("year"))
    return list(range(ends["last"], ends["first"] - 1, -1)) if ends["last"] else []


# --- one title ------------------------------------------------------------------------------------------------------


def uses(title: CopyrightTitle, year: int) -> list[CopyrightUse]:
    """All rows of a year, the freed ones too: places in order, then those over, then those that need none."""
    rows = CopyrightUse.objects.filter(title=title, year=year).select_related("ill__citation", "by")
    return sorted(rows, key=lambda row: (row.state == CopyrightUse.FREED, row.place is None, row.place or 0,
                                         not row.over, row.asked_on, row.pk))


def live(title: CopyrightTitle) -> list[CopyrightUse]:
    rows = CopyrightUse.objects.filter(title=title, state__in=ledger.LIVE).select_related("ill")
    return list(rows.order_by("-year", "asked_on", "pk"))


def strayed(title: CopyrightTitle, rows: Iterable[CopyrightUse]) -> set[int]:
    """Uses whose citation was put right since they left: its numbers lead here no more."""
    if not title.numbered:
        return set()
    own = set(CopyrightNumber.objects.filter(title=title).values_list("key", flat=True))
    found = set()
    for row in rows:
        if row.state != CopyrightUse.FREED and row.ill is not None:
            keys = titles.wanted_of(wanted_of(row.ill.citation)).keys
            if keys and not own & set(keys):
                found.add(row.pk)
    return found


@dataclass(frozen=True)
class Segment:
    """One of the places of a year: used, pending or free."""

    place: int
    state: str


def segments(rows: Iterable[CopyrightUse], limit: int) -> list[Segment]:
    taken = {row.place: row.state for row in rows if row.place is not None and row.state in CopyrightUse.COUNTED}
    return [Segment(place, taken.get(place, "free")) for place in range(1, max(limit, *taken, 0) + 1)]


# --- what looks the same ----------------------------------------------------------------------------------------------


def same_names(title: CopyrightTitle) -> list[CopyrightTitle]:
    """Others of the same name, and those that are linked with it: perhaps one title."""
    numbers = CopyrightNumber.objects.filter(title=title).values("key")
    linked = CopyrightNumber.objects.filter(
        key__in=TitleLink.objects.filter(title=title).exclude(kind=TitleLink.APART).values("key")
    ).values("title")
    naming = TitleLink.objects.filter(key__in=numbers).exclude(kind=TitleLink.APART).values("title")
    rows = CopyrightTitle.objects.filter(
        Q(kind=title.kind, name_key=title.name_key) | Q(pk__in=linked) | Q(pk__in=naming), merged_into=None
    ).exclude(pk=title.pk).order_by("pk")[:50]
    said = _apart([title, *rows])
    return [row for row in rows if frozenset((row.pk, title.pk)) not in said]


def proposals(*, after: str = "", most: int = 50) -> tuple[list[list[CopyrightTitle]], str]:
    """Groups of titles of one name that nobody told apart, by name; and the name behind which the next page begins."""
    names = CopyrightTitle.objects.filter(merged_into=None, name_key__gt=after).order_by("name_key")
    keys = list(names.values("name_key", "kind").annotate(n=Count("pk")).filter(n__gt=1).values_list(
        "name_key", flat=True)[: most + 1])
    groups: dict[tuple[str, str], list[CopyrightTitle]] = {}
    shown_keys = list(dict.fromkeys(keys[:most]))
    for row in CopyrightTitle.objects.filter(merged_into=None, name_key__in=shown_keys).order_by("name_key", "pk"):
        groups.setdefault((row.name_key, row.kind), []).append(row)
    said = _apart([row for group in groups.values() for row in group])
    found = []
    for group in groups.values():
        for place, first in enumerate(group):
            rest = [row for row in group[place + 1:] if frozenset((first.pk, row.pk)) not in said
                    and not titles.other_publisher(first.publisher_key, row.publisher_key)]
            if rest:
                found.append([first, *rest])
    return found, shown_keys[-1] if len(keys) > most else ""


def _apart(rows: Iterable[CopyrightTitle]) -> set[frozenset[int]]:
    links = TitleLink.objects.filter(kind=TitleLink.APART, title__in=[row.pk for row in rows])
    return {frozenset((link.title_id, int(link.key.partition(":")[2]))) for link in links}


# --- beyond the limit -------------------------------------------------------------------------------------------------


def over() -> QuerySet[CopyrightUse]:
    """Those that wait for a ground, the longest waiting first."""
    rows = CopyrightUse.objects.filter(over=True, state__in=CopyrightUse.COUNTED)
    return rows.select_related("title", "ill").order_by("asked_on", "pk")


def free_places(rows: Iterable[CopyrightUse], *, limit: int) -> set[int]:
    """Of uses beyond the limit those in whose year a place is free now, by the limit of today's rules: one query."""
    rows = list(rows)
    taken: dict[tuple[int, int], int] = {}
    counted = CopyrightUse.objects.filter(
        title__in={row.title_id for row in rows}, year__in={row.year for row in rows}, place__isnull=False,
        state__in=CopyrightUse.COUNTED,
    ).order_by().values_list("title", "year").annotate(n=Count("pk"))
    for title, year, n in counted:
        taken[title, year] = n
    return {row.pk for row in rows if taken.get((row.title_id, row.year), 0) < limit}


def since(keys: Iterable[str], day: date) -> list[CopyrightUse]:
    """Counted uses of titles with these numbers, asked for on or after a day."""
    of_numbers = CopyrightNumber.objects.filter(key__in=list(keys)).values("title")
    rows = CopyrightUse.objects.filter(title__in=of_numbers, asked_on__gte=day, state__in=CopyrightUse.COUNTED)
    return list(rows.select_related("title", "ill").order_by("asked_on", "pk")[:100])
