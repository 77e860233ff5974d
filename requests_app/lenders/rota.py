"""The rota that is proposed for a request, and what other rules would propose. Changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef

from requests_app import lifecycle
from requests_app.lenders import candidates, names, stored
from requests_app.lenders.candidates import Directory
from requests_app.lenders.ranking import LeftOut, Placed, Ranking, rank
from requests_app.lenders.rules import Rule
from requests_app.models import ILLRequest, RotaEntry
from requests_app.verification.records import Held

SHOWN = 40


@dataclass(frozen=True)
class Proposal:
    """`rota`: whom the rules would ask, in order. `strangers`: holders that are not in our directory."""

    ranking: Ranking
    rota: tuple[Placed, ...] = ()
    strangers: tuple[Held, ...] = ()
    asked: dict[int, RotaEntry] | None = None

    @property
    def holders(self) -> int:
        return sum(1 for row in self.ranking.offered if row.held)

    def found(self, text: str, most: int = 20) -> tuple[list[Placed], list[LeftOut], int]:
        """Libraries of the directory with this in name, symbol or town, as many as are shown; and how many more
        there are."""
        wanted = text.strip().casefold()
        offered = [row for row in self.ranking.offered if _has(row, wanted)]
        left_out = [row for row in self.ranking.left_out if _has(row, wanted)]
        shown = left_out[: max(most - len(offered), 0)]
        return offered[:most], shown, max(len(offered) - most, 0) + len(left_out) - len(shown)


def _has(row: Placed | LeftOut, wanted: str) -> bool:
    lender = row.lender
    return any(wanted in text.casefold() for text in (lender.name, lender.symbol, lender.locality))


def propose(ill: ILLRequest, *, now: datetime, as_if_new: bool = False) -> Proposal:
    """By the rules in force. `as_if_new`: as if nobody had been asked yet. A fixed number of queries."""
    rules = stored.current()
    known = candidates.directory(rules, now=now)
    asked = candidates.asked([ill]).get(ill.pk, {})
    held = candidates.holdings([ill]).get(ill.pk, ())
    return _proposal(ill, known, rules, held, {} if as_if_new else asked)


def propose_for_many(service: str, *, now: datetime) -> Ranking:
    """What speaks for each library where nobody looks at one request: its own terms, agreements and past."""
    rules = stored.current()
    known = candidates.directory(rules, now=now)
    nothing = candidates.wanted(_blank(service), known, held={})
    return rank(known.lenders(service), nothing, rules)


def _blank(service: str) -> ILLRequest:
    from requests_app.models import Citation

    return ILLRequest(service=service, citation=Citation())


def _proposal(
    ill: ILLRequest, known: Directory, rules: Sequence[Rule], held: Sequence[Held], asked: dict[int, RotaEntry]
) -> Proposal:
    by_library, strangers = names.by_library(held, known.index, known.us)
    wanted = candidates.wanted(ill, known, held=by_library, asked=asked)
    ranking = rank(known.lenders(ill.service), wanted, rules)
    return Proposal(ranking, first_of(ranking, known.policy.rota_length), strangers, asked)


def first_of(ranking: Ranking, most: int) -> tuple[Placed, ...]:
    """Where somebody is known to hold it, nobody else is asked on the off-chance."""
    holders = tuple(row for row in ranking.offered if row.held)
    return (holders or ranking.offered)[:most]


# --- trying rules on what is past -----------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """What one request's first lender is by two sets of rules; None where nobody would be asked."""

    ill: ILLRequest
    before: Placed | None
    after: Placed | None

    @property
    def changes(self) -> bool:
        return _pk(self.before) != _pk(self.after)


def _pk(row: Placed | None) -> int | None:
    return row.lender.pk if row else None


def last_sent(most: int = 50) -> list[ILLRequest]:
    """The newest borrowing requests for which somebody was asked."""
    asked = RotaEntry.objects.filter(ill=OuterRef("pk")).exclude(state__in=[RotaEntry.WAITING, RotaEntry.SKIPPED])
    rows = ILLRequest.objects.filter(Exists(asked), kind=lifecycle.BORROWING).select_related("citation")
    return list(rows.order_by("-pk")[:most])


def compare(ills: Sequence[ILLRequest], draft: Iterable[Rule], *, now: datetime) -> list[Tried]:
    """Each request as if it were new today, by the rules in force and by the draft. A fixed number of queries."""
    held = candidates.holdings(ills)
    firsts = [_Firsts(tuple(rules), now) for rules in (stored.current(), draft)]
    return [Tried(ill, *(one.of(ill, held.get(ill.pk, ())) for one in firsts)) for ill in ills]


class _Firsts:
    """First lenders by one set of rules. Where holders are known only they are ranked; where none is, the others
    stand in the same order for all requests of one service, cap and day."""

    def __init__(self, rules: Sequence[Rule], now: datetime):
        self.rules, self.known = rules, candidates.directory(rules, now=now)
        self.by_pk = {
            service: {row.pk: row for row in self.known.lenders(service)}
            for service in (lifecycle.LOAN, lifecycle.COPY)
        }
        self.others: dict[tuple, Ranking] = {}
        answers = [row.answer_by for row in (*self.known.for_loans, *self.known.for_copies) if row.answer_by]
        self.all_answered = max(answers, default=self.known.today)

    def of(self, ill: ILLRequest, held: Sequence[Held]) -> Placed | None:
        holders, _strangers = names.by_library(held, self.known.index, self.known.us)
        wanted = candidates.wanted(ill, self.known, held=holders)
        lenders = self.by_pk[ill.service]
        if offered := rank((lenders[pk] for pk in holders), wanted, self.rules).offered:
            return offered[0]
        need_by = wanted.need_by if wanted.need_by and wanted.need_by < self.all_answered else None
        alike = (wanted.service, wanted.cap, wanted.currency, need_by)
        if alike not in self.others:
            self.others[alike] = rank(lenders.values(), replace(wanted, held={}), self.rules)
        return next((row for row in self.others[alike].offered if row.lender.pk not in holders), None)
