"""The models of every room of billing."""

from billing.agreements.models import Agreement, AgreementVersion, Term
from billing.api.models import Token
from billing.appeals.models import Appeal
from billing.approval.models import Delegation
from billing.batches.models import Batch, BatchInvoice, BatchLine, BatchSettings, BatchStep, Download, RoyaltyApproval
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
from billing.efts.models import Deposit, DepositBalance, OutgoingLine, OutgoingList
from billing.ifm.models import Layout, NetworkLine, NetworkPolicy, NetworkStatement, NotCharged, Report
from billing.invoices.dispute_models import DisputeNote, InvoiceDispute, InvoiceReminder
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy, InvoiceRun
from billing.invoices.payment_models import Allocation, Payment
from billing.invoices.refund_models import LibraryRefund
from billing.ledger.models import Account, Entry, FiscalYear, Period
from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from billing.local.sftp.models import SftpArrival, SftpServer
from billing.numbers.models import Series
from billing.payables.models import PayableFile, PayableInvoice, PayableLayout, PayableLine, PayablePolicy
from billing.reports.models import BalanceLimit
from billing.talk.models import Message, Reading, Thread
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
    "Account",
    "Agreement",
    "AgreementVersion",
    "Allocation",
    "Appeal",
    "BalanceLimit",
    "Batch",
    "BatchInvoice",
    "BatchLine",
    "BatchSettings",
    "BatchStep",
    "Booked",
    "BudgetChange",
    "Charge",
    "ChargeHold",
    "ChargeMove",
    "ChargeNote",
    "ChargePayment",
    "ChargePolicy",
    "ChargeTerms",
    "Commitment",
    "CostPolicy",
    "Delegation",
    "Deposit",
    "DepositBalance",
    "DisputeNote",
    "Download",
    "Entry",
    "FiscalYear",
    "Fund",
    "FundYear",
    "Invoice",
    "InvoiceDispute",
    "InvoiceLine",
    "InvoicePolicy",
    "InvoiceReminder",
    "InvoiceRun",
    "Layout",
    "LibraryRefund",
    "LocalAnswer",
    "LocalFile",
    "LocalPart",
    "LocalSystem",
    "Message",
    "NetworkLine",
    "NetworkPolicy",
    "NetworkStatement",
    "NotCharged",
    "OutgoingLine",
    "OutgoingList",
    "PatronMoney",
    "PayableFile",
    "PayableInvoice",
    "PayableLayout",
    "PayableLine",
    "PayablePolicy",
    "Payment",
    "Period",
    "Rate",
    "Reading",
    "Report",
    "RoyaltyApproval",
    "Series",
    "SftpArrival",
    "SftpServer",
    "Term",
    "Thread",
    "Token",
    "VoucherChange",
    "VoucherCount",
    "VoucherHolder",
    "VoucherHolding",
    "VoucherMovement",
    "VoucherStock",
    "VoucherTerms",
    "Waiver",
]
