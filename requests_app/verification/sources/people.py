"""Names as a citation has them: "Family, Given; Family, Given". Pure."""

import re
from collections.abc import Iterable

from requests_app.verification.records import distinct

# A paper of a particle collaboration has three thousand authors; a citation does not.
MOST = 30
_LONGEST = 200

# Words that people's names do not have.
_WORDS = (
    "academy association board bureau center centre centro collaboration college commission committee company "
    "conference congress consortium corporation council department federation foundation fund gmbh group inc institut "
    "institute instituto library ltd ministerio ministry museum national office organisation organization press "
    "project school service society staff team the union universidad university université universität of for and &"
)
_CORPORATE = frozenset(_WORDS.split())
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
# Double names in the languages that have them: "Ursula K. Le Guin", "Antoine de Saint-Exupéry".
_PARTICLES_WITH_NAME = frozenset({"le", "la", "mac", "mc", "o'", "saint", "st", "st.", "san", "santa"})
_LIFE = re.compile(r",?\s*\(?\b(?:b\.|d\.|ca\.|active|approximately)?\s*\d{4}\??\s*-?\s*(?:\d{4})?\??\)?\.?$")


def people(names: Iterable[str]) -> str:
    """Each once; a semicolon within a name would make two of one."""
    return "; ".join(distinct(name[:_LONGEST].replace(";", ",").strip() for name in names)[:MOST])


def person(family: str, given: str = "", suffix: str = "") -> str:
    return ", ".join(part for part in (family, given, suffix) if part)


def inverted(name: str) -> str:
    """"Edward R. Tufte" as "Tufte, Edward R."; what is inverted already, or no person's name, stays as it is.

    Particles stay with the given name as in "Beethoven, Ludwig van"; names in Chinese, Japanese and Korean script
    have the family first.
    """
    name = " ".join(name.split())
    words = name.split(" ")
    if "," in name or len(words) < 2 or _CORPORATE & {word.lower().strip(".,") for word in words}:
        return name
    if _family_first(name):
        return person(words[0], " ".join(words[1:]))
    suffix = words.pop() if words[-1].lower().strip(".") in _SUFFIXES and len(words) > 2 else ""
    first = len(words) - 1
    if first > 1 and words[first - 1].lower() in _PARTICLES_WITH_NAME and words[first - 1][0].isupper():
        first -= 1
    return person(" ".join(words[first:]), " ".join(words[:first]), suffix)


def without_dates(name: str) -> str:
    """"Tolstoy, Leo, graf, 1828-1910" as "Tolstoy, Leo, graf": catalogues tell people of one name apart so."""
    return _LIFE.sub("", name).rstrip(" ,")


def family(names: str) -> str:
    """The family name of the first of them."""
    return names.split(";")[0].split(",")[0].strip()


def _family_first(name: str) -> bool:
    sign = name[0]
    return "\u3040" <= sign <= "\u30ff" or "\u3400" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3"
