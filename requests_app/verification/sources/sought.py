"""What to ask with where there is no number: title, author, year, and whether that is enough. Pure."""

import re
from dataclasses import dataclass

from anyascii import anyascii

from requests_app.verification.records import Record
from requests_app.verification.sources.people import family

# As many as anybody wants to look through.
MOST = 5

IN_SOMETHING = frozenset({"article", "chapter", "conference", "newspaper"})
# What a bookshelf has, and what a list of articles has.
BOOKS = frozenset({"", "book", "thesis", "score", "report", "other", "chapter", "conference", "standard"})
ARTICLES = frozenset({"", "article", "chapter", "conference", "report", "thesis", "book", "other", "standard"})


@dataclass(frozen=True)
class Sought:
    """`container`: the journal or book that `title` is in, if it is in one."""

    title: str
    family: str
    year: str
    container: str = ""


def sought(wanted: Record) -> Sought:
    if wanted.part_title:
        return Sought(
            wanted.part_title, family(wanted.part_author or wanted.author), wanted.year[:4], wanted.title
        )
    return Sought(wanted.title, family(wanted.author or wanted.part_author), wanted.year[:4])


def shelved(wanted: Record) -> Sought:
    """The book or journal itself: what has a call number."""
    if wanted.kind in IN_SOMETHING or wanted.part_title:
        return Sought(wanted.title, family(wanted.author) if wanted.kind == "chapter" else "", wanted.year[:4])
    return sought(wanted)


def enough(looked_for: Sought) -> bool:
    """"Nature" alone finds ten thousand things; with an author, a year or three words it is a question."""
    if not words(looked_for.title):
        return False
    count = len(re.findall(r"\w+", looked_for.title))
    dense = not looked_for.title.isascii() and len(looked_for.title) >= 4
    return bool(looked_for.family or count >= 3 or dense or (looked_for.year and count >= 2))


def enough_for_article(wanted: Record) -> bool:
    """Also without its title an article is found by journal, volume and page."""
    by_place = wanted.title and wanted.volume and (wanted.pages or wanted.issue)
    return bool(by_place) if wanted.kind in IN_SOMETHING and not wanted.part_title else enough(sought(wanted))


def words(title: str, most: int = 12) -> list[str]:
    """The words of a title without the signs that query languages give a meaning."""
    found = (word.strip("'’_") for word in re.split(r"[^\w'’]+", title))
    return [word for word in found if word and word.lower() not in _OPERATORS][:most]


def telling(title: str, most: int = 6) -> list[str]:
    """Its longest words, in their order."""
    found = words(title, 40)
    longest = sorted(found, key=len, reverse=True)[:most]
    return [word for word in dict.fromkeys(found) if word in longest]


def is_other(wanted: Record, found: Record) -> bool:
    """Not one word in common: the number was somebody else's, so asking by title is worth it too.

    A translated title looks so as well; then the second question only costs time.
    """
    ours = _told(wanted)
    theirs = set().union(*(_letters(form) for name in ("title", "part_title") for form in found.forms(name)))
    return bool(ours and theirs) and not ours & theirs


def is_same(wanted: Record, found: Record) -> bool:
    """Surely enough to say "this is free online": one number in common, or the same title with nothing against it.

    How well a description fits is matching's business; here only look-alikes must not lend each other their links.
    """
    for name in ("doi", "pmid", "pmcid"):
        if getattr(wanted, name) and getattr(found, name):
            return getattr(wanted, name).lower() == getattr(found, name).lower()
    if wanted.isbn and wanted.isbn.replace("-", "") in found.isbns:
        return True
    if wanted.oclc and wanted.oclc in found.forms("oclc"):
        return True
    ours, theirs = sought(wanted), sought(found)
    years = [int(one.year) for one in (ours, theirs) if one.year.isdigit()]
    families = {_bare(one.family) for one in (ours, theirs) if one.family}
    return (
        _same_title(ours.title, theirs.title)
        and (len(years) < 2 or abs(years[0] - years[1]) <= 1) and len(families) < 2
        and (not wanted.volume or not found.volume or wanted.volume == found.volume)
    )


def _same_title(one: str, other: str) -> bool:
    """Or one of them without its subtitle; two subtitles that differ are two works."""
    if ":" not in one or ":" not in other:
        one, other = one.split(":")[0], other.split(":")[0]
    return _bare(one) == _bare(other) != ""


def _bare(value: str) -> str:
    return re.sub(r"[\W_]+", "", anyascii(value).lower())


def _told(wanted: Record) -> set[str]:
    return _letters(wanted.part_title or wanted.title)


def _letters(title: str) -> set[str]:
    return {word for word in re.findall(r"\w+", anyascii(title).lower()) if len(word) > 3}


_OPERATORS = frozenset({"and", "or", "not", "to"})
