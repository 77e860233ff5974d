"""What catalogues send is read as far as it can be, and never breaks anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from requests_app.verification import dublin_core, marc
from requests_app.verification.marc import values
from tests.conftest import SAMPLES
from tests.requests_app.verification.marcs import described, element, iso2709, make

pytestmark = pytest.mark.nodb

WAR_AND_PEACE = """
001 ocm00012345
003 OCoLC
008 981122s1999    ru            000 1 rus d
010 $a    99-12345
020 $a 5170005555 (v. 1)
020 $z 978-5-17-000555-0
245 10 $6 880-01 $a Voĭna i mir : $b roman / $c L.N. Tolstoĭ.
246 1_ $a War and peace
100 1_ $6 880-02 $a Tolstoy, Leo, $c graf, $d 1828-1910, $e author.
250 $a 3-e izd.
264 _1 $a Moskva : $b AST, $c [1999]
264 _4 $c ©1998
490 1_ $a Mirovai͡a klassika ; $v 7
700 1_ $a Previous, Owner, $e former owner.
700 1_ $a Ėĭkhenbaum, B. M., $e editor.
700 1_ $a Someone, Else. $t Another work.
880 10 $6 245-01/(N $a Война и мир : $b роман / $c Л.Н. Толстой.
880 1_ $6 100-02/(N $a Толстой, Лев Николаевич, $d 1828-1910.
"""


def test_a_book_is_read_with_its_original_script():
    found = described(WAR_AND_PEACE)
    assert (found.kind, found.title, found.edition) == ("book", "Voĭna i mir : roman", "3-e izd")
    assert found.author == "Tolstoy, Leo; Ėĭkhenbaum, B. M."
    assert (found.place, found.publisher, found.year, found.series) == (
        "Moskva", "AST", "1999", "Mirovai͡a klassika ; 7")
    assert (found.oclc, found.lccn, found.language, found.source_id) == ("12345", "99012345", "rus", "ocm00012345")
    assert found.forms("title") == ("Voĭna i mir : roman", "War and peace", "Война и мир : роман")
    assert found.forms("author")[1:] == ("Толстой, Лев Николаевич",)
    assert found.forms("year") == ("1999", "1998")


def test_only_isbns_with_a_right_check_digit_count_and_both_lengths_are_one():
    found = described("""
        245 10 $a T
        020 $a 0-471-38314-7 (pbk.)
        020 $a 9780471383147
        020 $a 0471383148
        020 $z 080442957X
    """)
    assert (found.isbn, found.isbns) == ("9780471383147", ("9780471383147", "9780804429573"))


def test_parts_of_a_title_stand_behind_it_and_parallel_titles_beside_it():
    found = described("245 10 $a Autumn = $b Automne = Herbst. $n Part 2, $p Leaves / $c X")
    assert (found.title, found.volume) == ("Autumn. Part 2, Leaves", "Part 2")
    assert found.forms("title")[1:] == ("Automne", "Herbst")


@pytest.mark.parametrize("leader, more, kind", [
    ("00000nam a2200000 a 4500", "", "book"), ("00000ncm a2200000 a 4500", "", "score"),
    ("00000ngm a2200000 a 4500", "", "film"), ("00000njm a2200000 a 4500", "", "other"),
    ("00000nas a2200000 a 4500", "", ""), ("", "", ""),
    ("00000nam a2200000 a 4500", "502 $b Ph. D. $c Leeds $d 1990", "thesis"),
    ("00000nam a2200000 a 4500", "008 981122s1999    ru ||||||t    000 1 rus d", "report"),
])
def test_the_kind_is_what_leader_and_008_say(leader, more, kind):
    assert described(f"{more}\n245 10 $a T", leader=leader).kind == kind


@pytest.mark.parametrize("note", [
    "502 $b Ph. D. $c University of Leeds $d 1990", "502 $a Thesis (Ph. D.)--University of Leeds, 1990.",
    "502 $a Thesis (Ph. D.), University of Leeds, 1990.",
])
def test_a_thesis_has_its_degree_and_its_university_as_publisher(note):
    found = described(f"245 10 $a On wool\n{note}")
    assert (found.kind, found.degree, found.publisher, found.year) == (
        "thesis", "Ph. D.", "University of Leeds", "1990")


def test_a_journal_has_its_former_and_later_names_and_no_year_of_its_own():
    found = described("""
        008 750101c18699999enkwr p       0   a0eng d
        022 $a 0028-0836 $l 0028-0836 $y 0028-0837
        776 08 $x 1476-4687
        245 00 $a Nature (London)
        210 0_ $a Nature $b (Lond.)
        780 00 $t Nature. Physical science $x 0300-8746
        785 00 $t Nature and science
    """, leader="00000cas a2200000 a 4500")
    assert (found.kind, found.year, found.issn, found.issns) == ("", "", "0028-0836", ("0028-0836", "1476-4687"))
    assert {"Nature", "Nature. Physical science", "Nature and science"} <= set(found.forms("title"))


def test_an_article_is_described_in_its_journal():
    found = described("""
        008 990101s1998    enk           000 0 eng d
        024 7_ $a https://doi.org/10.1000/ABC.1 $2 doi
        100 1_ $a Doe, Jane.
        245 10 $a On wool / $c Jane Doe
        773 0_ $t Textile history. $g Vol. 12, no. 3 (May 1997), p. 45–61 $x 0040-4969
    """, leader="00000nab a2200000 a 4500")
    assert (found.kind, found.title, found.part_title, found.part_author) == (
        "article", "Textile history", "On wool", "Doe, Jane")
    assert (found.volume, found.issue, found.pages, found.year) == ("12", "3", "45-61", "1997")
    assert (found.issn, found.author, found.doi) == ("0040-4969", "", "10.1000/abc.1")


def test_unimarc_is_seen_and_read():
    found = described("""
        001 FR1
        010 $a 978-88-04-40682-2
        011 $a 0028-0836
        100 $a 19961119d1996    m  y0frey50      ba
        101 0_ $a ita
        200 1_ $a L'altra faccia $e romanzo $h 2 $i La fine $f Isaac Asimov
        205 $a 2e éd.
        210 $a Milano $c A. Mondadori $d 1996
        225 2_ $a Bestsellers $v 641
        454 _0 $1 2001_ $a Second foundation
        700 _1 $a Asimov $b , Isaac
        712 02 $a Università $b Lettere
    """.replace("$1 2001_", "$1 2001 "))
    assert (found.title, found.author) == ("L'altra faccia : romanzo. 2. La fine", "Asimov, Isaac; Università. Lettere")
    assert (found.edition, found.place, found.publisher, found.year, found.series, found.language) == (
        "2e éd", "Milano", "A. Mondadori", "1996", "Bestsellers ; 641", "ita")
    assert (found.isbn, found.volume) == ("9788804406822", "2")
    assert "Second foundation" in found.forms("title")


@pytest.mark.parametrize("namespace", ["http://www.loc.gov/MARC21/slim", "", "info:lc/xmlns/marcxchange-v1"])
def test_xml_is_read_with_every_namespace_and_with_none(namespace):
    (one,) = marc.from_xml(element(make(WAR_AND_PEACE), namespace=namespace))
    assert marc.describe(one) == described(WAR_AND_PEACE)


def test_iso2709_says_the_same_as_xml():
    (one,) = marc.from_bytes(iso2709(make(WAR_AND_PEACE)))
    assert marc.describe(one) == described(WAR_AND_PEACE)


def test_the_encoding_is_seen_whatever_the_leader_says():
    text = "245 10 $a Société : $b größer"
    for leader in ("00000nam a2200000 a 4500", "00000nam  2200000 a 4500"):
        (one,) = marc.from_bytes(iso2709(make(text, leader=leader)))
        assert marc.describe(one).title == "Société : größer"
    for encoding in ("latin-1", "cp1252"):
        (one,) = marc.from_bytes(iso2709(make(text), encoding=encoding), encoding=encoding)
        assert marc.describe(one).title == "Société : größer"
    plain = iso2709(make("245 10 $a Socit @", leader="00000nam  2200000 a 4500"))
    marc8 = plain.replace(b"Socit @", b"Soci\xe2et\xe2e")
    assert marc.describe(marc.from_bytes(marc8)[0]).title == "Société"


def test_an_encoding_that_nobody_knows_stops_nothing():
    (one,) = marc.from_bytes(iso2709(make("245 10 $a Caf\xe9"), encoding="latin-1"), encoding="klingon")
    assert marc.describe(one).title == "Café"


def test_cut_off_at_any_place_it_gives_what_is_there_or_nothing():
    whole = iso2709(make(WAR_AND_PEACE))
    titles = set()
    for length in range(len(whole)):
        for one in marc.from_bytes(whole[:length]):
            found = marc.describe(one)
            titles.add(found.title if found else "")
    assert "Voĭna i mir : roman" in titles


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_left_out(data):
    for one in marc.from_bytes(data) + marc.from_bytes(b"00000nam a2200000 a 4500" + data):
        marc.describe(one)


@given(st.lists(st.tuples(
    st.sampled_from(["001", "008", "020", "100", "245", "264", "502", "773", "880", "200", "700", "ABC", ""]),
    st.lists(st.tuples(st.sampled_from(["a", "b", "6", "t", ""]), st.text(max_size=20)), max_size=3),
), max_size=6), st.text(max_size=24))
def test_any_fields_are_read_or_left_out(fields, leader):
    marc.describe(marc.Marc(leader, tuple(
        marc.Field(tag, "  ", "" if parts else "x", tuple(parts)) for tag, parts in fields
    )))


def test_a_record_without_a_title_describes_nothing():
    assert marc.describe(make("020 $a 9780471383147")) is None


@pytest.mark.parametrize("text, plain", [
    ("New York :", "New York"), ("John Wiley & Sons,", "John Wiley & Sons"), ("1st ed.", "1st ed."),
    ("a history.", "a history"), ("[Washington, D.C.", "Washington, D.C."), ("[1999]", "1999"),
    ("Smith, Robert K.", "Smith, Robert K."),
])
def test_punctuation_that_only_parts_areas_is_dropped(text, plain):
    assert values.plain(text) == plain


def test_dublin_core_is_read():
    found = dublin_core.describe(etree.fromstring("""
        <srw_dc:dc xmlns:srw_dc="info:srw/schema/1/dc-schema" xmlns="http://purl.org/dc/elements/1.1/">
          <title>On wool : a history / Jane Doe</title><title>De lana</title><creator>Doe, Jane.</creator>
          <date>c1998.</date><type>text</type><language>eng</language><publisher>Loom,</publisher>
          <identifier>ISBN 0-471-38314-7</identifier><identifier>(OCoLC)123</identifier>
          <identifier>https://doi.org/10.1000/X</identifier><identifier>ISSN: 0028-0836</identifier>
        </srw_dc:dc>"""))
    assert (found.title, found.author, found.year, found.kind, found.publisher, found.language) == (
        "On wool : a history", "Doe, Jane", "1998", "book", "Loom", "eng")
    assert (found.isbn, found.issn, found.oclc, found.doi) == ("9780471383147", "0028-0836", "123", "10.1000/x")
    assert found.forms("title")[1:] == ("De lana",)
    assert dublin_core.describe(etree.fromstring("<dc><creator>X</creator></dc>")) is None


needs_samples = pytest.mark.skipif(not (SAMPLES / "marc").is_dir(), reason="samples are not here")


@needs_samples
def test_every_line_of_the_marc8_samples_is_read_as_its_utf8_twin():
    from requests_app.verification.marc.reading import _from_marc8, tidy

    pairs = zip((SAMPLES / "marc" / "test_marc8.txt").read_bytes().split(b"\n"),
                (SAMPLES / "marc" / "test_utf8.txt").read_bytes().split(b"\n"), strict=True)
    wrong = [line for line, twin in pairs if tidy(_from_marc8(line)) != tidy(twin.decode())]
    assert wrong == []


@needs_samples
@pytest.mark.parametrize("name, encoding, count, field, expected", [
    ("1251.dat", "cp1251", 6, "author", "Ильина, Татьяна Николаевна"),
    ("bad_eacc_encoding.dat", "", 1, "also", "米国の統治の仕組"), ("bad_indicator.dat", "", 1, "isbn", "9780253325525"),
    ("bad_marc8_escape.dat", "", 1, "title", "Bulletin de la Société"),
    ("bad_records.mrc", "", 7, "title", "The pragmatic programmer"),
    ("bad_subfield_code.dat", "", 1, "title", "ActivePerl with ASP and ADO"),
    ("diacritic.dat", "", 1, "isbn", "9780415782654"), ("marc.dat", "", 20, "author", "Hunt, Andrew; Thomas, David"),
    ("marc8.dat", "", 1, "also", "De la solitude à la communauté"), ("multi_isbn.dat", "", 1, "volume", ""),
    ("regression45.dat", "", 12, "title", "Pokrov, podarennyĭ"),
    ("testunimarc.dat", "", 1, "also", "Second foundation"),
    ("utf8_errors.dat", "", 1, "title", "Ṣanʻāʾ"), ("utf8_invalid.mrc", "", 1, "publisher", "Association of Teacher"),
    ("utf8_without_leader_flag.dat", "", 1, "also", "communauté"),
])
def test_the_sample_is_read(name, encoding, count, field, expected):
    found = [marc.describe(one) for one in marc.from_bytes((SAMPLES / "marc" / name).read_bytes(), encoding=encoding)]
    assert len(found) == count and found[0] is not None
    assert expected in str(getattr(found[0], field))
