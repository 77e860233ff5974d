"""In which order lenders are asked, and why: rules applied to what is known of each library. Pure.

Every rule that has something to say about a library says it with the points that it gives or takes; what excludes
a library says so too. The same libraries, wishes and rules always give the same order.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from requests_app.lenders import rules as table
from requests_app.lenders.reasons import Reason, Said, money
from requests_app.lenders.rules import KINDS, Rule
from requests_app.verification import volumes
from requests_app.verification.records import Held

LOAN = "loan"
CONSORTIUM, RECIPROCAL = "consortium", "reciprocal"


@dataclass(frozen=True, slots=True)
class Lender:
    """What is known of one library, for a loan or for a copy, on the day on which it would be asked.

    `answer_by`: until when it would have to answer; None when its calendar has no working day for years.
    `closed_days`: working days that its closed days take until then. `supplied`, `failed`: what came of our
    requests within the months looked at; `arrived`: how many of them `days` (from asking to arrival, on average)
    is counted from. `lately`: how often it was asked within the days looked at.
    """

    pk: int
    name: str
    symbol: str = ""
    locality: str = ""
    region: str = ""
    country: str = ""
    ours: bool = False
    in_use: bool = True
    takes: bool = True
    suspended: bool = False
    suspended_until: date | None = None
    answer_days: int = 4
    answer_by: date | None = None
    closed_days: int = 0
    never_open: bool = False
    charge: Decimal | None = None
    currency: str = ""
    ships_by: str = ""
    groups: tuple[tuple[str, str], ...] = ()  # kind and name
    supplied: int = 0
    failed: int = 0
    arrived: int = 0
    days: float = 0.0
    lately: int = 0

    @property
    def agreed_free(self) -> bool:
        return any(kind == RECIPROCAL for kind, _name in self.groups)


@dataclass(frozen=True)
class Wanted:
    """What one request needs of a lender, and the averages that lenders are measured against.

    `held`, `asked`: by the library's key; what came of it when it was asked for this request, in words.
    `cap`: what it may cost. `usual_days`: days to answer where a library has none of its own.
    """

    service: str = LOAN
    volume: str = ""
    year: str = ""
    oclc: str = ""
    any_edition: bool = False
    need_by: date | None = None
    cap: Decimal | None = None
    currency: str = ""
    held: Mapping[int, tuple[Held, ...]] = field(default_factory=dict)
    asked: Mapping[int, object] = field(default_factory=dict)
    locality: str = ""
    region: str = ""
    country: str = ""
    usual_days: int = 4
    average_fill: float = 0.5
    average_days: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    place: int  # 1 first
    lender: Lender
    points: float
    reasons: tuple[Reason, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`final`: the step itself would refuse it. Else staff may still choose it."""

    lender: Lender
    reasons: tuple[Reason, ...]
    final: bool
    held: bool


@dataclass(frozen=True)
class Ranking:
    offered: tuple[Placed, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def rank(lenders: Iterable[Lender], wanted: Wanted, rules: Iterable[Rule]) -> Ranking:
    in_force = {rule.code: rule for rule in rules}
    for kind in KINDS:
        if kind.locked:
            in_force[kind.code] = table.default(kind.code)
    on = [(kind, in_force[kind.code]) for kind in KINDS if kind.code in in_force and in_force[kind.code].on]
    refusing = [(kind, _EXCLUDES[kind.code], rule) for kind, rule in on if kind.excludes]
    giving = [(kind.code, _GIVES[kind.code], rule) for kind, rule in on if kind.weight is not None and rule.weight]
    held_first = any(kind.code == "held_first" for kind, _rule in on)
    offered: list[tuple[tuple, Lender, float, tuple[Reason, ...], bool]] = []
    left_out: list[LeftOut] = []
    for lender in lenders:
        held = lender.pk in wanted.held
        against = [(kind, said) for kind, why, rule in refusing if (said := why(lender, wanted, rule))]
        if against:
            final = any(kind.locked for kind, _said in against)
            reasons = tuple(Reason(kind.code, 0.0, *said) for kind, said in against)
            left_out.append(LeftOut(lender, reasons, final, held))
            continue
        found = []
        for code, how_much, rule in giving:
            if given := how_much(lender, wanted, rule):
                found.append(Reason(code, given[0] * rule.weight, *given[1:]))
        points = sum(reason.points for reason in found)
        key = (not (held and held_first), -round(points, 6), lender.name.casefold(), lender.pk)
        offered.append((key, lender, points, tuple(sorted(found, key=lambda one: -abs(one.points))), held))
    offered.sort(key=lambda row: row[0])
    left_out.sort(key=lambda row: (not row.held, row.final, row.lender.name.casefold(), row.lender.pk))
    return Ranking(
        tuple(Placed(place, *row[1:]) for place, row in enumerate(offered, 1)), tuple(left_out)
    )


# --- what keeps a library out: None, or what is said about it ------------------------------------------


def _closed(lender: Lender, wanted: Wanted, rule: Rule) -> Said | None:
    if lender.never_open:
        return "never_open", {}
    if lender.closed_days > lender.answer_days and lender.answer_by is not None:
        return "closed", {"day": lender.answer_by}
    return None


def _takes_none(lender: Lender, wanted: Wanted, rule: Rule) -> Said | None:
    if not lender.in_use:
        return "not_in_use", {}
    if lender.takes:
        return None
    return ("lends_none" if wanted.service == LOAN else "copies_none"), {}


def _suspended(lender: Lender, wanted: Wanted, rule: Rule) -> Said | None:
    if not lender.suspended:
        return None
    return ("suspended_until", {"day": lender.suspended_until}) if lender.suspended_until else ("suspended", {})


def _asked(lender: Lender, wanted: Wanted, rule: Rule) -> Said | None:
    said = wanted.asked.get(lender.pk)
    return ("asked", {"outcome": said}) if said is not None else None


def _not_lendable(lender: Lender, wanted: Wanted, rule: Rule) -> Said | None:
    rows = wanted.held.get(lender.pk, ())
    if wanted.service != LOAN or not rows or any(row.lendable is not False for row in rows):
        return None
    return "not_lendable", {}


def _charge(lender: Lender) -> Decimal | None:
    """What it would charge, where that is known."""
    return Decimal(0) if lender.agreed_free else lender.charge


def _over_cap(lender: Lender, wanted: Wanted, rule: Rule) -> Said | None:
    charge = _charge(lender)
    if not charge or wanted.cap is None or lender.currency != wanted.currency or charge <= wanted.cap:
        return None
    return "over_cap", {"charge": money(lender.currency, charge), "cap": money(wanted.currency, wanted.cap)}


_Excludes = Callable[[Lender, Wanted, Rule], Said | None]
_EXCLUDES: dict[str, _Excludes] = {
    "ourselves": lambda lender, wanted, rule: ("ourselves", {}) if lender.ours else None,
    "takes_none": _takes_none, "suspended": _suspended, "closed": _closed, "asked": _asked,
    "not_lendable": _not_lendable, "over_cap": _over_cap,
}


# --- what gives or takes points: None, or a share of the weight between -1 and 1, and what is said ------------

Given = tuple[float, str, dict[str, object]] | None


def _exact(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    rows = wanted.held.get(lender.pk, ())
    summaries = [row.volumes for row in rows if row.volumes]
    if wanted.volume and summaries:
        said = [volumes.covers(summary, wanted.volume, wanted.year) for summary in summaries]
        if True in said:
            return 1.0, "has_volume", {"volume": wanted.volume}
        return (-1.0, "lacks_volume", {"volumes": summaries[0]}) if None not in said else None
    numbers = [row.record_id.lstrip("0") for row in rows if row.symbol_type == "OCLC" and row.record_id.isdigit()]
    if not wanted.oclc or not numbers:
        return None
    if wanted.oclc.lstrip("0") in numbers:
        return 1.0, "this_edition", {}
    return None if wanted.any_edition else (-1.0, "another_edition", {})


def _available(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    rows = wanted.held.get(lender.pk, ())
    if any(row.available for row in rows):
        return 1.0, "on_shelf", {}
    if rows and all(row.available is False for row in rows):
        note = next((row.note for row in rows if row.note), "")
        return -1.0, "checked_out_note" if note else "checked_out", {"note": note[:100]}
    return None


def _use_only(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    rows = wanted.held.get(lender.pk, ())
    if wanted.service != LOAN or not rows:
        return None
    known = table.words(rule)
    marked = [any(word in f"{row.note} {row.location}".casefold() for word in known) for row in rows]
    return (-1.0, "use_only", {}) if all(marked) else None


def _retained(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    rows = wanted.held.get(lender.pk, ())
    if wanted.service != LOAN or not rows or not all(row.retained for row in rows):
        return None
    return -1.0, "retained", {}


def _group(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    only = rule.parameters.get("which") != "any"
    name = next((name for kind, name in lender.groups if kind == CONSORTIUM or not only), None)
    return None if name is None else (1.0, "group", {"group": name})


def _free(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    if lender.agreed_free:
        return 1.0, "agreed_free", {}
    return (1.0, "no_charge", {}) if lender.charge == 0 else None


def _cost(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    charge = _charge(lender)
    if not charge:
        return None
    said: dict[str, object] = {"charge": money(lender.currency, charge)}
    if lender.currency != wanted.currency or wanted.cap is None:
        return 0.0, "charges_otherwise", said
    return -float(min(charge / wanted.cap, Decimal(1)) if wanted.cap else 1), "charges", said


def _fills(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    """Between what it filled and the average lie a few average answers, so that three of three are no 100 %."""
    answers = lender.supplied + lender.failed
    if answers < int(rule.parameters["cases"]):
        return None
    prior, average = int(rule.parameters["prior"]), wanted.average_fill
    rate = (lender.supplied + prior * average) / (answers + prior)
    room = 1 - average if rate >= average else average
    value = (rate - average) / room if room else 0.0
    return value, "filled", {"supplied": lender.supplied, "n": answers}


def _fast(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    if lender.arrived < int(rule.parameters["cases"]):
        return None
    both = wanted.average_days + lender.days
    value = (wanted.average_days - lender.days) / both if both else 0.0
    return value, "arrives_in", {"n": max(round(lender.days), 1)}


def _answers(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    if wanted.need_by and lender.answer_by and lender.answer_by > wanted.need_by:
        return -1.0, "answers_late", {"day": lender.answer_by}
    own, usual = lender.answer_days, wanted.usual_days
    if own == usual:
        return None
    return (usual - own) / max(own, usual), "answers_in", {"n": own}


def _near(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    """A copy comes by wire from wherever it is."""
    if wanted.service != LOAN:
        return None
    ships = lender.ships_by.casefold()
    if ships and any(word in ships for word in table.words(rule)):
        return 1.0, "by_courier", {}
    if wanted.country and lender.country and lender.country != wanted.country:
        return -1.0, "abroad", {}
    if not wanted.region or lender.region.casefold() != wanted.region.casefold():
        return None
    if wanted.locality and lender.locality.casefold() == wanted.locality.casefold():
        return 1.0, "in_town", {}
    return 0.6, "in_region", {}


def _share(lender: Lender, wanted: Wanted, rule: Rule) -> Given:
    if not lender.lately:
        return None
    value = -min(lender.lately / int(rule.parameters["many"]), 1.0)
    return value, "asked_lately", {"n": lender.lately, "days": rule.parameters["days"]}


_GIVES: dict[str, Callable[[Lender, Wanted, Rule], Given]] = {
    "exact": _exact, "available": _available, "use_only": _use_only, "retained": _retained, "group": _group,
    "free": _free, "cost": _cost, "fills": _fills, "fast": _fast, "answers": _answers, "near": _near,
    "share": _share,
}
