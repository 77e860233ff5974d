"""Do two names mean the same journal or series? Abbreviations (ISO 4), acronyms, sections. Pure."""

import re
from functools import lru_cache

from rapidfuzz import fuzz

from requests_app.verification.likeness.scripts import fold, script_of, sounds_alike, tidy
from requests_app.verification.likeness.titles import DIFFERENT, SAME, Likeness, _close

# Words that ISO 4 leaves out, and those of which only letters stay.
_SMALL_WORDS = """
the a of for on in to and at by from der die das des dem den fur und zur zum im von le la les de du et pour en sur aux
au di della dei delle degli del per e il lo gli los las el y para do da dos o os as van het voor i na po v w za ob k s
dlia och og av af d u f
"""
_SMALL = set(_SMALL_WORDS.split())
# Contractions of ISO 4 that leave out letters in the middle.
_CONTRACTED = {
    "natl": "national", "intl": "international", "int": "international", "dtsch": "deutsch", "dt": "deutsch",
    "ztg": "zeitung", "jb": "jahrbuch", "jbuch": "jahrbuch", "zschr": "zeitschrift", "zs": "zeitschrift",
    "z": "zeitschrift",
    "qtly": "quarterly", "q": "quarterly", "qj": "quarterly journal", "jnl": "journal", "bd": "board",
    "dept": "department",
    "govt": "government", "assn": "association", "mfg": "manufacturing", "ges": "gesellschaft", "angew": "angewandte",
    "hist": "history", "vestn": "vestnik", "izv": "izvestiia", "zh": "zhurnal", "dokl": "doklady", "usp": "uspekhi",
    "trans": "transactions", "ann": "annals", "br": "british", "brit": "british", "eur": "european", "amer": "american",
    "jrl": "journal", "proc": "proceedings", "nat": "nature", "dtv": "deutsche", "ber": "berichte", "stud": "studies",
    "mbl": "monatsblatt", "vjh": "vierteljahrshefte", "vjschr": "vierteljahrsschrift",
}
# Names in use that follow no rule.
_KNOWN = {
    "nips": "advances in neural information processing systems",
    "neurips": "advances in neural information processing systems",
    "pnas": "proceedings of the national academy of sciences of the united states of america",
    "jama": "journal of the american medical association", "bmj": "british medical journal",
    "nejm": "new england journal of medicine", "cacm": "communications of the acm",
    "jbc": "journal of biological chemistry", "nar": "nucleic acids research",
    "proceedings of the ire": "proceedings of the institute of radio engineers",
    "zhetf": "zhurnal eksperimentalnoi i teoreticheskoi fiziki", "dan sssr": "doklady akademii nauk sssr",
    "ufn": "uspekhi fizicheskikh nauk", "uspekhi fiz nauk": "uspekhi fizicheskikh nauk",
}
_LETTER = re.compile(
    r"\b(?:[Ss]eries|[Ss]er|[Ss]ection|[Ss]ect|[Pp]art|[Rr]eihe|[Сс]ерия)\.? ([A-Ha-h])\b(?!\.\w)"
    r"|(?<=\w{3} )([A-H])(?=$|[\s,:;(])|(?<=\w{3}\. )([A-H])(?=$|[\s,:;(])|(?<=\w{3} )([a-h])$"
)
_NEW_YORK = re.compile(r"\bn\.? ?y\. ?")
# Of the volumes and meetings of a series.
_YEARS = re.compile(r"(?: (?:\d{2}|\d{4}|[ivx]{2,}))+$")
_PLACE = re.compile(r"\s*,? \(?(?:eds?\.|edited by|hrsg\.|hg\.).*$|\s*\([^)]{2,40}\)\s*$|\s*[:;/].*$|\s*=.*$")
_TAIL = {"united", "states", "america", "usa", "u", "s", "online", "london", "england", "new", "york", "print",
         "berlin", "washington", "dc", "1869", "1979", "canada", "oxford", "cambridge", "international", "edition"}


@lru_cache(maxsize=2_000)
def compare(one: str, other: str) -> Likeness:
    """Codes: same, abbreviated, acronym, subtitle, spelling, script, partly, different, unreadable."""
    (first, section), (second, other_section) = _name(one), _name(other)
    if not first or not second:
        return Likeness("unreadable", 0.0)
    if section and other_section and section != other_section:
        return DIFFERENT
    found = _compare(one, other, first, second)
    if section != other_section and found.share > 0:
        return Likeness("partly", 0.0)
    return found


def _compare(one: str, other: str, first: str, second: str) -> Likeness:
    if first == second:
        return SAME if script_of(one) == script_of(other) else Likeness("script", 0.95)
    known = _KNOWN.get(first, first), _KNOWN.get(second, second)
    if known != (first, second) and _words(known[0])[:4] == _words(known[1])[:4]:
        return Likeness("acronym", 0.85)
    mine, yours = _words(first), _words(second)
    if mine == yours:
        return SAME
    if _abbreviates(mine, yours) or _abbreviates(yours, mine):
        return Likeness("abbreviated", 0.9)
    if _is_acronym(one, other) or _is_acronym(other, one):
        return Likeness("acronym", 0.7 if min(len(first), len(second)) > 2 else 0.4)
    if script_of(one) != script_of(other) or script_of(one) != "latin":
        heard = sounds_alike(tidy(one), tidy(other))
        if heard is None:
            return Likeness("unreadable", 0.0)
        if heard >= 90:
            return Likeness("script", 0.9)
    elif (sounds_alike(first, second) or 0) >= 98:
        return Likeness("script", 0.9)
    shorter, longer = sorted((mine, yours), key=len)
    if longer[: len(shorter)] == shorter:
        if set(longer[len(shorter):]) <= _TAIL and len(shorter) > 1:
            return Likeness("same", 0.9)
        return Likeness("partly", 0.0) if len(shorter) > 1 else DIFFERENT
    if _close(first, second):
        return Likeness("spelling", 0.85)
    ratio = max(fuzz.ratio(first, second), fuzz.token_sort_ratio(" ".join(mine), " ".join(yours)))
    if ratio >= 90:
        return Likeness("spelling", 0.7)
    in_part = ratio >= 75 or fuzz.token_set_ratio(first, second) == 100
    return Likeness("partly", 0.0) if in_part or _begins_some(mine, yours) or _begins_some(yours, mine) else DIFFERENT


@lru_cache(maxsize=2_000)
def _name(text: str) -> tuple[str, str]:
    """Without place, parallel title and subtitle ("Science (New York, N.Y.)", "BMJ : British medical journal"), and
    the letter of the section: Physical Review B is not D, whatever follows it."""
    small = tidy(text)
    found = _LETTER.search(text[:300].strip())
    section = next(letter for letter in found.groups() if letter).lower() if found else ""
    if found:
        small = tidy(text[: found.start()]) or small
    short = fold(_NEW_YORK.sub("new york ", _PLACE.sub("", small) or small).replace("&", " ").replace(".", ". "))
    return _YEARS.sub("", short) or short, section


@lru_cache(maxsize=2_000)
def _words(name: str) -> tuple[str, ...]:
    words = name.split()
    return tuple(word for word in words if word not in _SMALL) or tuple(words)


def _abbreviates(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Each word begins the word at its place; words that begin differently are other words. An acronym stands for
    several: Trans. AIEE."""
    for place, word in enumerate(short if 1 < len(short) < len(long) else ()):
        stood_for = long[place: place + len(word)]
        if len(word) > 1 and word == "".join(one[0] for one in stood_for):
            rest = (*long[:place], word, *long[place + len(word):])
            return len(rest) == len(short) and all(map(_begins, short, rest))
    if len(short) != len(long) or sum(map(len, short)) >= sum(map(len, long)):
        return _abbreviates_less(short, long)
    return all(map(_begins, short, long))


def _begins_some(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """In order, but with words left out: C. R. Acad. Sci. (Paris). It may be, and it may be another journal."""
    rest = iter(long)
    short = tuple(word for word in short if word not in _TAIL and word != "paris")
    return 2 < len(short) < len(long) and all(any(_begins(word, found) for found in rest) for word in short)


def _abbreviates_less(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """The same with places left out at the end: Proc Natl Acad Sci (USA)."""
    least = min(len(short), len(long))
    if least < 3 or not set(long[least:]) <= _TAIL or not set(short[least:]) <= _TAIL:
        return False
    return all(map(_begins, short[:least], long[:least]))


@lru_cache(maxsize=2_000)
def _begins(short: str, long: str) -> bool:
    if long.startswith(short):
        return True
    full = _CONTRACTED.get(short, "")
    if full and long[:4] == full[:4]:
        return True
    # Contractions keep the first letter, the order and the last letter: "jahrb", "dtsch", "natl".
    if len(short) < 3 or short[0] != long[0] or len(short) > len(long):
        return False
    place = 0
    for letter in short:
        place = long.find(letter, place) + 1
        if not place:
            return False
    return len(short) <= 5 and (long[-1] == short[-1] or long.startswith(short[:3]))


def _is_acronym(short: str, long: str) -> bool:
    letters = "".join(sign for sign in tidy(short) if sign.isalnum())
    if not (3 if short.islower() else 2) <= len(letters) <= 7 or " " in short.strip().replace(". ", "."):
        return False
    words = [word for word in re.findall(r"\w+", tidy(long)) if fold(word) not in _SMALL]
    initials = "".join(word[0] for word in words)
    return len(words) >= len(letters) and (initials == letters or (
        len(letters) >= 4 and (initials.startswith(letters) or initials.endswith(letters))  # IEEE … is left out
    ))
