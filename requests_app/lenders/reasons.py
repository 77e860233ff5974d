"""What a rule says about a library, in words. Pure; the words are made when somebody reads them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from illdesk import dates

# A key of SAYINGS and what stands in its places.
Said = tuple[str, dict[str, object]]

SAYINGS: dict[str, Any] = {
    "ourselves": _("our own library"),
    "not_in_use": _("not in use"),
    "lends_none": _("takes no requests for loans"),
    "copies_none": _("takes no requests for copies"),
    "suspended": _("suspended until further notice"),
    "suspended_until": _("suspended until %(day)s"),
    "closed": _("closed: would have until %(day)s to answer"),
    "never_open": _("its calendar has no working day"),
    "asked": _("asked for this already: %(outcome)s"),
    "not_lendable": _("not for loan, the catalogue says"),
    "over_cap": _("charges %(charge)s, more than %(cap)s"),
    "has_volume": _("holds volume %(volume)s"),
    "lacks_volume": _("holds other volumes: %(volumes)s"),
    "this_edition": _("holds this very edition"),
    "another_edition": _("holds another edition"),
    "on_shelf": _("on the shelf"),
    "checked_out": _("checked out"),
    "checked_out_note": _("not on the shelf: %(note)s"),
    "use_only": _("use in the library only"),
    "retained": _("kept for a shared-print programme"),
    "group": _("in %(group)s"),
    "agreed_free": _("no charge, by agreement"),
    "no_charge": _("no charge"),
    "charges": _("charges %(charge)s"),
    "charges_otherwise": _("charges %(charge)s, not compared"),
    "filled": ngettext_lazy("supplied %(supplied)d of %(n)d", "supplied %(supplied)d of %(n)d", "n"),
    "arrives_in": ngettext_lazy("%(n)d day on average", "%(n)d days on average", "n"),
    "answers_in": ngettext_lazy("has %(n)d day to answer", "has %(n)d days to answer", "n"),
    "answers_late": _("may answer after it is needed, by %(day)s"),
    "by_courier": _("by courier"),
    "abroad": _("abroad"),
    "in_town": _("in our town"),
    "in_region": _("in our region"),
    "asked_lately": ngettext_lazy("asked %(n)d time in %(days)d days", "asked %(n)d times in %(days)d days", "n"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """`code`: of the rule; `points`: what it gave (or took, below zero)."""

    code: str
    points: float
    saying: str
    told: dict[str, object]

    @property
    def words(self) -> str:
        told = {name: _shown(value) for name, value in self.told.items()}
        return str(SAYINGS[self.saying] % told)

    @property
    def shown_points(self) -> str:
        """'+40' or '−12'; '' where it moved nothing."""
        points = round(self.points)
        return "" if not points else f"+{points}" if points > 0 else f"−{-points}"


def money(currency: str, amount: Decimal) -> str:
    return f"{currency} {amount:.2f}"


def _shown(value: object) -> object:
    return dates.in_words(value) if isinstance(value, date) else value
