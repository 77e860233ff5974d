"""What a replay needs: a year's uses, the rules they were counted by, what a subscription list says. Only read."""

import csv
import io
from collections.abc import Iterable
from datetime import date

from django.utils.dateparse import parse_date

from requests_app.copyright import what_if
from requests_app.models import CopyrightNumber, CopyrightUse, ElectronicTitle
from requests_app.verification.kbart_values import normal_identifier

MOST_LINES = 20_000


def past_of(year: int) -> list[what_if.Past]:
    """Two queries, however many uses."""
    rows = CopyrightUse.objects.filter(year=year).exclude(state=CopyrightUse.FREED).order_by("pk")
    uses = list(rows.values(
        "pk", "title_id", "title__name", "title__kind", "number", "asked_on", "place", "over", "ground", "limit",
        "rules", "published_first", "published_last", "certainty", "royalty", "currency", "why", "instead_of__over",
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
            certainty=row["certainty"], royalty=row["royalty"], currency=row["currency"],
        ) for row in uses
    ]


def holdings(past: Iterable[what_if.Past]) -> list[what_if.Subscribed]:
    """Serials of our electronic packages among these titles, as if each had been subscribed to all year."""
    numbers = {key.partition(":")[2]: key for use in past for key in use.keys if key.startswith("issn")}
    rows = ElectronicTitle.objects.filter(package__on=True, free=False)
    found: set[str] = set()
    wanted = sorted(numbers)
    for at in range(0, len(wanted), 500):
        part = wanted[at : at + 500]
        for name in ("print_identifier", "online_identifier"):
            found.update(rows.filter(**{f"{name}__in": part}).values_list(name, flat=True))
    return [what_if.Subscribed(frozenset({numbers[number]})) for number in sorted(found)]


def read_list(text: str) -> tuple[list[what_if.Subscribed], list[str]]:
    """(subscriptions, lines that could not be read). A line: ISSN, since, until; days as 2026-06-30 or a year. One
    that begins with words that are no number is the head of the list."""
    found: list[what_if.Subscribed] = []
    unread: list[str] = []
    lines = text.lstrip("\ufeff").splitlines()
    delimiter = next((sign for sign in ("\t", ";", ",") if any(sign in line for line in lines[:5])), ",")
    for place, cells in enumerate(csv.reader(io.StringIO("\n".join(lines[:MOST_LINES])), delimiter=delimiter)):
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        number = normal_identifier(cells[0])
        since, until = _day(cells[1:2], first=True), _day(cells[2:3], first=False)
        if len(number) == 9 and not isinstance(since, bool) and not isinstance(until, bool):
            found.append(what_if.Subscribed(frozenset({f"issn:{number}"}), since, until))
        elif place or any(sign.isdigit() for sign in cells[0]):
            unread.append(delimiter.join(cells)[:80])
    unread += [line[:80] for line in lines[MOST_LINES:]]
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
