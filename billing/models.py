"""The models of every room of billing."""

from billing.api.models import Token
from billing.approval.models import Delegation
from billing.batches.models import (
    Batch,
    BatchInvoice,
    BatchLine,
    BatchSettings,
    BatchStep,
    Download,
    RoyaltyApproval,
)
from billing.budget.models import BudgetChange, Commitment, Fund, FundYear
from billing.costs.models import Booked, CostPolicy, Rate
from billing.ledger.models import Account, Entry, FiscalYear, Period
from billing.numbers.models import Series
from billing.talk.models import Message, Reading, Thread

__all__ = [
    "Account", "Batch", "BatchInvoice", "BatchLine", "BatchSettings", "BatchStep", "Booked", "BudgetChange",
    "Commitment", "CostPolicy", "Delegation", "Download", "Entry", "FiscalYear", "Fund", "FundYear", "Message",
    "Period", "Rate", "Reading", "RoyaltyApproval", "Series", "Thread", "Token",
]
