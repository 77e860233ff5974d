"""What a compliance audit asks of a year: every copy request that was sent, and whether the records agree.

Requests that ended unfilled or cancelled are among them (C17); no patron's name is. Those sent without a row in the
ledger (before it was kept, or by a fault) are listed after the others, and found by a check.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app import lifecycle
from requests_app.copyright import listed, report, rule_sets, rules, texts, words
from requests_app.models import CopyrightDecision, CopyrightUse, Dialogue, ILLRequest
from requests_app.models.libraries import us_countries

SHOWN = 20
_B, _L = lifecycle.PREFIXES["borrowing"], lifecycle.PREFIXES["lending"]


@dataclass(frozen=True)
class Check:
    """A question to the records. `found(year)`: how many contradict it, and numbers of the first of them; `fault`:
    False where what is found is no fault but must be shown."""

    code: str
    words: str | Promise
    found: Callable[[int], tuple[int, list[str]]]
    fault: bool = True


@dataclass(frozen=True)
class Finding:
    check: Check
    count: int
    numbers: list[str]

    @property
    def good(self) -> bool:
        return not self.count


def findings(year: int) -> list[Finding]:
    return [Finding(check, *check.found(year)) for check in CHECKS]


# --- what is asked -------------------------------------------------------------------------------------------------


def _uses(year: int) -> QuerySet[CopyrightUse]:
    return CopyrightUse.objects.filter(year=year)


def _live(year: int) -> QuerySet[CopyrightUse]:
    return _uses(year).exclude(state=CopyrightUse.FREED)


def _told(rows: QuerySet, name: str = "number") -> tuple[int, list[str]]:
    """How many, and what names the first of them."""
    count = rows.count()
    return count, [str(one) for one in rows.order_by("pk").values_list(name, flat=True)[:SHOWN]] if count else []


def _places_twice(year: int) -> tuple[int, list[str]]:
    placed = _live(year).filter(place__isnull=False).order_by()
    twice = placed.values("title_id", "place").annotate(n=Count("pk")).filter(n__gt=1)
    return twice.count(), [f"{name} ({place})" for name, place in twice.values_list("title__name", "place")[:SHOWN]]


def _places_beyond(year: int) -> tuple[int, list[str]]:
    return _told(_live(year).filter(place__isnull=False).exclude(place__gte=1, place__lte=F("limit")))


def _unplaced(year: int) -> tuple[int, list[str]]:
    return _told(_live(year).filter(state__in=CopyrightUse.COUNTED, place=None, over=False))


def _over(year: int) -> tuple[int, list[str]]:
    return _told(_live(year).filter(over=True))


def _without_ground(year: int) -> tuple[int, list[str]]:
    return _told(_live(year).filter(state=CopyrightUse.OUTSIDE, ground=""))


def _another_year(year: int) -> tuple[int, list[str]]:
    return _told(_uses(year).exclude(asked_on__year=year))


def _dates(year: int) -> tuple[int, list[str]]:
    return _told(_live(year).filter(
        Q(state=CopyrightUse.USED, filled=None) | Q(state=CopyrightUse.HELD, filled__isnull=False)
    ))


def _ended_pending(year: int) -> tuple[int, list[str]]:
    ended = [code for code, state in lifecycle.STATES.items() if state.ended]
    return _told(_live(year).filter(state=CopyrightUse.HELD, ill__state__in=ended))


def _without_use(year: int) -> tuple[int, list[str]]:
    return _told(without_use(year))


def without_use(year: int) -> QuerySet[ILLRequest]:
    """Copy requests that first left in the year and have no row. By their numbers, which say the year they were asked
    in: this one or the one before."""
    asked = ILLRequest.objects.filter(
        number__gte=f"{_B}-{year - 1}-", number__lt=f"{_B}-{year + 1}-", kind=lifecycle.BORROWING,
        service=lifecycle.COPY,
    )
    first = Dialogue.objects.filter(ill=OuterRef("pk"), role=Dialogue.REQUESTER).order_by().values("ill")
    begins, ends = year_bounds(year)
    rows = asked.exclude(Exists(CopyrightUse.objects.filter(ill=OuterRef("pk"))))
    return rows.annotate(left=first.annotate(at=Min("opened")).values("at")[:1]).filter(
        left__gte=begins, left__lt=ends)


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """Of a calendar year in the library's time zone."""
    zone = timezone.get_default_timezone()
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def _rows_add_up(year: int) -> tuple[int, list[str]]:
    """The report's requests and corrections are the ledger's rows, and each request stands once in the list."""
    found = report.of_year(year)
    ledger = _uses(year).count()
    listed_once = listed.uses(year).filter(corrected=False).count()
    wrong = abs(found.rows - ledger) + abs(found.requests - listed_once)
    return wrong, [_("%(report)s in the report, %(ledger)s in the ledger") % {"report": found.rows, "ledger": ledger}
                   ] if wrong else []


def _lending_without(year: int) -> tuple[int, list[str]]:
    """C8: filled for a library of the United States (as `ILLRequest.lacks_compliance`), and it stated nothing."""
    filled = ["lending.finished", "lending.shipped"]
    return _told(ILLRequest.objects.filter(
        Q(partner=None) | Q(partner__country__in=us_countries()), number__gte=f"{_L}-{year}-",
        number__lt=f"{_L}-{year + 1}-", kind=lifecycle.LENDING, service=lifecycle.COPY, state__in=filled, compliance="",
    ))


CHECKS: tuple[Check, ...] = (
    Check("places_twice", gettext_lazy("Each place of a title is one request's alone."), _places_twice),
    Check("places_beyond", gettext_lazy("Each place lies between 1 and the limit of its rules."), _places_beyond),
    Check("unplaced", gettext_lazy("Each counted request has a place, or is listed as beyond the limit."), _unplaced),
    Check("over", gettext_lazy("Listed as beyond the limit, and waiting for a ground."), _over, fault=False),
    Check("ground", gettext_lazy("Each request sent as CCL has a ground."), _without_ground),
    Check("year", gettext_lazy("Each request is counted in the year of the day it first left."), _another_year),
    Check("dates", gettext_lazy("What is used has a day of filling, what is pending has none."), _dates),
    Check("ended", gettext_lazy("No place is pending for a request that has ended."), _ended_pending),
    Check("use", gettext_lazy("Each copy request that was sent is in the ledger."), _without_use),
    Check("rows", gettext_lazy("The report and this list hold exactly the rows of the ledger."), _rows_add_up),
    Check("lending", gettext_lazy("No copy was filled for a library of the United States that stated neither CCG nor "
                                  "CCL."), _lending_without),
)

# --- the list ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A copy request that was sent, as it is known now."""

    use: CopyrightUse | None
    number: str
    title: str
    article: str
    asked_on: Any
    filled_on: Any
    standing: str
    code: str
    ground: str
    who: str
    royalty: str
    rules: str
    warning: str
    lines: tuple[str, ...]
    numbers: str = ""


def of_year(year: int, *, after: int = 0, most: int | None = None) -> Iterator[Sent]:
    """One for each request of the ledger, by the order in which it left; `after`: the key of the last use shown."""
    uses = listed.uses(year).filter(corrected=False, pk__gt=after).select_related(
        "title", "by", "ill").order_by("pk")
    chunks = [list(uses[:most])] if most is not None else listed.in_chunks(uses)
    known = rule_sets.by_label()
    for chunk in chunks:
        numbers = listed.numbers_of(use.title_id for use in chunk)
        decided = newest_decisions(use.number for use in chunk)
        for use in chunk:
            yield _of_use(use, decided.get(use.number), numbers.get(use.title_id, ""), known)


def of_no_use(year: int) -> Iterator[Sent]:
    """Those sent without a row in the ledger."""
    for chunk in listed.in_chunks(without_use(year).select_related("citation", "compliance_by").order_by("pk")):
        decided = newest_decisions(ill.number for ill in chunk)
        for ill in chunk:
            found = decided.get(ill.number)
            yield Sent(
                use=None, number=ill.number, title=ill.citation.title, article=ill.citation.part_title,
                asked_on=listed.day_of(ill.left), filled_on=None, standing=_("Not in the ledger"), code=ill.compliance,
                ground=str(words.GROUNDS.get(found.ground, found.ground)) if found else "",
                who=_who(ill.compliance_by, found), royalty="", rules=found.rules if found else "",
                warning=ill.warning_version, lines=_lines(found),
            )


def newest_decisions(numbers) -> dict[str, CopyrightDecision]:
    """The last that was decided on each request; of one that was sent that is what it was sent by."""
    rows = CopyrightDecision.objects.filter(number__in={number for number in numbers if number})
    return {row.number: row for row in rows.select_related("by").order_by("pk")}


def _of_use(
    use: CopyrightUse, found: CopyrightDecision | None, numbers: str, known: Mapping[str, rules.Rules]
) -> Sent:
    return Sent(
        use=use, number=use.number, title=use.title.name, article=use.article, asked_on=use.asked_on,
        filled_on=listed.day_of(use.filled), standing=listed.standing(use), code=_stated(use, found, known),
        ground=listed.ground(use), who=_who(use.by, found), royalty=listed.royalty(use), rules=use.rules,
        warning=use.ill.warning_version if use.ill else "", lines=_lines(found), numbers=numbers,
    )


def _stated(use: CopyrightUse, found: CopyrightDecision | None, known: Mapping[str, rules.Rules]) -> str:
    """What went to suppliers: of a request that is gone, as it was decided, or as its row says by its own rules."""
    if use.ill is not None and use.ill.compliance:
        return use.ill.compliance
    if found is not None and found.code:
        return found.code
    counted = use.place is not None or use.over
    by = known.get(use.rules) or rules.PRESETS.get(use.rules.partition("/")[0], rules.DEFAULT)
    return by.inside if counted else by.outside


def _who(by, found: CopyrightDecision | None) -> str:
    who = by or (found.by if found else None)
    return who.short_name if who is not None else _("by the rules")


def _lines(found: CopyrightDecision | None) -> tuple[str, ...]:
    return tuple(str(line) for line in words.shown(found.lines)) if found else ()


def head() -> list[str]:
    return [
        _("Request"), _("First sent on"), _("Filled on"), _("Title"), _("Numbers"), _("Article"), _("Counted as"),
        _("Stated"), _("Ground"), _("Who answers for it"), _("Royalty"), _("Rules"), _("Warning shown"),
        _("What was known when it was decided"),
    ]


def rows(year: int) -> Iterator[list[Any]]:
    for found in (of_year, of_no_use):
        for one in found(year):
            yield [
                one.number, one.asked_on, one.filled_on, one.title, one.numbers, one.article, one.standing, one.code,
                one.ground, one.who, one.royalty, one.rules, one.warning, " ".join(one.lines),
            ]


def check_rows(year: int) -> Iterator[list[Any]]:
    for one in findings(year):
        yield [str(one.check.words), _("yes") if one.good else _("no") if one.check.fault else _("listed"), one.count,
               ", ".join(one.numbers)]


def warning_now(day: date) -> str:
    """Which warning requests of the day store, by the rules of the day and in the wording that was checked."""
    return texts.on_form(day).version
