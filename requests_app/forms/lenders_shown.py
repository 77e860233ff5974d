"""What the page of choosing lenders lists: the chosen, the best of the others, what was searched, who is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app.lenders.ranking import LeftOut, Lender, Placed
from requests_app.lenders.reasons import Reason
from requests_app.lenders.rota import Proposal
from requests_app.models import Library
from requests_app.verification.records import Held

# Holders all stand in the list, up to the first; others fill it up to the second. Of those left out, so many.
MOST_HOLDERS, MOST_OTHERS, MOST_LEFT_OUT, MOST_STRANGERS = 60, 25, 30, 40


@dataclass(frozen=True)
class Row:
    """One library. `place`: what stands in its field; `may_choose`: False where the step itself would refuse it."""

    lender: Lender
    reasons: tuple[Reason, ...]
    place: str = ""
    way: str = ""  # how it is asked
    held: bool = False
    may_choose: bool = True

    @property
    def name(self) -> str:
        return f"place_{self.lender.pk}"


@dataclass(frozen=True)
class Stranger:
    """A holder that is not in our directory. `url`: where it can be added, with what is known filled in."""

    held: Held
    url: str


@dataclass(frozen=True)
class LendersShown:
    rows: list[Row]
    left_out: list[Row]
    strangers: list[Stranger]
    more: int = 0  # offered libraries that are found by searching only
    more_left_out: int = 0
    found: int | None = None  # how many match what was searched for
    holders: int = 0


def shown(proposal: Proposal, *, typed: Mapping[int, str], looked_for: str = "") -> LendersShown:
    """`typed`: library → what stands beside it. The chosen come first, in their order. One query."""
    offered, left_out = proposal.ranking.offered, proposal.ranking.left_out
    everybody: list[Placed | LeftOut] = [*offered, *left_out]
    chosen = [row for row in everybody if row.lender.pk in typed]
    chosen.sort(key=lambda row: _order(typed[row.lender.pk]))
    found: list[Placed | LeftOut] = []
    count = None
    if looked_for:
        best, others, more = proposal.found(looked_for)
        found, count = [*best, *others], len(best) + len(others) + more
    holders = [row for row in offered if row.held][:MOST_HOLDERS]
    rest = [row for row in offered if not row.held][: max(MOST_OTHERS - len(holders), 5)]
    in_order: list[Placed | LeftOut] = [*chosen, *found, *holders, *rest]
    listed = {row.lender.pk: row for row in in_order}
    out = [row for row in left_out if row.lender.pk not in listed]
    asked_by = _ways([*listed, *(row.lender.pk for row in out[:MOST_LEFT_OUT])])
    return LendersShown(
        rows=[_row(row, typed, asked_by) for row in listed.values()],
        left_out=[_row(row, typed, asked_by) for row in out[:MOST_LEFT_OUT]],
        strangers=[Stranger(row, add_url(row)) for row in proposal.strangers[:MOST_STRANGERS]],
        more=sum(1 for row in offered if row.lender.pk not in listed), more_left_out=max(len(out) - MOST_LEFT_OUT, 0),
        found=count, holders=proposal.holders,
    )


def _order(place: str) -> int:
    return int(place[:4]) if place.isdecimal() else 9999


def _row(row: Placed | LeftOut, typed: Mapping[int, str], ways: Mapping[int, str]) -> Row:
    pk = row.lender.pk
    may_choose = not (isinstance(row, LeftOut) and row.final)
    return Row(row.lender, row.reasons, typed.get(pk, ""), ways.get(pk, ""), row.held, may_choose)


def _ways(pks: Iterable[int]) -> dict[int, str]:
    """How each is asked, in words."""
    rows = Library.objects.filter(pk__in=list(pks)).order_by().values_list("pk", "endpoint", "email")
    return {
        pk: _("by ISO 18626") if endpoint else _("by e-mail") if email else _("by your own hand")
        for pk, endpoint, email in rows
    }


def add_url(row: Held) -> str:
    """The page that adds a library, with what the catalogue said about this one."""
    known = {
        "name": row.name[:200], "symbol": row.symbol[:30], "agency_type": row.symbol_type[:20],
        "agency_value": row.symbol[:60], "country": row.country[:2], "region": row.region[:60],
    }
    return f"{reverse('library_new')}?{urlencode({name: value for name, value in known.items() if value})}"
