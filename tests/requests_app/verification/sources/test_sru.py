"""Catalogues by SRU: real servers of YAZ and Zebra, and servers of ours that answer as badly as some do."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illdesk.errors import AdapterError
from requests_app.verification.records import Answer, Record
from requests_app.verification.sources import SOURCES, cql, sru  # noqa: F401 - its sources enter themselves
from tests.conftest import SAMPLES
from tests.peers.raw import says, serving, silent
from tests.requests_app.verification.marcs import make, xml
from tests.requests_app.verification.sources.asking import at, web

pytestmark = pytest.mark.nodb
OWN, UNION = SOURCES["own_catalogue"], SOURCES["union_catalogue"]
_SRW, _OASIS = "http://www.loc.gov/zing/srw/", "http://docs.oasis-open.org/ns/search-ws/sruResponse"
_DIAGNOSTIC = '<diagnostic xmlns="http://www.loc.gov/zing/srw/diagnostic/"><uri>info:srw/diagnostic/1/{}</uri>' \
              "<details>{}</details><message>{}</message></diagnostic>"


def response(
    *data: str, hits: int | None = None, schema: str = "marcxml", more: str = "", namespace: str = _SRW
) -> str:
    records = "".join(
        f"<record><recordSchema>{schema}</recordSchema><recordData>{one}</recordData></record>" for one in data)
    count = len(data) if hits is None else hits
    return f'<searchRetrieveResponse xmlns="{namespace}"><numberOfRecords>{count}</numberOfRecords>' \
           f"<records>{records}</records>{more}</searchRetrieveResponse>"


def asked(got: list[bytes]) -> list[dict[str, str]]:
    """The parameters of each call."""
    lines = [one.split(b" ")[1].decode() for one in got if one]
    return [{name: values[0] for name, values in parse_qs(urlsplit(line).query).items()} for line in lines]


def by_server(source, wanted: Record, body, **options) -> tuple[Answer, list[dict[str, str]]]:
    with serving(says(body)) as (where, got):
        answer = source.ask(wanted, at(f"http://{where}/sru", **options), web())
    return answer, asked(got)


BOOK = xml(make("001 b1\n020 $a 9780471383147\n100 1 $a Doe, Jane.\n245 10 $a On wool : $b a history / $c Doe\n"
                "852 $b Main $c Stacks $h QA"))


# --- Real servers ----------------------------------------------------------------------------------

@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
def test_a_book_is_found_by_its_isbn(zebra_catalogue, version):
    found = OWN.ask(Record(isbn="9785170005550"), at(f"http://{zebra_catalogue}/Default", version=version), web())
    (record,), (held,) = found.records, found.held
    assert (record.title, record.year, record.source, record.source_id) == (
        "Voĭna i mir", "1999", "own_catalogue", "tolstoy-1")
    assert (held.name, held.location, held.call_number, held.ours) == (
        "Main Library", "Stacks", "PG3365 .V6 1999", True)


def test_a_journal_is_found_by_its_issn(zebra_catalogue):
    wanted = Record(kind="article", title="Nature", issn="0028-0836", part_title="A structure", year="1953")
    found = OWN.ask(wanted, at(f"http://{zebra_catalogue}/Default"), web())
    assert [record.forms("title") for record in found.records] == [("Nature", "Nature and science")]
    assert [held.volumes for held in found.held] == ["v.1 (1869)-"]


@pytest.mark.parametrize("title, number", [
    ("Война и мир", "tolstoy-1"), ("Voina i mir", "tolstoy-1"), ("源氏物語", "murasaki-1"),
    ("بين القصرين", "mahfouz-1"),
])
def test_a_title_is_found_in_its_own_script_and_without_accents(zebra_catalogue, title, number):
    found = UNION.ask(Record(title=title), at(f"http://{zebra_catalogue}/Default"), web(inside=False))
    assert [record.source_id for record in found.records] == [number]


def test_several_editions_are_several_records(zebra_catalogue):
    wanted = Record(title="On the origin of species : by means of natural selection", author="Darwin, Charles")
    found = OWN.ask(wanted, at(f"http://{zebra_catalogue}/Default"), web())
    assert sorted((record.year, record.edition) for record in found.records) == [
        ("1859", "1st ed."), ("1860", "2nd ed."), ("1872", "6th ed.")]


def test_an_author_tells_two_of_one_title_apart(zebra_catalogue):
    nobody = Record(title="On the origin of species", author="Wallace, Alfred")
    by_title_alone = OWN.ask(nobody, at(f"http://{zebra_catalogue}/Default"), web())
    assert len(by_title_alone.records) == 3  # the title alone is asked for at last: names are spelt in many ways
    assert OWN.ask(Record(title="No such book"), at(f"http://{zebra_catalogue}/Default"), web()) == Answer()


def test_dublin_core_is_read(zebra_catalogue):
    found = OWN.ask(Record(isbn="9785170005550"), at(f"http://{zebra_catalogue}/Default", schema="dc"), web())
    assert [(record.title, record.isbn, record.year) for record in found.records] == [
        ("Voĭna i mir / L.N. Tolstoĭ".partition(" / ")[0], "9785170005550", "1999")]


def test_the_test_button_says_who_answered(zebra_catalogue):
    said = OWN.test(at(f"http://{zebra_catalogue}/Default"), web())
    assert said.startswith("Catalogue of the tests answers: ")
    said = OWN.test(at(f"http://{zebra_catalogue}/Default", schema="info:srw/schema/1/dc-v1.1"), web())
    assert said.endswith("It offers these record schemas: marcxml, dc.")


def test_yaz_answers_and_what_it_refuses_is_a_sentence(ztest):
    found = OWN.ask(Record(title="computer"), at(f"http://{ztest}/Default"), web())
    assert found.records[0].title == "How to program a computer"
    with pytest.raises(AdapterError, match="refuses the question: System error in retrieving records"):
        OWN.ask(Record(title="computer"), at(f"http://{ztest}/Default", schema="nonsense"), web())


@pytest.mark.skipif(not (SAMPLES / "marc").is_dir(), reason="samples are not here")
def test_of_many_hits_ten_are_taken_and_the_rest_is_counted(zebra_catalogue):
    found = OWN.ask(Record(title="Programming Python"), at(f"http://{zebra_catalogue}/Default"), web())
    assert (len(found.records), found.more > 0) == (10, True)


# --- What is asked ---------------------------------------------------------------------------------

def test_numbers_are_asked_first_and_words_only_where_they_find_nothing():
    wanted = Record(isbn="9780471383147", title='On "wool" : a history', author="Doe, Jane; Roe")
    _answer, calls = by_server(OWN, wanted, response(hits=0))
    assert [call["query"] for call in calls] == [
        'bath.isbn = "9780471383147" or bath.isbn = "0471383147"',
        'dc.title all "On wool" and dc.creator all "Doe"',
        'dc.title all "On wool"',
    ]
    assert calls[0] | {"query": ""} == {
        "query": "", "version": "1.2", "operation": "searchRetrieve", "recordPacking": "xml", "recordSchema": "marcxml",
        "maximumRecords": "10",
    }
    _answer, calls = by_server(OWN, wanted, response(BOOK), version="2.0")
    assert len(calls) == 1 and calls[0]["recordXMLEscaping"] == "xml" and "operation" not in calls[0]


def test_alma_is_known_by_its_address_and_other_names_can_be_set():
    with serving(says(response(hits=0))) as (where, got):
        OWN.ask(Record(title="Wool", author="Doe", oclc="12"), at(f"http://{where}/view/sru/01INST"), web())
        OWN.ask(Record(title="Wool", lccn="99"), at(f"http://{where}/sru", index_title="x.t", index_lccn="-"), web())
    assert [call["query"] for call in asked(got)] == [
        'alma.oclc_control_number_035_a = "12"', 'alma.title all "Wool" and alma.creator all "Doe"',
        'alma.title all "Wool"', 'x.t all "Wool"',
    ]


def test_of_more_editions_than_can_be_fetched_those_of_the_year_come_first():
    editions = [xml(make(f"001 e{year}\n008 981122s{year}    enk\n245 10 $a Wool")) for year in range(1990, 2000)]
    old = xml(make("001 e1950\n008 981122s1950    enk\n245 10 $a Wool"))

    def answer(connection, question):
        narrowed = b"dc.date" in question
        says(response(old) if narrowed else response(*editions, hits=30))(connection, question)

    with serving(answer) as (where, _got):
        found = OWN.ask(Record(title="Wool", year="1950"), at(f"http://{where}/sru"), web())
    assert (found.records[0].year, len(found.records), found.more) == ("1950", 10, 20)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_one_quoted_term(text):
    term = cql.term(text)
    inner = term[1:-1].replace("\\\\", "").replace('\\"', "").replace("\\*", "").replace("\\?", "").replace("\\^", "")
    assert term[0] == term[-1] == '"'
    assert not set('"\\*?^') & set(inner)


def test_what_was_typed_cannot_leave_its_place():
    _answer, calls = by_server(OWN, Record(title='x" or alma.title = "*', oclc=""), response(hits=0))
    assert calls[0]["query"] == 'dc.title all "x or alma title \\*"'


def test_without_a_number_or_a_title_nobody_is_asked():
    assert not OWN.can_ask(Record(author="Doe"), at("http://x/"))
    assert not OWN.can_ask(Record(title="Wool"), at(""))
    assert OWN.can_ask(Record(issn="0028-0836"), at("http://x/"))


# --- Whose shelves ---------------------------------------------------------------------------------

def test_our_own_catalogue_is_ours_and_a_union_catalogue_is_not():
    own, _calls = by_server(OWN, Record(title="On wool"), response(BOOK), page="https://example.org/r/{id}")
    assert [(held.ours, held.symbol, held.symbol_type, held.url) for held in own.held] == [
        (True, "Main", "LOCAL", "https://example.org/r/b1")]
    assert own.records[0].url == "https://example.org/r/b1"
    lent = xml(make("001 b1\n245 10 $a On wool\n924 0 $b DE-1 $d c\n924 0 $b DE-2 $d d"))
    union, _calls = by_server(UNION, Record(title="On wool"), response(lent))
    assert [(held.ours, held.symbol, held.lendable) for held in union.held] == [
        (False, "DE-1", True), (False, "DE-2", False)]
    bare = xml(make("001 b1\n245 10 $a On wool"))
    one, _calls = by_server(UNION, Record(title="On wool"), response(bare), name="Town Library", symbol="ISIL:DE-9")
    assert [(held.name, held.symbol, held.symbol_type, held.available) for held in one.held] == [
        ("Town Library", "DE-9", "ISIL", None)]


def test_opac_records_over_sru_say_what_is_on_the_shelf():
    opac = f"<opacRecord><bibliographicRecord>{BOOK}</bibliographicRecord><holdings><holding><localLocation>Main" \
           "</localLocation><callNumber>QA</callNumber><circulations><circulation><availableNow value='0'/>" \
           "<availabilityDate>2026-01-05</availabilityDate></circulation></circulations></holding></holdings></opacRecord>"
    found, _calls = by_server(OWN, Record(title="On wool"), response(opac, schema="opac"), schema="opacxml")
    assert [(held.name, held.available, held.note) for held in found.held] == [("Main", False, "2026-01-05")]
    assert [record.isbn for record in found.records] == ["9780471383147"]


# --- Bad answers -----------------------------------------------------------------------------------

def test_records_sent_as_text_are_read_too():
    import html

    text = html.escape('<?xml version="1.0" encoding="ISO-8859-1"?>' + BOOK.replace("history", "Größe"))
    found, _calls = by_server(OWN, Record(title="On wool"), response(text, namespace=_OASIS))
    assert [record.title for record in found.records] == ["On wool : a Größe"]


@pytest.mark.parametrize("schema", ["info:srw/schema/1/diagnostics-v1.1", "marcxml", ""])
def test_where_no_record_can_be_given_the_reason_is_said(schema):
    surrogate = _DIAGNOSTIC.format(64, "", "Record temporarily unavailable")
    with pytest.raises(AdapterError, match="Record temporarily unavailable"):
        by_server(OWN, Record(title="On wool"), response(surrogate, schema=schema))


def test_a_diagnostic_in_place_of_a_record_leaves_only_that_one_out():
    surrogate = _DIAGNOSTIC.format(64, "", "Record temporarily unavailable")
    mixed = response(BOOK, hits=2).replace(
        "</records>", f"<record><recordSchema>info:srw/schema/1/diagnostics-v1.1</recordSchema><recordData>{surrogate}"
                      "</recordData></record></records>")
    found, _calls = by_server(OWN, Record(title="On wool"), mixed)
    assert (len(found.records), found.more) == (1, 1)


@pytest.mark.parametrize("more, words, permanent", [
    (_DIAGNOSTIC.format(66, "nonsense", "Unknown schema"), "Unknown schema: nonsense", True),
    (_DIAGNOSTIC.format(1, "", "General system error"), "General system error", False),
    (_DIAGNOSTIC.format(16, "bath.isbn", "Unsupported index"), "Unsupported index: bath.isbn", True),
])
def test_a_diagnostic_is_a_sentence(more, words, permanent):
    with pytest.raises(AdapterError, match=words) as refused:
        by_server(OWN, Record(title="On wool"), response(hits=0, more=f"<diagnostics>{more}</diagnostics>"))
    assert refused.value.permanent is permanent


def test_an_index_that_the_server_lacks_is_passed_over():
    why = _DIAGNOSTIC.format(16, "bath.isbn", "Unsupported index")
    lacks = response(hits=0, more=f"<diagnostics>{why}</diagnostics>")

    def answer(connection, question):
        says(lacks if b"bath.isbn" in question else response(BOOK))(connection, question)

    with serving(answer) as (where, _got):
        found = OWN.ask(Record(isbn="9780471383147", title="On wool"), at(f"http://{where}/sru"), web())
    assert [record.title for record in found.records] == ["On wool : a history"]


@pytest.mark.parametrize("body, words", [
    ("<!DOCTYPE html><html><p>Sign in<br></html>", "not XML"),
    ("<html><body>Sign in</body></html>", "not one of an SRU"),
    (response(BOOK)[:400], "not XML"), ("", "not XML"),
    (b'<?xml version="1.0" encoding="utf-8"?><a>\xff\xfe</a>', "not XML"),
    ('<!DOCTYPE a [<!ENTITY b "x">]><searchRetrieveResponse>&b;</searchRetrieveResponse>', None),
])
def test_what_is_no_answer_is_said_to_be_none(body, words):
    if words is None:  # entities are not followed; what is left has no hits
        assert by_server(OWN, Record(title="On wool"), body)[0] == Answer()
        return
    with pytest.raises(AdapterError, match=words):
        by_server(OWN, Record(title="On wool"), body)


def test_a_wrong_encoding_inside_a_record_costs_that_record_nothing_but_its_accents():
    body = response(BOOK.replace("history", "Größe")).encode("latin-1")
    body = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + body
    found, _calls = by_server(OWN, Record(title="On wool"), body)
    assert found.records[0].title == "On wool : a Größe"


def test_fifty_megabytes_are_not_read():
    def endless(connection, _asked):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
        for _chunk in range(50):
            connection.sendall(b"x" * 1024 * 1024)

    started = time.monotonic()
    with serving(endless) as (where, _got), pytest.raises(AdapterError, match="longer than"):
        OWN.ask(Record(title="On wool"), at(f"http://{where}/sru"), web())
    assert time.monotonic() - started < 4


def test_a_server_that_hangs_is_left_when_the_time_is_over():
    asking = web(seconds=0.5)
    started = time.monotonic()
    with serving(silent) as (where, _got), pytest.raises(AdapterError) as refused:
        OWN.ask(Record(title="On wool"), at(f"http://{where}/sru"), asking)
    assert time.monotonic() - started < 3
    assert not refused.value.permanent and asking.fared == {}, "half a second says nothing about a server"


def test_a_server_that_hangs_up_is_said_to_have_done_so():
    with serving(lambda _connection, _asked: None) as (where, _got), pytest.raises(AdapterError) as refused:
        OWN.ask(Record(title="On wool"), at(f"http://{where}/sru"), web())
    assert not refused.value.permanent


def test_a_union_catalogue_inside_our_network_is_refused_and_our_own_is_not(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    assert OWN.inside and not UNION.inside
    with serving(says(response(BOOK))) as (where, got):
        with pytest.raises(AdapterError, match="private network"):
            UNION.ask(Record(title="On wool"), at(f"http://{where}/sru"), web(inside=UNION.inside))
        assert got == []
        assert OWN.ask(Record(title="On wool"), at(f"http://{where}/sru"), web(inside=OWN.inside)).records


@pytest.mark.skipif(not (SAMPLES / "sru").is_dir(), reason="samples are not here")
def test_gvi_answers_with_the_libraries_that_hold_it():
    body = (SAMPLES / "sru" / "responses" / "gvi_sru_response_3.xml").read_bytes()
    found, _calls = by_server(UNION, Record(isbn="9780071628600"), body, version="1.1")
    assert [record.title.partition(" : ")[0] for record in found.records] == ["Oracle RMAN 11g backup and recovery"]
    assert [held.symbol for held in found.held] == ["DE-89", "DE-468", "DE-Kob7"]


@pytest.mark.parametrize("isbn", ["9780555550104", "978055555001X", "978", "x" * 40])
def test_a_wrong_isbn_is_asked_for_as_it_is(isbn):
    _answer, questions = by_server(OWN, Record(isbn=isbn, title="On wool"), response(BOOK))
    assert isbn in questions[0]["query"]


# --- What is online --------------------------------------------------------------------------------

def _journal(number: str, title: str, issn: str, *electronic: str) -> str:
    return xml(make("\n".join([f"001 {number}", f"022 $a {issn}", f"245 00 $a {title}", *electronic])))


TIDES = _journal(
    "j1", "Marine letters", "2345-6787",
    "AVE $m Oak Complete $u https://oak.example/ $s Available from 1998 until 2010",
    "AVE $m Elm $u https://elm.example/ $s Available from 2012", "AVE $m Ash $u https://ash.example/ $s Some years",
)
OTHER = _journal(
    "j2", "Marine letters of Oslo", "1357-2466", "AVE $m Fir $u https://fir.example/ $s Available from 2012"
)
WANTED = Record(kind="article", title="Marine letters", issn="2345-6787", part_title="Tides", year="2005")


def test_what_is_online_belongs_to_its_record():
    found, _asked = by_server(OWN, WANTED, response(TIDES, OTHER))
    assert {(row.record_id, row.source) for row in found.access} == {("j1", "own_catalogue")}
    late, _asked = by_server(OWN, WANTED.with_(year="2015"), response(TIDES, OTHER))
    assert [(row.name, row.record_id) for row in late.access] == [("Elm", "j1"), ("Ash", "j1"), ("Fir", "j2")]


def test_a_journal_is_online_only_for_the_years_of_its_coverage():
    found, _asked = by_server(OWN, WANTED, response(TIDES, OTHER))
    assert [(row.name, row.coverage) for row in found.access] == [
        ("Oak Complete", "Available from 1998 until 2010"), ("Ash", "Some years")]
    assert found.notes == ("Elm is ours, but not for this date: Available from 2012",), "nothing of another journal"
    assert found.held == ()
    early, _asked = by_server(OWN, WANTED.with_(year="1990"), response(OTHER, TIDES), name="Hill")
    assert [row.name for row in early.access] == ["Ash"] and early.held == (), "what is online stands on no shelf"


def test_where_nobody_knows_the_year_a_person_can_look():
    found, _asked = by_server(OWN, WANTED.with_(year=""), response(TIDES))
    assert [row.name for row in found.access] == ["Ash"]
    assert [(row.label, row.url) for row in found.links] == [
        ("Oak Complete", "https://oak.example/"), ("Elm", "https://elm.example/")]
    assert found.notes[0].startswith("Oak Complete: It may be included or not")


def test_records_without_a_number_are_told_apart():
    nameless = xml(make("245 10 $a On wool\n852 $b Main $h QA"))
    found, _asked = by_server(OWN, Record(title="On wool"), response(nameless, nameless.replace("wool", "flax")))
    assert [record.source_id for record in found.records] == [held.record_id for held in found.held] == ["#1", "#2"]
