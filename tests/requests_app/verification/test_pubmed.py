"""PubMed: by its own number, by others' numbers, in words, and what PubMed Central has in full."""

import pytest

from requests_app.verification.records import Access, Record
from tests.peers import shapes
from tests.peers.web import peer
from tests.requests_app.verification.asking import CONTACT, IN_WORDS, ask, web

pytestmark = pytest.mark.nodb


@pytest.fixture
def there():
    with peer() as there:
        shapes.everything(there)
        yield there


def test_pubmed_by_number(there):
    answer = ask("pubmed", there)
    assert answer.records == (Record(
        kind="article", title="Nature", place="England", year="2013", volume="500", issue="7460", pages="54-58",
        part_title="Thermometrie im Nanometerbereich in einer lebenden Zelle",
        part_author="Kucsko, G; Harvard Quantum Group", issn="1476-4687", issns=("1476-4687", "0028-0836"),
        doi="10.1038/nature12373", pmid="23903748", pmcid="PMC4221854", language="ger",
        also=(("part_title", "Nanometre-scale thermometry in a living cell"), ("year", "2012")),
        source="pubmed", source_id="23903748", url="https://pubmed.ncbi.nlm.nih.gov/23903748/",
    ),)
    assert answer.access == (Access(
        url="https://pmc.ncbi.nlm.nih.gov/articles/PMC4221854/", way="free", name="PubMed Central",
        version="accepted", source="pubmed", record_id="23903748",
    ),)
    assert there.seen[0].params == {
        "db": "pubmed", "id": "23903748", "retmode": "xml", "tool": "illdesk", "email": CONTACT
    }


def test_pubmed_by_the_number_of_pubmed_central_and_by_doi(there):
    assert ask("pubmed", there, Record(pmcid="PMC4221854")).records[0].pmid == "23903748"
    assert there.paths() == ["/converter", "/pubmed/efetch.fcgi"]
    assert there.seen[0].params == {"ids": "PMC4221854", "format": "json", "tool": "illdesk", "email": CONTACT}
    there.seen.clear()
    assert ask("pubmed", there, Record(kind="article", doi="10.1038/nature12373")).records
    assert there.seen[0].params["term"] == '"10.1038/nature12373"[doi]'


def test_pubmed_in_words_at_its_own_pace(there):
    by = web()
    begun = by.seconds_left
    answer = ask("pubmed", there, IN_WORDS["pubmed"], by=by)
    assert there.seen[0].params["term"] == (
        "Nanometre[ti] AND scale[ti] AND thermometry[ti] AND in[ti] AND living[ti] AND cell[ti]"
    )
    assert (len(answer.records), answer.more) == (1, 6)
    assert begun - by.seconds_left >= 0.34


def test_pubmed_asks_by_place_where_the_title_finds_nothing(there):
    there.says("/pubmed/esearch.fcgi", {"esearchresult": {"count": "0", "idlist": []}})
    wanted = IN_WORDS["pubmed"].with_(volume="500", pages="54-58")
    assert not ask("pubmed", there, wanted)
    assert there.seen[1].params["term"] == '"Nature"[ta] AND "500"[vi] AND "54"[pg]'


def test_pubmed_does_not_promise_what_is_released_later(there):
    there.says("/pubmed/efetch.fcgi", shapes.EFETCH.replace("<Year>2014<", "<Year>2999<"), type="text/xml")
    answer = ask("pubmed", there)
    assert (len(answer.records), answer.access) == (1, ())


def test_pubmed_reads_chapters_of_its_bookshelf(there):
    there.says("/pubmed/efetch.fcgi", """<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>20301295</PMID>
        <Book><Publisher><PublisherName>University of Washington</PublisherName><PublisherLocation>Seattle (WA)
        </PublisherLocation></Publisher><BookTitle>GeneReviews</BookTitle><PubDate><Year>1993</Year></PubDate>
        <AuthorList Type="editors"><Author><LastName>Adam</LastName><ForeName>M P</ForeName></Author></AuthorList>
        </Book><ArticleTitle>Marfan Syndrome.</ArticleTitle><Language>eng</Language><AuthorList Type="authors"><Author>
        <LastName>Dietz</LastName><ForeName>H</ForeName></Author></AuthorList></BookDocument></PubmedBookArticle>
        </PubmedArticleSet>""", type="text/xml")
    assert ask("pubmed", there, Record(pmid="20301295")).records == (Record(
        kind="chapter", title="GeneReviews", author="Adam, M P", publisher="University of Washington",
        place="Seattle (WA)", year="1993", part_title="Marfan Syndrome", part_author="Dietz, H", pmid="20301295",
        language="eng", source="pubmed", source_id="20301295", url="https://pubmed.ncbi.nlm.nih.gov/20301295/",
    ),)
