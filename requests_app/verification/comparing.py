"""Two descriptions, field by field, as one match. Pure."""

import re
from dataclasses import fields
from typing import Any

from requests_app.verification.evidence import OF_EDITIONS, FieldMatch, Match, Reason
from requests_app.verification.fields import Looking
from requests_app.verification.fields.doubts import look_at_doubts, look_at_kinds
from requests_app.verification.fields.editions import look_at_editions, look_at_publisher
from requests_app.verification.fields.numbers import look_at_isbn, look_at_other_numbers
from requests_app.verification.fields.people import look_at_authors
from requests_app.verification.fields.places import look_at_place, look_at_year
from requests_app.verification.fields.titles import look_at_titles
from requests_app.verification.records import Record

# In this order: a year is judged by what edition and ISBN said, doubts by everything.
FIELDS = (
    look_at_titles, look_at_authors, look_at_place, look_at_editions, look_at_isbn, look_at_year, look_at_publisher,
    look_at_other_numbers, look_at_kinds, look_at_doubts,
)
# No field needs more to be told from another; what is longer was pasted into the wrong box.
_MOST = 1000
_SAYS = re.compile(r"[^\W_]").search
_TEXTS = tuple(one.name for one in fields(Record) if one.name not in ("isbns", "issns", "also", "url", "source"))


def compare(one: Record, other: Record, *, any_edition: bool = False) -> Match:
    looking = Looking(_bounded(one), _bounded(other), any_edition)
    for look in FIELDS:
        look(looking)
    rows, against = looking.rows, looking.against
    if any_edition and looking.is_book:
        against = [code for code in against if code not in OF_EDITIONS]
        rows = [
            row if row.name not in ("edition", "year", "isbn", "publisher") or row.points > 0
            else FieldMatch(row.name, row.typed, row.found, row.agreement)
            for row in rows
        ]
    return Match(
        round(sum(row.points for row in rows), 3), tuple(rows),
        tuple(Reason(code) for code in dict.fromkeys(against)), looking.identity,
    )


def _bounded(record: Record) -> Record:
    """What the process remembers of texts is bounded, too; a dash or a question mark says nothing."""
    long: dict[str, Any] = {
        name: text[:_MOST] if _SAYS(text) else "" for name in _TEXTS
        if (text := getattr(record, name)) and (len(text) > _MOST or not _SAYS(text))
    }
    if any(len(form) > _MOST for _name, form in record.also):
        long["also"] = tuple((name, form[:_MOST]) for name, form in record.also)
    return record.with_(**long) if long else record
