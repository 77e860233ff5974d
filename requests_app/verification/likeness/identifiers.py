"""Do two standard numbers name the same, or is one a slip of the other? Pure."""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA
from stdnum import isbn as isbns
from stdnum import issn as issns


@lru_cache(maxsize=2_000)
def isbn(text: str) -> str:
    """Thirteen figures where it has ten or thirteen, else what is there; '' of nothing. Not tested."""
    signs = re.sub(r"[^0-9X]", "", text.upper())
    if len(signs) == 10:
        body = "978" + signs[:9].replace("X", "0")
        check = (10 - sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(body))) % 10
        # A wrong check digit must not be mended silently: it stays visible as one that is off.
        return body + (str(check) if isbns.is_valid(signs) else str((check + 1) % 10))
    return signs


def compare_isbn(one: str, other: str) -> str:
    """Codes same, digit, different. Two good numbers that are neighbours are two books: volume 2 and volume 3."""
    first, second = isbn(one), isbn(other)
    if first == second:
        return "same" if len(first) == 13 or first else "different"
    good = isbns.is_valid(first), isbns.is_valid(second)
    if all(good) or len(first) < 9 or len(second) < 9:
        return "different"
    # The check digit of a ten-figure number was made anew, so it says nothing.
    return "digit" if _slip(first[:12], second[:12]) or _slip(first, second) else "different"


@lru_cache(maxsize=2_000)
def issn(text: str) -> str:
    return re.sub(r"[^0-9X]", "", text.upper())


def compare_issn(one: str, other: str) -> str:
    first, second = issn(one), issn(other)
    if first == second and first:
        return "same"
    if issns.is_valid(first) and issns.is_valid(second):
        return "different"
    return "digit" if min(len(first), len(second)) > 6 and _slip(first, second) else "different"


_BEFORE = re.compile(
    r"^(?:https?://)?(?:dx\.)?(?:doi\.org/|arxiv\.org/abs/)|^(?:doi|pmid|pmcid|arxiv|oclc|lccn)[:\s]+|^u\.?s\.? patent "
)


@lru_cache(maxsize=2_000)
def number(text: str) -> str:
    """Of a DOI, PMID, report: small, without address, label and punctuation that people differ in."""
    text = _BEFORE.sub("", text.strip().casefold())
    if re.match(r"\d{4}\.\d", text):  # a version of an arXiv paper is that paper
        text = re.sub(r"v\d+$", "", text)
    return re.sub(r"[\s.,\-–/:()]+", "", text)


def compare_number(one: str, other: str) -> str:
    first, second = number(one), number(other)
    if first == second and first:
        return "same"
    return "digit" if min(len(first), len(second)) > 4 and _slip(first, second) else "different"


def _slip(one: str, other: str) -> bool:
    """One figure other, lost, added, or two neighbours exchanged."""
    return bool(one) and OSA.distance(one, other, score_cutoff=1) <= 1
