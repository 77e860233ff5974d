"""Every source there is, in the order in which what they say is trusted."""

from requests_app.verification.sources import (
    crossref,
    doaj,
    hathitrust,
    internet_archive,
    link_resolver,
    open_library,
    openalex,
    own_electronic,
    pubmed,
    ready_links,
    sru,
    unpaywall,
    worldcat,
    z3950,
)

__all__ = [
    "crossref", "doaj", "hathitrust", "internet_archive", "link_resolver", "open_library", "openalex",
    "own_electronic", "pubmed", "ready_links", "sru", "unpaywall", "worldcat", "z3950",
]
