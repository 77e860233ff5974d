"""A deposit account: paid in, debited by statements, compared; lending reported by two persons."""

from datetime import date
from decimal import Decimal

import pytest

from billing.efts import actions
from billing.efts.models import Deposit, OutgoingList
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import Event
from requests_app import references
from requests_app.models import ILLRequest
from tests import factories as f
from tests.billing.ifm import cast as c

pytestmark = pytest.mark.django_db


@pytest.fixture
def deposit():
    c.books()
    return Deposit.objects.create(name="EFTS")


def lent(number: str = "7001") -> ILLRequest:
    row = f.ill("lending.finished", service="copy")
    ILLRequest.objects.filter(pk=row.pk).update(cost=Decimal("11.00"))
    references.add(row, "docline", number, now=f.NOW)
    return row


def make(deposit, actor, key: str = "k"):
    return actions.make_list(deposit, c.MARCH, date(2026, 3, 31), key=key, actor=actor, now=c.APRIL)


def test_paid_in_once_and_debited_by_a_statement_the_account_holds_what_the_network_says(deposit):
    for _time in range(2):
        actions.pay_in(deposit, Decimal("100.00"), day=f.NOW.date(), key="1", actor=f.staff(), now=f.NOW)
    ours = f.ill("borrowing.received")
    references.add(ours, "docline", "NYU-7002", now=f.NOW)
    c.read(c.line("NYU-7002", "11.00"), system="efts", deposit=deposit)
    assert c.book(system="efts").count == 1
    assert ledger.balance(Where("deposit", deposit.pk)) == Decimal("89.00")
    actions.state_balance(deposit, date(2026, 3, 31), Decimal("89.00"), actor=f.staff(), now=c.APRIL)
    (_row, held), = actions.compared(deposit)
    assert held == Decimal("89.00")
    with pytest.raises(BadAnswer):
        actions.pay_in(deposit, Decimal(0), day=f.NOW.date(), key="2", actor=f.staff(), now=f.NOW)


def test_lending_is_listed_once_and_approved_by_somebody_else(deposit):
    lent()
    maker = f.staff("supervisor")
    row = make(deposit, maker)
    assert make(deposit, maker) == row and [line.number for line in row.lines.all()] == ["7001"]
    with pytest.raises(BadAnswer):
        make(deposit, maker, "another")
    with pytest.raises(NotAllowed, match="somebody else"):
        actions.approve(row, actor=maker, now=c.APRIL)
    assert Event.objects.filter(name="approval.refused").exists()
    actions.approve(row, actor=f.staff("coordinator"), now=c.APRIL)
    with pytest.raises(Stale):
        actions.discard(row, actor=maker, now=c.APRIL)


def test_thrown_away_its_requests_can_be_listed_again(deposit):
    lent()
    actions.discard(make(deposit, f.staff()), actor=f.staff(), now=c.APRIL)
    assert make(deposit, f.staff(), "again").number == "E-2026-00002"


def test_pages_and_two_persons_there_too(client, deposit):
    lent()
    maker = f.user("supervisor")
    client.force_login(maker)
    page = client.get(f"/billing/efts/{deposit.pk}/report/")
    key = page.context["form"]["key"].value()
    sent = {"key": key, "first": "2026-03-01", "last": "2026-03-31"}
    made = client.post(f"/billing/efts/{deposit.pk}/report/", sent)
    row = OutgoingList.objects.get()
    assert made.url == f"/billing/efts/lists/{row.number}/"
    assert client.get(f"{made.url}export.csv").status_code == 404, "not before it is approved"
    assert "somebody else" in client.post(f"{made.url}approve/", follow=True).content.decode()
    client.force_login(f.user("borrowing staff"))
    assert "may not approve" in client.post(f"{made.url}approve/", follow=True).content.decode()
    client.force_login(f.user("coordinator"))
    client.post(f"{made.url}approve/")
    assert b"7001" in b"".join(client.get(f"{made.url}export.csv").streaming_content)
    assert client.post(f"/billing/efts/{deposit.pk}/pay/", {"key": key, "amount": "x", "day": ""}).status_code == 422
    for url in ("/billing/efts/", f"/billing/efts/{deposit.pk}/", made.url, "/billing/efts/months/"):
        assert client.get(url).status_code == 200
    client.force_login(f.user("lending staff"))
    assert client.get("/billing/efts/").status_code == 403
