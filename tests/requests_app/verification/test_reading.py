"""Reading what servers say: whatever they send, a value of the right type or none."""

import pytest
from lxml import etree

from illdesk.errors import AdapterError
from illdesk.outside import Answer as Said
from requests_app.verification.records import Record
from requests_app.verification.sources import numbers
from requests_app.verification.sources.people import family, inverted, people, person, without_dates
from requests_app.verification.sources.reading import at, document, inner, number, plain, rows, text, texts, url, yes
from requests_app.verification.sources.sought import (
    enough,
    enough_for_article,
    is_other,
    is_same,
    sought,
    telling,
    words,
)
from requests_app.verification.sources.versions import best_first, version

pytestmark = pytest.mark.nodb

ODD = [None, True, False, 0, 17, -1.5, float("inf"), "", "x", [], {}, [None, [], {}, "y"], {"a": {"a": None}}, [[[]]],
    10**40]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("path", [(), ("a",), ("a", "b"), (0,), (-1,), ("a", 0, "b"), (10**9,)])
def test_every_reading_has_its_type_whatever_is_read(odd, path):
    assert isinstance(text(odd, *path), str)
    assert all(isinstance(one, str) and one for one in texts(odd, *path))
    assert all(isinstance(one, dict) for one in rows(odd, *path))
    assert number(odd, *path) >= 0
    assert url(odd, *path) == ""
    assert yes(odd, *path) in (True, False)


def test_what_is_there_is_read():
    data = {"a": [{"b": " first "}, {"b": ["second", "second", "", "third"]}], "n": "12", "f": 1990.0, "t": True}
    assert text(data, "a", 0, "b") == "first"
    assert text(data, "a", 1, "b") == "second"
    assert texts(data, "a", 1, "b") == ("second", "third")
    assert texts(data, "a", 0, "b") == ("first",)
    assert rows(data, "a", 0) == [{"b": " first "}]
    assert len(rows(data, "a")) == 2
    assert (number(data, "n"), text(data, "f"), yes(data, "t")) == (12, "1990", True)
    assert at(data, "a", 0, "b", "c") is None


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<i>Women in Ming China</i>\n            .", "Women in Ming China ."),
        ("The H <scp>i</scp> Disk of H<sub>2</sub>O", "The H i Disk of H2O"),
        ('<jats:title xml:lang="en">Abstract</jats:title>', "Abstract"),
        ("<mml:math><mml:mi>x</mml:mi></mml:math> rays", "x rays"),
        ("Simon &amp;amp; Schuster &#39;s", "Simon & Schuster 's"),
        ("&lt;i&gt;In vivo&lt;/i&gt;", "In vivo"),
        ("&amp;lt;i&amp;gt;In vitro&amp;lt;/i&amp;gt;", "In vitro"),
        ("p < 0.05 and n > 3", "p < 0.05 and n > 3"),
        ("a<b", "a<b"),
        ("\x00Null\u0007 and\u00a0half \ud800 a pair", "Null and half a pair"),
        ("e\u0301", "é"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("x" * 100_000, "x" * 2000),
    ],
)
def test_plain_text(raw, clean):
    assert plain(raw) == clean


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://doi.org/10.1/x", True), ("http://a.example:8080/?q=%20", True), ("javascript:alert(1)", False),
        ("data:text/html,x", False), ("//evil.example/", False), ("https://", False), ("ftp://a/", False),
        ("https://user:pass@a.example/", False), ('https://a/"onmouseover="x', False), ("https://[", False),
        ("https://a.example/ b", False),
    ],
)
def test_only_web_addresses_become_links(address, good):
    assert url({"u": address}, "u") == (address if good else "")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"3", b'{"other": 1}', b'{"message": null}'])
def test_an_answer_without_its_outermost_part_is_none(body):
    with pytest.raises(AdapterError, match="not what it should be"):
        document(Said(200, "OK", body), "message")


def test_text_within_tags_of_xml():
    root = etree.fromstring("<a><t>In <i>vivo</i><!-- no --> tests\n of  x</t><e/></a>")
    assert (inner(root, "t"), inner(root, "e"), inner(root, "none"), inner(None, "t")) == ("In vivo tests of x", "",
        "", "")


@pytest.mark.parametrize(
    ("direct", "wanted"),
    [
        ("Edward R. Tufte", "Tufte, Edward R."), ("Tufte, Edward R.", "Tufte, Edward R."), ("Plato", "Plato"),
        ("Ludwig van Beethoven", "Beethoven, Ludwig van"), ("Ursula K. Le Guin", "Le Guin, Ursula K."),
        ("Martin Luther King Jr.", "King, Martin Luther, Jr."), ("山田 太郎", "山田, 太郎"), ("习近平", "习近平"),
        ("Library of Congress", "Library of Congress"), ("World Health Organization", "World Health Organization"),
        ("Smith & Sons", "Smith & Sons"), ("", ""),
    ],
)
def test_names_are_turned_round(direct, wanted):
    assert inverted(direct) == wanted


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Tolstoy, Leo, graf, 1828-1910", "Tolstoy, Leo, graf"), ("Melville, Herman, 1819-1891.", "Melville, Herman"),
        ("Doe, Jane, 1950-", "Doe, Jane"), ("Doe, Jane", "Doe, Jane"), ("Bede, approximately 673-735",
        "Bede, approximately 673-735"),
    ],
)
def test_dates_of_life_are_no_part_of_a_name(raw, clean):
    assert without_dates(raw) == clean


def test_many_names_in_one_field():
    assert people(["Iwasa, Satoru", "", "Iwasa, Satoru", "Group; A"]) == "Iwasa, Satoru; Group, A"
    assert len(people(f"Name{n}, A" for n in range(3000)).split(";")) == 30
    assert (person("", "Plato"), person("King", "Martin", "Jr.")) == ("Plato", "King, Martin, Jr.")
    assert family("Le Guin, Ursula K.; Other, A") == "Le Guin"


@pytest.mark.parametrize(
    ("read", "raw", "wanted"),
    [
        (numbers.isbn, "0-9613921-1-8 (cloth)", "9780961392116"), (numbers.isbn, "9780961392116", "9780961392116"),
        (numbers.isbn, "9780961392117", ""), (numbers.isbn, "", ""), (numbers.issn, "1476-4687", "1476-4687"),
        (numbers.issn, "14764687", "1476-4687"), (numbers.issn, "2434561x", "2434-561X"), (numbers.issn, "1476-4688",
        ""),
        (numbers.doi, "https://doi.org/10.1038/NATURE12373", "10.1038/nature12373"), (numbers.doi, "doi: 10.1/x", ""),
        (numbers.doi, "10.1002/(SICI)1097<1::AID>3.0.CO;2-X", "10.1002/(sici)1097<1::aid>3.0.co;2-x"),
        (numbers.doi, "10.1234/../../admin", ""), (numbers.doi, "nature12373", ""),
        (numbers.oclc, "(OCoLC)ocm00424023", "424023"), (numbers.oclc, "424023x", ""), (numbers.oclc, "0", "0"),
        (numbers.lccn, "n78-890351", "n78890351"), (numbers.lccn, "85-2 ", "85000002"), (numbers.lccn, "x", ""),
        (numbers.pmid, "https://pubmed.ncbi.nlm.nih.gov/29456894", "29456894"), (numbers.pmid, "PMC1", ""),
        (numbers.pmcid, "pmc 123", "PMC123"), (numbers.pmcid, "123", ""),
        (numbers.year, "[2003], ©1990", "2003"), (numbers.year, "cop. 1990", "1990"), (numbers.year, "12345", ""),
        (numbers.language, "/languages/eng", "eng"), (numbers.language, "de", "ger"), (numbers.language, "en-GB",
        "eng"),
        (numbers.language, "Russian", "rus"), (numbers.language, "fra", "fre"), (numbers.language, "??", ""),
    ],
)
def test_numbers_in_our_forms(read, raw, wanted):
    assert read(raw) == wanted


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [("588", "602", "588-602"), ("54", "8", "54-58"), ("1234", "39", "1234-1239"), ("e4375", "e4375", "e4375"),
     ("40", "", "40"), ("", "", ""), ("S12", "8", "S12-8")],
)
def test_pages(first, last, wanted):
    assert numbers.pages(first, last) == wanted


def test_versions_and_the_best_place_first():
    from requests_app.verification.records import Access

    assert [version(v) for v in ("publishedVersion", "acceptedVersion", "submittedVersion", "", "odd")] == [
        "published", "accepted", "submitted", "", ""
    ]
    places = [Access(url=f"https://{v or 'none'}/", way="free", version=v) for v in ("submitted", "", "accepted",
        "published")]
    assert [one.version for one in best_first(places)] == ["published", "accepted", "", "submitted"]
    assert best_first(places, "https://submitted/")[0].version == "submitted"


def test_what_is_looked_for():
    chapter = Record(kind="chapter", title="A book", author="Editor, E", part_title="A part", part_author="Writer, W",
        year="1999")
    assert (sought(chapter).title, sought(chapter).family, sought(chapter).container) == ("A part", "Writer", "A book")
    assert words('The "Art" of (war) AND peace: 2nd ed*') == ["The", "Art", "of", "war", "peace", "2nd", "ed"]
    assert telling("The origin of species by means of natural selection", 3) == ["species", "natural", "selection"]


@pytest.mark.parametrize(
    ("wanted", "is_enough"),
    [
        (Record(title="Nature"), False), (Record(title="Hamlet", author="Shakespeare, W"), True),
        (Record(title="War and peace"), True), (Record(title="Hard times", year="1854"), True),
        (Record(title="戦争と平和"), True), (Record(title="... ---", author="X"), False),
        (Record(author="Tolstoy"), False),
    ],
)
def test_what_is_enough_to_ask_with(wanted, is_enough):
    assert enough(sought(wanted)) is is_enough


def test_an_article_may_be_found_by_where_it_stands():
    place = Record(kind="article", title="Nature", volume="500", pages="54-58")
    assert enough_for_article(place)
    assert not enough_for_article(place.with_(volume=""))


def test_who_lends_whom_a_link():
    wanted = Record(kind="book", title="Moby Dick: or, the whale", author="Melville, Herman", year="1851")
    same = Record(kind="book", title="Moby Dick", author="Melville, H.", year="1852")
    assert is_same(wanted, same)
    assert not is_same(wanted, same.with_(year="1930"))
    assert not is_same(wanted, same.with_(author="Critic, A."))
    assert not is_same(wanted, same.with_(title="Moby Dick explained"))
    assert not is_same(wanted, same.with_(title="Moby Dick: the play"))
    assert not is_same(wanted.with_(volume="1"), same.with_(volume="2"))
    assert not is_same(wanted.with_(doi="10.1234/a"), same.with_(doi="10.1234/b"))
    assert is_same(Record(isbn="978-0-14-032872-1"), Record(title="x", isbns=("9780140328721",)))
    assert is_same(Record(oclc="1"), Record(title="x", oclc="2", also=(("oclc", "1"),)))
    assert not is_same(Record(), Record(title="x"))


def test_a_number_that_belongs_to_something_else_is_noticed():
    wanted = Record(title="Crime and punishment", also=())
    assert is_other(wanted, Record(title="Envisioning information"))
    assert not is_other(wanted, Record(title="Punishment and crime : a novel"))
    assert not is_other(Record(isbn="1"), Record(title="Envisioning information"))
    assert not is_other(Record(title="Prestuplenie i nakazanie"), Record(title="x", also=(("title", "Преступление"),)))
