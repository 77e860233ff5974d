"""Situations 1, 2, 6, 21, 22 and 23 of a normal and a bad week, as far as verification goes.

Real catalogue servers with small records of ours, and a server on loopback in place of the public ones.
"""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from lxml import html

from illdesk import clock, jobs
from illdesk.models import Institution, OutboxMessage
from requests_app import bulk, sweeps
from requests_app.actions import perform
from requests_app.holdings import loads
from requests_app.models import Citation, ElectronicPackage, ILLRequest, RotaEntry, SourceSetting
from tests import factories as f
from tests.peers import zebra
from tests.requests_app.verification.conftest import DOI, WORK, free, on, there  # noqa: F401 - a fixture
from tests.requests_app.verification.marcs import collection, make

pytestmark = pytest.mark.django_db(transaction=True)
PROXY = "https://proxy.riverside.example/login?url="


@pytest.fixture
def patron(client):
    user = f.user("patron")
    f.patron(user=user)
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def form_of(page: str) -> dict[str, str]:
    """The patron's form as a browser would send it back."""
    return dict(next(one for one in html.fromstring(page).forms if one.get("id") == "new-request").form_values())


def fresh(row) -> ILLRequest:
    return ILLRequest.objects.select_related("citation").get(pk=row.pk)


def checks_of(client, row) -> str:
    """The tab as it is read: what differs is marked within the words."""
    page = client.get(f"/requests/{row.number}/", {"tab": "checks"}).content.decode()
    return " ".join(html.fromstring(page).text_content().split())


def nobody_was_asked() -> bool:
    return not (RotaEntry.objects.exists() or OutboxMessage.objects.filter(channel="iso18626").exists())


# --- 1 --------------------------------------------------------------------------------------------------


def test_situation_1_a_licensed_article_is_said_to_be_online_before_anything_is_sent(patron, there):  # noqa: F811
    Institution.objects.update(proxy=PROXY)
    on(there, "crossref", "unpaywall", "own_electronic")
    package = ElectronicPackage.objects.create(name="Tidal Reader", through_proxy=True)
    rows = ("publication_title\tprint_identifier\tdate_first_issue_online\ttitle_url",
            "Marine Letters\t2345-6787\t1998\thttps://reader.example/ml", "")
    load = loads.start(package, by=None, now=timezone.now(), file=SimpleUploadedFile("a.txt", "\n".join(rows).encode()))
    loads.go_on(load.pk)

    page = patron.get("/my/new/", {"what": f"doi:{DOI}"})
    assert "We have it online." in text_of(page) and "Tidal Reader." in text_of(page)
    assert f'href="{PROXY}https://reader.example/ml"' in text_of(page)
    assert not ILLRequest.objects.exists() and nobody_was_asked()

    # Typed by hand and sent: he is told first, and nothing is stored.
    typed = form_of(patron.get("/my/new/?kind=article").content.decode()) | {
        "part_title": "Tides of the northern Gulf", "title": "Marine Letters", "year": "2014"}
    told = patron.post("/my/new/", typed)
    assert told.status_code == 422 and PROXY in text_of(told) and not ILLRequest.objects.exists()

    # He insists: then it is a request, and still no library was asked.
    assert patron.post("/my/new/", form_of(page.content.decode())).status_code == 302
    row = ILLRequest.objects.get()
    assert row.state == "borrowing.submitted" and nobody_was_asked()
    clock.run("verify", now=timezone.now())
    assert (fresh(row).outcome, fresh(row).attention_why) == ("verified", "online")


# --- 2 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["slow", "away", "hung up", "garbage"])
def test_situation_2_while_all_sources_are_down_a_form_is_stored_and_checked_later(patron, there, way):  # noqa: F811
    on(there, "crossref", "unpaywall", "own_catalogue", "worldcat")
    SourceSetting.objects.filter(code="worldcat").update(key="k", secret="s", options={"tokens": f"{there.url}/token"})
    there.behaves("/", way)
    typed = form_of(patron.get("/my/new/?kind=article").content.decode()) | {
        "part_title": "Tides of the northern Gulf", "title": "Marine Letters", "year": "2014", "doi": DOI}
    page = patron.post("/my/new/", typed, follow=True)
    row = ILLRequest.objects.get()
    assert row.number in text_of(page) and row.citation.typed["doi"] == DOI
    patron.post("/my/new/", typed, follow=True)
    assert ILLRequest.objects.count() == 1, "loaded again it is the same request"
    assert (row.outcome, row.check_due is not None) == ("", True)
    clock.run("verify", now=timezone.now())
    assert fresh(row).outcome == "" and fresh(row).check_due > timezone.now(), "not yet checked, and tried again"

    there._ways.clear()
    later = timezone.now() + timedelta(hours=2)
    assert clock.run("verify", now=later) == (1, 0)
    assert fresh(row).outcome == "verified"
    assert ILLRequest.objects.count() == 1


# --- 6 --------------------------------------------------------------------------------------------------


def test_situation_6_the_patron_sees_another_day_and_why_when_a_lender_is_silent(patron):
    """Each lender has its own days; whoever waits is told what is going on."""
    f.institution()
    row = f.ill("borrowing.in_review", patron=f.patron(user=f.user("patron")))
    patron.force_login(row.patron.user)
    libraries = [f.library("AAA", answer_days_loan=3), f.library("BBB", answer_days_loan=5)]
    perform(row, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=libraries)
    perform(row, "send", actor=f.staff(), now=f.NOW)
    OutboxMessage.objects.filter(state="waiting").update(state="sent", settled=f.NOW)

    def page() -> str:
        return text_of(patron.get(f"/my/{row.number}/"))

    said = r"By (\w+ \d+ \w+) it answers, or we ask another\."
    first = re.search(said, page())
    assert first and "did not answer" not in page()
    assert sweeps.take_due(now=row.respond_by + timedelta(minutes=1)) == (1, 0)
    second = re.search(said, page())
    assert second and second[1] != first[1], "another library, another day"
    assert "That library did not answer; we are looking for another." in page()
    assert "AAA" not in page() and "BBB" not in page()


# --- 21 -------------------------------------------------------------------------------------------------

CYRILLIC = "История российского флота на Каспийском море"
THESIS = collection(make(f"""
    001 flot-1
    008 260101s2003    ru            000 0 rus d
    100 1_ $6 880-02 $a Sokolov, Iuriĭ Andreevich
    245 10 $6 880-01 $a Istoriia rossiĭskogo flota na Kaspiĭskom more.
    260 $a Moskva : $b Moskovskiĭ universitet, $c 2003.
    880 10 $6 245-01/(N $a {CYRILLIC}.
    880 1_ $6 100-02/(N $a Соколов, Юрий Андреевич
    850 $a RUM
"""))


@pytest.mark.parametrize("typed", [
    "Istoriya rossiyskogo flota na Kaspiyskom more", "Istoriia rossiiskogo flota na Kaspiiskom more",
    "Istorija rossijskogo flota na Kaspijskom more", CYRILLIC,
])
def test_situation_21_a_russian_thesis_is_found_however_it_is_transliterated(client, tmp_path, typed):
    f.institution()
    paper = f.library("RUM", endpoint="", email="mba@library.example.ru", country="RU", agency_type="ISIL")
    with zebra.catalogue(tmp_path, THESIS) as union:
        SourceSetting.objects.create(code="union_catalogue", on=True, url=f"http://{union}/Default",
                                     options={"index_oclc": "-"})
        row = f.ill("borrowing.in_review")
        Citation.objects.filter(pk=row.citation_id).update(
            kind="thesis", title=typed, author="Sokolov, Yuriy", year="2003", typed={"title": typed}, isbn="",
            publisher="", volume="", edition="",
        )
        client.force_login(f.user("borrowing staff"))
        client.post(f"/requests/{row.number}/act/check/", {"version": row.version})
    assert fresh(row).outcome in ("verified", "probable"), "not found because of scripts"
    page = checks_of(client, row)
    assert typed in page and CYRILLIC in page and "RUM" in page
    client.post(f"/requests/{row.number}/act/take_over/", {"version": row.version})
    taken = fresh(row)
    assert taken.citation.title.startswith("Istoriia rossiĭskogo")
    assert taken.citation.typed["title"] == typed, "her spelling is never overwritten"
    assert typed in checks_of(client, row) and CYRILLIC in checks_of(client, row)

    # The library there is written to with the title as it stands on its own shelves.
    perform(taken, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[paper])
    perform(taken, "send", actor=f.staff(), now=f.NOW)
    letter = OutboxMessage.objects.get(recipient=paper.email).payload["body"]
    assert CYRILLIC in letter and "Istoriia rossiĭskogo" in letter and "Соколов, Юрий Андреевич" in letter


@pytest.mark.parametrize("country, words", [
    ("MX", ("Les solicitamos por préstamo interbibliotecario (préstamo)", "Título: ", "respondan a esta dirección")),
    ("ES", ("Autor: ",)),
    ("RU", ("We ask you for an interlibrary loan", "Title: ")), ("", ("Title: ",)),
])
def test_situation_21_a_library_is_written_to_in_its_language_where_it_is_one_of_ours(country, words):
    f.institution()
    paper = f.library("PAP", endpoint="", email="pib@biblioteca.example", country=country)
    row = f.ill("borrowing.ready_to_send", partner=paper)
    perform(row, "send", actor=f.staff(), now=f.NOW)
    letter = OutboxMessage.objects.get(recipient=paper.email).payload["body"]
    for one in words:
        assert one in letter, letter


# --- 22 -------------------------------------------------------------------------------------------------

ARABIC = WORK | {
    "title": ["تاريخ الملاحة في بحر القلزم"], "container-title": ["مجلة دراسات الخليج"],
    "author": [{"family": "الحسيني", "given": "ليلى"}], "issued": {"date-parts": [[2019]]}, "page": "41–58",
}


def test_situation_22_an_arabic_article_reads_rightly_where_it_is_found(client, patron, there):  # noqa: F811
    """In the patron's form, and for staff side by side and among the candidates: never "58–41"."""
    there.says(f"/works/{DOI}", {"status": "ok", "message": ARABIC})
    other = ARABIC | {"DOI": "10.5555/other", "page": "1–9", "volume": "13"}
    there.says("/works", {"status": "ok", "message": {"items": [ARABIC, other], "total-results": 2}})
    on(there, "crossref")
    page = patron.get("/my/new/", {"what": DOI}).content.decode()
    assert ARABIC["title"][0] in page and '<bdi class="ill-nowrap" dir="ltr">41–58</bdi>' in page
    patron.post("/my/new/", form_of(page))
    row = ILLRequest.objects.get()
    assert (row.citation.pages, row.citation.volume) == ("41–58", "12")
    clock.run("verify", now=timezone.now())
    assert fresh(row).outcome == "verified"
    # Without volume and number two fit, and stand among the candidates.
    Citation.objects.filter(pk=row.citation_id).update(doi="", volume="", issue="", pages="", issn="")
    client.force_login(f.user("borrowing staff"))
    client.post(f"/requests/{row.number}/act/check/", {"version": fresh(row).version})
    page = client.get(f"/requests/{row.number}/", {"tab": "checks"}).content.decode()
    candidates = page.partition('class="ill-candidates"')[2]
    assert ARABIC["title"][0] in candidates
    for pages in ("41–58", "1–9"):
        assert f'<bdi class="ill-nowrap" dir="ltr">{pages}</bdi>' in candidates


# --- 23 -------------------------------------------------------------------------------------------------

_CHINESE = [(1979, "第1版", "9787020000012"), (1982, "第2版", "9787020000029"), (1996, "第3版", "9787020000036"),
            (2005, "第4版", "9787020000043"), (2008, "第5版", "9787020000050")]
EDITIONS = collection(*(make(f"""
    001 honglou-{place}
    008 260101s{year}    cc            000 0 chi d
    020 $a {isbn}
    100 1_ $6 880-02 $a Cao, Xueqin.
    245 10 $6 880-01 $a Hong lou meng.
    250 $a {edition}
    260 $a Beijing : $b Ren min wen xue, $c {year}.
    880 10 $6 245-01/$1 $a 红楼梦.
    880 1_ $6 100-02/$1 $a 曹雪芹
    850 $a HIL
""") for place, (year, edition, isbn) in enumerate(_CHINESE, 1)))


@pytest.fixture
def five_editions(tmp_path):
    f.institution()
    with zebra.catalogue(tmp_path, EDITIONS) as union:
        SourceSetting.objects.create(code="union_catalogue", on=True, url=f"http://{union}/Default",
                                     options={"index_oclc": "-"})
        yield union


def test_situation_23_a_wrong_isbn_is_explained_and_none_of_five_editions_is_chosen(client, patron, five_editions):
    # 9787020000043 with one digit off.
    typed = form_of(patron.get("/my/new/?kind=book").content.decode()) | {
        "title": "红楼梦", "author": "曹雪芹", "isbn": "9787020000049"}
    typed.pop("any_edition", None)
    told = patron.post("/my/new/", typed)
    assert told.status_code == 422 and "One digit of this ISBN is off" in text_of(told)
    assert "Another edition will do" in text_of(told), "the patron is asked whether any edition will do"
    assert patron.post("/my/new/", typed | {"isbn_as_is": "on"}).status_code == 302
    row = ILLRequest.objects.get()
    assert (row.citation.isbn, row.citation.any_edition) == ("9787020000049", False)
    clock.run("verify", now=timezone.now())
    assert fresh(row).outcome == "ambiguous"

    client.force_login(f.user("borrowing staff"))
    page = checks_of(client, row)
    assert "a person has to choose" in page
    for year, edition, _isbn in _CHINESE:
        assert edition in page and str(year) in page, "side by side"
    # No list, no clock takes one of them.
    job = bulk.start(f.user("borrowing staff"), "check", [bulk.Ticked(row, row.version)], {}, now=timezone.now())
    jobs.go_on(job.pk, seconds=None)
    assert job.items.get().words == "Ambiguous"
    citation = fresh(row).citation
    assert (citation.isbn, citation.year, citation.edition, citation.publisher) == ("9787020000049", "", "", "")
    assert citation.origins == {}


def test_situation_23_who_takes_any_edition_is_served_by_the_first_that_can_be_had(client, patron, five_editions):
    typed = form_of(patron.get("/my/new/?kind=book").content.decode()) | {
        "title": "红楼梦", "author": "曹雪芹", "any_edition": "on"}
    assert patron.post("/my/new/", typed).status_code == 302
    row = ILLRequest.objects.get()
    clock.run("verify", now=timezone.now())
    assert row.citation.any_edition and fresh(row).outcome in ("verified", "probable")
    assert fresh(row).citation.edition == "", "still nothing is taken without a person"
