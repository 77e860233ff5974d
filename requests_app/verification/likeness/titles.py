"""Do two titles name the same work? Articles, subtitles, spelling and scripts aside; parts and volumes never. Pure."""

from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from requests_app.verification.likeness.reading_titles import Title, cut, same_parts, title
from requests_app.verification.likeness.scripts import fold, script_of, sounds_alike


class Likeness(NamedTuple):
    """`code`: of `evidence.WORDS`; `share`: how much of the weight of equal titles it has, below 0 against."""

    code: str
    share: float


SAME, DIFFERENT = Likeness("same", 1.0), Likeness("different", -1.0)


@lru_cache(maxsize=2_000)
def compare(one: str, other: str, language: str = "") -> Likeness:
    """Of two titles of works; what `parts`, `figures` and `about` say against it is asked for with `against`."""
    if one == other:
        return SAME
    first, second = title(one), title(other)
    if first.compact == second.compact and first.compact:
        return SAME if _same_script(first, second) else Likeness("script", 0.95)
    scripts = script_of(first.raw), script_of(second.raw)
    heard = sounds_alike(first.raw, second.raw, language)
    if scripts != ("latin", "latin"):
        return _other_script(first, second, scripts, heard, language)
    long_enough = min(len(first.compact), len(second.compact)) > 5
    if heard is not None and heard >= 97 and long_enough and not _one_word_more(first.whole, second.whole):
        # A slip of the fingers leaves nearly all letters; another transliteration changes many.
        slip = fuzz.ratio(first.compact, second.compact) >= 88
        return Likeness("spelling" if slip else "script", 0.95)
    return _latin(first, second)


def _same_script(first: Title, second: Title) -> bool:
    scripts = script_of(first.raw), script_of(second.raw)
    return scripts[0] == scripts[1] and (scripts[0] == "latin" or fuzz.ratio(first.raw, second.raw) > 60)


def _other_script(
    first: Title, second: Title, scripts: tuple[str, str], heard: float | None, language: str
) -> Likeness:
    same_script = scripts[0] == scripts[1] or set(scripts) == {"han", "kana"}
    if same_script:
        if set(scripts) <= {"han", "kana"}:
            return _characters(first, second)
        return _latin(first, second)
    lettered = {"cyrillic", "greek"} & set(scripts)
    if heard is not None and heard >= 88 and not (lettered and _one_word_more(first.whole, second.whole)):
        return Likeness("script", 0.95 if heard >= 94 else 0.8)
    mains = [_main_raw(one) for one in (first, second)]
    if bool(first.sub) != bool(second.sub) or (first.sub and heard is not None and heard < 60):
        heard_main = sounds_alike(*mains, language)
        if heard_main is not None and heard_main >= 92:
            if bool(first.sub) == bool(second.sub):
                return Likeness("script", 0.3)
            return Likeness("script", 0.85 if heard_main >= 97 and min(map(len, mains)) > 7 else 0.75)
    if heard is None:
        return Likeness("unreadable", 0.0)
    # It may be a translation as well as something else.
    return Likeness("other_script", -0.2 if "latin" in scripts else -0.5)


def _main_raw(one: Title) -> str:
    return cut(one.raw)[0]


def _characters(first: Title, second: Title) -> Likeness:
    """Chinese and Japanese, where every character counts; traditional and simplified sound the same."""
    texts = ["".join(sign for sign in one.raw if sign.isalnum()) for one in (first, second)]
    if texts[0] == texts[1]:
        return SAME
    ratio = fuzz.ratio(*texts) / 100
    heard = first.compact == second.compact
    if heard and len(texts[0]) == len(texts[1]):
        return Likeness("characters", 0.95 if ratio >= 0.3 or len(texts[0]) >= 4 else 0.5)
    mains = ["".join(sign for sign in _main_raw(one) if sign.isalnum()) for one in (first, second)]
    if (bool(first.sub) != bool(second.sub)) and (mains[0] == mains[1] or first.main == second.main):
        return Likeness("subtitle", 0.85)
    if ratio >= 0.85 and min(map(len, texts)) >= 6:
        return Likeness("spelling", 0.75)
    if ratio >= 0.6:
        return Likeness("partly", -0.2)
    return DIFFERENT


def _latin(first: Title, second: Title) -> Likeness:
    one, other = first.whole, second.whole
    if not one or not other:
        return Likeness("unreadable", 0.0)
    if bool(first.sub) != bool(second.sub):
        mine, longer = (first, second) if second.sub else (second, first)
        if _close(mine.whole, longer.main):
            # "Perl" is the beginning of many books.
            long_enough = len(mine.compact) > 7
            return Likeness("subtitle", (0.9 if longer.main == mine.main else 0.75) if long_enough else 0.6)
        if _close(fold(mine.raw), fold(cut(longer.raw)[0])):
            return Likeness("subtitle", 0.75)  # as it is written: "nineteenht" is read as no number
        if len(mine.whole.split()) > 1 and _close(mine.whole, longer.sub):
            return Likeness("subtitle", 0.75)  # what is above it is a series or a column
    if first.sub and second.sub and first.main.replace(" ", "") == second.main.replace(" ", ""):
        return _subtitles(first.sub, second.sub)
    if _other_meaning(one, other):
        return Likeness("partly", -0.25)
    if _close(one, other) or _close(fold(first.raw), fold(second.raw)):
        return Likeness("spelling", 0.9 if OSA.distance(one, other) <= 2 else 0.8)
    if fuzz.token_sort_ratio(one, other) >= 94 and not _one_word_more(one, other):
        return Likeness("order", 0.8)
    short, long = sorted((one, other), key=len)
    if long.startswith(short + " ") and len(short.split()) >= 2:
        return Likeness("shortened", 0.75 if len(short) >= 20 else 0.35)
    if len(short.split()) >= 4 and _close(short, long[: len(short)]):
        return Likeness("shortened", 0.6)
    ratio = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    if ratio >= 82:
        return Likeness("close", 0.35)
    if ratio >= 70 or (len(short.split()) > 2 and fuzz.token_set_ratio(one, other) >= 95):
        return Likeness("partly", -0.25)
    return DIFFERENT


def _subtitles(one: str, other: str) -> Likeness:
    """Of two titles that begin alike: "Perl : the complete reference" is not "Perl : programmer's reference"."""
    short, long = sorted((one, other), key=len)
    if long.startswith(short + " "):
        return Likeness("subtitle", 0.85)
    ratio = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    if ratio < 80 or _other_meaning(one, other):
        return Likeness("other_subtitle", -0.15)
    return Likeness("spelling", 0.85)


def _close(one: str, other: str) -> bool:
    """Slips of the keyboard: a letter in nine, and no word of its own."""
    if one == other:
        return True
    length = max(len(one), len(other))
    if length < 4:
        return False
    most = max(1, length // 9)
    if OSA.distance(one, other, score_cutoff=most) > most:
        return False
    return not _other_meaning(one, other) and not _one_word_more(one, other)


def _one_word_more(one: str, other: str) -> bool:
    """A second veil is no slip for a veil: words that only one of them has must be misspellings of each other."""
    first, second = one.split(), other.split()
    mine = "".join(word for word in first if word not in second)
    yours = "".join(word for word in second if word not in first)
    return max(len(mine), len(yours)) > 3 and fuzz.ratio(mine, yours) < 55


# Beginnings that turn a word into its opposite, or into another field.
_OPPOSITES = [
    ("macro", "micro"), ("hyper", "hypo"), ("inter", "intra"), ("endo", "exo"), ("homo", "hetero"), ("pre", "post"),
    ("", "in"), ("", "un"), ("", "non"), ("", "anti"), ("", "im"), ("", "micro"), ("", "macro"), ("", "neo"),
    ("", "meta"),
]
_NOT_SLIPS = [
    {"human", "mouse", "rat", "bovine", "murine"}, {"men", "women"}, {"boys", "girls"}, {"children", "adults"},
    {"increase", "decrease"}, {"north", "south", "east", "west"}, {"northern", "southern", "eastern", "western"},
    {"male", "female"}, {"theory", "practice"}, {"before", "after"}, {"with", "without"}, {"macro", "micro"},
    {"in", "ex"}, {"pre", "post"}, {"inorganic", "organic"}, {"ancient", "modern"},
    {"elementary", "intermediate", "advanced", "basic"}, {"old", "new"}, {"upper", "lower"}, {"war", "peace"},
    {"positive", "negative"}, {"positives", "negatives"},
]


def _other_meaning(one: str, other: str) -> bool:
    """Words that differ by little and mean something else are no slip."""
    first, second = set(one.split()), set(other.split())
    mine, yours = first - second, second - first
    if any(mine & group and yours & group for group in _NOT_SLIPS):
        return True
    if {"not", "non", "un", "anti"} & (mine ^ yours):
        return True
    return any(_are_opposites(first, second) for first in mine for second in yours)


def _are_opposites(one: str, other: str) -> bool:
    return any(
        one.startswith(a) and other.startswith(b) and one[len(a):] == other[len(b):] and len(one) > len(a) + 3
        for pair in _OPPOSITES for a, b in (pair, pair[::-1])
    )


def against(one: str, other: str) -> tuple[str, ...]:
    """Codes of what forbids taking one for the other, however alike they look."""
    first, second = title(one), title(other)
    found = []
    if first.parts and second.parts and not same_parts(first.parts, second.parts):
        found.append("other_part")
    about = first.about ^ second.about
    if about:
        found.append("about_it")
    if first.figures and second.figures and not (first.figures <= second.figures or second.figures <= first.figures):
        found.append("other_figures")
    elif first.figures != second.figures and bool(first.sub) == bool(second.sub) and (
        script_of(first.raw) == script_of(second.raw)
    ):
        found.append("figure_missing")
    return tuple(found)
