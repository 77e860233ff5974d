"""Open Library: books and their editions, and whether the Internet Archive lets one read or borrow them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from requests_app.verification.records import Access, Answer, Record
from requests_app.verification.sources import Option, Settings, numbers, source
from requests_app.verification.sources.people import inverted, people
from requests_app.verification.sources.reading import at, document, number, rows, text, texts, tried, url
from requests_app.verification.sources.sought import BOOKS, MOST, enough, is_other, is_same, shelved, words
from requests_app.verification.web import Web

BASE = "https://openlibrary.org"

_FIELDS = (
    "key,title,subtitle,author_name,first_publish_year,edition_count,language,isbn,publisher,ebook_access,ia,"
    "editions,editions.key,editions.title,editions.subtitle,editions.publish_date,editions.publisher,editions.isbn,"
    "editions.language,editions.ebook_access,editions.ia"
)


@source
class OpenLibrary:
    code = "open_library"
    label = "Open Library"
    about = _("Twenty million books, with their editions; some can be read or borrowed online. Free.")
    options: tuple[Option, ...] = (Option("url", _("address"), default=BASE),)
    inside = False
    gap = 0.35  # three a second for those who say who they are
    days = 30
    days_nothing = 7

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return wanted.kind in BOOKS and bool(_key(wanted) or enough(shelved(wanted)))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        found = _by_number(wanted, settings, web)
        looked_for = shelved(wanted)
        if not enough(looked_for) or (found.records and not is_other(wanted.with_(part_title=""), found.records[0])):
            return found
        if web.calls:
            web.pause(self.gap)
        params = {"title": " ".join(words(looked_for.title)), "limit": str(MOST), "fields": _FIELDS}
        if looked_for.family:
            params["author"] = " ".join(words(looked_for.family))
        data = document(web.get(f"{_base(settings)}/search.json", params, fine=()), "docs")
        pairs = [(record, row) for row in rows(data, "docs") if (record := _work(row))][:MOST]
        return Answer(
            records=(*found.records, *(record for record, _row in pairs))[:MOST],
            access=(*found.access, *(
                access for record, row in pairs if is_same(wanted.with_(part_title=""), record)
                and (access := _online(_edition_of(row), record))
            )),
            more=max(number(data, "numFound") - len(pairs), 0),
        )

    def test(self, settings: Settings, web: Web) -> str:
        return tried(self.ask(Record(isbn="9780140328721"), settings, web))


def _key(wanted: Record) -> str:
    if found := numbers.isbn(wanted.isbn):
        return f"ISBN:{found}"
    if found := numbers.oclc(wanted.oclc):
        return f"OCLC:{found}"
    if found := numbers.lccn(wanted.lccn):
        return f"LCCN:{found}"
    return ""


def _by_number(wanted: Record, settings: Settings, web: Web) -> Answer:
    key = _key(wanted)
    if not key:
        return Answer()
    params = {"bibkeys": key, "format": "json", "jscmd": "data"}
    said = web.get(f"{_base(settings)}/api/books", params)
    data = document(said) if said.status_code == 200 else {}
    # It answers under the key that was asked for; nothing under no key.
    row = at(data, key)
    record = _edition(row) if isinstance(row, dict) else None
    if record is None:
        return Answer()
    return Answer(records=(record,), access=tuple(_readable(row, record)))


def _edition(row: dict[str, Any]) -> Record | None:
    """Of /api/books with jscmd=data."""
    title, known = text(row, "title"), text(row, "key").rsplit("/", 1)[-1]
    if not title:
        return None
    ids = ("identifiers",)
    isbns = numbers.all_isbns((*texts(row, *ids, "isbn_13"), *texts(row, *ids, "isbn_10")))
    oclcs = [found for one in texts(row, *ids, "oclc") if (found := numbers.oclc(one))]
    return Record(
        kind="book", title=_with_subtitle(row),
        author=people(inverted(text(one, "name")) for one in rows(row, "authors")),
        publisher=text(row, "publishers", 0, "name"), place=text(row, "publish_places", 0, "name"),
        year=numbers.year(text(row, "publish_date")), isbn=next(iter(isbns), ""), isbns=isbns,
        oclc=next(iter(oclcs), ""), lccn=numbers.lccn(text(row, *ids, "lccn")),
        also=tuple(("oclc", one) for one in oclcs[1:]), source=OpenLibrary.code, source_id=known,
        url=url(row, "url") or _page(known),
    )


def _readable(row: dict[str, Any], record: Record) -> list[Access]:
    """`availability`: "full" to read at once, "borrow" to borrow for an hour or two, "restricted" not for all."""
    return [
        Access(
            url=address, way="free", name=_name(full), limited=not full, source=OpenLibrary.code,
            record_id=record.source_id,
        )
        for one in rows(row, "ebooks")
        if (full := text(one, "availability") == "full") or text(one, "availability") == "borrow"
        if (address := url(one, "read_url") or url(one, "borrow_url") or url(one, "preview_url"))
    ]


def _edition_of(row: dict[str, Any]) -> dict[str, Any]:
    """The edition that fits the question best, which the search gives with each work."""
    found = rows(row, "editions", "docs")
    return found[0] if found else {}


def _work(row: dict[str, Any]) -> Record | None:
    """Of /search.json. What belongs to one edition is taken from one edition, or where there is only one: the
    numbers and years of all editions under one title would make them one."""
    one = _edition_of(row)
    if not one and number(row, "edition_count") == 1:
        one = {**row, "publish_date": at(row, "first_publish_year")}
    title = _with_subtitle(one) or _with_subtitle(row)
    known = text(one, "key") or text(row, "key")
    if not title or not known:
        return None
    isbns = numbers.all_isbns(texts(one, "isbn"))
    language = texts(one, "language") or (texts(row, "language") if len(texts(row, "language")) == 1 else ())
    known = known.rsplit("/", 1)[-1]
    return Record(
        kind="book", title=title, author=people(inverted(name) for name in texts(row, "author_name")),
        publisher=text(one, "publisher"), year=numbers.year(text(one, "publish_date")), isbn=next(iter(isbns), ""),
        isbns=isbns, language=numbers.language(language[0]) if language else "", source=OpenLibrary.code,
        source_id=known, url=_page(known),
    )


def _online(edition: dict[str, Any], record: Record) -> Access | None:
    item, open_to = text(edition, "ia"), text(edition, "ebook_access")
    if not item.replace("_", "").replace("-", "").replace(".", "").isalnum() or open_to not in ("public", "borrowable"):
        return None
    return Access(
        url=f"https://archive.org/details/{item}", way="free", name=_name(open_to == "public"),
        limited=open_to != "public", source=OpenLibrary.code, record_id=record.source_id,
    )


def _name(full: bool) -> str:
    return "Internet Archive" if full else "Internet Archive (lending library)"


def _with_subtitle(row: dict[str, Any]) -> str:
    return " : ".join(part for part in (text(row, "title"), text(row, "subtitle")) if part)


def _page(known: str) -> str:
    kind = "works" if known.endswith("W") else "books"
    return f"{BASE}/{kind}/{known}" if known.isalnum() else BASE


def _base(settings: Settings) -> str:
    return (settings.url or BASE).rstrip("/")
