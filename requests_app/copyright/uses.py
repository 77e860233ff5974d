"""Uses that matter for one request: its title's of the year, those of the same issue, and who asks for the same."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_date

from illdesk import prepared
from requests_app.copyright import facts, ours, titles
from requests_app.models import CopyrightTitle, CopyrightUse, ILLRequest
from requests_app.verification.kbart_values import title_key


class Own(Protocol):
    """What is known of the request's own sending: the title it was counted for, and the place it has."""

    @property
    def title(self) -> int | None: ...
    @property
    def place(self) -> int | None: ...


@dataclass(frozen=True)
class Row:
    """A use that is counted for the title this year, or is of the same issue."""

    title: int
    pk: int
    state: str
    place: int | None
    over: bool
    year: int
    asked_on: date
    number: str
    article: str
    article_key: str
    issue_key: str
    ill: int | None
    patron: int | None

    @property
    def state_words(self) -> str:
        return str(dict(CopyrightUse.STATES)[self.state])


# --- what is counted -------------------------------------------------------------------------------------------

_BY_KEY = """SELECT title_id AS id, CASE WHEN kind = 'title' THEN 'name' ELSE 'number' END AS how
    FROM requests_app_copyrightnumber WHERE key IN ({marks})"""
# What a person said of two names of one journal counts in both directions (C4).
_LINKED = """SELECT title_id AS id, 'number' AS how FROM requests_app_titlelink
        WHERE key IN ({marks}) AND kind IN ('continues', 'continued')
    UNION SELECT other.title_id AS id, 'number' AS how FROM requests_app_copyrightnumber AS n
        JOIN requests_app_titlelink AS l ON l.title_id = n.title_id AND l.kind IN ('continues', 'continued')
        JOIN requests_app_copyrightnumber AS other ON other.key = l.key WHERE n.key IN ({marks})"""
_BY_NAME = """SELECT id, how FROM (SELECT id, 'name' AS how FROM requests_app_copyrighttitle
    WHERE kind = %s AND name_key = %s AND merged_into_id IS NULL {more}
    ORDER BY CASE WHEN publisher_key = %s THEN 0 WHEN publisher_key = '' THEN 1 ELSE 2 END, id LIMIT 20) AS named"""
_LIVE_IN_YEAR = "u.year = %s AND u.state IN ('held', 'used')"


@dataclass(frozen=True)
class Known:
    """What one query finds: titles with how (own: of an earlier sending; number; name), their uses that matter, and
    rows of what we subscribe to."""

    titles: list[tuple[CopyrightTitle, str]]
    uses: list[Row]
    ours: list[ours.Stored]


def counted_for(
    ill: ILLRequest, own: Own, wanted: titles.Wanted, year: int, known: Known
) -> tuple[facts.Counted, CopyrightTitle | None, list[Row]]:
    found, uses = known.titles, known.uses
    by_number = [row for row, how in found if how == "number"]
    by_name = [
        row for row, how in found
        if how == "name" and not titles.other_publisher(row.publisher_key, wanted.publisher_key)
    ]

    def full(row: CopyrightTitle) -> int:
        return sum(use.title == row.pk and use.year == year and use.place is not None for use in uses)

    fixed = next((row for row, how in found if how == "own"), None)
    exactly = [row for row in by_name if wanted.publisher_key and row.publisher_key == wanted.publisher_key]
    candidates = by_number or ([] if wanted.keys else exactly or by_name)
    # Of several the fullest: never one too many while nobody has merged them.
    title = fixed or max(candidates, key=full, default=None)
    identity = (
        facts.CONFLICT if len(candidates) > 1 else facts.SURE if wanted.keys
        else facts.BY_NAME if wanted.name_key else facts.NO_TITLE
    )
    mine = [
        use for use in uses
        if title is not None and use.title == title.pk and use.year == year and use.ill != ill.pk
    ]
    own_uses = 1 if own.place is not None else 0
    same_name = sum(full(row) for row in by_name if wanted.keys and not row.numbered and row != title)
    counted = facts.Counted(
        name=title.name if title else wanted.name, kind=wanted.kind, identity=identity,
        used=sum(use.state == CopyrightUse.USED and not use.over for use in mine),
        held=sum(use.state == CopyrightUse.HELD and not use.over for use in mine) + own_uses,
        over=sum(use.over for use in mine), own_place=own.place,
        names=tuple(row.name for row in candidates), same_name_uses=same_name,
        strayed=bool(fixed and fixed.numbered and wanted.keys) and fixed not in by_number,
    )
    return counted, title, uses


def known_of(own: Own, wanted: titles.Wanted, year: int, *, continued: bool) -> Known:
    """`continued`: a continued title is the same one, by rule."""
    parts: list[str] = []
    values: list[Any] = []
    if own.title is not None:
        parts.append("SELECT id, 'own' AS how FROM requests_app_copyrighttitle WHERE id = %s")
        values.append(own.title)
    keys = [*wanted.keys, *([wanted.named] if wanted.named else [])]
    if keys:
        parts.append(_BY_KEY.format(marks=_marks(keys)))
        values += keys
    if wanted.keys and continued:
        parts.append(_LINKED.format(marks=_marks(wanted.keys)))
        values += [*wanted.keys, *wanted.keys]
    if wanted.name_key:  # one with a number is another one than a title of that name with another number
        parts.append(_BY_NAME.format(more="AND NOT numbered" if wanted.keys else ""))
        values += [wanted.kind, wanted.name_key, wanted.publisher_key]
    if not parts:
        return Known([], [], [])
    # Each way to a title's uses goes by its own index: an old title has many, and only those that matter are read.
    of_titles = "SELECT * FROM requests_app_copyrightuse AS u WHERE u.title_id IN (SELECT id FROM f)"
    ways = [f"{of_titles} AND {_LIVE_IN_YEAR}"]
    values.append(year)
    if wanted.issue_key:
        # SQLite takes an index of a part of the rows only where the query says the same words.
        ways.append(f"{of_titles} AND u.issue_key = %s AND NOT (u.issue_key = '') AND u.state <> 'freed'")
        values.append(wanted.issue_key)
    held, held_values = ours.question(wanted)
    sql = f"""
        WITH f AS ({" UNION ".join(parts)}), u AS ({" UNION ALL ".join(ways)})
        SELECT f.how, t.id, t.name, t.publisher_key, t.numbered, {_USE},
            CASE WHEN u.issue_key = %s OR u.article_key = %s OR LOWER(u.article) = %s
                THEN (SELECT patron_id FROM requests_app_illrequest WHERE id = u.ill_id) END
        FROM f JOIN requests_app_copyrighttitle AS t ON t.id = f.id LEFT JOIN u ON u.title_id = f.id
        UNION ALL {held}
    """  # noqa: S608
    values += [wanted.issue_key, wanted.article_key, wanted.article.lower(), *held_values]
    rows = prepared.rows(sql, values)
    found: dict[tuple[int, str], tuple[CopyrightTitle, str]] = {}
    uses: dict[int, Row] = {}
    stored: list[ours.Stored] = []
    for how, pk, name, publisher, numbered, *use, patron in rows:
        if how in ours.HOW:
            stored.append(ours.stored(how, use))
            continue
        row = CopyrightTitle(pk=pk, kind=wanted.kind, name=name, name_key=wanted.name_key, numbered=bool(numbered),
                             publisher_key=publisher)
        found.setdefault((pk, how), (row, how))
        if use[0] is not None:
            uses[use[0]] = _row(pk, use, patron)
    numbered_ones = {pk for pk, how in found if how == "number"}
    return Known(
        [one for (pk, how), one in found.items() if how != "name" or pk not in numbered_ones], list(uses.values()),
        stored,
    )


def _marks(values) -> str:
    return ", ".join(["%s"] * len(values))


_USE = "u.id, u.state, u.place, u.over, u.year, u.asked_on, u.number, u.article, u.article_key, u.issue_key, u.ill_id"


def _row(title: int, use: list, patron: int | None) -> Row:
    pk, state, place, over, year, asked_on, number, article, article_key, issue_key, ill = use
    day = parse_date(asked_on) if isinstance(asked_on, str) else asked_on
    assert day is not None
    return Row(title, pk, state, place, bool(over), year, day, number, article, article_key, issue_key, ill, patron)


# --- others who asked ------------------------------------------------------------------------------------------


def others(
    ill: ILLRequest, wanted: titles.Wanted, uses: list[Row], *, days: int, now: datetime
) -> facts.Others:
    others = [use for use in uses if use.ill != ill.pk]
    same = [use for use in others if _same_article(use, wanted)]
    mine = [use for use in others if use.patron is not None and use.patron == ill.patron_id]
    other_of_issue = [
        use for use in mine if wanted.issue_key and use.issue_key == wanted.issue_key and use not in same
    ]
    since = now - timedelta(days=days)
    lately, own_issue = _asked_lately(ill, wanted, since)
    recent = {use.patron for use in same if use.patron and use.asked_on >= timezone.localtime(since).date()}
    patrons = recent | lately | {ill.patron_id}
    return facts.Others(
        same_issue=other_of_issue[0].number if other_of_issue else own_issue,
        same_article=next((use.number for use in same if use in mine), ""),
        patrons=len(patrons - {None}) or 1,
    )


def _same_article(use: Row, wanted: titles.Wanted) -> bool:
    if wanted.article_key and use.article_key == wanted.article_key:
        return True
    key = title_key(wanted.article)
    return bool(key) and title_key(use.article) == key


# Our own copies have no use: the request itself says that one was made.
_COPIED = ("documents.delivered", "documents.finished")
_NOT_LEFT = (
    *(f"borrowing.{name}" for name in ("submitted", "in_review", "copyright_review", "ready_to_send")),
    *(f"documents.{name}" for name in ("submitted", "searching", "scanning")), *_COPIED,
)
_NEWEST = 50
_CITED = "requests_app_citation AS c JOIN requests_app_illrequest AS r ON r.citation_id = c.id"
_OF_OTHERS = "r.service = 'copy' AND r.kind IN ('borrowing', 'documents') AND r.created >= %s AND r.id <> %s"
_NOTHING = "'', '', '', '', '', '', '', ''"
_BY_DOI = f"""SELECT r.patron_id, {_NOTHING} FROM {_CITED}
    WHERE c.doi = %s AND NOT (c.doi = '') AND {_OF_OTHERS}
    AND r.state NOT IN ('borrowing.cancelled', 'documents.cancelled')"""  # noqa: S608 - our own words, here and below
# By the index over its beginning (Citation.Meta), written as Django writes it for either database.
_BY_PART = f"""SELECT r.patron_id, {_NOTHING} FROM {_CITED}
    WHERE LOWER({{cut}}(c.part_title, 1, 100)) = LOWER({{cut}}(CAST(%s AS TEXT), 1, 100)) AND NOT (c.part_title = '')
    AND LOWER(c.part_title) = LOWER(CAST(%s AS TEXT)) AND LOWER(c.title) = LOWER(CAST(%s AS TEXT)) AND {_OF_OTHERS}
    AND r.changed >= %s AND r.state IN ({", ".join(f"'{state}'" for state in _NOT_LEFT)})"""  # noqa: S608
# By an index of our own copies alone, the newest of them: it costs the same however much somebody ever asked for.
_OWN_COPIES = f"""SELECT r.patron_id, r.number, c.title, c.issn, c.volume, c.issue, c.year, c.part_title, c.doi FROM (
        SELECT patron_id, number, service, citation_id, id FROM requests_app_illrequest
        WHERE patron_id = %s AND state IN ({", ".join(f"'{state}'" for state in _COPIED)})
        ORDER BY id DESC LIMIT {_NEWEST}
    ) AS r JOIN requests_app_citation AS c ON c.id = r.citation_id WHERE r.service = 'copy' AND r.id <> %s
    """  # noqa: S608


def _asked_lately(ill: ILLRequest, wanted: titles.Wanted, since: datetime) -> tuple[set[int | None], str]:
    """Patrons of requests for the same article that may not have left yet, or were copied by us: by its DOI, and by
    its title; and the number of our own copy of another article of this issue for the same patron (C11). One query of
    several parts, each by its own index."""
    citation, pk = ill.citation, ill.pk or 0
    after = connection.ops.adapt_datetimefield_value(since)
    parts, values = [], []
    if citation.doi:
        parts.append(_BY_DOI)
        values += [citation.doi, after, pk]
    if part := citation.part_title.strip():
        parts.append(_BY_PART.format(cut="SUBSTRING" if connection.vendor == "postgresql" else "SUBSTR"))
        values += [part, part, citation.title.strip(), after, pk, after]
    if ill.patron_id is not None and wanted.issue_key:
        parts.append(_OWN_COPIES)
        values += [ill.patron_id, pk]
    if not parts:
        return set(), ""
    each = [f"SELECT * FROM ({part}) AS p{place}" for place, part in enumerate(parts)]  # noqa: S608
    found = prepared.rows(" UNION ".join(each), values)
    own = [
        number for _patron, number, title, issn, volume, issue, year, part, doi in found
        if number and titles.issue_key(wanted.kind, volume, issue, year) == wanted.issue_key
        and titles.is_of(wanted, title, issn)
        and not (doi and doi == citation.doi) and title_key(part) != title_key(citation.part_title)
    ]
    return {patron for patron, number, *_rest in found if not number}, min(own, default="")
