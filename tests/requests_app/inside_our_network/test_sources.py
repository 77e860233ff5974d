"""No address in a record or an answer is ever fetched inside our own network; only what administrators entered is."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from requests_app.holdings import loads
from requests_app.models import ElectronicPackage, ILLRequest, SourceSetting
from requests_app.verification import check
from requests_app.verification.records import Record
from tests import factories as f
from tests.peers import shapes
from tests.requests_app.verification.conftest import DOI, WANTED, WORK, free

pytestmark = pytest.mark.django_db(transaction=True)


# --- what records say --------------------------------------------------------------------------------


def test_no_address_in_a_record_is_gone_to_when_a_request_is_verified(client, there, inner):
    """Crossref's resource and licence, OpenAlex's and WorldCat's pages, KBART's title_url."""
    url = inner.at("127.0.0.1")
    work = WORK | {"resource": {"primary": {"URL": url}}, "URL": url, "link": [{"URL": url}],
                   "license": [{"URL": url, "content-version": "vor", "delay-in-days": 0}]}
    there.says(f"/works/{DOI}", {"status": "ok", "message": work})
    there.says(f"/v2/{DOI}", free(url))
    place = {"is_oa": True, "landing_page_url": url, "pdf_url": url, "version": "publishedVersion",
             "source": {"display_name": "X", "issn": ["2345-6787"], "type": "journal"}}
    there.says("/openalex/works/.*", shapes.OPENALEX | {
        "id": url, "doi": f"https://doi.org/{DOI}", "title": WANTED.part_title, "best_oa_location": place,
        "primary_location": place, "locations": [place],
    })
    SourceSetting.objects.create(code="openalex", on=True, url=f"{there.url}/openalex")
    SourceSetting.objects.create(code="own_electronic", on=True)
    package = ElectronicPackage.objects.create(name="Oak")
    rows = ("publication_title\tprint_identifier\tdate_first_issue_online\ttitle_url",
            f"Marine Letters\t2345-6787\t1998\t{url}", "")
    file = SimpleUploadedFile("oak.txt", "\n".join(rows).encode())
    load = loads.start(package, by=None, now=timezone.now(), file=file)
    loads.go_on(load.pk)
    client.force_login(f.user("borrowing staff"))
    row = f.ill("borrowing.in_review")
    for name in ("doi", "part_title", "title", "year", "kind"):
        setattr(row.citation, name, getattr(WANTED, name))
    row.citation.save()
    assert client.post(f"/requests/{row.number}/act/check/", {"version": row.version}).status_code == 302
    page = client.get(f"/requests/{row.number}/?tab=checks").content.decode()
    assert "Verified" in page and url in page, "a person may follow it from the page"
    # The link goes into a letter; nobody here opens it.
    form = {"version": ILLRequest.objects.get(pk=row.pk).version, "url": url}
    assert client.post(f"/requests/{row.number}/act/give_link/", form).status_code == 302
    assert ILLRequest.objects.get(pk=row.pk).state == "borrowing.finished"
    assert inner.came == 0


# --- sources themselves --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [301, 302, 307])
@pytest.mark.parametrize("source", ["crossref", "own_catalogue", "link_resolver"])
def test_no_source_is_followed_to_another_address(there, inner, source, code):
    """Our own catalogue may lie inside; where it sends us is not our own catalogue."""
    SourceSetting.objects.update(on=False)
    SourceSetting.objects.update_or_create(code=source, defaults={
        "on": True, "url": f"{there.url}/any", "options": {"system": "alma"}})
    there.says("/any.*", b"", code=code, headers=[("Location", inner.at("127.0.0.1"))])
    checked = check.look(WANTED.with_(issn="2345-6787"), now=timezone.now(), seconds=2)
    assert there.seen and checked.asked and inner.came == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "inner.example", "[::1]", "0x7f.1", "2130706433"])
@pytest.mark.parametrize("code", ["union_catalogue_z3950", "union_catalogue"])
def test_a_union_catalogue_is_never_inside(inner, host, code):
    f.institution()
    where = f"{host}:{inner.port}/Default"
    SourceSetting.objects.create(code=code, on=True, url=where if code.endswith("z3950") else f"http://{where}")
    checked = check.look(Record(kind="book", title="Tides of the northern Gulf"), now=timezone.now(), seconds=2)
    assert [row.state for row in checked.asked] == ["failed"] and inner.came == 0
    assert "private network" in checked.asked[0].words or "not known" in checked.asked[0].words


@pytest.mark.parametrize("code", ["own_catalogue_z3950", "own_catalogue"])
def test_our_own_catalogue_may_be_inside(inner, code):
    f.institution()
    where = f"inner.example:{inner.port}/Default"
    SourceSetting.objects.create(code=code, on=True, url=where if code.endswith("z3950") else f"http://{where}")
    check.look(Record(kind="book", title="Tides of the northern Gulf"), now=timezone.now(), seconds=2)
    assert inner.heard


# --- addresses that only administrators enter ------------------------------------------------------------


@pytest.mark.parametrize(
    "role", ["patron", "student", "desk coordinator", "borrowing staff", "lending staff", "budget"]
)
def test_nobody_without_the_right_to_change_settings_names_an_address_that_may_lie_inside(client, inner, role):
    f.institution()
    user = f.user(role)
    if role == "patron":
        f.patron(user=user)
    client.force_login(user)
    package = ElectronicPackage.objects.create(name="Oak", url="https://reader.example/kbart")
    url = inner.at("127.0.0.1")
    form = {"name": "Elm", "provider": "Elm", "most_lost": "50", "url": url, "on": "on"}
    for path, data in (
        ("/settings/holdings/add/", form), (f"/settings/holdings/{package.pk}/edit/", form | {"name": "Oak"}),
        (f"/settings/holdings/{package.pk}/load/", {}),
        ("/settings/sources/own_catalogue/", {"on": "on", "url": url}), ("/settings/sources/own_catalogue/test/", {}),
    ):
        assert client.post(path, data).status_code in (403, 404), path
    assert not SourceSetting.objects.exists() and not package.loads.exists()
    assert list(ElectronicPackage.objects.values_list("url", flat=True)) == ["https://reader.example/kbart"]
    assert inner.came == 0


def test_a_file_of_holdings_may_lie_inside_and_leads_nowhere_else_inside(there, inner):
    there.says("/kbart.txt", b"", code=302, headers=[("Location", inner.at("127.0.0.1"))])
    package = ElectronicPackage.objects.create(name="Oak", url=f"{there.url}/kbart.txt")
    load = loads.start(package, by=None, now=timezone.now())
    loads.go_on(load.pk)
    load.refresh_from_db()
    assert (load.state, inner.came) == ("failed", 0) and "private network" in load.why
    package.url = inner.at("inner.example")
    package.save()
    load = loads.start(package, by=None, now=timezone.now() + timedelta(hours=1))
    loads.go_on(load.pk)
    assert inner.heard, "entered by an administrator it is asked"
