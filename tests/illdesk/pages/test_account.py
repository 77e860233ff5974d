import pytest

from illdesk.models import Branch
from requests_app.models import Patron


@pytest.fixture
def rosa(signed_in):
    browser = signed_in("patron")
    browser.patron = Patron.objects.create(card="20041", user=browser.user, last_name="Gómez", phone="555 0199")
    return browser


def _sent(**fields) -> dict:
    return {"theme": "dark", "language": "", "patron-language": "en", "patron-pickup": ""} | fields


def test_appearance_language_and_keys_are_kept(signed_in):
    browser = signed_in("lending staff")
    answer = browser.post("/account/", {"theme": "dark", "language": "es"})
    assert answer.status_code == 302
    browser.user.refresh_from_db()
    assert (browser.user.theme, browser.user.language, browser.user.single_keys) == ("dark", "es", False)
    assert 'data-bs-theme="dark"' in browser.get("/account/").content.decode()


def test_a_patron_chooses_place_and_language_of_letters(rosa):
    desk = Branch.objects.create(code="main", name="Main desk")
    page = rosa.get("/account/").content.decode()
    assert "20041" in page
    assert "single_keys" not in page
    assert rosa.post("/account/", _sent(**{"patron-pickup": desk.pk, "patron-language": "es"})).status_code == 302
    rosa.patron.refresh_from_db()
    assert (rosa.patron.pickup, rosa.patron.language) == (desk, "es")


def test_a_closed_branch_cannot_be_chosen_and_nothing_is_saved(rosa):
    closed = Branch.objects.create(code="law", name="Law", active=False)
    answer = rosa.post("/account/", _sent(**{"patron-pickup": closed.pk}))
    assert answer.status_code == 422
    rosa.user.refresh_from_db()
    assert rosa.user.theme == "device"


def test_a_closed_branch_that_was_chosen_before_stays(rosa):
    closed = Branch.objects.create(code="law", name="Law", active=False)
    Patron.objects.update(pickup=closed)
    assert rosa.post("/account/", _sent(**{"patron-pickup": closed.pk})).status_code == 302


def test_a_theme_that_does_not_exist_is_refused(signed_in):
    assert signed_in("budget").post("/account/", {"theme": "pink", "language": ""}).status_code == 422


def test_the_language_goes_into_the_account_and_a_cookie(signed_in):
    browser = signed_in("budget")
    answer = browser.post("/i18n/language/", {"language": "es", "next": "/account/"})
    assert answer["Location"] == "/account/"
    browser.user.refresh_from_db()
    assert browser.user.language == "es"
    assert '<html lang="es"' in browser.get("/account/").content.decode()
    browser.post("/accounts/logout/")
    assert '<html lang="es"' in browser.get("/accounts/login/").content.decode()


def test_the_account_counts_more_than_cookie_and_browser(signed_in):
    browser = signed_in("budget", language="es")
    browser.cookies["illdesk_a_language"] = "en"
    answer = browser.get("/nothing-here/", HTTP_ACCEPT_LANGUAGE="en")
    assert (answer.status_code, answer["Content-Language"]) == (404, "es")


def test_the_browser_decides_for_strangers(client, db):
    assert client.get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="es-MX")["Content-Language"] == "es"
    assert client.get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="tlh")["Content-Language"] == "en"


def test_a_language_nobody_offers_changes_no_account(signed_in):
    browser = signed_in("budget", language="es")
    browser.post("/i18n/language/", {"language": "fr", "next": "/"})
    browser.user.refresh_from_db()
    assert browser.user.language == "es"


def test_the_way_back_leads_to_no_other_site(client, db):
    answer = client.post("/i18n/language/", {"language": "es", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_a_link_cannot_change_the_language(client, db):
    assert client.get("/i18n/language/?language=es").status_code == 405


def test_nobody_signs_up(client, db):
    answer = client.get("/accounts/signup/")
    assert "The library makes the accounts" in answer.content.decode()
    for gone in ("email/", "reauthenticate/", "confirm-email/", "password/set/", "login/code/"):
        assert client.get(f"/accounts/{gone}").status_code == 404


def test_the_password_page_opens_and_works(signed_in):
    browser = signed_in("budget")
    sent = {"oldpassword": "long-enough-2026", "password1": "another-good-one-27", "password2": "another-good-one-27"}
    assert browser.post("/accounts/password/change/", sent).status_code == 302
    browser.user.refresh_from_db()
    assert browser.user.check_password("another-good-one-27")
