"""Catalogues by Z39.50: real servers of YAZ and Zebra, and servers that hang, hang up or say anything but Z39.50."""

import subprocess
import sys
import time
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illdesk.errors import AdapterError
from requests_app.verification.records import Answer, Record
from requests_app.verification.sources import SOURCES, pqf, z3950
from requests_app.verification.sources.catalogue import Found
from tests.conftest import SAMPLES
from tests.peers import zebra
from tests.peers.raw import says, serving, silent
from tests.peers.records import CATALOGUE
from tests.requests_app.verification.marcs import iso2709, make
from tests.requests_app.verification.sources.asking import at, web

pytestmark = pytest.mark.nodb
OWN, UNION = SOURCES["own_catalogue_z3950"], SOURCES["union_catalogue_z3950"]


# --- Real servers ----------------------------------------------------------------------------------

def test_opac_records_say_where_it_stands_and_that_it_is_there(ztest):
    asking = web()
    found = OWN.ask(Record(title="computer"), at(f"{ztest}/Default"), asking)
    record, held = found.records[0], found.held[0]
    assert (record.title, record.author, record.year, record.lccn) == (
        "How to program a computer", "Jack Collins", "1991", "11224466")
    assert (held.call_number, held.available, held.lendable, held.ours) == ("MLCM 89/00602 (N)", True, False, True)
    assert "Reading Rms" in held.name
    assert asking.kept == {"syntax": "opac"} and asking.fared == {ztest: ""}


def test_a_server_without_opac_records_gives_marc_and_is_asked_for_that_next_time(zebra_catalogue):
    asking = web()
    found = OWN.ask(Record(isbn="9785170005550"), at(f"{zebra_catalogue}/Default"), asking)
    assert [(record.title, record.forms("title")[1:]) for record in found.records] == [
        ("Voĭna i mir", ("Война и мир",))]
    assert [(held.name, held.call_number) for held in found.held] == [("Main Library", "PG3365 .V6 1999")]
    assert asking.kept == {"syntax": "usmarc"}
    again = web(kept=asking.kept)
    assert OWN.ask(Record(isbn="9785170005550"), at(f"{zebra_catalogue}/Default"), again).records == found.records


@pytest.mark.parametrize("syntax", ["usmarc", "xml"])
@pytest.mark.parametrize("wanted, number", [
    (Record(isbn="9785170005550"), "tolstoy-1"), (Record(issn="0028-0836", title="Nature"), "nature-1"),
    (Record(title="Война и мир"), "tolstoy-1"), (Record(title="Voina i mir", author="Tolstoy, Leo"), "tolstoy-1"),
    (Record(title="源氏物語"), "murasaki-1"), (Record(title="بين القصرين"), "mahfouz-1"),
])
def test_it_is_found_by_number_and_by_title_in_any_script(zebra_catalogue, wanted, number, syntax):
    found = UNION.ask(wanted, at(f"{zebra_catalogue}/Default", syntax=syntax), web(inside=False))
    assert [record.source_id for record in found.records] == [number]


def test_several_editions_are_several_records(zebra_catalogue):
    found = OWN.ask(Record(title="On the origin of species", author="Darwin, Charles"), at(zebra_catalogue), web())
    assert sorted((record.year, record.edition) for record in found.records) == [
        ("1859", "1st ed."), ("1860", "2nd ed."), ("1872", "6th ed.")]


def test_what_it_does_not_have_is_no_failure(zebra_catalogue):
    assert OWN.ask(Record(title="No such book", isbn="9780471383147x"), at(zebra_catalogue), web()) == Answer()


def test_marc8_is_read(tmp_path):
    apart = unicodedata.normalize("NFD", CATALOGUE)  # MARC-8 has letters and accents apart
    with zebra.catalogue(tmp_path, apart, charset="marc-8") as where:
        found = OWN.ask(Record(isbn="9785170005550"), at(where, syntax="usmarc"), web())
    assert found.records[0].forms("title") == ("Voĭna i mir", "Война и мир")


@pytest.mark.skipif(not (SAMPLES / "marc").is_dir(), reason="samples are not here")
def test_of_many_hits_ten_are_taken_and_the_rest_is_counted(zebra_catalogue):
    found = OWN.ask(Record(title="Python"), at(zebra_catalogue), web())
    assert (len(found.records), found.more > 0) == (10, True)


def test_the_test_button_says_who_answered(ztest, zebra_catalogue):
    said = OWN.test(at(ztest), web())
    assert "GFS/YAZ answers: " in said and said.endswith("Records come as opac.")
    assert OWN.test(at(zebra_catalogue), web()).startswith("Zebra Information Server")


def test_an_attribute_that_the_server_lacks_is_passed_over_and_said_where_nothing_else_is_asked(zebra_catalogue):
    wanted = Record(isbn="9785170005550", title="Voina i mir")
    assert OWN.ask(wanted, at(zebra_catalogue, use_isbn="9999"), web()).records
    with pytest.raises(AdapterError, match="refuses the question") as refused:
        OWN.ask(wanted.with_(title=""), at(zebra_catalogue, use_isbn="9999"), web())
    assert refused.value.permanent


def test_a_database_that_is_not_there_is_a_sentence(zebra_catalogue):
    with pytest.raises(AdapterError, match="refuses the question: Database unavailable"):
        OWN.ask(Record(title="Nature"), at(f"{zebra_catalogue}/Nowhere"), web())


# --- What is asked ---------------------------------------------------------------------------------

def test_numbers_come_first_and_what_was_typed_stays_within_its_quotation_marks():
    wanted = Record(isbn="9780471383147", title='On "wool" @and \\ : a history', author="Doe, Jane")
    assert pqf.queries(wanted, at("x")) == [
        '@or @attr 1=7 "9780471383147" @attr 1=7 "0471383147"',
        '@and @attr 1=4 @attr 4=6 "On wool @and \\\\" @attr 1=1003 @attr 4=6 "Doe"',
        '@attr 1=4 @attr 4=6 "On wool @and \\\\"',
    ]


@given(st.text(max_size=60))
def test_whatever_is_typed_is_one_quoted_term(text):
    inner = pqf.quoted(text)[1:-1].replace("\\\\", "").replace('\\"', "")
    assert not set('"\\\0') & set(inner)


def test_a_number_with_marks_in_it_stays_one_term():
    assert pqf.queries(Record(oclc='1" @attr 1=4 "x'), at("x", use_oclc="12")) == ['@attr 1=12 "1\\" @attr 1=4 \\"x"']


@pytest.mark.parametrize("title", ['"', "\\", '\\"', '" @attr 1=4 "x', "@and", "\x00", "a\\", "{}", "%n"])
def test_no_typed_text_breaks_a_question(zebra_catalogue, title):
    OWN.ask(Record(title=title + " x"), at(zebra_catalogue), web())


# --- Addresses -------------------------------------------------------------------------------------

@pytest.mark.parametrize("url, host, port, database", [
    ("z.example.org:7090/voyager", "z.example.org", 7090, "voyager"),
    ("z.example.org", "z.example.org", 210, "Default"),
    ("z3950://z.example.org/INNOPAC", "z.example.org", 210, "INNOPAC"), ("[::1]:210/a/b", "::1", 210, "a/b"),
    ("tcp:10.0.0.1:99", "10.0.0.1", 99, "Default"),
])
def test_addresses_are_read(url, host, port, database):
    assert z3950._address(url) == z3950.Address(host, port, database)


@pytest.mark.parametrize(
    "url", ["", "/db", "host:port/db", "host:0", "host:99999", "a b:210", "user@host:210", "unix:x,y"]
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(AdapterError, match="not an address of a Z39"):
        z3950._address(url)


def test_a_union_catalogue_inside_our_network_is_refused_before_a_word_is_said(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with serving(silent) as (where, got):
        for url in (where, where.replace("127.0.0.1", "localhost"), where.replace("127.0.0.1", "[::ffff:127.0.0.1]")):
            with pytest.raises(AdapterError, match="private network") as refused:
                UNION.ask(Record(title="x"), at(url), web(inside=UNION.inside))
            assert refused.value.permanent
        assert got == []


# --- Bad servers -----------------------------------------------------------------------------------

def test_a_server_that_hangs_is_left_when_the_time_is_over():
    asking = web(seconds=1)
    started = time.monotonic()
    with serving(silent) as (where, got), pytest.raises(AdapterError, match="No answer within") as refused:
        OWN.ask(Record(title="x"), at(where), asking)
    assert time.monotonic() - started < 3 and got
    assert not refused.value.permanent and asking.fared[where]


def test_a_server_that_trickles_is_left_too():
    def trickle(connection, _asked):
        for byte in b"\xb5\x82\x10\x00" + b"\x83" * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    started = time.monotonic()
    with serving(trickle) as (where, _got), pytest.raises(AdapterError):
        OWN.ask(Record(title="x"), at(where), web(seconds=1))
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("answer", [
    lambda _connection, _asked: None, says("<html>Sign in</html>", kind="text/html"),
    lambda connection, _asked: connection.sendall(b"\x00" * 1000),
    lambda connection, _asked: connection.sendall(b"\xb5"),
], ids=["hangs up", "HTML", "zeros", "cut off"])
def test_what_is_no_z3950_is_said_to_be_none(answer):
    asking = web(seconds=4)
    with serving(answer) as (where, _got), pytest.raises(AdapterError) as refused:
        OWN.ask(Record(title="x"), at(where), asking)
    assert not refused.value.permanent and asking.fared[where]
    assert "%(" not in str(refused.value)


def test_fifty_megabytes_are_not_waited_for():
    def endless(connection, _asked):
        connection.sendall(b"\xb5\x84\x10\x00\x00\x00")  # the beginning of an answer of 256 MB
        for _chunk in range(50):
            connection.sendall(b"\x83" * 1024 * 1024)

    started = time.monotonic()
    with serving(endless) as (where, _got), pytest.raises(AdapterError):
        OWN.ask(Record(title="x"), at(where), web(seconds=4))
    assert time.monotonic() - started < 6


def test_nobody_there_is_a_sentence():
    asking = web()
    with pytest.raises(AdapterError, match="cannot be reached") as refused:
        OWN.ask(Record(title="x"), at("127.0.0.1:1"), asking)
    assert not refused.value.permanent and asking.fared["127.0.0.1:1"]


def test_a_server_that_is_known_to_be_down_is_not_asked():
    with serving(silent) as (where, got), pytest.raises(AdapterError, match="gone fishing"):
        OWN.ask(Record(title="x"), at(where), web(down={where: "gone fishing"}))
    assert got == []


def test_without_the_library_it_says_what_to_install(monkeypatch, tmp_path):
    """The real program, with names of libraries that no machine has."""
    text = Path(z3950._PROGRAM).read_text()
    program = tmp_path / "zoom.py"
    program.write_text(text.replace("libyaz", "libnothere"))
    monkeypatch.setattr(z3950, "_PROGRAM", program)
    with pytest.raises(AdapterError, match="YAZ library is not installed") as refused:
        OWN.ask(Record(title="x"), at("127.0.0.1:1"), web())
    assert refused.value.permanent


def test_the_program_ends_by_itself_where_nobody_is_left_to_end_it():
    question = '{"host": "127.0.0.1", "port": 1, "database": "x", "queries": [], "seconds": -1.5}'
    text = Path(z3950._PROGRAM).read_text().replace("yaz = library()", "import time; time.sleep(30)")
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-I", "-S", "-c", text], input=question.encode(), capture_output=True)
    assert time.monotonic() - started < 10 and done.returncode != 0


def test_cut_off_and_broken_records_give_what_can_be_read():
    whole = iso2709(make("001 x\n245 10 $a On wool\n700 1 $a Doe, Jane"))
    found = Found(OWN.code, OWN.role, at("x"), wanted=Record(), today=date(2024, 5, 15))
    z3950._add(found, "USmarc", whole[:-6])
    z3950._add(found, "OPAC", b"<opacRecord><bibliographicRecord>")
    z3950._add(found, "SUTRS", b"On wool")
    assert [(record.title, record.author[:3]) for record in found.records] == [("On wool", "Doe")]
