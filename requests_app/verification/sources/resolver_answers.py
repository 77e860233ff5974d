"""What link resolvers answer to programs: Alma (`svc_dat=CTO`), SFX (`multi_obj_xml`), 360 Link's XML API.

Each is read without regard to namespaces and to elements that are missing: versions differ.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from requests_app.verification.coverage_words import not_this_date
from requests_app.verification.records import Access, Answer, distinct

_SOURCE = "link_resolver"
_MOST = 30
Element = etree._Element


@dataclass(frozen=True)
class System:
    """`told_by`: part of an address by which it is known. `asks_for`: keys by which it answers in XML.
    `read(answer, is_article)`."""

    label: str
    told_by: str
    asks_for: tuple[tuple[str, str], ...]
    read: Callable[[Element, bool], Answer]
    address: Callable[[str], str] = str


def _named(element: Element, name: str) -> Iterator[Element]:
    """Descendants of this local name, whatever their namespace."""
    return (one for one in element.iter() if isinstance(one.tag, str) and etree.QName(one).localname == name)


def _text(element: Element | None, name: str = "") -> str:
    found = element if not name or element is None else next(_named(element, name), None)
    return "" if found is None else " ".join(" ".join(str(part) for part in found.itertext()).split())


def _plain(text: str) -> str:
    """Without the markup that some coverage statements carry ("Available from 1998<br>")."""
    return " ".join(re.sub(r"<[^>]{0,80}>", " ", text).split())[:300]


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


# --- Alma ------------------------------------------------------------------------------------------------


def _alma(answer: Element, is_article: bool) -> Answer:
    """context_services/context_service[@service_type] with keys/key[@id] and resolution_url. A service that is
    filtered by date is ours, but not for this year."""
    access, notes = [], []
    for service in _named(answer, "context_service"):
        if service.get("service_type") != "getFullTxt":
            continue
        keys = {key.get("id", ""): _text(key) for key in _named(service, "key")}
        name = keys.get("package_public_name") or keys.get("package_display_name") or keys.get("package_name") or ""
        coverage = _plain(keys.get("Availability", ""))
        url = _text(service, "resolution_url")
        if keys.get("Filtered", "").lower() == "true":
            if "date" in keys.get("Filter reason", "").lower():
                notes.append(not_this_date(name, coverage))
        elif _is_web(url):
            way = "free" if keys.get("Is_free", "").lower() in ("1", "true") else "licensed"
            access.append(Access(url, way, name=name, coverage=coverage, source=_SOURCE))
    return Answer(access=tuple(access[:_MOST]), notes=distinct(notes[:_MOST]))


# --- SFX -------------------------------------------------------------------------------------------------


def _sfx(answer: Element, is_article: bool) -> Answer:
    """ctx_obj_targets/target with service_type, target_public_name, target_url and coverage in words."""
    access = []
    for target in _named(answer, "target"):
        url = _text(target, "target_url")
        if _text(target, "service_type") not in ("getFullTxt", "getSelectedFullTxt") or not _is_web(url):
            continue
        if _text(target, "is_related").lower() == "yes":
            continue  # the text of another title
        said = [_text(one) for name in ("coverage_statement", "embargo_statement") for one in _named(target, name)]
        access.append(Access(
            url, "licensed", name=_text(target, "target_public_name") or _text(target, "target_name"),
            coverage=_plain(", ".join(distinct(said))), source=_SOURCE,
            limited=_text(target, "service_type") == "getSelectedFullTxt",
        ))
    return Answer(access=tuple(access[:_MOST]))


# --- 360 Link --------------------------------------------------------------------------------------------


def _three_sixty(answer: Element, is_article: bool) -> Answer:
    """result/linkGroups/linkGroup[@type='holding'] with holdingData and url[@type]: article, journal or source.

    Several results mean that the question was ambiguous: then nothing is said.
    """
    results = list(_named(answer, "result"))
    if len(results) != 1:
        return Answer()
    access = []
    for group in _named(results[0], "linkGroup"):
        if group.get("type") != "holding":
            continue
        urls = {one.get("type", ""): _text(one) for one in _named(group, "url")}
        url = next((urls[kind] for kind in ("article", "journal", "book") if _is_web(urls.get(kind, ""))), "")
        if not url:
            continue  # only the provider's first page
        first, last = _text(group, "startDate"), _text(group, "endDate")
        coverage = f"{first} – {last}".strip() if first or last else ""
        access.append(Access(
            url, "licensed", name=_text(group, "databaseName") or _text(group, "providerName"),
            coverage=coverage, source=_SOURCE,
        ))
    return Answer(access=tuple(access[:_MOST]))


def _three_sixty_address(base: str) -> str:
    """xx.search.serialssolutions.com is for people; xx.openurl.xml.serialssolutions.com/openurlxml for programs."""
    parts = urlsplit(base)
    host = parts.netloc
    if host.endswith(".serialssolutions.com") and ".openurl.xml." not in host:
        host = f"{host.partition('.')[0]}.openurl.xml.serialssolutions.com"
    path = parts.path if parts.path.rstrip("/").endswith("openurlxml") else parts.path.rstrip("/") + "/openurlxml"
    return urlunsplit((parts.scheme, host, path, parts.query, ""))


SYSTEMS: dict[str, System] = {
    "alma": System("Alma", "/view/uresolver", (("svc_dat", "CTO"), ("response_type", "xml")), _alma),
    "sfx": System("SFX", "sfx", (("sfx.response_type", "multi_obj_xml"), ("svc.fulltext", "yes")), _sfx),
    "360": System("360 Link", "serialssolutions.com", (("version", "1.0"),), _three_sixty, _three_sixty_address),
}
