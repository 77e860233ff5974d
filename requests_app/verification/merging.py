"""One candidate of what several sources say of one work, each field with the source it is from. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from requests_app.verification import comparing
from requests_app.verification.evidence import CERTAIN, HARD, OF_EDITIONS, Match
from requests_app.verification.likeness import identifiers
from requests_app.verification.likeness.numbers import years
from requests_app.verification.records import Record, distinct

_LISTS = {"isbns", "issns", "also", "continues", "continued_by"}
_ITS_OWN = {"source", "source_id", "url"}
_FORMS = ("title", "part_title", "author", "part_author")


@dataclass(frozen=True)
class Candidate:
    """`record`: what all its sources say together; `origins`: field -> code of the source whose value it is;
    `members`: the records it was made of, the first one most trusted; `match`: how it fits what is wanted."""

    record: Record
    origins: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Record, ...] = ()
    match: Match | None = None

    @property
    def points(self) -> float:
        return self.match.points if self.match else 0.0

    @property
    def score(self) -> float:
        return self.match.score if self.match else 0.0


def merge(records: Sequence[Record]) -> list[Candidate]:
    """`records`: the most trusted source first. What might be either of two editions stays by itself."""
    order = {id(record): place for place, record in enumerate(records)}
    groups: list[list[Record]] = []
    # The fullest first, so that one that says little cannot bring two different ones together.
    for record in sorted(records, key=lambda one: -len(one.filled())):
        fitting = [group for group in groups if all(one_work(record, member) for member in group)]
        if len(fitting) > 1:
            fitting = [group for group in fitting if any(_same_thing(record, one) for one in group)]
        if fitting:
            fitting[0].append(record)
        else:
            groups.append([record])
    for group in groups:
        group.sort(key=lambda record: order[id(record)])
    groups.sort(key=lambda group: order[id(group[0])])
    return [_together(group) for group in groups]


def one_work(one: Record, other: Record) -> bool:
    """May these two descriptions become one? Never across volumes, editions, years of books, kinds."""
    if _years_apart(one, other) > 1:  # most pairs, at no cost
        return False
    match = comparing.compare(one, other)
    if match.against or match.score < CERTAIN:
        return False
    if match.agreement("author") in ("different",) or match.agreement("edition") == "different":
        return False
    identity = match.field(match.identity)
    if identity is None or identity.points <= 0:
        return False
    if match.identity == "title":  # whole publications: a year apart is two of them
        return match.agreement("year") in ("same", "only_typed", "only_found", "") and _no_other_book(match, one, other)
    if match.agreement("title") == "partly" and match.agreement("pages") not in ("same", "first") and not _same_thing(
        one, other
    ):
        return False
    # Each with a DOI of its own: a digit that differs is no slip then, but another volume or another page.
    slips = {"digit"} if match.agreement("doi") == "different" else set()
    return not {match.agreement("pages"), match.agreement("volume")} & ({"different"} | slips)


def _years_apart(one: Record, other: Record) -> int:
    return min((abs(mine - yours) for mine in years(one.year[:100]) for yours in years(other.year[:100])), default=0)


def _no_other_book(match: Match, one: Record, other: Record) -> bool:
    """Other ISBNs in one year are bindings of it; without a year nobody knows."""
    return match.agreement("isbn") != "different" or bool(set(years(one.year)) & set(years(other.year)))


def _same_thing(one: Record, other: Record) -> bool:
    return bool(
        (one.doi and one.doi == other.doi) or (one.oclc and one.oclc == other.oclc)
        or (one.isbn and identifiers.isbn(one.isbn) == identifiers.isbn(other.isbn))
    )


def conflict(one: Record, other: Record, *, any_edition: bool = False) -> bool:
    """Are these two works, or two editions of one where that matters?"""
    match = comparing.compare(one, other, any_edition=any_edition)
    codes = match.codes - OF_EDITIONS if any_edition else match.codes
    if codes & set(HARD) or match.score < CERTAIN or "different" in (match.agreement("pages"), match.agreement("doi")):
        return True
    if any_edition:
        return bool(codes - {"edition_missing", "other_year"})
    if codes - {"volume_missing", "edition_missing"} or match.agreement("year") in ("different", "year_off"):
        return True
    return match.agreement("isbn") == "different" and match.agreement("year") != "same"


def _together(group: list[Record]) -> Candidate:
    first = group[0]
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for one in fields(Record):
        if one.name in _LISTS or one.name in _ITS_OWN:
            continue
        for record in group:
            if value := getattr(record, one.name):
                values[one.name] = value
                origins[one.name] = record.source
                break
    record = Record(
        **values,  # type: ignore[arg-type]
        isbns=distinct(value for member in group for value in (member.isbn, *member.isbns)),
        issns=distinct(value for member in group for value in (member.issn, *member.issns)),
        continues=distinct(value for member in group for value in member.continues),
        continued_by=distinct(value for member in group for value in member.continued_by),
        also=_also(group, values), source=first.source, source_id=first.source_id, url=first.url,
    )
    return Candidate(record, origins, tuple(group))


def _also(group: Iterable[Record], values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """All other forms that any of them has: the original script of one, the romanization of another."""
    forms: dict[tuple[str, str], None] = {}
    for member in group:
        for name in _FORMS:
            forms[(name, getattr(member, name))] = None
        for pair in member.also:
            forms[pair] = None
    return tuple((name, form) for name, form in forms if form and values.get(name) != form)
