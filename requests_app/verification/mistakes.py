"""What is wrong with a number, in words that a patron understands, and what it may have been. Pure."""

import re
from collections.abc import Callable

from django.utils.translation import gettext as _
from stdnum import ean as ean_check
from stdnum import isbn as isbn_check
from stdnum import issn as issn_check

from requests_app.verification.normal_forms import arxiv, bare, doi, issn, lccn, patent

FEW = 3
# Letters that are taken for digits, by eyes and by programs that read scans.
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def explain(kind: str, number: str) -> str:
    """'' for a number that can be right. `number` is folded (`normal_forms.fold`) and has no label."""
    return _EXPLAIN[kind](number.strip())


def suggestions(kind: str, number: str) -> tuple[str, ...]:
    """At most FEW right numbers that one slip made into this one, the likeliest first; else ()."""
    if kind not in _CHECKED:
        return ()
    digits, (lengths, is_valid, shown, _own) = _bare(kind, number), _CHECKED[kind]
    if not digits or is_valid(digits):
        return ()
    for guess in (_letters, _swapped, _doubled, _too_many):
        found = tuple(dict.fromkeys(shown(one) for one in guess(digits, lengths) if is_valid(one)))
        if found:
            return found if len(found) <= FEW else ()
    return ()


def _bare(kind: str, number: str) -> str:
    return bare(re.sub(r"^\s*(?:[ep]-?)?(?:ISBN|ISSN|SBN)(?:-?1[03]|-L)?[\s:.]*", "", number, flags=re.I))


# --- slips of the fingers: what it was before ------------------------------------------------------------------


def _letters(digits: str, lengths: tuple[int, ...]) -> list[str]:
    changed = digits.translate(_LOOK_ALIKE)
    return [changed] if changed != digits and len(changed) in lengths else []


def _swapped(digits: str, lengths: tuple[int, ...]) -> list[str]:
    if len(digits) not in lengths:
        return []
    return [
        digits[:at] + digits[at + 1] + digits[at] + digits[at + 2:]
        for at in range(len(digits) - 1) if digits[at] != digits[at + 1]
    ]


def _doubled(digits: str, lengths: tuple[int, ...]) -> list[str]:
    """A key that was pressed too long."""
    if len(digits) - 1 not in lengths:
        return []
    return [digits[:at] + digits[at + 1:] for at in range(len(digits) - 1) if digits[at] == digits[at + 1]]


def _too_many(digits: str, lengths: tuple[int, ...]) -> list[str]:
    if len(digits) - 1 not in lengths:
        return []
    return [digits[:at] + digits[at + 1:] for at in range(len(digits))]


# --- numbers with a check digit ----------------------------------------------------------------------------------


def _isbn_valid(digits: str) -> bool:
    return isbn_check.is_valid(digits) or (len(digits) == 9 and isbn_check.is_valid(f"0{digits}"))


def _issn_valid(digits: str) -> bool:
    if len(digits) == 13:
        return digits.startswith("977") and ean_check.is_valid(digits)
    return issn_check.is_valid(digits)


def _isbn(number: str) -> str:
    digits = _bare("isbn", number)
    if _isbn_valid(digits):
        return ""
    if len(digits) == 8 and issn_check.is_valid(digits):
        return _("This looks like an ISSN, the number of a journal, not like an ISBN.")
    if digits.startswith("977") and ean_check.is_valid(digits):
        return _("This looks like the bar code of a journal, not like an ISBN.")
    if len(digits) == 13 and ean_check.is_valid(digits):
        return _("An ISBN of 13 digits begins with 978 or 979; this is another number, maybe the bar code of a shop.")
    return _wrong("isbn", digits)


def _issn(number: str) -> str:
    digits = _bare("issn", number)
    if _issn_valid(digits):
        return ""
    if isbn_check.is_valid(digits):
        return _("This looks like an ISBN, the number of a book, not like an ISSN.")
    return _wrong("issn", digits)


def _wrong(kind: str, digits: str) -> str:
    """Which slip it was, with the few numbers that it may have been."""
    lengths, is_valid, shown, (name, own_length) = _CHECKED[kind]
    words = {"name": name, "length": own_length, "count": len(digits)}
    if not re.fullmatch(r"\d+X?", digits):
        sentence = _("The %(name)s holds a character that is no digit.") % words
        if _letters(digits, lengths):
            sentence = _("A letter stands in this %(name)s where a digit belongs (O for 0, I or l for 1).") % words
        return _with(sentence, suggestions(kind, digits))
    if len(digits) in lengths:
        swapped = [one for one in _swapped(digits, lengths) if is_valid(one)]
        found = tuple(dict.fromkeys(shown(one) for one in swapped))
        if found and len(found) <= FEW:
            return _with(_("Two digits of this %(name)s are swapped, or one digit is off.") % words, found)
        last = digits[:-1] + _check_digit(kind, digits[:-1])
        return _("One digit of this %(name)s is off. If it is the last one, the number is %(number)s.") % (
            words | {"number": shown(last)}
        )
    if len(digits) + 1 in lengths:
        return _("One digit of this %(name)s is missing: it has %(count)d, %(length)s belong there.") % words
    if len(digits) - 1 in lengths:
        sentence = _("This %(name)s has one digit too many: %(count)d instead of %(length)s.") % words
        return _with(sentence, suggestions(kind, digits))
    return _("This %(name)s has %(count)d digits; %(length)s belong there.") % words


def _with(sentence: str, numbers: tuple[str, ...]) -> str:
    if not numbers:
        return sentence
    return sentence + " " + _("Perhaps it is %(numbers)s.") % {"numbers": _(" or ").join(numbers)}


def _check_digit(kind: str, front: str) -> str:
    if kind == "issn":
        return issn_check.calc_check_digit(front) if len(front) == 7 else ean_check.calc_check_digit(front)
    return isbn_check._calc_isbn10_check_digit(front) if len(front) == 9 else ean_check.calc_check_digit(front)


# Kind -> lengths, is it right, how it is shown (as long as it was typed), (name, lengths in words).
_CHECKED: dict[str, tuple[tuple[int, ...], Callable[[str], bool], Callable[[str], str], tuple[str, str]]] = {
    "isbn": ((10, 13), _isbn_valid, str, ("ISBN", "10 / 13")),
    "issn": ((8,), _issn_valid, issn, ("ISSN", "8")),
}

# --- numbers without one -------------------------------------------------------------------------------------------


def _doi(number: str) -> str:
    if re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*/\S+", doi(number)):
        return ""
    if re.match(r"(?:https?://)?(?:dx\.)?doi\.org/|doi:?|1[oO0]?\.", number, re.I):
        return _("A DOI begins with “10.”, at least four digits and a slash, for example 10.1037/ppm0000185; a piece "
                 "of this one is missing.")
    return _("This is not a DOI: one begins with “10.” and holds a slash, for example 10.1037/ppm0000185.")


def _pmid(number: str) -> str:
    if re.fullmatch(r"0*[1-9]\d{0,7}", number):
        return ""
    if re.match(r"PMC ?\d", number, re.I):
        return _("This looks like a PMCID, the number in PubMed Central, not like a PMID.")
    if re.match(r"10\.\d{4}", number):
        return _("This looks like a DOI, not like a PMID.")
    return _("A PMID is a number of at most eight digits, and nothing else.")


def _pmcid(number: str) -> str:
    if re.fullmatch(r"(?:PMC ?)?\d{1,9}(?:\.\d)?", number, re.I):
        return ""
    return _("A PMCID is “PMC” and a number, for example PMC3531190.")


def _oclc(number: str) -> str:
    if re.fullmatch(r"(?:\(OCoLC\))? ?(?:ocm|ocn|on)?\d{1,14}", number, re.I):
        return ""
    return _("An OCLC number is digits only; letters before it (ocm, ocn, on) may stand there.")


def _lccn(number: str) -> str:
    """Structure after lccn.loc.gov: until 2000 up to three letters and eight digits, since then two and ten."""
    if re.fullmatch(r"(?:[a-z]{0,3}\d{8}|[a-z]{0,2}\d{10})", lccn(number)):
        return ""
    return _("An LCCN is up to three letters, the year and a number of up to six digits, for example 2001-000002.")


def _arxiv(number: str) -> str:
    found = re.fullmatch(r"(?:[a-z-]+/)?\d\d(\d\d)(?:\d{3}|\.\d{4,5})", arxiv(number))
    if found and 1 <= int(found[1]) <= 12:
        return ""
    if found:
        return _("The third and fourth digit of an arXiv number are a month, 01 to 12.")
    return _("An arXiv number looks like 2101.00001 or hep-th/9901001.")


def _patent(number: str) -> str:
    if re.fullmatch(r"(?:[A-Z]{2})(?:RE|PP|[DHSMT])?\d{5,13}(?:[A-Z]\d?|X)?", patent(number)):
        return ""
    return _("A patent number begins with the two letters of its country, for example US 6285999 B1.")


_EXPLAIN: dict[str, Callable[[str], str]] = {
    "doi": _doi, "pmid": _pmid, "pmcid": _pmcid, "isbn": _isbn, "issn": _issn, "oclc": _oclc, "lccn": _lccn,
    "arxiv": _arxiv, "patent": _patent,
}
