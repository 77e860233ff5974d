"""What tests of the limit begin with: five that are taken, a fund with money, a request that is the sixth."""

from datetime import date, datetime
from decimal import Decimal

from billing import fiscal
from billing.budget import actions
from billing.budget.models import Fund, FundYear
from requests_app.actions import perform
from requests_app.copyright import royalties
from requests_app.models import ILLRequest, Royalty
from tests import factories as f
from tests.requests_app.copyright.stories import ready, sent


def fund(amount: str = "2000.00", *, code: str = "ILL-R", currency: str = "USD", day: date | None = None) -> FundYear:
    row = Fund.objects.create(code=code, name="Royalties", currency=currency)
    label, begins, ends = fiscal.year_of(day or f.NOW.date())
    return actions.open_year(row, label=label, begins=begins, ends=ends, amount=Decimal(amount), key=f"open {code}",
                             actor=f.staff("coordinator"), now=f.NOW)


def five(*, now: datetime = f.NOW) -> list[ILLRequest]:
    """All places of the title are taken: three filled, two pending."""
    rows = [sent(now=now) for _time in range(5)]
    for row in rows[:3]:
        perform(row, "lender_sent_copy", actor=f.actors.partner("HIL"), now=now)
    return rows


def sixth(*, now: datetime = f.NOW, **fields) -> ILLRequest:
    """It stands in copyright review, since no place is left."""
    row = ready(now=now, **fields)
    assert row.state == "borrowing.copyright_review", row.state
    return row


def offer(price: str = "38.00", **fields) -> royalties.Offer:
    given = {"currency": "USD", "source": Royalty.ENTERED, "source_on": f.NOW.date(), "fund": "ILL-R"} | fields
    return royalties.Offer(Decimal(price), **given)


def paid(ill: ILLRequest, price: str = "38.00", *, now: datetime = f.NOW, **fields) -> ILLRequest:
    """A person decides to pay."""
    perform(ill, "decide_copyright", actor=f.staff("borrowing staff"), now=now, royalty=offer(price, **fields))
    return ill


def owed(price: str = "38.00", *, now: datetime = f.NOW, **fields) -> ILLRequest:
    """Paid for, sent, and here."""
    ill = paid(sixth(now=now), price, now=now, **fields)
    perform(ill, "send", actor=f.staff(), now=now)
    perform(ill, "lender_sent_copy", actor=f.actors.partner("HIL"), now=now)
    perform(ill, "receive_copy", actor=f.staff(), now=now, file=f.stored())
    return ill
