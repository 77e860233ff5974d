"""What follows from what was found: taken, offered, asked about, or nothing."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.verification import evidence
from requests_app.verification.matching import compare, conclude, merge
from requests_app.verification.records import Record, record_to

pytestmark = pytest.mark.nodb

ARTICLE = Record(
    kind="article", part_title="Molecular structure of nucleic acids", author="Watson, J. D.; Crick, F. H. C.",
    title="Nature", year="1953", volume="171", issue="4356", pages="737–738", issn="0028-0836", doi="10.1038/171737a0",
    source="crossref",
)
SECOND = Record(
    kind="book", title="Introduction to algorithms", author="Cormen, Thomas H.; Leiserson, Charles E.",
    edition="2nd ed.", year="2001", publisher="MIT Press", isbn="9780262032933", source="catalogue",
)
THIRD = SECOND.with_(edition="3rd ed.", year="2009", isbn="9780262033848")
VOLUME_2 = Record(
    kind="book", title="The art of computer programming. Volume 2, Seminumerical algorithms", author="Knuth, Donald E.",
    year="1998", volume="2", isbn="9780201896848", source="catalogue",
)
VOLUME_3 = VOLUME_2.with_(
    title="The art of computer programming. Volume 3, Sorting and searching", volume="3", isbn="9780201896855",
)


def test_each_field_says_how_it_agrees():
    wanted = ARTICLE.with_(title="Nat.", volume="4356", issue="171", pages="737-8", year="1954", doi="", issn="")
    match = compare(wanted, ARTICLE)
    agreements = {row.name: row.agreement for row in match.fields}
    assert agreements["part_title"] == "same" and agreements["volume"] == agreements["issue"] == "swapped"
    assert agreements["pages"] == "same" and agreements["year"] == "year_off" and agreements["doi"] == "only_found"
    assert str(match.field("volume").words) == "volume and issue swapped"
    assert match.field("pages").typed == "737-8" and match.field("pages").found == "737–738"
    assert conclude(wanted, [ARTICLE]).outcome == "verified"


def test_two_editions_are_never_taken_for_each_other():
    wanted = SECOND.with_(isbn="")
    said = conclude(wanted, [THIRD])
    assert said.outcome == "ambiguous" and said.best.match.codes == {"other_edition", "other_year"}
    assert "This is another edition." in [str(reason) for reason in said.best.match.against]
    assert conclude(wanted, [THIRD, SECOND]).best.record == conclude(wanted, [SECOND]).best.record
    assert conclude(wanted, [THIRD, SECOND]).outcome == "verified"


def test_a_title_in_several_editions_is_asked_about_unless_any_will_do():
    wanted = Record(kind="book", title="Introduction to algorithms", author="Cormen")
    said = conclude(wanted, [SECOND, THIRD])
    assert said.outcome == "ambiguous" and len(said.candidates) == 2
    assert conclude(wanted, [SECOND, THIRD], any_edition=True).outcome == "verified"
    assert conclude(SECOND.with_(isbn=""), [THIRD], any_edition=True).outcome == "verified"


def test_any_edition_is_not_any_volume():
    wanted = Record(kind="book", title="The art of computer programming, vol. 2", author="Knuth")
    assert conclude(wanted, [VOLUME_3], any_edition=True).outcome == "ambiguous"
    assert conclude(wanted, [VOLUME_3, VOLUME_2]).outcome == "verified"
    assert conclude(wanted, [VOLUME_3, VOLUME_2]).best.record.volume == "2"


def test_an_equal_number_is_no_proof():
    wanted = ARTICLE.with_(
        part_title="Thermodynamics of black holes", author="Hawking, S. W.", pages="", volume="", year="1975"
    )
    said = conclude(wanted, [ARTICLE])
    assert said.outcome == "ambiguous" and "number_elsewhere" in said.best.match.codes
    set_isbn = VOLUME_3.with_(isbn=VOLUME_2.isbn)
    assert conclude(VOLUME_2, [set_isbn]).outcome == "ambiguous"


def test_a_number_alone_is_enough_where_its_digits_are_tested_or_sparse():
    assert conclude(Record(doi="10.1038/171737A0"), [ARTICLE]).outcome == "verified"
    assert conclude(Record(isbn="0262032937"), [SECOND, THIRD]).best.record.edition == "2nd ed."
    # Any eight figures are somebody's PMID.
    assert conclude(Record(pmid="13054692"), [ARTICLE.with_(pmid="13054692")]).outcome == "probable"


def test_pages_of_a_journal_are_enough_and_a_volume_is_not():
    cited = Record(kind="article", title="Nature", year="1953", volume="171", pages="737", author="Watson")
    assert conclude(cited, [ARTICLE]).outcome == "verified"
    assert conclude(cited.with_(pages=""), [ARTICLE]).outcome == "probable"


def test_the_title_of_the_article_in_the_wrong_box():
    wanted = Record(title="Molecular structure of nucleic acids", author="Watson, Crick")
    assert conclude(wanted, [ARTICLE]).outcome == "verified"


def test_the_book_around_a_chapter_is_no_chapter():
    book = Record(kind="book", title="Illuminations", author="Benjamin, Walter", year="1968", isbn="9780805202410")
    wanted = Record(
        kind="chapter", part_title="The work of art", part_author="Benjamin, W.", title="Illuminations", year="1968",
        isbn="9780805202410", pages="217-251",
    )
    said = conclude(wanted, [book])
    assert said.outcome in ("probable", "ambiguous") and "host" in said.best.match.codes


def test_a_short_title_begins_many_books():
    complete = Record(kind="book", title="Perl : the complete reference", author="Brown, Martin C", year="1999")
    other = complete.with_(title="Perl : programmer's reference")
    wanted = Record(kind="book", title="Perl", author="Brown", year="1999")
    assert len(merge([complete, other])) == 2
    assert conclude(wanted, [complete, other]).outcome == "ambiguous"
    assert conclude(wanted, [complete]).outcome == "probable"


def test_nothing_of_the_kind():
    assert conclude(Record(kind="book", title="Emma", author="Austen, Jane"), [ARTICLE, SECOND]).outcome == "not_found"
    assert conclude(ARTICLE, []).outcome == "not_found" and conclude(ARTICLE, []).best is None
    assert conclude(Record(), [ARTICLE]).outcome == "not_found"


def test_several_sources_make_one_candidate_and_each_field_says_whose_it_is():
    pubmed = Record(
        kind="article", part_title="Molecular structure of nucleic acids.", author="WATSON JD; CRICK FH",
        title="Nature", year="1953", volume="171", pages="737-8", issn="1476-4687", pmid="13054692", source="pubmed",
    )
    (candidate,) = merge([ARTICLE, pubmed])
    assert candidate.record.pmid == "13054692" and candidate.record.doi == ARTICLE.doi
    assert candidate.origins["doi"] == "crossref" and candidate.origins["pmid"] == "pubmed"
    assert candidate.record.issns == ("0028-0836", "1476-4687") and candidate.members == (ARTICLE, pubmed)
    assert ("author", "WATSON JD; CRICK FH") in candidate.record.also
    assert candidate.record.pages == "737–738", "the first source is the most trusted"


def test_parts_with_a_doi_each_are_not_merged_where_a_digit_of_volume_or_pages_differs():
    """Part one and part two of one article under one title: no slip of the pen, but two articles."""
    one = ARTICLE.with_(doi="10.5555/one", volume="12", pages="41-58")
    for other in (one.with_(doi="10.5555/two", volume="13"), one.with_(doi="10.5555/two", pages="1-9"),
                  one.with_(doi="10.5555/two", pages="41-59", volume="11")):
        assert len(merge([one, other])) == 2
    assert len(merge([one, one.with_(doi="", pages="41-8")])) == 1


def test_editions_volumes_and_years_of_books_are_not_merged():
    assert len(merge([SECOND, THIRD])) == 2 and len(merge([VOLUME_2, VOLUME_3])) == 2
    assert len(merge([SECOND, SECOND.with_(year="2002", isbn="")])) == 2
    # Might be either: it stays by itself and is no third edition.
    vague = Record(kind="book", title="Introduction to algorithms", author="Cormen, Thomas H.", source="other")
    assert len(merge([SECOND, THIRD, vague])) == 3
    assert conclude(THIRD, [SECOND, THIRD, vague]).outcome == "verified"


def test_original_script_and_romanization_are_one():
    cyrillic = Record(
        kind="book", title="Война и мир", author="Толстой, Лев Николаевич", year="1978", language="rus", source="a"
    )
    latin = cyrillic.with_(title="Voĭna i mir", author="Tolstoĭ, Lev Nikolaevich", source="b")
    (candidate,) = merge([cyrillic, latin])
    assert ("title", "Voĭna i mir") in candidate.record.also
    translation = Record(
        kind="book", title="War and peace", author="Tolstoy, Leo", year="1978", language="eng", source="c",
        also=(("title", "Voĭna i mir"),),
    )
    assert len(merge([cyrillic, translation])) == 2
    said = conclude(Record(kind="book", title="Voina i mir", author="Tolstoy", language="rus"), [translation])
    assert said.outcome != "verified" and said.best.match.codes >= {"translation"}


def test_every_code_has_words_and_every_reason_a_sentence():
    for codes in evidence.POINTS.values():
        assert set(codes) <= set(evidence.WORDS)
    assert not set(evidence.HARD) & set(evidence.SOFT)
    assert all(str(evidence.Reason(code)).endswith(".") for code in {**evidence.HARD, **evidence.SOFT})
    assert {"verified", "probable", "ambiguous", "not_found"} >= {conclude(ARTICLE, [ARTICLE]).outcome}


TEXT = st.one_of(
    st.text(max_size=60),
    st.sampled_from([
        "", " ", "II", "vol. 2", "第2巻", "下", "Война и мир", "תמול", "ال", "ノルウェイの森 下", "a" * 300, "‮‏x",
        "\x00", "1-", "0",
        "[", "((((", "Erratum: x", "2nd ed.", "Smith, J.;;;", ",,,", "; ; and", "&#0;", "<i", "MCMLXXXIV", "٣", "½",
        "９７８",
    ]),
)
RECORDS = st.builds(
    Record, kind=st.sampled_from(["", "book", "article", "chapter", "thesis", "film"]), title=TEXT, author=TEXT,
    edition=TEXT, year=TEXT, volume=TEXT, issue=TEXT, pages=TEXT, part_title=TEXT, part_author=TEXT, isbn=TEXT,
    issn=TEXT, doi=TEXT, pmid=TEXT, document_number=TEXT, publisher=TEXT, series=TEXT,
    language=st.sampled_from(["", "eng", "rus", "jpn", "chi"]),
    also=st.lists(st.tuples(st.sampled_from(["title", "author", "part_title"]), TEXT), max_size=2).map(tuple),
)


@given(RECORDS, RECORDS)
@settings(max_examples=250, deadline=None)
def test_whatever_the_texts_it_answers_and_both_ways_alike(one, other):
    there, back = compare(one, other), compare(other, one)
    assert there.score == back.score and there.codes == back.codes and 0 <= there.score <= 1
    assert {row.name for row in there.fields} == {row.name for row in back.fields}
    json.dumps([str(row.words) for row in there.fields])


@given(RECORDS)
@settings(max_examples=200, deadline=None)
def test_a_description_never_contradicts_itself(one):
    match = compare(one, one)
    assert not match.codes - {"host"}, match
    assert all(row.agreement != "different" for row in match.fields), match


@given(st.lists(RECORDS, max_size=5), RECORDS)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_or_doubled_in_merging(records, wanted):
    candidates = merge(records)
    members = [record for candidate in candidates for record in candidate.members]
    assert sorted(map(repr, members)) == sorted(map(repr, records))
    said = conclude(wanted, records)
    assert (said.outcome == "not_found") == (not said.candidates)
    assert all(record_to(candidate.record) is not None and candidate.match for candidate in said.candidates)


@pytest.mark.parametrize("stuff", [
    "word " * 2000, "a" * 10_000, "(" * 10_000, "vol. 1 " * 1500, "Имя, " * 2000, "字" * 10_000, "ا" * 10_000,
    "1-" * 5000,
    "; " * 5000,
    "A. " * 3000, "&amp;" * 2000, "<i>" * 3000, "I. " * 3000, "no. " * 2500, "¹" * 10_000, "﷽" * 10_000,
])
def test_ten_thousand_characters_take_no_time(stuff):
    long = Record(
        title=stuff, part_title=stuff, author=stuff, edition=stuff, volume=stuff, issue=stuff, pages=stuff, year=stuff,
        isbn=stuff, issn=stuff, doi=stuff, publisher=stuff, also=(("title", stuff), ("author", stuff + "x")),
    )
    began = time.thread_time()
    compare(long, long.with_(title=stuff + "b", author=stuff + "c"))
    compare(long, ARTICLE)
    compare(SECOND, long)
    assert time.thread_time() - began < 6
