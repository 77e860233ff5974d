"""Which title a citation is counted for: a periodical by its ISSNs, a work by its ISBNs and OCLC numbers, else a name.

`keys_of` and `Wanted` are pure; `ensure` finds the title's row or makes it, once, whoever does so at the same moment.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from requests_app.copyright.facts import PERIODICAL, WORK
from requests_app.models import CopyrightNumber, CopyrightTitle
from requests_app.verification.kbart_values import normal_identifier, title_key
from requests_app.verification.records import Record

_MOST = 12  # numbers of one title that are looked at
BY_NAME_KIND = "title"


@dataclass(frozen=True)
class Wanted:
    """What a citation is taken from. `keys`: its numbers ("issn:1234-567X"), in order; `name_key`: as
    `title_key`; `issue_key`, `article_key`: what two requests for one issue and one article share, '' where it is
    not known."""

    kind: str
    name: str
    name_key: str
    keys: tuple[str, ...]
    issue_key: str = ""
    article_key: str = ""
    article: str = ""
    issue: str = ""
    publisher: str = ""
    publisher_key: str = ""

    @property
    def named(self) -> str:
        """The key by which a title without a number is known; the publisher tells one "Bulletin" from another."""
        if not self.name_key:
            return ""
        key = f"{BY_NAME_KIND}:{self.kind}:{self.name_key}"
        return f"{key}|{self.publisher_key}"[:240] if self.publisher_key else key


def wanted_of(
    record: Record, *, also_issns: Iterable[str] = (), also_isbns: Iterable[str] = (), also_oclc: Iterable[str] = ()
) -> Wanted:
    """`record`: as `verification.stored.wanted_of` makes it. `also_issns`: further media of the same periodical, as a
    source knows them (C4: print and online are one title), and the names before and after it where they are the same
    by rule; `also_isbns`, `also_oclc`: other editions of the same work (C2)."""
    kind = kind_of(record)
    if kind == PERIODICAL:
        said = [("issn", text) for text in (*record.issns, record.issn, *also_issns)]
        name = record.title
    else:
        said = [("isbn", text) for text in (*record.isbns, record.isbn, *also_isbns)]
        name = record.title or record.series
    keys = {f"{scheme}:{number}" for scheme, text in said[:_MOST] if _is(scheme, number := normal_identifier(text))}
    if kind == WORK:
        keys |= {f"oclc:{digits}" for text in (record.oclc, *list(also_oclc)[:_MOST])
                 if (digits := re.sub(r"\D", "", text).lstrip("0"))}
    short = name if kind == PERIODICAL else name.partition(":")[0]
    return Wanted(
        kind=kind, name=name[:500], name_key=title_key(short), keys=tuple(sorted(keys)),
        issue_key=issue_key(kind, record.volume, record.issue, record.year), article_key=_article_key(record),
        article=record.part_title[:300], issue=_issue(record), publisher=record.publisher[:300],
        publisher_key=publisher_key(record.publisher),
    )


def kind_of(record: Record) -> str:
    """Newspapers are periodicals; a conference paper is one's where it has an ISSN and no ISBN."""
    if record.kind in ("article", "newspaper"):
        return PERIODICAL
    if record.kind in ("conference", "") and (record.issn or record.issns) and not (record.isbn or record.isbns):
        return PERIODICAL
    return WORK


# What stands beside a publisher's name and does not tell it from another.
_NO_NAME = frozenset((
    "the", "and", "of", "co", "company", "corp", "corporation", "inc", "incorporated", "llc", "ltd", "limited", "gmbh",
    "ag", "sa", "plc", "press", "publisher", "publishers", "publishing", "publications", "verlag", "editorial",
    "editores", "ediciones", "edition", "editions", "group",
))


def publisher_key(text: str) -> str:
    """The words that name a publisher, in one order: "Oak Press, Inc." and "Oak Publishing Co." are "oak"."""
    words = title_key(text).split()
    return " ".join(dict.fromkeys(word for word in words if word not in _NO_NAME) or words)[:60].strip()


def other_publisher(one: str, other: str) -> bool:
    """Are both known, and different? "springer" is not another one than "springer nature"."""
    mine, theirs = set(one.split()), set(other.split())
    return bool(mine and theirs) and not (mine <= theirs or theirs <= mine)


def _is(scheme: str, number: str) -> bool:
    return len(number) == (9 if scheme == "issn" else 13)


def _bare(text: str) -> str:
    return re.sub(r"[^0-9a-z]+", " ", title_key(text)).strip()


def issue_key(kind: str, volume: str, issue: str, year: str) -> str:
    """An issue; of a collection the volume. A volume of a periodical without an issue says too little."""
    if kind == WORK:
        return f"work {_bare(volume)}".strip()[:200]
    if not issue:
        return ""
    return f"{_bare(volume)}|{_bare(issue)}|{'' if volume else _bare(year)}"[:200]


def _article_key(record: Record) -> str:
    if record.doi:
        return f"doi:{record.doi}"[:200]
    return f"title:{title_key(record.part_title)}"[:200] if record.part_title else ""


def _issue(record: Record) -> str:
    number = f"({record.issue})" if record.issue and record.volume else record.issue
    return " ".join(part for part in (record.volume, number) if part)[:200]


def is_of(wanted: Wanted, title: str, issn: str) -> bool:
    """Is this citation, as its fields have it, of the wanted title: by a number they share, or by its name?"""
    numbers = {f"issn:{normal_identifier(text)}" for text in re.split(r"[\s,;]+", issn)}
    short = title if wanted.kind == PERIODICAL else title.partition(":")[0]
    return bool(numbers & set(wanted.keys)) or (bool(wanted.name_key) and title_key(short) == wanted.name_key)


def ensure(wanted: Wanted, known: CopyrightTitle | None, *, now: datetime) -> CopyrightTitle:
    """The title to count for: the known one, with what numbers it did not have; else a new one. Call inside a
    transaction. Two who make the same at once end up with one: a number is one title's alone."""
    keys = wanted.keys or ((wanted.named,) if wanted.named else ())
    if known is not None:
        # A name does not make a number this title's; numbers found together do.
        if wanted.keys and known.numbered:
            _give(known, wanted.keys)
        return known
    for _attempt in range(3):
        try:
            with transaction.atomic():
                return _make(wanted, keys, now)
        except _Faster as faster:
            if faster.title.merged_into_id is None:
                return faster.title
    raise RuntimeError(f"The title of {keys} could neither be found nor made.")


class _Faster(Exception):
    def __init__(self, title: CopyrightTitle):
        super().__init__()
        self.title = title


def _make(wanted: Wanted, keys: tuple[str, ...], now: datetime) -> CopyrightTitle:
    row = CopyrightTitle.objects.create(
        kind=wanted.kind, name=wanted.name or "—", name_key=wanted.name_key, numbered=bool(wanted.keys), made=now,
        publisher=wanted.publisher, publisher_key=wanted.publisher_key,
    )
    _give(row, keys)
    # Who was faster has committed by now: storing the numbers waited for it.
    other = (
        CopyrightNumber.objects.filter(key__in=keys).exclude(title=row).select_related("title").order_by("pk").first()
    )
    if other is not None:
        raise _Faster(other.title)
    return row


def _give(title: CopyrightTitle, keys: Iterable[str]) -> None:
    CopyrightNumber.objects.bulk_create(
        [CopyrightNumber(title=title, kind=key.partition(":")[0], key=key) for key in sorted(keys)],
        ignore_conflicts=True,
    )


def key_of(text: str, kind: str) -> str:
    """The key of a number that somebody typed: ISSN of a periodical, ISBN or OCLC number of a work; '' for none."""
    number = normal_identifier(text)
    if number:
        scheme = "issn" if _is("issn", number) else "isbn"
        return f"{scheme}:{number}" if (scheme == "issn") == (kind == PERIODICAL) else ""
    said = re.fullmatch(r"\s*(?:\(OCoLC\)|oclc|ocm|ocn|on)[\s:#]*0*(\d{1,14})\s*|\s*0*(\d{1,14})\s*", text, re.I)
    digits = (said[1] or said[2]) if said else ""
    return f"oclc:{digits}" if digits and kind == WORK else ""


def survivor(title: CopyrightTitle) -> CopyrightTitle:
    """Where a merged title's uses are counted now."""
    while title.merged_into is not None:
        title = title.merged_into
    return title
