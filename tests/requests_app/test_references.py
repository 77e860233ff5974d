"""Numbers of other systems: as they are retyped, on the request's page, in the search box."""

import pytest
from hypothesis import given
from hypothesis import strategies as s

from illdesk.errors import BadAnswer
from requests_app import references
from requests_app.models import ExternalReference
from tests import factories as f


@pytest.mark.parametrize("written", [
    "198765432", "ILL# 0198 765 432", "198765432.0",
    "198765432.00", "OCLC 198765432", "OCLC#198765432", "ill:198765432",
    " 198765432\n", "No. 198 765 432", "000198765432", "ILL-198765432", "OCLC ILL #198765432",
])
def test_a_number_is_one_however_it_is_retyped(written):
    assert references.plain(written) == "198765432"


@pytest.mark.parametrize(("written", "kept"), [
    ("-9876543", "9876543"), ("RAPID-1234567", "1234567"), ("TN: 00042", "42"), ("e12-7/a", "E12-7A"), ("", ""),
    ("  ", ""), ("0000", ""), ("ILL", ""), ("☃", ""),
])
def test_other_numbers_keep_what_tells_them_apart(written, kept):
    assert references.plain(written) == kept


@given(s.text(max_size=80))
def test_what_is_plain_stays_plain(text):
    """Else what is kept would not be found again."""
    once = references.plain(text)
    assert references.plain(once) == once


pages = pytest.mark.django_db


@pages
def test_a_number_is_added_seen_searched_for_and_taken_away(client):
    ill = f.ill("borrowing.received")
    client.force_login(f.user("borrowing staff"))
    url = f"/requests/{ill.number}/numbers/"
    client.post(url, {"system": "oclc", "reference": "ILL# 0198765432"})
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert "198765432" in page and "made only to carry money</span>" not in page
    assert "Number of another system added" in page
    found = client.get("/search/", {"q": "OCLC 198 765 432"})
    assert found.status_code == 302 and found.url == f"/requests/{ill.number}/"
    row = ExternalReference.objects.get()
    client.post(f"{url}{row.pk}/remove/")
    assert not ExternalReference.objects.exists()
    client.post(f"{url}{row.pk}/remove/")
    assert f.events_of(ill)[-2:] == ["request.reference_added", "request.reference_removed"]


@pages
def test_a_dummy_number_is_marked_and_leads_to_the_loan(client):
    ill = f.ill("borrowing.lost")
    client.force_login(f.user("borrowing staff"))
    client.post(f"/requests/{ill.number}/numbers/", {"system": "oclc", "reference": "200000001", "dummy": "1"})
    assert "made only to carry money</span>" in client.get(f"/requests/{ill.number}/").content.decode()
    assert client.get("/search/", {"q": "200000001"}).status_code == 302


@pages
def test_a_number_twice_is_one_and_one_of_both_kinds_is_refused():
    ill = f.asked()
    given_ = {"actor": f.staff(), "now": f.NOW}
    assert references.enter(ill, "oclc", "7", **given_) and not references.enter(ill, "oclc", "007", **given_)
    with pytest.raises(BadAnswer):
        references.enter(ill, "oclc", "7", dummy=True, **given_)
    assert f.events_of(ill).count("request.reference_added") == 1


@pages
@pytest.mark.parametrize(("system", "number"), [("gold", "7"), ("", "7"), ("oclc", ""), ("oclc", "☃"),
                                                ("oclc", "abc def ; <b>")])
def test_what_is_no_number_is_refused_with_a_sentence(client, system, number):
    ill = f.asked()
    client.force_login(f.user("borrowing staff"))
    page = client.post(f"/requests/{ill.number}/numbers/", {"system": system, "reference": number}, follow=True)
    said = page.content.decode()
    assert page.status_code == 200
    assert any(words in said for words in ("Choose the system", "has digits only", "Enter the number"))
    assert not ExternalReference.objects.exists()


@pages
def test_only_who_works_on_it_changes_numbers(client):
    lending, ours = f.ill("lending.received"), f.asked()
    row = references.add(lending, "oclc", "7", now=f.NOW)
    for role, ill, status in (("student", lending, 403), ("lending staff", ours, 404), ("patron", ours, 404)):
        client.force_login(f.user(role))
        sent = {"system": "oclc", "reference": "8"}
        assert client.post(f"/requests/{ill.number}/numbers/", sent).status_code == status
    client.force_login(f.user("student"))
    assert client.post(f"/requests/{lending.number}/numbers/{row.pk}/remove/").status_code == 403
    assert "Add a number of another system" not in client.get(f"/requests/{lending.number}/").content.decode()
    assert list(ExternalReference.objects.values_list("number", flat=True)) == ["7"]


@pages
def test_a_number_of_another_request_is_asked_after(client):
    first, second = f.asked(), f.asked()
    references.enter(first, "oclc", "198765432", actor=f.staff(), now=f.NOW)
    client.force_login(f.user("borrowing staff"))
    page, given_ = f"/requests/{second.number}/numbers/", {"system": "oclc", "reference": "OCLC ILL# 198 765 432"}
    asked = client.post(page, given_, follow=True).content.decode()
    assert f"198765432 is the number of {first.number} already" in asked and not second.references.exists()
    client.post(page, given_ | {"shared": "1"})
    assert second.references.get().number == "198765432"
