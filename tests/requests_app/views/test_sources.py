"""Settings → Sources: switched on and off, keys that are never shown again, a Test that asks something real."""

from datetime import timedelta

import pytest
from django.utils import timezone

from illdesk.models import Event
from requests_app.forms.sources import SourceForm
from requests_app.models import SourceSetting
from requests_app.verification.sources import SOURCES
from tests import factories as f
from tests.requests_app.verification.conftest import there  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keeper(client):
    f.institution()
    client.force_login(f.user("administrator"))
    return client


def test_every_source_stands_in_the_list_with_what_it_knows(keeper):
    page = keeper.get("/settings/sources/").content.decode()
    for one in SOURCES.values():
        assert str(one.label) in page or str(one.label).replace("’", "&#x27;") in page


@pytest.mark.parametrize("code", list(SOURCES))
def test_each_form_opens_and_is_stored(keeper, code):
    page = keeper.get(f"/settings/sources/{code}/")
    assert page.status_code == 200
    answer = keeper.post(f"/settings/sources/{code}/", {"url": "" if code != "own_catalogue" else "https://c.example/sru"})
    assert answer.status_code in (302, 422)


def test_a_key_is_kept_encrypted_and_never_shown_again(keeper):
    given = {"on": "on", "url": "https://w.example", "key": "wskey-123", "secret": "hush-456"}
    assert keeper.post("/settings/sources/worldcat/", given).status_code == 302
    page = keeper.get("/settings/sources/worldcat/").content.decode()
    assert "hush-456" not in page and "One is stored." in page
    assert keeper.post("/settings/sources/worldcat/", given | {"secret": ""}).status_code == 302
    row = SourceSetting.objects.get(code="worldcat")
    assert (row.secret, row.on) == ("hush-456", True)
    assert "hush" not in str(list(Event.objects.values_list("data", flat=True)))


def test_what_is_missing_or_no_address_is_told_at_its_field(keeper):
    answer = keeper.post("/settings/sources/own_catalogue/", {"on": "on", "url": ""})
    assert answer.status_code == 422 and "Without this it cannot be asked" in answer.content.decode()
    answer = keeper.post("/settings/sources/crossref/", {"on": "on", "url": "file:///etc/passwd"})
    assert answer.status_code == 422 and "beginning with https://" in answer.content.decode()
    assert not SourceSetting.objects.exists()


@pytest.mark.parametrize("address", ["catalogue.example.edu:210/INNOPAC", "catalogue.example.edu", "z3950://c.example/x"])
def test_a_catalogue_by_z3950_is_entered_as_its_host(keeper, address):
    answer = keeper.post("/settings/sources/own_catalogue_z3950/", {"on": "on", "url": address})
    assert answer.status_code == 302
    row = SourceSetting.objects.get()
    assert (row.on, row.url) == (True, address)
    answer = keeper.post("/settings/sources/own_catalogue_z3950/", {"on": "on", "url": "https://c.example/x y"})
    assert answer.status_code == 422 and "is not an address of a Z39.50 server" in answer.content.decode()


def test_test_asks_something_real_and_keeps_what_came(keeper, there):  # noqa: F811
    keeper.post("/settings/sources/crossref/", {"on": "on", "url": there.url})
    there.says("/works/10.1038/nature12373", {"status": "ok", "message": {
        "DOI": "10.1038/nature12373", "type": "journal-article", "title": ["Nanometre-scale thermometry"]}})
    page = keeper.post("/settings/sources/crossref/test/", follow=True).content.decode()
    assert "answered" in page and SourceSetting.objects.get().test_worked
    there.behaves("/works", "broken")
    page = keeper.post("/settings/sources/crossref/test/", follow=True).content.decode()
    assert "did not answer as it should" in page and not SourceSetting.objects.get().test_worked


def test_a_source_that_nobody_knows_is_not_found(keeper):
    assert keeper.get("/settings/sources/altavista/").status_code == 404


def test_storing_a_form_takes_no_turn_and_no_token_from_a_check_that_runs(keeper):
    one = SOURCES["worldcat"]
    given = {"url": "https://w.example", "key": "wskey-123", "secret": "hush-456"}
    keeper.post("/settings/sources/worldcat/", given)
    read = SourceSetting.objects.get()
    SourceSetting.objects.update(free_at=f.NOW, kept='{"token": "t"}', tested=f.NOW)
    form = SourceForm(given | {"on": "on", "secret": ""}, source=one, row=read)
    assert form.is_valid()
    form.save()
    row = SourceSetting.objects.get()
    assert (row.on, row.free_at, row.kept, row.tested) == (True, f.NOW, '{"token": "t"}', f.NOW)
    form = SourceForm(given | {"on": "on", "key": "another"}, source=one, row=read)
    assert form.is_valid()
    form.save()
    row = SourceSetting.objects.get()
    assert (row.key, row.secret, row.kept, row.free_at) == ("another", "hush-456", "", f.NOW)


def test_whatever_a_test_stumbles_over_is_told_and_logged(keeper, caplog):
    class Stumbling:
        code, label, options, inside, gap = "stumbling", "Stumbling", (), False, 0.0

        def test(self, settings, web):
            raise KeyError("message")

    SOURCES["stumbling"] = Stumbling()
    try:
        page = keeper.post("/settings/sources/stumbling/test/")
    finally:
        del SOURCES["stumbling"]
    assert page.status_code == 302 and "KeyError" in caplog.text
    row = SourceSetting.objects.get(code="stumbling")
    assert not row.test_worked and "could not be read" in row.test_words


def test_a_test_waits_for_its_turn_and_gives_up_where_that_is_far(keeper, there):  # noqa: F811
    with_gap = next(one for one in SOURCES.values() if one.gap and any(option.name == "url" for option in one.options))
    where = f"/settings/sources/{with_gap.code}/test/"
    SourceSetting.objects.create(code=with_gap.code, on=True, url=there.url, key="k",
                                 free_at=timezone.now() + timedelta(minutes=5))
    page = keeper.post(where, follow=True).content.decode()
    assert "there was no turn in time" in page and there.seen == []
    assert SourceSetting.objects.get().tested is None, "nothing was asked, so nothing is known"
    soon = timezone.now() + timedelta(seconds=0.4)
    SourceSetting.objects.update(free_at=soon)
    keeper.post(where)
    assert there.seen and timezone.now() > soon
    assert SourceSetting.objects.get().free_at >= soon + timedelta(seconds=with_gap.gap)
