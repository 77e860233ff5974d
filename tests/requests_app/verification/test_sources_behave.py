"""Every public source against everything a server can do: an Answer that fits, or an AdapterError with a sentence."""

import json
import time
from dataclasses import fields
from typing import Any

import pytest

from illdesk.errors import AdapterError
from requests_app.verification.records import Answer, Held, Record, from_json, to_json
from requests_app.verification.sources import SOURCES
from requests_app.verification.sources.reading import LONGEST, is_web, plain
from tests.peers import shapes
from tests.peers.web import WAYS, peer
from tests.requests_app.verification.asking import IN_WORDS, PLACES, ask, settings_for, web

pytestmark = pytest.mark.nodb

CODES = sorted(PLACES)
# What can be answered like this and still mean "nothing": HathiTrust's and Open Library's way to say so.
NOTHING_MEANT = {("an empty object", "hathitrust"), ("an empty object", "open_library")}
QUICK = {"slow": 0.4, "trickling": 0.4}


@pytest.fixture(scope="module")
def calm():
    """One server for all that needs no slowness."""
    with peer() as there:
        yield there


@pytest.fixture(autouse=True)
def forgetful(calm):
    calm.forget()


def fits(answer: Answer) -> None:
    """Every field has its type, every address is one, nothing is there that a database or a page would choke on."""
    assert isinstance(answer, Answer)
    assert isinstance(answer.more, int)
    assert answer.more >= 0
    assert len(answer.records) <= 5
    for row in (*answer.records, *answer.held, *answer.access, *answer.links):
        for one in fields(row):
            value = getattr(row, one.name)
            texts = value if isinstance(value, tuple) else (value,)
            flat = [text for text in texts for text in (text if isinstance(text, tuple) else (text,))]
            assert all(isinstance(text, str | bool) or text is None for text in flat), (one.name, value)
            if one.name == "url":
                assert is_web(value) or (value == "" and isinstance(row, Held | Record)), value
            assert all(plain(text) == text[:LONGEST].strip() for text in flat if isinstance(text, str)), (one.name,
                value)
    assert from_json(json.loads(json.dumps(to_json(answer)))) == answer
    json.dumps(to_json(answer), ensure_ascii=False).encode()


@pytest.mark.parametrize("code", CODES)
def test_at_its_best_it_fits(calm, code):
    shapes.everything(calm)
    answer = ask(code, calm)
    assert answer.records
    fits(answer)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("way", sorted(WAYS))
def test_each_source_and_each_bad_way(code, way):
    with peer() as there:
        shapes.everything(there)
        there.says("/inside", {"secret": 1})
        there.behaves(PLACES[code][0], way)
        try:
            answer = ask(code, there, by=web(seconds=QUICK.get(way, 8)))
        except AdapterError as failure:
            assert str(failure)[:1].isupper(), failure
            assert (way, code) not in NOTHING_MEANT
        else:
            fits(answer)
            assert not answer
            assert (way, code) in NOTHING_MEANT, f"{way} passed for an answer that there is nothing"
        assert "/inside" not in there.paths()
        assert len(there.paths()) <= 4


@pytest.mark.parametrize("way", sorted(WAYS))
def test_worldcats_tokens_in_each_bad_way(way):
    with peer() as there:
        shapes.everything(there)
        there.behaves("/token", way)
        with pytest.raises(AdapterError):
            ask("worldcat", there, by=web(seconds=QUICK.get(way, 8)))
        assert set(there.paths()) == {"/token"}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_the_converter_of_pubmed_central_in_each_bad_way(way):
    with peer() as there:
        shapes.everything(there)
        there.behaves("/converter", way)
        try:
            assert not ask("pubmed", there, Record(pmcid="PMC4221854"), by=web(seconds=QUICK.get(way, 8)))
        except AdapterError:
            return
        assert way == "bad question"  # how it says that it does not know a number


@pytest.mark.parametrize("code", sorted(IN_WORDS))
@pytest.mark.parametrize("way", ["HTML", "null", "an empty object", "limited", "cut", "wrong encoding", "a list"])
def test_questions_in_words_in_bad_ways(code, way):
    with peer() as there:
        shapes.everything(there)
        there.behaves(PLACES[code][0], way)
        with pytest.raises(AdapterError):
            ask(code, there, IN_WORDS[code])


# One value for another, as a server does that changed its mind, or means harm.
INSTEAD: list[Any] = [
    None, [], {}, 17, -1.5, True, "", ["x", None, 3, {}], {"x": {"y": []}},
    "<script>alert(1)</script>\x00\ud800&lt;img src=x onerror=alert(1)&gt;", "javascript:alert(1)", "x" * 9000, "2013",
    "http://127.0.0.1:9/", [[["deep"]]], 10**30, '"; DROP TABLE',
]


def _paths(data: Any, path: tuple = ()) -> list[tuple]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [*([path] if path else []), *(found for key, value in inner for found in _paths(value, (*path, key)))]


def _with(data: Any, path: tuple, value: Any) -> Any:
    if not path:
        return value
    key, *rest = path
    if isinstance(data, dict):
        return {**data, key: _with(data[key], tuple(rest), value)}
    return [_with(one, tuple(rest), value) if place == key else one for place, one in enumerate(data)]


# Each source's own documents: where, in what, and which question brings it.
DOCUMENTS = [
    ("worldcat", "/worldcat/brief-bibs/778419313", shapes.brief(), None),
    ("worldcat", "/worldcat/bibs-holdings", shapes.holdings(2, [shapes.library("CBY", 1233)]), None),
    ("worldcat", "/token", shapes.TOKEN, None),
    ("crossref", "/crossref/works/.*", shapes.CROSSREF, None),
    ("openalex", "/openalex/works/.*", shapes.OPENALEX, None),
    ("doaj", "/doaj/search/articles/.*", shapes.DOAJ, None),
    ("unpaywall", "/unpaywall/.*", shapes.UNPAYWALL, None),
    ("pubmed", "/pubmed/esearch.fcgi", shapes.ESEARCH, "words"),
    ("open_library", "/openlibrary/api/books", shapes.OPEN_LIBRARY_BOOK, None),
    ("open_library", "/openlibrary/search.json", shapes.OPEN_LIBRARY_SEARCH, "words"),
    ("hathitrust", "/hathi/.*", shapes.HATHITRUST, None),
    ("internet_archive", "/archive/advancedsearch.php", shapes.INTERNET_ARCHIVE, None),
]


@pytest.mark.parametrize(("code", "path", "document", "how"), DOCUMENTS, ids=lambda value: value if isinstance(value,
    str) else "")
def test_one_odd_value_anywhere(calm, monkeypatch, code, path, document, how):
    """Each place of an answer in turn holds something odd, of every kind in turn; all of it is asked over the wire."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    shapes.everything(calm)
    wanted = IN_WORDS[code] if how else None
    method = "POST" if path == "/token" else "GET"
    odd = iter(range(10**6))
    for place in _paths(document):
        for _twice in range(2):
            value = INSTEAD[next(odd) % len(INSTEAD)]
            body = json.dumps(_with(document, place, value)).encode()
            calm.says(path, body, method=method)
            try:
                fits(ask(code, calm, wanted, by=web(seconds=5)))
            except AdapterError as failure:
                assert str(failure)


def test_pubmeds_xml_without_any_one_element(calm):
    """Its records with each element taken out, and with each made empty."""
    from lxml import etree

    shapes.everything(calm)
    count = len(list(etree.fromstring(shapes.EFETCH.encode()).iter())) - 1
    for number in range(1, count + 1):
        for empty in (False, True):
            root = etree.fromstring(shapes.EFETCH.encode())
            element = list(root.iter())[number]
            if empty:
                element.clear()
            else:
                element.getparent().remove(element)
            calm.says("/pubmed/efetch.fcgi", etree.tostring(root), type="text/xml")
            fits(ask("pubmed", calm))


@pytest.mark.parametrize(
    "body",
    ["<eFetchResult><ERROR>Empty id list</ERROR></eFetchResult>", "<html><body>Sign in</body></html>",
     "<PubmedArticleSet>", '{"error": "API rate limit exceeded"}'],
)
def test_what_pubmed_says_instead_of_records(calm, body):
    shapes.everything(calm)
    calm.says("/pubmed/efetch.fcgi", body, type="text/xml")
    with pytest.raises(AdapterError):
        ask("pubmed", calm)


def test_an_error_of_pubmeds_search(calm):
    shapes.everything(calm)
    calm.says("/pubmed/esearch.fcgi", {"esearchresult": {"ERROR": "Search Backend failed: "}})
    with pytest.raises(AdapterError, match="not what it should be"):
        ask("pubmed", calm, IN_WORDS["pubmed"])


@pytest.mark.parametrize("code", CODES)
def test_an_address_inside_our_network_is_refused_for_every_source(calm, settings, code):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(AdapterError, match="private network"):
        ask(code, calm)
    assert calm.seen == []


@pytest.mark.parametrize("code", CODES)
def test_hostile_citations_ask_only_where_they_should(calm, monkeypatch, code):
    """Nothing that a patron types leads to another path of the server, or to another server."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    shapes.everything(calm)
    place = PLACES[code][0]
    for nasty in ("10.1234/../../../inside", "10.1234/x?email=evil#y", "10.1234/%2e%2e/%2e%2e/inside", "\r\nX-Evil: 1",
                  "http://127.0.0.1/inside", "{0.__class__}", "\x00", "\ud800", "10.1234/\ud800", "%s%n",
                  "1234-5678/../inside"):
        wanted = Record(
            doi=nasty, pmid=nasty, pmcid=nasty, isbn=nasty, issn=nasty, oclc=nasty, lccn=nasty,
            title=f"Long {nasty} title",
            author=nasty, part_title=f"A part of {nasty} more", year=nasty, volume=nasty, pages=nasty,
        )
        for kind in ("book", "article"):
            chosen = settings_for(code, calm)
            if SOURCES[code].can_ask(wanted.with_(kind=kind), chosen):
                calm.seen.clear()
                fits(SOURCES[code].ask(wanted.with_(kind=kind), chosen, web()))
                assert all(one.raw.startswith((f"{place}/", "/token", "/converter?")) for one in calm.seen)
                assert not any("/../" in one.raw or "/inside?" in one.raw.split("?")[0] for one in calm.seen)
                assert not any("x-evil" in one.headers for one in calm.seen)
