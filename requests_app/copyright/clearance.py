"""What is known of a copy request, gathered for a decision: three queries, however much was ever counted.

Nothing is written here and nobody is asked: what other systems said stands in the request's newest check.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from illdesk import prepared
from requests_app import lifecycle
from requests_app.copyright import decision, facts, ours, published, rules, titles, uses, words
from requests_app.models import Check, Citation, CopyrightTitle, CopyrightUse, ILLRequest
from requests_app.verification.kbart_values import title_key
from requests_app.verification.records import Record
from requests_app.verification.stored import wanted_of


@dataclass(frozen=True)
class Look:
    """A decision with what it was made from. `title`: the row its uses are counted for, None before the first;
    `uses`: those of the year, places in order; `rivals`: other titles that may be the same one."""

    decision: decision.Decision
    facts: facts.Facts
    rules: rules.Rules
    wanted: titles.Wanted
    day: date
    title: CopyrightTitle | None
    uses: tuple[uses.Row, ...]
    rivals: tuple[CopyrightTitle, ...] = ()

    @property
    def has_room(self) -> bool:
        """Is there a place for it, whatever the rules say of it?"""
        counted = self.facts.counted
        return not self.rules.counts or counted.own_place is not None or counted.used + counted.held < self.rules.limit

    @property
    def no_room(self) -> list[words.Line]:
        counted, year, limit = self.facts.counted, self.day.year, self.rules.limit
        about = {"title": counted.name, "used": counted.used, "held": counted.held, "left": 0, "limit": limit}
        lines = [words.Line("title", about | {"year": year}), words.Line("full", {"year": year, "limit": limit})]
        return [*lines, *([words.Line("may_free", {"held": counted.held})] if counted.held else [])]


@dataclass(frozen=True)
class Own:
    """What the first query says of the request itself."""

    rules: rules.Rules
    first_sent: date | None
    live: str
    place: int | None
    title: int | None
    declared: bool
    outcome: str
    found: list[dict[str, Any]]
    held: list[dict[str, Any]]
    access: list[dict[str, Any]]
    container: dict[str, Any]


def look(ill: ILLRequest, *, now: datetime, by: rules.Rules | None = None) -> Look:
    """The decision as it would be made now, by the rules in force or by others (`by`). `ill` with its citation."""
    today = timezone.localtime(now).date()
    own = _own(ill, today)
    if by is not None:
        own = replace(own, rules=by)
    record = wanted_of(ill.citation)
    also = _sources_of(own, record)
    continued = _continued_of(own, also) if own.rules.continued_is_same else []
    wanted = titles.wanted_of(
        record, also_issns=[*also.get("issn", ()), *continued], also_isbns=also.get("isbn", ()),
        also_oclc=also.get("oclc", ()),
    )
    day = own.first_sent or (timezone.localtime(ill.created).date() if own.rules.dated_by == "asked" else today)
    known = uses.known_of(own, wanted, day.year, continued=own.rules.continued_is_same)
    counted, title, rows = uses.counted_for(ill, own, wanted, day.year, known)
    dated, text = _published(ill.citation, own, record)
    given = facts.Facts(
        asked=_asked(ill, own, day),
        published=dated, published_text=text, counted=counted,
        ours=ours.of(known.ours, own.held, own.access, wanted.kind, _part_of(record, dated), day=day),
        others=uses.others(ill, wanted, rows, days=own.rules.concerted_days, now=now),
        open_licence=_open_licence(own.access),
        retracted=record.part_title.lower().startswith(("retracted:", "retracted article", "[retracted")),
    )
    of_year = sorted(
        (row for row in rows if title and row.title == title.pk and row.year == day.year
         and row.state in CopyrightUse.COUNTED),
        key=lambda row: (row.over, row.place or 0, row.pk),
    )
    decided = decision.decide(given, own.rules, today=day)
    unsure = counted.strayed or any(line.code in ("conflict", "same_name") for line in decided.doubts)
    rivals = {row.pk: row for row, _how in known.titles if title is not None and row.pk != title.pk} if unsure else {}
    return Look(decided, given, own.rules, wanted, day, title, tuple(of_year), tuple(rivals.values()))


def rules_on(day: date) -> rules.Rules:
    """The rules of a day."""
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [day])
        return _rules(cursor.fetchone() or (None,) * 5)


# --- the request itself: rules, its own place, its check -----------------------------------------------------

_RULES = """SELECT code, version, name, country, settings FROM requests_app_ruleset
    WHERE "on" AND valid_from <= %s ORDER BY valid_from DESC, id DESC LIMIT 1"""
# Left joins to one row: something comes back whatever is missing.
_OWN = f"""
    SELECT r.code, r.version, r.name, r.country, r.settings,
        u.asked_on, u.state, u.place, u.title_id,
        EXISTS (SELECT 1 FROM requests_app_declaration AS d WHERE d.ill_id = %s AND d.rules = r.code),
        (SELECT MIN(opened) FROM requests_app_dialogue WHERE ill_id = %s AND role = 'requester'),
        c.outcome, c.found, c.held, c.access, c.container
    FROM (SELECT 1 AS one) AS o
    LEFT JOIN ({_RULES}) AS r ON o.one = 1
    LEFT JOIN (SELECT asked_on, state, place, title_id FROM requests_app_copyrightuse WHERE ill_id = %s
        ORDER BY CASE WHEN state = 'freed' THEN 1 ELSE 0 END, id DESC LIMIT 1) AS u ON o.one = 1
    LEFT JOIN (SELECT outcome, found, held, access, container FROM requests_app_check WHERE ill_id = %s
        ORDER BY id DESC LIMIT 1) AS c ON o.one = 1
"""  # noqa: S608 - our own words


def _own(ill: ILLRequest, today: date) -> Own:
    row, *_none = prepared.rows(_OWN, [ill.pk, ill.pk, today, ill.pk, ill.pk])
    (*of_rules, asked_on, state, place, title, declared, opened, outcome, found, held, access, container) = row
    opened_at = parse_datetime(opened) if isinstance(opened, str) else opened
    if opened_at is not None and timezone.is_naive(opened_at):  # as SQLite keeps it
        opened_at = opened_at.replace(tzinfo=UTC)
    first = parse_date(asked_on) if isinstance(asked_on, str) else asked_on
    if first is None and opened_at is not None:  # it left before uses were counted
        first = timezone.localtime(opened_at).date()
    return Own(
        _rules(of_rules), first, state or "", place if state in CopyrightUse.COUNTED else None, title, bool(declared),
        outcome or "", _json(found), _json(held), _json(access), _json(container) or {},
    )


def _rules(row) -> rules.Rules:
    code, version, name, country, settings = row
    if code is None:
        return rules.DEFAULT
    given = _json(settings) or {}
    return rules.of(given, code=code, version=version, name=name, country=country)


def _json(value) -> Any:
    return json.loads(value) if isinstance(value, str) else value or []


_SURE_OUTCOMES = (Check.VERIFIED, Check.PROBABLE)


def _sources_of(own: Own, record: Record) -> dict[str, list[str]]:
    """Further numbers of the same periodical or work, as a source knows them, by kind: of a description that shares a
    number with the citation, or is verified and has the same title."""
    if own.outcome not in _SURE_OUTCOMES or not own.found:
        return {}
    best = own.found[0].get("record", {})
    theirs = {
        "issn": [*best.get("issns", ()), best.get("issn", "")], "isbn": [*best.get("isbns", ()), best.get("isbn", "")],
        "oclc": [best.get("oclc", ""), *(form for name, form in best.get("also", ()) if name == "oclc")],
    }
    mine = {record.issn, *record.issns, record.isbn, *record.isbns, record.oclc} - {""}
    same = title_key(str(best.get("title", ""))) == title_key(record.title)
    if not (mine & {number for numbers in theirs.values() for number in numbers}
            or (own.outcome == Check.VERIFIED and same and not mine)):
        return {}
    return {kind: [number for number in numbers if number] for kind, numbers in theirs.items()}


def _continued_of(own: Own, also: dict[str, list[str]]) -> list[str]:
    """The journal's name before and after (780 00, 785 00), where the check is of the same journal (C4)."""
    best = own.found[0].get("record", {}) if also else {}
    rows = [row.get(name, ()) for row in (best, own.container) for name in ("continues", "continued_by")]
    return [issn for row in rows for issn in row]


def _published(citation: Citation, own: Own, record: Record) -> tuple[published.Published, str]:
    """The citation's date; its issue may say more than its year ("17 February 1934")."""
    text = (citation.year or "").strip()
    dated = published.read(text)
    if dated.certainty in (published.YEAR, published.UNKNOWN) and dated.certainty != published.EARLY:
        finer = published.read(citation.issue)
        fits = not dated.is_known or (
            finer.first is not None and dated.first is not None and finer.first.year == dated.first.year
        )
        if finer.certainty in (published.DAY, published.MONTH) and fits and not dated.about:
            return finer, citation.issue
    if not dated.is_known and dated.certainty != published.EARLY and own.outcome == Check.VERIFIED and own.found:
        known = str(own.found[0].get("record", {}).get("year", ""))
        if known:
            return published.read(known), known
    return dated, text


def _asked(ill: ILLRequest, own: Own, day: date) -> facts.Asked:
    citation = ill.citation
    return facts.Asked(
        service=ill.service, obtained=ill.kind == lifecycle.BORROWING, kind=citation.kind,
        part_title=citation.part_title, pages=citation.pages, issue=citation.issue, format=citation.format,
        publisher=citation.publisher, note=ill.asker_note, first_sent=own.first_sent,
        own=ill.kind == lifecycle.DOCUMENTS, declared=own.declared,
    )


# --- what we have of it ----------------------------------------------------------------------------------------


def _part_of(record: Record, dated: published.Published) -> ours.Part:
    return ours.Part(ours.partial(dated.first, dated.last), record.volume, record.issue)


def _open_licence(access: Iterable[dict[str, Any]]) -> str:
    """Of the published version only: a manuscript's licence is not the article's."""
    for one in access:
        licence = str(one.get("licence", ""))
        plain = licence.lower().replace("_", "-").replace(" ", "-")
        open_one = plain.startswith(("cc-", "cc0", "public-domain")) or "creativecommons.org/" in plain
        if one.get("way") == "free" and one.get("version") == "published" and open_one:
            return licence
    return ""


def sending_facts(found: Look) -> dict[str, Any]:
    """What the ledger keeps of a look, by the names of `ledger.Sending` (its title apart)."""
    return {
        "asked_on": found.day, "rules": found.rules, "wanted": found.wanted, "published": found.facts.published,
        "published_text": found.facts.published_text, "why": tuple(found.decision.why),
    }

