"""Which records are what was wanted, or what it appeared in: only their shelves and links count. Pure."""

from requests_app.verification import matching
from requests_app.verification.evidence import CERTAIN, LIKELY, OF_EDITIONS
from requests_app.verification.likeness import journals
from requests_app.verification.records import Access, Held, Record


def is_container(wanted: Record, found: Record) -> bool:
    return bool(wanted.part_title or wanted.kind in PARTS) and not found.part_title and found.kind not in PARTS


# Kinds that are part of something else.
PARTS = frozenset({"article", "chapter", "conference", "newspaper"})


def fitting(
    wanted: Record, conclusion: matching.Conclusion, found: list[Record], any_edition: bool
) -> set[tuple[str, str]]:
    """Source and number of every record that is what was wanted, or its container."""
    chosen = conclusion.candidates[:1] if conclusion.is_known else [
        one for one in conclusion.candidates if one.score >= LIKELY
    ]
    records = [member for one in chosen for member in one.members]
    if any_edition and conclusion.is_known:
        records += [
            member for one in conclusion.candidates[1:] if one.match and one.score >= CERTAIN
            and one.match.codes <= OF_EDITIONS for member in one.members
        ]
    if conclusion.is_known:
        best = conclusion.candidates[0].record
        records += [record for record in found if any(_both(best, record, name) for name in OWN_NUMBERS)]
    records += [record for record in found if is_container(wanted, record) and same_container(wanted, record)]
    return {(record.source, record.source_id) for record in records}


# Numbers that only one work has; an ISBN may be that of a whole set.
OWN_NUMBERS = ("doi", "pmid", "pmcid", "arxiv", "oclc")


def _both(one: Record, other: Record, name: str) -> bool:
    return bool(getattr(one, name)) and getattr(one, name) == getattr(other, name)


def same_container(wanted: Record, found: Record) -> bool:
    """Is this the journal or book in which it appeared?"""
    if set(wanted.issns) & set(found.issns) or set(wanted.isbns) & set(found.isbns):
        return True
    if found.kind not in _BOUND and wanted.kind not in ("chapter", "conference"):
        return _same_journal(wanted, found)
    whole = Record(title=wanted.title, isbns=wanted.isbns, issns=wanted.issns)
    match = matching.compare(whole, Record(title=found.title, also=found.also), any_edition=True)
    return bool(wanted.title) and match.score >= LIKELY and not match.against


# What is no journal.
_BOUND = frozenset({"book", "thesis", "score", "report"})
_ONE_NAME = 0.85


def _same_journal(wanted: Record, found: Record) -> bool:
    """By any of its names, abbreviated ones and those before and after a change too. "Bulletin" is the name of many:
    with other ISSNs only a name that the catalogue gives as its former or later one will do."""
    others = bool(wanted.issns and found.issns)
    names = [form for form in found.forms("title") if not others or form != found.title]
    return any(
        journals.compare(one, other).share >= _ONE_NAME for one in wanted.forms("title") for other in names
    )


def belongs(row: Held | Access, those: set[tuple[str, str]]) -> bool:
    """What names no record was asked for by number, and is of exactly that."""
    return not row.record_id or (row.source, row.record_id) in those
