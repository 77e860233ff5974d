"""OpenURL: what a database or a search page says about a work when somebody presses "Find it". Pure.

Z39.88-2004 (OpenURL 1.0) as key/value pairs or XML, and its forerunner 0.1, which half of all links still are.
`query.py` reads the address, `context.py` XML, `fields.py` makes a record of what they say. Nothing is fetched here
and nobody who is named in a link is believed to be that person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from requests_app.exchange.openurl import context, fields, query
from requests_app.exchange.openurl.query import Pairs
from requests_app.verification.records import CITED, Record, distinct


@dataclass(frozen=True)
class Reference:
    """A description that lies elsewhere. `format`: "info:ofi/fmt:…" as the link says it, '' if it does not."""

    url: str
    format: str = ""


@dataclass(frozen=True)
class Wanted:
    """`version`: "1.0" or "0.1". `sid`: where the link was pressed, as it calls itself ("EBSCO:Scopus").

    `ids`: further identifiers that no field is for ("info:eric/EJ81"). `services`: what was asked for ("fulltext");
    `pickup`, `requester`: as the link says them, not to be trusted. `references`: what the caller may fetch and hand
    to `with_reference`. `more`: keys that say something about the work and have no field.
    """

    record: Record
    ids: tuple[str, ...] = ()
    sid: str = ""
    version: str = "0.1"
    services: tuple[str, ...] = ()
    pickup: str = ""
    requester: str = ""
    references: tuple[Reference, ...] = ()
    more: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.record.filled() or self.ids or self.references)


def read(said: str | bytes | Mapping[str, str | Sequence[str]]) -> Wanted:
    """Of a query string (also a whole address) or of a form's fields. Whatever it is, it is read without an error."""
    pairs = query.pairs_of(said)
    described, references = _unfolded(pairs)
    known = fields.read(described)
    return Wanted(
        record=known.record, ids=known.ids, sid=known.sid, more=known.more, version=query.version(pairs),
        services=known.services, pickup=known.pickup, requester=known.requester,
        references=tuple(Reference(*one) for one in references),
    )


def with_reference(wanted: Wanted, content: bytes) -> Wanted:
    """What lay elsewhere fills the fields that the link itself left empty. It leads nowhere further."""
    found = read(content) if not context.looks_like_xml(content) else _of_xml(content)
    mine, theirs = wanted.record, found.record
    values = {name: getattr(theirs, name) for name in (*CITED, "kind", "language") if not getattr(mine, name)}
    record = mine.with_(
        **values, isbns=distinct((*mine.isbns, *theirs.isbns)), issns=distinct((*mine.issns, *theirs.issns)),
        also=tuple(dict.fromkeys((*mine.also, *theirs.also))),
    )
    return replace(
        wanted, record=record, ids=distinct((*wanted.ids, *found.ids)), sid=wanted.sid or found.sid, references=(),
        more=tuple(dict.fromkeys((*wanted.more, *found.more))),
    )


def _of_xml(content: bytes) -> Wanted:
    pairs, _references = context.read(content)
    known = fields.read(pairs)
    return Wanted(record=known.record, ids=known.ids, sid=known.sid, more=known.more)


def _unfolded(pairs: Pairs) -> tuple[Pairs, list[tuple[str, str]]]:
    """XML that came along by value becomes pairs like the others; what lies elsewhere is told. Of all XML together
    no more is read than of one."""
    plain: Pairs = []
    references: list[tuple[str, str]] = []
    formats = dict(pairs)
    left = context.MOST
    for key, value in pairs:
        if len(plain) >= query.MOST_PAIRS:
            break
        if key in ("url_ctx_val", "rft_val", "rft_dat") and context.looks_like_xml(value):
            within, further = context.read(value[:left]) if left > 0 else ([], [])
            left -= len(value)
            plain += within
            references += further
        elif key == "url_ctx_val":
            plain += query.pairs_of(value)
        elif key in ("url_ctx_ref", "rft_ref"):
            told = formats.get("url_ctx_fmt" if key == "url_ctx_ref" else "rft_ref_fmt", "")
            references.append((value, told))
        else:
            plain.append((key, value))
    return plain, [one for one in references if one[0].lower().startswith(("http://", "https://"))]


__all__ = ["Reference", "Wanted", "read", "with_reference"]
