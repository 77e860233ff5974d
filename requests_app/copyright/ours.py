"""What we have of a title ourselves (C7): subscriptions and orders, packages with their embargoes, the catalogue.

Rows come along with the query for titles and uses (`uses.known_of`); here they become one answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from requests_app.copyright import facts, titles
from requests_app.models import Subscription
from requests_app.verification import coverage

# How rows that are none of titles are marked in that query.
HOW = ("entered", "named", "online")
_MOST = 60


@dataclass(frozen=True)
class Part:
    """What is wanted of it: its date as far as known ("2024-03"), volume and issue."""

    when: str = ""
    volume: str = ""
    issue: str = ""


@dataclass(frozen=True)
class Stored:
    """A row of ours, with what `coverage` asks of one. `how`: a subscription found by number (entered) or by its
    name alone (named); a title of a package (online)."""

    how: str
    first_date: str
    last_date: str
    embargo: str
    depth: str = "fulltext"
    ordered: date | None = None
    begins: date | None = None
    ends: date | None = None
    first_volume: str = ""
    first_issue: str = ""
    last_volume: str = ""
    last_issue: str = ""

    def covers(self, part: Part, day: date) -> str:
        said = coverage.covers(self, part.when, part.volume, part.issue, today=day).answer
        return coverage.UNKNOWN if self.how == "named" and said == coverage.YES else said


def partial(first: date | None, last: date | None) -> str:
    """Two days as `coverage` takes a date: a day, a month, a year; '' where it is less sure."""
    if first is None or last is None or first.year != last.year:
        return ""
    if first == last:
        return first.isoformat()
    return f"{first:%Y-%m}" if first.month == last.month else f"{first.year}"


# --- asking the database -----------------------------------------------------------------------------------------

# The columns of the query for titles and uses: how, id, name, publisher, numbered, the use's eleven, patron. Ours go
# into those that are text: state, number, article, article_key, issue_key.
_COLUMNS = "{id}, '', '', {yes}, {id}, {one}, NULL, {yes}, NULL, NULL, {two}, {three}, {four}, {five}, NULL, NULL"


def question(wanted: titles.Wanted) -> tuple[str, list[Any]]:
    """SELECTs to follow the query's own by UNION ALL; `f` are the titles that it finds."""
    entered = _COLUMNS.format(
        id="s.id", yes="(1 = 1)", one="CAST(s.ordered AS TEXT)", two="CAST(s.begins AS TEXT)",
        three="CAST(s.ends AS TEXT)", four="s.covers_from || '|' || s.covers_to", five="s.embargo",
    )
    counts = "(s.load_id IS NULL OR s.load_id IN (SELECT id FROM requests_app_subscriptionload WHERE state = 'counts'))"
    of_titles = """SELECT n.subscription_id FROM requests_app_copyrightnumber AS c
        JOIN requests_app_subscriptionnumber AS n ON n.key = c.key
        WHERE c.kind <> 'title' AND c.title_id IN (SELECT id FROM f WHERE how <> 'name')"""
    numbers, values = of_titles, list[Any]()
    if wanted.keys:
        numbers += f" UNION SELECT subscription_id FROM {_NUMBERS} WHERE key IN ({_marks(wanted.keys)})"  # noqa: S608
        values += wanted.keys
    row = f"{entered} FROM requests_app_subscription AS s"
    parts = [f"SELECT 'entered', {row} WHERE s.id IN ({numbers}) AND s.kind = %s AND {counts}"]
    values.append(wanted.kind)
    if wanted.name_key:
        without = f"NOT EXISTS (SELECT 1 FROM {_NUMBERS} AS n WHERE n.subscription_id = s.id)"  # noqa: S608
        parts.append(f"SELECT 'named', {row} WHERE s.name_key = %s AND s.kind = %s AND {counts} AND {without}")
        values += [wanted.name_key, wanted.kind]
    issns = [key.partition(":")[2] for key in wanted.keys if key.startswith("issn:")]
    if issns and wanted.kind == facts.PERIODICAL:
        parts.append(_ONLINE.format(issns=_marks(issns)))
        values += [*issns, *issns]
    return " UNION ALL ".join(parts), values


_NUMBERS = "requests_app_subscriptionnumber"
_ONLINE = f"""SELECT 'online', {_COLUMNS.format(
    id="e.id", yes="(1 = 1)", one="e.depth", two="e.first_volume || '|' || e.first_issue",
    three="e.last_volume || '|' || e.last_issue", four="e.first_date || '|' || e.last_date", five="e.embargo",
)} FROM requests_app_electronictitle AS e WHERE e.id IN (
    SELECT o.id FROM requests_app_electronictitle AS o
    JOIN requests_app_electronicpackage AS p ON p.id = o.package_id AND p.generation = o.generation
    WHERE o.id IN (
        SELECT id FROM requests_app_electronictitle WHERE print_identifier IN ({{issns}})
        UNION SELECT id FROM requests_app_electronictitle WHERE online_identifier IN ({{issns}})
    ) AND p."on" AND o.kind = 'serial' AND NOT o.free AND o.depth <> 'abstracts' ORDER BY o.id LIMIT {_MOST}
)"""  # noqa: S608 - of abstracts nobody says that we hold it


def _marks(values) -> str:
    return ", ".join(["%s"] * len(values))


def stored(how: str, use: list) -> Stored:
    """From the use's eleven columns."""
    _id, one, _place, _over, _year, _asked, two, three, four, five, _ill = use
    first, _bar, last = four.partition("|")
    if how == "online":
        (first_volume, _bar, first_issue), (last_volume, _bar, last_issue) = two.partition("|"), three.partition("|")
        return Stored(how, first, last, five, depth=one, first_volume=first_volume, first_issue=first_issue,
                      last_volume=last_volume, last_issue=last_issue)
    ordered, begins, ends = (date.fromisoformat(text) if text else None for text in (one, two, three))
    return Stored(how, first, last, five, ordered=ordered, begins=begins, ends=ends)


# --- the answer --------------------------------------------------------------------------------------------------


def of(
    rows: Iterable[Stored], held: list[dict[str, Any]], access: list[dict[str, Any]], kind: str, part: Part, *,
    day: date,
) -> facts.Ours:
    """What decides most stands first: where it can be read or stands here, a person looks; then what exempts it;
    then what is in doubt; a coverage that leaves it out comes last."""
    periodical = kind == facts.PERIODICAL
    whole, entered = ("subscription", "entered") if periodical else ("owned", "on_order")
    rows = list(rows)
    if any(one.get("way") == "licensed" and not one.get("limited") for one in access):
        return facts.Ours(whole, True)
    here = _available(held)
    found: list[tuple[int, facts.Ours]] = []
    for row in rows:
        covers = row.covers(part, day) if periodical else coverage.UNKNOWN if row.how == "named" else coverage.YES
        standing = "in_force"
        if row.how != "online":
            standing = Subscription(ordered=row.ordered, begins=row.begins, ends=row.ends).standing(day)
        there = True if row.how == "online" and covers == coverage.YES else here
        if standing == "cancelled" and periodical:
            found.append((5, facts.Ours("cancelled", here)))
        elif standing in ("in_force", "entered"):
            what = whole if standing == "in_force" else entered
            found.append((_rank(row, standing, covers, there), facts.Ours(what, there, covers)))
    if any(one.get("ours") for one in held):
        found.append((4 if here else 7, facts.Ours("volume" if periodical else "owned", here)))
    return min(found, key=lambda one: one[0], default=(0, facts.Ours()))[1]


def _rank(row: Stored, standing: str, covers: str, there: bool | None) -> int:
    if covers == coverage.UNKNOWN:
        return 3
    if covers == coverage.NO:  # that a package leaves it out says nothing of a volume on the shelf
        return 6 if row.how != "online" else 8
    return 2 if standing == "entered" else 0 if there else 1


def _available(held: list[dict[str, Any]]) -> bool | None:
    """As the catalogue said it. Empty values are left out where checks are stored, so False is not told from None
    but by standing there."""
    ours = [one.get("available") for one in held if one.get("ours")]
    return None if not ours else True if True in ours else False if all(one is False for one in ours) else None
