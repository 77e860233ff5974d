"""What a network charges for its libraries and pays on: OCLC Fee Management and EFTS. Reports of a month are read,
matched line by line to our requests both ways, and booked when a person says so (RULES.md M1, M3)."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

IFM, EFTS = "ifm", "efts"
SYSTEMS: Mapping[str, str | Promise] = {IFM: _("OCLC Fee Management"), EFTS: _("EFTS")}
# What their pages are called: of EFTS there are accounts beside the statements.
TITLES: Mapping[str, str | Promise] = {IFM: _("OCLC Fee Management"), EFTS: _("EFTS statements")}
# Under which the requests' numbers are kept (requests_app.references): EFTS is fed from DOCLINE.
NUMBERS_OF = {IFM: "oclc", EFTS: "docline"}

# What a line is, and on which side it stands.
KINDS: Mapping[str, str | Promise] = {
    "debit": _("Borrowing debit"), "credit": _("Lending credit"), "fee": _("Fee"),
    "debit_back": _("Refund to us"), "credit_back": _("Refund by us"), "fee_back": _("Fee given back"),
}
COSTS = ("debit", "fee", "debit_back", "fee_back")
BACK = ("debit_back", "credit_back", "fee_back")
FEES = ("fee", "fee_back")

# What became of a line when it was compared with our requests.
RESULTS: Mapping[str, str | Promise] = {
    "matched": _("As agreed"), "fee": _("Fee of a filled request"), "refund": _("Refund of a charge"),
    "dummy": _("Dummy request of a loan"),
    "no_request": _("No request of ours has this number"), "several": _("Several requests have this number"),
    "not_filled": _("Our request was not filled"), "amount": _("Not the amount agreed"),
    "twice": _("Charged before"), "no_original": _("Refund of something that was not charged"),
    "too_much": _("More comes back than was charged"), "fee_amount": _("Not the usual fee"),
    "changed": _("Another amount than in an earlier report"), "undone": _("Booking was undone"),
}
FINE = ("matched", "fee", "refund", "dummy")
