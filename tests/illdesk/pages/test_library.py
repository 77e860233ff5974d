import pytest

from illdesk.models import Branch, Event, Institution


@pytest.fixture
def coordinator(signed_in):
    return signed_in("coordinator")


LIBRARY = {
    "name": "Aldermere University Library", "department": "Interlibrary Loan", "symbol": "AUL", "agency_type": "ISIL",
    "agency_value": "US-AUL", "country": "us", "email": "ill@aldermere.example",
}


def test_our_library_is_stored_once_and_changed_afterwards(coordinator):
    assert coordinator.post("/settings/library/", LIBRARY).status_code == 302
    assert coordinator.post("/settings/library/", LIBRARY | {"symbol": "ALD"}).status_code == 302
    row = Institution.objects.get()
    assert (row.pk, row.symbol, row.country) == (1, "ALD", "US")
    assert Event.objects.filter(name="institution.changed").order_by("-id")[0].data == {"fields": ["country", "symbol"]}


def test_a_missing_name_is_said_and_the_rest_kept(coordinator):
    answer = coordinator.post("/settings/library/", LIBRARY | {"name": "", "country": "USA"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "country"}
    assert "ill@aldermere.example" in answer.content.decode()
    assert not Institution.objects.exists()


def test_a_branch_is_added_renamed_and_closed(coordinator):
    assert "No branch yet" in coordinator.get("/settings/branches/").content.decode()
    coordinator.post("/settings/branches/add/", {"name": "Science", "code": "sci", "pickup": "on", "active": "on"})
    assert coordinator.get("/settings/branches/sci/").status_code == 200
    coordinator.post("/settings/branches/sci/", {"name": "Science Library", "code": "sci"})
    row = Branch.objects.get()
    assert (row.name, row.pickup, row.active) == ("Science Library", False, False)


def test_a_code_is_given_once(coordinator):
    Branch.objects.create(code="sci", name="Science")
    answer = coordinator.post("/settings/branches/add/", {"name": "Other", "code": "sci"})
    assert answer.status_code == 422
    assert 'value="Other"' in answer.content.decode()


def test_a_branch_that_does_not_exist(coordinator):
    assert coordinator.get("/settings/branches/nowhere/").status_code == 404


@pytest.mark.parametrize("address", ["/settings/library/", "/settings/branches/", "/settings/branches/add/"])
def test_student_assistants_change_no_settings(signed_in, address):
    browser = signed_in("student")
    assert browser.get(address).status_code == 403
    assert browser.post(address, LIBRARY).status_code in (403, 405)
    assert not Institution.objects.exists()


@pytest.mark.parametrize("address", ["/settings/library/", "/settings/letters/", "/settings/policy/"])
def test_every_page_of_settings_has_the_others_beside_it(coordinator, address):
    page = coordinator.get(address).content.decode()
    assert f'href="{address}" aria-current="page"' in page
    for other in ("/settings/library/", "/settings/branches/", "/settings/letters/", "/settings/policy/"):
        assert f'class="ill-side-item" href="{other}"' in page
    assert "/settings/people/" not in page


def test_settings_stand_behind_more_for_who_has_any(signed_in):
    assert "/settings/library/" in signed_in("coordinator").get("/").content.decode()
    assert "/settings/" not in signed_in("student").get("/").content.decode()
