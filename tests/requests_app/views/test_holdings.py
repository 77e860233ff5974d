"""Electronic holdings in the browser: add, upload, look inside, decide, take away."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import pre_save
from django.utils import timezone

from illdesk.models import Event
from requests_app.holdings import nightly, spent
from requests_app.models import ElectronicLoad, ElectronicPackage, ElectronicTitle
from tests import factories as f
from tests.requests_app.holdings.test_loads import HEAD, kbart_file, provider, storage  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/settings/holdings/"


@pytest.fixture
def clerk(client):
    client.force_login(f.user("coordinator"), backend="illdesk.accounts.backend.RoleBackend")
    return client


def package(**fields) -> ElectronicPackage:
    return ElectronicPackage.objects.create(**({"name": "Oak Complete"} | fields))


def upload(browser, one: ElectronicPackage, text: str | bytes):
    data = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("oak.txt", data)
    answer = browser.post(f"{LIST}{one.pk}/load/", {"file": file, "upload": "1"})
    one.refresh_from_db()
    return answer


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_package_is_added_filled_and_looked_into(clerk):
    assert "No package yet" in text_of(clerk.get(LIST))
    form = {"name": "Oak Complete", "provider": "Oak", "most_lost": "50", "on": "on", "through_proxy": "on", "url": ""}
    added = clerk.post(f"{LIST}add/", form)
    one = ElectronicPackage.objects.get()
    assert added.url == f"{LIST}{one.pk}/" and one.through_proxy and one.next_reload is None
    assert upload(clerk, one, kbart_file("Oak", "Elm") + "Ash\t\tsoon\thttps://x.example\n").status_code == 302
    page = text_of(clerk.get(f"{LIST}{one.pk}/"))
    assert "The date cannot be read." in page and "Loaded" in page and "oak.txt" in page
    assert "Oak Complete" in text_of(clerk.get(LIST)) and "2 titles" in text_of(clerk.get(LIST))
    titles = text_of(clerk.get(f"{LIST}{one.pk}/titles/"))
    assert titles.index(">Elm<") < titles.index(">Oak<") and "https://read.example/Oak" in titles
    csv = b"".join(clerk.get(f"{LIST}{one.pk}/loads/{one.loads.get().pk}/problems.csv").streaming_content).decode()
    assert "4,row,The date cannot be read.,soon,Ash" in csv


def test_titles_are_found_by_beginning_and_number_and_paged_by_key(clerk):
    one = package()
    rows = [f"Title {n:03d}" for n in range(120)]
    upload(clerk, one, kbart_file(*rows) + "The Cell & us\t0378-5955\t1998\thttps://x.example\n")
    where = f"{LIST}{one.pk}/titles/"
    for asked in ("the cell and", "03785955", "0378-5955"):
        assert ">The Cell &amp; us<" in text_of(clerk.get(where, {"q": asked})), asked
    assert ">Title 005<" not in text_of(clerk.get(where, {"q": "title 01"}))
    assert "No title found" in text_of(clerk.get(where, {"q": "zebra"}))
    seen, after = [], None
    for _turn in range(3):
        found = clerk.get(where, {"after": after} if after else {})
        seen += [row["row"].title for row in found.context["rows"]]
        after = found.context["next"]
    assert seen == ["The Cell & us", *rows] and after is None
    many = package(name="One title, many rows")
    upload(clerk, many, kbart_file(*["Oak"] * 110))
    lines, after = [], None
    for _turn in range(3):
        found = clerk.get(f"{LIST}{many.pk}/titles/", {"after": after} if after else {})
        lines += [row["row"].line for row in found.context["rows"]]
        after = found.context["next"]
    assert lines == list(range(2, 112))
    for nonsense in ("x", "-1", "9" * 30, "999999"):
        assert clerk.get(where, {"after": nonsense}).status_code == 200


def test_how_many_titles_there_are_costs_no_queries(clerk, django_assert_max_num_queries):
    for n in range(12):
        upload(clerk, package(name=f"P{n}"), kbart_file("Oak", "Elm"))
    clerk.get(LIST)
    with django_assert_max_num_queries(8):
        clerk.get(LIST)


def test_who_may_not_change_settings_sees_nothing(client):
    one = package()
    client.force_login(f.user("borrowing staff"), backend="illdesk.accounts.backend.RoleBackend")
    assert client.get(LIST).status_code == client.get(f"{LIST}{one.pk}/").status_code == 403
    assert client.post(f"{LIST}{one.pk}/remove/").status_code == 403


@pytest.mark.parametrize(("fields", "words"), [
    ({"name": ""}, "Enter this: Name."), ({"name": "Elm"}, "a package of this name already"),
    ({"url": "ftp://x.example/"}, "not an http or https address"), ({"url": "javascript:alert(1)"}, "not an http"),
    ({"most_lost": "0"}, "Enter 1 or more."), ({"most_lost": "101"}, "Enter at most 100."),
])
def test_a_bad_form_keeps_what_was_typed(clerk, fields, words):
    package(name="Elm")
    form = {"name": "Oak", "provider": "typed here", "most_lost": "50", "url": ""} | fields
    answer = clerk.post(f"{LIST}add/", form)
    assert answer.status_code == 422 and words in text_of(answer) and "typed here" in text_of(answer)
    assert ElectronicPackage.objects.count() == 1


def test_a_file_that_is_none_is_told_on_the_page(clerk):
    one = package()
    assert upload(clerk, one, "<html>Sign in</html>").status_code == 302
    assert "no KBART file. It begins: &lt;html&gt;" in text_of(clerk.get(f"{LIST}{one.pk}/"))
    nothing = clerk.post(f"{LIST}{one.pk}/load/", {"upload": "1"})
    assert nothing.status_code == 422 and "Choose a file." in text_of(nothing)
    assert clerk.post(f"{LIST}{one.pk}/load/").status_code == 404, "it has no address to reload from"


def test_what_is_held_back_is_decided_on_its_page(clerk):
    one = package()
    upload(clerk, one, kbart_file(*"abcd"))
    upload(clerk, one, kbart_file("a"))
    page = text_of(clerk.get(f"{LIST}{one.pk}/"))
    assert "Let this 1 title count" in page and page.count("is-filled") == 1 and one.titles == 4
    load = one.loads.get(state="held")
    assert clerk.post(f"{LIST}{one.pk}/loads/{load.pk}/confirm/").status_code == 302
    one.refresh_from_db()
    assert one.titles == 1
    assert clerk.post(f"{LIST}{one.pk}/loads/{load.pk}/confirm/").status_code == 404
    assert clerk.post(f"{LIST}{one.pk}/loads/{load.pk}/discard/").status_code == 409
    assert clerk.post(f"{LIST}{one.pk}/loads/{load.pk}/other/").status_code == 404
    other = package(name="Elm")
    assert clerk.post(f"{LIST}{other.pk}/loads/{load.pk}/discard/").status_code == 404


def test_progress_is_seen_and_a_load_can_be_stopped(clerk):
    one = package()
    now = timezone.now()
    load = ElectronicLoad.objects.create(package=one, generation=1, state="reading", source="x.txt", started=now,
                                         moved=now, bytes=1000, bytes_read=250, rows=77)
    page = text_of(clerk.get(f"{LIST}{one.pk}/"))
    assert 'value="25"' in page and "77 titles read, 25 % of the file." in page and "every 2s" in page
    assert upload(clerk, one, kbart_file("a")).status_code == 409
    assert clerk.post(f"{LIST}{one.pk}/loads/{load.pk}/discard/").status_code == 302
    assert "Thrown away" in text_of(clerk.get(f"{LIST}{one.pk}/"))


def test_reload_now_asks_the_provider(clerk):
    with provider() as server:
        form = {"name": "Oak", "most_lost": "50", "on": "on", "url": server.url}
        clerk.post(f"{LIST}add/", form)
        one = ElectronicPackage.objects.get()
        assert nightly.next_night(one.pk, now=timezone.now()) == one.next_reload
        clerk.post(f"{LIST}{one.pk}/load/")
        one.refresh_from_db()
        assert (one.titles, one.etag) == (1, '"1"')
        clerk.post(f"{LIST}{one.pk}/load/")
        assert "Not changed" in text_of(clerk.get(f"{LIST}{one.pk}/"))
        clerk.post(f"{LIST}{one.pk}/edit/", form | {"url": server.url + "?other"})
        clerk.post(f"{LIST}{one.pk}/load/")
        assert "If-None-Match" not in server.asked[-1], "another file is asked for anew"
    clerk.post(f"{LIST}{one.pk}/load/")
    assert "Cannot be reached" in text_of(clerk.get(f"{LIST}{one.pk}/"))


def test_a_removed_package_is_gone_at_once_and_its_titles_soon(clerk):
    one = package()
    upload(clerk, one, kbart_file("Oak"))
    assert clerk.post(f"{LIST}{one.pk}/remove/").status_code == 302
    assert clerk.get(f"{LIST}{one.pk}/").status_code == 404 and "No package yet" in text_of(clerk.get(LIST))
    assert clerk.post(f"{LIST}{one.pk}/remove/").status_code == 404
    spent.finish_leaving()
    assert ElectronicTitle.objects.count() == ElectronicPackage.objects.count() == 0
    assert Event.objects.filter(name="holdings.removed").count() == 1


def test_a_night_that_comes_between_reading_and_storing_loses_no_titles(clerk):
    """A load counts from now on while somebody's form is on its way."""
    one = package(url="https://x.example/oak.txt", etag='"old"', modified="Monday")
    form = {"name": "Oak, complete", "most_lost": "50", "on": "on", "through_proxy": "on", "url": one.url}

    def the_night(sender, **_more):
        pre_save.disconnect(the_night, sender=ElectronicPackage)
        sender.objects.filter(pk=one.pk).update(generation=7, titles=1200, etag='"new"', modified="Tuesday")

    pre_save.connect(the_night, sender=ElectronicPackage)
    assert clerk.post(f"{LIST}{one.pk}/edit/", form).status_code == 302
    one.refresh_from_db()
    assert (one.name, one.generation, one.titles, one.etag, one.modified) == (
        "Oak, complete", 7, 1200, '"new"', "Tuesday")
    clerk.post(f"{LIST}{one.pk}/edit/", form | {"url": "https://x.example/elm.txt"})
    one.refresh_from_db()
    assert (one.generation, one.etag, one.modified) == (7, "", ""), "of another file nothing is known"
