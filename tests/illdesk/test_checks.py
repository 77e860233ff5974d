import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured

from illdesk.checks import no_demo_accounts, refuse_demo_accounts, safe_for_real_use


@pytest.fixture
def production(settings):
    settings.PRODUCTION, settings.MODE = True, "production"
    settings.BASE_URL = "https://ill.library.example"
    settings.ALLOWED_HOSTS = ["ill.library.example"]
    settings.ALLOW_PRIVATE_ADDRESSES = False
    return settings


@pytest.fixture
def demo_person(db):
    return get_user_model().objects.create_user("demo-patron", password="for everybody", demo=True)


def test_production_refuses_a_demo_account(production, demo_person):
    with pytest.raises(ImproperlyConfigured, match=r"demo accounts \(demo-patron"):
        refuse_demo_accounts()
    assert [found.id for found in no_demo_accounts(None, ["default"])] == ["illdesk.E001"]


def test_a_demo_account_that_cannot_sign_in_does_no_harm(production, demo_person):
    demo_person.is_active = False
    demo_person.save()
    refuse_demo_accounts()
    assert no_demo_accounts(None, ["default"]) == []


def test_a_demo_desk_may_have_demo_accounts(settings, demo_person):
    settings.PRODUCTION = False
    refuse_demo_accounts()
    assert no_demo_accounts(None, ["default"]) == []


def test_a_check_without_databases_asks_none(production):
    assert no_demo_accounts(None, None) == []


def test_an_open_door_in_production_is_named(production):
    assert safe_for_real_use(None) == []
    production.DEBUG = True
    production.ALLOWED_HOSTS = ["*"]
    production.BASE_URL = "http://ill.library.example"
    production.ALLOW_PRIVATE_ADDRESSES = True
    assert [found.id for found in safe_for_real_use(None)] == [
        "illdesk.E003",
        "illdesk.E004",
        "illdesk.W001",
        "illdesk.W002",
    ]


def test_a_demo_desk_is_not_for_deploying(settings):
    assert [found.id for found in safe_for_real_use(None)] == ["illdesk.E002"]
