"""What Crossref, OpenAlex, DOAJ and Unpaywall know of articles, read into Records exactly."""

import pytest

from illdesk.errors import AdapterError
from requests_app.verification.records import Access, Record
from requests_app.verification.sources import SOURCES
from tests.conftest import SAMPLES
from tests.peers import shapes
from tests.peers.web import peer
from tests.requests_app.verification.asking import CONTACT, IN_WORDS, PLACES, ask, settings_for, web

pytestmark = pytest.mark.nodb

recorded = pytest.mark.skipif(not (SAMPLES / "oa").is_dir(), reason=f"the samples of {SAMPLES} are not here")


@pytest.fixture
def there():
    with peer() as there:
        shapes.everything(there)
        yield there


def test_crossref_by_doi(there):
    answer = ask("crossref", there)
    assert answer.records == (Record(
        kind="article", title="ESMO Open", publisher="Elsevier BV", year="2020", volume="5", issue="4", pages="e000776",
        part_title="Phase II study of lenvatinib for H2O & cancer : the LEMON study",
        part_author="Iwasa, Satoru; Okita; Japan Clinical Oncology Group", issn="2059-7029", issns=("2059-7029",),
        doi="10.1136/esmoopen-2020-000776", language="eng",
        also=(("year", "2019"), ("part_title", "レンバチニブの第II相試験"), ("title", "ESMO Op")),
        source="crossref", source_id="10.1136/esmoopen-2020-000776",
        url="https://doi.org/10.1136/esmoopen-2020-000776",
    ),)
    assert answer.access == (Access(
        url="https://doi.org/10.1136/esmoopen-2020-000776", way="free", name="Elsevier BV", version="published",
        licence="cc-by-nc", source="crossref", record_id="10.1136/esmoopen-2020-000776",
    ),)
    assert [(one.path, one.params) for one in there.seen] == [
        ("/crossref/works/10.1136/esmoopen-2020-000776", {"mailto": CONTACT})
    ]


def test_crossref_in_words(there):
    answer = ask("crossref", there, IN_WORDS["crossref"])
    assert [one.doi for one in answer.records] == ["10.1136/esmoopen-2020-000776"]
    assert answer.more == 8
    assert answer.access == ()  # a longer title: a look-alike lends no link
    question = there.seen[0].params
    assert question["query.bibliographic"] == "Phase II study of lenvatinib Iwasa ESMO Open"
    assert (question["rows"], question["mailto"]) == ("5", CONTACT)
    assert "reference" not in question["select"]


def test_crossref_finds_an_article_by_where_it_stands(there):
    ask("crossref", there, Record(kind="article", title="Nature", volume="500", issue="7460", pages="54-58",
        year="2013"))
    assert there.seen[0].params["query.bibliographic"] == "Nature 500 7460 54 2013"


def test_crossref_asks_in_words_too_where_the_doi_is_unknown_or_anothers(there):
    wanted = IN_WORDS["crossref"].with_(doi="10.9999/typed.wrong")
    there.says("/crossref/works/10.9999/.*", b"Resource not found.", code=404, type="text/plain")
    assert [one.doi for one in ask("crossref", there, wanted).records] == ["10.1136/esmoopen-2020-000776"]
    there.seen.clear()
    other = wanted.with_(part_title="Envisioning something entirely different", doi="10.1136/esmoopen-2020-000776")
    ask("crossref", there, other)
    assert there.paths() == ["/crossref/works/10.1136/esmoopen-2020-000776", "/crossref/works"]


def test_crossref_reads_chapters_books_and_conferences(there):
    work = {
        "DOI": "10.1007/978-3-540-1", "type": "book-chapter", "title": ["A part"], "author": [{"family": "Writer",
        "given": "W."}],
        "editor": [{"family": "Editor", "given": "E.", "suffix": "Jr."}], "publisher-location": "Berlin",
        "container-title": ["Lecture Notes in Computer Science", "The Book"], "ISBN": ["http://id/9783540653677"],
        "issued": {"date-parts": [[None]]},
    }
    book = {
        "DOI": "10.1007/b", "type": "monograph", "title": ["The Book"], "subtitle": ["a tale"], "author": [],
        "editor": [{"family": "Editor"}], "original-title": ["Das Buch"],
    }
    there.says("/crossref/works", {"message": {"items": [work, book, {"DOI": "10.1/x"}, {"title": ["no number"]}]}})
    part, whole = ask("crossref", there, Record(kind="chapter", part_title="A part of it", title="The Book")).records
    assert part == Record(
        kind="chapter", title="The Book", author="Editor, E., Jr.", part_title="A part", part_author="Writer, W.",
        series="Lecture Notes in Computer Science", place="Berlin", doi="10.1007/978-3-540-1",
        source="crossref", source_id="10.1007/978-3-540-1", url="https://doi.org/10.1007/978-3-540-1",
        isbn="9783540653677", isbns=("9783540653677",),
    )
    assert (whole.kind, whole.title, whole.author, whole.also) == (
        "book", "The Book : a tale", "Editor", (("title", "Das Buch"),)
    )


def test_crossref_says_nothing_of_free_texts_under_embargo(there):
    work = {**shapes.CROSSREF["message"], "license": [
        {"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "vor", "delay-in-days": 365},
        {"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "am", "delay-in-days": 0},
    ]}
    there.says("/crossref/works/.*", {"message": work})
    assert ask("crossref", there).access == ()


def test_crossref_token_of_subscribers(there):
    ask("crossref", there, key="plus")
    assert there.seen[0].headers["crossref-plus-api-token"] == "Bearer plus"


@recorded
def test_crossref_as_recorded(there):
    shapes.recorded_crossref(there, "habanero_test_works_with_many_ids")
    shapes.recorded_crossref(there, "habanero_test_works_bad_id_warn")
    found = ask("crossref", there, Record(doi="10.1016/j.neurobiolaging.2010.03.024")).records[0]
    assert (found.kind, found.title, found.year, found.volume, found.issue, found.pages) == (
        "article", "Neurobiology of Aging", "2012", "33", "3", "588-602"
    )
    assert found.part_author.startswith("Lee, Hyun Ju; Lee, Jong Kil; Lee, Hyun; Carter, Janet E.")
    paper = ask("crossref", there, Record(doi="10.1109/icdcsw.2003.1203662")).records[0]
    assert (paper.kind, paper.year, paper.part_author) == ("conference", "", "Arya, V.; Turletti, T.")
    assert not ask("crossref", there, Record(doi="10.1371/notarealdoi"))


def test_openalex_by_doi(there):
    answer = ask("openalex", there)
    assert answer.records == (Record(
        kind="article", title="PeerJ", publisher="PeerJ, Inc.", year="2018", volume="6", pages="e4375",
        part_title="The state of OA: a large-scale analysis of the prevalence and impact of Open Access articles",
        part_author="Piwowar, Heather; Larivière, Vincent", issn="2167-8359", issns=("2167-8359",),
        doi="10.7717/peerj.4375", pmid="29456894", language="eng", source="openalex", source_id="W2741809807",
        url="https://openalex.org/W2741809807", pmcid="PMC5815332",
    ),)
    assert [(one.url, one.version, one.licence, one.is_pdf, one.name) for one in answer.access] == [
        ("https://peerj.com/articles/4375.pdf", "published", "cc-by", True, "PeerJ"),
        ("https://europepmc.org/articles/pmc5815332", "accepted", "cc-by", False, "Europe PMC"),
        ("https://hal.example/1", "submitted", "", False, "HAL"),
    ]
    assert {one.record_id for one in answer.access} == {"W2741809807"}
    assert there.seen[0].path == "/openalex/works/doi:10.7717/peerj.4375"
    assert there.seen[0].params["mailto"] == CONTACT


def test_openalex_in_words_and_with_a_key(there):
    answer = ask("openalex", there, IN_WORDS["openalex"], key="k")
    assert (len(answer.records), answer.more) == (1, 2)
    params = there.seen[0].params
    assert (params["search"], params["filter"], params["per_page"], params["api_key"]) == (
        "The state of OA a large scale analysis", "publication_year:2017-2019", "5", "k"
    )
    assert answer.access == ()  # "a large-scale analysis" alone is not the same title


def test_a_repository_is_no_journal(there):
    place = {**shapes.OPENALEX["primary_location"], "source": {"display_name": "Zenodo", "type": "repository"}}
    there.says("/openalex/works/.*", {**shapes.OPENALEX, "primary_location": place})
    found = ask("openalex", there).records[0]
    assert (found.title, found.issn, found.publisher) == ("", "", "")


def test_doaj_by_doi(there):
    answer = ask("doaj", there)
    assert answer.records == (Record(
        kind="article", title="Design/Arts/Culture", publisher="EKT", year="2025", volume="5", issue="1",
        pages="110-125",
        part_title="Ways Of Depropriating Images", part_author="Díaz, Sónia; Martinez, Gabriel", issn="2732-6926",
        issns=("2732-6926",), doi="10.12681/dac.39266", language="eng", source="doaj",
        source_id="0123456789abcdef0123456789abcdef", url="https://doaj.org/article/0123456789abcdef0123456789abcdef",
    ),)
    assert answer.access == (Access(
        url="https://ejournals.epublishing.ekt.gr/dac/39266", way="free", name="Design/Arts/Culture",
        version="published", licence="cc-by", is_pdf=True, source="doaj", record_id="0123456789abcdef0123456789abcdef",
    ),)
    assert there.seen[0].raw == "/doaj/search/articles/doi%3A%2210.12681%2Fdac.39266%22?page=1&pageSize=5"


def test_doaj_in_words(there):
    answer = ask("doaj", there, IN_WORDS["doaj"])
    assert (len(answer.records), len(answer.access), answer.more) == (1, 1, 7)
    assert there.paths() == [
        "/doaj/search/articles/bibjson.title:Ways AND bibjson.title:of AND bibjson.title:depropriating AND "
        "bibjson.title:images AND bibjson.author.name:Díaz"
    ]


def test_doaj_lends_no_link_to_a_look_alike(there):
    answer = ask("doaj", there, IN_WORDS["doaj"].with_(part_title="Ways of depropriating images again"))
    assert (len(answer.records), answer.access) == (1, ())


def test_unpaywall_lists_all_places_best_first(there):
    answer = ask("unpaywall", there)
    assert answer.records == (Record(
        kind="article", title="Nature", publisher="Springer Nature", year="2013",
        part_title="Nanometre-scale thermometry in a living cell", part_author="Kucsko, G.; Maurer, Peter C.",
        issn="0028-0836", issns=("0028-0836", "1476-4687"), doi="10.1038/nature12373", source="unpaywall",
        source_id="10.1038/nature12373", url="https://doi.org/10.1038/nature12373",
    ),)
    assert [(one.url, one.version, one.licence, one.is_pdf, one.name) for one in answer.access] == [
        ("https://dash.harvard.edu/1.pdf", "published", "", True, "Harvard University"),
        ("https://www.nature.com/articles/nature12373", "accepted", "cc-by", False, "publisher's site"),
        ("http://arxiv.org/pdf/1304.1068", "submitted", "", True, "arxiv.org"),
    ]
    assert there.seen[0].params == {"email": CONTACT}


def test_unpaywall_needs_an_address_and_says_so(there):
    source, nobody = SOURCES["unpaywall"], settings_for("unpaywall", there, contact="")
    assert not source.can_ask(PLACES["unpaywall"][1], nobody)
    with pytest.raises(AdapterError, match="needs an e-mail address"):
        source.test(nobody, web())
    there.says("/unpaywall/.*", {"error": True}, code=422)
    with pytest.raises(AdapterError, match="does not accept the e-mail address") as refused:
        ask("unpaywall", there)
    assert refused.value.permanent


def test_unpaywall_knows_nothing_of_another_doi(there):
    there.says("/unpaywall/.*", {**shapes.UNPAYWALL, "doi": "10.1038/something.else"})
    assert not ask("unpaywall", there)


@recorded
def test_unpaywall_as_recorded(there):
    sample = (shapes.OPEN / "unpaywall" / "unpywall_cache_03.json").read_bytes()
    there.says("/unpaywall/10.1038/nature12373", sample)
    answer = ask("unpaywall", there)
    assert answer.access[0].url.startswith("https://dash.harvard.edu/bitstream/1/12285462/")
    assert (answer.access[0].version, answer.access[0].is_pdf) == ("published", True)
    assert [one.version for one in answer.access][1:3] == ["accepted", "accepted"]
    assert answer.records[0].issns == ("0028-0836", "1476-4687")
