"""How well a description that was found fits what is wanted, and what follows from all of them. Pure.

`compare` two, `merge` what several sources say of one work, `conclude` with one of the four outcomes of a check.
Numbers are evidence and no proof: an ISBN may be that of the whole set, a digit of a DOI may be wrong. Two volumes
and two editions are never one, however alike they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from requests_app.verification import comparing
from requests_app.verification.evidence import (
    CERTAIN,
    HARD,
    LIKELY,
    POSSIBLE,
    FieldMatch,
    Match,
    Reason,
)
from requests_app.verification.merging import Candidate, conflict, merge
from requests_app.verification.records import Record

# Points by which the best must lead another one that would do as well, to be taken without a question.
_LEAD = 2.5
_LEAD_LIKELY = 1.2
# Fields that tell editions, volumes and articles of one title apart.
_TELLING = ("year", "volume", "issue", "pages", "edition", "isbn", "doi")
_AGREE = {"same", "first", "swapped"}
_NUMBERS = ("doi", "isbn", "pmid", "pmcid", "arxiv", "oclc", "lccn", "document_number")


@dataclass(frozen=True)
class Conclusion:
    """`outcome`: "verified", "probable", "ambiguous" or "not_found"; `candidates`: best first, each with its match."""

    outcome: str
    candidates: tuple[Candidate, ...]

    @property
    def is_known(self) -> bool:
        """Is one of them taken to be what was wanted?"""
        return self.outcome in ("verified", "probable") and bool(self.candidates)

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None


def compare(wanted: Record, found: Record, *, any_edition: bool = False) -> Match:
    """Symmetric in score and reasons; the rows name what was typed and what was found."""
    return comparing.compare(wanted, found, any_edition=any_edition)


def conclude(wanted: Record, found: Sequence[Record], *, any_edition: bool = False) -> Conclusion:
    """`found`: in the order in which sources are trusted; descriptions of one work become one candidate."""
    judged = [
        replace(candidate, match=compare(wanted, candidate.record, any_edition=any_edition))
        for candidate in merge(found)
    ]
    levels = {id(candidate): level(candidate.match) for candidate in judged if candidate.match}
    kept = sorted(
        (candidate for candidate in judged if levels[id(candidate)]),
        key=lambda candidate: (-levels[id(candidate)], -candidate.points),
    )
    return Conclusion(_outcome(kept, [levels[id(one)] for one in kept], any_edition), tuple(kept))


def _outcome(kept: list[Candidate], levels: list[int], any_edition: bool) -> str:
    if not kept:
        return "not_found"
    if levels[0] == 1:
        return "ambiguous"
    lead = _LEAD if levels[0] == 3 else _LEAD_LIKELY
    best = kept[0]
    rivals = [
        other for other, its_level in zip(kept[1:], levels[1:], strict=True)
        if its_level == levels[0] and best.points - other.points < lead
        and conflict(best.record, other.record, any_edition=any_edition) and not _beats(best.match, other.match)
    ]
    if rivals:
        return "ambiguous"
    return "verified" if levels[0] == 3 else "probable"


def _beats(best: Match | None, other: Match | None) -> bool:
    """Does one agree where the other differs, and never the other way round?"""
    if best is None or other is None:
        return False
    agreements = [(best.agreement(name), other.agreement(name)) for name in _TELLING]
    ahead = any(mine in _AGREE and yours == "different" for mine, yours in agreements)
    return ahead and not any(yours in _AGREE and mine not in _AGREE for mine, yours in agreements)


def level(match: Match) -> int:
    """3 certain, 2 likely, 1 possible, 0 something else."""
    codes = match.codes
    if match.score < POSSIBLE:
        return int(bool(codes & {"number_elsewhere", "number_other_title"}) or _looks_like_it(match))
    if codes & set(HARD):
        return 1
    if match.score < LIKELY:
        return 2 if "number_other_title" in codes else 1
    if match.score < CERTAIN or codes or not _told(match):
        return 2
    return 3


def _looks_like_it(match: Match) -> bool:
    """The same title, and nobody else's: whatever differs, a person should see it."""
    identity = match.field(match.identity) if match.identity else None
    return identity is not None and identity.points >= 3.5 and match.agreement("author") != "different" and (
        "about_it" not in match.codes
    )


def _told(match: Match) -> bool:
    """Is there anything that only this work has? Without a title that agrees: its number, or its pages."""
    if any(match.agreement(name) == "same" for name in _NUMBERS):
        return True
    identity = match.field(match.identity) if match.identity else None
    paged = match.agreement("pages") in ("same", "first")
    if identity is not None and identity.points > 0:
        return identity.points >= 1.0 or paged
    return paged and match.agreement("volume") in ("same", "swapped")


__all__ = ["Candidate", "Conclusion", "FieldMatch", "Match", "Reason", "compare", "conclude", "level", "merge"]
