"""Volumes, issues, pages, years and editions as people and catalogues write them, in the languages they do. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

from requests_app.verification.likeness.scripts import fold, tidy

_ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,4})(?:xc|xl|l?x{0,4})(?:ix|iv|v?i{0,4})")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
# Beginnings of ordinals, as `fold` leaves them; the longest that fits counts.
_ORDINALS: dict[str, int] = {}
for _number, _words in enumerate((
    "first erst premier primer prima primo primus pervo pervy pierwsz primeir forsta forste eerste proto proti "
    "rishon ula uncu birinci",
    "second zweit deuxiem segund secund vtoro vtory drug andra anden tweede deftero deuter sheni thani ikinci",
    "third dritt troisiem tercer terz terti tret trzec terceir tredje derde trito triti shelishi thalith ucuncu",
    "fourth viert quatriem cuart quart chetver czwart fjarde fjerde vierde tetart revii rabi dorduncu",
    "fifth funft cinquiem quint piat fifte vijfde femte pempt hamishi khamis besinci",
    "sixth sechst sixiem sext shest szost sjatte sjette zesde ekt shishi sadis altinci",
    "seventh siebt siebent septiem septim sedm siodm sjunde zevende evdom shevii sabi yedinci",
    "eighth acht huitiem octav ottav vosm osm attonde achtste ogdo shemini thamin sekizinci",
    "ninth neunt neuviem noven nono deviat dziewiat nionde negende enat teshii tasi dokuzuncu",
    "tenth zehnt dixiem decim desiat dziesiat tionde tiende dekat asiri ashir onuncu",
    "eleventh elft onziem undecim odinnadtsat", "twelfth zwolft douziem duodecim dvenadtsat", "thirteenth dreizehnt",
    "fourteenth vierzehnt", "fifteenth funfzehnt", "sixteenth sechzehnt", "seventeenth siebzehnt",
    "eighteenth achtzehnt", "nineteenth neunzehnt", "twentieth zwanzigst",
), start=1):
    for _word in _words.split():
        _ORDINALS[_word] = _number
_EXACT = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eins": 1, "zwei": 2, "drei": 3, "vier": 4,
          "un": 1, "deux": 2, "trois": 3, "uno": 1, "dos": 2, "tres": 3, "due": 2, "tre": 3}
_HAN = {sign: number for number, sign in enumerate("〇一二三四五六七八九十")}
# 上 and 下 are the first and the last of two or, with 中 between, of three.
_UPPER = {"上": "1", "中": "middle", "下": "last"}
_HAN_NUMBER = re.compile(r"[一二三四五六七八九十〇]{1,3}")
_FIGURE = re.compile(r"(\d{1,3})(?:st|nd|rd|d|th|e|a|o|eme|er|ere|te|re|ed|oe|ia|ya|va|i|y|de|ste|nda|ra)?")
_PAGES_WORD = re.compile(
    r"\b(?:(?:pages?|pp?|pag|seiten?|ss|стр|art(?:icle)?(?: no)?|σσ)\.? ?|(?:s|с|σ)(?:\. ?| ))(?=\d|[ivxlc]+\b)"
)
_TOKEN = re.compile(r"[a-z]*\d+[a-z]*|[a-z]+")
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")


@lru_cache(maxsize=2_000)
def roman(word: str) -> int | None:
    """XIV is 14; None for what is no roman numeral. Small or capital letters."""
    word = word.casefold()
    if not word or not _ROMAN.fullmatch(word):
        return None
    values = [_VALUES[letter] for letter in word]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def han_number(text: str) -> int | None:
    if not text or any(sign not in _HAN for sign in text):
        return None
    tens, ten, ones = text.partition("十")
    if not ten:
        return int("".join(str(_HAN[sign]) for sign in text))
    return _HAN.get(tens, 1) * 10 + (_HAN.get(ones, 0) if ones else 0)


@lru_cache(maxsize=2_000)
def ordinal(word: str) -> int | None:
    """A folded word: "2nd", "zweite", "vtoroe" are 2."""
    if found := _FIGURE.fullmatch(word):
        return int(found[1])
    for length in range(len(word), 3, -1):
        if word[:length] in _ORDINALS and len(word) - length <= 4:
            return _ORDINALS[word[:length]]
    return _EXACT.get(word)


class Numbers(NamedTuple):
    """`values`: what was read, "12" or "12a" or, of no number, the words; `text`: folded."""

    values: tuple[str, ...]
    text: str


@lru_cache(maxsize=2_000)
def numbers(text: str) -> Numbers:
    """Of a volume or an issue: "Bd. XII", "т. 12", "第12巻", "vol. 12" are ("12",); "3–4", "3/4" are ("3", "4").

    Words around a number (vol., Bd., т., no., Heft) say nothing; where there is none they are all there is
    ("Suppl", "Spring").
    """
    small = tidy(text)
    if not small.isascii():
        if not re.search(r"\d", small):
            if found := _HAN_NUMBER.search(small):
                return Numbers((str(han_number(found[0])),), fold(text))
            if found := re.search("[上中下]", small):
                return Numbers((_UPPER[found[0]],), fold(text))
        text = re.sub(r"(?<=\d)(?=[^\W\d_a-z])|(?<=[^\W\d_a-z])(?=\d)", " ", small)
    # Small roman numerals of one letter are also a volume "C" or "v." for volume.
    tokens = _TOKEN.findall(fold(text.replace("no.", " ").replace("No.", " ")))
    figures = [token.lstrip("0") or "0" for token in tokens if any(sign.isdigit() for sign in token)]
    if figures:
        return Numbers(tuple(re.sub(r"^(?:v|t|n|b|no|vol|bd|nr)(?=\d)", "", one) for one in figures), fold(text))
    read = [
        number for place, token in enumerate(tokens)
        if (number := roman(token)) and not (token in ("v", "c", "d", "m", "l") and len(tokens) > 1 and place == 0)
    ]
    if not read:
        read = [number for token in tokens if (number := ordinal(token))]
    if read:
        return Numbers(tuple(str(number) for number in read), fold(text))
    return Numbers(tuple(tokens), fold(text))


@lru_cache(maxsize=2_000)
def pages(text: str) -> tuple[str, str]:
    """First and last page: "123-9" is ("123", "129"), "S12–S15" ("s12", "s15"), "061102" ("061102", "").

    Roman pages stay apart from figures: xii is no 12.
    """
    small = re.sub(r"[‐-―−~〜]|\bto\b|\bbis\b", "-", tidy(text))
    small = _PAGES_WORD.sub("", small)
    small = re.sub(r"(?<=\d)ff?\b", "", small)
    found = re.findall(r"[a-z]?\d+[a-z]?|\b[ivxlc]+\b", small)
    if not found:
        return (fold(text), "")
    first = found[0]
    last = found[1] if len(found) > 1 and re.search(rf"{re.escape(first)}\s*-+\s*{re.escape(found[1])}", small) else ""
    if last.isdigit() and first.isdigit() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    elif last.isdigit() and re.fullmatch(r"[a-z]\d+", first):  # S12-15
        last = first[0] + (first[1: len(first) - len(last)] + last if len(last) < len(first) - 1 else last)
    return (first, last)


@lru_cache(maxsize=2_000)
def years(text: str) -> tuple[int, ...]:
    """All years of four figures in order, roman ones too ("MCMLXXXIV"); of "1998/99" both."""
    found = [int(year) for year in _YEAR.findall(text)]
    if double := re.search(r"(?<!\d)((?:1[4-9]|20)\d)(\d)[/\-–](\d)?(\d)(?!\d)", text):
        decade = double[1][:3] if double[3] is None else double[1][:2] + double[3]
        second = int(decade + double[4])
        found += [second] if second not in found and 0 < second - found[0] < 3 else []
    if not found:
        found = [number for word in re.findall(r"[a-z]{4,}", tidy(text)) if (number := roman(word)) and number > 1400]
    return tuple(found)


class Edition(NamedTuple):
    """`number`: None where none is said. `words`: "revised", "reprint", "student", "facsimile", "large print"."""

    number: int | None
    words: frozenset[str]


_KINDS_OF_EDITION = {
    "revised": r"\brev|\buberarb|\bneubearb|\bbearb|\bcorr|\berw|\bperer|\bispr|\bdop\b|\brefond|\baum|\bupdated"
               r"|\benl|\bverb|\bkaitei|\bzengding|\bxiuding|修訂|修订|改訂|増補|增订|新版|\bneu\b|\bnew\b|\bnouv",
    "student": r"\bstudent|\bschul|\bstudien|\binternational stud",
    "abridged": r"\babridg|\bgekurz|\babreg|\bcompendi|\bconcise",
    "facsimile": r"\bfacsim|\bfaks",
    "large print": r"\blarge print|\bgrossdruck",
    "annotated": r"\bannot|\bcritical|\bkrit",
}


@lru_cache(maxsize=2_000)
def edition(text: str) -> Edition:
    """Of an edition statement in any of the usual languages: "2., überarb. Aufl.", "изд. 3-е", "第2版"."""
    small, plain = tidy(text), fold(text)
    words = frozenset(kind for kind, signs in _KINDS_OF_EDITION.items() if re.search(signs, plain + " " + small))
    if found := re.search(r"第? ?(\d{1,2}|[一二三四五六七八九十]{1,3}) ?(?:版|판|次)", small):
        return Edition(int(found[1]) if found[1].isdigit() else han_number(found[1]), words)
    if re.search(r"初版", small):
        return Edition(1, words)
    if re.search(r"\banniv|\bjubil", plain):
        return Edition(None, words)
    for word in plain.split():
        number = ordinal(word)
        if number and number < 100:
            return Edition(number, words)
    for word in plain.split():
        if len(word) < 5 and word not in ("c", "d", "m", "l", "i") and (number := roman(word)) and number < 40:
            return Edition(number, words)
    return Edition(None, words)


_EDITION_IN_TITLE = re.compile(
    r"[\s,;:.(\[/-]*\(?\b((?:the )?[\w.\-]{1,14}(?:,? (?:rev\w*|revised|updated|enlarged|überarb\w*|erw\w*)\.?)?)[ -]"
    r"(?:ed\b\.?|edn\b\.?|edition\b|édition\b|éd\b\.?|edición\b|auflage\b|aufl\b\.?|изд\b\.?|издание\b|edizione\b|版)"
    r"[)\].]*", re.IGNORECASE,
)


_REVISED_IN_TITLE = re.compile(
    r"[\s,;:.(\[]+(?:rev(?:ised)?|updated|enlarged|expanded|neubearb\w*|überarb\w*)\.? "
    r"(?:ed|edition|aufl|auflage)\b\.?[)\]]*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=2_000)
def edition_in(title: str) -> tuple[str, Edition | None]:
    """A title without the edition that somebody wrote into it, and that edition."""
    if len(title) > 400 or not (found := _EDITION_IN_TITLE.search(title)):
        return title, None
    read = edition(found[1])
    if read.number is None:
        revised = _REVISED_IN_TITLE.search(title)
        return (title[: revised.start()].strip(" ,;:.()[]"), edition(revised[0])) if revised else (title, None)
    return (title[: found.start()] + title[found.end():]).strip(" ,;:.()[]"), read
