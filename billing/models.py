"""The models of every room of billing."""

from billing.budget.models import BudgetChange, Commitment, Fund, FundYear
from billing.ledger.models import Account, Entry, FiscalYear, Period

__all__ = ["Account", "BudgetChange", "Commitment", "Entry", "FiscalYear", "Fund", "FundYear", "Period"]
