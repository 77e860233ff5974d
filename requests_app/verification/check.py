"""Ask everybody who may know it, side by side, within a few seconds, and draw the conclusion.

Sources that need a number which only another source can give (Unpaywall a DOI, WorldCat's holdings an OCLC number)
are asked in a second round, as soon as the first has told the number. What nobody knows by the letters in which it
was typed is asked for once more in those of catalogues (`own_script`). Nothing here is stored with a request.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from illdesk.models import Institution
from requests_app.verification import free_text, matching, own_script, stored
from requests_app.verification.asking import FOUND, NOTHING, Asked, Asking
from requests_app.verification.belonging import belongs, fitting, is_container
from requests_app.verification.records import CITED, Access, Answer, Held, Link, Record, distinct
from requests_app.verification.sources import GIVES

MOST_SECONDS = 8.0
# Of the time, this part at most is left to the first round alone.
_FIRST_PART = 0.55
@dataclass(frozen=True)
class Checked:
    """A conclusion, and all that speaks for it. `outcome`: a code of models.Check.OUTCOMES, '' when nobody could be
    asked; `held`, `access`: only what belongs to what was wanted."""

    wanted: Record
    outcome: str
    candidates: tuple[matching.Candidate, ...] = ()
    held: tuple[Held, ...] = ()
    access: tuple[Access, ...] = ()
    links: tuple[Link, ...] = ()
    notes: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    container: tuple[Record, ...] = ()  # the journal it is in, as catalogues describe it

    @property
    def best(self) -> matching.Candidate | None:
        return self.candidates[0] if self.candidates else None

    @property
    def is_whole(self) -> bool:
        """Did everybody answer who was asked?"""
        return all(row.state in (FOUND, NOTHING) and not row.words for row in self.asked)

    @property
    def ours(self) -> tuple[Held, ...]:
        """Our shelves as our own catalogue tells of them; that WorldCat counts us among the holders says something
        only where it is silent."""
        rows = tuple(row for row in self.held if row.ours)
        return tuple(row for row in rows if "ours" in GIVES.get(row.source, ())) or rows


def look(
    wanted: Record, *, now: datetime, seconds: float = MOST_SECONDS, any_edition: bool = False, fresh: bool = False,
    text: str = "",
) -> Checked:
    """Ask who may know it. Returns within `seconds`, whoever hangs; raises nothing for a source that fails.

    `fresh`: also whom we asked lately. `text`: words that nobody could take apart; then
    these are compared and not the fields of `wanted`. No transaction may be open: this waits for others.
    """
    began = time.monotonic()
    institution = Institution.objects.filter(pk=1).first() or Institution()
    sets = stored.switched_on(institution=institution)
    blocks = connection.atomic_blocks
    if sets and blocks and not getattr(blocks[-1], "_from_testcase", False):
        raise RuntimeError("Others were to be asked while a transaction is open.")
    asking = Asking(
        sets, began + seconds, now, stored.agent(institution.email), stored.down_now(now) if sets else {}, fresh
    )
    asking.begin(wanted)
    asking.wait(began + seconds * _FIRST_PART)
    conclusion = _conclude(wanted, asking.answers(), any_edition, text)
    for turn, guess in enumerate(own_script.guesses(wanted) if not conclusion.is_known else ()):
        asking.begin(guess)
        asking.wait(began + seconds * (_FIRST_PART + 0.15 * (1 + turn)))
        conclusion = _conclude(wanted, asking.answers(), any_edition, text)
        if conclusion.is_known:
            break
    richer = _richer(wanted, conclusion, text)
    if richer != wanted:
        asking.begin(richer)
    asking.wait(began + seconds)
    asking.remember()
    return _drawn(wanted, asking.answers(), any_edition, asking.asked(), text)


def _conclude(wanted: Record, answers: list[Answer], any_edition: bool, text: str) -> matching.Conclusion:
    """The container of an article (the journal, the book) is no candidate for the article."""
    found = [record for answer in answers for record in answer.records if not is_container(wanted, record)]
    if text and (conclusion := free_text.conclude(text, found, any_edition=any_edition)).candidates:
        return conclusion
    return matching.conclude(wanted, found, any_edition=any_edition)


def _richer(wanted: Record, conclusion: matching.Conclusion, text: str) -> Record:
    """With what the best candidate knows where nothing was said: numbers above all. Of mere words nothing stays."""
    if not conclusion.is_known:
        return wanted
    return filled_up(Record() if text else wanted, conclusion.candidates[0].record)


def filled_up(wanted: Record, found: Record) -> Record:
    values: dict[str, Any] = {
        name: getattr(found, name) for name in (*CITED, "kind", "language")
        if not getattr(wanted, name) and getattr(found, name)
    }
    values["isbns"] = distinct((*wanted.isbns, *found.isbns))
    values["issns"] = distinct((*wanted.issns, *found.issns))
    return replace(wanted, **values)


def _drawn(
    wanted: Record, answers: list[Answer], any_edition: bool, asked: tuple[Asked, ...], text: str
) -> Checked:
    if not any(row.state in (FOUND, NOTHING) for row in asked):
        return Checked(wanted, "", asked=asked)
    conclusion = _conclude(wanted, answers, any_edition, text)
    richer = _richer(wanted, conclusion, text)
    those = fitting(richer, conclusion, [record for answer in answers for record in answer.records], any_edition)
    containers = (record for answer in answers for record in answer.records
                  if is_container(wanted, record) and set(richer.issns) & {*record.issns, record.issn})
    held = [row for answer in answers for row in answer.held if belongs(row, those)]
    access = [row for answer in answers for row in answer.access if belongs(row, those)]
    return Checked(
        wanted=wanted,
        outcome=conclusion.outcome,
        candidates=tuple(conclusion.candidates),
        held=tuple(dict.fromkeys(held)),
        access=tuple(sorted(dict.fromkeys(access), key=_worth)),
        links=tuple(dict.fromkeys(row for answer in answers for row in answer.links)),
        notes=distinct(note for answer in answers for note in answer.notes),
        asked=asked,
        container=tuple(containers),
    )


_VERSIONS = ("published", "accepted", "submitted", "")


def _worth(row: Access) -> tuple:
    """Licensed before free, the whole before a part, the published version before a manuscript."""
    version = _VERSIONS.index(row.version) if row.version in _VERSIONS else len(_VERSIONS)
    return (row.limited, row.way != "licensed", version, not row.is_pdf)
