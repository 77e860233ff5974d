"""A title in Latin letters and in those of its own script. Pure.

Catalogues compare letters, not sounds: who types "Istoriya flota" finds neither "История флота" nor ALA-LC's
"Istoriia flota". Only worth asking where the typed form found nothing; a wrong guess finds nothing either.
"""

import re
import unicodedata

from requests_app.verification.likeness.scripts import script_of
from requests_app.verification.records import Record

FIELDS = ("title", "part_title", "author", "part_author")
# Any of these in a title, and it is not transliterated Russian. "i", "na", "o", "a", "do", "v" are words of both.
_WESTERN = frozenset({
    "the", "of", "and", "for", "to", "with", "by", "an", "der", "die", "das", "und", "des", "dem", "den", "für",
    "fur", "von", "zur", "zum", "ein", "eine", "le", "la", "les", "du", "de", "un", "une", "et", "dans", "sur",
    "pour", "el", "los", "las", "y", "del", "en", "il", "lo", "gli", "di", "della", "dei", "delle", "e", "da",
    "dos", "os", "em", "het", "een", "van", "voor", "och", "att", "af",
})
_SMALL_WORDS = frozenset({
    "i", "v", "vo", "na", "o", "ob", "k", "ko", "s", "so", "iz", "ot", "po", "za", "dlia", "dlya", "dlja", "pri",
    "pro", "u",
})
_SIGN = re.compile(
    r"shch|zh|kh|(?:sk|n|v|r|t|l|d)(?:ii|iy|ij|yi|yy|yj|aya|aia|aja|oye|oe|oi|oy|oj|ogo|omu|ykh|yh|ikh|ih)\b"
    r"|(?:[aeiou]y?|i)(?:ya|ia|ja|yu|iu|ju)\b|stv[oaeu]\b|ost['ʹ]?\b|ni(?:e|ya|ia|ja)\b|[oe]v(?:a|u)?\b"
)
# Longest first. Where one spelling stands for two letters, the more frequent one.
_LETTERS = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("tz", "ц"), ("ch", "ч"), ("sh", "ш"),
    ("iia", "ия"), ("iya", "ия"), ("ija", "ия"), ("iiu", "ию"), ("iyu", "ию"), ("yu", "ю"), ("iu", "ю"), ("ju", "ю"),
    ("ya", "я"), ("ja", "я"), ("ia", "я"), ("yo", "ё"), ("jo", "ё"), ("ye", "е"), ("je", "е"),
    *zip("abvgdezijklmnoprstufhcqyw", "абвгдезийклмнопрстуфхцкыв", strict=True), ("x", "кс"), ("'", "ь"), ("ʹ", "ь"),
)
_TABLE = dict(_LETTERS)
_PIECE = re.compile("|".join(sorted(map(re.escape, _TABLE), key=len, reverse=True)) + "|.", re.DOTALL)
# Before the letters: endings, and i or y that is й.
_FIRST = (
    (re.compile(r"(?<=[szrgfndk])ia\b"), "ия"), (re.compile(r"(?<=sk)ii\b"), "ий"), (re.compile(r"\biu(?=r)"), "ю"),
    (re.compile(r"(?:iy|ij)\b"), "ий"), (re.compile(r"(?:yi|yy|yj)\b"), "ый"),
    (re.compile(r"i[iyj](?=[^aeiouy\W])"), "ий"),
    (re.compile(r"(?<=[aeou])[yij](?![aeou])"), "й"), (re.compile(r"\be(?=[kltnsr][aiouks])(?!st)"), "э"),
)
_ALA_LC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "iu",
    "я": "ia",
}


def original(record: Record, name: str) -> str:
    """A field in the script of the work itself, where the record has it in Latin letters and in that."""
    if script_of(getattr(record, name)) != "latin":
        return ""
    return next((form for form in record.forms(name) if script_of(form) not in ("latin", "other")), "")


def guesses(wanted: Record) -> tuple[Record, ...]:
    """The same in Cyrillic, and in the transliteration of ALA-LC; () where it does not look like Russian."""
    title = wanted.part_title or wanted.title
    if not _looks_russian(title):
        return ()
    typed = {name: value for name in FIELDS if (value := getattr(wanted, name)) and script_of(value) == "latin"}
    cyrillic = {name: in_cyrillic(value) for name, value in typed.items()}
    romanized = {name: in_ala_lc(value) for name, value in cyrillic.items()}
    small = {name: value.casefold() for name, value in typed.items()}
    return tuple(wanted.with_(**values) for values in (cyrillic, romanized) if values != small)


def _looks_russian(title: str) -> bool:
    small = title.casefold()
    words = set(re.findall(r"[^\W\d_]+", small))
    if not words or script_of(title) != "latin" or words & _WESTERN:
        return False
    return bool(words & _SMALL_WORDS or _SIGN.search(small))


def in_cyrillic(text: str) -> str:
    """In small letters, which is all that a question needs."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    small = "".join(letter for letter in parts if not unicodedata.combining(letter))
    for pattern, letters in _FIRST:
        small = pattern.sub(letters, small)
    return _PIECE.sub(lambda found: _TABLE.get(found[0], found[0]), small)


def in_ala_lc(text: str) -> str:
    """Without its marks, as catalogues index it."""
    return "".join(_ALA_LC.get(letter, letter) for letter in text)
