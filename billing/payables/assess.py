"""Lines looked at together: matched to requests, compared with what was agreed and with what was billed before.

A few queries for all lines of a call, whatever their number; call it with some thousand at most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Max, Q

from billing.agreements.charge import Facts, Terms, charge
from billing.agreements.queries import Agreed, is_abroad
from billing.costs import actions as costs
from billing.costs import queries as costs_queries
from billing.payables import lifecycle, matching, results
from billing.payables.matching import Found, Known, Line, Match
from billing.payables.models import PayableInvoice, PayableLine, PayablePolicy
from illdesk import money
from illdesk.models import Event
from requests_app import references
from requests_app.copyright.per_request import pages_of
from requests_app.models import Dialogue, ILLRequest, LoanPolicy

A_SLICE = 2000
_TITLES_FROM = timedelta(days=500)
_MOST_TITLES = 20_000
_CANCELLED = ("lender_cancelled", "record_cancelled", "cancel", "patron_cancel", "record_unfilled", "lender_unfilled")
# The lender was asked, or will be; nothing is on its way.
_WAITING = frozenset(f"borrowing.{state}" for state in (
    "submitted", "in_review", "copyright_review", "ready_to_send", "sent", "conditional", "unfilled"))
# Charged under different names, a loan and the price of its loss are no double bill.
_KIND_OF = {"lost": "lost", "damaged": "damaged", "fee": "fee"}


@dataclass
class Assessing:
    """What the lines of one invoice share; made once for all slices of it."""

    invoice: PayableInvoice
    own: str = field(default_factory=lambda: LoanPolicy.current().currency)
    tolerance: Decimal = field(default_factory=lambda: PayablePolicy.current().tolerance)
    rates: dict[str, Decimal | None] = field(default_factory=dict)
    titles: matching.Titles | None = None
    by_day: dict[date, list[Terms]] = field(default_factory=dict)

    @cached_property
    def agreements(self) -> Agreed:
        return Agreed()

    def terms(self, day: date) -> list[Terms]:
        """What was agreed with the invoice's library on a day."""
        if day not in self.by_day:
            self.by_day[day] = self.agreements.terms(self.invoice.library_id, day)
        return self.by_day[day]

    def rate(self, currency: str) -> Decimal | None:
        """What one of it costs in the library's own on the day of the invoice; None where nobody entered that."""
        if currency == self.own:
            return Decimal(1)
        if currency not in self.rates:
            found = costs.rate_on(currency, self.invoice.dated) if self.invoice.dated else None
            self.rates[currency] = found.rate if found else None
        return self.rates[currency]


def agreed(known: Known, about: Assessing) -> tuple[Decimal, str] | None:
    """What we agreed to pay for this request: what its conditions say, else the fee agreement of the day it was first
    sent. None where neither says anything."""
    if known.cost is not None:
        return known.cost, known.currency
    if known.asked is None or not about.agreements.agreements:
        return None
    said = charge(
        Facts(day=known.asked, direction="borrowing", service=known.service, pages=pages_of(known.pages),
              international=is_abroad(about.invoice.library, about.agreements.home)), about.terms(known.asked))
    return None if said.version is None else (said.total, said.currency or about.own)


def agreed_of(ills: Iterable[int], invoice: PayableInvoice) -> dict[int, Decimal | None]:
    """Requests of ours by key → what was agreed for each, in the invoice's currency; None where nothing was."""
    about = Assessing(invoice)
    return {known.pk: _in_currency(agreed(known, about), about)[0] for known in _known(Q(pk__in=list(ills)))}


def assess(lines: Sequence[PayableLine], about: Assessing) -> None:
    """Sets ill, agreed, result and found of each; stores nothing. What a person chose stays matched to it."""
    for at in range(0, len(lines), A_SLICE):
        _slice(lines[at:at + A_SLICE], about)


def _slice(lines: Sequence[PayableLine], about: Assessing) -> None:
    knowns: dict[int, Known] = {}
    matches = _matches([line for line in lines if not line.chosen], about, knowns)
    chosen = {line.ill_id for line in lines if line.chosen and line.ill_id} - set(knowns)
    knowns |= {row.pk: row for row in _known(Q(pk__in=chosen))} if chosen else {}
    for line in lines:
        match = matches.get(id(line))
        row = {"row": line.found["row"]} if line.found.get("row") else {}  # of the file it was read from
        if match is not None:
            line.ill_id = match.ill
            line.found = row | {"candidates": [[one.ill, one.score, list(one.reasons)] for one in match.candidates]}
        else:
            line.found = row | {"candidates": line.found.get("candidates", [])}
    facts = _facts(lines, knowns, about)
    for line in lines:
        match = matches.get(id(line))
        if line.ill_id is None:
            several = match is not None and match.kind == matching.CANDIDATES
            line.agreed = None
            line.result = results.CREDIT if line.amount < 0 else results.CANDIDATES if several else results.NOT_FOUND
            continue
        said = facts[id(line)]
        result = results.of(line.amount, line.what, said, tolerance=about.tolerance)
        line.agreed, line.result = said.agreed, result.code
        line.found |= {name: value for name, value in (
            ("before", said.before), ("event", said.cancelled or said.wrong_item), ("supplier", said.supplier),
            ("rate", said.no_rate),
            ("difference", None if result.difference is None else str(result.difference)),
        ) if value}


# --- matching ------------------------------------------------------------------------------------------------


def _matches(lines: Sequence[PayableLine], about: Assessing, knowns: dict[int, Known]) -> dict[int, Match]:
    asked = {id(line): Line(line.number, line.theirs, line.external, line.title, line.dated, line.amount,
                            about.invoice.currency) for line in lines}
    numbers = {key: matching.numbers_of(line) for key, line in asked.items()}
    found = Found()
    wanted = {number for some in numbers.values() for number in some}
    if wanted:
        found.by_number = {row.number: row for row in _known(Q(number__in=wanted))}
    bare = [line for key, line in asked.items() if not any(one in found.by_number for one in numbers[key])]
    if bare:
        _by_other_numbers(bare, found, about)
    for row in (*found.by_number.values(), *(one for some in (*found.by_external.values(), *found.by_theirs.values())
                                             for one in some)):
        knowns[row.pk] = row
    library, matched = about.invoice.library_id or 0, {}
    for key, line in asked.items():
        matched[key] = matching.match(line, found, library=library, plain_external=references.plain)
    lost = [key for key, match in matched.items() if match.kind == matching.NONE and asked[key].title]
    if lost:
        if about.titles is None:
            about.titles = _titles(about)
        found.by_title = about.titles
        for key in lost:
            matched[key] = matching.match(asked[key], found, library=library, plain_external=references.plain)
    return matched


def _by_other_numbers(lines: list[Line], found: Found, about: Assessing) -> None:
    texts = {text for line in lines for text in matching.theirs_of(line)}
    if not texts:
        return
    by_ill: dict[int, list[tuple[dict, str]]] = {}
    dialogues = Dialogue.objects.filter(library=about.invoice.library_id, role=Dialogue.REQUESTER).filter(
        Q(their_number__in=texts) | Q(request_id__in=texts))
    for ill, theirs, request_id in dialogues.values_list("ill", "their_number", "request_id"):
        for text in {theirs, request_id} & texts:
            by_ill.setdefault(ill, []).append((found.by_theirs, text))
    for number, rows in references.find(texts).items():
        for row in rows:
            by_ill.setdefault(row.ill_id, []).append((found.by_external, number))
    for known in _known(Q(pk__in=by_ill)) if by_ill else ():
        for place, text in by_ill[known.pk]:
            place.setdefault(text, []).append(known)


# The slices of one long file ask for the same titles one after the other: the last ones are kept. A title alone never
# settles a match, so what changed of a request meanwhile settles nothing either.
_LAST: dict[tuple[int, date | None, int], matching.Titles] = {}


def _titles(about: Assessing) -> matching.Titles:
    newest = Dialogue.objects.filter(library=about.invoice.library_id).aggregate(newest=Max("pk"))["newest"] or 0
    key = (about.invoice.library_id or 0, about.invoice.dated, newest)
    if key not in _LAST:
        forget_titles()
        _LAST[key] = matching.Titles(_of_library(about))
    return _LAST[key]


def forget_titles() -> None:
    _LAST.clear()


def _of_library(about: Assessing) -> Iterable[Known]:
    """What we asked of this library lately, for lines that have only a title."""
    day = about.invoice.dated or date.max - _TITLES_FROM
    asked = Dialogue.objects.filter(library=about.invoice.library_id, role=Dialogue.REQUESTER)
    newest = asked.filter(opened__date__gte=day - _TITLES_FROM, opened__date__lte=day + timedelta(days=7)).order_by(
        "-pk").values_list("ill", flat=True)[:_MOST_TITLES]
    pks = list(dict.fromkeys(newest))
    for at in range(0, len(pks), A_SLICE):
        yield from _known(Q(pk__in=pks[at:at + A_SLICE]))


def _known(which: Q) -> list[Known]:
    """Two queries."""
    rows = list(ILLRequest.objects.filter(which, kind="borrowing").values_list(
        "pk", "number", "citation__title", "citation__part_title", "partner", "cost", "currency", "created",
        "service", "citation__pages"))
    libraries: dict[int, set[int]] = {}
    asked: dict[int, date] = {}
    dialogues = Dialogue.objects.filter(ill__in=[row[0] for row in rows], role=Dialogue.REQUESTER)
    for ill, library, opened in dialogues.values_list("ill", "library", "opened"):
        libraries.setdefault(ill, set()).add(library)
        asked[ill] = min(asked.get(ill, opened.date()), opened.date())
    return [
        Known(pk, number, f"{part} {title}".strip() if part else title,
              frozenset(libraries.get(pk, set()) | ({partner} if partner else set())),
              asked.get(pk, created.date()), cost, currency, service, pages)
        for pk, number, title, part, partner, cost, currency, created, service, pages in rows
    ]


# --- what else is known of a matched line ---------------------------------------------------------------------


def _facts(lines: Sequence[PayableLine], knowns: dict[int, Known], about: Assessing) -> dict[int, results.Facts]:
    ills = {line.ill_id for line in lines if line.ill_id is not None}
    if not ills:
        return {}
    states = {pk: (state, partner, symbol) for pk, state, partner, symbol in ILLRequest.objects.filter(
        pk__in=ills).values_list("pk", "state", "partner", "partner__symbol")}
    before = _before(ills, about)
    events = _events(ills)
    seen: dict[tuple[int, str], int] = {}
    found: dict[int, results.Facts] = {}
    for line in lines:
        if line.ill_id is None:
            continue
        known, (state, partner, symbol) = knowns[line.ill_id], states[line.ill_id]
        kind = _KIND_OF.get(line.what, "charge")
        amount, no_rate = _in_currency(agreed(known, about), about)
        told = _told(line, kind, before.get((line.ill_id, kind), []), seen.get((line.ill_id, kind)), about)
        if line.amount > 0:
            seen.setdefault((line.ill_id, kind), line.place)
        library = about.invoice.library_id
        found[id(line)] = results.Facts(
            agreed=amount, no_rate=no_rate, before=told,
            cancelled=events.get((line.ill_id, "cancelled"), 0) or -1 if state == "borrowing.cancelled" else 0,
            wrong_item=events.get((line.ill_id, "wrong_item"), 0),
            waiting=state in _WAITING,
            supplier=symbol if partner is not None and library is not None and partner != library else "",
        )
    return found


def _in_currency(said: tuple[Decimal, str] | None, about: Assessing) -> tuple[Decimal | None, str]:
    """What was agreed, in the invoice's currency by the rates of its date; and the currency whose rate is missing."""
    billed = about.invoice.currency
    if said is None or said[1] == about.invoice.currency:
        return (said[0] if said else None), billed if about.rate(billed) is None else ""
    theirs, ours = about.rate(said[1]), about.rate(billed)
    if theirs is None or ours is None:
        return None, billed if ours is None else said[1]
    return (said[0] * theirs / ours).quantize(money.CENT), ""


def _before(ills: set[int], about: Assessing) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """What was charged for these requests: booked by any way, or in a line of an invoice that is still open."""
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for ill, rows in costs_queries.charged(ills).items():
        for row in rows:
            if row.amount > 0:
                found.setdefault((ill, _KIND_OF.get(row.what, "charge")), []).append({
                    "booked": row.pk, "way": row.get_way_display(), "day": row.day.isoformat(),
                    "amount": str(row.amount), "source": [row.source_kind, row.source]})
    lines = PayableLine.objects.filter(
        ill__in=ills, amount__gt=0, booked=None, invoice__state__in=lifecycle.OPEN).exclude(result=results.TWICE)
    for pk, ill, what, invoice, number, place, symbol in lines.order_by("pk").values_list(
            "pk", "ill", "what", "invoice", "invoice__number", "place", "invoice__library__symbol"):
        found.setdefault((ill, _KIND_OF.get(what, "charge")), []).append({
            "line": pk, "invoice": invoice, "number": number, "place": place, "library": symbol})
    sources = {one["source"][1] for some in found.values() for one in some
               if one.get("source", [""])[0] == "payable_line"}
    if sources:
        of = dict(PayableLine.objects.filter(pk__in=sources).values_list("pk", "invoice__number"))
        invoices = dict(PayableLine.objects.filter(pk__in=sources).values_list("pk", "invoice"))
        for some in found.values():
            for one in some:
                if one.get("source", [""])[0] == "payable_line" and one["source"][1] in of:
                    one |= {"line": one["source"][1], "number": of[one["source"][1]],
                            "invoice": invoices[one["source"][1]]}
    return found


def _told(
    line: PayableLine, kind: str, before: list[dict[str, Any]], earlier: int | None, about: Assessing,
) -> dict[str, Any] | None:
    """The first place that charged for it, other than this line itself; of two lines the later one is told."""
    for row in before:
        if row.get("line") is not None and row["line"] == line.pk:
            continue
        if row.get("invoice") == about.invoice.pk and "booked" not in row:
            if row["place"] >= line.place:
                continue
        elif row.get("invoice") is not None and "booked" not in row and line.pk and row["line"] > line.pk:
            continue  # that one came later: it is told there
        return {name: value for name, value in row.items() if name != "source"}
    if earlier is not None:
        return {"line": True, "invoice": about.invoice.pk, "number": about.invoice.number, "place": earlier}
    return None


def _events(ills: set[int]) -> dict[tuple[int, str], int]:
    """Keys of the newest events of these requests that say: cancelled; the wrong item was sent (card 8)."""
    found: dict[tuple[int, str], int] = {}
    rows = Event.objects.filter(subject_kind="request", subject_id__in=ills)
    cancelled = rows.filter(name__in=[f"request.{action}" for action in _CANCELLED])
    for pk, ill in cancelled.order_by("pk").values_list("pk", "subject_id"):
        found[ill, "cancelled"] = pk
    for pk, ill in rows.filter(data__problem="wrong_item").order_by("pk").values_list("pk", "subject_id"):
        found[ill, "wrong_item"] = pk
    return found
