"""The chart of accounts: what kinds of money there are. Pure.

An account is a family of this chart, of somebody or something where the family says so: what patron 17 owes, what
library 4 is owed. Names stand nowhere in the books.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ASSET, LIABILITY, INCOME, COST = "asset", "liability", "income", "cost"
KINDS: Mapping[str, str | Promise] = {
    ASSET: _("What we have or are owed"), LIABILITY: _("What we owe"), INCOME: _("Income"), COST: _("Cost"),
}


@dataclass(frozen=True)
class Family:
    """`of`: whose or what for, as the kind of a subject ("patron", "library", "fund"); '' where there is one only."""

    code: str
    label: str | Promise
    kind: str
    of: str = ""

    @property
    def grows_by_debit(self) -> bool:
        """What it holds is what was debited less what was credited; the other way round for the others."""
        return self.kind in (ASSET, COST)


FAMILIES: Mapping[str, Family] = {
    family.code: family
    for family in (
        Family("bank", _("Bank and cash"), ASSET),
        Family("patron", _("Owed by a patron"), ASSET, of="patron"),
        Family("library", _("Owed by a library"), ASSET, of="library"),
        Family("local", _("Handed to the local billing system"), ASSET),
        Family("vouchers", _("IFLA vouchers in stock"), ASSET),
        Family("ifm", _("OCLC Fee Management"), ASSET),
        Family("deposit", _("Deposit account"), ASSET, of="deposit"),
        Family("payable", _("Owed to a library"), LIABILITY, of="library"),
        Family("credit", _("Credit of a patron"), LIABILITY, of="patron"),
        Family("charges", _("Charges to patrons"), INCOME),
        Family("lending", _("Lending"), INCOME),
        Family("borrowing", _("Borrowing"), COST, of="fund"),
        Family("royalties", _("Royalties"), COST, of="fund"),
        Family("lost", _("Lost and damaged items"), COST, of="fund"),
        Family("vouchers_used", _("Vouchers bought and redeemed, fees"), COST),
        Family("fees", _("Bank and network fees"), COST),
        Family("written_off", _("Written off and waived"), COST),
        Family("exchange", _("Exchange differences"), COST),
    )
}

# What an entry is for, as its `what` says it.
WHATS: Mapping[str, str | Promise] = {
    "charge": _("Charge"), "payment": _("Payment"), "waiver": _("Waiver"), "bill": _("Bill"), "refund": _("Refund"),
    "royalty": _("Royalty"), "fee": _("Fee"), "exchange": _("Exchange difference"), "written_off": _("Written off"),
    "lost": _("Lost item"), "damaged": _("Damaged item"), "credit": _("Credit note"), "voucher": _("IFLA voucher"),
    "deposit": _("Deposit"), "handed": _("Handed to the local billing system"),
}


def choices() -> list[tuple[str, str | Promise]]:
    return [(family.code, family.label) for family in FAMILIES.values()]
