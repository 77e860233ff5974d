"""The loan policy in the browser: every field, in bounds, told in sentences."""

import html
from decimal import Decimal

import pytest

from illdesk.models import Event
from requests_app.forms.policy import PolicyForm
from requests_app.models import LoanPolicy
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/settings/policy/"


@pytest.fixture
def browser(client):
    factories.institution()
    client.force_login(factories.user("coordinator"))
    return client


def filled(**changes) -> dict:
    """What the page would send, unchanged but for these."""
    initial = PolicyForm(instance=LoanPolicy.current()).initial
    return {name: "on" if value is True else value for name, value in (initial | changes).items() if value != ""}


def test_every_field_of_the_policy_stands_on_the_page_once():
    columns = {field.name for field in LoanPolicy._meta.concrete_fields} - {"id"}
    shown = [field.name for _heading, fields in PolicyForm().groups() for field in fields]
    assert sorted(shown) == sorted(columns)


def test_what_is_saved_holds_and_is_remembered(browser):
    answer = browser.post(ADDRESS, filled(lender_days="6", max_cost="31.50", currency="cad", renewals="2",
                                          deliver_by_itself=""))
    assert answer.status_code == 302
    policy = LoanPolicy.current()
    assert (policy.pk, policy.lender_days, policy.renewals) == (1, 6, 2)
    assert (policy.max_cost, policy.currency, policy.deliver_by_itself) == (Decimal("31.50"), "CAD", False)
    event = Event.objects.get(name="policy.changed")
    assert event.data["max_cost"] == "31.50" and event.data["lender_days"] == 6 and "hold_days" not in event.data


def test_who_may_not_change_settings_sees_no_policy(client):
    factories.institution()
    client.force_login(factories.user("lending staff"))
    assert client.get(ADDRESS).status_code == 403 and client.post(ADDRESS, filled()).status_code == 403
    assert not LoanPolicy.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("lending_days", "0", "Enter a number of days from 1 to 365."),
        ("hold_days", "-3", "Enter a number of days from 1 to 90."),
        ("lender_days", "soon", "Enter a number of days from 1 to 60."),
        ("renewals", "21", "Enter a number from 0 to 20."),
        ("max_cost", "-1", "Enter an amount from 0 to 100000."),
        ("currency", "US$", "Enter the currency as three letters, for example USD."),
        ("download_days", "", "Enter this: Days a patron can download a PDF."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(browser, name, value, sentence):
    answer = browser.post(ADDRESS, {**filled(), name: value})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422 and sentence in page and not LoanPolicy.objects.exists()
    assert "Ensure this value" not in page and PolicyForm({**filled(), name: value}).errors[name] == [sentence]


def test_the_address_of_reserves_is_kept_and_stands_in_no_event(browser):
    assert browser.post(ADDRESS, filled(reserves_email="reserves@riverside.example")).status_code == 302
    assert LoanPolicy.current().reserves_email == "reserves@riverside.example"
    assert Event.objects.get(name="policy.changed").data == {"reserves_email": True}
    answer = browser.post(ADDRESS, filled(reserves_email="nobody"))
    assert answer.status_code == 422 and "nobody" in answer.content.decode()
