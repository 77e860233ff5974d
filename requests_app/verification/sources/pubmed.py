"""PubMed by NCBI's E-utilities, with PubMed Central's converter for its numbers and its free texts."""

from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from lxml import etree

from illdesk.outside import Answer as Said
from requests_app.verification.records import Access, Answer, Record
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.people import people, person
from requests_app.verification.sources.reading import at, document, inner, number, rows, text, texts, tried, unexpected
from requests_app.verification.sources.sought import (
    MOST,
    enough_for_article,
    is_other,
    is_same,
    sought,
    telling,
    words,
)
from requests_app.verification.web import Web, xml_of

BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
CONVERTER = "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles/"
TOOL = "illdesk"


@source
class PubMed:
    code = "pubmed"
    label = "PubMed"
    about = _("Articles in medicine and the life sciences, and which of them PubMed Central has in full. Free.")
    options: tuple[Option, ...] = (
        Option("url", _("address"), default=BASE),
        Option("converter", _("address of the ID converter"), default=CONVERTER),
        Option("key", _("key"), secret=True, help=_("From an NCBI account; not needed for our few questions.")),
    )
    inside = False
    gap = 0.34  # three a second without a key
    days = 30
    days_nothing = 7

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        if numbers.pmid(wanted.pmid) or numbers.pmcid(wanted.pmcid):
            return True
        if wanted.kind not in ("", "article", "conference"):
            return False
        return bool(numbers.doi(wanted.doi)) or enough_for_article(wanted)

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        found = _by_number(wanted, settings, web)
        if found.records and not is_other(wanted, found.records[0]):
            return found
        known, more = _search(wanted, settings, web)
        if not known:
            return found
        others = _fetch(wanted, known, settings, web)
        return Answer(
            records=(*found.records, *others.records)[:MOST], access=(*found.access, *others.access), more=more
        )

    def test(self, settings: Settings, web: Web) -> str:
        return tried(_fetch(Record(pmid="23903748"), ["23903748"], settings, web))


def _by_number(wanted: Record, settings: Settings, web: Web) -> Answer:
    known = numbers.pmid(wanted.pmid)
    if not known and (in_central := numbers.pmcid(wanted.pmcid)):
        known = _converted(in_central, settings, web)
    if not known and (doi := numbers.doi(wanted.doi)):
        known = next(iter(_search_for(f'"{doi}"[doi]', 1, settings, web)[0]), "")
    return _fetch(wanted, [known], settings, web) if known else Answer()


def _converted(pmcid: str, settings: Settings, web: Web) -> str:
    """PMID of an article in PubMed Central; '' for what is not there."""
    said = web.get(
        settings.option("converter", CONVERTER), {"ids": pmcid, "format": "json", **_me(settings, with_key=False)},
        fine=(400, 404),
    )
    if said.status_code != 200:
        return ""
    data = document(said, "records")
    return next((pmid for row in rows(data, "records") if (pmid := numbers.pmid(text(row, "pmid")))), "")


def _search(wanted: Record, settings: Settings, web: Web) -> tuple[list[str], int]:
    """By the longest words of the title, else by journal, volume and page."""
    looked_for = sought(wanted)
    terms = []
    if title := looked_for.title if wanted.part_title or not wanted.kind else "":
        by = [f"{word}[ti]" for word in telling(title)]
        terms.append(" AND ".join([*by, *(f"{word}[au]" for word in words(looked_for.family)[:1])]))
    if wanted.title and wanted.volume and wanted.pages and wanted.part_title != wanted.title:
        page = wanted.pages.split("-")[0].strip()
        places = ((" ".join(words(wanted.title)), "ta"), (wanted.volume, "vi"), (page, "pg"))
        terms.append(" AND ".join(f'"{" ".join(words(value))}"[{field}]' for value, field in places))
    for term in terms:
        if term and (found := _search_for(term, MOST, settings, web))[0]:
            return found
    return [], 0


def _search_for(term: str, most: int, settings: Settings, web: Web) -> tuple[list[str], int]:
    params = {"db": "pubmed", "term": term, "retmax": most, "retmode": "json", "sort": "relevance", **_me(settings)}
    data = document(_get("esearch.fcgi", params, settings, web), "esearchresult")
    if not isinstance(at(data, "esearchresult"), dict) or at(data, "esearchresult", "ERROR"):
        raise unexpected()
    found = [pmid for one in texts(data, "esearchresult", "idlist") if (pmid := numbers.pmid(one))][:most]
    return found, max(number(data, "esearchresult", "count") - len(found), 0)


def _fetch(wanted: Record, known: list[str], settings: Settings, web: Web) -> Answer:
    params = {"db": "pubmed", "id": ",".join(known), "retmode": "xml", **_me(settings)}
    said = _get("efetch.fcgi", params, settings, web)
    root = xml_of(said)
    if root.tag != "PubmedArticleSet":
        raise unexpected()
    articles = [(record, one) for one in root.findall("PubmedArticle") if (record := _record(one))]
    books = [record for one in root.findall("PubmedBookArticle/BookDocument") if (record := _from_book(one))]
    return Answer(
        records=(*(record for record, _one in articles), *books)[:MOST],
        access=tuple(
            access for record, one in articles
            if is_same(wanted, record) and (access := _free(record, one, said))
        ),
    )


def _record(one: etree._Element) -> Record | None:
    article = one.find("MedlineCitation/Article")
    known, title = numbers.pmid(inner(one, "MedlineCitation/PMID")), inner(article, "ArticleTitle").rstrip(".")
    own = inner(article, "VernacularTitle").rstrip(".")
    if article is None or not known or not (title or own):
        return None
    # A title in brackets is NLM's translation.
    title = title.removeprefix("[").removesuffix("]") if title.startswith("[") else title
    journal = inner(article, "Journal/Title")
    short = {inner(article, "Journal/ISOAbbreviation"), inner(one, "MedlineCitation/MedlineJournalInfo/MedlineTA")}
    issns = numbers.all_issns((
        *(inner(element) for element in article.findall("Journal/ISSN")),
        inner(one, "MedlineCitation/MedlineJournalInfo/ISSNLinking"),
    ))
    ids = {element.get("IdType", ""): inner(element) for element in one.findall("PubmedData/ArticleIdList/ArticleId")}
    issue = article.find("Journal/JournalIssue")
    year = numbers.year(inner(issue, "PubDate/Year") or inner(issue, "PubDate/MedlineDate"))
    online = numbers.year(inner(article, "ArticleDate/Year"))
    first, last = inner(article, "Pagination/StartPage"), inner(article, "Pagination/EndPage")
    if not first:
        first, _dash, last = inner(article, "Pagination/MedlinePgn").split(",")[0].partition("-")
    located = next((inner(e) for e in article.findall("ELocationID") if e.get("EIdType") == "doi"), "")
    return Record(
        kind="article", title=journal, part_title=own or title, part_author=_names(article),
        year=year or online, volume=inner(issue, "Volume"), issue=inner(issue, "Issue"),
        pages=numbers.pages(first.strip(), last.strip()), issn=next(iter(issns), ""), issns=issns,
        doi=numbers.doi(ids.get("doi", "")) or numbers.doi(located), pmid=known,
        pmcid=numbers.pmcid(ids.get("pmc", "")), language=numbers.language(inner(article, "Language")),
        place=inner(one, "MedlineCitation/MedlineJournalInfo/Country"),
        also=(
            *((("part_title", title),) if own and title and own != title else ()),
            *((("year", online),) if year and online and online != year else ()),
            *(("title", form) for form in sorted(short) if form and form != journal),
        ),
        source=PubMed.code, source_id=known, url=f"https://pubmed.ncbi.nlm.nih.gov/{known}/",
    )


def _from_book(one: etree._Element) -> Record | None:
    """A chapter, or a book as a whole, of NCBI's Bookshelf."""
    known, book, part = numbers.pmid(inner(one, "PMID")), inner(one, "Book/BookTitle"), inner(one, "ArticleTitle")
    if not known or not book:
        return None
    isbns = numbers.all_isbns(inner(element) for element in one.findall("Book/Isbn"))
    record = Record(
        kind="chapter" if part else "book", title=book, author=_names(one.find("Book")), publisher=inner(
            one, "Book/Publisher/PublisherName"
        ), place=inner(one, "Book/Publisher/PublisherLocation"), year=numbers.year(inner(one, "Book/PubDate/Year")),
        isbn=next(iter(isbns), ""), isbns=isbns, pmid=known, source=PubMed.code, source_id=known,
        language=numbers.language(inner(one, "Language")), url=f"https://pubmed.ncbi.nlm.nih.gov/{known}/",
    )
    return record.with_(part_title=part.rstrip("."), part_author=_names(one)) if part else record


def _names(article: etree._Element | None) -> str:
    return people(
        person(inner(one, "LastName"), inner(one, "ForeName") or inner(one, "Initials"), inner(one, "Suffix"))
        or inner(one, "CollectiveName")
        for one in (article.findall("AuthorList/Author") if article is not None else ())
    )


def _free(record: Record, one: etree._Element, said: Said) -> Access | None:
    """In PubMed Central, unless it is to be released there only later."""
    if not record.pmcid or _released_later(one, said):
        return None
    # Manuscripts that authors sent in have a number of NIH's own system.
    manuscript = any(e.get("IdType") == "mid" for e in one.findall("PubmedData/ArticleIdList/ArticleId"))
    return Access(
        url=f"https://pmc.ncbi.nlm.nih.gov/articles/{record.pmcid}/", way="free", name="PubMed Central",
        version="accepted" if manuscript else "published", source=PubMed.code, record_id=record.source_id,
    )


def _released_later(one: etree._Element, said: Said) -> bool:
    """By the clock of their server."""
    for element in one.findall("PubmedData/History/PubMedPubDate[@PubStatus='pmc-release']"):
        parts = [inner(element, name) for name in ("Year", "Month", "Day")]
        try:
            today = parsedate_to_datetime(said.headers.get("date", ""))
            return tuple(int(part) for part in parts) > (today.year, today.month, today.day)
        except ValueError:
            return True  # a release that cannot be read is no promise
    return False


def _get(path: str, params: dict[str, Any], settings: Settings, web: Web) -> Said:
    if web.calls:
        web.pause(PubMed.gap)
    return web.get(f"{(settings.url or BASE).rstrip('/')}/{path}", params, fine=())


def _me(settings: Settings, *, with_key: bool = True) -> dict[str, str]:
    key = {"api_key": settings.key} if settings.key and with_key else {}
    return {"tool": TOOL, **({"email": settings.contact} if settings.contact else {}), **key}
