"""Do two statements of authors name the same people? Order, initials, particles and scripts aside. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from requests_app.verification.likeness import journals
from requests_app.verification.likeness.scripts import SURE, fold, script_of, sounds_alike

_MOST = 30  # people; of a thousand physicists the first ones will do
_AND = re.compile(r"\s*(?:;|\s+(?:(?i:and|und|et|och|og|with|mit|avec)|y|e|en|и)\s+(?!al\b)|\s&\s?|、|，|；)\s*")
_ET_AL = re.compile(
    r"[\s,;]*(?:\bet\.? al(?:ii|\.)?|\bu\. ?a\.|\band others\b|\bи др\.?|等|ほか|\[?\.\.\.\]?|…)\s*$", re.IGNORECASE
)
_ASIDE = re.compile(
    r"[(\[][^)\]]{0,60}[)\]]|\b(?:eds?|hrsg|hg|dir|éd|ред|tr|trans|übers|coord|comp)\b\.?(?!\w)"
    r"|\b\d{3,4}\??\s*-\s*(?:\d{2,4})?\??|\b(?:jr|sr|iii|prof|phd|by|von hrsg|ed by|edited by|herausgegeben von)\b\.?"
    r"|\b[bd]\. \d{4}", re.IGNORECASE,
)
_BODY = re.compile(
    r"\b(?:collaboration|consortium|investigators|study group|working group|research group|task force|committee|team"
    r"|network)\b"
)
_PARTICLES = {
    "de", "del", "della", "der", "den", "des", "di", "da", "do", "dos", "du", "la", "le", "van", "von", "vom", "zu",
    "zur", "af", "av", "al", "el", "bin", "ibn", "abu", "ter", "ten", "san", "the", "dal", "ben", "bar",
}
_INITIALS = re.compile(r"(?:[A-ZÀ-ÞА-ЯЁ]\.?[\s-]?){1,4}")
_SHORT = re.compile(r"(?:[^\W\d_]\.?[\s-]?){1,4}")


class Person(NamedTuple):
    """`family`: '' where the order of the words does not tell; `words`: all, folded; `raw`: as written."""

    family: str
    words: tuple[str, ...]
    raw: str


@lru_cache(maxsize=2_000)
def people(text: str) -> tuple[Person, ...]:
    """"Watson, J. D.; Crick, F.", "Watson JD, Crick FHC", "James Watson and Francis Crick" alike."""
    text = _clean(text)
    if not text:
        return ()
    found: list[Person] = []
    for piece in _AND.split(text)[:_MOST]:
        found += [_person(one) for one in _by_comma(piece.strip(" ,"))]
    return tuple(person for person in found[:_MOST] if person.words)


def _clean(text: str) -> str:
    text = _ET_AL.sub("", " ".join(text[:2000].split()))
    return _ASIDE.sub(" ", text).strip(" ,;:.&")


def _by_comma(piece: str) -> list[str]:
    """At a comma there is either a given name or the next person."""
    parts = [part.strip() for part in piece.split(",") if part.strip()]
    if len(parts) < 2:
        return parts
    if len(parts) == 2:
        if _is_initials(parts[1]) or len(parts[0].split()) == 1:
            return [", ".join(parts)]
        return parts if _ends_in_initials(parts[0]) or len(parts[1].split()) > 1 else [", ".join(parts)]
    if all(_is_initials(part) for part in parts[1::2]):  # Watson, J. D., Crick, F.
        return [", ".join(parts[place: place + 2]) for place in range(0, len(parts), 2)]
    if all(len(part.split()) == 1 for part in parts[::2]) and not _ends_in_initials(parts[0]) and len(parts) % 2 == 0:
        return [", ".join(parts[place: place + 2]) for place in range(0, len(parts), 2)]
    return parts


def _is_initials(text: str) -> bool:
    return bool(_SHORT.fullmatch(text)) and len(re.sub(r"\W", "", text)) <= 4 and (
        "." in text or " " in text or text.isupper() or len(text) == 1
    )


def _ends_in_initials(text: str) -> bool:
    head, _space, tail = text.rpartition(" ")
    return bool(head) and bool(_INITIALS.fullmatch(tail)) and len(tail.replace(".", "")) <= 4


def _person(text: str) -> Person:
    family, comma, given = text.partition(",")
    if not comma:
        if _ends_in_initials(text):  # Watson JD
            family, _space, given = text.rpartition(" ")
            comma = "," if not _ends_in_initials(family) and not _is_initials(family.split()[0]) else ""
        words = text.split()
        if not comma and len(words) > 1 and all(_is_initials(word) for word in words[:-1]):  # J. D. Watson
            family, given, comma = words[-1], " ".join(words[:-1]), ","
    if _is_initials(given.strip()) and "." not in given and given.strip().isupper():
        given = " ".join(given.replace(" ", ""))  # JD
    if not comma:
        return Person("", _words(text), text.strip())
    own = tuple(word for word in _words(family) if len(word) > 1) or _words(family)  # d'Alembert
    return Person(" ".join(own), own + _words(given), text.strip())


def _words(text: str) -> tuple[str, ...]:
    text = text.replace(".", ". ").replace("-", " ")
    words = fold(text).split()
    return tuple(word for word in words if word not in _PARTICLES) or tuple(words)


def same_person(one: Person, other: Person) -> bool | None:
    """None: cannot be said, their names are in scripts that cannot be compared."""
    if one.words == other.words:
        return True
    scripts = script_of(one.raw), script_of(other.raw)
    if scripts != ("latin", "latin"):
        if scripts[0] == scripts[1] or "latin" in scripts:
            return _across_scripts(one, other)
        return None
    return _by_words(one, other)


def _by_words(one: Person, other: Person) -> bool:
    if one.family and other.family and not _families(one, other):
        return _compact(one) == _compact(other)
    left = list(other.words)
    open_words, matched_full = [], False
    for word in one.words:
        twin = next((found for found in left if _same_word(word, found)), None)
        if twin is None:
            open_words.append(word)
        else:
            left.remove(twin)
            matched_full = matched_full or len(word) > 1
    if not matched_full:
        return _compact(one) == _compact(other)
    # What is left over may stand for each other by its first letter: J. for James.
    for word in open_words:
        initial = next((found for found in left if 1 in (len(word), len(found)) and found[0] == word[0]), None)
        if initial is None:
            if left and len(word) > 1 and any(len(found) > 1 for found in left) and not _families(one, other):
                return False
            if left and not (one.family and other.family):
                return False
            if left and _given_clash(one, other):
                return False
        else:
            left.remove(initial)
    return True


def _given_clash(one: Person, other: Person) -> bool:
    first, second = _given(one), _given(other)
    return bool(first and second) and first[0][0] != second[0][0] and not _nicknames(first[0], second[0])


def _given(person: Person) -> list[str]:
    family = person.family.split()
    return [word for word in person.words if word not in family]


def _nicknames(first: str, second: str) -> bool:
    return sounds_alike(first, second) == 100


def _families(one: Person, other: Person) -> bool:
    first, second = one.family.split(), other.family.split()
    if not first or not second:
        return False
    if one.family.replace(" ", "") == other.family.replace(" ", ""):
        return True
    return any(_same_word(word, found) for word in first for found in second if len(word) > 1)


@lru_cache(maxsize=2_000)
def _same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < 4:
        return False
    if min(len(one), len(other)) > 4 and DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1:
        return True
    return (sounds_alike(one, other) or 0) >= 96


def _compact(person: Person) -> str:
    return "".join(sorted(person.words))


def _across_scripts(one: Person, other: Person) -> bool | None:
    """As a whole, in both orders, and else by the word that is the family's name."""
    orders = [" ".join(other.raw.split(",")), " ".join(reversed(other.raw.split(",")))]
    words = other.raw.replace(",", " ").split()
    orders.append(" ".join([*words[1:], *words[:1]]))
    orders.append(" ".join([*words[-1:], *words[:-1]]))
    heard = [sounds_alike(one.raw.replace(",", " "), order) for order in dict.fromkeys(orders)]
    best = max((value for value in heard if value is not None), default=None)
    if best is not None and best >= 85:
        return True
    if min(len(one.raw.split(",")[0]), len(other.raw.split(",")[0])) < 4 and one.family and other.family:
        return None  # one consonant is no name
    first = re.split(r"[\s,]+", one.raw.replace(".", " ").strip())
    second = re.split(r"[\s,]+", other.raw.replace(".", " ").strip())
    for word in first:
        for found in second:
            if min(len(word), len(found)) > 2 and word.casefold() not in _PARTICLES and (
                (sounds_alike(word, found) or 0) >= SURE
            ):
                return True
    return None if best is None or {script_of(one.raw), script_of(other.raw)} & {"han", "kana"} else False


def _same_body(one: str, other: str) -> bool:
    """American Psychiatric Assn."""
    if not {",", ";"}.isdisjoint(one + other) or " " not in one or " " not in other:
        return False
    return journals.compare(one, other).code in ("same", "abbreviated", "acronym", "script")


def _last(person: Person) -> str:
    return (person.family.split() or person.words)[-1]


def _in_a_row(names: tuple[Person, ...], others: tuple[Person, ...]) -> bool:
    """"einstein podolsky rosen", "Dean, Ghemawat": families that look like one person."""
    if len(names) != 1 or len(names[0].words) < 2 or len(others) < 2:
        return False
    if names[0].family:
        return False
    families = [person.family or person.words[-1] for person in others]
    return all(any(_same_word(word, family) for family in families) for word in names[0].words)


class Shared(NamedTuple):
    """`share`: of the shorter list, 0 to 1, how many the other one names; `first`: the first of it is among them;
    `readable`: False when the scripts forbid a judgement; `family`: of the first only the family's name agrees."""

    share: float
    first: bool
    readable: bool
    family: bool = False


@lru_cache(maxsize=2_000)
def shared(one: str, other: str) -> Shared:
    if one == other:
        return Shared(1.0, True, True)
    plain = _shared(people(one), people(other), one, other)
    readings = [
        _shared(first, second, one, other) for first in {people(one), _families_only(one)}
        for second in {people(other), _families_only(other)} if min(len(first), len(second)) > 1
    ]
    best = max(readings, key=lambda found: (found.share, found.first), default=plain)
    return best if best.share > plain.share else plain


def _families_only(text: str) -> tuple[Person, ...]:
    """"Ren, He, Girshick, Sun": where each word may be a given name or a person of its own."""
    parts = [part.strip() for part in _clean(text).replace(" & ", ", ").replace(" and ", ", ").split(",")]
    if len(parts) < 2 or any(not part.isalpha() or len(part) < 2 for part in parts):
        return people(text)
    return tuple(Person("", _words(part), part) for part in parts[:_MOST])


def _shared(first: tuple[Person, ...], second: tuple[Person, ...], one: str, other: str) -> Shared:
    if not first or not second:
        return Shared(0.0, False, False)
    if len(first) > len(second):
        first, second = second, first
    left = list(second)
    hits, unreadable, lead = 0, 0, False
    for place, person in enumerate(first):
        for found in left:
            verdict = same_person(person, found) or same_person(found, person)
            if verdict:
                hits += 1
                left.remove(found)
                lead = lead or place == 0 or found is second[0]
                break
            if verdict is None:
                unreadable += 1
    if not hits and (in_a_row := _in_a_row(people(one), people(other)) or _in_a_row(people(other), people(one))):
        return Shared(1.0, True, in_a_row)
    alike = not hits and fuzz.token_sort_ratio(fold(one), fold(other)) >= SURE
    if alike or (not hits and _same_body(one, other)):
        return Shared(1.0, True, True)  # a body: a ministry, a society
    if not hits and (_BODY.search(fold(one)) or _BODY.search(fold(other))):
        return Shared(0.0, False, False)  # its members may be who they are
    family = not hits and _same_word(_last(first[0]), _last(second[0]))
    return Shared(hits / len(first), lead, bool(hits) or not unreadable, family)
