"""What a library's sources know in a walk: two real catalogue servers with small records of our own, a server on
loopback in place of the public ones, and a file of electronic holdings; switched on and off by the administrator."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date

from lxml import html

from tests.peers import shapes, zebra
from tests.peers.web import JSON, Peer, Saying, Seen, peer, saying
from tests.requests_app.verification.conftest import free as unpaywall_says
from tests.requests_app.verification.marcs import collection, make
from tests.walks.people import Person, until, words

PROXY = "https://proxy.aldermere.example/login?url="
THIS_YEAR = date.today().year

_OWN = """
    001 gulf-1
    008 260101s2011    enk           000 0 eng d
    020 $a 9780555550014
    100 1_ $a Okafor, Ngozi.
    245 10 $a Lighthouses of the northern Gulf.
    260 $a London : $b Harbour Press, $c 2011.
    952 $b MAIN $a MAIN $c Stacks, floor 2 $o VK1017 .O4 2011 $p 39031000000017
|
    001 ice-1
    008 260101s2008    enk           000 0 eng d
    020 $a 9780555550021
    100 1_ $a Haugen, Sigrid.
    245 10 $a Ice harbours and their keepers.
    260 $a London : $b Harbour Press, $c 2008.
    952 $b MAIN $a MAIN $c Stacks, floor 2 $o VK1020 .H3 2008 $p 39031000000025 $q 2030-12-04
"""
# Its name until 1998, and in 785 the one under which people cite it since.
_JOURNAL = """
    001 harbour-1
    008 750101d19621998enkqr p       0   a0eng d
    022 $a 1357-2466
    245 00 $a Harbour and lighthouse review.
    785 00 $t Journal of coastal heritage $x 2468-1350
    952 $b MAIN $a MAIN $c Periodicals $o VK1 .H37 $h v.1 (1962)-v.36 (1998) $p 39031000000033
"""
_THESIS = """
    001 flot-1
    008 260101s2003    ru            000 0 rus d
    100 1_ $6 880-02 $a Sokolov, Iuriĭ Andreevich
    245 10 $6 880-01 $a Istoriia rossiĭskogo flota na Kaspiĭskom more.
    260 $a Moskva : $b Moskovskiĭ universitet, $c 2003.
    502 $a Thesis (kandidat nauk)--Moskovskiĭ universitet, 2003.
    880 10 $6 245-01/(N $a История российского флота на Каспийском море.
    880 1_ $6 100-02/(N $a Соколов, Юрий Андреевич
    850 $a DBU
"""
_EDITIONS = "".join(f"""|
    001 pilots-{number}
    008 260101s{year}    enk           000 0 eng d
    020 $a {isbn}
    100 1_ $a Marlowe, Edith.
    245 14 $a The pilots' handbook.
    250 $a {edition}
    260 $a London : $b {publisher}, $c {year}.
    850 $a DBU
""" for number, (year, edition, publisher, isbn) in enumerate((
    (1950, "1st ed.", "Harbour Press", "9780555550038"), (1958, "2nd ed.", "Harbour Press", "9780555550045"),
    (1967, "3rd ed.", "Harbour Press", "9780555550052"), (1979, "4th ed.", "Anchor", "9780555550069"),
    (1991, "5th ed.", "Anchor", "9780555550076"),
), 1))

KBART = "\t".join((
    "publication_title", "print_identifier", "online_identifier", "date_first_issue_online", "date_last_issue_online",
    "title_url", "embargo_info", "coverage_depth", "publication_type",
)) + "\n" + "\t".join((
    "Annals of tidal research", "3579-1241", "", "2001", "", "https://reader.example/annals", "P1Y", "fulltext",
    "serial",
)) + "\n"


def _marc(text: str, *, leader: str) -> list:
    return [make(one, leader=leader) for one in text.split("|") if one.strip()]


BOOKS, JOURNALS = "00000nam a2200000 a 4500", "00000cas a2200000 a 4500"
OWN_CATALOGUE = collection(*_marc(_OWN, leader=BOOKS), *_marc(_JOURNAL, leader=JOURNALS))
UNION_CATALOGUE = collection(*_marc(_THESIS + _EDITIONS, leader=BOOKS))


@dataclass
class Scenery:
    """`there`: the public servers; `own`, `union`: host:port of the catalogues."""

    admin: Person
    there: Peer
    own: str
    union: str
    switched: list[str] = field(default_factory=list)
    known: list[dict] = field(default_factory=list)

    def switch_on(self, code: str, **options: str) -> None:
        answer = self._save(code, on="on", **options)
        self.switched.append(code)
        assert "is asked from now on" in words(answer), words(answer)[:1500]

    def switch_off(self, code: str) -> None:
        answer = self._save(code, on=None)
        assert "is not asked" in words(answer), words(answer)[:1500]
        self.switched.remove(code)

    def _save(self, code: str, **fields: str | None):
        return self.admin.submit(self.admin.get(f"/settings/sources/{code}/"), **fields)

    def test(self, code: str) -> str:
        """Press the Test button; what the page says then."""
        page = self.admin.get(f"/settings/sources/{code}/")
        return words(self.admin.submit(page, f"/{code}/test/"))

    @contextmanager
    def also(self, code: str, **options: str) -> Iterator[None]:
        self.switch_on(code, **options)
        try:
            yield
        finally:
            self.switch_off(code)

    @contextmanager
    def by_z3950(self) -> Iterator[None]:
        """Our own catalogue asked that way instead of by SRU; tested first, as an administrator does."""
        self.switch_off("own_catalogue")
        with self.also("own_catalogue_z3950", url=f"{self.own}/Default"):
            assert "for a trial search" in self.test("own_catalogue_z3950")
            try:
                yield
            finally:
                self.own_by_sru()

    def own_by_sru(self) -> None:
        self.switch_on("own_catalogue", url=f"http://{self.own}/Default", index_oclc="-")

    def world_cat(self, isbn: str, number: str, title: str, creator: str, *symbols: str) -> None:
        """WorldCat knows a book by its ISBN, and who holds it."""
        one = shapes.brief(number, title=title, creator=creator, date="2008", machineReadableDate="2008",
                           publisher="Harbour Press", publicationPlace="London", isbns=[isbn], mergedOclcNumbers=[])
        self.there.says("/worldcat/brief-bibs", {"numberOfRecords": 1, "briefRecords": [one]}, q=f"bn:{isbn}")
        libraries = [shapes.library(symbol, place) for place, symbol in enumerate(symbols, 1)]
        self.there.says("/worldcat/bibs-holdings", shapes.holdings(len(libraries), libraries), oclcNumber=number)

    def works(self, *works: dict) -> None:
        """Articles that Crossref knows, by DOI and to whoever asks in words that stand in their titles."""
        for work in works:
            self.there.says(f"/crossref/works/{work['DOI']}", {"status": "ok", "message": work})
        self.known += works
        self.there.says("/crossref/works", self._crossref_search)

    def _crossref_search(self, seen: Seen) -> Saying:
        asked = set(seen.params["query.bibliographic"].lower().split())
        items = [one for one in self.known if len(asked & set(one["title"][0].lower().split())) > 2]
        return saying({"status": "ok", "message": {"items": items, "total-results": len(items)}}, 200, JSON, ())

    def is_free(self, work: dict, path: str) -> str:
        """Unpaywall knows a manuscript of it, which is there; its address."""
        url = f"{self.there.url}{path}"
        self.there.says(path, b"%PDF-1.4 ...", type="application/pdf")
        self.there.says(f"/unpaywall/{work['DOI']}", unpaywall_says(url) | {
            "doi": work["DOI"], "title": work["title"][0], "journal_name": work["container-title"][0],
            "year": work["issued"]["date-parts"][0][0],
        })
        return url


def work(doi: str, title: str, journal: str, issn: str, year: int, **more) -> dict:
    return {
        "DOI": doi, "type": "journal-article", "title": [title], "container-title": [journal],
        "author": [{"family": "Okafor", "given": "Ngozi"}], "issued": {"date-parts": [[year]]}, "volume": "12",
        "issue": "3", "page": "41-58", "ISSN": [issn], **more,
    }


@contextmanager
def scenery(admin: Person, folder) -> Iterator[Scenery]:
    """All of it set up as an administrator does; afterwards the desk asks nobody, as before."""
    with ExitStack() as stack:
        there = stack.enter_context(peer())
        folders = [folder / name for name in ("own", "union")]
        for one in folders:
            one.mkdir()
        own = stack.enter_context(zebra.catalogue(folders[0], OWN_CATALOGUE))
        union = stack.enter_context(zebra.catalogue(folders[1], UNION_CATALOGUE))
        scene = Scenery(admin, there, own, union)
        there.says("/token", shapes.TOKEN, method="POST")
        before = _library(admin, proxy=PROXY)
        package = _holdings(admin)
        try:
            scene.switch_on("crossref", url=f"{there.url}/crossref")
            scene.switch_on("unpaywall", url=f"{there.url}/unpaywall")
            scene.own_by_sru()
            scene.switch_on("union_catalogue", url=f"http://{union}/Default", index_oclc="-")
            scene.switch_on("own_electronic")
            scene.switch_on("worldcat", url=f"{there.url}/worldcat", tokens=f"{there.url}/token", key="k", secret="s")
            yield scene
        finally:
            for code in list(scene.switched):
                scene.switch_off(code)
            answer = admin.submit(admin.get(package), f"{package}remove/")
            assert "is removed" in words(answer)
            _library(admin, **before)


def _library(admin: Person, **fields: str) -> dict[str, str]:
    """Settings → Our library; what stood there before."""
    page = admin.get("/settings/library/")
    values = {name: element.value or "" for form in html.fromstring(page.content).forms
              for name, element in form.inputs.items() if name in fields}
    answer = admin.submit(page, **fields)
    assert "Saved." in words(answer), words(answer)[:1000]
    return values


def _holdings(admin: Person) -> str:
    """Settings → Electronic holdings: a package with one journal of which the last year is missing; its page."""
    answer = admin.submit(admin.get("/settings/holdings/add/"), name="Tidal Reader", provider="Reader", most_lost="50")
    place = answer.url.removeprefix(admin.base)
    form = next(one for one in html.fromstring(answer.content).forms if one.get("enctype"))
    sent = admin.session.post(
        f"{answer.url}load/", data=dict(form.form_values()) | {"upload": "1"}, timeout=30,
        files={"file": ("tidal.txt", KBART.encode())}, headers={"Referer": answer.url},
    )
    assert sent.status_code == 200, words(sent)[:1000]
    until(lambda: "tidal.txt" in (text := words(admin.get(place))) and "Loaded" in text, "the file was not loaded")
    return place
