import pytest

from illdesk import notices
from illdesk.models import Event, Letter

URL = "/settings/letters/arrived/en/"


@pytest.fixture
def editor(signed_in, library):
    return signed_in("coordinator")


def _sent(**fields) -> dict:
    body = "Hello {name}, it is due {due}."
    return {"subject": "Your {number}", "body": body, "based_on": 0, "do": "publish"} | fields


def test_publishing_makes_the_wording_in_use(editor):
    assert editor.post(URL, _sent()).status_code == 302
    assert notices.wording("arrived", "en").body == "Hello {name}, it is due {due}."
    assert Event.objects.get(name="letter.published").data == {"code": "arrived", "language": "en", "version": 1}


def test_a_preview_is_filled_and_publishes_nothing(editor):
    answer = editor.post(URL, _sent(do="preview"))
    assert answer.status_code == 200
    assert answer.context["preview"]["body"].startswith("Hello Rosa Gómez, it is due 9 Jan 2027.")
    assert "Hello {name}" in answer.content.decode()
    assert not Letter.objects.exists()


def test_an_unknown_placeholder_is_named_with_what_was_meant(editor):
    answer = editor.post(URL, _sent(body="Due {due_date} <b>"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "{due_date} is unknown here. Did you mean {due}?" in page
    assert "Due {due_date} &lt;b&gt;" in page


@pytest.mark.parametrize("body", ["{Due}", "{ due }", "{due", "due}", "{}"])
def test_whatever_looks_like_a_placeholder_is_looked_at(editor, body):
    assert editor.post(URL, _sent(body=body)).status_code == 422
    assert not Letter.objects.exists()


def test_a_title_never_stands_in_a_subject(editor):
    answer = editor.post(URL, _sent(subject="{title} is ready"))
    assert answer.status_code == 422
    assert "locked screen" in answer.content.decode()


def test_a_letter_without_text_or_subject_is_refused(editor):
    answer = editor.post(URL, _sent(subject="", body=" \n "))
    assert set(answer.context["form"].errors) == {"subject", "body"}


def test_a_second_editor_is_told_and_then_decides(editor):
    editor.post(URL, _sent())
    answer = editor.post(URL, _sent(body="Mine"))
    assert answer.status_code == 422
    assert "published version 1 while you were writing" in answer.content.decode()
    assert "Mine" in answer.content.decode()
    again = answer.context["form"].data["based_on"]
    assert editor.post(URL, _sent(body="Mine", based_on=again)).status_code == 302
    assert notices.wording("arrived", "en").version == 2


def test_an_older_wording_is_compared_and_restored(editor):
    own = notices.wording("arrived", "en")
    editor.post(URL, _sent())
    page = editor.get(f"{URL}?compare=0").content.decode()
    assert '<ins class="ill-diff">Hello</ins>' in page
    assert '<del class="ill-diff">Dear</del>' in page
    assert editor.post(URL, {"restore": "0", "based_on": "1"}).status_code == 302
    now = notices.wording("arrived", "en")
    assert (now.version, now.subject, now.body) == (2, own.subject, own.body)
    assert len(notices.versions("arrived", "en")) == 3


def test_restoring_over_a_newer_version_is_refused(editor):
    for based_on in (0, 1):
        editor.post(URL, _sent(based_on=based_on))
    assert editor.post(URL, {"restore": "0", "based_on": "1"}).status_code == 422


def test_languages_are_edited_apart(editor):
    editor.post("/settings/letters/arrived/es/", _sent(subject="Su {number}"))
    assert notices.wording("arrived", "en").version == 0
    assert "version 1" in editor.get("/settings/letters/").content.decode()


@pytest.mark.parametrize("address", ["nothing/en/", "arrived/fr/"])
def test_what_does_not_exist_is_not_found(editor, address):
    assert editor.get(f"/settings/letters/{address}").status_code == 404


def test_lending_staff_do_not_edit_letters(signed_in):
    browser = signed_in("lending staff")
    assert browser.get("/settings/letters/").status_code == 403
    assert browser.post(URL, _sent()).status_code == 403
    assert not Letter.objects.exists()
