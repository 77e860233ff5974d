"""Answers as the public servers give them: our own, in their shapes, of works that exist; and those recorded in
shared/data, which are read there and never copied."""

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import SAMPLES
from tests.peers.web import Peer

OCLC = SAMPLES / "oclc"
OPEN = SAMPLES / "oa"

TOKEN = {
    "access_token": "tk_first", "token_type": "bearer", "expires_in": "1199", "expires_at": "2026-01-02 03:04:05Z",
    "scope": "wcapi",
}

CROSSREF = {"status": "ok", "message-type": "work", "message": {
    "DOI": "10.1136/ESMOOPEN-2020-000776", "type": "journal-article", "publisher": "Elsevier BV",
    "title": ["Phase II study of <i>lenvatinib</i> for H<sub>2</sub>O &amp;amp; cancer"],
    "subtitle": ["the LEMON study"], "container-title": ["ESMO Open"], "short-container-title": ["ESMO Op"],
    "original-title": ["レンバチニブの第II相試験"], "volume": "5", "issue": "4", "page": "e000776", "language": "en",
    "author": [
        {"given": "Satoru", "family": "Iwasa", "sequence": "first"}, {"family": "Okita"},
        {"name": "Japan Clinical Oncology Group"},
    ],
    "issued": {"date-parts": [[2019, 12, 5]]}, "published-print": {"date-parts": [[2020, 1]]},
    "ISSN": ["2059-7029", "2059-7029"],
    "license": [
        {"URL": "https://www.elsevier.com/tdm/userlicense/1.0/", "content-version": "tdm", "delay-in-days": 0},
        {"URL": "http://creativecommons.org/licenses/by-nc/4.0/", "content-version": "vor", "delay-in-days": 0},
    ],
}}

OPENALEX = {
    "id": "https://openalex.org/W2741809807", "doi": "https://doi.org/10.7717/peerj.4375",
    "title": "The state of OA: a large-scale analysis of the prevalence and impact of Open Access articles",
    "publication_year": 2018, "language": "en", "type": "article",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/29456894",
    "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/5815332"},
    "biblio": {"volume": "6", "issue": None, "first_page": "e4375", "last_page": "e4375"},
    "authorships": [
        {"author": {"display_name": "Heather Piwowar"}}, {"author": {"display_name": "Vincent Larivière"}},
    ],
    "primary_location": {
        "is_oa": True, "landing_page_url": "https://doi.org/10.7717/peerj.4375", "pdf_url": None,
        "source": {
            "display_name": "PeerJ", "issn_l": "2167-8359", "issn": ["2167-8359"], "type": "journal",
            "host_organization_name": "PeerJ, Inc.",
        }, "license": "cc-by", "version": "publishedVersion",
    },
    "best_oa_location": {
        "is_oa": True, "landing_page_url": "https://doi.org/10.7717/peerj.4375",
        "pdf_url": "https://peerj.com/articles/4375.pdf", "source": {"display_name": "PeerJ"}, "license": "cc-by",
        "version": "publishedVersion",
    },
    "locations": [
        {"is_oa": False, "landing_page_url": "https://paywall.example/4375", "pdf_url": None, "version": None},
        {
            "is_oa": True, "landing_page_url": "https://hal.example/1", "pdf_url": None,
            "source": {"display_name": "HAL"}, "license": None, "version": "submittedVersion",
        },
        {
            "is_oa": True, "landing_page_url": "https://europepmc.org/articles/pmc5815332", "pdf_url": None,
            "source": {"display_name": "Europe PMC"}, "license": "cc-by", "version": "acceptedVersion",
        },
    ],
}

DOAJ = {"total": 8, "page": 1, "pageSize": 5, "results": [{
    "id": "0123456789abcdef0123456789abcdef", "bibjson": {
        "title": "Ways Of Depropriating Images", "year": "2025", "start_page": "110", "end_page": "25",
        "author": [{"name": "Sónia Díaz"}, {"name": "Martinez, Gabriel"}],
        "identifier": [{"type": "doi", "id": "10.12681/DAC.39266"}, {"type": "eissn", "id": "2732-6926"}],
        "link": [
            {"type": "fulltext", "content_type": "PDF", "url": "https://ejournals.epublishing.ekt.gr/dac/39266"},
            {"type": "homepage", "url": "https://ejournals.epublishing.ekt.gr/"},
        ],
        "journal": {
            "title": "Design/Arts/Culture", "volume": "5", "number": "1", "publisher": "EKT", "language": ["EN"],
            "issns": ["2732-6926"], "license": [{"title": "CC BY"}],
        },
    },
}]}

UNPAYWALL = {
    "doi": "10.1038/nature12373", "title": "Nanometre-scale thermometry in a living cell", "genre": "journal-article",
    "is_oa": True, "journal_name": "Nature", "journal_issn_l": "0028-0836", "journal_issns": "0028-0836,1476-4687",
    "publisher": "Springer Nature", "year": 2013,
    "z_authors": [{"family": "Kucsko", "given": "G."}, {"raw_author_name": "Peter C. Maurer"}],
    "best_oa_location": {
        "host_type": "repository", "version": "publishedVersion", "license": None,
        "repository_institution": "Harvard University",
        "url": "https://dash.harvard.edu/1.pdf", "url_for_pdf": "https://dash.harvard.edu/1.pdf",
        "url_for_landing_page": "http://nrs.harvard.edu/1",
    },
    "oa_locations": [
        {
            "host_type": "repository", "version": "submittedVersion", "license": None, "repository_institution": None,
            "url": "http://arxiv.org/pdf/1304.1068", "url_for_pdf": "http://arxiv.org/pdf/1304.1068",
        },
        {"host_type": "repository", "version": None, "url": "javascript:alert(1)", "url_for_pdf": None},
        {
            "host_type": "publisher", "version": "acceptedVersion", "license": "cc-by", "url_for_pdf": None,
            "url": "https://www.nature.com/articles/nature12373", "url_for_landing_page": "https://www.nature.com/x",
        },
    ],
}

ESEARCH = {"header": {"type": "esearch"}, "esearchresult": {"count": "7", "retmax": "5", "idlist": ["23903748"]}}
CONVERTED = {"status": "ok", "records": [{"pmcid": "PMC4221854", "pmid": "23903748", "doi": "10.1038/nature12373"}]}
EFETCH = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"
 "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">23903748</PMID>
<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">1476-4687</ISSN>
<JournalIssue CitedMedium="Internet"><Volume>500</Volume><Issue>7460</Issue>
<PubDate><Year>2013</Year><Month>Aug</Month></PubDate></JournalIssue>
<Title>Nature</Title><ISOAbbreviation>Nature</ISOAbbreviation></Journal>
<ArticleTitle>[Nanometre-scale <i>thermometry</i> in a living cell].</ArticleTitle>
<Pagination><MedlinePgn>54-8</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.1038/nature12373</ELocationID>
<AuthorList CompleteYN="Y"><Author><LastName>Kucsko</LastName><ForeName>G</ForeName><Initials>G</Initials></Author>
<Author><CollectiveName>Harvard Quantum Group</CollectiveName></Author></AuthorList>
<Language>ger</Language><VernacularTitle>Thermometrie im Nanometerbereich in einer lebenden Zelle.</VernacularTitle>
<ArticleDate DateType="Electronic"><Year>2012</Year></ArticleDate></Article>
<MedlineJournalInfo><Country>England</Country><MedlineTA>Nature</MedlineTA><ISSNLinking>0028-0836</ISSNLinking>
</MedlineJournalInfo></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="pmc-release"><Year>2014</Year><Month>2</Month><Day>1</Day>
</PubMedPubDate></History><ArticleIdList><ArticleId IdType="pubmed">23903748</ArticleId>
<ArticleId IdType="mid">NIHMS610521</ArticleId><ArticleId IdType="pmc">PMC4221854</ArticleId>
<ArticleId IdType="doi">10.1038/nature12373</ArticleId></ArticleIdList>
<ReferenceList><Reference><ArticleIdList><ArticleId IdType="pmc">PMC1</ArticleId></ArticleIdList></Reference>
</ReferenceList></PubmedData></PubmedArticle></PubmedArticleSet>"""

OPEN_LIBRARY_BOOK = {"ISBN:9780140328721": {
    "url": "https://openlibrary.org/books/OL7353617M/Fantastic_Mr._Fox", "key": "/books/OL7353617M",
    "title": "Fantastic Mr. Fox", "subtitle": "a tale", "authors": [{"name": "Roald Dahl"}],
    "publishers": [{"name": "Puffin"}], "publish_places": [{"name": "London"}], "publish_date": "October 1, 1988",
    "identifiers": {"isbn_10": ["0140328726"], "isbn_13": ["9780140328721"], "oclc": ["10249636", "19376345"]},
    "ebooks": [{
        "preview_url": "https://archive.org/details/fantasticmrfox00dahl", "availability": "borrow",
        "borrow_url": "https://openlibrary.org/books/OL7353617M/borrow",
    }],
}}
OPEN_LIBRARY_SEARCH = {"numFound": 12, "start": 0, "docs": [
    {
        "key": "/works/OL102749W", "title": "Moby Dick", "author_name": ["Herman Melville"], "edition_count": 900,
        "first_publish_year": 1851, "isbn": ["9780142437247", "9780553213119"], "language": ["eng", "ger"],
        "editions": {"numFound": 1, "docs": [{
            "key": "/books/OL999M", "title": "Moby Dick", "subtitle": "or, The whale", "publish_date": ["1851"],
            "publisher": ["Harper"], "language": ["eng"], "ebook_access": "public", "ia": ["mobydickorwhale01melv"],
        }]},
    },
    {
        "key": "/works/OL5W", "title": "Moby Dick explained", "author_name": ["A. Critic"], "edition_count": 3,
        "first_publish_year": 1950, "isbn": ["9780306406157"], "ebook_access": "public", "ia": ["explained"],
    },
]}

HATHITRUST = {"oclc:424023": {
    "records": {"000578050": {
        "recordURL": "https://catalog.hathitrust.org/Record/000578050", "titles": ["Infinite series.",
        "Бесконечные ряды"],
        "isbns": ["0030110408"], "issns": [], "oclcs": ["00424023", "123"], "lccns": ["62009520"],
        "publishDates": ["1962"],
    }},
    "items": [
        {
            "orig": "University of California", "fromRecord": "000578050", "htid": "uc1.b4405602", "enumcron": False,
            "itemURL": "https://hdl.handle.net/2027/uc1.b4405602", "rightsCode": "ic",
            "usRightsString": "Limited (search-only)",
        },
        {
            "orig": "University of Michigan", "fromRecord": "000578050", "htid": "mdp.1", "enumcron": "v.1",
            "itemURL": "https://hdl.handle.net/2027/mdp.1", "rightsCode": "pdus", "usRightsString": "Full view",
        },
    ],
}}

INTERNET_ARCHIVE = {"responseHeader": {"status": 0}, "response": {"numFound": 40, "start": 0, "docs": [
    {
        "identifier": "mobydickorwhale01melv", "title": "Moby Dick; or, The whale",
        "creator": "Melville, Herman, 1819-1891",
        "date": "1851-01-01T00:00:00Z", "publisher": ["New York : Harper"], "language": "eng",
        "collection": ["americana", "cornell"], "mediatype": "texts", "oclc-id": ["3174108"], "volume": "1",
    },
    {
        "identifier": "mobydick0000melv", "title": ["Moby Dick; or, The whale"], "creator": ["Herman Melville"],
        "date": "1851", "language": ["English"], "collection": ["inlibrary", "printdisabled"], "isbn": "0142437247",
        "access-restricted-item": "true",
    },
    {
        "identifier": "mobydick_pd", "title": "Moby Dick; or, The whale", "creator": "Herman Melville", "date": "1851",
        "collection": ["printdisabled"], "access-restricted-item": "true",
    },
]}}


def brief(number: str = "778419313", **more: Any) -> dict[str, Any]:
    """One of WorldCat's brief records."""
    return {
        "oclcNumber": number, "title": "My brilliant friend &amp; I", "creator": "Elena Ferrante", "date": "©2012",
        "machineReadableDate": "2012", "language": "eng", "generalFormat": "Book", "specificFormat": "PrintBook",
        "publisher": "Europa Editions", "publicationPlace": "New York", "isbns": ["9781609450786", "1609450787"],
        "mergedOclcNumbers": ["811639683"], "catalogingInfo": {"catalogingLanguage": "eng"}, **more,
    }


def library(symbol: str, registry_id: int, **more: Any) -> dict[str, Any]:
    return {
        "country": "US", "state": "US-ME", "oclcSymbol": symbol, "registryId": registry_id,
        "institutionName": f"Library {symbol} &#39;s", "address": {"city": "Waterville", "state": "US-ME"}, **more,
    }


def holdings(total: int, libraries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"numberOfRecords": 1, "briefRecords": [
        {**brief(), "institutionHolding": {"totalHoldingCount": total, "briefHoldings": libraries}}
    ]}


def everything(there: Peer) -> None:
    """All the public servers at their best."""
    there.says("/token", TOKEN, method="POST")
    there.says("/worldcat/brief-bibs/778419313", brief())
    there.says("/worldcat/brief-bibs", {"numberOfRecords": 1, "briefRecords": [brief()]})
    there.says("/worldcat/brief-bibs/778419313/other-editions", {"briefRecords": [brief("859323121",
        edition="2nd ed.")]})
    there.says("/worldcat/bibs-holdings", holdings(2, [library("CBY", 1233), library("OUR", 7)]))
    there.says("/worldcat/bibs-retained-holdings", holdings(1, [library("CBY", 1233)]))
    there.says("/crossref/works/.*", CROSSREF)
    there.says("/crossref/works", {"message": {"total-results": 9, "items": [CROSSREF["message"]]}})
    there.says("/openalex/works/.*", OPENALEX)
    there.says("/openalex/works", {"meta": {"count": 3}, "results": [OPENALEX]})
    there.says("/doaj/search/articles/.*", DOAJ)
    there.says("/unpaywall/.*", UNPAYWALL)
    there.says("/pubmed/esearch.fcgi", ESEARCH)
    there.says("/pubmed/efetch.fcgi", EFETCH, type="text/xml; charset=UTF-8")
    there.says("/converter", CONVERTED)
    there.says("/openlibrary/api/books", OPEN_LIBRARY_BOOK)
    there.says("/openlibrary/search.json", OPEN_LIBRARY_SEARCH)
    there.says("/hathi/.*", HATHITRUST)
    there.says("/archive/advancedsearch.php", INTERNET_ARCHIVE)


def recorded_worldcat(there: Peer) -> None:
    """The recorded answers of the Search API, each to the question it was recorded for."""
    for path in sorted((OCLC / "worldcat_search_v2").glob("*.json")):
        record = json.loads(path.read_text())
        parts = urlsplit(record["url"])
        there.says(
            parts.path.removeprefix("/worldcat/search/v2").replace("/brief", "/worldcat/brief"), record["content"],
            code=record["status_code"], type=record["type"], method=record["method"],
            **dict(pair.split("=") for pair in parts.query.replace("%3A", ":").split("&")),
        )


def recorded_crossref(there: Peer, name: str) -> None:
    """The answers of one recorded session with Crossref, each at its path."""
    for path, code, body in _session(OPEN / "crossref" / f"{name}.yaml"):
        there.says(path, body, code=code)


def _session(path: Path) -> list[tuple[str, int, bytes]]:
    import yaml

    found = []
    for one in yaml.safe_load(path.read_text())["interactions"]:
        body = one["response"]["body"]["string"]
        body = body.encode() if isinstance(body, str) else body
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        found.append(("/crossref" + urlsplit(one["request"]["uri"]).path, one["response"]["status"]["code"], body))
    return found
