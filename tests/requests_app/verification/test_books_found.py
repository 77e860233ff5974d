"""What Open Library, HathiTrust and the Internet Archive know of books, and what of them may be read."""

import pytest

from requests_app.verification.records import Access, Link, Record
from requests_app.verification.sources import SOURCES
from tests.peers import shapes
from tests.peers.web import peer
from tests.requests_app.verification.asking import IN_WORDS, ask, settings_for

pytestmark = pytest.mark.nodb


@pytest.fixture
def there():
    with peer() as there:
        shapes.everything(there)
        yield there


def test_open_library_by_isbn(there):
    answer = ask("open_library", there)
    assert answer.records == (Record(
        kind="book", title="Fantastic Mr. Fox : a tale", author="Dahl, Roald", publisher="Puffin", place="London",
        year="1988", isbn="9780140328721", isbns=("9780140328721",), oclc="10249636", also=(("oclc", "19376345"),),
        source="open_library", source_id="OL7353617M", url="https://openlibrary.org/books/OL7353617M/Fantastic_Mr._Fox",
    ),)
    assert answer.access == (Access(
        url="https://openlibrary.org/books/OL7353617M/borrow", way="free", name="Internet Archive (lending library)",
        limited=True, source="open_library", record_id="OL7353617M",
    ),)
    assert there.seen[0].params == {"bibkeys": "ISBN:9780140328721", "format": "json", "jscmd": "data"}


def test_open_library_never_makes_one_of_several_editions(there):
    answer = ask("open_library", there, IN_WORDS["open_library"])
    edition, work = answer.records
    assert edition == Record(
        kind="book", title="Moby Dick : or, The whale", author="Melville, Herman", publisher="Harper", year="1851",
        language="eng", source="open_library", source_id="OL999M", url="https://openlibrary.org/books/OL999M",
    )
    assert (work.title, work.year, work.isbns, work.source_id) == ("Moby Dick explained", "", (), "OL5W")
    assert [(one.url, one.limited) for one in answer.access] == [("https://archive.org/details/mobydickorwhale01melv",
        False)]
    assert answer.more == 10
    assert there.seen[0].params["title"] == "Moby Dick the whale"


def test_hathitrust_full_view_is_access_and_the_rest_a_link(there):
    answer = ask("hathitrust", there)
    assert answer.records == (Record(
        kind="book", title="Infinite series", year="1962", isbn="9780030110405", isbns=("9780030110405",),
        oclc="424023",
        lccn="62009520", also=(("title", "Бесконечные ряды"), ("oclc", "123")), source="hathitrust",
        source_id="000578050", url="https://catalog.hathitrust.org/Record/000578050",
    ),)
    assert answer.access == (Access(
        url="https://hdl.handle.net/2027/mdp.1", way="free", name="HathiTrust", version="published", licence="pdus",
        coverage="v.1", source="hathitrust", record_id="000578050",
    ),)
    assert answer.links == ()
    abroad = ask("hathitrust", there, country="ES")  # in the public domain in the United States alone
    assert abroad.access == ()
    assert abroad.links == (
        Link("HathiTrust: can be searched there, not read", "https://catalog.hathitrust.org/Record/000578050"),
    )


def _run(*volumes: str) -> dict:
    item = {"fromRecord": "1", "rightsCode": "pd"}
    return {"records": {"1": {"recordURL": "https://catalog.hathitrust.org/Record/1", "titles": ["Marine letters"],
                              "issns": ["2345-6787"]}},
            "items": [item | {"enumcron": text, "itemURL": f"https://hdl.handle.net/2027/{place}"}
                      for place, text in enumerate(volumes)]}


def test_of_a_journal_only_the_volume_of_the_article_can_be_read(there):
    there.says("/hathi/.*", _run("v.1 1901", "v.2 1902", "v.3 1903", "index"))
    wanted = Record(kind="article", issn="2345-6787", part_title="Tides", volume="2", year="1902")
    answer = ask("hathitrust", there, wanted)
    assert [(one.url, one.coverage) for one in answer.access] == [("https://hdl.handle.net/2027/1", "v.2 1902")]
    assert answer.links == ()
    other = ask("hathitrust", there, wanted.with_(volume="40", year="1940"))
    assert other.access == ()
    assert other.links == (
        Link("HathiTrust: some of its volumes can be read there", "https://catalog.hathitrust.org/Record/1"),)
    assert ask("hathitrust", there, wanted.with_(volume="", year="")).access == ()


def test_of_a_set_only_the_wanted_volume_can_be_read(there):
    there.says("/hathi/.*", _run("v.1", "v.2", ""))
    book = Record(kind="book", oclc="424023")
    assert len(ask("hathitrust", there, book).access) == 3, "of the whole set all"
    assert [one.coverage for one in ask("hathitrust", there, book.with_(volume="2")).access] == ["v.2"]


def test_hathitrust_is_asked_with_all_numbers_at_once(there):
    ask("hathitrust", there, Record(kind="book", oclc="424023", isbn="0030110408", lccn="62-9520"))
    assert there.seen[0].path == "/hathi/api/volumes/brief/json/oclc:424023|isbn:9780030110405|lccn:62009520"
    there.says("/hathi/.*", {"records": {}, "items": []})
    assert not ask("hathitrust", there)
    assert not SOURCES["hathitrust"].can_ask(Record(title="Infinite series", author="X"), settings_for("hathitrust",
        there))


def test_internet_archive_knows_free_lending_and_neither(there):
    answer = ask("internet_archive", there)
    assert answer.records[0] == Record(
        kind="book", title="Moby Dick; or, The whale", author="Melville, Herman", publisher="New York : Harper",
        year="1851", volume="1", oclc="3174108", language="eng", source="internet_archive",
        source_id="mobydickorwhale01melv", url="https://archive.org/details/mobydickorwhale01melv",
    )
    assert (answer.records[1].isbn, answer.records[1].language) == ("9780142437247", "eng")
    assert [(one.url, one.limited, one.coverage) for one in answer.access] == [
        ("https://archive.org/details/mobydickorwhale01melv", False, "1"),
        ("https://archive.org/details/mobydick0000melv", True, ""),
    ]
    assert answer.more == 37
    assert there.seen[0].params["q"] == (
        "(title:Moby AND title:Dick AND title:the AND title:whale AND creator:Melville) AND mediatype:texts"
    )


@pytest.mark.parametrize("code", ["internet_archive", "open_library"])
def test_an_edition_of_another_year_lends_no_link(there, code):
    answer = ask(code, there, IN_WORDS[code].with_(year="1930"))
    assert answer.records
    assert answer.access == ()


def test_internet_archive_by_numbers(there):
    ask("internet_archive", there, Record(kind="book", isbn="0142437247", oclc="3174108"))
    assert there.seen[0].params["q"] == "(isbn:9780142437247 OR oclc-id:3174108) AND mediatype:texts"
