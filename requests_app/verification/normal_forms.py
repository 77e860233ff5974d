"""The normal form of each kind of identifier. Pure.

Everything here works on folded text (`fold`), which has as many characters as what was typed: what is found there
can be shown in the words of who typed it.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

from stdnum import isbn as isbn_check
from stdnum import issn as issn_check

GAP = "\u200b"  # stands for every character without width
_DASHES = {"\u2212", "\u02d7", "\u30fc", "\ufe63", "\u2043"}  # minus and look-alikes that are not of category Pd
SEPARATOR = f"[- {GAP}]"


def fold(text: str) -> str:
    """Digits of every script, full-width letters, hyphens, spaces of every kind as ASCII; character by character."""
    return "".join(_folded(char) for char in text) if not text.isascii() else text.translate(_BLANK)


_BLANK = str.maketrans({"\t": " ", "\n": " ", "\r": " ", "\x0b": " ", "\x0c": " "})


def _folded(char: str) -> str:
    if char.isascii():
        return char.translate(_BLANK)
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(char)
    if category == "Pd" or char in _DASHES:
        return "-"
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if category == "Cf":
        return GAP
    wide = unicodedata.normalize("NFKC", char)
    return wide if len(wide) == 1 else char


def bare(number: str) -> str:
    """Without separators, X and letters large."""
    return re.sub(SEPARATOR, "", number).upper()


# --- DOI --------------------------------------------------------------------------------------------------

_CLOSING = {")": "(", "]": "[", "}": "{", ">": "<"}
_PAGE_OF_IT = re.compile(
    r"/(?:abstract|full(?:text)?|e?pdf(?:direct|plus)?|html?|meta|summary|references|epub|suppl_file.*)(?:/.*)?$"
    r"|\.(?:pdf|full|abstract|html?)$", re.I,
)


def trim_doi(number: str, before: str = "") -> str:
    """Without the sentence around it. Old DOIs hold brackets and semicolons of their own (SICI), so a closing
    bracket goes only where it was not opened within."""
    number = re.split(r'["“”„«»\u3000-\u303f]|</|&(?:quot|gt|lt);?(?=$|\s|")', number, maxsplit=1)[0]
    in_address = re.search(r"https?://\S*$", before)
    if in_address:
        number = re.split(r"[?#]" + ("|&" if "?" in in_address.group() else ""), number, maxsplit=1)[0]
        if "doi.org" not in in_address.group():
            number = _PAGE_OF_IT.sub("", number)
    while number:
        last = number[-1]
        opening = _CLOSING.get(last)
        if last in ".,;:!?'’‘*_…|\\-" or last == GAP or (opening and number.count(last) > number.count(opening)):
            number = number[:-1]
        else:
            break
    return number


def doi(number: str) -> str:
    """Small letters, without address and label."""
    number = number.replace(GAP, "").strip()
    match = re.search(r"10\.\d{4,9}(?:\.\d+)*\s*(?:/|%2F)\s*\S.*", number, re.I | re.S)
    number = match.group() if match else number
    if "%" in number:
        number = unquote(number)
    if "&" in number:
        number = html.unescape(number)
    return re.sub(r"\s+", "", number).lower()


# --- the others ---------------------------------------------------------------------------------------------


def isbn(number: str) -> str:
    """ISBN-13 without hyphens. Nine digits are an SBN of before 1970: a zero stands before it."""
    digits = bare(re.sub(r"^\s*e?S?ISBN\S*\s*", "", number, flags=re.I))
    whole = f"0{digits}" if len(digits) == 9 else digits
    return isbn_check.to_isbn13(whole) if isbn_check.is_valid(whole) else digits


def issn(number: str) -> str:
    """"1234-567X"; also out of the bar code of a journal: 977, seven digits, two of the issue, check digit."""
    digits = bare(re.sub(r"^\s*[ep]?-?ISSN\S*\s*", "", number, flags=re.I))
    if len(digits) == 13 and digits.startswith("977") and isbn_check.ean.is_valid(digits):
        digits = digits[3:10] + issn_check.calc_check_digit(digits[3:10])
    return f"{digits[:4]}-{digits[4:]}" if len(digits) == 8 else digits


def digits(number: str) -> str:
    found = re.sub(r"\D", "", number)
    return found.lstrip("0") or found


def pmcid(number: str) -> str:
    match = re.search(r"\d+", number)
    return f"PMC{match.group().lstrip('0')}" if match else number


def lccn(number: str) -> str:
    """Normalised as the Library of Congress asks (lccn.loc.gov, "LCCN namespace"): no blanks, nothing from a slash
    on, the part behind a hyphen filled up to six digits."""
    number = re.sub(rf"[ {GAP}]", "", number).partition("/")[0]
    left, hyphen, right = number.partition("-")
    return (left + right.zfill(6) if hyphen else number).lower()


def arxiv(number: str) -> str:
    """Without its version and, of the old numbers, without the class of the subject ("math.AG/" is "math/")."""
    number = re.sub(r"(?:^\s*arxiv\s*[:.]?\s*)|v\d+$|\.pdf$", "", bare_arxiv(number), flags=re.I)
    archive, slash, rest = number.partition("/")
    return f"{archive.partition('.')[0].lower()}/{rest}" if slash else number


def bare_arxiv(number: str) -> str:
    return re.sub(r"\.pdf$", "", number.replace(GAP, "").strip(), flags=re.I)


_PATENT_WORDS = r"\b(?:patents?|pat|appl(?:ication)?|pub(?:lication)?|nos?|number)\b\.?|№"


def patent(number: str) -> str:
    """Country, number, kind code in one word: "US6285999B1". "U.S. Patent No. 6,285,999" is "US6285999"."""
    number = re.sub(r"\bU\.\s?S\.", "US", number, flags=re.I)
    number = re.sub(_PATENT_WORDS, "", number, flags=re.I)
    return re.sub(r"[^0-9A-Z]", "", number.upper())


NORMAL: dict[str, Callable[[str], str]] = {
    "doi": doi, "pmid": digits, "pmcid": pmcid, "isbn": isbn, "issn": issn, "oclc": digits, "lccn": lccn,
    "arxiv": arxiv, "patent": patent,
}
