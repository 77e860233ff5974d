"""The sources of one check while they answer: each in a thread of its own, none of which touches the database."""

import logging
import queue
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from illdesk.errors import AdapterError
from requests_app.verification import stored
from requests_app.verification.belonging import OWN_NUMBERS
from requests_app.verification.records import Answer, Record
from requests_app.verification.sources import GIVES
from requests_app.verification.web import Web

log = logging.getLogger(__name__)

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


@dataclass
class Turn:
    """One source asked once."""

    one: stored.Set
    wanted: Record
    question: str
    web: Web
    began: float
    ended: float = 0.0
    answer: Answer | None = None
    why: str = ""
    remembered: bool = False  # answered lately, and not asked again


@dataclass
class Asking:
    """The sources of one check while they answer."""

    sets: list[stored.Set]
    until: float
    now: datetime
    agent: str
    down: dict[str, str]
    fresh: bool
    turns: list[Turn] = field(default_factory=list)
    heard: "queue.SimpleQueue[Turn]" = field(default_factory=queue.SimpleQueue)
    out: int = 0  # how many have not answered yet

    def begin(self, wanted: Record) -> None:
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
            web = Web(
                until=self.until - _GRACE, agent=self.agent, inside=one.source.inside, down=self.down, kept=one.kept,
                gap=one.source.gap,
            )
            turn = Turn(one, wanted, questions[one.source.code], web, time.monotonic())
            self.turns.append(turn)
            if turn.question in known:
                turn.answer, turn.ended, turn.remembered = known[turn.question], turn.began, True
                continue
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
        """By source, of the last question that it could answer with something."""
        found: dict[str, Answer] = {}
        for turn in self.turns:
            if turn.answer is not None and (turn.answer or turn.one.source.code not in found):
                found[turn.one.source.code] = turn.answer
        return found

    def answers(self) -> list[Answer]:
        return list(self._answers().values())

    def asked(self) -> tuple[Asked, ...]:
        """One row a source: its best turn."""
        rows: dict[str, Asked] = {}
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
            if not turn.ended or turn.remembered:
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
    return {*record.isbns, *record.issns, *(getattr(record, name) for name in (*OWN_NUMBERS, "isbn", "issn"))} - {""}


_WEIGHT = {FOUND: 0, FAILED: 1, LATE: 2, NOTHING: 3}


def _can_ask(one: stored.Set, wanted: Record) -> bool:
    """A source that stumbles over what somebody typed must not keep the others from being asked."""
    try:
        return one.source.can_ask(wanted, one.settings)
    except Exception:
        log.exception("source %s cannot tell whether it can be asked", one.source.code)
        return False


def _told(turn: Turn) -> Asked:
    ms = round(((turn.ended or time.monotonic()) - turn.began) * 1000)
    code = turn.one.source.code
    if turn.answer is not None:
        return Asked(code, FOUND if turn.answer else NOTHING, ms, turn.answer.incomplete, turn.remembered)
    if turn.ended:
        return Asked(code, FAILED, ms, turn.why)
    return Asked(code, LATE, ms, _("No answer in time."))


def _ask(turn: Turn, heard: "queue.SimpleQueue[Turn]", wait: float, language: str) -> None:
    with translation.override(language):
        if wait:
            time.sleep(wait)
        _ask_now(turn)
    heard.put(turn)


def _ask_now(turn: Turn) -> None:
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
