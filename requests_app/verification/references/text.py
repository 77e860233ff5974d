"""Text of references: tidied, compared, and what of it is in no field. Pure."""

import re
import unicodedata
from dataclasses import dataclass, field

# Within the brackets of a pattern.
DASH = r"\-" + "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# e207, S12, 45-67, 1125, A4; 1-2, 5-8
RANGE = rf"(?:[A-Za-z]{{0,2}}\d+[A-Za-z]?(?:\s?[{DASH}]{{1,2}}\s?[A-Za-z]{{0,2}}\d+[A-Za-z]?)?(?:,\s?\d+[{DASH}]\d+)*)"
YEAR = r"(?:1[4-9]\d\d|20\d\d)"
MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?|Spring|Summer|Autumn|Fall|Winter|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
)
# Words of the styles themselves, which say nothing about the work.
_GLUE = frozenset(re.findall(r"\S+", """
    a accessed al and article at available by central chap chapter cited com de del diss dissertation doctoral doi ed
    edited edition editor editors edn eds en et etc from hrsg http https ieee in internet is isbn issn issue ma master
    masters msc no nos nr number nº online org p pag page pages pagination pags phd pmcid pmid pp print pt pubmed
    retrieved t the thesis to und url vol volume vols web with www y др вып дис изд ред под ol eb
"""))
# Behind and before numbers in Chinese and Japanese.
_COUNTERS = set("第巻卷号期年月日頁页版号刷著編编译訳等")
_WORD = r"\d+|[^\W\d_]+"


@dataclass
class Found:
    """What a style says: values by field of Record, its name, how sure."""

    style: str
    sure: float
    fields: dict[str, str] = field(default_factory=dict)


def tidy(text: str) -> str:
    """One line; digits of every script as ASCII, Arabic commas as ours, nothing without width, no number before it."""
    folded = "".join(
        str(unicodedata.decimal(char)) if not char.isascii() and char.isdecimal() else char for char in text
    )
    folded = folded.translate({ord("،"): ",", ord("؛"): ";", ord("\u00ad"): None, ord("\u200b"): None,
                               ord("\u200e"): None, ord("\u200f"): None, ord("\ufeff"): None})
    folded = " ".join("".join(char if char.isprintable() else " " for char in folded).split())
    return re.sub(r"^(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)](?=\s)|[•*‣–-](?=\s))\s*", "", folded)


def clean(text: str) -> str:
    """A field: without the punctuation of the style around it; one dot of an abbreviation stays where it is inside."""
    text = re.sub(r"^[\s,.;:/|]+|[\s,;:/|]+$", "", text or "").strip()
    return text.removesuffix(".") if not re.search(r"(?:\b[A-ZА-Я]|\b(?:Inc|Co|Ltd|Jr|etc|ed|Corp|vol|no|St"
                                                   r"|Univ))\.$", text) else text


def pages(text: str) -> str:
    return re.sub(rf"\s*[{DASH}]{{1,2}}\s*", "-", (text or "").strip())


def words(text: str) -> list[str]:
    return re.findall(_WORD, text.casefold())


def left_over(plain: str, fields: list[str]) -> str:
    """Runs of words of `plain` that are in none of the fields, as they stand."""
    known = {word for value in fields for word in words(value)} | _GLUE
    runs: list[list[int]] = []
    last_known = True
    for match in re.finditer(_WORD, plain):
        word = match.group().casefold()
        word = re.sub("[編编著訳译]+$", "", word) or word
        here = word in known or (len(word) == 1 and word.isalpha()) or set(word) <= _COUNTERS
        if not here:
            if last_known or not runs:
                runs.append([match.start(), match.end()])
            else:
                runs[-1][1] = match.end()
        last_known = here
    return "; ".join(plain[start:end] for start, end in runs)
