"""The models of every room of billing."""

from billing.agreements.models import Agreement, AgreementVersion, Term
from billing.api.models import Token
from billing.appeals.models import Appeal
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
from billing.invoices.dispute_models import DisputeNote, InvoiceDispute, InvoiceReminder
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy, InvoiceRun
from billing.invoices.payment_models import Allocation, Payment
from billing.efts.models import Deposit, DepositBalance, OutgoingLine, OutgoingList
from billing.ifm.models import Layout, NetworkLine, NetworkPolicy, NetworkStatement, NotCharged, Report
from billing.ledger.models import Account, Entry, FiscalYear, Period
from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from billing.numbers.models import Series
from billing.vouchers.models import (
    VoucherChange,
    VoucherCount,
    VoucherHolder,
    VoucherHolding,
    VoucherMovement,
    VoucherStock,
    VoucherTerms,
)

__all__ = [
    "Account", "Agreement", "AgreementVersion", "Allocation", "Booked", "BudgetChange", "Commitment", "CostPolicy",
    "Delegation", "DisputeNote", "Entry", "FiscalYear", "Fund", "FundYear", "Invoice", "InvoiceDispute", "InvoiceLine",
    "InvoicePolicy", "InvoiceReminder", "InvoiceRun", "Payment", "Period", "Rate", "Series", "Term", "VoucherChange",
    "VoucherCount", "VoucherHolder", "VoucherHolding", "VoucherMovement", "VoucherStock", "VoucherTerms",
from billing.talk.models import Message, Reading, Thread

__all__ = [
    "Account", "Batch", "BatchInvoice", "BatchLine", "BatchSettings", "BatchStep", "Booked", "BudgetChange",
    "Commitment", "CostPolicy", "Delegation", "Download", "Entry", "FiscalYear", "Fund", "FundYear", "Message",
    "Period", "Rate", "Reading", "RoyaltyApproval", "Series", "Thread", "Token",
    "Account", "Appeal", "Booked", "BudgetChange", "Charge", "ChargeHold", "ChargeMove", "ChargeNote", "ChargePayment",
    "ChargePolicy", "ChargeTerms", "Commitment", "CostPolicy", "Delegation", "Entry", "FiscalYear", "Fund", "FundYear",
    "LocalAnswer", "LocalFile", "LocalPart", "LocalSystem", "PatronMoney", "Period", "Rate", "Series", "Waiver",
from billing.payables.models import PayableFile, PayableInvoice, PayableLayout, PayableLine, PayablePolicy

__all__ = [
    "Account", "Booked", "BudgetChange", "Commitment", "CostPolicy", "Delegation", "Entry", "FiscalYear", "Fund",
    "FundYear", "PayableFile", "PayableInvoice", "PayableLayout", "PayableLine", "PayablePolicy", "Period", "Rate",
    "Series",
from billing.reports.models import BalanceLimit

__all__ = [
    "Account", "BalanceLimit", "Booked", "BudgetChange", "Commitment", "CostPolicy", "Delegation", "Deposit",
    "DepositBalance", "Entry", "FiscalYear", "Fund", "FundYear", "Layout", "NetworkLine", "NetworkPolicy",
    "NetworkStatement", "NotCharged", "OutgoingLine", "OutgoingList", "Period", "Rate", "Report", "Series",
]
