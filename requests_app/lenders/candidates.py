"""Who could lend: the whole directory as the ranking sees it, and who of it is known to hold what is wanted.

A fixed number of queries, whatever the number of libraries; columns instead of models, since thousands are read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.utils import timezone

from illdesk.calendars import Days, NeverOpen
from illdesk.models import Calendar, Institution
from illdesk.models.calendar import days_of
from requests_app import checked, lifecycle
from requests_app.lenders import names, past
from requests_app.lenders.ranking import Lender, Wanted
from requests_app.lenders.rules import Rule, number
from requests_app.models import (
    ILLRequest,
    Library,
    LibraryGroup,
    LibrarySymbol,
    LoanPolicy,
    RotaEntry,
    Suspension,
)
from requests_app.verification.records import Held, from_json

_COLUMNS = (
    "pk", "name", "symbol", "agency_type", "agency_value", "locality", "region", "country", "active", "calendar_id",
    "answer_days_loan", "answer_days_copy", "policy__takes_requests", "policy__lends_books", "policy__makes_copies",
    "policy__charge_loan", "policy__charge_copy", "policy__currency", "policy__ships_by",
)


@dataclass(frozen=True)
class Directory:
    """All libraries at one moment, for one set of rules. `for_loans`, `for_copies`: what they differ in is their
    days to answer, their charges and what they take."""

    for_loans: tuple[Lender, ...]
    for_copies: tuple[Lender, ...]
    index: names.Index
    us: names.Ours
    institution: Institution | None
    policy: LoanPolicy
    past: past.Past
    today: date

    def lenders(self, service: str) -> tuple[Lender, ...]:
        return self.for_copies if service == lifecycle.COPY else self.for_loans


def our_names(institution: Institution | None) -> names.Ours:
    if institution is None:
        return names.Ours()
    return names.ours(
        symbol=institution.symbol, agency_type=institution.agency_type, agency_value=institution.agency_value,
        oclc_symbol=institution.oclc_symbol, registry_id=institution.registry_id,
    )


def is_one_of_ours(library: Library, us: names.Ours) -> bool:
    """Is this entry of the directory our own library, by any of its symbols? One query at most."""
    main = [names.key("", library.symbol), names.key(library.agency_type, library.agency_value)]
    if us.is_one(main):
        return True
    further = library.symbols.values_list("agency_type", "agency_value")
    return us.is_one(names.key(*pair) for pair in further)


def directory(rules: Iterable[Rule], *, now: datetime) -> Directory:
    by_code = {rule.code: rule for rule in rules}
    policy = LoanPolicy.current()
    institution = Institution.objects.filter(pk=1).first()
    us, index = our_names(institution), names.Index()
    outcomes = past.outcomes(
        now=now, months=number(by_code, "fills", "months"), lately_days=number(by_code, "share", "days")
    )
    today = timezone.localtime(now).date()
    symbols, groups, suspended = _symbols(), _groups(), _suspended(today)
    closing = _closing(now)
    for_loans: list[Lender] = []
    for_copies: list[Lender] = []
    for values in Library.objects.order_by().values_list(*_COLUMNS):
        row = dict(zip(_COLUMNS, values, strict=True))
        typed = [names.key(row["agency_type"], row["agency_value"]), *symbols.get(row["pk"], ())]
        index.add(row["pk"], row["symbol"], typed)
        record = outcomes.by_library.get(row["pk"], past.Record())
        same = {
            "pk": row["pk"], "name": row["name"], "symbol": row["symbol"], "locality": row["locality"],
            "region": row["region"], "country": row["country"], "in_use": row["active"],
            "ours": us.is_one([names.key("", row["symbol"]), *typed]), "suspended": row["pk"] in suspended,
            "suspended_until": suspended.get(row["pk"]), "groups": groups.get(row["pk"], ()),
            "currency": row["policy__currency"] or "", "ships_by": row["policy__ships_by"] or "",
            "supplied": record.supplied, "failed": record.failed, "arrived": record.arrived, "days": record.days,
            "lately": record.lately,
        }
        for found, days, takes, charge in (
            (for_loans, "answer_days_loan", "policy__lends_books", "policy__charge_loan"),
            (for_copies, "answer_days_copy", "policy__makes_copies", "policy__charge_copy"),
        ):
            own = policy.lender_days if row[days] is None else row[days]
            found.append(Lender(
                **same, answer_days=own, charge=row[charge],
                takes=row["policy__takes_requests"] is not False and row[takes] is not False,
                **closing(row["calendar_id"], own),
            ))
    return Directory(tuple(for_loans), tuple(for_copies), index, us, institution, policy, outcomes, today)


def _symbols() -> dict[int, list[names.Key]]:
    found: dict[int, list[names.Key]] = {}
    for pk, kind, value in LibrarySymbol.objects.order_by("pk").values_list("library", "agency_type", "agency_value"):
        found.setdefault(pk, []).append(names.key(kind, value))
    return found


def _groups() -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    rows = LibraryGroup.objects.exclude(libraries=None).order_by("name", "pk")
    for pk, kind, name in rows.values_list("libraries", "kind", "name"):
        found[pk] = (*found.get(pk, ()), (kind, name))
    return found


def _suspended(today: date) -> dict[int, date | None]:
    """Library → last day of its suspension; None until further notice."""
    rows = Suspension.objects.filter(first__lte=today).exclude(last__lt=today).order_by("last")
    found: dict[int, date | None] = {}
    for pk, last in rows.values_list("library", "last"):
        found[pk] = None if last is None or found.get(pk, last) is None else last
    return found


def _closing(now: datetime) -> Callable[[int | None, int], dict]:
    """By calendar and days to answer: until when it has to, and how many working days closures take until then.
    Few calendars serve many libraries, so each pair is counted once."""
    calendars: dict[int | None, Days] = {
        row.pk: days_of(row) for row in Calendar.objects.prefetch_related("closed_days")
    }
    calendars[None] = days_of(None)

    @cache
    def closing(calendar: int | None, answer_days: int) -> dict:
        days = calendars[calendar]
        try:
            until = days.today(days.deadline(now, answer_days))
        except NeverOpen:
            return {"answer_by": None, "never_open": True}
        return {"answer_by": until, "closed_days": days.closed_between(days.today(now), until)}

    return closing


# --- what one request wants ---------------------------------------------------------------------------


def holdings(ills: Iterable[ILLRequest]) -> dict[int, tuple[Held, ...]]:
    """Of each request what its checks know. Two queries."""
    return {ill: from_json({"held": known.held}).held for ill, known in checked.of(ills).items()}


def asked(ills: Iterable[ILLRequest]) -> dict[int, dict[int, RotaEntry]]:
    """Of each request the libraries that were asked, each with its last outcome. One query."""
    found: dict[int, dict[int, RotaEntry]] = {}
    rows = RotaEntry.objects.filter(ill__in=list(ills)).exclude(state__in=[RotaEntry.WAITING, RotaEntry.SKIPPED])
    for entry in rows.order_by("place"):
        found.setdefault(entry.ill_id, {})[entry.library_id] = entry
    return found


def wanted(
    ill: ILLRequest, known: Directory, *, held: Mapping[int, tuple[Held, ...]],
    asked: Mapping[int, RotaEntry] | None = None,
) -> Wanted:
    """What this request needs of a lender: no query. Its own cap (the patron's, or what we accepted since) holds
    where there is one, else the department's."""
    us, policy, citation = known.institution, known.policy, ill.citation
    own_cap = ill.max_cost is not None
    return Wanted(
        service=ill.service, volume=citation.volume, year=citation.year,
        oclc="".join(char for char in citation.oclc if char.isdigit()), any_edition=citation.any_edition,
        # A day that has passed is too late for each of them alike.
        need_by=ill.need_by if ill.need_by and ill.need_by >= known.today else None,
        cap=ill.max_cost if own_cap else policy.max_cost,
        currency=ill.currency if own_cap else policy.currency, held=held,
        asked={pk: entry.get_state_display() for pk, entry in (asked or {}).items()},
        locality=us.locality if us else "", region=us.region if us else "", country=us.country if us else "",
        usual_days=policy.lender_days, average_fill=known.past.average_fill, average_days=known.past.average_days,
    )
