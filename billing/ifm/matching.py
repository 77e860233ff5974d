"""Lines of a report compared with our requests, both ways: which request, was it shipped, as agreed, charged before.

Reads only. A handful of queries for a report, however many lines; everything is decided in the order of the days, so
that of two charges for one request the later is the second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.db.models.functions import Upper

from billing.costs import queries as costs
from billing.costs.models import Booked
from billing.ifm import FEES, FINE, NUMBERS_OF
from billing.ifm.models import NetworkLine, NetworkPolicy
from illdesk.models import Event
from requests_app import lifecycle, references
from requests_app.models import Dialogue, ILLRequest, Library, LibrarySymbol

# What says that the lender shipped: the network charges then (RULES.md M1). Received counts too, where the lender's
# message never came.
SHIPPED = {
    lifecycle.BORROWING: ("request.lender_shipped", "request.lender_sent_copy", "request.receive",
                          "request.receive_copy", "request.file_arrived"),
    lifecycle.LENDING: ("request.ship", "request.deliver_scan", "request.mail_copy"),
}
_SLICE = 1000
NOTHING = Decimal("0.00")


@dataclass
class Known:
    """What lines are compared with. `held`: what a request was charged net of refunds, by (request, is it a cost)."""

    references: dict[str, list[Any]] = field(default_factory=dict)
    numbers: dict[str, list[ILLRequest]] = field(default_factory=dict)
    shipped: dict[int, datetime] = field(default_factory=dict)
    booked: dict[tuple[int, bool], list[Booked]] = field(default_factory=dict)
    held: dict[tuple[int, bool], Decimal] = field(default_factory=dict)
    earlier: dict[tuple, list[NetworkLine]] = field(default_factory=dict)
    libraries: dict[str, Library] = field(default_factory=dict)
    policy: NetworkPolicy = field(default_factory=NetworkPolicy)


def compare(lines: Sequence[NetworkLine]) -> None:
    """Sets request, library, result, agreed, before and state of lines that nobody decided on. Nothing is stored."""
    lines = [line for line in lines if line.decided is None and line.state in (line.OPEN, line.READY)]
    if not lines:
        return
    known = _known(lines)
    # A charge comes before its refund where both are of one day.
    for line in sorted(lines, key=lambda one: (one.day, one.comes_back, one.row)):
        _compare(line, known)


def _compare(line: NetworkLine, known: Known) -> None:
    line.before = line.instead = line.agreed = line.ill = None
    line.dummy = False
    line.library = known.libraries.get(line.symbol.upper())
    result = _request_of(line, known)
    result = result or _changed(line, known)
    if not result:
        result = _fee(line, known) if line.kind in FEES else "dummy" if line.dummy else (
            _refund(line, known) if line.comes_back else _charge(line, known))
    line.result = result
    line.state = line.READY if result in FINE else line.OPEN
    if line.ill is not None and line.state == line.READY and line.kind not in FEES and not line.dummy:
        key = (line.ill.pk, line.is_cost)
        known.held[key] = known.held.get(key, NOTHING) + (-line.amount if line.comes_back else line.amount)


def _request_of(line: NetworkLine, known: Known) -> str:
    """Finds the request; a result where there is none, or several."""
    if not line.number:
        return ""  # fees of a whole month have none
    kind = lifecycle.BORROWING if line.is_cost else lifecycle.LENDING
    rows = [row for row in known.references.get(line.number, []) if row.ill.kind == kind]
    loan = {row.ill_id: row for row in rows if row.dummy}
    if loan:
        if len(loan) > 1:
            return "several"
        row = next(iter(loan.values()))
        line.ill, line.dummy = row.ill, True
        line.library = line.library or row.ill.partner
        return ""
    found = {row.ill_id: row.ill for row in rows}
    if not found:
        found = {ill.pk: ill for ill in known.numbers.get(line.number, []) if ill.kind == kind}
    if len(found) > 1 and line.library is not None:  # some numbers are given anew after years
        found = {pk: ill for pk, ill in found.items() if ill.partner_id == line.library.pk} or found
    if not found:
        return "no_request"
    if len(found) > 1:
        return "several"
    line.ill = next(iter(found.values()))
    line.library = line.library or line.ill.partner
    return ""


def _changed(line: NetworkLine, known: Known) -> str:
    """An earlier report had this request's line of this day and kind with another amount, and does not have it now."""
    for other in known.earlier.get(_place(line), []):
        if other.pk != line.pk and other.amount != line.amount and other.seen_id < line.report_id:
            line.instead = other
            return "changed"
    return ""


def _charge(line: NetworkLine, known: Known) -> str:
    ill = line.ill
    assert ill is not None
    key = (ill.pk, line.is_cost)
    line.agreed = ill.cost if ill.cost is not None and ill.currency == line.currency else None
    if known.held.get(key, NOTHING) > 0:
        line.before = next((row for row in known.booked.get(key, []) if row.amount > 0 and row.what != "fee"), None)
        return "twice"
    if ill.pk not in known.shipped:
        return "not_filled"
    if line.agreed is not None and line.agreed != line.amount:
        return "amount"
    return "matched"


def _refund(line: NetworkLine, known: Known) -> str:
    ill = line.ill
    assert ill is not None
    key = (ill.pk, line.is_cost)
    line.before = next((row for row in known.booked.get(key, []) if row.amount > 0 and row.what != "fee"), None)
    held = known.held.get(key, NOTHING)
    if held <= 0:
        return "no_original"
    return "too_much" if line.amount > held else "refund"


def _fee(line: NetworkLine, known: Known) -> str:
    """Of a filled request; without a number, of all of a month together: a multiple of the fee."""
    fee = known.policy.fee
    if line.currency != known.policy.fee_currency or not fee:
        return "fee"
    if line.ill is None:
        return "fee" if line.amount % fee == 0 else "fee_amount"
    if line.kind == "fee" and not line.dummy and line.ill.pk not in known.shipped:
        return "not_filled"
    return "fee" if line.amount == fee else "fee_amount"


def _place(line: NetworkLine) -> tuple:
    return line.system, line.deposit_id, line.number, line.day, line.kind


# --- what is known ---------------------------------------------------------------------------------------------


def _known(lines: Sequence[NetworkLine]) -> Known:
    numbers = sorted({line.number for line in lines} - {""})
    systems = {NUMBERS_OF[line.system] for line in lines}
    known = Known(policy=NetworkPolicy.current())
    for system in systems:
        for number, rows in references.find(numbers, system=system).items():
            known.references.setdefault(number, []).extend(rows)
    known.numbers = _by_our_numbers({line.number: line.written for line in lines if line.number})
    ills = {row.ill_id for rows in known.references.values() for row in rows}
    ills |= {ill.pk for rows in known.numbers.values() for ill in rows}
    known.shipped = shipped(ills)
    for is_cost, side in ((True, Booked.COST), (False, Booked.INCOME)):
        for some in _slices(sorted(ills)):
            for pk, booked in costs.charged(some, side=side).items():
                known.booked[pk, is_cost] = booked
                # Dummy requests and fees are beside the charge itself.
                known.held[pk, is_cost] = sum(
                    (row.amount for row in booked if row.what != "fee" and not row.dummy), NOTHING)
    known.earlier = _earlier(numbers)
    symbols = sorted({line.symbol.upper() for line in lines} - {""})
    known.libraries = _libraries(symbols)
    return known


def shipped(ills: Iterable[int]) -> dict[int, datetime]:
    """When each was first shipped, as its events say. One query a thousand."""
    found: dict[int, datetime] = {}
    names = [name for some in SHIPPED.values() for name in some]
    for some in _slices(sorted(ills)):
        rows = Event.objects.filter(subject_kind="request", subject_id__in=some, name__in=names).order_by("pk")
        for pk, at in rows.values_list("subject_id", "at"):
            found.setdefault(pk, at)
    return found


def _by_our_numbers(written: dict[str, str]) -> dict[str, list[ILLRequest]]:
    """Under our own number, or under the id of the dialogue with the library (theirs, when we lend)."""
    found: dict[str, list[ILLRequest]] = {}
    by_written: dict[str, set[str]] = {}
    for number, text in written.items():
        for word in {text, text.upper(), number}:
            by_written.setdefault(word, set()).add(number)
    for some in _slices(sorted(by_written)):
        for ill in ILLRequest.objects.filter(number__in=some).select_related("partner"):
            for number in by_written[ill.number]:
                found.setdefault(number, []).append(ill)
        dialogues = Dialogue.objects.filter(Q(request_id__in=some) | Q(their_number__in=some))
        for row in dialogues.select_related("ill", "ill__partner"):
            for word in {row.request_id, row.their_number}:
                for number in by_written.get(word, ()):
                    found.setdefault(number, []).append(row.ill)
    return found


def _earlier(numbers: list[str]) -> dict[tuple, list[NetworkLine]]:
    """Lines of earlier reports. A report that has the old line too (it was `seen` there) says that both stand."""
    found: dict[tuple, list[NetworkLine]] = {}
    for some in _slices(numbers):
        rows = NetworkLine.objects.filter(number__in=some, state__in=[NetworkLine.BOOKED, NetworkLine.READY])
        for row in rows:
            found.setdefault(_place(row), []).append(row)
    return found


def _libraries(symbols: list[str]) -> dict[str, Library]:
    found: dict[str, Library] = {}
    for some in _slices(symbols):
        rows = LibrarySymbol.objects.annotate(upper=Upper("agency_value")).filter(upper__in=some)
        for symbol in rows.select_related("library"):
            found[symbol.upper] = symbol.library
        for library in Library.objects.annotate(upper=Upper("symbol")).filter(upper__in=some):
            found[library.upper] = library
    return found


def _slices(values: Sequence) -> Iterable[Sequence]:
    return (values[at:at + _SLICE] for at in range(0, len(values), _SLICE))


def month_of(day: date) -> date:
    return day.replace(day=1)
