"""What each kind of identifier looks like where it stands in a text. Pure.

All patterns work on folded text (`normal_forms.fold`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum import isbn as isbn_check
from stdnum import issn as issn_check

from requests_app.verification.normal_forms import GAP, SEPARATOR, bare, trim_doi


@dataclass(frozen=True)
class Shape:
    """`pattern` has the group "number", maybe "label". `accept(number, text, start, end, valid)`: does it stand
    here for what it looks like? `trim(number, before)`: what of it belongs to the number."""

    kind: str
    pattern: re.Pattern[str]
    accept: Callable[[str, str, int, int, bool], bool]
    trim: Callable[[str, str], str] | None = None


def _always(*_about) -> bool:
    return True


def _when_valid(_number, _text, _start, _end, valid: bool) -> bool:
    return valid


_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|"
    "econ|eess|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|"
    "plasm-ph|q-alg|q-bio|q-fin|quant-ph|solv-int|stat|supr-con"
)
_OLD = rf"(?:{_ARCHIVES})(?:\.[A-Z-]{{2,}})?/\d{{7}}(?:v\d+)?"
_NEW = r"\d{4}\.\d{4,5}(?:v\d+)?"
# An address up to the host's own name; bounded, so that no text is slow to read.
_HOST = r"(?:\b(?:https?://)?(?:[\w-]{1,30}\.){0,2})\b"
_COUNTRIES = "US|EP|WO|DE|JP|CN|GB|FR|KR|CA|AU|RU|SU|CH|AT|NL|SE|ES|IT|BE|DK|FI|NO|IN|BR|TW|IL|PL|CZ|DD|EA|MX|ZA"
_BODY = (
    r"(?:RE|PP|[DHSMT])? ?(?:\d{1,3}(?:,\d{3}){1,3}|\d{4}[/ ]\d{5,7}|\d{2}/\d{5,6}|\d{6,13}(?:\.\d)?|"
    r"\d{1,4}(?: \d{3,4}){2,4}|\d{2}(?: \d{2,4}){3,5})"
)
_KIND_CODE = r"[ -]?(?-i:[A-Z][1-9]?)(?![0-9A-Za-z])"
_LCCN = r"[a-z]{0,3} {0,2}(?:\d{2}|\d{4})(?:-\d{1,6}|[ ]?\d{6})(?: ?/(?=\S)[^\s,;]*)?"


def _re(pattern: str, flags: int = re.I) -> re.Pattern[str]:
    return re.compile(pattern, flags)


def _no_phone(number: str, text: str, start: int, _end: int, valid: bool) -> bool:
    """Ten digits by themselves: an ISBN only if the check digit says so or they are grouped like one."""
    if re.search(r"(?:\+|tel\.?:?|phone:?|fax:?)\s*$", text[max(0, start - 8):start], re.I):
        return False
    return valid or re.fullmatch(r"\d{1,5}[- ]\d{1,7}[- ]\d{1,7}[- ][\dXx]", number) is not None


def _no_range(number: str, text: str, _start: int, _end: int, valid: bool) -> bool:
    """1998-2005 are years, 1368-1375 pages: only what cannot be a range, or stands alone, is an ISSN."""
    first, second = number[:4], number[-4:]
    alone = text.strip(f" .,;{GAP}") == number
    return valid and (alone or first.startswith("0") or not second.isdigit() or int(first) > int(second))


def _patent_number(number: str, text: str, start: int, end: int, _valid: bool) -> bool:
    """Six digits or groups with blanks are one only with a kind code or the word; NO 3 and IN 1998 are words."""
    if re.search(_KIND_CODE + "$", number) or re.search(r"patent\w*\W*$", text[max(0, start - 12):start], re.I):
        return True
    amount = sum(char.isdigit() for char in number)
    return amount >= 7 and " " not in number[3:] and number[:2] not in ("NO", "IN", "IT", "AT", "BE", "ES")


def _trim_to(lengths: tuple[int, ...], is_valid: Callable[[str], bool]) -> Callable[[str, str], str]:
    """What follows a number with only a blank between (a year, the next number) is not taken for a part of it."""

    def trim(number: str, _before: str) -> str:
        number = number.rstrip(f"- {GAP}")
        ends = [match.start() for match in re.finditer(f"{SEPARATOR}+", number)] + [len(number)]
        fronts = [number[:end] for end in reversed(ends)]
        right = next((front for front in fronts if is_valid(bare(front))), "")
        if right:
            return right
        near = [front for front in fronts if len(bare(front)) in lengths]
        return near[0] if near and len(bare(number)) - len(bare(near[0])) >= 3 else number

    return trim


# A label or an address says what follows, right or wrong.
LABELLED: tuple[Shape, ...] = (
    Shape("doi", _re(
        rf"(?:\b(?:https?://)?(?:dx\.|www\.)?doi\.org/|\b(?:doi|digital object identifier)\s*[:=]?\s*|\binfo:doi/)?"
        rf"(?P<number>(?<![\d.])10\.\d{{4,9}}(?:\.\d+)*{GAP}?(?: ?/ ?|%2F)(?:[^\s\u0590-\u08ff\u3040-\ud7af])+)"
    ), lambda number, *_: bool(re.search(r"(?:/|%2F)\s*[^\s.,;]", number, re.I)), trim_doi),
    Shape("arxiv", _re(
        rf"(?:\barxiv\.org/(?:abs|pdf|html|format|e-print)/|\barxiv\s*(?:e-?print)?\s*(?:[:.#]|id:?|no\.?)?\s*)"
        rf"(?P<number>{_OLD}|{_NEW})(?![\d])"
    ), _always),
    Shape("pmcid", _re(
        rf"(?:\bPMC\s?ID\s*[:#=]?\s*|{_HOST}ncbi\.nlm\.nih\.gov/(?:pmc/)?(?:articles/)?|"
        rf"{_HOST}europepmc\.org/\w{{1,12}}/(?:PMC/)?)?"
        r"(?P<number>\bPMC ?\d{3,9}(?:\.\d)?)(?!\d)"
    ), _always),
    Shape("pmcid", _re(r"\bPMC\s?ID\s*[:#=]?\s*(?P<number>\d{3,9})\b"), _always),
    Shape("pmid", _re(
        r"(?:\b(?:PMID|PubMed(?: ID| PMID)?)\s*(?:[:#=]|no\.?)?\s*|" + _HOST + r"pubmed\.ncbi\.nlm\.nih\.gov/|"
        + _HOST + r"ncbi\.nlm\.nih\.gov/(?:m/)?pubmed/|" + _HOST + r"europepmc\.org/(?:article|abstract)/med/|"
        r"\binfo:pmid/)(?P<number>\d{1,9})(?!\d)"
    ), _always),
    Shape("oclc", _re(
        r"(?:\(OCoLC\)\s*(?:oc[mn]|on)?|\bOCLC\s*(?:(?:control\s*)?(?:no\.?|numbers?|num|nr\.?|#))?\s*[:=#]?\s*"
        r"(?:oc[mn]|on)?|" + _HOST + r"worldcat\.org/(?:[a-z]{2}/)?(?:oclc|title)/"
        r"(?:[\w%.-]{0,200}[a-z%][\w%.-]{0,99}/)?(?:oclc/)?|"
        r"\binfo:oclcnum/|\burn:oclc:(?:record:)?)(?P<number>\d{1,14})(?!\d)"
    ), _always),
    Shape("oclc", _re(r"(?P<number>\b(?:ocm\d{8}|ocn\d{9}|on\d{10,12}))\b"), _always),
    Shape("lccn", _re(
        rf"(?:{_HOST}lccn\.loc\.gov/|\binfo:lccn/|\b(?:LCCN|"
        rf"L\.?C\.? (?:control|card|catalog(?:ue)? card) (?:no\.?|number)|"
        rf"Library of Congress (?:control|catalog(?:ue)?(?: card)?) (?:no\.?|number))\s*[:#=]?\s*)"
        rf"(?P<number>{_LCCN})(?!\d)"
    ), _always),
    Shape("isbn", _re(
        rf"\b(?P<label>(?:urn:)?e?-?S?ISBN(?:[- ]?1[03])?(?=[\W\d])(?:\s*\([^)\d]{{1,20}}\))?)\s*[:=#.]?\s*"
        rf"(?P<number>[\dOlI](?:{SEPARATOR}{{0,2}}[\dXOlI]){{6,17}})(?![\d])"
    ), _always, _trim_to((10, 13), isbn_check.is_valid)),
    Shape("isbn", _re(rf"\bSBN\s*[:=#]?\s*(?P<number>\d(?:{SEPARATOR}?[\dX]){{8}})(?![\w-])"), _always),
    Shape("issn", _re(
        rf"\b(?P<label>(?:urn:)?(?:[ep]-?)?ISSN(?:[- ]?L\b)?(?:\s*\([^)\d]{{1,20}}\))?)\s*[:=#.]?\s*"
        rf"(?P<number>[\dOlI](?:{SEPARATOR}{{0,3}}[\dXOlI]){{5,16}})(?![\d])"
    ), _always, _trim_to((8, 13), issn_check.is_valid)),
    Shape("patent", _re(
        rf"(?P<number>\b(?:U\.\s?S\.|{_COUNTRIES})\s?(?:Pat(?:ent)?\.?)\s*(?:Appl(?:ication)?\.?|Pub(?:lication)?\.?)?"
        rf"\s*(?:Nos?\.?|number|№)?\s*{_BODY}(?:{_KIND_CODE})?)"
    ), _always),
    Shape("patent", _re(_HOST + r"patents\.google\.com/patent/(?P<number>[A-Z]{2}[A-Z0-9]{5,16})"), _always),
)

# Without a label only what can hardly be anything else.
LOOSE: tuple[Shape, ...] = (
    Shape("arxiv", _re(rf"(?P<number>\b{_OLD})(?!\d)", 0), _when_valid),
    Shape("arxiv", _re(rf"^\s*(?P<number>{_NEW})\s*$"), _when_valid),
    Shape("arxiv", _re(r"\b(?P<number>\d{4}\.\d{4,5}v\d+)\b|\b(?P<classed>\d{4}\.\d{4,5})(?= ?\[)"),
          lambda number, *about: bool(number) and about[-1]),
    Shape("patent", _re(
        rf"(?P<number>\b(?:{_COUNTRIES})[ -]?{_BODY}(?:{_KIND_CODE})?)(?![\d-])", 0
    ), _patent_number),
    Shape("patent", _re(
        r"(?P<number>\bJP[ -]?(?:[HSMT]\d{1,2}|\d{4})-\d{5,6}(?:[ -]?[ABUY]\d?)?)(?![\d-])", 0
    ), _always),
    Shape("patent", _re(r"(?P<number>\bZL ?\d{8,12}(?:\.[\dX])?)(?!\d)", 0), _always),
    Shape("isbn", _re(
        rf"(?<![\d.-])(?P<number>9{SEPARATOR}?7{SEPARATOR}?[89](?:{SEPARATOR}?\d){{10}})(?![\d-])"
    ), _always),
    Shape("isbn", _re(r"(?<![\w.-])(?P<number>\d{1,5}([- ])\d{1,7}\2\d{1,7}\2[\dX])(?![\w-])"),
          lambda number, *about: len(bare(number)) == 10 and _no_phone(number, *about)),
    Shape("isbn", _re(r"(?<![\w.+-])(?P<number>\d{9}[\dX])(?![\w-])"), _no_phone),
    Shape("issn", _re(r"(?<![\w/.-])(?P<number>\d{4}-\d{3}[\dX])(?![\w-])"), _no_range),
)
