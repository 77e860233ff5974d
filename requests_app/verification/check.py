"""Ask everybody who may know it, side by side, within a few seconds, and draw the conclusion.

Sources that need a number which only another source can give (Unpaywall a DOI, WorldCat's holdings an OCLC number)
are asked in a second round, as soon as the first has told the number. What nobody knows by the letters in which it
was typed is asked for once more in those of catalogues (`own_script`). Nothing here is stored with a request.
"""

import logging
import queue
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from illdesk.errors import AdapterError
from illdesk.models import Institution
from requests_app.verification import free_text, matching, own_script, stored
from requests_app.verification.evidence import CERTAIN, LIKELY, OF_EDITIONS
from requests_app.verification.likeness import journals
from requests_app.verification.records import CITED, Access, Answer, Held, Link, Record, distinct
from requests_app.verification.sources import GIVES
from requests_app.verification.web import Web

log = logging.getLogger(__name__)

MOST_SECONDS = 8.0
# Of the time, this part at most is left to the first round alone.
_FIRST_PART = 0.55
# A call that ends with the time must still be heard.
_GRACE = 0.25

FOUND, NOTHING, FAILED, LATE = "found", "nothing", "failed", "late"


@dataclass(frozen=True)
class Asked:
    """What became of one source: `state` is found, nothing, failed or late; `ms` its time; `words` why not, or what
    of it is missing."""

    code: str
    state: str
    ms: int = 0
    words: str = ""
    remembered: bool = False


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


@dataclass
class _Turn:
    """One source asked once."""

    one: stored.Set
    wanted: Record
    question: str
    web: Web
    began: float
    round: int
    ended: float = 0.0
    answer: Answer | None = None
    why: str = ""


@dataclass
class _Asking:
    """The sources of one check while they answer."""

    sets: list[stored.Set]
    until: float
    now: datetime
    agent: str
    down: dict[str, str]
    fresh: bool
    turns: list[_Turn] = field(default_factory=list)
    remembered: dict[str, Answer] = field(default_factory=dict)  # by source
    heard: "queue.SimpleQueue[_Turn]" = field(default_factory=queue.SimpleQueue)
    out: int = 0  # how many have not answered yet

    def begin(self, wanted: Record, number: int) -> None:
        """Ask everybody who can be asked and has not told what this question is about."""
        done = {code for code, answer in self._answers().items() if _is_enough(code, answer, wanted)}
        self._heed()
        asking = {turn.one.source.code for turn in self.turns if turn.answer is None and not turn.why}
        chosen = [
            one for one in self.sets
            if one.source.code not in done | asking and _can_ask(one, wanted)
        ]
        questions = {one.source.code: stored.question(one.source, one.settings, wanted) for one in chosen}
        asked_before = {turn.question for turn in self.turns}
        chosen = [one for one in chosen if questions[one.source.code] not in asked_before]
        known = {} if self.fresh else stored.answers(questions.values(), now=self.now)
        here = []
        for one in chosen:
            code = one.source.code
            if questions[code] in known:
                self.remembered[code] = known[questions[code]]
                continue
            web = Web(
                until=self.until - _GRACE, agent=self.agent, inside=one.source.inside, down=self.down, kept=one.kept,
                gap=one.source.gap,
            )
            turn = _Turn(one, wanted, questions[code], web, time.monotonic(), number)
            self.turns.append(turn)
            if getattr(one.source, "local", False):
                here.append(turn)
                continue
            wait = stored.wait_for_turn(one.source, most=max(self.until - time.monotonic() - 0.5, 0))
            if wait is None:
                turn.why = _("It is asked as often as its operator allows; there was no turn in time.")
                turn.ended = time.monotonic()
                continue
            self.out += 1
            language = translation.get_language() or "en"
            threading.Thread(target=_ask, args=(turn, self.heard, wait, language), daemon=True).start()
        for turn in here:  # our own database, in this thread, while the others are on their way
            _ask_now(turn)

    def _heed(self) -> None:
        """Who failed a moment ago, or asked to wait, is not asked again in the same check."""
        for turn in self.turns:
            if turn.ended:
                self.down.update({host: why for host, why in turn.web.fared.items() if why})
                self.down.update(dict.fromkeys(turn.web.not_before, turn.why))

    def wait(self, until: float) -> None:
        while self.out:
            left = until - time.monotonic()
            try:
                self.heard.get(timeout=max(left, 0.001))
            except queue.Empty:
                return
            self.out -= 1

    def _answers(self) -> dict[str, Answer]:
        found = dict(self.remembered)
        for turn in self.turns:
            if turn.answer is not None and (turn.answer or turn.one.source.code not in found):
                found[turn.one.source.code] = turn.answer
        return found

    def answers(self) -> list[Answer]:
        return list(self._answers().values())

    def asked(self) -> tuple[Asked, ...]:
        """One row a source: its best turn."""
        rows: dict[str, Asked] = {
            code: Asked(code, FOUND if answer else NOTHING, remembered=True)
            for code, answer in self.remembered.items()
        }
        for turn in self.turns:
            code = turn.one.source.code
            row = _told(turn)
            before = rows.get(code)
            if before is None or _WEIGHT[row.state] < _WEIGHT[before.state]:
                rows[code] = row
        order = [one.source.code for one in self.sets]
        return tuple(sorted(rows.values(), key=lambda row: order.index(row.code)))

    def remember(self) -> None:
        """After all: how servers fared, what they answered. A turn that is still out told nothing. What cannot be
        kept is asked for again next time; the check itself does not hang on it."""
        for turn in self.turns:
            if not turn.ended:
                continue
            source, answer = turn.one.source, turn.answer
            try:
                stored.remember(turn.web, source, turn.one.kept, now=self.now)
            except Exception:
                log.exception("how the servers of source %s fared could not be remembered", source.code)
            if answer is None or getattr(source, "local", False):
                continue
            try:
                stored.keep_answer(source, turn.question, answer, now=self.now)
            except Exception:
                log.exception("an answer of source %s could not be kept", source.code)


def _is_enough(code: str, answer: Answer, wanted: Record) -> bool:
    """Links and notes are better with every number that is known; and holders that were found by words may be
    those of another work than the one that is meant by now."""
    if not (answer.records or answer.held or answer.access):
        return False
    if not {"ours", "holdings"} & set(GIVES.get(code, ())):
        return True
    numbers = _numbers(wanted)
    return not numbers or any(numbers & _numbers(record) for record in answer.records)


def _numbers(record: Record) -> set[str]:
    return {*record.isbns, *record.issns, *(getattr(record, name) for name in (*_OWN_NUMBERS, "isbn", "issn"))} - {""}


_WEIGHT = {FOUND: 0, FAILED: 1, LATE: 2, NOTHING: 3}


def _can_ask(one: stored.Set, wanted: Record) -> bool:
    """A source that stumbles over what somebody typed must not keep the others from being asked."""
    try:
        return one.source.can_ask(wanted, one.settings)
    except Exception:
        log.exception("source %s cannot tell whether it can be asked", one.source.code)
        return False


def _told(turn: _Turn) -> Asked:
    ms = round(((turn.ended or time.monotonic()) - turn.began) * 1000)
    code = turn.one.source.code
    if turn.answer is not None:
        return Asked(code, FOUND if turn.answer else NOTHING, ms, turn.answer.incomplete)
    if turn.ended:
        return Asked(code, FAILED, ms, turn.why)
    return Asked(code, LATE, ms, _("No answer in time."))


def _ask(turn: _Turn, heard: "queue.SimpleQueue[_Turn]", wait: float, language: str) -> None:
    with translation.override(language):
        if wait:
            time.sleep(wait)
        _ask_now(turn)
    heard.put(turn)


def _ask_now(turn: _Turn) -> None:
    try:
        answer = turn.one.source.ask(turn.wanted, turn.one.settings, turn.web)
    except AdapterError as failure:
        turn.why = str(failure)
    except Exception:
        log.exception("source %s could not read an answer", turn.one.source.code)
        turn.why = _("Its answer could not be read; the log has the reason.")
    else:
        turn.answer = _signed(answer, turn.one.source.code)
    turn.ended = time.monotonic()


def _signed(answer: Answer, code: str) -> Answer:
    """Each row says whose it is."""
    return replace(
        answer,
        held=tuple(row if row.source else replace(row, source=code) for row in answer.held),
        access=tuple(row if row.source else replace(row, source=code) for row in answer.access),
    )


def look(
    wanted: Record, *, now: datetime, seconds: float = MOST_SECONDS, any_edition: bool = False, fresh: bool = False,
    only: Collection[str] | None = None, text: str = "",
) -> Checked:
    """Ask who may know it. Returns within `seconds`, whoever hangs; raises nothing for a source that fails.

    `fresh`: also whom we asked lately. `only`: codes of sources. `text`: words that nobody could take apart; then
    these are compared and not the fields of `wanted`. No transaction may be open: this waits for others.
    """
    began = time.monotonic()
    institution = Institution.objects.filter(pk=1).first() or Institution()
    sets = [
        one for one in stored.switched_on(institution=institution) if only is None or one.source.code in only
    ]
    blocks = connection.atomic_blocks
    if sets and blocks and not getattr(blocks[-1], "_from_testcase", False):
        raise RuntimeError("Others were to be asked while a transaction is open.")
    asking = _Asking(
        sets, began + seconds, now, stored.agent(institution.email), stored.down_now(now) if sets else {}, fresh
    )
    asking.begin(wanted, 1)
    asking.wait(began + seconds * _FIRST_PART)
    conclusion = _conclude(wanted, asking.answers(), any_edition, text)
    for turn, guess in enumerate(own_script.guesses(wanted) if not _is_known(conclusion) else ()):
        asking.begin(guess, 2 + turn)
        asking.wait(began + seconds * (_FIRST_PART + 0.15 * (1 + turn)))
        conclusion = _conclude(wanted, asking.answers(), any_edition, text)
        if _is_known(conclusion):
            break
    richer = _richer(wanted, conclusion, text)
    if richer != wanted:
        asking.begin(richer, 4)
    asking.wait(began + seconds)
    asking.remember()
    return _drawn(wanted, asking.answers(), any_edition, asking.asked(), text)


def _conclude(wanted: Record, answers: list[Answer], any_edition: bool, text: str) -> matching.Conclusion:
    """The container of an article (the journal, the book) is no candidate for the article."""
    found = [record for answer in answers for record in answer.records if not is_container(wanted, record)]
    if text and (conclusion := free_text.conclude(text, found, any_edition=any_edition)).candidates:
        return conclusion
    return matching.conclude(wanted, found, any_edition=any_edition)


def is_container(wanted: Record, found: Record) -> bool:
    return bool(wanted.part_title or wanted.kind in PARTS) and not found.part_title and found.kind not in PARTS


# Kinds that are part of something else.
PARTS = frozenset({"article", "chapter", "conference", "newspaper"})


def _richer(wanted: Record, conclusion: matching.Conclusion, text: str) -> Record:
    """With what the best candidate knows where nothing was said: numbers above all. Of mere words nothing stays."""
    if not _is_known(conclusion):
        return wanted
    return filled_up(Record() if text else wanted, conclusion.candidates[0].record)


def _is_known(conclusion: matching.Conclusion) -> bool:
    return conclusion.outcome in ("verified", "probable") and bool(conclusion.candidates)


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
    fitting = _fitting(richer, conclusion, [record for answer in answers for record in answer.records], any_edition)
    held = [row for answer in answers for row in answer.held if _belongs(row, fitting)]
    access = [row for answer in answers for row in answer.access if _belongs(row, fitting)]
    return Checked(
        wanted=wanted,
        outcome=conclusion.outcome,
        candidates=tuple(conclusion.candidates),
        held=tuple(dict.fromkeys(held)),
        access=tuple(sorted(dict.fromkeys(access), key=_worth)),
        links=tuple(dict.fromkeys(row for answer in answers for row in answer.links)),
        notes=distinct(note for answer in answers for note in answer.notes),
        asked=asked,
    )


def _fitting(
    wanted: Record, conclusion: matching.Conclusion, found: list[Record], any_edition: bool
) -> set[tuple[str, str]]:
    """Source and number of every record that is what was wanted, or its container."""
    chosen = conclusion.candidates[:1] if conclusion.outcome in ("verified", "probable") else [
        one for one in conclusion.candidates if one.score >= LIKELY
    ]
    records = [member for one in chosen for member in one.members]
    if any_edition and conclusion.outcome in ("verified", "probable"):
        records += [
            member for one in conclusion.candidates[1:] if one.match and one.score >= CERTAIN
            and one.match.codes <= OF_EDITIONS for member in one.members
        ]
    if conclusion.outcome in ("verified", "probable"):
        best = conclusion.candidates[0].record
        records += [record for record in found if any(_both(best, record, name) for name in _OWN_NUMBERS)]
    records += [record for record in found if is_container(wanted, record) and same_container(wanted, record)]
    return {(record.source, record.source_id) for record in records}


# Numbers that only one work has; an ISBN may be that of a whole set.
_OWN_NUMBERS = ("doi", "pmid", "pmcid", "arxiv", "oclc")


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


def _belongs(row: Held | Access, fitting: set[tuple[str, str]]) -> bool:
    """What names no record was asked for by number, and is of exactly that."""
    return not row.record_id or (row.source, row.record_id) in fitting


_VERSIONS = ("published", "accepted", "submitted", "")


def _worth(row: Access) -> tuple:
    """Licensed before free, the whole before a part, the published version before a manuscript."""
    version = _VERSIONS.index(row.version) if row.version in _VERSIONS else len(_VERSIONS)
    return (row.limited, row.way != "licensed", version, not row.is_pdf)
