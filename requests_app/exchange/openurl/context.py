"""Context objects in XML: journals, books, Dublin Core and MARC inside become the pairs of a query string. Pure.

Z39.88-2004 part 2, 9 (XML representation). Read forgivingly, since portals wrote HTML into it, but without entities
of its own, without a DTD and without the network.
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice

from lxml import etree

from requests_app.exchange.openurl.query import LONGEST, Pairs

# Anybody may send XML: bytes that are read of it, and how many pairs and references somebody's link can need.
MOST = 50_000
MOST_PAIRS, MOST_REFERENCES = 300, 10
_DC = {
    "title": "title", "creator": "creator", "contributor": "creator", "publisher": "pub", "date": "date",
    "identifier": "identifier", "type": "type", "language": "language", "lang": "language", "source": "source",
}


def looks_like_xml(said: str | bytes) -> bool:
    if isinstance(said, str):
        return said[:200].lstrip().startswith("<")
    return said[:200].lstrip().startswith((b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<"))


def read(said: str | bytes) -> tuple[Pairs, list[tuple[str, str]]]:
    """Pairs, and what lies elsewhere: (address, format). What cannot be read gives nothing."""
    # The declaration names the encoding of bytes; text has none.
    data = re.sub(r"^\s*<\?xml[^>]*\?>", "", said.strip()).encode() if isinstance(said, str) else said.strip()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True, encoding="utf-8" if isinstance(said, str) else None,
    )
    try:
        root = etree.fromstring(data[:MOST], parser)
    except (etree.XMLSyntaxError, ValueError):
        return [], []
    if root is None:
        return [], []
    referent = next((one for one in root.iter() if _name(one) == "referent"), root)
    pairs: Pairs = []
    references: list[tuple[str, str]] = []
    for one in _outermost(referent, lambda one: _name(one) in _TOLD):
        name = _name(one)
        if name == "identifier" and _namespace(one).endswith(":ctx"):
            pairs.append(("rft_id", _text(one)))
        elif name == "location" and len(references) < MOST_REFERENCES:
            around = one.getparent()
            form = "" if around is None else next((_text(other) for other in around if _name(other) == "format"), "")
            references.append((_text(one), form))
        elif name in _READERS:
            pairs += _READERS[name](one)
        if len(pairs) >= MOST_PAIRS:
            break
    referrer = next((one for one in root.iter() if _name(one) == "referrer"), None)
    del pairs[MOST_PAIRS:]
    if referrer is not None:
        named = _outermost(referrer, lambda one: _name(one) == "identifier")
        pairs += [("rfr_id", _text(one)) for one in islice(named, MOST_REFERENCES)]
    return [(key, value[:LONGEST]) for key, value in pairs if value], [one for one in references if one[0]]


def _outermost(element, told: Callable[..., bool]) -> Iterator:
    """Of told elements within each other the outer one only: its reader looks at all that is in it, and would look
    at what is nested as often as it is deep. In the document's order."""
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if told(one):
            yield one
        else:
            waiting.extend(reversed(one))


def _name(element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _namespace(element) -> str:
    return etree.QName(element).namespace or "" if isinstance(element.tag, str) else ""


def _text(element) -> str:
    return " ".join("".join(element.itertext()).split())


def _work(element) -> Pairs:
    """Journal, book, dissertation, patent: names as in a query string; each author a group of its own."""
    pairs: Pairs = [("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{_name(element)}")]
    parts_of_it = chain.from_iterable(_outermost(child, _is_author_or_leaf) for child in element)
    for one in islice(parts_of_it, MOST_PAIRS):
        name = _name(one)
        if name == "author":
            parts = {_name(part): _text(part) for part in one if isinstance(part.tag, str)}
            given = parts.get("aufirst") or " ".join(
                parts[name] for name in ("auinit", "auinit1", "auinitm") if parts.get(name)
            )
            whole = parts.get("au") or ", ".join(part for part in (parts.get("aulast", ""), given) if part)
            pairs.append(("rft.au", whole or ("" if len(one) else _text(one))))
        else:
            pairs.append((f"rft.{name.lower()}", _text(one)))
    return pairs


def _is_author_or_leaf(element) -> bool:
    name = _name(element)
    return name == "author" or bool(name and not len(element))


def _dublin_core(element) -> Pairs:
    pairs: Pairs = [("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc")]
    known = (one for one in element if _name(one) in _DC)
    return pairs + [(f"rft.{_DC[_name(one)]}", _text(one)) for one in islice(known, MOST_PAIRS)]


# Field and subfields -> key; of MARC 21.
_MARC = (
    ("245", "abnp", "title"), ("100", "a", "au"), ("700", "a", "au"), ("110", "ab", "aucorp"), ("250", "a", "edition"),
    ("260", "a", "place"), ("260", "b", "pub"), ("260", "c", "date"), ("264", "a", "place"), ("264", "b", "pub"),
    ("264", "c", "date"), ("020", "a", "isbn"), ("022", "a", "issn"), ("010", "a", "lccn"), ("490", "a", "series"),
    ("440", "a", "series"), ("773", "t", "jtitle"), ("502", "a", "degree"),
)


def _marc(element) -> Pairs:
    said: dict[tuple[str, str], list[str]] = {}
    fields = _outermost(element, lambda one: _name(one) == "datafield")
    for field in islice(fields, MOST_PAIRS):
        for part in field:
            if _name(part) == "subfield":
                said.setdefault((field.get("tag", ""), part.get("code", "")), []).append(_text(part))
    host = ("773", "t") in said
    pairs: Pairs = [("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{'journal' if host else 'book'}")]
    for tag, codes, key in _MARC:
        found = [text for code in codes for text in said.get((tag, code), [])]
        if key in ("au", "isbn", "issn"):
            pairs += [(f"rft.{key}", text.strip(" ,:;/")) for text in found]
        elif found:
            name = "atitle" if host and key == "title" else key
            pairs.append((f"rft.{name}", " ".join(found).strip(" /:;,")))
    for number in said.get(("035", "a"), []):
        if "OCoLC" in number:
            pairs.append(("rft.oclcnum", number))
    return pairs


_READERS: dict[str, Callable[..., Pairs]] = {
    "journal": _work, "book": _work, "dissertation": _work, "patent": _work, "article": _work, "dc": _dublin_core,
    "record": _marc,
}
_TOLD = {"identifier", "location", *_READERS}
