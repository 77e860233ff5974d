"""Text in any script, made ready for paper: cleaned, given fonts, measured, wrapped, put into visual order.

Lengths are PDF points (1/72 inch). Everything here accepts any string: of any length, in any script, with
control characters or halves of surrogate pairs in it.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from arabic_reshaper import ArabicReshaper
from bidi.algorithm import get_display
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "ILLDesk", "ILLDesk-Bold"
FONT_FOLDER = Path(__file__).parent / "fonts"
FONT_FILES = {REGULAR: "DejaVuSansCondensed.ttf", BOLD: "DejaVuSansCondensed-Bold.ttf"}

# More than any line of a slip or letter can show; cutting here keeps a pasted 100,000-character title cheap.
LONGEST = 4000
MARKS_PER_LETTER = 3
ELLIPSIS, MISSING = "…", "□"
ZERO_WIDTH_JOINERS = "\u200c\u200d"

# Reportlab's CID fonts name a typeface that the reader's program brings along; nothing is embedded. The codec
# says which characters it surely has. MSung-Light is left out: reportlab pairs it with a character map of
# another collection, so it would print wrong characters. STSong has the traditional forms too.
CID_CODECS = {"STSong-Light": "gbk", "HeiseiMin-W3": "cp932", "HYGothic-Medium": "cp949"}
EAST_ASIAN = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]"
)
KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
NEVER_STARTS_A_LINE = "、。，．・：；？！）」』】〉》〕’”,.:;?!)…ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々"

# A line is described by one letter for each character (see _kinds); these patterns find the parts that keep
# their own direction. In an Arabic or Hebrew title: "Nature (London) 12", and "345–61" or "84(9)", which the
# plain Unicode rules would turn round to "361–345". In a Latin title: any stretch of Arabic or Hebrew.
LEFT_TO_RIGHT = re.compile(
    r"a[a1]*(?:[ .-]{1,3}[a1]+| ?\([a1](?:[a1 .-]*[a1])?\))*|1[a1]*(?:(?: ?- ?(?=1)|[.-])[a1]+|\([a1-]+\))*"
)
RIGHT_TO_LEFT = re.compile(r"[R9](?:[^a()]*[R9])?")
OBJECT = "\ufffc"

SPACES = re.compile("[^\\S\u00a0\u202f]+")
# "p. 215" and "no. 4" stay on one line, in the languages that the titles mostly come in; so does "EUR 8.00".
HOLDS_ITS_NUMBER = re.compile(r"(?:^|[ (])(?:(?i:pp?|ss?|vol|v|no|nr|n|bd|t|с|стр|т|ص|עמ׳)\.?|[A-Z]{3})$")

# The one-glyph word for God is in few fonts; the harakat go because these fonts cannot place them.
_reshaper = ArabicReshaper({"delete_harakat": True, "ARABIC LIGATURE ALLAH": False})


class Run(NamedTuple):
    """Characters that stand in one font; `embolden` asks for an outline where the script has no bold font."""

    font: str
    text: str
    embolden: bool


@cache
def load_fonts() -> None:
    """Make the fonts known to reportlab, once in a process."""
    for name, file in FONT_FILES.items():
        pdfmetrics.registerFont(TTFont(name, FONT_FOLDER / file))
    for name in CID_CODECS:
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def clean(text: str) -> str:
    """One line of printable text: composed characters, single spaces, at most LONGEST characters."""
    text = _single_spaces(text[: LONGEST * 4])
    # Control, format, surrogate and private characters say nothing on paper; marks set the wrong way would
    # turn the rest of the line around. The joiners decide how Persian and Urdu letters connect.
    unseen = ("Cc", "Cf", "Cs", "Co")
    kept = (c for c in text if c in ZERO_WIDTH_JOINERS or unicodedata.category(c) not in unseen)
    text = unicodedata.normalize("NFC", _few_marks("".join(kept)[:LONGEST]))
    return _single_spaces(text)


def _single_spaces(text: str) -> str:
    """A space for each run of white space, but no-break spaces as they are: they hold "pp. 41" together."""
    return SPACES.sub(" ", text).strip()


def _few_marks(text: str) -> str:
    """Leave a letter its first accents: dozens of them would climb over the neighbouring lines."""
    kept, marks = [], 0
    for c in text:
        marks = marks + 1 if unicodedata.combining(c) else 0
        if marks <= MARKS_PER_LETTER:
            kept.append(c)
    return "".join(kept)


def direction(text: str) -> str:
    """Answer "R" when the first letter with a direction is written from right to left, else "L"."""
    for c in text:
        kind = unicodedata.bidirectional(c)
        if kind in ("R", "AL"):
            return "R"
        if kind == "L":
            break
    return "L"


def shaped(text: str, base: str | None = None) -> str:
    """The cleaned text as it is drawn from left to right, Arabic letters joined.

    `base` is the direction of the paragraph that the text is a line of ("L" or "R"); without it the
    first letter with a direction decides.
    """
    text = clean(text)
    if (base or direction(text)) == "R":
        text = _right_to_left(text)
    elif not text.isascii():
        text = _replaced(RIGHT_TO_LEFT, text, _right_to_left)
    return "".join(c for c in text if c not in ZERO_WIDTH_JOINERS)


def _right_to_left(text: str) -> str:
    # Hebrew points cannot be placed by these fonts and would stand beside their letters.
    text = "".join(c for c in text if not ("\u0591" <= c <= "\u05c7" and unicodedata.combining(c)))
    # What no edition of Unicode has assigned has no direction either, and the algorithm refuses it.
    text = "".join(c if unicodedata.bidirectional(c) else MISSING for c in text.replace(OBJECT, ""))
    kept: list[str] = []

    def set_aside(piece: str) -> str:
        kept.append(piece)
        return OBJECT

    text = _replaced(LEFT_TO_RIGHT, text, set_aside)
    visual = get_display(_reshaper.reshape(text), base_dir="R")
    # Nothing else in the line runs from left to right, so the objects come out in reverse.
    return "".join(kept.pop() if c == OBJECT else c for c in visual)


def _replaced(pattern: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Change the parts of text whose kinds match the pattern."""
    done, end = [], 0
    for found in pattern.finditer(_kinds(text)):
        done += [text[end : found.start()], change(text[found.start() : found.end()])]
        end = found.end()
    return "".join([*done, text[end:]])


def _kinds(text: str) -> str:
    """A letter for each character: a left-to-right, R right-to-left, 1 and 9 digits, - dash, ( ) brackets."""
    kinds: list[str] = []
    names = {"L": "a", "EN": "1", "R": "R", "AL": "R", "AN": "9", "WS": " "}
    brackets = {"Pd": "-", "Ps": "(", "Pe": ")"}
    for c in text:
        bidi, category = unicodedata.bidirectional(c), unicodedata.category(c)
        if bidi == "NSM" and kinds:
            kinds.append(kinds[-1])
        else:
            kinds.append(names.get(bidi) or brackets.get(category, "."))
    return "".join(kinds)


def runs(visual: str, *, bold: bool = False) -> list[Run]:
    """Split text in visual order into pieces of one font each. What no font has becomes a hollow square."""
    load_fonts()
    cid_order = _cid_order(visual)
    pieces = [_glyph(c, bold, cid_order) for c in visual]
    return [
        Run(font, "".join(piece.text for piece in group), embolden)
        for (font, embolden), group in groupby(pieces, key=lambda piece: (piece.font, piece.embolden))
    ]


def _cid_order(text: str) -> list[str]:
    """The same Chinese character is drawn differently in Japan and Korea: the script beside it decides."""
    if KANA.search(text):
        first = "HeiseiMin-W3"
    elif HANGUL.search(text):
        first = "HYGothic-Medium"
    else:
        first = "STSong-Light"
    return [first, *(name for name in CID_CODECS if name != first)]


def _glyph(c: str, bold: bool, cid_order: list[str]) -> Run:
    own = BOLD if bold else REGULAR
    for name, embolden in ((own, False), (REGULAR, bold)):
        if _has(name, c):
            return Run(name, c, embolden)
    if EAST_ASIAN.match(c):
        for name in cid_order:
            if _encodes(CID_CODECS[name], c):
                return Run(name, c, bold)
    plainer = unicodedata.normalize("NFKC", c)
    if plainer != c and all(_has(own, p) for p in plainer):
        return Run(own, plainer, False)
    base = unicodedata.normalize("NFD", c)[0]
    if base != c and _has(own, base):
        return Run(own, base, False)
    return Run(own, "" if unicodedata.combining(c) else MISSING, False)


def _has(font: str, c: str) -> bool:
    return ord(c) in pdfmetrics.getFont(font).face.charToGlyph


def _encodes(codec: str, c: str) -> bool:
    try:
        c.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width in points of one line."""
    return runs_width(runs(shaped(text), bold=bold), size)


def runs_width(pieces: list[Run], size: float) -> float:
    return sum(pdfmetrics.stringWidth(piece.text, piece.font, size) for piece in pieces)


def fit_size(text: str, size: float, max_width: float, *, smallest: float, bold: bool = False) -> float:
    """The largest size up to `size`, not under `smallest`, at which the text fits on one line."""
    width = text_width(text, size, bold=bold)
    return size if width <= max_width else max(smallest, size * max_width / width)


def wrap(text: str, size: float, max_width: float, *, lines: int = 1, bold: bool = False) -> list[str]:
    """Break cleaned text into at most `lines` lines, in reading order; the last ends in "…" if text was cut.

    Words stay whole where they can; Chinese, Japanese and Korean break between characters.
    """
    rest = clean(text)
    done: list[str] = []

    def fits(piece: str) -> bool:
        return text_width(piece, size, bold=bold) <= max_width

    while rest and len(done) < lines:
        taken = _longest_start(rest, fits)
        if taken == len(rest):
            done.append(rest)
            rest = ""
        elif len(done) == lines - 1:
            taken = _longest_start(rest, lambda piece: fits(piece.rstrip() + ELLIPSIS))
            at = _break_before(rest, taken)
            # A short word dropped whole reads better than its first letters; a long one is worth its start.
            at = at if at and taken - at < 12 else taken
            done.append(rest[:at].rstrip(" ,;:،、–-") + ELLIPSIS)
        else:
            # At least one character a line, or a column narrower than a letter would never end.
            at = _break_before(rest, taken) or max(taken, 1)
            done.append(rest[:at].rstrip())
            rest = rest[at:].lstrip()
    return done


def _longest_start(text: str, fits: Callable[[str], bool]) -> int:
    """How many characters of text fit. Widths only grow, so a search by halves is enough."""
    if len(text) < 200 and fits(text):
        return len(text)
    upper = 16
    while upper < len(text) and fits(text[:upper]):
        upper *= 2
    return bisect_right(range(1, min(upper, len(text)) + 1), 0, key=lambda n: 0 if fits(text[:n]) else 1)


def _break_before(text: str, end: int) -> int:
    """The last place up to `end` where a line may break, or 0."""
    for at in range(end, 0, -1):
        if at == len(text):
            return at
        if text[at] == " ":
            number = text[at + 1 : at + 2].isdigit()
            if not (number and HOLDS_ITS_NUMBER.search(text, max(at - 6, 0), at)):
                return at
        wide = EAST_ASIAN.match(text[at - 1]) or EAST_ASIAN.match(text[at])
        hangul = HANGUL.match(text[at - 1]) and HANGUL.match(text[at])
        if wide and not hangul and text[at] not in NEVER_STARTS_A_LINE and text[at - 1] not in "「『（【《〈":
            return at
    return 0
