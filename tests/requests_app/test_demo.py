"""The demo's data: whole, genuine, quiet, and the same after a second load."""

import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from stdnum import isbn, issn, luhn

from illdesk import demo, secrets
from illdesk.accounts.roles import ROLES
from illdesk.models import Attachment, Event, InboxMessage, OutboxMessage, User
from illdesk.models.calendar import days_of
from requests_app import lifecycle, sweeps
from requests_app.actions.copies import current
from requests_app.copyright import audit, choices, clearance, listing, payment, waits
from requests_app.demo import calendar, libraries, plan, works
from requests_app.demo.barcodes import barcode
from requests_app.demo.walk import Walk
from requests_app.models import (
    Citation,
    CollectionNote,
    Condition,
    CopyrightNumber,
    CopyrightUse,
    Delivery,
    ILLRequest,
    LegalHold,
    Library,
    Note,
    Patron,
    PriceList,
    RotaEntry,
    Royalty,
    Subscription,
    SubscriptionLoad,
    TextCheck,
    TitleLink,
)

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _desk(settings, tmp_path):
    settings.VAR = tmp_path / "a"
    settings.PEER_URL = "http://127.0.0.1:8001"


def load(now: datetime = NOW) -> None:
    call_command("load_demo", now=now.isoformat())


def contents() -> dict[str, list]:
    """Every row that the demo makes, with all its values."""
    models = (
        Citation, Condition, Delivery, Event, ILLRequest, InboxMessage, Library, Note, OutboxMessage, Patron,
        RotaEntry, User,
    )
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
    assert not OutboxMessage.objects.filter(state__in=OutboxMessage.UNSETTLED).exists()
    (file,) = OutboxMessage.objects.exclude(state=OutboxMessage.SENT)
    assert file.channel == "fetch" and ILLRequest.objects.get(pk=file.subject_id).attention_why == "file_not_fetched"
    assert set(InboxMessage.objects.values_list("state", flat=True)) == {InboxMessage.HANDLED}
    # Requests go their way in order; of last year are only copies that copyright counted.
    steps = {f"request.{step.action}" for step in lifecycle.STEPS}
    moments = list(Event.objects.filter(name__in=steps).order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments) and not Event.objects.filter(at__gt=NOW).exists()
    assert NOW - timedelta(weeks=12) < next(at for at in moments if timezone.localtime(at).year == today.year)

    # The other desk is a partner with an address; the invented ones have none, and nothing open is with it.
    assert list(Library.objects.exclude(endpoint="").values_list("symbol", "endpoint")) == [
        ("DBU", "http://127.0.0.1:8001/iso18626")
    ]
    assert not ILLRequest.objects.filter(partner__symbol="DBU").exists()

    something_of_everything()
    copyright_has_its_cases()
    the_clock_finds_nothing()
    before = contents()
    load(NOW + timedelta(days=1))
    assert contents() == before


def something_of_everything() -> None:
    """What a demo is opened for: every kind, every outcome of a lender, every condition, every mark."""
    assert set(Citation.objects.values_list("kind", flat=True)) >= {
        "book", "thesis", "score", "film", "report", "article", "chapter", "conference", "patent", "standard",
        "newspaper",
    }
    outcomes = set(RotaEntry.objects.values_list("state", flat=True))
    assert outcomes >= {"waiting", "asked", "unfilled", "no_answer", "declined", "supplied"}
    assert set(Condition.objects.values_list("answer", flat=True)) >= {"", "accepted", "declined", "later"}
    grounds = ILLRequest.objects.filter(kind="borrowing", compliance__gt="")
    assert set(grounds.values_list("compliance", flat=True)) == {"US-CCG", "US-CCL"}
    assert grounds.filter(compliance_by=None).exists() and grounds.exclude(compliance_by=None).exists()
    assert set(CopyrightUse.objects.values_list("state", flat=True)) >= {"held", "used", "outside"}
    for mark in ("renewal_asked", "recalled", "overdue_told", "resend_asked", "retry_on", "promised", "no_renewals"):
        assert ILLRequest.objects.exclude(**{mark: False if mark == "no_renewals" else None}).exists(), mark
    assert ILLRequest.objects.filter(state="borrowing.checked_out", renewals=1).exists()
    arabic = Citation.objects.filter(part_title__startswith="صناعة").first()
    assert arabic is not None and arabic.volume == "17"
    # One came back from document delivery, some still are there under the number of their birth.
    assert Event.objects.filter(name="request.to_borrowing").exists()
    assert ILLRequest.objects.filter(kind="documents", number__startswith="B-").count() > 10

    # Whoever has a delivered copy can open it; scans whose time is over are gone.
    for ill in ILLRequest.objects.filter(state__endswith=".delivered"):
        row = current(ill)
        assert row.is_open(NOW) and row.attachment.file.open().read(5) == b"%PDF-"
    assert Delivery.objects.filter(fetched__gt=0).exists()
    erased = Delivery.objects.filter(until__lte=NOW)
    assert erased.exists() and not erased.filter(erased=None).exists()
    assert Attachment.objects.filter(subject_kind="request").count() == Delivery.objects.filter(erased=None).count()


def copyright_has_its_cases(now: datetime = NOW) -> None:
    """What copyright and budgets are opened for, at either desk (demo/copyright.py)."""
    year = timezone.localtime(now).year
    titles = {row.name: row for row in listing.of_year(year)}
    tidal, full = titles["Journal of Tidal Archaeology"], titles["Harbor Acoustics"]
    assert [(row.used, row.pending, row.limit) for row in (tidal, full)] == [(4, 1, 5)] * 2
    review = ILLRequest.objects.filter(state="borrowing.copyright_review").select_related("citation")
    sixth = review.get(citation__title=tidal.name)
    known = choices.gather(sixth, now=now)
    assert sixth.need_by and not known.within and known.left == 0 and known.may_free is not None
    assert known.price is not None and known.price.source == Royalty.LIST
    left = {fund.code: fund.left for fund in known.funds}
    assert set(left) == {"ILL-R", "ILL-S"} and known.price.amount < left["ILL-R"] < 200 < left["ILL-S"]

    sweeps.tell_of_places(now=now)  # told after the commit, which a test's transaction never sees
    waiting = {row.title.name: row for row in waits.waiting()}
    assert waiting[full.name].told is None
    free = waiting["Estuary Economics Review"]
    assert free.told and free.ill.attention_why == waits.FREE
    (over,) = listing.over()
    assert over.title.name == "Annals of Marsh Engineering" and over.title.merged.exists()
    groups, _next = listing.proposals()
    assert ["Bulletin of Island Studies"] * 2 in [[row.name for row in group] for group in groups]
    link = TitleLink.objects.get(kind=TitleLink.CONTINUES)
    assert CopyrightNumber.objects.get(key=link.key).title.name == "Proceedings of the Ferry Society"

    day = timezone.localtime(now).date()
    rows = Subscription.objects.counting()
    assert rows.count() == 8 and {row.load.state for row in rows.select_related("load")} == {SubscriptionLoad.COUNTS}
    assert rows.filter(form="print", begins__lte=day, ends=None).exists() and rows.exclude(embargo="").count() == 2
    assert rows.filter(ordered__lte=day, begins__gt=day).exists() and rows.filter(ends__lt=day).count() == 1
    assert not SubscriptionLoad.objects.get().problems
    states = sorted(Royalty.objects.values_list("state", flat=True))
    assert states == ["agreed", "listed", "owed", "owed", "paid"]
    assert {(one.unpaid, bool(one.paid_on)) for one in payment.lists()} == {(0, True), (1, False)}
    assert PriceList.objects.get().state == PriceList.COUNTS and not PriceList.objects.get().problems
    assert set(CollectionNote.objects.values_list("state", flat=True)) == {"proposed", "sent"}

    whole = review.get(fair_price_searches__isnull=False)
    assert "whole" in {line.code for line in clearance.look(whole, now=now).decision.doubts}
    assert review.filter(citation__kind="score").exists()
    assert review.filter(asker_note="For my class, please.").exists()
    assert ILLRequest.objects.get(warning_shown="phone_read_out").state == "borrowing.sent"
    names = [tidal.name, "Proceedings of the Ferry Society"]
    before = CopyrightUse.objects.filter(year=year - 1, title__name__in=names)
    assert before.count() == 9 and before.filter(state="outside", ground="fair_use").count() == 1
    assert {use.asked_on.year for use in before} == {year - 1} and not before.filter(filled=None).exists()
    assert LegalHold.objects.get(lifted=None).first_year == year - 1
    check = TextCheck.objects.get(what="warning")
    assert check.by.username == "admin" and check.wording
    found = [one for of in (year, year - 1) for one in audit.findings(of) if one.check.fault and one.count]
    assert not found, found


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only on SQLite: what a moment changes is no database's")
@pytest.mark.parametrize("now", ["2027-01-05T11:00", "2026-07-06T09:00"])
def test_copyright_has_its_cases_when_a_year_or_a_budget_has_just_begun(now):
    moment = timezone.make_aware(datetime.fromisoformat(now))
    load(moment)
    copyright_has_its_cases(moment)
    the_clock_finds_nothing(moment)


def the_clock_finds_nothing(now: datetime = NOW) -> None:
    """A demo that changes by itself as soon as it is there would be no story."""
    assert sweeps.take_due(now=now) == (0, 0) and sweeps.erase_expired(now=now) == (0, 0)


@pytest.mark.django_db
def test_desk_b_has_its_own_library_people_and_requests(settings):
    settings.DESK = "b"
    load()
    assert ILLRequest.objects.count() > 80
    here = set(ILLRequest.objects.values_list("state", flat=True))
    assert here == {code for code, state in lifecycle.STATES.items() if not state.later}
    assert Library.objects.get(symbol="ALD").agency_value == "US-ALD"
    assert not OutboxMessage.objects.filter(state__in=OutboxMessage.UNSETTLED).exists()
    copyright_has_its_cases()
    the_clock_finds_nothing()


@pytest.mark.nodb
@pytest.mark.parametrize("now", ["2026-01-02T06:00", "2028-02-29T23:59", "2026-07-05"])
def test_any_moment_has_a_past_in_working_hours(now):
    moment = timezone.make_aware(datetime.fromisoformat(now))
    for hours in (0, 0.5, 8, 100, 400):
        found = timezone.localtime(calendar.hours_before(moment, hours))
        assert found <= moment and found.weekday() < 5
        assert calendar.OPENS <= found.time() <= calendar.CLOSES


@pytest.mark.nodb
@pytest.mark.parametrize("now", ["2026-11-30T08:45", "2026-11-29T23:00", "2026-11-27T16:00", "2028-02-29T12:00"])
@pytest.mark.parametrize("desk", ["a", "b"])
def test_at_any_moment_nothing_is_overdue_to_the_clock(now, desk):
    """Whatever weekday the demo starts on: what is waited for has not lapsed, what lapsed did so in its turn."""
    moment = timezone.make_aware(datetime.fromisoformat(now))
    for made in plan.plans(desk, Random(desk)):
        times = Walk(made, None, None, now=moment, dice=Random(1)).times
        assert times == sorted(times) and times[-1] <= moment, made
        days = {"borrowing.sent": 14 if made.by_mail else 4, "borrowing.conditional": 4, "lending.conditional": 4}
        if made.state in days and "late" not in made.moves:
            asked = plan._last(made.moves, set(plan._AT_MOST))
            most = 7 if made.moves[asked] == "will_supply" else days[made.state]
            assert moment < days_of(None).deadline(times[asked], most), made


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
    journals = [work.citation["issn"] for part in works.copies() for work in part if "issn" in work.citation]
    assert len(journals) > 20 and all(map(issn.is_valid, journals))
    real = {"0028-0836", "0005-8580"}
    assert all(number.startswith("99") for number in journals if number not in real)
    scripts = "".join(work.citation["title"] for work in [*on_shelf, *elsewhere])
    assert all(letter in scripts for letter in "ßñşخЗΛ近서州đ")
