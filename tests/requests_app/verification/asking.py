"""How the tests ask the public sources: all at one server on loopback."""

import time

from requests_app.verification.records import Record
from requests_app.verification.sources import (
    SOURCES,
    Settings,
    crossref,
    doaj,
    hathitrust,
    internet_archive,
    open_library,
    openalex,
    pubmed,
    ready_links,
    unpaywall,
    worldcat,
)
from requests_app.verification.web import Web
from tests.peers.web import Peer

MODULES = (
    worldcat, crossref, pubmed, openalex, doaj, unpaywall, open_library, hathitrust, internet_archive, ready_links,
)
CONTACT = "ill@library.example"

# code -> where it is on the server, and what is asked for there.
PLACES = {
    "worldcat": ("/worldcat", Record(kind="book", oclc="778419313", title="My brilliant friend")),
    "crossref": ("/crossref", Record(kind="article", doi="10.1136/esmoopen-2020-000776")),
    "openalex": ("/openalex", Record(kind="article", doi="10.7717/peerj.4375")),
    "doaj": ("/doaj", Record(kind="article", doi="10.12681/dac.39266")),
    "unpaywall": ("/unpaywall", Record(kind="article", doi="10.1038/nature12373")),
    "pubmed": ("/pubmed", Record(kind="article", pmid="23903748")),
    "open_library": ("/openlibrary", Record(kind="book", isbn="9780140328721")),
    "hathitrust": ("/hathi", Record(kind="book", oclc="424023")),
    "internet_archive": (
        "/archive", Record(kind="book", title="Moby Dick; or, the whale", author="Melville, Herman", year="1851"),
    ),
}
# In words, where there are no numbers.
IN_WORDS = {
    "worldcat": Record(kind="book", title="My brilliant friend", author="Ferrante, Elena"),
    "crossref": Record(
        kind="article", part_title="Phase II study of lenvatinib", part_author="Iwasa, Satoru", title="ESMO Open"
    ),
    "openalex": Record(kind="article", part_title="The state of OA: a large-scale analysis", year="2018"),
    "doaj": Record(kind="article", part_title="Ways of depropriating images", part_author="Díaz, Sónia"),
    "pubmed": Record(kind="article", part_title="Nanometre-scale thermometry in a living cell", title="Nature"),
    "open_library": Record(kind="book", title="Moby Dick: or, the whale", author="Melville, Herman"),
    "internet_archive": PLACES["internet_archive"][1],
}


def settings_for(code: str, there: Peer, **more) -> Settings:
    values = {
        "url": there.url + PLACES[code][0] if code in PLACES else "", "contact": CONTACT,
        "options": {"tokens": f"{there.url}/token", "converter": f"{there.url}/converter", "country": "US"},
        "symbol": "OUR", "country": "US",
    }
    if code == "worldcat":
        values |= {"key": "wskey", "secret": "s3cret"}
    return Settings(**(values | more))


def web(seconds: float = 10, **more) -> Web:
    return Web(until=time.monotonic() + seconds, agent=f"ILL Desk (mailto:{CONTACT})", **more)


def ask(code: str, there: Peer, wanted: Record | None = None, *, by: Web | None = None, **settings):
    chosen = settings_for(code, there, **settings)
    wanted = PLACES[code][1] if wanted is None else wanted
    assert SOURCES[code].can_ask(wanted, chosen)
    return SOURCES[code].ask(wanted, chosen, by or web())
