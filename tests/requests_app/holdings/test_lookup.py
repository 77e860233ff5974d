"""What our packages say about a citation: a link where it is inside, a sentence where it is not."""

import io
import time
from datetime import date

import pytest

from requests_app.holdings import lookup, titles
from requests_app.models import ElectronicPackage
from requests_app.verification import kbart, records
from requests_app.verification.records import Access, Record
from requests_app.verification.sources import SOURCES, Settings, own_electronic
from requests_app.verification.web import Web
from tests import factories as f

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
PROXY = "https://proxy.river.example/login?url="
ARTICLE = Record(kind="article", title="Oak Galls", part_title="On galls", issn="0378-5955", year="2010")


@pytest.fixture(autouse=True)
def proxy(db):
    f.institution(proxy=PROXY)


def row(title="Oak Galls", **cells) -> dict:
    given = {"publication_title": title, "print_identifier": "0378-5955", "online_identifier": "2434-0561",
             "date_first_issue_online": "1998", "title_url": "https://read.example/oak"}
    return given | cells


def package(*rows: dict, **fields) -> ElectronicPackage:
    one = ElectronicPackage.objects.create(**({"name": "Oak Complete", "generation": 1} | fields))
    lines = ["\t".join(kbart.COLUMNS), *("\t".join(cells.get(name, "") for name in kbart.COLUMNS) for cells in rows)]
    found = list(kbart.read(io.BytesIO("\n".join(lines).encode())).rows)
    assert all(isinstance(one, kbart.Row) for one in found), found
    titles.store(one.pk, 1, found)
    return one


def find(wanted=ARTICLE, **fields):
    return lookup.find(wanted.with_(**fields), today=TODAY)


def test_an_article_inside_coverage_has_a_link_through_the_proxy():
    package(row(embargo_info="P1Y"))
    assert find() == records.Answer(access=(Access(
        url=PROXY + "https://read.example/oak", way="licensed", name="Oak Complete",
        coverage="from 1998 on, not this calendar year", source="own_electronic"),))


def test_free_ones_and_packages_without_proxy_are_linked_as_they_are():
    package(row(access_type="F"))
    package(row(title_url="https://other.example/"), name="Elm", through_proxy=False)
    assert {(one.url, one.way) for one in find().access} == {
        ("https://read.example/oak", "free"), ("https://other.example/", "licensed")}


@pytest.mark.parametrize(("proxy", "url"), [
    (PROXY, PROXY + "https://a.example/?b=c"), ("", "https://a.example/?b=c"),
    ("https://p.example/login?qurl=", "https://p.example/login?qurl=https%3A%2F%2Fa.example%2F%3Fb%3Dc"),
    ("https://a.example/", "https://a.example/?b=c"),
])
def test_the_proxy_stands_before_the_address_once(proxy, url):
    assert lookup.proxied("https://a.example/?b=c", proxy) == url


def test_owned_but_embargoed_is_said_and_gives_no_link():
    package(row(embargo_info="P1Y"))
    found = find(year="2026")
    assert (found.access, found.links) == ((), ()) and found
    assert found.notes == ("Oak Complete: It is too new: an embargo leaves what appeared up to 2025-12-31.",)


def test_what_may_be_included_gets_a_note_and_a_link_to_look():
    package(row(embargo_info="P6M"))
    found = find(year="2025")
    assert found.access == () and "may be included or not" in found.notes[0]
    assert found.links[0].url == PROXY + "https://read.example/oak"


@pytest.mark.parametrize("fields", [
    {"issn": "2434-0561"}, {"issn": "", "issns": ("0000-0000", "03785955")}, {"issn": "", "title": "The Oak Galls"},
    {"issn": "", "title": "Галлы", "also": (("title", "Oak galls"),)}, {"issn": "0378-5955", "title": ""},
])
def test_either_issn_or_the_title_finds_it(fields):
    package(row())
    assert len(find(**fields).access) == 1


def test_a_title_with_another_issn_is_another_journal():
    package(row("Bulletin"))
    found = find(title="Bulletin", issn="0028-0836")
    assert found.access == () and "another ISSN (0378-5955, 2434-0561)" in found.notes[0]
    assert find(title="Bulletin", issn="").access


def test_two_spans_with_a_gap_between_and_two_packages():
    newer = row(date_first_issue_online="2005", title_url="https://read.example/new")
    package(row(date_last_issue_online="2001"), newer)
    package(row(date_first_issue_online="2003"), name="Elm")
    assert [one.name for one in find(year="2010").access] == ["Elm", "Oak Complete"]
    assert find(year="2010").access[1].url.endswith("/new")
    gap = find(year="2003")
    assert [one.name for one in gap.access] == ["Elm"] and "outside of what we have: 1998 – 2001" in gap.notes[0]


def test_what_does_not_count_is_not_found():
    package(row(), on=False)
    package(row(), name="Old", generation=2)
    assert not find()


BOOK = Record(kind="book", title="Middlemarch : a study", author="Eliot, George", isbn="9780306406157", year="1871")


def book(**cells) -> dict:
    given = {"publication_title": "Middlemarch", "publication_type": "Monograph", "first_author": "George Eliot",
             "online_identifier": "9780306406157", "date_monograph_published_print": "1871",
             "title_url": "https://read.example/mm"}
    return given | cells


@pytest.mark.parametrize(("cells", "wanted", "way"), [
    ({}, {}, "access"),
    ({"date_monograph_published_print": "1999"}, {}, "access"),  # the ISBN says which it is
    ({"online_identifier": ""}, {"isbn": ""}, "access"),
    ({"online_identifier": ""}, {}, "access"),
    ({"online_identifier": ""}, {"author": "Smith, John"}, ""),
    ({"online_identifier": "", "date_monograph_published_print": "1999"}, {}, "of 1999, which may be another edition"),
    ({"online_identifier": "", "monograph_edition": "3rd ed."}, {"edition": "2"}, "the edition “3rd ed.”"),
    ({"online_identifier": "", "monograph_edition": "2nd ed."}, {"edition": "2"}, "access"),
    ({"online_identifier": "", "first_author": ""}, {}, "look whether it is this one"),
    ({"monograph_volume": "2"}, {"volume": "Vol. 1"}, "Volume 2 is there"),
    ({"monograph_volume": "2"}, {"volume": "Vol. 2"}, "access"),
    ({"title_url": ""}, {}, "names no link"),
    ({"coverage_depth": "abstracts"}, {}, "Only abstracts"),
])
def test_books(cells, wanted, way):
    package(book(**cells))
    found = find(BOOK, **wanted)
    if way == "access":
        assert [one.url for one in found.access] == [PROXY + "https://read.example/mm"] and not found.notes
    else:
        assert found.access == () and (way in found.notes[0] if way else not found)


def test_a_chapter_is_in_the_book_and_an_article_is_not():
    package(book())
    assert find(BOOK, kind="chapter", part_title="Prelude").access
    assert not find(BOOK, kind="article", part_title="Prelude")


def test_the_source_asks_our_own_tables_and_no_network():
    package(row())
    one = SOURCES[own_electronic.OwnElectronic.code]
    assert one.local and one.can_ask(ARTICLE, Settings()) and not one.can_ask(Record(), Settings())
    web = Web(until=time.monotonic() + 5, agent="x")
    assert one.ask(ARTICLE, Settings(), web).access and web.calls == 0
    assert "No titles are loaded yet" in one.test(Settings(), web)
    ElectronicPackage.objects.update(titles=3)
    assert "3 titles are there, in 1 package" in one.test(Settings(), web)


def test_two_queries_however_much_is_found(django_assert_num_queries):
    for n in range(30):
        years = [f"{year}" for year in range(1990, 1995)]
        rows = [row(date_first_issue_online=year, date_last_issue_online=year) for year in years]
        package(*rows, name=f"P{n:02d}")
    with django_assert_num_queries(2):
        found = find(year="1992")
    assert len(found.access) == 20
    with django_assert_num_queries(1):
        find(title="No such", issn="")


def test_an_answer_with_notes_is_stored_and_read_again():
    answer = records.Answer(notes=("one", "two"))
    assert records.from_json(records.to_json(answer)) == answer
    assert records.from_json({}) == records.Answer() and not records.Answer()
