"""Any text in small plain letters, and whether two texts in different scripts or transliterations say the same."""

import html
import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import fuzz

from requests_app.verification.likeness import sounds

# What is longer is compared by its beginning: no title needs more, and time stays bounded.
MOST = 500
# Within these a transliteration of the same words stays, and other words do not.
SURE = 90.0

# C, C++ and C# are three languages.
_SAID = {"++": "plusplus", "#": "sharp"}
_NOT_LETTERS = re.compile(r"(?<=\bc)(?:\+\+|#)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")
_SCRIPTS = [
    ("kana", re.compile(r"[\u3040-\u30ff]")), ("han", re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")),
    ("hangul", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")), ("cyrillic", re.compile(r"[\u0400-\u052f]")),
    ("arabic", re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")),
    ("hebrew", re.compile(r"[\u0590-\u05ff\ufb1d-\ufb4f]")), ("greek", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
]
_OTHER = re.compile(r"[\u0530-\u058f\u0700-\u074f\u0780-\u1cff\u2d00-\u2d7f\ua000-\ua6ff\ua800-\uab2f]")
# ʹ ʺ ʻ ʼ ʿ ʾ and their keyboard forms are signs of transliteration or elision, not borders of words.
_SILENT = re.compile("[\u02b0-\u02ff'\u2019\u2018`\u00b4\u2032\u2033\u0640\"\u00ad\u200b-\u200f\u2060\ufeff]")
_ELIDED = re.compile(r"\b(l|d|dell|all|dall|nell|sull|un|qu|j|n|s|c)['\u2019](?=\w)")
_WORD = re.compile(r"[a-z0-9]+")
# Ö, oe and o; ü, ue and u; å, aa and a: nobody agrees, so all are the short one.
_DIPHTHONGS = re.compile(r"ae|oe|ue|aa")
_LAST = {"ae": "a", "oe": "o", "ue": "u", "aa": "a"}
_ARTICLE = re.compile(r"\b(?:al|el|ha|he|ho|to|ta) ?")
_LONE_GREEK = re.compile(r"(?<![\u0370-\u03ff\u1f00-\u1fff])([\u03b1-\u03c9])(?![\u0370-\u03ff\u1f00-\u1fff])")
_MARKS_OF = {
    # A sign that a Latin text is transliterated, and from what; Cyrillic is tried without one.
    "arabic": re.compile("[\u0101\u012b\u016b\u1e25\u1e63\u1e0d\u1e6d\u1e93\u02bf\u02be\u02bb\u1e96]|\\b[ae]l-"),
    "hebrew": re.compile("[\u1e25\u1e6d\u02bb\u02bc\u02be\u02bf\u1e93]|\\bha-"),
    "kana": re.compile("[\u014d\u016b]| no "),
    "greek": re.compile("[\u0113\u014d]"),
}
# Who writes "č" or "tsch" for ч means х by "ch".
_CH_IS_KH = re.compile("č|tsch")
_LONE_CH = re.compile("(?<!s)ch")
_RULES = {
    script: [(re.compile(pattern), stays) for pattern, stays in rules] for script, rules in sounds.BONES.items()
}
_READINGS = sorted(sounds.JAPANESE, key=len, reverse=True)
_READ = re.compile("|".join(_READINGS) + "|[\u3040-\u30ff\u30fc]+|[ -~]+|[・、。：　]")


def tidy(text: str) -> str:
    """One line, small, without markup; the letters are those of the text."""
    text = text[: 2 * MOST]
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    text = _NOT_LETTERS.sub(lambda found: _SAID[found[0]], unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.split())[:MOST]


@lru_cache(maxsize=2_000)
def script_of(text: str) -> str:
    """That of the first sign that is not Latin: "latin" where there is none. Chinese and Japanese by their kana."""
    if text.isascii():
        return "latin"
    for script, signs in _SCRIPTS:
        # A Greek letter in a formula makes no Greek text.
        if (found := signs.findall(text)) and (script != "greek" or len(found) > 3):
            return script
    return "other" if _OTHER.search(text) else "latin"


@lru_cache(maxsize=2_000)
def letters(text: str) -> str:
    """Words of small ASCII letters and figures, a space between them; every script transliterated."""
    return _plain(tidy(text))


@lru_cache(maxsize=2_000)
def fold(text: str) -> str:
    """`letters` with umlauts and the like in one spelling: what is equal here is the same text."""
    return _DIPHTHONGS.sub(lambda found: _LAST[found[0]], letters(text))


def _plain(text: str) -> str:
    if not text.isascii():
        if script_of(text) == "latin":
            text = _LONE_GREEK.sub(lambda found: f" {sounds.GREEK_NAMES[found[1]]} ", text)
        text = _ELIDED.sub(r"\1 ", text)
        text = _SILENT.sub("", text)
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
        text = text.translate(sounds.LETTERS)
        if not text.isascii():
            text = anyascii(text).lower()
    else:
        text = _SILENT.sub("", _ELIDED.sub(r"\1 ", text))
    return " ".join(_WORD.findall(text))


@lru_cache(maxsize=2_000)
def bones(text: str, script: str) -> str:
    """What all transliterations from this script have in common."""
    small = unicodedata.normalize("NFC", tidy(text))
    if script == "german" or (script == "cyrillic" and _CH_IS_KH.search(small)):
        small, script = _LONE_CH.sub("kh", small), "cyrillic"
    for marked, plain in sounds.MARKED.get(script, {}).items():
        small = small.replace(marked, plain)
    if script == "arabic":
        small = re.sub(r"\bلل(?=\w{2})", "ل", re.sub(r"\b([وبكف]?)ال(?=\w{2})", r"\1", small))
    elif script == "kana":
        small = small.replace("ō", "o").replace("ū", "u")
    found = _plain(small)
    if script == "kana" and not text.isascii():
        found = _plain(_japanese(small) or small)
    for pattern, stays in _RULES[script]:
        found = pattern.sub(stays, found)
    return found


def _japanese(text: str) -> str:
    """In Latin letters, '' where a character has no reading in our table."""
    pieces, place = [], 0
    while place < len(text):
        found = _READ.match(text, place)
        if not found:
            return ""
        pieces.append(sounds.JAPANESE.get(found[0]) or anyascii(found[0]))
        place = found.end()
    return " ".join(pieces)


def _can_read(text: str) -> bool:
    return script_of(text) == "latin" or bool(_japanese(tidy(text)))


@lru_cache(maxsize=2_000)
def sounds_alike(one: str, other: str, language: str = "") -> float | None:
    """0 to 100: how much two texts of which at least one is transliterated say the same words.

    None: cannot be said, one of them is in a script that these tables cannot read. `language`: ISO 639-2, '' when
    unknown.
    """
    scripts = {script_of(one), script_of(other)} - {"latin"}
    if not scripts:
        tried = ["cyrillic", *(script for script, mark in _MARKS_OF.items()
                               if mark.search(one.casefold()) or mark.search(other.casefold()))]
        return max(_ratio(one, other, script) for script in tried)
    if scripts & {"han", "kana"}:
        return _east_asian(one, other, scripts, language)
    if len(scripts) > 1:
        return None
    script = min(scripts)
    if script == "cyrillic" and "ch" in f"{one}{other}":  # ч, or х as in Bachtin
        return max(_ratio(one, other, "cyrillic"), _ratio(one, other, "german"))
    return _ratio(one, other, script)


def _east_asian(one: str, other: str, scripts: set[str], language: str) -> float | None:
    if "latin" not in (script_of(one), script_of(other)):
        return _ratio(one, other, "han") if scripts == {"han"} else _japanese_alike(one, other)
    readings = []
    if "kana" not in scripts and language != "jpn":
        readings.append(_ratio(one, other, "han"))
    if language != "chi" and _can_read(one) and _can_read(other):
        readings.append(_ratio(one, other, "kana"))
    best = max(readings, default=0.0)
    return best if best >= SURE or language == "chi" else None


def _japanese_alike(one: str, other: str) -> float | None:
    """Two Japanese texts, or one that may be Chinese: by their characters, else by their readings."""
    if fuzz.ratio(tidy(one), tidy(other)) > 50:
        return fuzz.ratio(tidy(one), tidy(other))
    return _ratio(one, other, "kana") if _can_read(one) and _can_read(other) else None


def _ratio(one: str, other: str, script: str) -> float:
    first, second = bones(one, script), bones(other, script)
    if first == second and len(first) > 1:
        return 100.0
    if min(len(first), len(second)) < 3 and script in ("arabic", "hebrew", "greek", "other"):
        # Of "al-Ayyam" only m is left: here vowels have to help.
        first, second = (re.sub(r"(.)\1+", r"\1", _ARTICLE.sub("", letters(text))) for text in (one, other))
    if min(len(first), len(second)) < 2:
        return 0.0
    ratio = fuzz.ratio(first, second)
    # So few consonants are shared by many words.
    return ratio if min(len(first), len(second)) >= 4 else ratio * 0.8
