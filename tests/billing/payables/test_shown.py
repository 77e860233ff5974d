"""What pages of an invoice say: what happened in words, letters to the library alone, forms that check when asked."""

import re
from decimal import Decimal

from billing.batches import actions as batches
from billing.batches.models import BatchSettings
from billing.models import PayableInvoice
from billing.payables import actions, assess, letter
from billing.talk import actions as talk
from illdesk.models import OutboxMessage
from tests import factories as f
from tests.billing.invoices.cast import agreed
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


# --- one line, two invoices side by side ---------------------------------------------------------------------


def filled(page: str) -> list[str]:
    return re.findall(r'is-filled"[^>]*>([^<]*)<', page)


def test_a_line_without_a_request_is_matched_first_and_names_the_fund_it_takes(client, cast):
    invoice = cast.invoice(line("94.00", title="Nobody knows"))
    page = main(signed(client, cast.clerk).get(f"{URL}{invoice.pk}/lines/{invoice.lines.get().pk}/"))
    assert filled(page) == ["Match to this request"] and "Which request is it?" in page
    assert "ILL-B, as the settings say" in page


def test_candidates_name_what_was_agreed_as_the_line_does(client, cast):
    """By the fee agreement too, not only where the lender said a cost."""
    agreed("All", direction="borrowing")
    ill = cast.ill("Handbook of peat hydrology", cost=None)
    invoice = cast.invoice(line("15.00", title="Handbook of peat hydrology"))
    row = invoice.lines.get()
    if row.ill_id is None:
        row = actions.match_to(row, ill.number, actor=cast.clerk, now=f.NOW)
    assert row.agreed == 15 and assess.agreed_of([ill.pk], invoice) == {ill.pk: Decimal("15.00")}
    page = main(signed(client, cast.clerk).get(f"{URL}{invoice.pk}/lines/{row.pk}/"))
    assert page.count("Agreed </span>USD 15.00") == len(row.found["candidates"]) == 1


def test_beside_an_earlier_invoice_the_line_on_both_is_disputed_or_all_of_it_refused(client, cast):
    ill = cast.ill()
    first = cast.approved(line(number=ill.number), number="1")
    second = cast.invoice(line(number=ill.number), line("7.00", title="postage"), number="2")
    page = main(signed(client, cast.clerk).get(f"{URL}{second.pk}/compare/{first.pk}/"))
    row = second.lines.get(place=1)
    assert f"{URL}{second.pk}/dispute/?line={row.pk}" in page and "Dispute line 1…" in page
    assert "Refuse all of 2" in page and "Keyed in" in page
    client.post(f"{URL}{second.pk}/reject/", {"why": "billed before"})
    assert PayableInvoice.objects.get(pk=second.pk).state == "rejected"
    page = main(client.get(f"{URL}{second.pk}/compare/{first.pk}/"))
    assert "Dispute line" not in page and "Refuse all" not in page


# --- what cannot be done any more is not offered -------------------------------------------------------------


def test_an_approved_invoice_offers_no_paper_to_add_and_no_letter_to_draft(client, cast):
    invoice = cast.invoice(line(number=cast.ill().number))
    signed(client, cast.clerk)
    page = main(client.get(f"{URL}{invoice.pk}/"))
    assert "Add the PDF where it is keyed in" in page and "Drafted when a line is disputed" in page
    cast.approve(invoice)
    page = main(client.get(f"{URL}{invoice.pk}/"))
    assert "No paper is kept with it." in page
    assert "Add the PDF" not in page and "Drafted when" not in page and "Letter to" not in page


def test_who_asks_reads_who_can_approve_and_who_changes_that_it_is_changed(client, cast):
    ill = cast.ill()
    invoice = cast.invoice(line(number=ill.number))
    signed(client, cast.clerk)
    form = main(client.get(f"{URL}{invoice.pk}/edit/"))
    data = {"key": hidden(form, "key"), "seen": "0", "library": cast.delta.pk, "number": "88213", "currency": "USD",
            "dated": "2026-03-10", "total": "15.00", "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "1",
            "lines-0-number": ill.number, "lines-0-amount": "15.00"}
    answer = client.post(f"{URL}{invoice.pk}/edit/", data, follow=True)
    assert "Invoice 88213 is changed and its lines are matched again." in main(answer)
    page = main(client.post(f"{URL}{invoice.pk}/ask/", follow=True))
    assert re.search(r"M\. Chen[^<]* can approve it now\.", page)
    page = main(client.post(f"{URL}{invoice.pk}/withdraw/", follow=True))
    assert "It is withdrawn from approval" in page
