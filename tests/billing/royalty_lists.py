"""A list of royalties as the copyright pages make it: agreed, put aside of a fund, the copy came, listed."""

from datetime import date
from decimal import Decimal
from itertools import count

from billing.budget import actions as budget
from billing.models import Fund
from illdesk import budgets
from requests_app.copyright import payment
from requests_app.models import Royalty, RoyaltyList
from tests import factories as f

_numbers = count(1)


def fund(code="ILL-R", amount=1000) -> Fund:
    row, made = Fund.objects.get_or_create(code=code, defaults={"name": "Royalties"})
    if made:
        budget.open_year(row, label="2025–26", begins=date(2025, 7, 1), ends=date(2026, 6, 30), amount=Decimal(amount),
                         key=f"year {code}", actor=f.staff("coordinator"), now=f.NOW)
    return row


def made(*prices: str, code="ILL-R", actor=None, title="x") -> RoyaltyList:
    fund(code)
    actor = actor or f.staff("borrowing staff")
    day = f.NOW.date()
    for price in prices:
        place = next(_numbers)
        key = f"royalty {place}"
        budgets.funds().commit(key, fund=code, day=day, amount=Decimal(price), what="royalty",
                             about=f"B-2026-{place:05d}", actor=actor, now=f.NOW)
        Royalty.objects.create(
            number=f"B-2026-{place:05d}", title=title, year=2026, price=Decimal(price), currency="USD",
            source="entered", source_on=day, fund=code, fund_year="2025–26", fund_amount=Decimal(price),
            fund_currency="USD", commitment=key, state="owed", agreed=f.NOW, by=actor.user, used_on=day)
    return payment.make(day, day, key=f"list {next(_numbers)}", actor=actor, now=f.NOW)
