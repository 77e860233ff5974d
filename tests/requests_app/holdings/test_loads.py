"""Files into packages: beside the old titles, each row or its reason, held back when too much is gone."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from illdesk.errors import NotAllowed
from illdesk.models import Event
from requests_app.holdings import loads, nightly, spent, titles
from requests_app.models import ElectronicLoad, ElectronicPackage, ElectronicProblem, ElectronicTitle
from tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "publication_title\tprint_identifier\tdate_first_issue_online\ttitle_url"


def kbart_file(*names: str) -> str:
    return "\n".join([HEAD, *(f"{name}\t\t1998\thttps://read.example/{name}" for name in names)]) + "\n"


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}}
    settings.VAR = tmp_path
    return tmp_path


def package(**fields) -> ElectronicPackage:
    return ElectronicPackage.objects.create(**({"name": "Oak Complete"} | fields))


def upload(one: ElectronicPackage, text: str | bytes, *, by=None, go=True) -> ElectronicLoad:
    data = text.encode() if isinstance(text, str) else text
    load = loads.start(one, by=by, now=timezone.now(), file=SimpleUploadedFile("oak.txt", data))
    if go:
        loads.go_on(load.pk)
    load.refresh_from_db()
    one.refresh_from_db()
    return load


def there(one: ElectronicPackage) -> list[str]:
    one.refresh_from_db()
    rows = ElectronicTitle.objects.filter(package=one, generation=one.generation)
    return list(rows.order_by("line").values_list("title", flat=True))


class Provider:
    """A server with one file; knows conditional requests."""

    def __init__(self):
        self.text, self.etag, self.code, self.asked = kbart_file("Oak"), '"1"', 200, []


@contextmanager
def provider():
    one = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            one.asked.append(dict(self.headers))
            body = one.text.encode()
            if one.code != 200:
                self.send_error(one.code)
            elif self.headers.get("If-None-Match") == one.etag:
                self.send_response(304)
                self.end_headers()
            else:
                self.send_response(200)
                self.send_header("ETag", one.etag)
                self.send_header("Last-Modified", "Mon, 02 Mar 2026 08:00:00 GMT")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    one.url = f"http://127.0.0.1:{server.server_port}/kbart.txt"
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


# --- it works ----------------------------------------------------------------------------------------------


def test_an_uploaded_file_is_loaded_with_its_problems(storage):
    one = package()
    text = kbart_file("Oak", "Elm") + "Ash\t\tsoon\thttps://x.example\nYew\t0378-5956\t1998\thttps://x.example\n"
    load = upload(one, text, by=f.user("coordinator"))
    assert (load.state, load.rows, load.rejected, load.remarks, load.why) == ("done", 3, 1, 1, "")
    assert there(one) == ["Oak", "Elm", "Yew"] and one.titles == 3
    assert list(load.problems.order_by("pk").values_list("line", "why", "kept")) == [
        (4, "date", False), (5, "identifier", True)]
    assert not list(storage.rglob("holdings/*")), "the file is not needed any more"
    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == [
        "holdings.load_started", "holdings.loaded"]


def test_a_new_file_takes_the_place_of_the_old_as_a_whole():
    one = package()
    first = upload(one, kbart_file(*"abcdef"))
    second = upload(one, kbart_file(*"abcdeg"))
    assert there(one) == list("abcdeg") and one.generation == second.generation == first.generation + 1
    assert ElectronicTitle.objects.count() == 6
    first.refresh_from_db()
    assert first.cleared and not second.cleared


def test_many_slices_are_stored_whole(monkeypatch):
    monkeypatch.setattr(loads, "SLICE", 7)
    one = package()
    names = [f"Title {n:04d}" for n in range(100)]
    load = upload(one, kbart_file(*names))
    assert there(one) == names and load.rows == 100 and load.line == 101


@pytest.mark.parametrize("title", ['He said "no"', "back\\slash\\N", "\\N", "NULL", "tab’s – Ünïcode 中文", ",;'"])
def test_every_letter_is_stored_as_it_is(title):
    one = package()
    row = f'"{title.replace(chr(34), chr(34) * 2)}"\t\t1998\thttps://read.example/x'
    upload(one, f"{HEAD}\n{row}\n")
    assert there(one) == [title]


# --- what is told and held back ----------------------------------------------------------------------------


def test_a_file_that_lost_more_than_half_waits_for_a_yes():
    one, clerk = package(), f.user("coordinator")
    upload(one, kbart_file(*"abcd"))
    load = upload(one, kbart_file("a"))
    assert load.state == "held" and "1 titles; 4 are there now" in load.why
    assert there(one) == list("abcd")
    loads.swap(load, by=clerk, now=timezone.now())
    spent.clear()
    assert there(one) == ["a"] and ElectronicTitle.objects.count() == 1
    with pytest.raises(NotAllowed, match="meanwhile"):
        loads.swap(load, by=clerk, now=timezone.now())


def test_exactly_half_is_not_more_than_half_and_the_share_can_be_chosen():
    one = package()
    upload(one, kbart_file(*"abcd"))
    assert upload(one, kbart_file(*"ab")).state == "done"
    one.most_lost = 10
    one.save()
    assert upload(one, kbart_file("a")).state == "held"


def test_what_is_held_back_can_be_thrown_away_and_a_new_upload_takes_its_place():
    one, clerk = package(), f.user("coordinator")
    upload(one, kbart_file(*"abcd"))
    held = upload(one, kbart_file("a"))
    loads.discard(held, by=clerk, now=timezone.now())
    again = upload(one, kbart_file("b"))
    assert again.state == "held"
    better = upload(one, kbart_file(*"abcx"), by=clerk)
    again.refresh_from_db()
    assert (again.state, better.state, there(one)) == ("discarded", "done", list("abcx"))
    spent.clear()
    assert ElectronicTitle.objects.count() == 4


@pytest.mark.parametrize(("text", "why"), [
    ("", "empty"), ("<html>\n<body>Sign in", "no KBART file. It begins: <html>"), (HEAD + "\n\t\t\t\n", "No row"),
    ("\x00" * 5000, "empty"),
])
def test_what_is_no_file_of_titles_fails_with_a_sentence(text, why):
    one = package()
    upload(one, kbart_file("Oak"))
    load = upload(one, text)
    assert load.state == "failed" and why in load.why
    assert there(one) == ["Oak"]


def test_problems_are_counted_all_and_kept_to_a_limit(monkeypatch):
    monkeypatch.setattr(loads, "PROBLEMS_KEPT", 5)
    monkeypatch.setattr(loads, "SLICE", 3)
    load = upload(package(), kbart_file("Oak") + "x\t\tsoon\t\n" * 20)
    assert (load.rejected, load.problems.count()) == (20, 5)


def test_two_at_once_are_refused(storage):
    one = package()
    upload(one, kbart_file("a"), go=False)
    before = len(list(storage.rglob("*")))
    with pytest.raises(NotAllowed, match="being loaded already"):
        upload(one, kbart_file("b"))
    assert one.loads.count() == 1 and len(list(storage.rglob("*"))) == before


# --- workers that die, stop and meet -------------------------------------------------------------------------


class Died(BaseException):
    """As a process that is killed: nothing of ours catches it."""


def clock(*deeds):
    """A clock at whose second, third … look something happens: between the claim and a slice, or two slices."""
    left = iter([lambda: None, *deeds])

    def tick():
        next(left, lambda: None)()
        return timezone.now()

    return tick


def dies():
    raise Died


def nothing():
    pass


def test_a_load_that_died_goes_on_behind_its_last_slice(monkeypatch):
    monkeypatch.setattr(loads, "SLICE", 10)
    one = package()
    names = [f"Title {n:03d}" for n in range(45)]
    load = upload(one, kbart_file(*names) + "bad\t\tsoon\t\n", go=False)
    with pytest.raises(Died):
        loads.go_on(load.pk, tick=clock(nothing, nothing, dies))
    load.refresh_from_db()
    assert (load.state, load.rows, load.line) == ("reading", 20, 21)
    nightly.reload_and_clear(now=timezone.now())
    load.refresh_from_db()
    assert load.state == "reading", "a worker may still be at it"
    later = timezone.now() + loads.ABANDONED + timedelta(seconds=1)
    ElectronicLoad.objects.update(moved=timezone.now() - loads.ABANDONED - timedelta(seconds=1))
    assert nightly.reload_and_clear(now=later) == (1, 0)
    assert there(one) == names
    load.refresh_from_db()
    assert (load.state, load.rows, load.rejected, load.problems.count()) == ("done", 45, 1, 1)


def test_one_that_never_ends_is_given_up():
    load = upload(package(), kbart_file("a"), go=False)
    ElectronicLoad.objects.update(state="reading", tries=5, moved=timezone.now() - timedelta(hours=1))
    loads.go_on(load.pk)
    load.refresh_from_db()
    assert load.state == "failed" and "5 times" in load.why


def test_who_meets_another_worker_stops_and_nothing_is_twice(monkeypatch):
    monkeypatch.setattr(loads, "SLICE", 10)
    one = package()
    names = [f"Title {n:03d}" for n in range(35)]
    load = upload(one, kbart_file(*names), go=False)
    met = []

    def other_comes():
        """As if this one had been silent for an hour."""
        met.append(1)
        ElectronicLoad.objects.update(moved=timezone.now() - timedelta(hours=1))
        loads.go_on(load.pk)

    loads.go_on(load.pk, tick=clock(nothing, other_comes))
    load.refresh_from_db()
    assert met and (load.state, load.rows) == ("done", 35)
    assert there(one) == names and ElectronicTitle.objects.count() == 35


def test_a_stopped_load_stores_no_further_slice(monkeypatch):
    monkeypatch.setattr(loads, "SLICE", 10)
    one, clerk = package(), f.user("coordinator")
    load = upload(one, kbart_file(*(f"T{n}" for n in range(50))), go=False)
    loads.go_on(load.pk, tick=clock(nothing, lambda: loads.discard(load, by=clerk, now=timezone.now())))
    load.refresh_from_db()
    assert (load.state, load.rows, there(one)) == ("discarded", 10, [])
    assert spent.clear() == 10 and ElectronicTitle.objects.count() == 0


# --- by its address ------------------------------------------------------------------------------------------


def test_each_night_it_asks_and_loads_only_what_changed():
    with provider() as server:
        one = package(url=server.url, next_reload=timezone.now() - timedelta(minutes=1))
        assert nightly.reload_and_clear(now=timezone.now()) == (1, 0)
        assert there(one) == ["Oak"] and one.etag == '"1"' and one.next_reload > timezone.now()
        assert nightly.reload_and_clear(now=timezone.now()) == (0, 0), "not before the next night"
        nightly.reload_and_clear(now=one.next_reload + timedelta(seconds=1))
        assert server.asked[1]["If-None-Match"] == '"1"' and "2026" in server.asked[1]["If-Modified-Since"]
        assert one.loads.order_by("-pk").first().state == "same" and there(one) == ["Oak"]
        server.text, server.etag = kbart_file("Oak", "Elm"), '"2"'
        nightly.reload_and_clear(now=timezone.now() + timedelta(days=3))
        assert there(one) == ["Oak", "Elm"] and ElectronicTitle.objects.count() == 2


def test_a_provider_that_fails_costs_nothing_and_is_asked_again_soon():
    with provider() as server:
        one = package(url=server.url, next_reload=timezone.now() - timedelta(minutes=1))
        nightly.reload_and_clear(now=timezone.now())
        server.code = 503
        ElectronicPackage.objects.update(next_reload=timezone.now() - timedelta(minutes=1))
        assert nightly.reload_and_clear(now=timezone.now()) == (0, 1)
    load = one.loads.order_by("-pk").first()
    assert load.state == "failed" and "503" in load.why and there(one) == ["Oak"]
    assert one.next_reload < timezone.now() + timedelta(hours=3)


def test_one_that_is_off_or_held_back_is_not_asked():
    with provider() as server:
        due = timezone.now() - timedelta(minutes=1)
        package(url=server.url, next_reload=due, on=False)
        held = package(name="Held", url=server.url, next_reload=due)
        upload(held, kbart_file(*"abcd"))
        assert upload(held, kbart_file("a")).state == "held"
        assert nightly.reload_and_clear(now=timezone.now()) == (0, 0)
        assert server.asked == [] and held.loads.filter(state="held").count() == 1


def test_the_night_is_local_and_each_package_has_its_minute(settings):
    settings.TIME_ZONE = "America/New_York"
    nights = {timezone.localtime(nightly.next_night(pk, now=f.NOW)) for pk in range(1, 40)}
    assert len(nights) > 30 and {night.hour for night in nights} == {2, 3}
    assert all(f.NOW < night < f.NOW + timedelta(days=1) for night in nights)


# --- away ----------------------------------------------------------------------------------------------------


def test_a_package_leaves_with_all_its_titles(monkeypatch):
    monkeypatch.setattr(titles, "_DELETED_AT_ONCE", 3)
    one, other = package(), package(name="Elm")
    upload(one, kbart_file(*"abcdefghij"))
    upload(other, kbart_file("z"))
    spent.leave(one, by=f.user("coordinator"), now=timezone.now())
    package()  # the name is free at once
    nightly.reload_and_clear(now=timezone.now())
    assert not ElectronicPackage.objects.filter(pk=one.pk).exists() and there(other) == ["z"]
    assert ElectronicTitle.objects.count() == 1 and ElectronicProblem.objects.count() == 0


def test_keys_are_compared_byte_by_byte_on_both_databases():
    """Else "all titles that begin with …" would be no range of the index."""
    upload(package(), kbart_file("a b", "ab", "a c", "a"))
    keys = list(ElectronicTitle.objects.order_by("title_key").values_list("title_key", flat=True))
    assert keys == ["a", "a b", "a c", "ab"]
    if connection.vendor == "postgresql":  # a server whose own order is that of bytes would hide a lost one
        with connection.cursor() as cursor:
            cursor.execute("SELECT collation_name FROM information_schema.columns WHERE table_name = "
                           "'requests_app_electronictitle' AND column_name = 'title_key'")
            assert cursor.fetchone() == ("C",)
