"""The directory in the browser: lists, one library's tabs, what is edited there, groups, import."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from illdesk import actors
from illdesk.models import Event, OutboxMessage
from requests_app.directory import symbols
from requests_app.exchange.iso18626 import inbox
from requests_app.exchange.iso18626.messages import AgencyId
from requests_app.models import (
    ConnectionTest,
    DirectoryImport,
    Library,
    LibraryAddress,
    LibraryGroup,
    LibrarySymbol,
)
from requests_app.views.paper import label_of
from tests import factories as f

pytestmark = pytest.mark.django_db
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "javascript:alert(1)",
    "مكتبة الجامعة \u202e gpj", "';DROP TABLE x;--", "Ａ" * 50,
]


@pytest.fixture
def coordinator(client):
    f.institution()
    row = f.user("coordinator")
    client.force_login(row)
    client.user = row
    return client


@pytest.fixture
def oak():
    return f.library("OAK", name="Oak Public Library", locality="Oakville")


# --- symbols


def test_a_library_is_found_by_any_of_its_symbols_whatever_the_case(oak):
    oak.symbols.create(agency_type="OCLC", agency_value="XOA")
    for kind, value in (("ISIL", "us-oak"), ("oclc", "xoa")):
        assert inbox.library_of(AgencyId(kind, value)) == oak
    assert inbox.library_of(AgencyId("OCLC", "US-OAK")) is None
    assert inbox.library_of(AgencyId("ISIL", "")) is None


def test_finding_it_is_one_query_and_uses_the_indexes(oak, django_assert_num_queries):
    Library.objects.bulk_create(
        Library(name=f"L{n}", symbol=f"L{n}", agency_value=f"US-L{n}") for n in range(3000)
    )
    LibrarySymbol.objects.bulk_create(
        LibrarySymbol(library=oak, agency_type="OCLC", agency_value=f"O{n}") for n in range(3000)
    )
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE requests_app_library; ANALYZE requests_app_librarysymbol")
    with django_assert_num_queries(1):
        assert inbox.library_of(AgencyId("OCLC", "o2999")) == oak
    plan = symbols.named("OCLC", "O17").explain()
    assert "one_library_an_agency" in plan and "one_library_a_symbol" in plan, plan


def test_a_symbol_of_another_library_is_refused_with_its_name(coordinator, oak):
    hil = f.library("HIL")
    for value in ("us-hil", "US-OAK"):
        answer = coordinator.post(
            "/settings/libraries/OAK/symbols/new/", {"agency_type": "isil", "agency_value": value}
        )
        assert answer.status_code == 422 and "has this agency symbol already" in answer.content.decode()
    coordinator.post("/settings/libraries/OAK/symbols/new/", {"agency_type": "OCLC", "agency_value": "XOA"})
    assert oak.symbols.get().agency_value == "XOA"
    data = {"name": "Hill", "symbol": "HIL", "agency_type": "oclc", "agency_value": "xoa", "dialect": "plain"}
    answer = coordinator.post("/settings/libraries/HIL/edit/", data)
    assert answer.status_code == 422 and "Oak Public Library (OAK) has this agency symbol" in answer.content.decode()
    hil.refresh_from_db()
    assert hil.agency_value == "US-HIL"


def test_our_own_symbol_is_nobody_elses(coordinator, oak):
    answer = coordinator.post(
        "/settings/libraries/OAK/symbols/new/", {"agency_type": "ISIL", "agency_value": "us-riv"}
    )
    assert answer.status_code == 422 and "This is our own symbol" in answer.content.decode()


# --- addresses, contacts, policies, suspensions


def test_a_label_goes_to_the_shipping_address_and_a_return_to_the_one_for_returns(oak):
    oak.addresses.create(kind="shipping", name="Oak, Receiving", line1="9 Dock Road", locality="Oakville")
    lent = f.ill("lending.shipped", partner=oak)
    assert (label_of(lent, None).to_name, label_of(lent, None).to_lines[0]) == ("Oak, Receiving", "9 Dock Road")
    borrowed = f.ill("borrowing.returned_by_patron", partner=oak)
    assert label_of(borrowed, None).to_name == "Oak Public Library"
    oak.addresses.create(kind="returns", line1="1 Returns Lane")
    borrowed.refresh_from_db()
    assert label_of(borrowed, None).to_lines == ("1 Returns Lane",)


@pytest.mark.parametrize(
    "what, data, tab",
    [
        ("contacts", {"kind": "lending", "name": "Łucja Żak", "email": "l@oak.example"}, "contacts"),
        ("addresses", {"kind": "billing", "line1": "1 Bursar Lane", "country": "us"}, "contacts"),
        ("suspensions", {"first": "2026-07-01", "reason": "Summer"}, "overview"),
        ("symbols", {"agency_type": "OCLC", "agency_value": "XOA"}, "overview"),
    ],
)
def test_a_part_is_added_changed_and_removed_each_with_its_event(coordinator, oak, what, data, tab):
    base = f"/settings/libraries/OAK/{what}/"
    assert coordinator.get(base + "new/").status_code == 200
    assert coordinator.post(base + "new/", data)["Location"] == f"/settings/libraries/OAK/?tab={tab}"
    row = getattr(oak, what).get()
    assert coordinator.get(f"{base}{row.pk}/").status_code == 200
    assert coordinator.post(f"{base}{row.pk}/", data).status_code == 302
    assert getattr(oak, what).count() == 1
    assert coordinator.post(f"{base}{row.pk}/remove/").status_code == 302
    assert not getattr(oak, what).exists()
    assert Event.objects.filter(name="library.changed", subject_id=oak.pk, data__part=what).count() == 3


def test_a_part_of_another_library_is_not_found(coordinator, oak):
    row = f.library("HIL").contacts.create(kind="head", name="X", email="x@hil.example")
    assert coordinator.get(f"/settings/libraries/OAK/contacts/{row.pk}/").status_code == 404
    assert coordinator.post(f"/settings/libraries/OAK/contacts/{row.pk}/remove/").status_code == 404
    assert coordinator.get("/settings/libraries/OAK/shoes/new/").status_code == 404


@pytest.mark.parametrize(
    "what, data, sentence",
    [
        ("contacts", {"kind": "lending", "name": "Nobody"}, "Enter an e-mail address or a telephone number."),
        ("contacts", {"kind": "king", "name": "X", "email": "x@y.example"}, "Select a valid choice"),
        ("contacts", {"kind": "head", "name": "x" * 100_000, "email": "x@y.example"}, "at most 200 characters"),
        ("contacts", {"kind": "head", "name": "a\x00b", "email": "x@y.example"}, "Null characters are not allowed"),
        ("addresses", {"kind": "billing", "line1": ""}, "Enter this"),
        ("addresses", {"kind": "returns", "line1": "x", "country": "USA"}, "at most 2 characters"),
        ("suspensions", {"first": "2026-07-02", "last": "2026-07-01"}, "The last day lies before the first."),
        ("suspensions", {"first": "tomorrow"}, "Enter a valid date."),
    ],
)
def test_what_makes_no_sense_is_refused_and_kept_as_typed(coordinator, oak, what, data, sentence):
    answer = coordinator.post(f"/settings/libraries/OAK/{what}/new/", data)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not getattr(oak, what).exists()


def test_one_address_a_purpose(coordinator, oak):
    LibraryAddress.objects.create(library=oak, kind="billing", line1="1 Bursar Lane")
    answer = coordinator.post("/settings/libraries/OAK/addresses/new/", {"kind": "billing", "line1": "2 Bursar Lane"})
    assert answer.status_code == 422 and "Edit that one" in answer.content.decode()


def test_policies_have_defaults_until_somebody_enters_them(coordinator, oak):
    assert oak.terms.lends_books and oak.terms.pk is None
    assert "Nobody has entered" in coordinator.get("/settings/libraries/OAK/?tab=policies").content.decode()
    data = {"takes_requests": "on", "loan_days": "42", "charge_copy": "12.00", "currency": "eur", "due_means": "lender"}
    assert coordinator.post("/settings/libraries/OAK/policies/", data).status_code == 302
    terms = Library.objects.get(pk=oak.pk).terms
    assert (terms.loan_days, terms.currency, terms.lends_books, terms.due_means) == (42, "EUR", False, "lender")
    page = coordinator.get("/settings/libraries/OAK/?tab=policies").content.decode()
    assert "EUR 12.00" in page and "back at the lender" in page
    for wrong in ({"charge_copy": "-1"}, {"loan_days": "0"}, {"loan_days": "9" * 20}, {"currency": "1"}):
        assert coordinator.post("/settings/libraries/OAK/policies/", data | wrong).status_code == 422


def test_suspensions_are_several_and_the_past_stays(coordinator, oak):
    today = timezone.localdate()
    oak.suspensions.create(first=today - timedelta(days=90), last=today - timedelta(days=80), reason="Inventory")
    assert not oak.suspended_on(today)
    oak.suspensions.create(first=today, reason="Flood")
    assert oak.suspended_on(today) and oak.suspended_on(today + timedelta(days=900))
    assert not oak.suspended_on(today - timedelta(days=1))
    assert list(Library.objects.suspended_on(today)) == [oak]
    assert not Library.objects.not_suspended_on(today).exists()
    page = coordinator.get("/settings/libraries/OAK/").content.decode()
    assert "Inventory" in page and "Flood" in page and "further notice" in page
    assert "Oak Public" in coordinator.get("/settings/libraries/?show=suspended").content.decode()


def test_asking_for_many_libraries_costs_two_queries(django_assert_num_queries):
    for number in range(20):
        f.library(f"L{number}").suspensions.create(first=f.NOW.date())
    with django_assert_num_queries(2):
        rows = Library.objects.prefetch_related("suspensions")
        assert all(row.suspended_on(f.NOW.date()) for row in rows)


# --- groups


def test_groups_are_made_and_filter_the_list(coordinator, oak):
    f.library("HIL", name="Hill College")
    coordinator.post("/settings/libraries/groups/new/", {"name": "North", "kind": "consortium", "libraries": [oak.pk]})
    page = coordinator.get("/settings/libraries/?show=consortium").content.decode()
    assert "Oak Public" in page and "Hill College" not in page
    assert [item["count"] for item in coordinator.get("/settings/libraries/").wsgi_request.side[0]["items"]] == [
        2, 1, 0, 0, 0]
    group = LibraryGroup.objects.get()
    answer = coordinator.post("/settings/libraries/groups/new/", {"name": "North", "kind": "other"})
    assert answer.status_code == 422
    coordinator.post(f"/settings/libraries/groups/{group.pk}/remove/")
    assert not LibraryGroup.objects.exists() and Library.objects.count() == 2


# --- the page of one library


def test_figures_are_counted_from_the_last_twelve_months(coordinator, oak):
    f.ill("borrowing.received", partner=oak)
    f.ill("borrowing.unfilled", partner=oak)
    f.ill("borrowing.sent", partner=oak)
    f.ill("lending.shipped", partner=oak)
    from requests_app.directory import figures

    found = figures.of_library(oak, now=f.later(days=1))
    assert (found.they_fill, found.we_fill, found.open, found.days) == (50, 100, 4, 0.0)
    gone = figures.of_library(oak, now=f.later(days=400))
    assert (gone.they_fill, gone.we_fill, gone.days) == (None, None, None)


def test_the_page_costs_the_same_with_many_messages(coordinator, oak, django_assert_max_num_queries):
    ill = f.ill("borrowing.sent", partner=oak)
    for number in range(120):
        message(oak, ill, key=str(number))
    for tab in ("overview", "policies", "contacts", "conversation"):
        with django_assert_max_num_queries(30):
            coordinator.get(f"/settings/libraries/OAK/?tab={tab}")


def test_the_test_button_keeps_what_it_found_out(coordinator, oak):
    for _time in range(2):
        coordinator.post("/settings/libraries/OAK/test/")
    row = ConnectionTest.objects.get(library=oak)
    assert (row.ok, row.by) == (False, coordinator.user) and "Cannot be reached" in row.said
    assert "Cannot be reached" in coordinator.get("/settings/libraries/OAK/").content.decode()
    assert Event.objects.filter(name="library.tested", subject_id=oak.pk).count() == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_only_words(coordinator, oak, text):
    Library.objects.filter(pk=oak.pk).update(name=text[:200], note=text, locality=text[:100])
    oak.contacts.create(kind="head", name=text[:200], note=text[:200])
    oak.suspensions.create(first=timezone.localdate(), reason=text[:200])
    oak.symbols.create(agency_type="X", agency_value=text[:60], note=text)
    type(oak.terms).objects.create(library=oak, note=text, ships_by=text[:100])
    LibraryGroup.objects.create(name=text[:100], note=text).libraries.add(oak)
    paths = ["", "groups/", "OAK/", "OAK/?tab=policies", "OAK/?tab=contacts", "OAK/edit/", "OAK/policies/"]
    for path in paths:
        answer = coordinator.get(f"/settings/libraries/{path}")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "<script>alert" not in page and "<img src=x" not in page and "href=\"javascript" not in page


# --- the conversation


def message(library: Library, ill=None, *, key: str, **fields) -> OutboxMessage:
    now = timezone.now()
    base = {
        "channel": "iso18626", "key": f"k{key}", "lane": key, "recipient": library.endpoint, "partner": library.symbol,
        "what": "Request", "payload": {"xml": f"<x>{key}</x>", "library": library.pk}, "state": "sent",
        "next_try": now, "created": now,
    }
    if ill:
        base |= {"subject_kind": "request", "subject_id": ill.pk}
    return OutboxMessage.objects.create(**base | fields)


def test_older_messages_stand_on_further_pages_and_none_is_lost(coordinator, oak):
    ill = f.ill("borrowing.sent", partner=oak)
    OutboxMessage.objects.all().delete()
    for number in range(120):
        message(oak, ill, key=str(number), created=f.later(minutes=number))
    seen, path = [], "?tab=conversation"
    for _page in range(10):
        context = coordinator.get(f"/settings/libraries/OAK/{path}").context
        seen += [row["row"].pk for _day, rows in context["days"] for row in rows]
        if not context["older"]:
            break
        path = f"?tab=conversation&before={context['older']}"
    assert len(seen) == len(set(seen)) == 120 and seen == sorted(seen, reverse=True)
    assert coordinator.get("/settings/libraries/OAK/?tab=conversation&before=junk").status_code == 200


def test_the_conversation_is_filtered_by_way_trouble_and_number(coordinator, oak):
    ill, other = f.ill("borrowing.sent", partner=oak), f.ill("borrowing.sent", partner=oak)
    OutboxMessage.objects.all().delete()
    message(oak, ill, key="a")
    message(oak, other, key="b", state="parked")

    def found(query: str) -> list[str]:
        days = coordinator.get(f"/settings/libraries/OAK/?tab=conversation&{query}").context["days"]
        return [row["row"].key for _day, rows in days for row in rows]

    assert found("") == ["kb", "ka"]
    assert found("trouble=1") == ["kb"] and found("way=in") == []
    assert found(f"number={ill.number.lower()}") == ["ka"] and found("number=B-0") == []


def test_the_xml_unfolds_readable_blanked_and_with_strange_parts_marked(coordinator, oak):
    ill = f.ill("borrowing.sent", partner=oak)
    row = OutboxMessage.objects.filter(partner="OAK").get()
    xml = row.payload["xml"].replace("</header>", "<securityCode>hush</securityCode><shoe>9</shoe></header>")
    row.payload["xml"] = xml.replace("<header>", "<header><moon>full</moon>")
    row.save()
    url = f"/settings/libraries/OAK/messages/out/{row.pk}/"
    page = coordinator.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "hush" not in page and ill.dialogues.get().request_id in page and "<html" not in page
    assert "<mark>      &lt;moon&gt;full&lt;/moon&gt;</mark>" in page and "was not understood" in page
    assert "<html" in coordinator.get(url).content.decode()
    for wrong in (f"out/{row.pk + 999}", f"in/{row.pk}", f"cellar/{row.pk}"):
        assert coordinator.get(f"/settings/libraries/OAK/messages/{wrong}/").status_code == 404
    f.library("HIL")
    assert coordinator.get(f"/settings/libraries/HIL/messages/out/{row.pk}/").status_code == 404


def test_who_does_not_see_the_request_does_not_see_its_xml(client, oak):
    f.ill("borrowing.sent", partner=oak)
    row = OutboxMessage.objects.get(partner="OAK")
    client.force_login(f.user("administrator"))
    assert client.get(f"/settings/libraries/OAK/messages/out/{row.pk}/").status_code == 404
    assert "XML" not in client.get("/settings/libraries/OAK/?tab=conversation").content.decode().split("<tbody>")[1]


@pytest.mark.parametrize("what, state", [("again", "waiting"), ("park", "parked"), ("drop", "dropped")])
def test_a_stuck_message_is_handled_from_the_page_itself(coordinator, oak, what, state):
    before = "waiting" if what == "park" else "parked"
    row = message(oak, f.ill("borrowing.sent", partner=oak), key="a", state=before)
    back = "/settings/libraries/OAK/?tab=conversation&trouble=1"
    answer = coordinator.post(f"/settings/libraries/OAK/messages/out/{row.pk}/{what}/", {"next": back})
    assert answer["Location"] == back
    row.refresh_from_db()
    assert row.state == state
    answer = coordinator.post(f"/settings/libraries/OAK/messages/out/{row.pk}/burn/")
    assert answer.status_code == 404


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere(coordinator, oak, back):
    row = message(oak, key="a", state="parked")
    answer = coordinator.post(f"/settings/libraries/OAK/messages/out/{row.pk}/again/", {"next": back})
    assert answer["Location"] == "/settings/libraries/OAK/?tab=conversation"


def test_what_has_left_is_sent_again_without_acting_twice(coordinator, oak, monkeypatch):
    from illdesk import outbox

    sent = []
    channel = outbox.CHANNELS["iso18626"]
    monkeypatch.setitem(
        outbox.CHANNELS, "iso18626",
        outbox.Channel("iso18626", lambda row: sent.append(row.payload["xml"]) or "", exactly_once=True,
                       settled=channel.settled, parked=channel.parked),
    )
    row = message(oak, key="a", state="sent")
    answer = coordinator.post(f"/settings/libraries/OAK/messages/out/{row.pk}/repeat/", follow=True)
    assert "answered as before" in answer.content.decode() and sent == ["<x>a</x>"]
    before = row.answer
    row.refresh_from_db()
    assert (row.state, row.answer) == ("sent", before)
    assert Event.objects.get(name="message.repeat").actor == coordinator.user
    for state in ("waiting", "parked", "dropped"):
        OutboxMessage.objects.filter(pk=row.pk).update(state=state)
        assert coordinator.post(f"/settings/libraries/OAK/messages/out/{row.pk}/repeat/").status_code == 409
    assert len(sent) == 1


# --- import and export


def upload(client, text: str | bytes, name: str = "libraries.csv"):
    data = text.encode() if isinstance(text, str) else text
    return client.post("/settings/libraries/import/", {"file": SimpleUploadedFile(name, data)})


def test_a_file_is_read_shown_and_stored_when_somebody_says_so(coordinator, oak):
    answer = upload(coordinator, "symbol,name,shoe\nOAK,Oak Library,9\nNEW,New Library,9\nBAD!,x,\n")
    draft = DirectoryImport.objects.get()
    assert answer["Location"] == f"/settings/libraries/import/{draft.pk}/"
    page = coordinator.get(answer["Location"]).content.decode()
    assert "BAD!" in page and "Store 2 libraries" in page and "shoe" in page
    page = coordinator.get(answer["Location"] + "?show=changed").content.decode()
    assert "Oak Public Library" in page and "Oak Library" in page
    assert Library.objects.count() == 1
    page = coordinator.post(f"/settings/libraries/import/{draft.pk}/confirm/", follow=True).content.decode()
    assert "Stored" in page and Library.objects.get(symbol="OAK").name == "Oak Library"
    assert coordinator.post(f"/settings/libraries/import/{draft.pk}/confirm/").status_code == 409
    assert coordinator.get("/settings/libraries/import/").content.decode().count("libraries.csv") == 1


def test_an_import_thrown_away_changes_nothing(coordinator, oak):
    upload(coordinator, "symbol,name\nOAK,Oak Library\n")
    draft = DirectoryImport.objects.get()
    coordinator.post(f"/settings/libraries/import/{draft.pk}/discard/")
    assert coordinator.post(f"/settings/libraries/import/{draft.pk}/confirm/").status_code == 409
    oak.refresh_from_db()
    assert oak.name == "Oak Public Library"
    assert coordinator.post(f"/settings/libraries/import/{draft.pk}/burn/").status_code == 404


@pytest.mark.parametrize(
    "data, sentence",
    [(b"", "The file is empty"), (b"name\nx\n", "names no column"), (b"\x89PNG\r\n\x1a\n\x00\x00", "names no column"),
     (b"symbol,symbol\n", "stands twice")],
)
def test_what_is_no_such_file_is_refused_with_a_sentence(coordinator, data, sentence):
    answer = upload(coordinator, data)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not DirectoryImport.objects.exists()
    assert coordinator.post("/settings/libraries/import/").status_code == 422


def test_hostile_cells_are_only_words_in_the_preview(coordinator):
    cells = "".join(f'A{n},"{text.replace(chr(34), chr(34) * 2)}"\n' for n, text in enumerate(HOSTILE))
    upload(coordinator, "symbol,name\n" + cells + "B!,<script>alert(2)</script>\n", name="<b>x</b>.csv")
    draft = DirectoryImport.objects.get()
    for show in ("new", "wrong"):
        page = coordinator.get(f"/settings/libraries/import/{draft.pk}/?show={show}").content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>x</b>" not in page


def test_the_export_is_a_file_that_the_import_knows(coordinator, oak):
    answer = coordinator.get("/settings/libraries/export.csv")
    assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
    data = b"".join(answer.streaming_content)
    assert data.startswith(b"\xef\xbb\xbf") and b"what-we-tell-them" not in data
    upload(coordinator, data)
    assert DirectoryImport.objects.get().counts["same"] == 1


# --- who may


@pytest.mark.parametrize(
    "path", ["new/", "import/", "export.csv", "groups/", "groups/new/", "OAK/edit/", "OAK/policies/",
             "OAK/contacts/new/", "OAK/symbols/new/"]
)
def test_borrowing_staff_see_the_directory_and_change_nothing(client, oak, path):
    client.force_login(f.user("borrowing staff"))
    assert client.get("/settings/libraries/OAK/?tab=contacts").status_code == 200
    assert client.get(f"/settings/libraries/{path}").status_code == 403
    assert client.post(f"/settings/libraries/{path}").status_code == 403


def test_patrons_see_none_of_it(client, oak):
    client.force_login(f.user("patron"))
    for path in ("", "OAK/", "OAK/messages/out/1/"):
        assert client.get(f"/settings/libraries/{path}").status_code == 403
    for path in ("OAK/messages/out/1/again/", "import/1/confirm/", "OAK/test/", "groups/1/remove/"):
        assert client.post(f"/settings/libraries/{path}").status_code == 403


def test_the_partner_finds_nobody_twice(oak):
    """What arrives under a further symbol belongs to the same library's conversation."""
    oak.symbols.create(agency_type="OCLC", agency_value="XOA")
    row = f.arrived(library=inbox.library_of(AgencyId("OCLC", "XOA")))
    assert row.partner == oak and actors.partner(row.partner.symbol).partner == "OAK"
