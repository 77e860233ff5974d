"""Numbers, years and languages as a Record has them; '' for what is none. Pure.

What people type is read elsewhere; these are the forms in which other systems send what they hold to be right.
"""

import re
from collections.abc import Iterable

from stdnum import isbn as isbns_
from stdnum import issn as issns_
from stdnum.exceptions import ValidationError

from requests_app.verification.records import distinct

_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)$", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d\d)(?!\d)")
_ISBN = re.compile(r"[\dXx][\dXx -]{8,16}[\dXx]")


def isbn(value: str) -> str:
    """ISBN-13 without hyphens, also from "0-9613921-1-8 (cloth)"."""
    found = _ISBN.search(value)
    try:
        return isbns_.to_isbn13(isbns_.validate(found.group().replace(" ", ""))).replace("-", "") if found else ""
    except ValidationError:
        return ""


def issn(value: str) -> str:
    try:
        return issns_.format(issns_.validate(value.strip()))
    except ValidationError:
        return ""


def all_isbns(values: Iterable[str]) -> tuple[str, ...]:
    return distinct(isbn(value) for value in values)


def all_issns(values: Iterable[str]) -> tuple[str, ...]:
    return distinct(issn(value) for value in values)


def doi(value: str) -> str:
    """Small letters, without resolver. One with a path that leads upwards is none: it becomes part of an address."""
    found = _DOI.match(value.strip())
    if not found or not value.strip().isprintable() or {".", ".."} & set(found.group(1).split("/")):
        return ""
    return found.group(1).lower()


def oclc(value: str) -> str:
    """Also from "(OCoLC)ocm00424023"."""
    found = re.fullmatch(r"\s*(?:\(OCoLC\))?\s*(?:ocm|ocn|on)?0*(\d{1,12})\s*", value, re.IGNORECASE)
    return found.group(1) if found else ""


def lccn(value: str) -> str:
    """Normalised as the Library of Congress asks (www.loc.gov/marc/lccn-namespace.html): "n78-890351" → "n78890351"."""
    value = re.sub(r"\s", "", value).split("/")[0]
    front, hyphen, serial = value.partition("-")
    value = front + serial.zfill(6) if hyphen else value
    return value.lower() if re.fullmatch(r"[A-Za-z]{0,3}\d{8,10}", value) else ""


def pmid(value: str) -> str:
    found = re.fullmatch(r"(?:https?://pubmed\.ncbi\.nlm\.nih\.gov/)?(\d{1,9})/?", value.strip())
    return found.group(1).lstrip("0") if found else ""


def pmcid(value: str) -> str:
    """Also from an address of PubMed Central that leaves out the letters, as OpenAlex's do."""
    found = re.search(r"(?:PMC\s*|/pmc/articles/)(\d{1,9})", value, re.IGNORECASE)
    return f"PMC{found.group(1)}" if found else ""


def year(value: str) -> str:
    """The first that stands there."""
    found = _YEAR.search(value)
    return found.group() if found else ""


def pages(first: str, last: str = "") -> str:
    """"588-602", also where the last page is shortened to "02"."""
    if not first or not last or first == last:
        return first or last
    if first.isdigit() and last.isdigit() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return f"{first}-{last}"


def language(value: str) -> str:
    """ISO 639-2/B of a code of two or three letters, of "/languages/eng" or of a name in English."""
    value = value.rsplit("/", 1)[-1].strip().lower()
    if value in _NAMES:
        return _NAMES[value]
    value = value.split("-")[0].split("_")[0]
    return _TWO.get(value) or _TERMINOLOGICAL.get(value) or (value if re.fullmatch(r"[a-z]{3}", value) else "")


_TWO_LETTERS = (
    "af:afr am:amh ar:ara az:aze be:bel bg:bul bn:ben bo:tib bs:bos ca:cat cs:cze cy:wel da:dan de:ger el:gre en:eng "
    "eo:epo es:spa et:est eu:baq fa:per fi:fin fr:fre ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv hu:hun hy:arm id:ind "
    "is:ice it:ita ja:jpn ka:geo kk:kaz km:khm kn:kan ko:kor ku:kur ky:kir la:lat lo:lao lt:lit lv:lav mk:mac ml:mal "
    "mn:mon mr:mar ms:may my:bur ne:nep nl:dut no:nor nb:nob nn:nno pa:pan pl:pol ps:pus pt:por ro:rum ru:rus sa:san "
    "si:sin sk:slo sl:slv sq:alb sr:srp sv:swe sw:swa ta:tam te:tel tg:tgk th:tha tk:tuk tl:tgl tr:tur tt:tat ug:uig "
    "uk:ukr ur:urd uz:uzb vi:vie yi:yid zh:chi zu:zul"
)
_FOR_TERMS = (
    "bod:tib ces:cze cym:wel deu:ger ell:gre eus:baq fas:per fra:fre hye:arm isl:ice kat:geo mkd:mac msa:may mya:bur "
    "nld:dut ron:rum slk:slo sqi:alb zho:chi"
)
_IN_ENGLISH = (
    "arabic:ara chinese:chi czech:cze danish:dan dutch:dut english:eng finnish:fin french:fre german:ger greek:gre "
    "hebrew:heb hindi:hin hungarian:hun italian:ita japanese:jpn korean:kor latin:lat norwegian:nor persian:per "
    "polish:pol portuguese:por romanian:rum russian:rus spanish:spa swedish:swe turkish:tur ukrainian:ukr "
    "vietnamese:vie yiddish:yid"
)
_TWO, _TERMINOLOGICAL, _NAMES = (
    dict(pair.split(":") for pair in table.split()) for table in (_TWO_LETTERS, _FOR_TERMS, _IN_ENGLISH)
)
