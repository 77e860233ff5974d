"""What the budget office sent back: where its question stands, where the corrected line is, and who reads what."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.batches import actions as batches
from billing.batches.models import Batch, BatchSettings
from billing.models import Message, PayableInvoice, Thread
from billing.payables import actions
from billing.talk import actions as talk
from billing.talk import queries
from illdesk.errors import BadAnswer
from illdesk.models import Attachment, OutboxMessage
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


def asked(cast, batch, text="Is it peat?", *, key="asked", later=f.NOW):
    talk.say(("batch", batch.pk), text, key=key, actor=cast.office, now=later, waiting_for="ill")


def test_who_mends_a_part_reads_there_what_was_asked_in_the_batch_they_may_not_open(client, cast, office):
    whole = cast.approved(line(number=cast.ill().number), line("12.00", number=cast.ill("Peat", cost="12.00").number))
    batch = forwarded(cast, whole)
    talk.say(("batch", batch.pk), "About all of it.", key="early", actor=cast.office, now=f.NOW)
    later = f.later(days=1)
    batch = batches.send_back(batch, [batch.lines.get(amount="12.00").pk], "Which fund?", version=batch.version,
                              actor=cast.office, now=later)
    asked(cast, batch, later=later)
    part = PayableInvoice.objects.get(part_of=whole)
    page = main(signed(client, cast.clerk).get(f"/billing/payables/{part.pk}/"))
    talked = page.partition('id="talk-payable')[2]
    assert "Which fund?" in talked and "Is it peat?" in talked and batch.number in talked
    assert f"/billing/batches/{batch.number}/" not in page and f"/billing/talk/batch/{batch.pk}/" not in page
    assert "About all of it." not in page, "what was said before is not about it"
    assert client.get(f"/billing/talk/batch/{batch.pk}/").status_code == 404
    page = main(client.get(f"/billing/payables/{whole.pk}/"))
    assert "Is it peat?" not in page, "nothing of what stayed came back"
    page = main(signed(client, cast.chen).get(f"/billing/payables/{part.pk}/"))
    assert "Is it peat?" in page and "About all of it." not in page and "3 messages stand in its conversation" in page


def test_an_answer_on_the_page_of_the_part_is_told_in_the_batch_which_waits_no_more(client, cast, office):
    batch, part = one_sent_back(cast)
    asked(cast, batch)
    thread = Thread.objects.get(subject_kind="batch", subject=batch.pk)
    talk.say(part.subject, "I look.", key="a0", actor=cast.clerk, now=f.NOW, waiting_for="ill")
    thread.refresh_from_db()
    assert thread.waiting_for == "ill", "an answer is still to come, as they say"
    talk.say(part.subject, "It is peat.", key="a1", actor=cast.clerk, now=f.later(days=1), waiting_for="")
    thread.refresh_from_db()
    assert (thread.waiting_for, thread.since) == ("", None)
    for url in (f"/billing/batches/{batch.number}/", f"/billing/talk/batch/{batch.pk}/"):
        page = main(signed(client, cast.office).get(url))
        assert "interlibrary loan answered there" in page and "It is peat." in page
        assert f"/billing/talk/payable/{part.pk}/#talk-payable-{part.pk}" in page
    asked(cast, batch, "And this?", key="again", later=f.later(days=2))
    thread.refresh_from_db()
    assert thread.waiting_for == "ill", "a new question is not answered by what was said before"


def test_a_batch_waits_until_each_of_its_parts_is_answered(cast, office):
    wholes = [cast.approved(line(cost, number=cast.ill(f"Of {cost}", cost=cost).number), number=f"N{cost}")
              for cost in ("15.00", "12.00")]
    batch = batches.forward([("payable", row.pk) for row in wholes], key="f", actor=cast.chen, now=f.NOW)[0]
    batches.send_back(batch, None, "Which fund?", version=batch.version, actor=cast.office, now=f.NOW)
    for row, left in zip(wholes, ("ill", ""), strict=True):
        talk.say(row.subject, "Its own.", key=f"a{row.pk}", actor=cast.clerk, now=f.later(days=1), waiting_for="")
        assert Thread.objects.get(subject_kind="batch", subject=batch.pk).waiting_for == left


def test_notes_from_before_it_was_forwarded_stay_in_the_house(client, cast, office):
    invoice = cast.approved(line(number=cast.ill().number))
    early = f.later(days=-1)
    file = SimpleUploadedFile("note.pdf", f.pdf("x"), content_type="application/pdf")
    talk.say(invoice.subject, "They always bill too much.", key="n", actor=cast.chen, now=early, files=[file])
    forwarded(cast, invoice)
    url, note = f"/billing/talk/payable/{invoice.pk}/", Attachment.objects.get(subject_kind="talk_message").pk
    page = signed(client, cast.office)
    assert "bill too much" not in page.get(url).content.decode() and page.get(f"/files/{note}/").status_code == 404
    assert queries.threads(cast.office.user) == [] and queries.unread(cast.office.user) == 0
    talk.say(invoice.subject, "The price is right.", key="m", actor=cast.chen, now=f.NOW)
    (shown,) = queries.threads(cast.office.user)
    assert (shown.unread, queries.unread(cast.office.user)) == (1, 1)
    text = main(page.get(url))
    assert "The price is right." in text and "bill too much" not in text and "Mark 1 new message as read" in text
    text = main(signed(client, cast.chen).get(f"/billing/payables/{invoice.pk}/"))
    assert "bill too much" in text and text.count("the budget office does not read it") == 1
    assert client.get(f"/files/{note}/").status_code == 200
    assert queries.threads(cast.clerk.user)[0].unread == 2


def test_the_form_of_a_note_says_who_reads_it(client, cast, office):
    invoice = cast.approved(line(number=cast.ill().number))
    url = f"/billing/payables/{invoice.pk}/"
    assert "the budget office does not: it reads only what is written after" in main(signed(client, cast.chen).get(url))
    forwarded(cast, invoice)
    assert "Both sides read it" in main(client.get(url))
