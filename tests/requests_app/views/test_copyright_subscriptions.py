"""Subscriptions in the browser: added, ended, read from a file, let count or thrown away."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import html

from illdesk.models import Event
from requests_app.models import Subscription, SubscriptionLoad
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, sent

pytestmark = pytest.mark.django_db
LIST = "/copyright/subscriptions/"
GOOD = {"kind": "periodical", "name": "Marine Letters", "numbers": ISSN, "form": "print", "begins": "2020-01-01"}


@pytest.fixture
def clerk(client):
    client.force_login(f.user("coordinator"), backend="illdesk.accounts.backend.RoleBackend")
    return client


def words(answer) -> str:
    return " ".join(html.fromstring(answer.content.decode()).text_content().split())


def upload(browser, text: str, name: str = "agent.csv"):
    return browser.post(f"{LIST}import/", {"file": SimpleUploadedFile(name, text.encode())})


def test_one_is_added_changed_and_ended_never_deleted(clerk):
    assert "No subscription is known yet" in words(clerk.get(LIST))
    assert clerk.post(f"{LIST}new/", GOOD).status_code == 302
    row = Subscription.objects.get()
    assert [one.key for one in row.numbers.all()] == [f"issn:{ISSN}"] and row.name_key == "marine letters"
    where = f"{LIST}{row.pk}/"
    form = clerk.get(where).context["form"]
    assert (form["numbers"].value(), form["begins"].value().isoformat()) == (ISSN, "2020-01-01")
    more = GOOD | {"numbers": f"{ISSN}, 2049-3630", "ends": "2021-12-31", "embargo": "p1y", "covers_from": "1998"}
    assert clerk.post(where, more).status_code == 302
    row.refresh_from_db()
    assert (row.numbers.count(), row.ends.year, row.embargo, row.covers_from) == (2, 2021, "P1Y", "1998")
    events = Event.objects.filter(subject_kind="subscription").order_by("pk")
    assert [one.name for one in events] == ["subscription.added", "subscription.changed"]
    assert events[1].data == {"fields": ["covers_from", "embargo", "ends", "numbers"], "ends": "2021-12-31"}
    for standing, shown in (("", True), ("ended", True), ("in_force", False), ("entered", False), ("nonsense", True)):
        assert ("Marine Letters" in words(clerk.get(LIST, {"standing": standing}))) is shown, standing
    for text, shown in (("marine", True), ("2049-3630", True), ("zebra", False), ("…", False)):
        assert ("from 1998 on" in words(clerk.get(LIST, {"q": text}))) is shown, text
    csv = b"".join(clerk.get(f"{LIST}export.csv").streaming_content).decode()
    assert f"ISSN {ISSN}; ISSN 2049-3630" in csv and "2021-12-31" in csv


@pytest.mark.parametrize(("change", "sentence"), [
    ({"name": ""}, "Enter this"), ({"numbers": "1234-5678"}, "is no ISSN"),
    ({"numbers": "9780141439549"}, "is no ISSN"),
    ({"kind": "work", "numbers": "x1"}, "neither an ISBN nor"), ({"begins": "soon"}, "Enter a date"),
    ({"begins": ""}, "Enter since when"), ({"ends": "2019-01-01"}, "ends before it begins"),
    ({"covers_from": "2020", "covers_to": "2010"}, "What it covers ends before it begins"),
    ({"covers_from": "2020-03", "covers_to": "2020-02-28"}, "What it covers ends before it begins"),
    ({"kind": "work"}, "An ISSN is of a periodical"),
    ({"covers_from": "spring"}, "Enter a year"), ({"embargo": "soon"}, "as KBART does"),
])
def test_a_bad_form_says_why_and_keeps_what_was_typed(clerk, change, sentence):
    answer = clerk.post(f"{LIST}new/", GOOD | {"note": "Typed note"} | change)
    assert answer.status_code == 422 and sentence in words(answer) and "Typed note" in answer.content.decode()
    assert not Subscription.objects.exists()


def test_the_same_one_entered_again_is_told_which_is_there(clerk):
    clerk.post(f"{LIST}new/", GOOD)
    answer = clerk.post(f"{LIST}new/", GOOD | {"name": "Marine letters (print)", "note": "Typed note"})
    assert answer.status_code == 422 and "This is there already: “Marine Letters”" in words(answer)
    row = Subscription.objects.get()
    assert clerk.post(f"{LIST}{row.pk}/", GOOD | {"note": "Changed"}).status_code == 302, "itself is no other"
    for more in ({"form": "online"}, {"begins": "2024-01-01"}, {"numbers": f"{ISSN}, 2049-3630"},
                 {"covers_from": "1998"}, {"numbers": ""}):
        assert clerk.post(f"{LIST}new/", GOOD | more).status_code == 302, more
    answer = clerk.post(f"{LIST}new/", GOOD | {"numbers": "", "name": "MARINE letters"})
    assert answer.status_code == 422 and Subscription.objects.count() == 6


def test_coverage_within_one_year_is_in_order(clerk):
    assert clerk.post(f"{LIST}new/", GOOD | {"covers_from": "2020-03", "covers_to": "2020"}).status_code == 302


def test_a_book_is_known_by_isbn_or_oclc_number(clerk):
    clerk.post(f"{LIST}new/", GOOD | {"kind": "work", "numbers": "978-0-14-143954-9; 0012345"})
    assert sorted(Subscription.objects.get().numbers.values_list("key", flat=True)) == [
        "isbn:9780141439549", "oclc:12345"]


def test_who_borrows_reads_the_list_and_changes_nothing(client):
    client.force_login(f.user("borrowing staff"), backend="illdesk.accounts.backend.RoleBackend")
    assert "Read a file" not in words(client.get(LIST))
    for where in (f"{LIST}new/", f"{LIST}import/"):
        assert client.get(where).status_code == 403 and client.post(where, GOOD).status_code == 403
    assert not Subscription.objects.exists()


def test_what_was_counted_since_its_order_is_shown_to_look_at(clerk):
    ill = sent()
    clerk.post(f"{LIST}new/", GOOD | {"begins": "", "ordered": "2026-03-01"})
    assert ill.number in words(clerk.get(f"{LIST}{Subscription.objects.get().pk}/"))
    Subscription.objects.update(ordered="2026-03-03")
    assert ill.number not in words(clerk.get(f"{LIST}{Subscription.objects.get().pk}/"))


# --- files ----------------------------------------------------------------------------------------------------


def test_a_file_is_shown_line_by_line_and_counts_after_a_yes(clerk):
    answer = upload(clerk, f"Title,ISSN,Start,Colour\nMarine Letters,{ISSN},2020,blue\nTides,,someday,red\n")
    load = SubscriptionLoad.objects.get()
    assert answer.url == f"{LIST}import/{load.pk}/"
    page = words(clerk.get(answer.url))
    assert "The date cannot be read" in page and "someday" in page and "not known: Colour" in page
    assert "Let this 1 row count" in page and "Marine Letters" not in words(clerk.get(LIST))
    assert clerk.post(f"{answer.url}confirm/").url == LIST
    assert "Marine Letters" in words(clerk.get(LIST))
    again = clerk.post(f"{answer.url}confirm/")
    assert again.status_code == 409 and "already" in words(again)
    row = Subscription.objects.get()
    assert "It came from line 2 of agent.csv" in words(clerk.get(f"{LIST}{row.pk}/"))
    assert clerk.post(f"{LIST}{row.pk}/", GOOD | {"name": "Other"}).status_code == 422
    row.refresh_from_db()
    assert row.name == "Marine Letters", "its own system is the place to change it"


def test_columns_are_named_as_the_form_names_them(clerk):
    upload(clerk, f"Title,ISSN,OCLC,Coverage start\nMarine Letters,{ISSN},,1998\n")
    for answer in (clerk.get(f"{LIST}import/"), clerk.get(f"{LIST}import/{SubscriptionLoad.objects.get().pk}/")):
        page = words(answer)
        assert "Covers from" in page and "OCLC number" in page
        assert "covers_from" not in page and "oclc:" not in page
    assert "Covers from: Coverage start" in page


def test_a_file_that_has_lost_half_waits_for_a_tick(clerk):
    for issns in ((ISSN, "0028-0836"), (ISSN,)):
        upload(clerk, "Title,ISSN,Start\n" + "".join(f"A,{issn},2020\n" for issn in issns) + "B,2049-3630,2020\n"
               if len(issns) > 1 else f"Title,ISSN,Start\nA,{ISSN},2020\n")
        load = SubscriptionLoad.objects.latest("pk")
        answer = clerk.post(f"{LIST}import/{load.pk}/confirm/")
    assert answer.status_code == 409 and "2 of the 3 numbers" in words(answer)
    assert clerk.post(f"{LIST}import/{load.pk}/confirm/", {"half": "1"}).status_code == 302
    assert "1 subscriptions" not in words(clerk.get(LIST)) and Subscription.objects.counting().count() == 1


def test_a_draft_is_thrown_away_once(clerk):
    upload(clerk, f"Title,ISSN\nMarine Letters,{ISSN}\n")
    where = f"{LIST}import/{SubscriptionLoad.objects.get().pk}/"
    assert clerk.post(f"{where}discard/").url == f"{LIST}import/"
    assert clerk.post(f"{where}discard/").status_code == 409 and clerk.post(f"{where}burn/").status_code == 404
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "The file is empty"), ("Symbol,Name of it\n", "no column for the title"), ("PK broken", "no workbook"),
])
def test_a_file_that_is_none_is_told(clerk, text, sentence):
    answer = upload(clerk, text)
    assert answer.status_code == 422 and sentence in words(answer) and not SubscriptionLoad.objects.exists()
    assert "Choose a file." in words(clerk.post(f"{LIST}import/"))


def test_the_length_of_the_list_costs_no_query_more(clerk, django_assert_max_num_queries):
    upload(clerk, "Title,ISSN\n" + "".join(f"T{n},{ISSN}\n" for n in range(40)))
    SubscriptionLoad.objects.update(state="counts")
    with django_assert_max_num_queries(11):
        assert len(clerk.get(LIST).context["rows"]) == 40
