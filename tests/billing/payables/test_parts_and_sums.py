"""What a page says of parts, of disputes and of what is over: nothing untrue, nothing that cannot be told apart."""

import re
from decimal import Decimal

import pytest

from billing.batches import actions as batches
from billing.batches.models import BatchSettings
from billing.models import PayableInvoice
from billing.payables import actions, approvals, letter
from billing.payables.registered import DISPUTE
from illdesk.models import OutboxMessage
from tests import factories as f
from tests.billing.payables.cast import line

URL = "/billing/payables/"


def signed(client, actor):
    client.force_login(actor.user, backend="illdesk.accounts.backend.RoleBackend")
    return client


def main(answer) -> str:
    return answer.content.decode().partition("<main")[2]


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page).group(1)  # type: ignore[union-attr]


def dispute(cast, invoice, paid: dict) -> None:
    actions.dispute(invoice, {one.pk: Decimal(of) for one, of in paid.items()}, to="ill@delta.example", subject="s",
                    body="b", key=f"d{invoice.pk}{len(paid)}", actor=cast.clerk, now=f.NOW)


# --- the letter ----------------------------------------------------------------------------------------------


def test_the_letter_promises_payment_only_where_no_other_line_is_open(cast):
    one, two = cast.ill("One"), cast.ill("Two")
    invoice = cast.invoice(line("18.00", one.number), line("15.00", two.number), line("9.00", title="Nobody knows"))
    first, _second, third = invoice.lines.order_by("place")
    body = letter.filled(invoice, [first], language="en")[1]
    assert "You hear from us about the other lines." in body and "to payment" not in body
    assert "pasan a pago" not in letter.filled(invoice, [first], language="es")[1]
    dispute(cast, invoice, {third: "0"})
    assert "You hear from us about" in letter.filled(invoice, [first], language="en")[1], "disputed it is not paid"
    actions.settle_dispute(invoice.lines.get(place=3), Decimal("9.00"), "credit note", actor=cast.clerk, now=f.NOW)
    assert "The other lines go to payment." in letter.filled(invoice, [first], language="en")[1]


def test_where_there_is_no_other_line_the_letter_says_nothing_of_others(cast):
    invoice = cast.invoice(line("18.00", cast.ill().number))
    for language in ("en", "es"):
        assert "{other_lines}" in DISPUTE.wordings[language].body
    body = letter.filled(invoice, list(invoice.lines.all()), language="en")[1]
    assert "other lines" not in body and "the charge is right.\n\n" in body and "\n\n\n" not in body


# --- what is over --------------------------------------------------------------------------------------------


def test_a_refused_invoice_waits_for_nobody(client, cast):
    invoice = cast.invoice(line("30.00", title="Nobody knows"))
    signed(client, cast.clerk)
    page = main(client.get(f"{URL}{invoice.pk}/"))
    assert "Someone else must approve" in page and "not yet answered" in page
    actions.reject(invoice, "not ours", actor=cast.clerk, now=f.NOW)
    page = main(client.get(f"{URL}{invoice.pk}/"))
    assert "Approved by" in page and "Someone else must approve" not in page and "Nobody yet" not in page
    assert "not yet answered" not in page


# --- pay meanwhile -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "sentence"), [
    ("20.00", "Of line 1 less than it bills can be paid meanwhile."), ("18", "Of line 1 less than it bills"),
    ("-1", "Of line 1 less than it bills"), ("1.005", "Of line 1 less than it bills"),
    ("a lot", "Line 1: Enter an amount")])
def test_more_than_a_line_bills_is_refused_at_its_field_before_the_letter_is_drafted(client, cast, said, sentence):
    invoice = cast.invoice(line("18.00", cast.ill("One").number), line("25.00", cast.ill("Two").number))
    first, second = invoice.lines.order_by("place")
    url = f"{URL}{invoice.pk}/dispute/"
    page = main(signed(client, cast.clerk).get(url))
    data = {"line": [first.pk, second.pk], f"paid-{first.pk}": said, f"paid-{second.pk}": "15.00", "to": "a@b.example",
            "subject": "s", "body": "Words of mine."}
    data |= {name: hidden(page, name) for name in ("key", "seen", "drafted")}
    for more in ({}, {"letter": "1"}, {"without": "1"}):
        bad = client.post(url, data | more)
        page = main(bad)
        assert bad.status_code == 422 and "The letter claims" not in page and "Words of mine." in page
        assert re.search(rf'<a href="#id_paid-{first.pk}">{re.escape(sentence)}', page), page
        assert re.search(rf'id="id_paid-{first.pk}"[^>]*value="{re.escape(said)}"[^>]*aria-invalid="true"', page)
        assert re.search(rf'id="id_paid-{first.pk}_error">{re.escape(sentence)}', page)
        assert f"id_paid-{second.pk}_error" not in page and "drafted for other lines" not in page
    assert not OutboxMessage.objects.filter(what="payable_dispute").exists()
    # What stands beside a line that is not ticked counts for nothing.
    good = client.post(url, data | {"line": [second.pk], "letter": "1"})
    assert good.status_code == 200 and "The letter claims USD 10.00 of 1 line." in main(good)


# --- what was settled, what is owed --------------------------------------------------------------------------


def test_a_settled_dispute_says_what_was_credited_and_the_list_what_is_owed(client, cast):
    invoice = cast.invoice(line("30.00", cast.ill("One").number), line("15.00", cast.ill("Two").number))
    cast.invoice(line("7.00", title="Another"), number="88300")
    signed(client, cast.clerk)
    assert "owed" not in main(client.get(URL))
    first = invoice.lines.get(place=1)
    dispute(cast, invoice, {first: "15.00"})
    page = main(client.get(URL))
    assert "USD 45.00" in page and page.count("of it owed") == 1 and ">30.00 of it owed<" in page
    actions.settle_dispute(invoice.lines.get(pk=first.pk), Decimal("15.00"), "credit note", actor=cast.clerk, now=f.NOW)
    assert "settled, USD 15.00 credited" in main(client.get(f"{URL}{invoice.pk}/"))
    text = b"".join(client.get(f"{URL}export.csv").streaming_content).decode("utf-8-sig")
    assert ",45.00,30.00," in text and ",7.00,7.00," in text


# --- keying in -----------------------------------------------------------------------------------------------


def test_an_error_in_a_line_is_counted_leads_to_its_field_and_is_said_there(client, cast):
    signed(client, cast.clerk)
    page = main(client.get(f"{URL}add/"))
    data = {"key": hidden(page, "key"), "library": cast.delta.pk, "number": "7", "dated": "2026-03-10",
            "currency": "USD", "total": "19.00", "lines-0-title": "Kept", "lines-0-amount": "15.00",
            "lines-1-title": "Kept too", "lines-1-amount": "", "lines-2-amount": "12a",
            "lines-TOTAL_FORMS": "5", "lines-INITIAL_FORMS": "0"}
    page = main(client.post(f"{URL}add/", data))
    assert page.count("data-error-summary") == 1 and "2 things need another look" in page
    for at, sentence in ((1, "A line needs an amount."), (2, "Enter an amount, for example")):
        assert re.search(rf'<a href="#id_lines-{at}-amount">Line {at + 1}: {sentence}', page)
        assert re.search(rf'id="id_lines-{at}-amount_error">{sentence}', page)
        field = re.search(rf'<input[^>]*id="id_lines-{at}-amount"[^>]*>', page).group(0)  # type: ignore[union-attr]
        assert f'aria-describedby="id_lines-{at}-amount_error"' in field and "is-invalid" in field
    assert "id_lines-0-amount_error" not in page
    # With one in the head too, they are counted together.
    assert "3 things need another look" in main(client.post(f"{URL}add/", data | {"number": ""}))


def test_a_long_invoice_says_its_errors_by_the_number_of_the_line(client, cast):
    invoice = cast.invoice(*(line("1.00", title=f"T{at}") for at in range(60)))
    url = f"{URL}{invoice.pk}/edit/"
    signed(client, cast.clerk)
    page = main(client.get(f"{url}?page=2"))
    last = invoice.lines.get(place=51)
    bad = client.post(url, {
        "page": "2", "key": hidden(page, "key"), "seen": hidden(page, "seen"), "library": cast.delta.pk, "number": "7",
        "dated": "2026-03-10", "currency": "USD", "total": "60.00", "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "1", "lines-0-pk": last.pk, "lines-0-title": "T", "lines-0-amount": "12a"})
    assert bad.status_code == 422 and '<a href="#id_lines-0-amount">Line 51: Enter an amount' in main(bad)
    assert "One thing needs another look" in main(bad)


# --- parts ---------------------------------------------------------------------------------------------------


@pytest.fixture
def split(cast):
    """An invoice of three lines, of which the second and the third went back one after the other."""
    f.institution()
    BatchSettings.objects.create(pk=1, email="budget@riverside.example")
    office = f.staff("budget", first_name="L.", last_name="Ortiz")
    whole = cast.approved(*(line(number=cast.ill(title).number) for title in ("One", "Two", "Three")))
    batch = batches.forward([("payable", whole.pk)], key="f", actor=cast.chen, now=f.NOW)[0]
    for key in whole.lines.order_by("place").values_list("pk", flat=True)[1:]:
        batch.refresh_from_db()
        row = batch.lines.get(part=str(key))
        batches.send_back(batch, [row.pk], "Which fund?", version=batch.version, actor=office, now=f.NOW)
    return PayableInvoice.objects.get(pk=whole.pk)


def test_parts_are_told_apart_by_their_lines_wherever_they_are_named(client, cast, split):
    two, three = split.parts.order_by("pk")
    signed(client, cast.chen)
    page = main(client.get(f"{URL}{split.pk}/"))
    for part, name in ((two, "88213, line 2"), (three, "88213, line 3")):
        assert f'<a href="{URL}{part.pk}/">{name}</a>' in page
        assert f"Invoice {name} from Delta Bay University" in main(client.get(f"{URL}{part.pk}/"))
        assert f'href="{URL}{part.pk}/">{name}</a>' in main(client.get(f"{URL}?state=all"))
    assert approvals.links([split.pk, two.pk, three.pk]) == {
        split.pk: ("Invoice 88213 from Delta Bay University", f"{URL}{split.pk}/"),
        two.pk: ("Invoice 88213, line 2 from Delta Bay University", f"{URL}{two.pk}/"),
        three.pk: ("Invoice 88213, line 3 from Delta Bay University", f"{URL}{three.pk}/")}
    text = b"".join(client.get(f"{URL}export.csv?state=all").streaming_content).decode("utf-8-sig")
    assert sorted(re.findall(r"88213,(line \d)?,", text)) == ["", "line 2", "line 3"]


def test_a_part_that_is_keyed_in_anew_keeps_the_numbers_of_its_lines(cast, split):
    two = split.parts.order_by("pk").first()
    was = two.lines.get()
    actions.change(two, cast.head("15.00"), [line(number=was.number)], seen=two.version, actor=cast.clerk, now=f.NOW)
    assert [one.place for one in two.lines.all()] == [2]
    two.refresh_from_db()
    actions.change(two, cast.head("18.00"), [line(number=was.number), line("3.00", title="postage")],
                   seen=two.version, actor=cast.clerk, now=f.NOW)
    assert [one.place for one in two.lines.order_by("place")] == [2, 3]
