"""Links of databases and search pages: 1.0, 0.1, both at once, XML, and what was forgotten to be encoded."""

import re
import time

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.exchange import openurl
from requests_app.exchange.openurl import context
from requests_app.verification import identifiers
from requests_app.verification.records import Record
from tests.conftest import SAMPLES

pytestmark = pytest.mark.nodb

KEV = (
    "url_ver=Z39.88-2004&ctx_ver=Z39.88-2004&rft_val_fmt=info%3Aofi%2Ffmt%3Akev%3Amtx%3Ajournal&rft.genre=article"
    "&rft.atitle=On+the+Lake&rft.jtitle=Water+Today&rft.aulast=Mir%C3%B3&rft.aufirst=Ana&rft.date=2019-03-01"
    "&rft.volume=12&rft.issue=3&rft.spage=45&rft.epage=67&rft.issn=13688375&rft_id=info:doi/10.1234/W.1"
    "&rft_id=info:pmid/9036860&rft_id=http://www.worldcat.org/oclc/2416076&rfr_id=info:sid/example.org:db"
)
LAKE = {
    "title": "Water Today", "part_title": "On the Lake", "part_author": "Miró, Ana", "year": "2019", "volume": "12",
    "issue": "3", "pages": "45-67", "issn": "1368-8375", "doi": "10.1234/w.1", "pmid": "9036860", "oclc": "2416076",
}


def said(query) -> dict:
    return openurl.read(query).record.filled()


def test_a_1_0_link():
    wanted = openurl.read(KEV)
    assert (wanted.record.kind, wanted.record.filled()) == ("article", LAKE)
    assert (wanted.version, wanted.sid, wanted.references, wanted.ids) == ("1.0", "example.org:db", (), ())


def test_the_same_as_a_form_a_whole_address_or_bytes():
    assert said(QueryDict(KEV)) == LAKE
    assert said(dict(QueryDict(KEV).lists())) == LAKE
    assert said("https://resolver.example.edu/resolve?" + KEV) == LAKE
    assert said(KEV.encode()) == LAKE
    assert said("?" + KEV.replace("&", "&amp;")) == LAKE


def test_a_0_1_link():
    wanted = openurl.read(
        "sid=google&auinit=CM&aulast=Chiesa&atitle=Systematic+review&id=doi:10.1016/j.x.2020.1&id=pmid:12"
        "&title=Oral+oncology&volume=108&date=2020&spage=104844&issn=1368-8375&pid=private"
    )
    assert (wanted.version, wanted.sid, wanted.record.kind) == ("0.1", "google", "article")
    assert wanted.record.filled() == {
        "title": "Oral oncology", "part_title": "Systematic review", "part_author": "Chiesa, CM", "year": "2020",
        "volume": "108", "pages": "104844", "issn": "1368-8375", "doi": "10.1016/j.x.2020.1", "pmid": "12",
    }


def test_a_link_that_says_everything_in_both_ways_says_it_once():
    both = openurl.read("genre=article&atitle=T&title=J&aulast=B&auinit=J&rft.atitle=T&rft.jtitle=J&rft.aulast=B"
                        "&rft.auinit=J&url_ver=Z39.88-2004")
    assert (both.record.part_author, both.record.part_title, both.record.title) == ("B, J", "T", "J")


@pytest.mark.parametrize("query,kind", [
    ("rft.genre=book&rft.btitle=B", "book"),
    ("rft_val_fmt=info:ofi/fmt:kev:mtx:book&rft.title=B", "book"),
    ("genre=bookitem&atitle=C&title=B", "chapter"),
    ("genre=book&atitle=C&title=B&isbn=9780141439549", "chapter"),
    ("genre=book&atitle=The+Book&title=The+book+:+with+a+subtitle", "book"),
    ("genre=book&atitle=The+Book&title=", "book"),
    ("genre=proceeding&atitle=P&title=Proc", "conference"),
    ("rft_val_fmt=info:ofi/fmt:kev:mtx:dissertation&rft.title=T&rft.inst=U", "thesis"),
    ("genre=dissertations+%26+theses&title=T", "thesis"),
    ("title=T&rft.degree=PhD", "thesis"),
    ("rft_val_fmt=info:ofi/fmt:kev:mtx:patent&rft.title=T&rft.number=6285999&rft.cc=US&rft.kind=B1", "patent"),
    ("genre=report&title=R", "report"),
    ("rft.genre=newspaper_article&rft.atitle=H&rft.jtitle=N&rft.date=2011-10-21", "newspaper"),
    ("genre=unknown&isbn=9780141439549&title=B", "book"),
    ("genre=journal&issn=13688375", "article"),
    ("id=doi:10.1234/x", "article"),
    ("atitle=A&title=J&volume=3", "article"),
    ("title=Something", "book"),
    ("", ""),
])
def test_what_kind_it_is(query, kind):
    assert openurl.read(query).record.kind == kind


def test_books_chapters_theses_patents_newspapers_in_their_fields():
    assert said("rft.genre=book&rft.btitle=Dust&rft.au=Ko,+A&rft.au=Li,+B&rft.pub=Oak&rft.place=Rome&rft.edition=2nd"
                "&rft.isbn=0-330-28498-3&rft.eisbn=9780141439549&rft.series=S&rft.tpages=300&rft.spage=7") == {
        "title": "Dust", "author": "Ko, A; Li, B", "publisher": "Oak", "place": "Rome", "edition": "2nd",
        "series": "S", "isbn": "9780330284981",
    }
    assert said("genre=bookitem&atitle=One&title=Dust&aulast=Ko&aufirst=A&spage=7&epage=9") == {
        "title": "Dust", "part_title": "One", "part_author": "Ko, A", "pages": "7-9",
    }
    thesis = "rft_val_fmt=info:ofi/fmt:kev:mtx:dissertation&rft.title=T&rft.inst=U&rft.degree=PhD&rft.date=1997"
    assert said(thesis) == {
        "title": "T", "publisher": "U", "degree": "PhD", "year": "1997",
    }
    assert said("rft_val_fmt=info:ofi/fmt:kev:mtx:patent&rft.title=T&rft.number=6285999&rft.cc=US&rft.kind=B1"
                "&rft.invlast=Page&rft.invfirst=L") == {
        "title": "T", "document_number": "US 6285999 B1", "author": "Page, L",
    }
    paper = openurl.read("genre=newspaper&atitle=H&title=N&date=2011-10-21").record
    assert (paper.issue, paper.year) == ("2011-10-21", "2011")


@pytest.mark.parametrize("query,name,value", [
    ("??genre=article&atitle=x+y", "part_title", "x y"),
    ("resolve?atitle=with literal spaces&volume=3", "part_title", "with literal spaces"),
    ("genre=article&title=Hospitality & Tourism Review&volume=3", "title", "Hospitality & Tourism Review"),
    ("genre=article&title=Hospitality & Tourism Review=&volume=3", "title", "Hospitality & Tourism Review"),
    ("atitle=City&ndash; A Prosecutor&rsquo;s Office&volume=3", "part_title", "City– A Prosecutor’s Office"),
    ("atitle=Fish%20%26amp%3B%20chips&volume=1", "part_title", "Fish & chips"),
    ("ctx_enc=info:ofi/enc:ISO-8859-1&rft.atitle=M%FCller&rft.volume=1", "part_title", "Müller"),
    ("ctx_enc=info:ofi/enc:ISO-8859-1&rft.atitle=M%C3%BCller&rft.volume=1", "part_title", "Müller"),
    ("atitle=M\u00c3\u00bcller&volume=1", "part_title", "Müller"),
    ("atitle=Müller&volume=1", "part_title", "Müller"),
    ("atitle=学术&volume=1", "part_title", "学术"),
    ("title=\\u6cd5\\u5236&atitle=x&volume=1", "title", "法制"),
    ("atitle=H<sub>2</sub>O+and+<i>E.+coli</i>+a+<+b&volume=1", "part_title", "H2O and E. coli a < b"),
    ("atitle=a%00b%01c&volume=1", "part_title", "abc"),
    ("issn=13688375@@@edsdnp&genre=article", "issn", "1368-8375"),
    ("rft.eissn=9780520228900&rft.genre=book", "isbn", "9780520228900"),
    ("rft_id=info:doi/https://doi.org/10.5325/x.18.3.0207", "doi", "10.5325/x.18.3.0207"),
    ("rft.lccn=77913014//r862", "lccn", "77913014"),
    ("issue=.+11&volume=8&genre=article", "issue", "11"),
    ("date=20170101&genre=article", "year", "2017"),
    ("date=c1993.&genre=book", "year", "1993"),
    ("date=forthcoming&genre=book", "year", "forthcoming"),
    ("pages=pp.+434%E2%80%93441&genre=article", "pages", "434-441"),
    ("spage=5&epage=5&genre=article", "pages", "5"),
    ("artnum=ARTN+828860&genre=article", "pages", "828860"),
    ("spage=No-No+Pagination+Specified&genre=article&atitle=x", "part_title", "x"),
    ("aulast=Dietz,+Aimee&genre=book", "author", "Dietz, Aimee"),
    ("au=Kho,+A;Tar,+P&genre=book", "author", "Kho, A; Tar, P"),
    ("aulast=Damonte&aufirst=EB&au=Damonte,+E.B.&au=Matulewicz,+MC&genre=book", "author",
     "Damonte, EB; Matulewicz, MC"),
    ("aucorp=American+Federation+of+Teachers&genre=book", "author", "American Federation of Teachers"),
    ("sid=FirstSearch:WorldCat&pid=856870157<fssessid>0</fssessid>&genre=book", "oclc", "856870157"),
])
def test_what_links_in_the_world_look_like(query, name, value):
    assert getattr(openurl.read(query).record, name) == value


def test_what_is_no_number_of_its_kind_stays_out_of_the_field():
    wanted = openurl.read("genre=article&issn=edsupa&atitle=x&isbn=&rft_id=info:doi/&rft_id=info:eric/EJ812")
    assert wanted.record.filled() == {"part_title": "x"} and wanted.ids == ("info:eric/EJ812",)
    wrong = openurl.read("genre=book&title=x&isbn=9780141439548")
    assert wrong.record.isbn == "" and wrong.ids == ("ISBN 9780141439548",)


def test_a_title_in_two_scripts_is_also_each_of_them():
    record = openurl.read("genre=article&title=法制与社会+/+Legal+System+and+Society&volume=1").record
    assert record.title == "法制与社会 / Legal System and Society"
    assert record.forms("title")[1:] == ("法制与社会", "Legal System and Society")


def test_the_article_that_refers_to_it_is_not_what_is_wanted():
    assert said("rft.btitle=A&rft.genre=book&rfe.btitle=B&rfe.isbn=0262531283&rfe_id=urn:isbn:0262531283") == {
        "title": "A"
    }


def test_who_asks_and_where_to_pick_up_is_told_apart_from_the_work():
    wanted = openurl.read("rft.btitle=A&req_id=mailto:me@x.example&svc.pickupLocation=MAIN&svc.fulltext=yes")
    assert (wanted.requester, wanted.pickup, wanted.services) == ("mailto:me@x.example", "MAIN", ("fulltext",))


# --- XML, by value and by reference ---------------------------------------------------------------------------

CTX = """<?xml version="1.0" encoding="UTF-8"?>
<ctx:context-objects xmlns:ctx="info:ofi/fmt:xml:xsd:ctx"><ctx:context-object><ctx:referent>
<ctx:identifier>info:doi/10.1234/w.1</ctx:identifier><ctx:metadata-by-val>
<ctx:format>info:ofi/fmt:xml:xsd:journal</ctx:format><ctx:metadata>
<rft:journal xmlns:rft="info:ofi/fmt:xml:xsd:journal"><rft:authors><rft:author><rft:aulast>Miró</rft:aulast>
<rft:aufirst>Ana</rft:aufirst></rft:author><rft:author><rft:au>Li, Bo</rft:au></rft:author></rft:authors>
<rft:atitle>On the Lake &amp; beyond</rft:atitle><rft:jtitle>Water Today</rft:jtitle><rft:date>2019</rft:date>
<rft:volume>12</rft:volume></rft:journal></ctx:metadata></ctx:metadata-by-val></ctx:referent>
<ctx:referring-entity><ctx:identifier>info:doi/10.9999/other</ctx:identifier></ctx:referring-entity>
<ctx:referrer><ctx:identifier>info:sid/portal.example:db</ctx:identifier></ctx:referrer>
</ctx:context-object></ctx:context-objects>"""
IN_XML = {
    "title": "Water Today", "part_title": "On the Lake & beyond", "part_author": "Miró, Ana; Li, Bo", "year": "2019",
    "volume": "12", "doi": "10.1234/w.1",
}


def test_a_context_object_by_value():
    wanted = openurl.read({"url_ctx_fmt": "info:ofi/fmt:xml:xsd:ctx", "url_ctx_val": CTX})
    assert (wanted.record.filled(), wanted.sid, wanted.record.kind) == (IN_XML, "portal.example:db", "article")


def test_what_lies_elsewhere_is_told_and_not_fetched():
    wanted = openurl.read("url_ctx_ref=https://portal.example/ctx/1&url_ctx_fmt=info:ofi/fmt:xml:xsd:ctx&rft.volume=99"
                          "&rft_ref=http://portal.example/2&rft_ref_fmt=info:ofi/fmt:kev:mtx:journal&rft_ref=ftp://x/y")
    assert wanted.references == (
        openurl.Reference("https://portal.example/ctx/1", "info:ofi/fmt:xml:xsd:ctx"),
        openurl.Reference("http://portal.example/2", "info:ofi/fmt:kev:mtx:journal"),
    )
    filled = openurl.with_reference(wanted, CTX.encode())
    assert filled.record.filled() == IN_XML | {"volume": "99"} and filled.references == ()
    assert openurl.with_reference(openurl.Wanted(Record()), KEV.encode()).record.filled() == LAKE


@pytest.mark.parametrize("content", [
    b"", b"<", b"<html><body>Sign in</body></html>", b"\x00\xff\xfe", b"<a>" * 50_000, CTX.encode("utf-16"),
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><referent>&b;</referent>',
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><c xmlns="info:ofi/fmt:xml:xsd:ctx"><referent><journal>'
    b"<atitle>&a;</atitle></journal></referent></c>",
])
def test_hostile_or_broken_xml_fills_nothing_by_force(content):
    record = openurl.with_reference(openurl.Wanted(Record(volume="1")), content).record
    assert record.volume == "1" and "root:" not in record.part_title and "aaaa" not in str(record)


def nested(deep: int, leaves: int) -> str:
    return "<referent>" + "<journal>" * deep + "<a>x</a>" * leaves + "</journal>" * deep + "</referent>"


def test_works_within_works_are_read_once():
    wanted = context.read("<referent><book><btitle>Dust</btitle><article><atitle>Ash</atitle></article></book>"
                          "</referent>")
    assert wanted == ([("rft_val_fmt", "info:ofi/fmt:kev:mtx:book"), ("rft.btitle", "Dust"), ("rft.atitle", "Ash")], [])
    pairs, _references = context.read(nested(80, 1000))
    assert len(pairs) == context.MOST_PAIRS
    authors = "<book>" + "<author>" * 200 + "x" * 40_000 + "</author>" * 200 + "</book>"
    assert [key for key, _value in context.read(authors)[0]] == ["rft_val_fmt"]


def test_of_all_xml_together_fifty_thousand_bytes_are_read():
    lake = "<book>" + " " * 40_000 + "<btitle>Lake</btitle></book>"
    wanted = openurl.read({"rft_val": [lake, lake.replace("Lake", "Sea"), "<book><series>x</series></book>"]})
    assert (wanted.record.title, wanted.record.series) == ("Lake", "")
    assert openurl.read({"rft_val": "<book>" + " " * 50_000 + "<btitle>Lake</btitle></book>"}).record.title == ""


@pytest.mark.parametrize("said", [
    {"url_ctx_val": nested(80, 1000)},
    {"url_ctx_val": "<referent>" + "<location/>" * 4500 + "</referent>"},
    {"url_ctx_val": [nested(80, 1000)] * 40},
    {"au": [";".join(f"{a}{b}{n}" for a in "abcdefghij" for b in "klmnopqrst" for n in range(9))] * 40},
    {"au": [f"name{n}" for n in range(4000)]},
    {"aucorp": [f"{n} " + "ab cd ef gh " * 330 for n in range(400)]}, {"aulast": [f"x{n}" for n in range(400)]},
    {"rft_val_fmt": "info:ofi/fmt:kev:mtx:dc", "genre": "article", "title": "x", "source": "x vol 1 p 1 " * 330},
    {"rft_val": "<dc><type>article</type><title>x</title><source>" + "x vol 1 p 1 " * 4000 + "</source></dc>"},
    {"url_ctx_val": ["&".join(f"au={n}x{k}" for n in range(400)) for k in range(400)]},
    {"rft_id": ["9" * 4000] * 400}, {"issn": ["1234-5678 " * 400] * 400}, {"title": "<" * 1_000_000},
    {"rft_id": ["10." * 1300] * 400}, {"id": ["978-" * 1000] * 400},
], ids=lambda said: next(iter(said)))
def test_what_a_stranger_sends_is_read_within_a_moment(said):
    began = time.thread_time()
    openurl.read(said)
    assert time.thread_time() - began < 3  # a few hundredths; minutes where something grows with the square


def sample(name: str) -> str:
    path = SAMPLES / "openurl" / name
    if not path.exists():
        pytest.skip("samples are not here")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name,wanted", [
    ("ruby_openurl_yu.xml", {"title": "Optics letters", "part_author": "Yu, Qinrong; Bao, Xiaoyi; Chen, Liang",
                             "pmid": "14719646", "doi": "10.1364/ol.29.000017", "volume": "29", "pages": "17/18"}),
    ("ruby_openurl_dc_ctx.xml", {"title": "American Journal of Sociology", "volume": "112", "pages": "953-1007",
                                 "part_author": "Robert S. Jansen", "year": "2007", "doi": "10.1086/508789"}),
    ("ruby_openurl_marc_ctx.xml", {"title": "Arithmetic", "author": "Sandburg, Carl; Rand, Ted", "year": "1993",
                                   "isbn": "9780152038656", "lccn": "92005291", "edition": "1st ed."}),
    ("ruby_openurl_scholarly_au_ctx.xml", {"title": "The adventures of Tom Sawyer", "author": "Twain, Mark",
                                           "oclc": "2416076", "lccn": "34025476"}),
])
def test_context_objects_of_portals(name, wanted):
    text = sample(name)
    for record in (
        openurl.read({"url_ctx_fmt": "info:ofi/fmt:xml:xsd:ctx", "url_ctx_val": text}).record,
        openurl.with_reference(openurl.Wanted(Record()), text.encode()).record,
    ):
        assert {field: getattr(record, field) for field in wanted} == wanted


# --- real links ----------------------------------------------------------------------------------------------


def real() -> list[str]:
    return [line for name in ("nyu_100_random_openurls.txt", "nyu_500_random_openurls.txt")
            for line in sample(name).splitlines() if line.strip()]


def test_every_real_link_gives_a_sensible_record():
    lines = real()
    assert len(lines) >= 600
    for line in lines:
        wanted = openurl.read(line)
        record = wanted.record
        filled = record.filled()
        assert record.kind in ("article", "book", "chapter", "thesis", "conference", "other"), line
        assert {"title", "part_title", "doi", "pmid", "issn"} & set(filled), line
        assert re.fullmatch(r"\d{4}|", record.year), line
        for kind in ("doi", "isbn", "issn", "oclc", "lccn", "pmid"):
            number = getattr(record, kind)
            assert not number or identifiers.explain(kind, number) == "", line
            assert identifiers.normal(kind, number) == number
        for value in filled.values():
            assert not re.search(r"\\u[0-9a-f]{4}|&amp;|%[0-9A-F]{2}|@@@|</?\w+>|[?&]\w+=|=$", value), (value, line)
        assert not re.search(r"[A-Za-z]{3}", record.volume) and not record.pages.startswith("-"), line
        title = re.search(r"[?&](?:rft\.)?atitle=([^&=]{12,60})(?:&\w|$)", line)
        if title and record.kind != "book" and "\\u" not in title[1] and "%" not in title[1] and "<" not in title[1]:
            assert record.part_title.startswith(" ".join(title[1].replace("+", " ").split())[:12]), line


def test_ten_of_them_exactly():
    """The first ten lines, read with the eye."""
    lines = sample("nyu_100_random_openurls.txt").splitlines()
    assert said(lines[0]) == {
        "title": "Smart Testing: Let's Get It Right", "author": "American Federation of Teachers",
        "publisher": "Am. Fed. Teach", "year": "2006",
    }
    assert said(lines[2]) == {
        "title": "Mayo Clinic Proceedings", "part_author": "JACOB, G", "year": "2005", "issn": "0025-6196",
        "volume": "80", "issue": "5", "pages": "611-614", "doi": "10.4065/80.5.611",
        "part_title": "Postural Pseudoanemia: Posture-Dependent Change in Hematocrit",
    }
    assert said(lines[3])["title"] == "法制与社会 / Legal System and Society"
    assert said(lines[4]) == {
        "title": "Computational Materials Science", "part_author": "Pei, Q.X.", "year": "2006", "volume": "37",
        "issue": "4", "pages": "434-441", "issn": "0927-0256", "doi": "10.1016/j.commatsci.2005.10.006",
        "part_title": "Nanometric cutting of copper: A molecular dynamics study",
    }
    assert said(lines[6])["oclc"] == "856870157"
    assert openurl.read(lines[4]).sid == "Elsevier:Scopus"


@settings(max_examples=300, deadline=None)
@given(st.one_of(
    st.text(max_size=200), st.binary(max_size=200),
    st.text(st.sampled_from("?&=+%;#<>/ 0aZéü学rft._idatle\\u"), max_size=120),
    st.dictionaries(st.sampled_from(["rft.date", "id", "rft_id", "issn", "au", "url_ctx_val", "rft_ref", "pages"]),
                    st.lists(st.text(max_size=40), max_size=3)),
))
def test_anything_is_read_without_an_error(query):
    wanted = openurl.read(query)
    assert all("\x00" not in value for value in wanted.record.filled().values())
    openurl.with_reference(wanted, query if isinstance(query, bytes) else str(query).encode("utf-8", "replace"))
