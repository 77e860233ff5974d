"""What stories of fee management begin with: requests known to OCLC, a fund, a report as a file."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.budget.models import Fund
from billing.costs.models import CostPolicy
from billing.ifm import actions, imports
from requests_app import references
from requests_app.models import ILLRequest, Library, LoanPolicy
from tests import factories as f

MARCH = date(2026, 3, 1)
APRIL = f.later(days=41)  # the 12th: reports appear on the 11th
HEAD = "Institution Symbol,Institution Name,ILL Request Number,Transaction Date,Amount,Currency,Transaction Type"
DEBIT, CREDIT = "IFM Lib-to-Lib Borrowing Debit", "IFM Lib-to-Lib Lending Credit"
FEE, REFUND = "ILL Fee", "IFM Lib-to-Lib Borrowing Refund"


def books() -> Fund:
    """A fund for costs of borrowing, and another for lost items."""
    fund, _made = Fund.objects.get_or_create(code="ILL-B", defaults={"name": "Borrowing"})
    lost, _made = Fund.objects.get_or_create(code="ILL-L", defaults={"name": "Lost"})
    CostPolicy.objects.update_or_create(pk=1, defaults={"borrowing_fund": fund, "lost_fund": lost})
    LoanPolicy.objects.get_or_create(pk=1)
    return fund


def known(number: str, state: str = "borrowing.received", cost: str | None = "15.00", **more) -> ILLRequest:
    """A request that OCLC knows under this number."""
    row = f.ill(state, **more)
    if cost is not None:
        ILLRequest.objects.filter(pk=row.pk).update(cost=Decimal(cost), currency="USD")
    references.add(row, "oclc", number, now=f.NOW)
    return ILLRequest.objects.get(pk=row.pk)


def line(number: str, amount: str = "15.00", kind: str = DEBIT, day: str = "2026-03-14", symbol: str = "HIL") -> str:
    return f'{symbol},"Hill College, Library",{number},{day},{amount},USD,{kind}'


def file(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines, ""]).encode()


COLUMNS = {"symbol": "Institution Symbol", "name": "Institution Name", "number": "ILL Request Number",
           "day": "Transaction Date", "amount": "Amount", "currency": "Currency", "kind": "Transaction Type"}


def read(*lines: str, name: str = "ifm.csv", actor=None, month: date = MARCH, data: bytes = b"", **more):
    """A report read in, with its columns named where nobody did."""
    actor = actor or f.staff("borrowing staff")
    row = imports.take(data or file(*lines), system=more.pop("system", "ifm"), month=month, name=name, actor=actor,
                       now=APRIL, **more)
    if row.state == row.UNMAPPED:
        imports.name_columns(row, dict(COLUMNS), actor=actor, now=APRIL)
    row.refresh_from_db()
    return row


def book(month: date = MARCH, actor=None, system: str = "ifm"):
    """What became of the lines of a month that can be booked."""
    if not (lines := actions.ready(system, month)):
        return Done(0, [])
    seen = actions.totals(lines).seen
    return done(actions.book(system, month, seen=seen, actor=actor or f.staff("borrowing staff"), now=APRIL))


@dataclass(frozen=True)
class Done:
    count: int
    failed: list[tuple[str, str]]  # number of the line, the sentence


def done(job) -> Done:
    items = list(job.items.order_by("pk"))
    return Done(sum(item.words == "Booked" for item in items),
                [(item.name.split(" ")[0], item.words) for item in items if item.state == "failed"])


def partner() -> Library:
    return f.library()
