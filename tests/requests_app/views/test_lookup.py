"""The patron pastes a number, a link or a reference: the form is filled, and what spares a request is said first."""

import time

import pytest
from django.test import Client
from lxml import html

from illdesk.models import Institution
from requests_app.models import ILLRequest, SourceSetting
from tests import factories as f
from tests.peers.web import Saying
from tests.requests_app.verification.conftest import DOI, WORK, free, on, there  # noqa: F401 - a fixture
from tests.requests_app.verification.marcs import make, xml

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def patron(client):
    user = f.user("patron")
    f.patron(user=user)
    client.force_login(user)
    return client


def find(client, what: str) -> str:
    answer = client.get("/my/new/", {"what": what})
    assert answer.status_code == 200
    return answer.content.decode()


def form_of(page: str) -> dict[str, str]:
    """The patron's form as a browser would send it back."""
    return dict(next(one for one in html.fromstring(page).forms if one.get("id") == "new-request").form_values())


def ticked(page: str) -> str:
    """What the box says that asks for it all the same."""
    return html.fromstring(page).xpath("//input[@type='checkbox'][@name='all_the_same']")[0].get("value")


def posted(client, **more):
    page = client.get("/my/new/?kind=article").content.decode()
    key = page.split('name="form_key" value="')[1].split('"')[0]
    typed = {"kind": "article", "form_key": key, "part_title": "Tides of the northern Gulf", "title": "Marine Letters",
             "year": "2014"}
    return client.post("/my/new/", typed | more)


def test_a_doi_fills_the_form_and_says_where_it_is_free(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    began = time.monotonic()
    page = find(patron, f"https://doi.org/{DOI.upper()}")
    assert time.monotonic() - began < 2.5
    assert 'value="Tides of the northern Gulf"' in page and 'value="Marine Letters"' in page and 'value="41-58"' in page
    assert "Free to read online, as a manuscript." in page and f'href="{there.url}/files/1.pdf"' in page
    assert "Accepted manuscript, cc-by." in page and "Request it anyway" in page


@pytest.mark.parametrize("pasted", [
    "Okafor N, Lindqvist P. Tides of the northern Gulf. Mar Lett 2014;12(3):41-58",
    "Okafor, N. (2014). Tides of the northern Gulf. Marine Letters, 12(3), 41–58.",
    "Okafor, Tides of the northern Gulf, Marine Letters 2014", "Tides of the northern Gulf",
    f"see {DOI}, it is good", f"doi:{DOI}",
])
def test_whatever_names_it_finds_it(patron, there, pasted):  # noqa: F811
    on(there, "crossref", "unpaywall")
    page = find(patron, pasted)
    assert "We found this" in page and 'value="41-58"' in page and "Free to read online" in page


def test_when_several_fit_the_patron_chooses(patron, there):  # noqa: F811
    on(there, "open_library")
    books = [
        {"key": f"/works/OL{n}W", "title": "Middlemarch", "author_name": ["George Eliot"], "first_publish_year": year,
         "isbn": [isbn], "publisher": [publisher]}
        for n, (year, isbn, publisher) in enumerate(
            [(1994, "9780140434972", "Penguin"), (2003, "9780141439549", "Other")]
        )
    ]
    there.says("/search.json", {"numFound": 2, "docs": books})
    page = find(patron, "Middlemarch")
    assert "Middlemarch" in page and "Request this" in page


def test_a_link_that_leads_nowhere_is_not_offered(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    there.says(f"/v2/{DOI}", free(f"{there.url}/gone.pdf"))
    page = find(patron, DOI)
    assert "Free to read" not in page and 'value="Marine Letters"' in page


def test_a_link_that_hangs_keeps_no_other_from_being_offered(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    work = free(f"{there.url}/hangs/1.pdf")
    work["oa_locations"] += [free(f"{there.url}/{path}")["best_oa_location"] for path in ("gone.pdf", "files/1.pdf")]
    there.says(f"/v2/{DOI}", work)
    there.behaves("/hangs", "slow")
    began = time.monotonic()
    page = find(patron, DOI)
    assert time.monotonic() - began < 2.8
    assert f'href="{there.url}/files/1.pdf"' in page and "/hangs/1.pdf" in there.paths()


def test_of_links_that_work_the_best_is_offered_although_it_is_slower(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    work = free(f"{there.url}/published.pdf", "publishedVersion")
    work["oa_locations"] += [free(f"{there.url}/files/1.pdf")["best_oa_location"]]
    there.says(f"/v2/{DOI}", work)
    there.says("/published.pdf", lambda _seen: time.sleep(0.3) or Saying(200, b"%PDF"))
    assert f'href="{there.url}/published.pdf"' in find(patron, DOI)


@pytest.mark.parametrize("code,is_free", [(401, False), (403, True), (404, False), (500, False)])
def test_a_page_that_asks_for_a_password_is_not_free(patron, there, code, is_free):  # noqa: F811
    on(there, "crossref", "unpaywall")
    there.says("/files/1.pdf", "Sign in", code=code, type="text/html")
    assert ("Free to read online" in find(patron, DOI)) is is_free


def test_an_address_from_a_record_is_never_fetched_inside_our_network(patron, there, settings):  # noqa: F811
    on(there, "crossref", "unpaywall")
    inner = f"{there.url}/files/1.pdf"
    there.says(f"/v2/{DOI}", free(inner))
    find(patron, DOI)
    assert "/files/1.pdf" in there.paths(), "on a desk that allows it, it is tried"
    from illdesk.errors import AdapterError
    from illdesk.outside import peek

    settings.ALLOW_PRIVATE_ADDRESSES = False
    before = len(there.seen)
    for address in (inner, "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://localhost/x"):
        with pytest.raises(AdapterError, match="private network"):
            peek(address)
    assert len(there.seen) == before


def test_nobody_answers_and_the_text_is_kept(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    there.behaves("/", "slow")
    began = time.monotonic()
    page = find(patron, "Okafor, Tides of the northern Gulf, Marine Letters 2014")
    assert time.monotonic() - began < 3
    assert "did not answer in time" in page and "Tides of the northern Gulf" in page


def test_without_any_source_the_form_still_takes_what_was_pasted(patron):
    page = find(patron, "10.1371/journal.pone.0115253")
    assert 'value="10.1371/journal.pone.0115253"' in page and "Request this" in page


def test_what_was_typed_by_hand_is_looked_up_before_it_is_sent(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    answer = posted(patron, doi=DOI)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Free to read online" in page and "Ask for it all the same" in page
    assert ILLRequest.objects.count() == 0
    assert posted(patron, doi=DOI, all_the_same="on").status_code == 422, "which work was meant is not said"
    assert posted(patron, doi=DOI, all_the_same=ticked(page)).status_code == 302
    assert ILLRequest.objects.get().citation.doi == DOI


def test_what_was_found_is_not_said_again_after_another_mistake(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    form = form_of(find(patron, DOI))
    assert form["all_the_same"]
    told = patron.post("/my/new/", form | {"need_by": "2001-01-01"})
    again = form_of(told.content.decode())
    assert told.status_code == 422 and "This day has passed" in told.content.decode()
    asked = len(there.seen)
    assert patron.post("/my/new/", again | {"need_by": ""}).status_code == 302 and len(there.seen) == asked


def test_a_choice_of_another_kind_keeps_what_was_said_and_pasted(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    form = form_of(find(patron, f"see {DOI}"))
    page = patron.post("/my/new/", form | {"change_kind": "1", "kind": "conference"}, headers={"HX-Request": "true"})
    again = form_of(f'<form id="new-request">{page.content.decode()}</form>')
    assert (again["all_the_same"], again["pasted"], again["kind"]) == (form["all_the_same"], f"see {DOI}", "conference")
    assert patron.post("/my/new/", again).status_code == 302


@pytest.mark.parametrize("edited", [{"doi": "10.5555/other.2015"}, {"part_title": "Tides of the Baltic"}])
def test_a_form_that_was_made_into_another_work_is_looked_up_anew(patron, there, edited):  # noqa: F811
    on(there, "crossref", "unpaywall")
    form = form_of(find(patron, DOI))
    other = {**WORK, "DOI": "10.5555/other.2015"}
    there.says("/works/10.5555/other.2015", {"status": "ok", "message": other})
    there.says("/v2/10.5555/other.2015", free(f"{there.url}/files/1.pdf") | {"doi": "10.5555/other.2015"})
    asked = len(there.seen)
    answer = patron.post("/my/new/", form | edited)
    if "doi" in edited:
        assert answer.status_code == 422 and "Ask for it all the same" in answer.content.decode()
        assert patron.post("/my/new/", form | edited | {"all_the_same": ticked(answer.content.decode())}
                           ).status_code == 302
    assert len(there.seen) > asked


RIS = """TY  - JOUR
AU  - Okafor, Ngozi
AU  - Lindqvist, Per
TI  - Tides of the southern Gulf
T2  - Marine Letters
PY  - 2015
VL  - 13
IS  - 2
SP  - 11
EP  - 29
SN  - 2345-6787
ER  -
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_record_of_several_lines_fills_the_form(patron, end):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = patron.cookies
    page = strict.get("/my/new/").content.decode()
    form = next(one for one in html.fromstring(page).forms if one.get("role") == "search")
    assert (form.method, form.action, form.find(".//button").get("name")) == ("POST", "/my/new/", "find")
    answer = strict.post("/my/new/", dict(form.form_values()) | {"what": RIS.replace("\n", end), "find": "1"})
    assert answer.status_code == 200
    filled = form_of(answer.content.decode())
    assert {name: filled[name] for name in ("kind", "part_title", "title", "part_author", "year", "volume", "issue",
                                            "pages", "issn")} == {
        "kind": "article", "part_title": "Tides of the southern Gulf", "title": "Marine Letters", "year": "2015",
        "part_author": "Okafor, Ngozi; Lindqvist, Per", "volume": "13", "issue": "2", "pages": "11-29",
        "issn": "2345-6787",
    }
    shown = next(one for one in html.fromstring(answer.content.decode()).forms if one.get("role") == "search")
    assert shown.fields["what"].strip() == RIS.strip()
    assert strict.post("/my/new/", filled).status_code == 302
    assert ILLRequest.objects.get().citation.typed["pasted"].splitlines() == RIS.strip().splitlines()
    assert strict.post("/my/new/", {"what": RIS, "find": "1"}).status_code == 403


def test_four_thousand_letters_of_cyrillic_are_taken(patron):
    text = "Приливы и отливы\n" * 300
    answer = patron.post("/my/new/", {"what": text.replace("\n", "\r\n"), "find": "1"})
    assert answer.status_code == 200
    form = form_of(answer.content.decode())
    assert form["pasted"] == text[:4000].strip()
    form |= {"title": "Приливы", "pasted": form["pasted"].replace("\n", "\r\n")}  # as a browser sends it
    assert patron.post("/my/new/", form).status_code == 302


def test_a_form_is_stored_although_every_source_hangs(patron, there):  # noqa: F811
    on(there, "crossref", "unpaywall")
    there.behaves("/", "slow")
    began = time.monotonic()
    assert posted(patron, doi=DOI).status_code == 302 and time.monotonic() - began < 4
    row = ILLRequest.objects.get()
    assert (row.outcome, row.check_due is not None) == ("", True)


def test_who_asks_says_whether_a_manuscript_and_which_languages_will_do(patron):
    posted(patron, manuscript_ok="on", languages="English, Spanish")
    citation = ILLRequest.objects.get().citation
    assert citation.manuscript_ok and citation.languages == "English, Spanish"


def test_what_was_pasted_stays_with_the_request(patron):
    posted(patron, pasted="Okafor N. Tides. Mar Lett 2014;12:41.")
    assert ILLRequest.objects.get().citation.typed["pasted"].startswith("Okafor N.")


@pytest.mark.parametrize("what", ["", "\x00", "x" * 9000, "<script>alert(1)</script>", "'; DROP TABLE x; --", "مكتبة"])
def test_whatever_is_pasted_gives_a_page(patron, what):
    answer = patron.get("/my/new/", {"what": what})
    assert answer.status_code in (200, 400)
    assert b"<script>alert" not in answer.content


def _catalogue(there, *fields: str) -> None:  # noqa: F811
    """Our own catalogue at /sru, with one journal."""
    record = xml(make("\n".join(["001 j1", "022 $a 2345-6787", "245 00 $a Marine Letters", *fields])))
    there.says("/sru", "<searchRetrieveResponse xmlns='http://www.loc.gov/zing/srw/'><numberOfRecords>1"
               f"</numberOfRecords><records><record><recordData>{record}</recordData></record></records>"
               "</searchRetrieveResponse>", type="text/xml")
    on(there, "own_catalogue")
    SourceSetting.objects.filter(code="own_catalogue").update(url=f"{there.url}/sru")


@pytest.mark.parametrize(("volumes", "said"), [
    ("v.10(2012)-", "Main · Stacks · QA 7 · v.10(2012)-"), ("v.1(2003)-v.9(2011)", ""),
    ("some volumes", "Main · Stacks · QA 7 · some volumes"),
])
def test_our_shelf_is_said_with_its_place_where_the_volume_may_stand_there(patron, there, volumes, said):  # noqa: F811
    on(there, "crossref")
    _catalogue(there, "852 $b Main $c Stacks $h QA 7", f"866 $a {volumes}")
    page = find(patron, DOI)
    assert (f"On our shelf at {said}." in page) if said else ("We found this" in page and "On our shelf" not in page)


@pytest.mark.parametrize(("coverage", "online"), [
    ("Available from 1998", True), ("Available from 1998 until 2010", False), ("Some years", True),
])
def test_our_journal_is_online_for_the_years_of_its_coverage(patron, there, coverage, online):  # noqa: F811
    on(there, "crossref")
    _catalogue(there, f"AVE $m Oak Complete $u https://oak.example/ $s {coverage}")
    page = find(patron, DOI)
    assert 'value="Marine Letters"' in page
    assert ("We have it online." in page) is online and (f"Oak Complete.</span> {coverage}" in page) is online


def test_without_a_shelf_of_ours_none_is_said(patron, there):  # noqa: F811
    Institution.objects.update(oclc_symbol="RIV")
    on(there, "crossref")
    page = find(patron, DOI)
    assert "On our shelf" not in page
