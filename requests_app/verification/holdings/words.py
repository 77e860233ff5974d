"""What a catalogue's words say of an item: is it there, and may it leave the house? Pure.

Systems have no common vocabulary, libraries add their own words: what no row knows says nothing (None), rather than
a promise that nobody made.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """`available`, `lendable`: None where the word says nothing of it."""

    pattern: re.Pattern
    available: bool | None = None
    lendable: bool | None = None


def _word(pattern: str, *, available: bool | None = None, lendable: bool | None = None) -> Word:
    return Word(re.compile(rf"(?<![a-z]){pattern}(?![a-z])", re.IGNORECASE), available, lendable)


# The first row that fits counts for each of the two questions: "not available for loan" before "available".
WORDS = (
    _word(r"not (?:available )?for (?:inter-?library )?loans?", lendable=False),
    _word(r"(?:un|not[ -])(?:loan|lend)able", lendable=False),
    _word(r"(?:not|un)[ -]?available(?! for)", available=False),
    _word(r"licen[cs]e restrictions.*", lendable=False),
    _word(r"(?:lib(?:rary)?|in[- ]?(?:lib(?:rary)?|house|building))[. ]+use(?: only)?", lendable=False),
    _word(r"non[- ]?circ(?:ulating)?\.?", lendable=False),
    _word(r"does not circulate", lendable=False),
    _word(r"(?:reference|ref\.?|reserves?|rsv|course reserves?)", lendable=False),
    _word(r"reading r(?:oo)?ms?", lendable=False),
    _word(r"(?:special coll(?:ection)?s?|rare books?|archives?|restricted)", lendable=False),
    _word(r"(?:präsenz(?:bestand)?|lesesaal|consulta en sala|solo consulta|consultation sur place)", lendable=False),
    _word(r"due\b.*", available=False),
    _word(r"(?:checked|charged|loaned)[- ]?out", available=False),
    _word(r"(?:out|charged|on loan|borrowed|billed|renewed|overdue|recalled|entliehen|prestado|ausgeliehen)",
          available=False),
    _word(r"in[- ]?transit", available=False),
    _word(r"(?:on[- ]?)?hold(?:s|[- ]?shelf)?", available=False),
    _word(r"(?:requested|reserved|awaiting pickup)", available=False),
    _word(r"(?:missing|lost|trace|on search|claims? returned|withdrawn|damaged|discard(?:ed)?)", available=False),
    _word(r"(?:at |in )?(?:bindery|repair|mending|conservation|cataloging|cataloguing|in process|process(?:ing)?)",
          available=False),
    _word(r"on[- ]?order(?:ed)?", available=False),
    _word(r"not charged", available=True),
    _word(r"(?<!not )available for (?:inter-?library )?loans?", available=True, lendable=True),
    _word(r"(?:available(?! for)|checked[- ]?in|check[- ]?shel(?:f|ves)|on[- ]shelf|not checked out)", available=True),
    _word(r"(?:verfügbar|disponible)", available=True),
    _word(r"(?:loan|lend)able", lendable=True),
)
# Words too short to be looked for within a text: the whole text, or nothing.
# A status that is nothing but a day is the one on which it is due back (Koha's 952 $q).
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d.*)?")
WHOLE = {"in": True, "i": True, "a": True, "held": False}


@dataclass(frozen=True)
class Verdict:
    available: bool | None = None
    lendable: bool | None = None
    note: str = ""  # the words that say that it is not there

    def known(self) -> bool:
        return self.available is not None or self.lendable is not None


def judge(*texts: str) -> Verdict:
    """Of statuses, the most telling first: each question is answered by the first text that answers it."""
    available = lendable = None
    note = ""
    for text in texts:
        one = _judge(text.strip())
        if available is None and one.available is not None:
            available = one.available
        if lendable is None and one.lendable is not None:
            lendable = one.lendable
        if not note and (one.available is False or one.lendable is False):
            note = text.strip()
    return Verdict(available, lendable, note)


def _judge(text: str) -> Verdict:
    if text.lower() in WHOLE:
        return Verdict(available=WHOLE[text.lower()])
    if _DAY.fullmatch(text):
        return Verdict(available=False)
    found = [word for word in WORDS if word.pattern.search(text)]
    return Verdict(
        _first(word.available for word in found), _first(word.lendable for word in found),
    )


def stays(*places: str) -> bool:
    """A place whose things do not leave the house: "Olin Reserve", "Reference"."""
    return any(_judge(place).lendable is False for place in places)


def _first(answers: Iterable[bool | None]) -> bool | None:
    return next((answer for answer in answers if answer is not None), None)
