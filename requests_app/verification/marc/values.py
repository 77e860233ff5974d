"""What stands in single fields: numbers, names, years, punctuation. Pure."""

import re
from collections.abc import Iterable

from stdnum import isbn as stdnum_isbn
from stdnum import issn as stdnum_issn
from stdnum.exceptions import ValidationError

_ISBN = re.compile(r"(?:97[89][-\s]?)?[0-9](?:[-\s]?[0-9]){8}[-\s]?[0-9Xx]")
_ISSN = re.compile(r"\b([0-9]{4})[-\s‐–]?([0-9]{3}[0-9Xx])\b")
_OCLC = re.compile(r"^\(OCoLC(?:-[A-Z]+)?\)\s*(?:oc[mn]|on)?0*([0-9]+)")
_OCLC_PREFIX = re.compile(r"^(?:oc[mn]|on)0*([0-9]+)")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_YEAR = re.compile(r"(?<![0-9])(1[4-9][0-9]{2}|20[0-9]{2})(?![0-9])")
# ISBD's marks between areas, and the ellipses and brackets that cataloguers add.
_END_MARKS = " /:;,=+"
_ABBREVIATIONS = {
    "aufl", "bd", "bearb", "cie", "co", "corp", "dept", "dr", "ed", "edn", "eds", "enl", "etc", "hrsg", "inc", "jr",
    "ltd", "no", "nr", "pt", "publ", "rev", "ser", "sr", "st", "tl", "univ", "verl", "vol",
}


def isbns(texts: Iterable[str]) -> list[str]:
    """ISBN-13 without hyphens of those with a right check digit, whatever stands around them."""
    found = []
    for text in texts:
        for number in _ISBN.findall(text):
            try:
                found.append(stdnum_isbn.to_isbn13(stdnum_isbn.validate(number.upper())).replace("-", ""))
            except ValidationError:
                continue
    return found


def issns(texts: Iterable[str]) -> list[str]:
    """"1234-567X" of those with a right check digit."""
    found = []
    for text in texts:
        for first, last in _ISSN.findall(text):
            try:
                found.append(stdnum_issn.format(stdnum_issn.validate(first + last.upper())))
            except ValidationError:
                continue
    return found


def oclc(text: str) -> str:
    """The number in "(OCoLC)ocm00012345"; '' for other systems' numbers."""
    found = _OCLC.match(text.strip())
    return found.group(1) if found else ""


def oclc_of_control(number: str, owner: str) -> str:
    """001, whose owner 003 names: OCLC's own numbers have no "(OCoLC)" there."""
    number = number.strip()
    found = _OCLC_PREFIX.match(number)
    if found:
        return found.group(1)
    return number.lstrip("0") if owner.strip() == "OCoLC" and number.isdigit() else ""


def doi(text: str) -> str:
    found = _DOI.search(text)
    return found.group(0).rstrip(".,;)").lower() if found else ""


def lccn(text: str) -> str:
    """Normalised as the Library of Congress does: no blanks, what follows a hyphen filled up to six digits."""
    text = "".join(text.partition("/")[0].split())
    front, hyphen, back = text.partition("-")
    return front + back.zfill(6) if hyphen else text


def year(*texts: str) -> str:
    """The first year in the first text that has one."""
    return next((found.group(1) for text in texts if (found := _YEAR.search(text))), "")


def years(*texts: str) -> list[str]:
    return [found for text in texts for found in _YEAR.findall(text)]


def plain(text: str) -> str:
    """Without the marks that only part it from the next area; a full stop of an abbreviation stays."""
    text = text.strip().rstrip(_END_MARKS).strip()
    if text.startswith("[") and text.endswith("]") and text.count("[") == 1:
        text = text[1:-1].strip()
    if ("[" in text) != ("]" in text):  # the other half stands in another part
        text = text.strip("[] ")
    if text.endswith(".") and not text.endswith("..") and not _abbreviated(text):
        text = text[:-1].rstrip()
    return text


def name(text: str) -> str:
    """A heading without the marks that follow it: "Yin, Robert K.," is "Yin, Robert K."."""
    text = text.strip().rstrip(" ,;:/")
    return text[:-1] if text.endswith(".") and not _abbreviated(text) else text


def _abbreviated(text: str) -> bool:
    """"1st ed." and "Robert K." keep their full stop, "a history." does not."""
    word = text[:-1].rpartition(" ")[2].strip("([").lower()
    return len(word) <= 1 or "." in word or "-" in word[-2:] or word in _ABBREVIATIONS
