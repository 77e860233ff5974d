"""A record as the query string of an OpenURL 1.0: short enough to live through a sign-in. Pure."""

from collections.abc import Iterable
from urllib.parse import urlencode

from requests_app.exchange.openurl.query import Pairs
from requests_app.verification.records import Record

LONGEST = 300  # characters of one value
MOST_AUTHORS = 5
# Kind -> matrix, genre, key of its title.
_FORMS = {
    "article": ("journal", "article", "jtitle"), "newspaper": ("journal", "newspaper", "jtitle"),
    "conference": ("book", "proceeding", "btitle"), "chapter": ("book", "bookitem", "btitle"),
    "book": ("book", "book", "btitle"), "thesis": ("dissertation", "dissertation", "title"),
    "report": ("book", "report", "btitle"), "patent": ("patent", "patent", "title"),
}
_KEYS = {
    "part_title": "atitle", "publisher": "pub", "place": "place", "edition": "edition", "series": "series",
    "volume": "volume", "issue": "issue", "pages": "pages", "isbn": "isbn", "issn": "issn", "degree": "degree",
    "document_number": "number", "language": "language",
}
_IDS = {
    "doi": "info:doi/", "pmid": "info:pmid/", "pmcid": "PMCID:", "oclc": "info:oclcnum/", "lccn": "info:lccn/",
    "arxiv": "arXiv:",
}


def write(record: Record, *, sid: str = "", ids: Iterable[str] = (), also: Iterable[tuple[str, str]] = ()) -> str:
    """`also`: further pairs as they are."""
    matrix, genre, title = _FORMS.get(record.kind, ("dc", record.kind or "unknown", "title"))
    pairs: Pairs = [
        ("url_ver", "Z39.88-2004"), ("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{matrix}"), ("rft.genre", genre),
        (f"rft.{title}", record.title), *((f"rft.{key}", getattr(record, name)) for name, key in _KEYS.items()),
        ("rft.date", record.issue if record.kind == "newspaper" and record.issue else record.year),
    ]
    authors = (record.part_author or record.author).split("; ")
    pairs += [("rft.au", author) for author in authors[:MOST_AUTHORS]]
    pairs += [("rft_id", f"{before}{number}") for name, before in _IDS.items() if (number := getattr(record, name))]
    pairs += [("rft_id", one) for one in ids]
    if sid:
        pairs.append(("rfr_id", f"info:sid/{sid}"))
    return urlencode([(key, value[:LONGEST]) for key, value in (*pairs, *also) if value])
