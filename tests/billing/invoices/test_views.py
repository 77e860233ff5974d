"""The pages: a run with its preview, a draft verified and approved by another, accounts, payments, disputes."""

from decimal import Decimal

import pytest
from django.utils import timezone

from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.payment_models import Payment
from billing.models import Series
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db
HOME = "/billing/invoices/"
MARCH = {"begins": "2026-03-01", "ends": "2026-03-31"}


@pytest.fixture
def first():
    return f.user("lending staff")


@pytest.fixture
def second():
    return f.user("coordinator")


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def drafted(client, first) -> Invoice:
    cast.agreed()
    cast.shipped()
    client.force_login(first)
    assert client.post(f"{HOME}run/", MARCH).status_code == 302
    return Invoice.objects.get()


def sent(first, second, amount="30.00") -> Invoice:
    from illdesk import actors

    return cast.bill(amount, first=actors.staff(first), second=actors.staff(second), now=timezone.now())


def test_before_anything_was_billed_it_says_so(client, first):
    client.force_login(first)
    for page in ("", "run/", "disputes/", "extra/"):
        assert client.get(HOME + page).status_code == 200
    assert "None here" in text(client.get(HOME)) and "Nothing is open" in text(client.get("/billing/accounts/"))


def test_a_preview_shows_what_a_run_would_make_and_makes_nothing(client, first):
    cast.agreed()
    ill = cast.shipped()
    client.force_login(first)
    page = text(client.get(f"{HOME}run/", MARCH))
    assert ill.number in page and "Flat rate, agreement of 1 Jul 2025: 15.00" in page and "Make 1 draft" in page
    assert not Invoice.objects.exists()


def test_from_the_run_to_the_letter_with_two_persons(client, first, second):
    draft = drafted(client, first)
    page = text(client.get(f"{HOME}{draft.pk}/"))
    assert "1 line needs an answer" in page and "Approval waits" in page
    client.post(f"{HOME}{draft.pk}/verify/")
    page = text(client.get(f"{HOME}{draft.pk}/"))
    assert "Someone else must approve" in page and "can do it" in page and "Approve and send" not in page
    # Tried by the one who entered it, by a direct POST.
    draft.refresh_from_db()
    refused = client.post(f"{HOME}{draft.pk}/approve/", {"version": draft.version})
    assert refused.status_code == 422 and "You entered this" in text(refused) and not Series.objects.exists()
    client.force_login(second)
    assert "Approve and send" in text(client.get(f"{HOME}{draft.pk}/"))
    stale = client.post(f"{HOME}{draft.pk}/approve/", {"version": 0})
    assert stale.status_code == 422 and "changed this draft" in text(stale)
    page = text(client.post(f"{HOME}{draft.pk}/approve/", {"version": draft.version}, follow=True))
    number = Invoice.objects.get().number
    assert f"{number} is approved and goes to ill@hil.example" in page and "What was sent is not edited" in page
    for form, kind in (("pdf", "application/pdf"), ("xml", "application/xml")):
        answer = client.get(f"{HOME}{draft.pk}/file.{form}")
        assert answer["Content-Type"] == kind and answer.content
    assert client.get(f"{HOME}{draft.pk}/file.doc").status_code == 404


def test_a_deputy_approves_and_who_lacks_the_right_does_not(client, first, second):
    from billing.models import Delegation

    draft = drafted(client, first)
    client.post(f"{HOME}{draft.pk}/verify/")
    version = Invoice.objects.get().version
    deputy = f.user("lending staff")
    client.force_login(deputy)
    assert "may not approve" in text(client.post(f"{HOME}{draft.pk}/approve/", {"version": version}))
    today = timezone.localdate()
    Delegation.objects.create(of=second, to=deputy, right="approve_invoices", begins=today, ends=today, made=f.NOW,
                              made_by=second)
    assert client.post(f"{HOME}{draft.pk}/approve/", {"version": version}).status_code == 302
    assert Invoice.objects.get().approved_by == deputy


def test_a_line_is_changed_with_a_reason_and_what_was_typed_stays(client, first):
    draft = drafted(client, first)
    line = draft.lines.get()
    wrong = client.post(f"{HOME}lines/{line.pk}/verify/", {"amount": "12.34", "why": ""})
    assert wrong.status_code == 422 and "12.34" in text(wrong) and "Say why it differs" in text(wrong)
    client.post(f"{HOME}lines/{line.pk}/verify/", {"amount": "12.34", "why": "As written"})
    line.refresh_from_db()
    assert (line.amount, line.state) == (Decimal("12.34"), "verified")
    client.post(f"{HOME}lines/{line.pk}/rush/", {"why": ""})
    line.refresh_from_db()
    assert line.rush
    client.post(f"{HOME}lines/{line.pk}/leave/", {"why": "Not theirs"})
    assert "Not theirs" in text(client.get(f"{HOME}{draft.pk}/"))
    assert client.post(f"{HOME}lines/{line.pk}/burn/").status_code == 404
    client.post(f"{HOME}{draft.pk}/discard/", {"why": "All wrong"})
    assert Invoice.objects.get().state == "discarded"


def test_a_payment_is_entered_and_settles_the_oldest(client, first, second):
    invoice = sent(first, second)
    client.force_login(first)
    page = f"/billing/accounts/{invoice.library.symbol}/pay/"
    form = {"key": "11111111-1111-4111-8111-111111111111", "kind": "cheque", "day": timezone.localdate().isoformat(),
            "amount": "20.00", "currency": "usd", "reference": "10482"}
    wrong = client.post(page, form | {"amount": ""})
    assert wrong.status_code == 422 and "10482" in text(wrong) and not Payment.objects.exists()
    for _time in range(2):
        client.post(page, form)
    row = Payment.objects.get()
    assert Invoice.objects.get().open == Decimal("10.00")
    assert invoice.number in text(client.get(f"/billing/payments/{row.pk}/"))
    account = text(client.get(f"/billing/accounts/{invoice.library.symbol}/"))
    assert "10.00" in account and "10482" in account
    assert client.get(f"/billing/accounts/{invoice.library.symbol}/statement.pdf").content.startswith(b"%PDF")
    rows = b"".join(client.get("/billing/accounts/export.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert rows[1].startswith("HIL,Hill College Library,10.00,0.00")
    too_much = client.post(page, form | {"key": "11111111-1111-4111-8111-111111111112", "another": "on",
                                         f"settle_{invoice.pk}": "11"})
    assert too_much.status_code == 422 and "no more can be settled" in text(too_much)
    client.post(f"/billing/payments/{row.pk}/undo/", {"why": "Bounced"})
    assert Invoice.objects.get().open == Decimal("30.00")
    assert "Bounced" in text(client.get(f"/billing/payments/{row.pk}/"))


def test_a_statement_is_mailed_once_for_a_click(client, first, second):
    from illdesk.models import OutboxMessage

    invoice = sent(first, second)
    client.force_login(first)
    for _time in range(2):
        page = client.get(f"/billing/accounts/{invoice.library.symbol}/statement/mail/").content.decode()
        assert invoice.library.email in page and "The statement of your account with us is attached" in page
        client.post(f"/billing/accounts/{invoice.library.symbol}/statement/mail/",
                    {"key": "11111111-1111-4111-8111-111111111111"})
    assert OutboxMessage.objects.filter(what="library_statement").count() == 1


def test_a_dispute_is_opened_talked_over_and_upheld(client, first, second):
    invoice = sent(first, second)
    client.force_login(first)
    line = invoice.lines.get()
    day = timezone.localdate().isoformat()
    bad = client.post(f"{HOME}{invoice.pk}/dispute/", {"reason": "twice", "asked_on": day, "text": ""})
    assert bad.status_code == 422
    answer = client.post(f"{HOME}{invoice.pk}/dispute/", {"reason": "twice", "asked_on": day, "text": "Paid in March",
                                                          "lines": [line.pk]})
    page = answer.url
    client.post(f"{page}note/", {"text": "We look into it"})
    shown = text(client.get(page))
    assert "Paid in March" in shown and "We look into it" in shown and "183 days left" in shown
    assert "disputed" in text(client.get(f"{HOME}{invoice.pk}/"))
    assert invoice.number in text(client.get(f"{HOME}disputes/"))
    credit = f"{HOME}{invoice.pk}/credit/?dispute={page.rstrip('/').rpartition('/')[2]}"
    assert 'value="30.00"' in text(client.get(credit))
    assert client.post(credit, {f"amount_{line.pk}": "99", "reason": "Right"}).status_code == 422
    assert "Draft of a credit note" in text(client.post(credit, {f"amount_{line.pk}": "30", "reason": "Right"},
                                                        follow=True))
    assert "Upheld" in text(client.get(page))


def test_a_loss_is_billed_by_hand(client, first):
    ill = f.ill("lending.lost")
    client.force_login(first)
    assert ill.number in text(client.get(f"{HOME}extra/"))
    form = {"key": "11111111-1111-4111-8111-111111111111", "kind": "lost", "request": ill.number, "amount": "120",
            "why": "Replacement"}
    assert client.post(f"{HOME}extra/", form | {"request": "L-1999-1"}).status_code == 422
    client.post(f"{HOME}extra/", form)
    assert InvoiceLine.objects.get().amount == Decimal(120) and "HIL" in text(client.get(HOME))
    again = client.post(f"{HOME}extra/", form | {"key": "11111111-1111-4111-8111-111111111113"})
    assert again.status_code == 422 and "billed already" in text(again)


def test_agreements_are_published_in_versions(client, second):
    client.force_login(second)
    client.post("/billing/agreements/add/", {"name": "Coast", "active": "on"})
    from billing.models import Agreement

    row = Agreement.objects.get()
    page = f"/billing/agreements/{row.pk}/publish/"
    assert client.get(page).status_code == 200
    rows = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "begins": "2026-01-01", "based_on": "0",
            "form-0-use": "on", "form-0-direction": "lending", "form-0-service": "loan", "form-0-flat": "15",
            "form-0-currency": "usd", "form-0-pay_way": "invoice"}
    assert client.post(page, rows | {"form-0-currency": "dollars"}).status_code == 422
    client.post(page, rows)
    assert row.versions.get().terms.get().flat == Decimal(15)
    stale = client.post(page, rows)
    assert stale.status_code == 422 and "published version 1" in text(stale)
    ill = f.ill("lending.shipped")
    shown = text(client.get("/billing/agreements/trial/", {"day": "2026-03-02", "q": ill.number, "rush": "on"}))
    assert "Flat rate, agreement of 1 Jan 2026: 15.00" in shown
    assert "Nothing is agreed" in text(client.get("/billing/agreements/trial/", {"day": "2025-03-02", "q": ill.number}))
    assert "Version 1" in text(client.get(f"/billing/agreements/{row.pk}/"))


def test_vouchers_by_their_page(client, first):
    from billing.models import CostPolicy, Fund

    cast.rate(worth="1.00")
    CostPolicy.objects.create(pk=1, borrowing_fund=Fund.objects.create(code="ILL-B", name="Borrowing"))
    f.library()
    client.force_login(first)
    assert "No movement yet" in text(client.get("/billing/vouchers/"))
    form = {"key": "11111111-1111-4111-8111-111111111111", "day": timezone.localdate().isoformat(), "wholes": "2"}
    assert "fee of EUR 21.64" in text(client.post("/billing/vouchers/buy/", form, follow=True))
    spend = form | {"library": "HIL", "asked": "12.00"}
    assert "credit noted" in text(client.post("/billing/vouchers/spend/", spend, follow=True))
    assert "Owed by lenders" in text(client.get("/billing/vouchers/"))
    more = client.post("/billing/vouchers/spend/", spend | {"key": "11111111-1111-4111-8111-111111111112"})
    assert more.status_code == 422 and "are in stock" in text(more)
    for what in ("receive", "redeem", "move", "lose", "count"):
        assert client.get(f"/billing/vouchers/{what}/").status_code == 200
        assert client.post(f"/billing/vouchers/{what}/", {}).status_code == 422
    assert client.get("/billing/vouchers/burn/").status_code == 404


@pytest.mark.parametrize("role", ["patron", "student", "borrowing staff", "budget"])
def test_others_see_nothing_of_it(client, role):
    client.force_login(f.user(role))
    for page in (HOME, "/billing/accounts/", "/billing/vouchers/", "/billing/agreements/", f"{HOME}disputes/"):
        assert client.get(page).status_code == 403


def test_the_list_costs_the_same_with_many(client, first, second, django_assert_max_num_queries):
    for _place in range(12):
        sent(first, second)
    client.force_login(first)
    with django_assert_max_num_queries(26):
        assert text(client.get(HOME, {"state": "open"})).count("IL-") == 12


def test_the_same_check_is_entered_again_only_with_a_tick(client, first, second):
    invoice = sent(first, second)
    client.force_login(first)
    page = f"/billing/accounts/{invoice.library.symbol}/pay/"
    form = {"kind": "cheque", "day": timezone.localdate().isoformat(), "amount": "5.00", "currency": "USD",
            "reference": "10482"}
    keys = [f"11111111-1111-4111-8111-11111111111{n}" for n in range(2)]
    assert 'type="checkbox" name="another"' not in text(client.get(page))
    client.post(page, form | {"key": keys[0]})
    asked = client.post(page, form | {"key": keys[1]})
    assert asked.status_code == 422 and 'type="checkbox" name="another"' in text(asked)
    assert "It is another payment" in text(asked) and Payment.objects.count() == 1
    assert client.post(page, form | {"key": keys[1], "another": "on"}).status_code == 302
    assert Payment.objects.count() == 2


@pytest.mark.parametrize("days, said", [
    (("2026-03-31", "2026-03-01"), "comes before the first"), (("2026-03-01", "2126-03-31"), "within a year"),
    (("2126-03-01", "2126-03-31"), "not come yet"),
])
def test_days_that_are_no_period_are_answered_at_the_field(client, first, days, said):
    client.force_login(first)
    answer = client.get(f"{HOME}run/", {"begins": days[0], "ends": days[1]})
    assert answer.status_code == 422 and said in text(answer) and "Preview:" not in text(answer)


def test_the_address_of_a_step_leads_to_its_invoice(client, first):
    draft = drafted(client, first)
    for step in ("verify", "approve", "send"):
        assert client.get(f"{HOME}{draft.pk}/{step}/").headers["Location"] == f"{HOME}{draft.pk}/"
    line = draft.lines.get()
    assert client.get(f"{HOME}lines/{line.pk}/verify/").headers["Location"] == f"{HOME}{draft.pk}/"
    assert client.get(f"{HOME}99999/send/").status_code == 404 and draft.lines.get().state == "open"


def test_a_discarded_draft_says_so(client, first):
    draft = drafted(client, first)
    said = text(client.post(f"{HOME}{draft.pk}/discard/", {"why": "All wrong"}, follow=True))
    assert "The draft is discarded; its requests can be billed again." in said
    assert "Discarded draft of an invoice" in said and "To verify" not in said


def test_what_is_overdue_counts_beside_the_page(client, first, second):
    invoice = sent(first, second)
    client.force_login(first)
    assert "waits for us" not in text(client.get(HOME))
    Invoice.objects.filter(pk=invoice.pk).update(due="2026-01-31")
    assert "1 waits for us: drafts, what is to be sent, and what is overdue." in text(client.get(HOME))


def test_where_nothing_is_chosen_it_is_said_in_words(client, second):
    client.force_login(second)
    assert "Not chosen" in text(client.get("/billing/agreements/add/"))
    assert "---------" not in text(client.get("/billing/agreements/add/"))


def test_what_is_wrong_with_a_credit_note_stands_at_its_field_and_leads_there(client, first, second):
    invoice = sent(first, second)
    line = invoice.lines.get()
    client.force_login(first)
    url, field = f"/billing/invoices/{invoice.pk}/credit/", f"amount_{line.pk}"
    for given, wrong, said in (
        ({field: "30.01", "reason": "Late"}, field, "At most USD 30.00 of this line"),
        ({field: "x", "reason": "Late"}, field, "is no amount of money"),
        ({field: "", "reason": "Late"}, field, "Enter what is credited"),
        ({field: "5", "reason": " "}, "reason", "Say why"),
    ):
        page = client.post(url, given)
        text = page.content.decode()
        assert page.status_code == 422 and f'<a href="#{wrong}">' in text and f'id="{wrong}"' in text
        assert text.count(said) == 2 and text.count('aria-invalid="true"') == 1, given
        assert f'value="{given[field]}"' in text, "what was typed stays"
