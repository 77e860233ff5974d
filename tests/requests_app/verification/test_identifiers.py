"""Identifiers: found wherever they were typed, in one form, and what is wrong with one in words."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.verification import identifiers
from requests_app.verification.identifiers import explain, find, from_fields, normal, same_isbn, suggestions
from tests.conftest import SAMPLES

pytestmark = pytest.mark.nodb

SICI = "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o"
FOUND = [
    # DOI
    ("10.1037/ppm0000185", "doi", "10.1037/ppm0000185"),
    ("see https://doi.org/10.1037/PPM0000185.", "doi", "10.1037/ppm0000185"),
    ("(doi: 10.1016/j.cell.2020.01.001).", "doi", "10.1016/j.cell.2020.01.001"),
    ("https://dx.doi.org/10.1016%2Fj.cell.2020.01.001", "doi", "10.1016/j.cell.2020.01.001"),
    ("DOI 10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O,", "doi", SICI),
    ("10.1002/(SICI)1097-4571(199806)49:8&lt;693::AID-ASI4&gt;3.0.CO;2-O", "doi", SICI),
    ("10.1016/0003-4975(95)00123-4)", "doi", "10.1016/0003-4975(95)00123-4"),
    ("https://onlinelibrary.wiley.com/doi/10.1002/asi.4630/full?x=1", "doi", "10.1002/asi.4630"),
    ("https://www.tandfonline.com/doi/pdf/10.1080/17542863.2017.1394007?needAccess=true", "doi",
     "10.1080/17542863.2017.1394007"),
    ("https://getit.example/resolve?id=doi:10.1016/j.scib.2021.06.007&sid=google", "doi", "10.1016/j.scib.2021.06.007"),
    ("“10.1234/abc”。另见", "doi", "10.1234/abc"),
    ("１０．１２３４／ａｂｃ", "doi", "10.1234/abc"),
    ("10.1016/j.jue\u20102020\u2010x", "doi", "10.1016/j.jue-2020-x"),
    ("10.1016/ j.cell.2020", "doi", "10.1016/j.cell.2020"),
    # PubMed
    ("PMID: 31452104", "pmid", "31452104"),
    ("https://pubmed.ncbi.nlm.nih.gov/31452104/", "pmid", "31452104"),
    ("https://www.ncbi.nlm.nih.gov/pubmed/31452104", "pmid", "31452104"),
    ("https://europepmc.org/article/MED/31452104", "pmid", "31452104"),
    ("info:pmid/9036860", "pmid", "9036860"),
    ("PMCID: PMC3531190", "pmcid", "PMC3531190"),
    ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC3531190/", "pmcid", "PMC3531190"),
    ("PMC 3531190.1", "pmcid", "PMC3531190"),
    # ISBN
    ("978-0-14-143954-9", "isbn", "9780141439549"),
    ("978‑0‑14‑143954‑9", "isbn", "9780141439549"),
    ("978 0 14 143954 9", "isbn", "9780141439549"),
    ("ISBN-13: 978–0–14–143954–9 (pbk.)", "isbn", "9780141439549"),
    ("ISBN: ９７８０１４１４３９５４９", "isbn", "9780141439549"),
    ("٩٧٨٠١٤١٤٣٩٥٤٩", "isbn", "9780141439549"),
    ("۹۷۸۰۱۴۱۴۳۹۵۴۹", "isbn", "9780141439549"),
    ("0-330-28498-3", "isbn", "9780330284981"),
    ("ISBN 91-7844-621-x", "isbn", "9789178446216"),
    ("ISBN 0330284983 1984", "isbn", "9780330284981"),
    ("SBN 330-28498-3", "isbn", "9780330284981"),
    ("urn:ISBN:9780141439549", "isbn", "9780141439549"),
    ("97\u200b80141439549", "isbn", "9780141439549"),
    # ISSN
    ("ISSN 1368-8375", "issn", "1368-8375"),
    ("issn: 13688375", "issn", "1368-8375"),
    ("0002-726X", "issn", "0002-726X"),
    ("eISSN 0002‐726x", "issn", "0002-726X"),
    ("ISSN 9771368837003", "issn", "1368-8375"),
    # OCLC
    ("(OCoLC)ocm00012345", "oclc", "12345"),
    ("(OCoLC) 856870157", "oclc", "856870157"),
    ("ocn123456789", "oclc", "123456789"),
    ("on1234567890", "oclc", "1234567890"),
    ("OCLC no. 2416076", "oclc", "2416076"),
    ("OCLC Number: 2416076", "oclc", "2416076"),
    ("http://www.worldcat.org/oclc/2416076", "oclc", "2416076"),
    ("https://www.worldcat.org/title/adventures-of-tom-sawyer/oclc/2416076", "oclc", "2416076"),
    ("https://search.worldcat.org/title/2416076", "oclc", "2416076"),
    # LCCN: the examples of lccn.loc.gov/lccnperm-faq.html
    ("LCCN n78-890351", "lccn", "n78890351"),
    ("LCCN n 78890351 ", "lccn", "n78890351"),
    ("lccn: 85-2", "lccn", "85000002"),
    ("LCCN 2001-000002", "lccn", "2001000002"),
    ("LCCN 75-425165//r75", "lccn", "75425165"),
    ("LCCN 79139101 /AC/r932", "lccn", "79139101"),
    ("https://lccn.loc.gov/34025476", "lccn", "34025476"),
    # arXiv
    ("arXiv:2101.00001v2 [math.AG]", "arxiv", "2101.00001"),
    ("https://arxiv.org/pdf/0706.0001v1.pdf", "arxiv", "0706.0001"),
    ("2101.00001", "arxiv", "2101.00001"),
    ("hep-th/9901001v1", "arxiv", "hep-th/9901001"),
    ("arXiv:math.AG/0309136", "arxiv", "math/0309136"),
    # patents
    ("US 6,285,999 B1", "patent", "US6285999B1"),
    ("U.S. Patent No. 6,285,999", "patent", "US6285999"),
    ("US 2005/0123456 A1", "patent", "US20050123456A1"),
    ("US RE37,123 E", "patent", "USRE37123E"),
    ("EP 1 234 567 A1", "patent", "EP1234567A1"),
    ("WO 2004/012345 A1", "patent", "WO2004012345A1"),
    ("DE 10 2004 012 345 A1", "patent", "DE102004012345A1"),
    ("JP H05-123456 A", "patent", "JPH05123456A"),
    ("CN101234567B", "patent", "CN101234567B"),
    ("https://patents.google.com/patent/US6285999B1/en", "patent", "US6285999B1"),
]


@pytest.mark.parametrize("text,kind,value", FOUND)
def test_it_is_found_and_brought_to_its_form(text, kind, value):
    for around in ("{}", "Look at {} please", "x\n{}\ny"):
        if around != "{}" and text in ("2101.00001",):  # by itself it is a number like any other
            continue
        typed = around.format(text)
        found = [one for one in find(typed) if one.kind == kind]
        assert [one.value for one in found] == [value] and found[0].valid, typed
        assert typed[found[0].start:found[0].end] == found[0].text
    assert normal(kind, text) == value and explain(kind, text) == ""


@pytest.mark.parametrize("text", [
    "", "Middlemarch", "pages 1998-2005 and 1368-1375", "12(3), 1234-5679", "12(3), 4567-4589",
    "+1 555 330 2849 83", "tel. 0330284983",
    "1-800-555-1234", "Stanford, CA 94305-1234", "VOL 12 NO 3 1998 234", "IN 1998 2005", "US 2005, 2006",
    "GB 18030-2005", "ISO 18626:2021", "10.5 per cent", "version 10.1234", "20190412", "2101.5", "DE 10115 Berlin",
    "the years 1914-1918", "Call number PS3537.A618 A88 1993",
])
def test_ordinary_words_and_numbers_are_no_identifiers(text):
    assert find(text) == []


def test_many_at_once_in_their_order_with_their_places():
    text = "ISSN 0001-3072 (print), eISSN 1368-8375; ISSN-L: 0002-5100. PMID 1 and doi:10.1234/x."
    found = find(text)
    assert [(one.kind, one.value, one.medium) for one in found] == [
        ("issn", "0001-3072", "print"), ("issn", "1368-8375", "online"), ("issn", "0002-5100", "linking"),
        ("pmid", "1", ""), ("doi", "10.1234/x", ""),
    ]


def test_an_arxiv_number_within_a_doi_is_both_and_an_isbn_within_one_is_not():
    assert [one.kind for one in find("10.48550/arXiv.2101.00001")] == ["doi", "arxiv"]
    assert [one.kind for one in find("10.1007/978-3-319-24277-4")] == ["doi"]


@pytest.mark.parametrize("kind,text,words", [
    ("isbn", "9780141439548", "One digit of this ISBN is off. If it is the last one, the number is 9780141439549."),
    ("isbn", "9780141493549", "Two digits of this ISBN are swapped"),
    ("isbn", "0330284938", "Perhaps it is 0330289438 or 0330284398 or 0330284983."),
    ("isbn", "978014143954", "One digit of this ISBN is missing: it has 12"),
    ("isbn", "97801414399549", "one digit too many: 14 instead of 10 / 13. Perhaps it is 9780141439549."),
    ("isbn", "O141439548", "A letter stands in this ISBN where a digit belongs"),
    ("isbn", "0001-3072", "looks like an ISSN"),
    ("isbn", "9771368837003", "bar code of a journal"),
    ("isbn", "4006381333931", "begins with 978 or 979"),
    ("isbn", "12345", "has 5 digits"),
    ("issn", "1368-8379", "If it is the last one, the number is 1368-8375."),
    ("issn", "1368-8735", "swapped, or one digit is off. Perhaps it is"),
    ("issn", "1368-837", "One digit of this ISSN is missing"),
    ("issn", "9780141439549", "looks like an ISBN"),
    ("doi", "doi:10.1037", "a piece of this one is missing"),
    ("doi", "Middlemarch", "This is not a DOI"),
    ("pmid", "PMC3531190", "looks like a PMCID"),
    ("pmid", "123456789", "at most eight digits"),
    ("pmcid", "abc", "A PMCID is"),
    ("oclc", "12-34x", "digits only"),
    ("lccn", "1", "An LCCN is"),
    ("arxiv", "2113.00001", "a month"),
    ("arxiv", "hello", "looks like 2101.00001"),
    ("patent", "6285999", "letters of its country"),
])
def test_a_wrong_number_is_explained(kind, text, words):
    assert words in explain(kind, text)


@pytest.mark.parametrize("right,wrong", [
    ("9780141439549", "9780114439549"), ("0330284983", "0330284938"), ("9780141439549", "97801414399549"),
    ("9780141439549", "978O14l439549"), ("1368-8375", "1368-8735"), ("1368-8375", "13688-8375"),
])
def test_the_right_number_is_among_the_few_suggested(right, wrong):
    kind = "issn" if right[4] == "-" else "isbn"
    assert right in suggestions(kind, wrong) and len(suggestions(kind, wrong)) <= 3


def test_a_wrong_number_keeps_what_was_typed_and_is_told_where_it_stands():
    (one,) = find("see ISBN 978-0-14-143954-8, 1996")
    assert (one.kind, one.valid, one.value, one.text) == ("isbn", False, "9780141439548", "ISBN 978-0-14-143954-8")
    assert "off" in one.why
    assert normal("isbn", "978-0-14-143954-8") == "9780141439548"
    assert normal("isbn", "  no  number ") == "no number" and normal("isbn", " ") == ""


def test_isbns_of_10_and_13_digits_are_the_same():
    assert same_isbn("0-330-28498-3", "978-0-330-28498-1")
    assert not same_isbn("0-330-28498-3", "9780141439549")
    assert not same_isbn("979-10-90636-07-1", "1090636070") and not same_isbn("", "") and not same_isbn("x", "x")


@pytest.mark.parametrize("before,after", [
    ({"title": "https://doi.org/10.1037/PPM0000185"}, {"title": "", "doi": "10.1037/ppm0000185"}),
    ({"title": "Emotions in storybooks (doi:10.1037/ppm0000185)", "doi": ""},
     {"title": "Emotions in storybooks", "doi": "10.1037/ppm0000185"}),
    ({"note": "it is PMID: 31452104"}, {"note": "it is PMID: 31452104", "pmid": "31452104"}),
    ({"issn": "978-0-14-143954-9"}, {"issn": "", "isbn": "9780141439549"}),
    ({"isbn": "0001-3072"}, {"isbn": "", "issn": "0001-3072"}),
    ({"isbn": "00013072", "issn": "0330284983"}, {"isbn": "9780330284981", "issn": "0001-3072"}),
    ({"pmid": "PMC3531190"}, {"pmid": "", "pmcid": "PMC3531190"}),
    ({"doi": "PMID 31452104", "pmid": "1"}, {"doi": "PMID 31452104", "pmid": "1"}),
    ({"title": "A 10.1234/a", "doi": "10.1234/b"}, {"title": "A 10.1234/a", "doi": "10.1234/b"}),
    ({"title": "A", "doi": "https://doi.org/10.1234/B."}, {"title": "A", "doi": "10.1234/b"}),
    ({"isbn": "978-0-14-143954-8"}, {"isbn": "978-0-14-143954-8"}),
    ({"document_number": "ISO 18626:2021", "volume": "0330284983"},
     {"document_number": "ISO 18626:2021", "volume": "0330284983"}),
    ({"title": "Spoon, US 6,285,999 B1"}, {"title": "Spoon", "document_number": "US6285999B1"}),
    ({"oclc": "00012345", "pmid": " 0123 "}, {"oclc": "12345", "pmid": "123"}),
    ({"isbn": "10.1234/a", "doi": "PMID: 7", "pmid": "8"}, {"isbn": "", "doi": "10.1234/a; PMID: 7", "pmid": "8"}),
])
def test_what_was_typed_in_the_wrong_field_moves_to_its_own(before, after):
    placed = from_fields(before)
    assert {name: value for name, value in placed.items() if value or name in after} == after
    assert from_fields(placed) == placed or "; " in placed.get("doi", "")


def samples(name: str) -> list[dict]:
    path = SAMPLES / "identifiers" / name
    if not path.exists():
        pytest.skip("samples are not here")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.parametrize("kind,name", [("isbn", "isbnlib_isbns.tsv"), ("issn", "issns_from_nyu_openurls.tsv")])
def test_numbers_from_the_world_are_judged_as_their_lists_say(kind, name):
    rows = samples(name)
    assert len(rows) > 70
    for row in rows:
        said = row["checksum_valid"] == "True"
        assert (explain(kind, row[kind]) == "") is said, row
        (one,) = find(f"{kind.upper()} {row[kind]}")
        assert (one.kind, one.valid) == (kind, said), row
        assert len(one.value) == (13 if kind == "isbn" else 9) or not said


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("0123456789Xx-–/.,() :ISBNisnDOIdoiPMCUSarXiv10.v９٣\u200b%&;<>ü学"), max_size=80))
def test_any_text_is_read_without_an_error(text):
    for one in find(text):
        assert text[one.start:one.end] == one.text and one.valid is (one.why == "")
        if one.valid:
            assert normal(one.kind, one.value) == one.value
    for kind in identifiers.KINDS:
        assert isinstance(explain(kind, text), str) and isinstance(normal(kind, text), str)
    placed = from_fields({"title": text, "isbn": text, "note": text})
    assert placed["note"] == text
