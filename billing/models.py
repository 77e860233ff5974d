"""The models of every room of billing."""

from billing.approval.models import Delegation
from billing.budget.models import BudgetChange, Commitment, Fund, FundYear
from billing.costs.models import Booked, CostPolicy, Rate
from billing.ledger.models import Account, Entry, FiscalYear, Period
from billing.numbers.models import Series
from billing.payables.models import PayableFile, PayableInvoice, PayableLayout, PayableLine, PayablePolicy

__all__ = [
    "Account", "Booked", "BudgetChange", "Commitment", "CostPolicy", "Delegation", "Entry", "FiscalYear", "Fund",
    "FundYear", "PayableFile", "PayableInvoice", "PayableLayout", "PayableLine", "PayablePolicy", "Period", "Rate",
    "Series",
]
