"""Which of the records is meant by words that nobody could take apart: "Lee, Reef maps, Coastal Review 2021". Pure.

A record is meant when its title stands in the text and nearly every word of the text is one of its own: of its title,
its names, its journal, its year and numbers. A bare title is a title like any other, so several works may bear it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from requests_app.verification import matching
from requests_app.verification.evidence import Match
from requests_app.verification.likeness.scripts import fold
from requests_app.verification.records import Record

_SMALL = frozenset((
    "a", "an", "and", "the", "of", "in", "on", "for", "to", "et", "al", "und", "der", "die", "das", "la", "le", "les",
    "de", "del", "el", "los", "y", "pp", "p", "vol", "no",
))
# So much of the text must be explained for a probable, and for a verified candidate.
_PROBABLE, _VERIFIED = 0.75, 0.9
_TITLE_THERE = 88.0
# What a match's points are for a share explained; only its order counts.
_POINTS = 10.0


def conclude(text: str, found: Sequence[Record], *, any_edition: bool = False) -> matching.Conclusion:
    """`found`: the most trusted source first. Verified only where the text also names an author and the year."""
    judged = []
    for candidate in matching.merge(found):
        level, share = _level(text, candidate.record)
        if level:
            judged.append((level, replace(candidate, match=Match(_POINTS * share, ()))))
    judged.sort(key=lambda pair: (-pair[0], -pair[1].points))
    if not judged:
        return matching.Conclusion("not_found", ())
    best_level, best = judged[0]
    kept = tuple(candidate for _level_, candidate in judged)
    rivals = [
        candidate for level, candidate in judged[1:]
        if level == best_level and best.points - candidate.points < _POINTS * 0.08
    ]
    if any(_differ(best.record, one.record, any_edition) for one in rivals):
        return matching.Conclusion("ambiguous", kept)
    return matching.Conclusion("verified" if best_level == 2 else "probable", kept)


def _differ(one: Record, other: Record, any_edition: bool) -> bool:
    return matching.compare(one, other, any_edition=any_edition).score < 0.9 or not any_edition


def _level(text: str, record: Record) -> tuple[int, float]:
    """2, 1 or 0, and the share of the text's words that are the record's."""
    said = [word for word in fold(text).split() if word not in _SMALL]
    titles = [fold(main) for form in record.forms("part_title") or record.forms("title") for main in _mains(form)]
    there = [title for title in titles if title and _stands_in(title, fold(text))]
    if not said or not there:
        return 0, 0.0
    own = set(_words(record))
    share = sum(_is_one_of(word, own) for word in said) / len(said)
    if share < _PROBABLE:
        return 0, share
    names = set(fold(record.part_author or record.author).split()) - _SMALL
    author = any(len(name) > 2 and _is_one_of(name, set(said)) for name in names)
    year = bool(record.year) and record.year[:4] in said
    whole = fold(text) in titles
    long_enough = max(len(title.split()) for title in there) >= 3 or author or year or whole or (
        share > 0.99 and len(said) >= 3)
    if not long_enough:
        return 0, share
    return (2 if author and year and share >= _VERIFIED else 1), share


def _mains(title: str) -> Iterable[str]:
    """The whole title, and what stands before the subtitle."""
    yield title
    for sign in (":", " – ", " — ", ". "):
        if sign in title:
            yield title.split(sign, 1)[0]


def _stands_in(title: str, text: str) -> bool:
    if len(title) > len(text) + 3:
        return False
    return f" {title} " in f" {text} " or (len(title) > 10 and fuzz.partial_ratio(title, text) >= _TITLE_THERE)


def _words(record: Record) -> Iterable[str]:
    for name in ("part_title", "title", "part_author", "author", "publisher", "place", "edition"):
        for form in record.forms(name):
            yield from fold(form).split()
    for value in (record.year, record.volume, record.issue, record.pages, record.doi, record.isbn, record.issn):
        yield from fold(value).split()
    # An abbreviated journal is made of the beginnings of its words.
    yield from (initial for word in fold(record.part_author or record.author).split() for initial in word[:1])


def _is_one_of(word: str, own: set[str]) -> bool:
    if word in own:
        return True
    if word.isdigit():
        return any(one.isdigit() and one.endswith(word) and len(word) >= 2 for one in own)
    if len(word) >= 3 and any(one.startswith(word) for one in own):
        return True
    return len(word) >= 5 and any(Levenshtein.distance(word, one, score_cutoff=1) <= 1 for one in own)
