"""The models of every room of billing."""

from billing.appeals.models import Appeal
from billing.approval.models import Delegation
from billing.budget.models import BudgetChange, Commitment, Fund, FundYear
from billing.charges.models import (
    Charge,
    ChargeHold,
    ChargeMove,
    ChargeNote,
    ChargePayment,
    ChargePolicy,
    ChargeTerms,
    PatronMoney,
    Waiver,
)
from billing.costs.models import Booked, CostPolicy, Rate
from billing.ledger.models import Account, Entry, FiscalYear, Period
from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from billing.numbers.models import Series

__all__ = [
    "Account", "Appeal", "Booked", "BudgetChange", "Charge", "ChargeHold", "ChargeMove", "ChargeNote", "ChargePayment",
    "ChargePolicy", "ChargeTerms", "Commitment", "CostPolicy", "Delegation", "Entry", "FiscalYear", "Fund", "FundYear",
    "LocalAnswer", "LocalFile", "LocalPart", "LocalSystem", "PatronMoney", "Period", "Rate", "Series", "Waiver",
]
