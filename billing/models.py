"""The models of every room of billing."""

from billing.approval.models import Delegation
from billing.budget.models import BudgetChange, Commitment, Fund, FundYear
from billing.costs.models import Booked, CostPolicy, Rate
from billing.efts.models import Deposit, DepositBalance, OutgoingLine, OutgoingList
from billing.ifm.models import Layout, NetworkLine, NetworkPolicy, NetworkStatement, NotCharged, Report
from billing.ledger.models import Account, Entry, FiscalYear, Period
from billing.numbers.models import Series
from billing.reports.models import BalanceLimit

__all__ = [
    "Account", "BalanceLimit", "Booked", "BudgetChange", "Commitment", "CostPolicy", "Delegation", "Deposit",
    "DepositBalance", "Entry", "FiscalYear", "Fund", "FundYear", "Layout", "NetworkLine", "NetworkPolicy",
    "NetworkStatement", "NotCharged", "OutgoingLine", "OutgoingList", "Period", "Rate", "Report", "Series",
]
