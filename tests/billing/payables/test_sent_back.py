"""What the budget office sent back: where its question stands, where the corrected line is, and who reads what."""

import pytest

from billing.batches import actions as batches
from billing.batches.models import Batch, BatchSettings
from billing.models import Message, PayableInvoice, Thread
from billing.payables import actions
from billing.talk import actions as talk
from billing.talk import queries
from illdesk.errors import BadAnswer
from illdesk.models import OutboxMessage
from tests import factories as f
from tests.billing.payables.cast import line

KEY = "0b1c4c58-7f2f-4f0e-9a7f-0a1b2c3d4e5f"


@pytest.fixture
def office(cast):
    f.institution()
    BatchSettings.objects.create(pk=1, email="budget@riverside.example")
    cast.office = f.staff("budget", first_name="L.", last_name="Ortiz")
    return cast.office


def signed(client, actor):
    client.force_login(actor.user, backend="illdesk.accounts.backend.RoleBackend")
    return client


def main(answer) -> str:
    return answer.content.decode().partition("<main")[2]


def forwarded(cast, invoice, key="f1") -> Batch:
    return batches.forward([("payable", invoice.pk)], key=key, actor=cast.chen, now=f.NOW)[0]


def one_sent_back(cast):
    """A batch of two lines, of which the second went back: the batch, and the part that it became."""
    whole = cast.approved(line(number=cast.ill().number), line("12.00", number=cast.ill("Peat", cost="12.00").number))
    batch = forwarded(cast, whole)
    second = batch.lines.get(amount="12.00")
    batch = batches.send_back(batch, [second.pk], "Which fund?", version=batch.version, actor=cast.office, now=f.NOW)
    return batch, PayableInvoice.objects.get(part_of=whole)


def mended(cast, part) -> Batch:
    actions.change_line(part.lines.get(), fund=cast.other_fund, actor=cast.clerk, now=f.NOW)
    return forwarded(cast, cast.approve(PayableInvoice.objects.get(pk=part.pk)), "f2")


def letters() -> list[tuple[str, str]]:
    return [(row.recipient, row.payload["body"]) for row in OutboxMessage.objects.filter(what="talk_message")]


def test_what_is_written_on_an_invoice_that_was_not_forwarded_is_a_note_and_no_letter_goes(client, cast, office):
    invoice = cast.invoice(line(number=cast.ill().number))
    page = main(signed(client, cast.chen).get(f"/billing/payables/{invoice.pk}/"))
    assert "Your colleagues read it" in page and "the budget office gets no letter" in page
    answer = client.post(f"/billing/talk/payable/{invoice.pk}/", {"text": "asked them by telephone", "key": KEY,
                                                                "waiting_for": "payee"}, follow=True)
    assert "Your note is stored; your colleagues read it here." in answer.content.decode()
    assert letters() == [] and Thread.objects.get().waiting_for == "payee"
    refused = client.post(f"/billing/talk/payable/{invoice.pk}/", {"text": "x", "key": KEY, "waiting_for": "budget"})
    assert refused.status_code == 422
    with pytest.raises(BadAnswer):
        talk.say(invoice.subject, "x", key="y", actor=cast.chen, now=f.NOW, waiting_for="budget")
    assert Message.objects.count() == 1
    assert signed(client, cast.office).get(f"/billing/talk/payable/{invoice.pk}/").status_code == 404


def test_once_forwarded_the_budget_office_gets_a_letter_to_a_page_that_it_may_open(client, cast, office):
    title = "Handbook of peat hydrology"
    invoice = cast.approved(line(number=cast.ill(title).number))
    batch = forwarded(cast, invoice)
    talk.say(invoice.subject, "The price is right.", key="m1", actor=cast.chen, now=f.NOW, waiting_for="budget")
    (to, body), = letters()
    assert to == "budget@riverside.example" and f"/billing/talk/payable/{invoice.pk}/" in body
    answer = signed(client, cast.office).get(f"/billing/talk/payable/{invoice.pk}/")
    page = main(answer)
    assert answer.status_code == 200 and "The price is right." in page and title not in answer.content.decode()
    assert f"/billing/payables/{invoice.pk}/" not in page, "it leads nowhere that this person may not open"
    assert client.get(f"/billing/payables/{invoice.pk}/").status_code == 403
    assert f"/billing/talk/payable/{invoice.pk}/" in main(client.get("/billing/talk/"))
    client.post(f"/billing/talk/payable/{invoice.pk}/", {"text": "Good.", "key": KEY})
    assert letters()[-1][0] == "ill@riverside.example" and f"/billing/payables/{invoice.pk}/" in letters()[-1][1]
    assert batch.state == Batch.FORWARDED


def test_the_budget_office_reads_no_conversation_about_our_own_invoices(client, cast, office):
    talk.say(("invoice", 1), "Wait for their answer.", key="n", actor=cast.chen, now=f.NOW)
    assert letters() == [] and not queries.threads(cast.office.user)
    for pk in (1, 2):
        assert signed(client, cast.office).get(f"/billing/talk/invoice/{pk}/").status_code == 404


def test_a_part_sent_back_leads_to_the_question_in_the_batch(client, cast, office):
    batch, part = one_sent_back(cast)
    page = main(signed(client, cast.chen).get(f"/billing/payables/{part.pk}/"))
    assert "The budget office says: Which fund?" in page
    assert f"/billing/batches/{batch.number}/#talk-batch-{batch.pk}" in page
    assert "1 line sent back from it" in page and "1 message stands in its conversation" in page
    assert "A question asked here reaches" not in page
    # Who sees no batches reads the reason, and is led nowhere.
    page = main(signed(client, cast.clerk).get(f"/billing/payables/{part.pk}/"))
    assert "Which fund?" in page and batch.number in page and f"/billing/batches/{batch.number}/" not in page


def test_a_line_sent_back_says_where_it_stands_corrected_and_there_where_it_came_from(client, cast, office):
    batch, part = one_sent_back(cast)
    page = main(signed(client, cast.office).get(f"/billing/batches/{batch.number}/"))
    assert "corrected" not in page
    again = mended(cast, part)
    page = main(client.get(f"/billing/batches/{batch.number}/"))
    assert "corrected, now in" in page and f"/billing/batches/{again.number}/" in page
    page = main(client.get(f"/billing/batches/{again.number}/"))
    assert "it was sent back in" in page and f"/billing/batches/{batch.number}/" in page


def test_the_conversation_waits_for_nobody_once_the_part_is_forwarded_again(cast, office):
    batch, part = one_sent_back(cast)
    thread = Thread.objects.get(subject_kind="batch", subject=batch.pk)
    assert thread.waiting_for == "ill"
    mended(cast, part)
    thread.refresh_from_db()
    assert thread.waiting_for == ""


def test_a_line_that_was_keyed_in_anew_is_known_as_the_one_that_was_sent_back(client, cast, office):
    ill = cast.ill()
    invoice = cast.approved(line(number=ill.number))
    batch = batches.send_back(forwarded(cast, invoice), None, "Wrong amount", version=0, actor=cast.office, now=f.NOW)
    row = PayableInvoice.objects.get(pk=invoice.pk)
    before = row.lines.get()
    actions.change(row, cast.head("14.00"), [line("14.00", number=ill.number)], seen=row.version, actor=cast.clerk,
                   now=f.NOW)
    after = PayableInvoice.objects.get(pk=invoice.pk).lines.get()
    assert (after.pk, after.round) == (before.pk, 1) and before.amount != after.amount
    again = forwarded(cast, cast.approve(PayableInvoice.objects.get(pk=invoice.pk)), "f2")
    assert again.lines.get().amount == 14, "booked anew with its new amount"
    assert again.number in main(signed(client, cast.office).get(f"/billing/batches/{batch.number}/"))


def test_answers_stay_with_lines_that_stayed_and_a_chosen_fund_too(cast):
    ills = [cast.ill(f"Title {n}") for n in range(3)]
    typed = [line("18.00", number=ill.number) for ill in ills]
    invoice = cast.invoice(*typed)
    rows = list(invoice.lines.order_by("place"))
    actions.accept(rows[1], "agreed by telephone", actor=cast.clerk, now=f.NOW)
    actions.change_line(rows[1], fund=cast.other_fund, actor=cast.clerk, now=f.NOW)
    row = PayableInvoice.objects.get(pk=invoice.pk)
    changed = [typed[2], typed[1], line("15.00", number=ills[0].number)]
    actions.change(row, cast.head("51.00"), changed, seen=row.version, actor=cast.clerk, now=f.NOW)
    after = list(row.lines.order_by("place"))
    assert [one.pk for one in after] == [rows[2].pk, rows[1].pk, rows[0].pk]
    assert (after[1].answer, after[1].fund) == ("accepted", cast.other_fund)
