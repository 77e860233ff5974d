"""What pages of an invoice say: what happened in words, letters to the library alone, forms that check when asked."""

import re
from decimal import Decimal

from billing.batches import actions as batches
from billing.batches.models import BatchSettings
from billing.models import PayableInvoice
from billing.payables import actions, letter
from billing.talk import actions as talk
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
    return re.search(rf'name="{name}" value="([^"]*)"', page).group(1)  # type: ignore[union-attr]


# --- five more lines -----------------------------------------------------------------------------------------


def test_five_more_lines_check_nothing_and_keep_what_was_typed(client, cast):
    signed(client, cast.clerk)
    page = main(client.get(f"{URL}add/"))
    data = {"key": hidden(page, "key"), "lines-TOTAL_FORMS": "5", "lines-INITIAL_FORMS": "0", "currency": "DOLLARS",
            "dated": "", "number": "7<", "lines-0-title": "Kept words", "lines-1-amount": "no amount", "more": "1"}
    answer = client.post(f"{URL}add/", data)
    page = main(answer)
    assert answer.status_code == 200 and "is-invalid" not in page and "Enter this" not in page
    assert "lines-9-amount" in page and "Kept words" in page and "no amount" in page and "7&lt;" in page
    assert "DOLLARS" in page and hidden(page, "key") == data["key"]
    assert 'role="alert"' not in page
    # Entered then, it is checked.
    answer = client.post(f"{URL}add/", {key: value for key, value in data.items() if key != "more"})
    assert answer.status_code == 422 and "is-invalid" in main(answer)


def test_an_invoice_with_more_lines_is_entered_with_the_empty_ones_left_out(client, cast):
    signed(client, cast.clerk)
    page = main(client.get(f"{URL}add/"))
    ill = cast.ill()
    data = {"key": hidden(page, "key"), "library": cast.delta.pk, "number": "7", "dated": "2026-03-10",
            "currency": "USD", "total": "19.00", "lines-0-number": ill.number, "lines-0-amount": "15.00",
            "lines-TOTAL_FORMS": "5", "lines-INITIAL_FORMS": "0"}
    page = main(client.post(f"{URL}add/", data | {"more": "1"}))
    data |= {"lines-TOTAL_FORMS": hidden(page, "lines-TOTAL_FORMS"),
             "lines-INITIAL_FORMS": hidden(page, "lines-INITIAL_FORMS"), "lines-8-amount": "4.00"}
    assert client.post(f"{URL}add/", data).status_code == 302
    assert [str(one.amount) for one in PayableInvoice.objects.get().lines.order_by("place")] == ["15.00", "4.00"]


# --- what happened -------------------------------------------------------------------------------------------


def happened(client, invoice) -> str:
    return main(client.get(f"{URL}{invoice.pk}/")).partition("What happened</summary>")[2].partition("</ol>")[0]


def test_what_happened_names_lines_and_what_became_of_them(client, cast):
    ills = [cast.ill("One"), cast.ill("Two")]
    invoice = cast.invoice(line("18.00", ills[0].number), line("94.00", title="Nobody knows"), line("20.00", "?"))
    one, two, three = invoice.lines.order_by("place")
    actions.dispute(invoice, {one.pk: Decimal("15.00"), two.pk: Decimal(0)}, to="ill@delta.example", subject="s",
                    body="b", key="d", actor=cast.clerk, now=f.NOW)
    three = actions.match_to(three, ills[1].number, actor=cast.clerk, now=f.NOW)
    three = actions.accept(three, "agreed", actor=cast.clerk, now=f.NOW)
    three = actions.withdraw(three, actor=cast.clerk, now=f.NOW)
    three = actions.change_line(three, fund=cast.other_fund, actor=cast.clerk, now=f.NOW)
    actions.settle_dispute(PayableInvoice.objects.get().lines.get(place=1), Decimal("3.00"), "credit note",
                           actor=cast.clerk, now=f.NOW)
    talk.say(invoice.subject, "x", key="t", actor=cast.clerk, now=f.NOW)
    found = happened(signed(client, cast.clerk), invoice)
    for words in ("Lines 1 and 2 disputed, with a letter", f"Line 3: matched to {ills[1].number}", "Line 3: accepted",
                  "Line 3: the answer was taken back", "Line 3: fund ILL-X", "Line 1: dispute settled, USD 3.00",
                  "A message was written", "Entered"):
        assert words in found, words
    assert "talk.said" not in found and "Answer a line" not in found


def test_the_letters_named_are_those_to_the_library(client, cast):
    f.institution()
    BatchSettings.objects.create(pk=1, email="budget@riverside.example")
    invoice = cast.approved(line(number=cast.ill().number))
    batches.forward([("payable", invoice.pk)], key="f", actor=cast.chen, now=f.NOW)
    talk.say(invoice.subject, "x", key="t", actor=cast.chen, now=f.NOW)
    assert OutboxMessage.objects.filter(subject_kind="payable", recipient="budget@riverside.example").exists()
    page = main(signed(client, cast.chen).get(f"{URL}{invoice.pk}/"))
    assert "budget@riverside.example" not in page


# --- the letter of a dispute ---------------------------------------------------------------------------------


def test_without_a_doubted_line_the_open_ones_are_ticked(client, cast):
    invoice = cast.invoice(line("94.00", title="Nobody knows"))
    page = main(signed(client, cast.clerk).get(f"{URL}{invoice.pk}/dispute/"))
    assert re.search(r"name=\"line\" value=\"\d+\" checked", page) and "In question: USD 94.00" in page


def test_where_no_line_is_ticked_there_is_no_letter(client, cast):
    invoice = cast.invoice(line("94.00", title="Nobody knows"))
    actions.general(invoice.lines.get(), "postage", actor=cast.clerk, now=f.NOW)
    signed(client, cast.clerk)
    for answer in (client.get(f"{URL}{invoice.pk}/dispute/"),
                   client.post(f"{URL}{invoice.pk}/dispute/", {"letter": "1"})):
        page = main(answer)
        assert "No line is ticked, so there is no letter yet" in page and "In question" not in page
    assert letter.filled(invoice, [], language="en") == ("", "")


def test_the_letter_says_what_of_a_line_is_paid_meanwhile(client, cast):
    invoice = cast.invoice(line("18.00", cast.ill().number))
    signed(client, cast.clerk)
    assert "(USD 15.00); we pay USD 15.00 of it meanwhile" in main(client.get(f"{URL}{invoice.pk}/dispute/"))
    row = invoice.lines.get()
    page = main(client.post(f"{URL}{invoice.pk}/dispute/", {"letter": "1", "line": row.pk, f"paid-{row.pk}": "0"}))
    assert "meanwhile" not in page.partition("<textarea")[2].partition("</textarea")[0]
