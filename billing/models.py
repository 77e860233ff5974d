"""The models of every room of billing."""

from billing.budget.models import BudgetChange, Commitment, Fund, FundYear

__all__ = ["BudgetChange", "Commitment", "Fund", "FundYear"]
