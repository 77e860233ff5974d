"""Rules of money that are changed: what they were, who changed them and when stays."""

from datetime import date
from decimal import Decimal

import pytest

from billing.invoices import rules
from billing.models import BatchSettings, Fund, InvoicePolicy, VoucherTerms
from billing.vouchers import actions, stock
from illdesk.errors import NotAllowed
from illdesk.models import Event
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db
RULES, WORTH = "/billing/invoices/rules/", "/billing/vouchers/worth/"


@pytest.fixture
def manager(client):
    user = f.user("coordinator")
    client.force_login(user)
    return user


def rules_with(client, **more) -> dict:
    form = client.get(RULES).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | more


def test_rules_of_invoices_show_what_they_were_and_who_changed_them(client, manager):
    assert "Nothing was changed yet" in client.get(RULES).content.decode()
    client.post(RULES, rules_with(client, due_days=45, small_amount="7.50", account="DE02 1234"))
    said = client.get(RULES).content.decode()
    assert "days to pay: 30 → 45" in said and "up to: 5.00 → 7.50" in said and "(IBAN): — → DE02 1234" in said
    assert manager.short_name in said
    client.post(RULES, rules_with(client, due_days=60))
    assert "days to pay: 45 → 60" in client.get(RULES).content.decode(), "both stay"
    assert "days to pay: 30 → 45" in client.get(RULES).content.decode()


def test_rules_that_did_not_change_leave_no_trace(client, manager):
    client.post(RULES, rules_with(client))
    client.post(RULES, rules_with(client))
    assert not Event.objects.filter(name="invoice_policy.changed").exists()


def test_words_of_how_to_pay_stay_out_of_the_event(client, manager):
    client.post(RULES, rules_with(client, how_to_pay="Checks to Ann Poe"))
    event = Event.objects.get(name="invoice_policy.changed")
    assert event.data == {"changed": [["how_to_pay", None, None]]} and event.actor == manager
    assert "how to pay: changed" in client.get(RULES).content.decode()


def test_who_may_not_change_them_leaves_them_as_they_were():
    with pytest.raises(NotAllowed):
        rules.store(InvoicePolicy(due_days=1), actor=f.staff("lending staff"), now=cast.APRIL)
    assert not InvoicePolicy.objects.exists() and not Event.objects.filter(subject_kind="invoice_policy").exists()


def test_a_refused_form_shows_the_history_and_what_was_typed(client, manager):
    client.post(RULES, rules_with(client, due_days=45))
    refused = client.post(RULES, rules_with(client, due_days=45, second_reminder=1, tax_number="T-77"))
    said = refused.content.decode()
    assert refused.status_code == 422 and "T-77" in said and "30 → 45" in said


def test_worth_of_vouchers_overwritten_on_its_day_keeps_what_it_was(client, manager):
    first = {"begins": "2026-05-01", "whole": "9.00", "half": "4.50", "fee": "21.00", "fee_percent": "4.00"}
    client.post(WORTH, first)
    client.post(WORTH, first | {"whole": "9.50"})
    assert VoucherTerms.objects.get().whole == Decimal("9.50")
    said = client.get(WORTH).content.decode()
    assert "8.00 → 9.00" in said, "until then as the scheme says"
    assert "9.00 → 9.50" in said and "from 1 May 2026 on" in said
    assert "From 1 May 2026 on: whole EUR 9.50" in said and manager.short_name in said


def test_worth_from_a_later_day_leaves_the_former_in_force(client, manager):
    actor = f.staff("coordinator")
    for day, whole in ((date(2026, 1, 1), "9.00"), (date(2027, 1, 1), "10.00")):
        actions.set_terms(VoucherTerms(begins=day, whole=Decimal(whole)), actor=actor, now=cast.APRIL)
    assert stock.terms(date(2026, 12, 31)).whole == Decimal("9.00")
    assert Event.objects.filter(name="voucher_terms.changed").count() == 2
    actions.set_terms(VoucherTerms(begins=date(2027, 1, 1), whole=Decimal("10.00")), actor=actor, now=cast.APRIL)
    assert Event.objects.filter(name="voucher_terms.changed").count() == 2, "nothing differs"
    with pytest.raises(NotAllowed):
        actions.set_terms(VoucherTerms(begins=date(2026, 1, 1)), actor=f.staff("lending staff"), now=cast.APRIL)
    assert stock.terms(date(2026, 1, 1)).whole == Decimal("9.00")


def test_funds_of_costs_and_the_budget_office_have_a_history_too(client, manager):
    fund = Fund.objects.create(code="ILL-B", name="Borrowing")
    client.post("/billing/costs/", {"borrowing_fund": fund.pk, "tolerance": "1.25"})
    said = client.get("/billing/costs/").content.decode()
    assert "0.00 → 1.25" in said and f"— → {fund}" in said
    client.post("/billing/batches/office/", {"office": "Budget", "email": "budget@example.org"})
    assert BatchSettings.current().email == "budget@example.org"
    said = client.get("/billing/batches/office/").content.decode()
    assert "its e-mail: changed" in said
    assert "budget@example.org" not in str(Event.objects.get(name="budget_office.changed").data)


def test_rules_and_prices_of_charges_keep_what_they_were(client, manager):
    url = "/billing/charges/rules/"
    form = client.get(url).context["form"]
    given = {name: form[name].value() or "" for name in form.fields} | {"how_to_pay": "At the desk.\r\nBy card."}
    client.post(url, given)
    client.post(url, given | {"appeal_days": 60})
    page = client.get(url).content.decode()
    assert "days to appeal: 30 → 60" in page and manager.short_name in page
    assert page.count("how to pay: changed") == 1, "a browser's ends of lines are no change"
    form = client.get(f"{url}faculty/").context["form"]
    client.post(f"{url}faculty/", {name: form[name].value() for name in form.fields} | {"rush": "1.00"})
    assert "Faculty; " in client.get(url).content.decode() and "0.00 → 1.00" in client.get(url).content.decode()


def test_rules_of_fee_management_keep_what_they_were(client, manager):
    url = "/billing/networks/rules/"
    client.post(url, {"fee": "0.27", "fee_currency": "USD", "ask_email": ""})
    assert "0.26 → 0.27" in client.get(url).content.decode()
