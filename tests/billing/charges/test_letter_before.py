"""The letter is seen before it goes: filled with what is typed, in the patron's language, and nothing is done by it."""

import html
import uuid

import pytest
from django.utils import timezone

from billing.appeals import actions as appeals
from billing.appeals.models import Appeal
from billing.charges import declared
from billing.charges.models import Charge, ChargeMove, ChargePayment, Waiver
from billing.ledger.models import Entry
from billing.numbers.models import Series
from illdesk import actors
from illdesk.models import Event, OutboxMessage
from tests import factories as f
from tests.billing.charges.cast import D, charged, fresh, policy, terms

pytestmark = pytest.mark.django_db
URL = "/billing/charges/"
LOOK = {"look": "letter"}


@pytest.fixture
def clerk(client):
    client.force_login(f.user("borrowing staff"))
    return client


def there() -> list[int]:
    """How many rows there are of all that a step writes."""
    return [kind.objects.count() for kind in (Charge, ChargeMove, ChargePayment, Waiver, Entry, Event, OutboxMessage,
                                              Series)]


def send(client, url, *, script=False, **given):
    more = {"headers": {"HX-Request": "true"}} if script else {}
    return client.post(url, {"key": str(uuid.uuid4())} | given, **more)


def words(answer) -> str:
    return html.unescape(answer.content.decode())


def shown_and_sent(client, url, what, **given) -> tuple[str, OutboxMessage]:
    """The piece with the letter; then the same is done, and this is what went."""
    before, given = there(), {"key": str(uuid.uuid4())} | given
    answer = send(client, url, script=True, **given | LOOK)
    assert answer.status_code == 200 and there() == before, "only looked at"
    done = client.post(url, given)
    assert done.status_code == 302, done.content.decode()
    return words(answer), OutboxMessage.objects.get(what=what)


def same(piece: str, letter: OutboxMessage) -> bool:
    return letter.payload["subject"] in piece and letter.payload["body"] in piece and letter.recipient in piece


def test_of_a_new_charge_the_letter_is_shown_as_it_goes(clerk):
    terms(lost=D("80.00"), lost_fee=D("20.00"))
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    piece, letter = shown_and_sent(clerk, f"{URL}new/?request={ill.number}", "charge_made", number=ill.number,
                                   kind="lost", reason="lost_by_patron")
    assert same(piece, letter) and "USD 100.00" in piece and "<form" not in piece, "by the rules"


def test_it_is_in_the_language_of_the_patron(clerk):
    patron = f.patron(language="es")
    piece, letter = shown_and_sent(clerk, f"{URL}new/?patron={patron.pk}", "charge_made", kind="other", reason="other",
                                   amount="12")
    assert same(piece, letter) and 'lang="es"' in piece and "Le hemos cargado" in piece


@pytest.mark.parametrize(("step", "what", "given", "said"), [
    ("waive", "charge_waived", {"amount": "15", "reason": "first_time"}, "We waive USD 15.00"),
    ("cancel", "charge_cancelled", {"reason": "mistake"}, "is cancelled"),
])
def test_of_a_waiver_and_of_what_is_cancelled(clerk, step, what, given, said):
    row = charged()
    piece, letter = shown_and_sent(clerk, f"{URL}{row.number}/{step}/", what, **given)
    assert same(piece, letter) and said in piece


def test_of_a_charge_that_becomes_final_with_the_lenders_amount(clerk):
    terms(lost=D("80.00"), lost_fee=D("20.00"))
    row = declared.lost(f.ill("borrowing.checked_out", patron=f.patron()), "lost_by_patron", actor=f.staff(), now=f.NOW)
    piece, letter = shown_and_sent(clerk, f"{URL}{row.number}/final/", "charge_final", amount="61.50")
    assert same(piece, letter) and "USD 81.50" in piece


def test_of_a_payment_the_receipt(clerk):
    row = charged()
    piece, letter = shown_and_sent(clerk, f"{URL}patrons/{row.patron_id}/pay/", "charge_receipt", amount="15",
                                   way="cash", day=timezone.localdate().isoformat())
    assert same(piece, letter) and "USD 25.00" in piece


def test_of_something_found_the_letter_to_the_lender_or_that_none_goes(clerk):
    ill = f.ill("borrowing.checked_out", patron=f.patron(), partner=f.library(email="ill@lender.example"))
    row = declared.lost(ill, "lost_by_patron", actor=f.staff(), now=f.NOW)
    piece, letter = shown_and_sent(clerk, f"{URL}{row.number}/found/", "lender_found")
    assert same(piece, letter) and "ill@lender.example" in piece
    other = f.ill("borrowing.checked_out", patron=f.patron())
    type(other.partner).objects.filter(pk=other.partner_id).update(email="")
    row = declared.lost(other, "lost_by_patron", actor=f.staff(), now=f.NOW)
    assert "the library has no e-mail address" in words(send(clerk, f"{URL}{row.number}/found/", script=True, **LOOK))


def test_without_script_the_page_comes_back_with_the_letter_and_all_that_was_typed(clerk):
    patron, before = f.patron(), there()
    answer = send(clerk, f"{URL}new/?patron={patron.pk}", kind="share", reason="share", amount="12.34",
                  note="Hm & so.", **LOOK)
    page = words(answer)
    assert answer.status_code == 200 and "Your share of what the lending library charged." in page
    assert 'value="12.34"' in page and "Hm & so." in page and '<option value="share" selected' in page
    assert "Charge it and write to the patron" in page and there() == before


def test_what_is_missing_is_said_in_the_place_of_the_letter(clerk):
    url = f"{URL}new/?patron={f.patron().pk}"
    piece = send(clerk, url, script=True, kind="other", reason="other", **LOOK)
    assert piece.status_code == 422 and "cannot be shown yet" in words(piece) and "Enter the amount" in words(piece)
    page = send(clerk, url, kind="other", reason="other", note="Kept.", **LOOK)
    assert page.status_code == 422 and "Enter the amount" in words(page) and "Kept." in words(page)
    row = charged()
    piece = send(clerk, f"{URL}{row.number}/waive/", script=True, amount="41", reason="small", **LOOK)
    assert piece.status_code == 422 and "Only 40.00 is open" in words(piece), "what the action itself refuses"


def test_where_no_letter_goes_it_says_why(clerk):
    policy(waive_above=D(10))
    row = charged()
    piece = words(send(clerk, f"{URL}{row.number}/waive/", script=True, amount="15", reason="small", **LOOK))
    assert "only proposed" in piece and not Waiver.objects.exists()
    silent = charged(f.patron(email=""), key="b")
    piece = words(send(clerk, f"{URL}{silent.number}/cancel/", script=True, reason="mistake", **LOOK))
    assert "the patron has no e-mail address" in piece


def test_of_a_proposed_waiver_who_decides_sees_the_letter_and_who_proposed_does_not(clerk, client):
    policy(waive_above=D(10))
    row = charged()
    send(clerk, f"{URL}{row.number}/waive/", amount="15", reason="hardship")
    url = f"/billing/charges/waivers/{Waiver.objects.get().pk}/grant/"
    answer = send(clerk, url, script=True, **LOOK)
    assert answer.status_code == 409 and "You entered this" in words(answer)
    client.force_login(f.user("coordinator"))
    assert "Show the letter" in words(client.get(f"{URL}{row.number}/"))
    page = words(send(client, url, **LOOK))
    assert "We waive USD 15.00" in page and "USD 25.00 is open now" in page and fresh(row).waived == 0
    piece, letter = shown_and_sent(client, url, "charge_waived")
    assert same(piece, letter) and fresh(row).waived == 15


@pytest.mark.parametrize(("outcome", "amount", "said"), [
    ("granted", "", "is cancelled"), ("partly", "15", "take away USD 15.00"), ("denied", "", "cannot grant it"),
])
def test_of_an_appeal_the_letter_with_the_words_that_are_typed(client, outcome, amount, said):
    row = charged()
    mine = appeals.appeal(row, "It was closed.", key="a", actor=actors.patron(row.patron.user), now=f.NOW)
    client.force_login(f.user("coordinator"))
    given = {"outcome": outcome, "amount": amount, "words": "We looked at the scans & agree."}
    url = f"/billing/appeals/{mine.pk}/"
    page = words(client.post(url, given | LOOK))
    assert said in page and given["words"] in page and f'value="{outcome}"' in page and "Decide and write" in page
    assert Appeal.objects.get().state == "open"
    piece, letter = shown_and_sent(client, url, f"appeal_{outcome}", **given)
    assert same(piece, letter) and Appeal.objects.get().state == outcome


def test_who_may_not_decide_an_appeal_is_shown_no_letter_of_a_decision(client):
    by = f.user("coordinator")
    row = charged(by=actors.staff(by))
    mine = appeals.appeal(row, "It was closed.", key="a", actor=actors.patron(row.patron.user), now=f.NOW)
    client.force_login(by)
    answer = client.post(f"/billing/appeals/{mine.pk}/", {"outcome": "denied", "words": "No."} | LOOK,
                         headers={"HX-Request": "true"})
    assert answer.status_code == 409 and "You entered this" in words(answer) and "cannot grant" not in words(answer)
