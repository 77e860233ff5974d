"""Situations of the budget office: a batch sent back in part, and approval by program."""

from decimal import Decimal

import pytest
from django.test import Client

from billing.batches import actions, queries
from billing.batches.models import Batch, BatchSettings
from billing.models import Delegation, Thread
from illdesk.models import Event, OutboxMessage
from tests import factories as f
from tests.billing import royalty_lists
from tests.billing.batches import bills
from tests.billing.batches.test_files import amounts, costs_of

TITLE, PATRON = "The Secret Life of Oak Galls", "Quillfeather"


@pytest.fixture(autouse=True)
def _bills():
    bills.register()
    yield
    bills.unregister()


def browser(actor) -> Client:
    found = Client()
    found.force_login(actor.user, backend="illdesk.accounts.backend.RoleBackend")
    return found


@pytest.mark.django_db
def test_situation_47_one_line_goes_back_with_a_question_the_rest_stays_approved_and_totals_tie():
    f.institution()
    BatchSettings.objects.create(pk=1, email="budget@riverside.example")
    f.asked(patron=f.patron(first_name="Zebedee", last_name=PATRON), title=TITLE)
    staff, office = f.staff("coordinator"), f.staff("budget")
    bills.bill(1, ("ILL-B", "12.00"), ("ILL-X", "8.50"))
    bills.bill(2, ("ILL-B", "30.00"))
    batch = actions.forward([("bill", 1), ("bill", 2)], key="k", actor=staff, now=f.NOW)[0]
    wrong, page = batch.lines.get(fund="ILL-X"), browser(office)

    answer = page.post(f"/billing/batches/{batch.number}/back/", {
        "lines": [wrong.pk], "why": "Fund ILL-X is closed", "version": 0,
        "shown": ",".join(str(pk) for pk in batch.lines.values_list("pk", flat=True))})
    assert answer.status_code == 302
    batch.refresh_from_db()
    assert batch.state == "forwarded" and set(amounts(batch).values()) == {Decimal("42.00")} == {costs_of(batch)}

    thread = Thread.objects.get(subject_kind="batch", subject=batch.pk)
    assert thread.waiting_for == "ill" and "Fund ILL-X is closed" in thread.messages.get().text
    letter = OutboxMessage.objects.get(what="batch_back")
    assert letter.recipient == "ill@riverside.example"
    assert letter.payload["subject"] == f"1 line was sent back: batch {batch.number}"
    assert "Fund ILL-X" not in letter.payload["body"] and not OutboxMessage.objects.filter(what="talk_message").exists()
    answer = browser(staff).post(f"/billing/talk/batch/{batch.pk}/", {
        "text": "It belongs to ILL-B", "waiting_for": "budget", "key": "0b1c4c58-7f2f-4f0e-9a7f-0a1b2c3d4e5f",
        "next": f"/billing/batches/{batch.number}/"})
    assert answer.status_code == 302
    thread.refresh_from_db()
    assert thread.waiting_for == "budget" and thread.messages.count() == 2

    bills.bill(1, ("ILL-B", "8.50"))
    again = actions.forward([("bill", 1)], key="k2", actor=staff, now=f.NOW)[0]
    assert again.number != batch.number and set(amounts(again).values()) == {Decimal("8.50")} == {costs_of(again)}
    assert wrong.part not in again.lines.values_list("part", flat=True)

    seen = b"".join(
        b"".join(got.streaming_content) if got.streaming else got.content for got in (page.get(url) for url in (
            "/billing/batches/", f"/billing/batches/{batch.number}/", f"/billing/batches/{batch.number}/file.csv",
            "/billing/talk/", "/billing/batches/export.csv")))
    assert b"Fund ILL-X is closed" in seen
    assert TITLE.encode() not in seen and PATRON.encode() not in seen
    assert queries.total_of(queries.batches()) == Decimal("50.50")


@pytest.mark.django_db
def test_situation_46_who_made_a_list_cannot_approve_it_by_program_and_the_deputy_is_named_and_can():
    maker, deputy, lender = f.staff("coordinator"), f.staff("borrowing staff"), f.staff("supervisor")
    Delegation.objects.create(of=lender.user, to=deputy.user, right="approve_payables", begins="2020-01-01",
                              ends="2099-12-31", made=f.NOW, made_by=lender.user)
    row = royalty_lists.made("38.00", actor=maker)
    where = f"/api/v1/approvals/royalty/{row.pk}/"
    one = browser(maker).get(where).json()
    assert one["state"] == "waiting" and one["amount"] == "38.00"
    answer = browser(maker).post(f"{where}approve/", {"version": one["version"]}, content_type="application/json")
    assert answer.status_code == 403
    said = answer.json()
    assert "somebody else approves" in said["error"] and deputy.user.short_name in said["can"]
    assert Event.objects.filter(name="approval.refused", subject_kind="royalty_list", subject_id=row.pk).count() == 1
    assert browser(maker).get(where).json()["state"] == "waiting"

    answer = browser(deputy).post(f"{where}approve/", {"version": one["version"]}, content_type="application/json")
    assert answer.status_code == 200 and answer.json()["state"] == "approved"
    again = browser(deputy).post(f"{where}approve/", {"version": one["version"]}, content_type="application/json")
    assert again.status_code == 200, "said twice, nothing happens"


@pytest.mark.django_db
def test_situation_46_who_forwarded_a_batch_cannot_mark_it_paid_on_the_page_by_post_or_by_program():
    both, office = f.staff("coordinator", "budget"), f.staff("budget")
    bills.bill(1, ("ILL-B", "12.00"))
    batch = actions.forward([("bill", 1)], key="k", actor=both, now=f.NOW)[0]
    page = browser(both)
    assert office.user.short_name in page.get(f"/billing/batches/{batch.number}/").content.decode()
    today = f.NOW.date().isoformat()
    typed = {"tick": batch.number, "day": today, f"reference_{batch.pk}": "A", f"version_{batch.pk}": 0}
    answer = page.post("/billing/batches/pay/", typed)
    assert answer.status_code == 422 and office.user.short_name in answer.content.decode()
    answer = page.post(f"/api/v1/batches/{batch.number}/paid/", {"reference": "A", "day": today, "version": 0},
                       content_type="application/json")
    assert answer.status_code == 403 and answer.json()["can"] == [office.user.short_name]
    assert Batch.objects.get().state == "forwarded"
    assert Event.objects.filter(name="approval.refused", subject_kind="batch").count() == 2
