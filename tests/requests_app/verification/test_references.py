"""Pasted references: 167 printed ones with their fields (references.txt), exports of programs, and plain titles."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.verification import references
from requests_app.verification.references import text as texts

pytestmark = pytest.mark.nodb


def table() -> list[tuple[str, dict[str, str]]]:
    """Blocks with an empty line between: the reference, then "  field: value"."""
    rows = []
    for block in Path(__file__).with_name("references.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        first, *lines = block.split("\n")
        rows.append((first, dict(line.strip().split(": ", 1) for line in lines)))
    return rows


TABLE = table()
by_reference = pytest.mark.parametrize("text,wanted", TABLE, ids=[text[:50] for text, _wanted in TABLE])


def told(text: str) -> dict[str, str]:
    reading = references.read(text)
    said = {"style": reading.style} | reading.record.filled()
    if reading.record.kind:
        said["kind"] = reading.record.kind
    return said | ({"left": reading.left} if reading.left else {})


def test_the_table_is_large_and_of_all_styles():
    assert len(TABLE) >= 120
    assert {wanted["style"] for _text, wanted in TABLE} == {
        "apa", "mla", "chicago", "vancouver", "harvard", "ieee", "nature", "acs", "gost", "gb7714", "japanese", "title",
        "numbers",
    }
    assert {wanted.get("kind", "") for _text, wanted in TABLE} >= {
        "article", "book", "chapter", "thesis", "conference", "report", "newspaper", "patent", "standard",
    }


@by_reference
def test_a_printed_reference_is_split_into_its_fields(text, wanted):
    assert told(text) == wanted


@by_reference
def test_line_breaks_numbers_and_strange_blanks_change_nothing(text, wanted):
    assert told(f"  \u200b{text.replace(' ', chr(10) + '   ', 3).replace(' ', chr(0xa0), 2)}\n") == wanted
    if not text.startswith("[") and wanted["style"] not in ("title", "numbers"):
        assert told("12. " + re.sub(r"^\d\. ", "", text)) == wanted


@by_reference
def test_no_word_is_lost(text, wanted):
    plain = texts.tidy(text)
    reading = references.read(text)
    kept = set(texts.words(reading.left + " " + reading.record.url))
    for value in reading.record.filled().values():
        kept |= set(texts.words(value))
    lost = [
        word for word in texts.words(plain)
        if word not in kept and word not in texts._GLUE and len(word) > 1 and not set(word) <= texts._COUNTERS
        and not any(word.startswith(one) for one in kept if not one.isascii())
    ]
    numbers = "".join(str(value) for value in (reading.record.isbn, reading.record.doi, reading.record.issn))
    assert [word for word in lost if word not in numbers] == []


TITLES = [
    "Middlemarch", "1984", "Gone with the wind", "2001: A Space Odyssey", "Smith J", "Catch-22", "10% happier",
    "What is life? The physical aspect of the living cell", "Dr. Strangelove", "J. Robert Oppenheimer: a life",
    "The A.B.C. murders", "U.S.A.", "Mr. Palomar", "St. Petersburg: a cultural history", "War and Peace (1869)",
    "History of Rome, vol. 2", "Romeo and Juliet", "Marx, Engels, and Lenin on religion", "A, B, C and D",
    "Critique of pure reason (Kant)", "Sonnets. Selected", "IEEE 802.11", "Nature 2019",
    "Proceedings of the 5th conference",
    "“Hope” is the thing with feathers", "The 'new' economy", "O'Brien's law", "In search of lost time", "Ibid.",
    "War // Peace", "Преступление и наказание", "Евгений Онегин: роман в стихах", "حديث الأربعاء", "红楼梦 (1791)",
    "吾輩は猫である", "A. Einstein: relativity", "Vol. 3", "p. 45", "(2019)", "12(3)",
    "Tess of the d'Urbervilles, 3rd ed.",
    "Faust. Der Tragödie erster Teil", "The Waste Land, and other poems", "Economy and society [1922]",
]


@pytest.mark.parametrize("title", TITLES)
def test_a_bare_title_is_a_title_and_nothing_else(title):
    reading = references.read(title)
    assert (reading.style, reading.left) == ("title", "") and reading.sure < 0.5
    assert reading.record.filled() == {"title": title}


def test_nothing_gives_nothing():
    for text in ("", "  \n", "...", "—"):
        assert references.read(text).record.filled() == {}


def test_identifiers_and_addresses_are_taken_from_any_of_them():
    reading = references.read("Middlemarch, ISBN 978-0-14-143954-9, https://example.org/m.")
    assert reading.record.filled() == {"title": "Middlemarch", "isbn": "9780141439549"}
    assert reading.record.url == "https://example.org/m"
    both = references.read("PMID: 31452104 PMCID: PMC3531190")
    assert (both.style, both.record.filled()) == ("numbers", {"pmid": "31452104", "pmcid": "PMC3531190"})


def test_a_list_is_split_into_its_references():
    assert references.split("[1] One, a.\n[2] Two\n  goes on.\n[3] Three.") == ["One, a.", "Two goes on.", "Three."]
    assert references.split("One\ngoes on.\n\nTwo.") == ["One goes on.", "Two."]
    assert references.split("One.\nTwo.\n") == ["One.", "Two."]


# --- exports --------------------------------------------------------------------------------------------------

BIBTEX = r"""
% a comment
@string{jmb = "Journal of Mock Biology"}
@article{smith2019,
  author  = {Smith, John and M{\"u}ller, Karl Heinz and {World Health Organization} and Ludwig van Beethoven},
  title   = {{DNA} repair in {\'e}toiles \& {\v{C}}ech na\"{\i}ve stra{\ss}e},
  journal = jmb, year = 2019, month = mar, volume = {12}, number = {3}, pages = {45--67},
  doi = {https://doi.org/10.1234/ABC}, issn = "1368-8375", note = {PMID: 31452104}
}
@inproceedings{x, author="Ko, A. and others", title="Deep " # "maps", booktitle={Proc. of Maps}, year={2018},
  pages={1-10}, publisher={ACM}, address={New York}, editor={Li, B.}}
@phdthesis(y, author = {Garc{\'\i}a M{\'a}rquez, Jr, Gabriel}, title = {Rivers}, school = {Univ. of X}, year = 2001)
@book{z, title={Dust}, author={Zola, {\'E}mile}, publisher={Oak}, edition={2nd}, isbn={0-330-28498-3},
  date={1999-05-01}}
@incollection{c, title={One}, booktitle={Many}, author={A, B}, editor={C, D}, year=1990}
@techreport{r, title={Wind}, author={A, B}, institution={NASA}, number={TR-1}, year=1984}
@misc{m, title={Sets}, author={A, B}, eprint={2101.00001}, archivePrefix={arXiv}}
@book{broken, title={No end
"""


def test_bibtex_with_its_braces_accents_strings_and_joined_pieces():
    readings = references.read_all(BIBTEX)
    assert [one.style for one in readings] == ["bibtex"] * 8
    article, paper, thesis, book, chapter, report, preprint, broken = (one.record for one in readings)
    assert article.kind == "article" and article.filled() == {
        "title": "Journal of Mock Biology", "part_title": "DNA repair in étoiles & Čech naïve straße",
        "part_author": "Smith, John; Müller, Karl Heinz; World Health Organization; van Beethoven, Ludwig",
        "year": "2019", "volume": "12", "issue": "3", "pages": "45-67", "doi": "10.1234/abc", "issn": "1368-8375",
        "pmid": "31452104",
    }
    assert paper.kind == "conference" and paper.filled() == {
        "title": "Proc. of Maps", "part_title": "Deep maps", "part_author": "Ko, A.", "author": "Li, B.",
        "year": "2018", "pages": "1-10", "publisher": "ACM", "place": "New York",
    }
    assert (thesis.kind, thesis.author, thesis.publisher, thesis.degree) == (
        "thesis", "García Márquez, Gabriel, Jr", "Univ. of X", "PhD",
    )
    assert book.filled() == {"title": "Dust", "author": "Zola, Émile", "publisher": "Oak", "edition": "2nd",
                             "isbn": "9780330284981", "year": "1999"}
    assert (chapter.kind, chapter.part_title, chapter.title, chapter.author) == ("chapter", "One", "Many", "C, D")
    assert (report.kind, report.document_number, report.publisher) == ("report", "TR-1", "NASA")
    assert (preprint.kind, preprint.arxiv) == ("article", "2101.00001")
    assert broken.title == "No end"


RIS = """TY  - JOUR
AU  - Smith, John A.
AU  - Müller, Karl
TI  - On the lake: a
      study
T2  - Water Today
JA  - Water Tod.
PY  - 2019/03//
VL  - 12
IS  - 3
SP  - 45
EP  - 67
SN  - 1368-8375
DO  - 10.1234/W.1
ER  -

TY  - CHAP
A1  - Ko, A
T1  - One
T2  - Dust
A2  - Li, B
PB  - Oak
CY  - Rome
SP  - 7-9
SN  - 978-0-14-143954-9
ER  -
TY  - THES
AU  - Harris, L.
TI  - Leaders
PB  - University of X
M3  - PhD
Y1  - 2014
ER  -
TY  - CPAPER
TI  - Paper
T2  - Conference on Maps
ER  -
TY  - RPRT
TI  - Wind
SN  - TR-84
PB  - NASA
ER  -
TY  - NEWS
TI  - Flood
T2  - The Post
DA  - 2011/10/21
ER  -
"""


def test_ris_of_the_common_types():
    readings = references.read_all(RIS.replace("\n", "\r\n"))
    kinds = ["article", "chapter", "thesis", "conference", "report", "newspaper"]
    assert [one.record.kind for one in readings] == kinds
    article, chapter, thesis, paper, report, news = (one.record for one in readings)
    assert article.filled() == {
        "title": "Water Today", "part_title": "On the lake: a study", "part_author": "Smith, John A.; Müller, Karl",
        "year": "2019", "volume": "12", "issue": "3", "pages": "45-67", "issn": "1368-8375", "doi": "10.1234/w.1",
    }
    assert ("title", "Water Tod.") in article.also
    assert chapter.filled() == {
        "title": "Dust", "part_title": "One", "part_author": "Ko, A", "author": "Li, B", "publisher": "Oak",
        "place": "Rome", "pages": "7-9", "isbn": "9780141439549",
    }
    assert (thesis.title, thesis.publisher, thesis.degree, thesis.year) == ("Leaders", "University of X", "PhD", "2014")
    assert (paper.title, paper.part_title) == ("Conference on Maps", "Paper")
    assert (report.document_number, report.publisher) == ("TR-84", "NASA")
    assert (news.title, news.part_title, news.issue, news.year) == ("The Post", "Flood", "2011/10/21", "2011")


NBIB = """PMID- 31452104
OWN - NLM
IS  - 1940-6029 (Electronic)
IS  - 1064-3745 (Linking)
VI  - 2034
IP  - 4
DP  - 2019 Sep
TI  - Calcium-binding proteins in the
      lake.
PG  - 1-12
LID - 10.1007/978-1-4939-9030-6_1 [doi]
FAU - Smith, John A
AU  - Smith JA
FAU - Li, Bo
AU  - Li B
LA  - eng
PT  - Journal Article
TA  - Methods Mol Biol
JT  - Methods in molecular biology (Clifton, N.J.)
PMC - PMC3531190

PMID- 7
TI  - Second.
TA  - BMJ
"""


def test_medline_as_pubmed_exports_it():
    first, second = references.read_all(NBIB)
    assert first.style == "medline" and first.record.filled() == {
        "title": "Methods in molecular biology (Clifton, N.J.)", "part_title": "Calcium-binding proteins in the lake.",
        "part_author": "Smith, John A; Li, Bo", "year": "2019", "volume": "2034", "issue": "4", "pages": "1-12",
        "issn": "1940-6029", "doi": "10.1007/978-1-4939-9030-6_1", "pmid": "31452104", "pmcid": "PMC3531190",
    }
    assert first.record.issns == ("1940-6029", "1064-3745") and first.record.language == "eng"
    assert ("title", "Methods Mol Biol") in first.record.also
    assert second.record.filled() == {"title": "BMJ", "part_title": "Second.", "pmid": "7"}


def test_endnote_with_its_percent_signs():
    (one,) = references.read_all("%0 Journal Article\n%A Smith, J\n%A Li, B\n%T On the lake\n%J Water\n%D 2019\n%V 12\n"
                                 "%N 3\n%P 45-67\n%@ 1368-8375\n%R 10.1234/w\n")
    assert one.style == "endnote" and one.record.filled() == {
        "title": "Water", "part_title": "On the lake", "part_author": "Smith, J; Li, B", "year": "2019", "volume": "12",
        "issue": "3", "pages": "45-67", "issn": "1368-8375", "doi": "10.1234/w",
    }


def test_the_first_of_an_export_is_the_one_that_fills_a_form():
    assert references.read(RIS).record.title == "Water Today"
    assert references.read(BIBTEX).style == "bibtex"


# --- bounds -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", [
    "a. ", "A, ", "A. B, ", "1, 2", "(2019) ", "Smith, J. ", "“a” ", "a", "In: ", "x (2019). ", "a: b, ", "et al. ",
    "; ", "[J] ", "А. ", "Иванов И. И., ", " // ", "「", "a「b」", "ed. ", "edited by A, ", "12, no. ", "vol. 1 ",
    "A. Aa, ", "a, b (c: d, 2019", "J. Smith, ", "' ", "'a' ", "Tech. Rep. ", "A B C ", "10.1234/", "ISBN ",
    "TY  - \n", "%0 a\n",
    "@a{", "{", "@article{x, title={{", "https://a.", "Smith J. T: p; 2002. ",
])
def test_no_text_takes_long(piece):
    begun = time.monotonic()
    references.read(piece * (1_990 // len(piece)))
    references.read((piece * (60_000 // len(piece)))[:60_000])
    assert time.monotonic() - begun < 3


@settings(max_examples=300, deadline=None)
@given(st.one_of(
    st.text(max_size=200),
    st.text(st.sampled_from("Smith, J. (2019). “T” : 12(3), 45–67 // [M] № In ed. pp@{}TY-%\n"), max_size=200),
    st.lists(st.sampled_from([text for text, _wanted in TABLE]), max_size=2).map(" ".join),
))
def test_anything_is_read_without_an_error(text):
    for reading in references.read_all(text):
        assert 0 <= reading.sure <= 1 and "\u241e" not in str(reading)
