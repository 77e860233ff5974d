"""The demo's data: whole, genuine, quiet, and the same after a second load."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from stdnum import isbn, luhn

from illdesk import demo, secrets
from illdesk.accounts.roles import ROLES
from illdesk.models import Event, InboxMessage, OutboxMessage, User
from requests_app import lifecycle
from requests_app.demo import calendar, libraries, works
from requests_app.demo.barcodes import barcode
from requests_app.models import Citation, ILLRequest, Library, Note, Patron

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _desk(settings, tmp_path):
    settings.VAR = tmp_path / "a"
    settings.PEER_URL = "http://127.0.0.1:8001"


def load(now: datetime = NOW) -> None:
    call_command("load_demo", now=now.isoformat())


def contents() -> dict[str, list]:
    """Every row that the demo makes, with all its values."""
    models = (Citation, Event, ILLRequest, InboxMessage, Library, Note, OutboxMessage, Patron, User)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.django_db
def test_a_desk_in_mid_term_and_a_second_load_changes_nothing(settings):
    load()
    here = set(ILLRequest.objects.values_list("state", flat=True))
    assert here == {code for code, state in lifecycle.STATES.items() if not state.later}
    for kind in ("borrowing", "lending"):
        assert ILLRequest.objects.filter(kind=kind, attention__isnull=False).exists()
        assert ILLRequest.objects.filter(kind=kind, referred__isnull=False).exists()
    today = timezone.localtime(NOW).date()
    assert ILLRequest.objects.filter(state="borrowing.checked_out", due_patron__lt=today).count() > 2
    assert ILLRequest.objects.filter(state="lending.shipped", due_lender__lt=today).exists()

    # Nothing waits to leave, and nothing happened after the demo's own moment or long before it.
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {OutboxMessage.SENT}
    assert set(InboxMessage.objects.values_list("state", flat=True)) == {InboxMessage.HANDLED}
    moments = Event.objects.order_by("pk").values_list("at", flat=True)
    assert list(moments) == sorted(moments)
    assert NOW - timedelta(weeks=12) < moments[0] and moments[len(moments) - 1] <= NOW

    # The other desk is a partner with an address; the invented ones have none, and nothing open is with it.
    assert list(Library.objects.exclude(endpoint="").values_list("symbol", "endpoint")) == [
        ("DBU", "http://127.0.0.1:8001/iso18626")
    ]
    assert not ILLRequest.objects.filter(partner__symbol="DBU").exists()

    before = contents()
    load(NOW + timedelta(days=1))
    assert contents() == before


@pytest.mark.django_db
def test_desk_b_has_its_own_library_people_and_requests(settings):
    settings.DESK = "b"
    load()
    assert ILLRequest.objects.count() > 80
    here = set(ILLRequest.objects.values_list("state", flat=True))
    assert here == {code for code, state in lifecycle.STATES.items() if not state.later}
    assert Library.objects.get(symbol="ALD").agency_value == "US-ALD"
    assert not OutboxMessage.objects.filter(state=OutboxMessage.WAITING).exists()


@pytest.mark.nodb
@pytest.mark.parametrize("now", ["2026-01-02T06:00", "2028-02-29T23:59", "2026-07-05"])
def test_any_moment_has_a_past_in_working_hours(now):
    moment = timezone.make_aware(datetime.fromisoformat(now))
    for hours in (0, 0.5, 8, 100, 400):
        found = timezone.localtime(calendar.hours_before(moment, hours))
        assert found <= moment and found.weekday() < 5
        assert calendar.OPENS <= found.time() <= calendar.CLOSES


@pytest.mark.django_db
def test_accounts_are_printed_marked_and_open_with_their_roles(client, settings):
    demo.load(NOW)
    accounts = json.loads(settings.DEMO_ACCOUNTS.read_text())
    for row in accounts:
        user = User.objects.get(username=row["username"])
        assert user.demo and user.check_password(row["password"])
        assert client.login(username=row["username"], password=row["password"])
    assert set(ROLES) <= {row["role"] for row in accounts}
    for row in accounts:
        if row["role"] in ROLES:
            assert row["role"] in User.objects.get(username=row["username"]).roles
    assert {"coordinator", "patron"} <= User.objects.get(username="coordinator").roles


@pytest.mark.django_db
def test_the_two_desks_agree_on_secrets_without_talking(settings, tmp_path):
    rows = {}
    for desk, peer in (("a", "DBU"), ("b", "ALD")):
        settings.DESK, settings.VAR, settings.SECRET_KEY = desk, tmp_path / desk, desk * 50
        demo.load(NOW)
        libraries.load(NOW)
        rows[desk] = Library.objects.get(symbol=peer)
    assert secrets.matches(rows["a"].secret_sent, rows["b"].secret_expected)
    assert secrets.matches(rows["b"].secret_sent, rows["a"].secret_expected)
    assert rows["a"].secret_sent != rows["b"].secret_sent and len(rows["a"].secret_sent) > 40
    key = tmp_path / "demo-key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["demo-key"]


@pytest.mark.django_db
def test_a_new_address_of_the_other_desk_is_taken_over(settings):
    demo.load(NOW)
    libraries.load(NOW)
    settings.PEER_URL = "http://127.0.0.1:9001"
    libraries.load(NOW)
    assert Library.objects.get(symbol="DBU").endpoint == "http://127.0.0.1:9001/iso18626"


@pytest.mark.django_db
def test_a_desk_for_real_use_refuses(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="for real use"):
        load()
    assert not User.objects.filter(demo=True).exists() and not Library.objects.exists()


@pytest.mark.django_db
def test_a_moment_that_is_none_is_refused():
    with pytest.raises(CommandError, match="write it like"):
        call_command("load_demo", now="yesterday")


@pytest.mark.nodb
def test_numbers_have_right_check_digits():
    assert all(luhn.is_valid(barcode("3", "ALD", serial)) for serial in range(0, 10**6, 9973))
    on_shelf, elsewhere = works.works()
    cited = [work.citation["isbn"] for work in [*on_shelf, *elsewhere] if "isbn" in work.citation]
    assert len(cited) > 30 and len(set(cited)) == len(cited) and all(map(isbn.is_valid, cited))
    scripts = "".join(work.citation["title"] for work in [*on_shelf, *elsewhere])
    assert all(letter in scripts for letter in "ßñşخЗΛ近서州đ")
