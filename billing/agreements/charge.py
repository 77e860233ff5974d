"""What a request costs, explained line by line. Pure: no database, no clock.

The most specific agreement counts (with the library, then with a group of it, then everybody's), of it the version that
is newest on the day, of that the term that names the most of what the request is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from illdesk.dates import in_words
from illdesk.figures import figures

NOTHING, CENT = Decimal("0.00"), Decimal("0.01")
SCOPES = {"library": 0, "group": 1, "everybody": 2}


@dataclass(frozen=True)
class Facts:
    """A request as an agreement looks at it. `direction`: "lending", "borrowing" or "patron"; `service`: "loan", "copy"
    or "document"; `earlier`: requests of that service and direction with the library before it in the calendar year;
    `network`: "rapidill", "oclc", "docline" or ''."""

    day: date
    direction: str = "lending"
    service: str = "loan"
    pages: int = 0
    rush: bool = False
    international: bool = False
    network: str = ""
    patron_status: str = ""
    earlier: int = 0


@dataclass(frozen=True)
class Terms:
    """A term with the version it stands in. `scope`: a key of SCOPES; amounts in `currency`."""

    version: int
    agreement: str
    begins: date
    scope: str = "everybody"
    number: int = 1
    direction: str = "lending"
    service: str = "loan"
    network: str = ""
    patron_status: str = ""
    reciprocal: bool = False
    threshold: int | None = None
    flat: Decimal = NOTHING
    per_page: Decimal = NOTHING
    from_page: int = 1
    rush: Decimal = NOTHING
    international: Decimal = NOTHING
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    currency: str = "USD"
    pay_way: str = "invoice"


@dataclass(frozen=True)
class Explained:
    """`lines`: words and amount; they add up to `total`. `version`: key of the AgreementVersion, None where none
    says anything: then nothing is known, which is not the same as nothing being owed."""

    lines: tuple[tuple[str, Decimal], ...] = ()
    total: Decimal = NOTHING
    version: int | None = None
    currency: str = ""
    pay_way: str = ""
    reciprocal: bool = False
    agreement: str = ""

    @property
    def words(self) -> str:
        """ "Flat rate, agreement of 1 July 2025: 15.00; rush: 5.00" """
        return "; ".join(f"{words}: {figures(amount)}" for words, amount in self.lines)


@dataclass
class _Sum:
    lines: list[tuple[str, Decimal]] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((amount for _words, amount in self.lines), NOTHING)

    def add(self, words: str, amount: Decimal) -> None:
        if amount:
            self.lines.append((words, amount.quantize(CENT, ROUND_HALF_UP)))


def charge(facts: Facts, terms: Iterable[Terms]) -> Explained:
    """By `chosen`; an Explained without a version where nothing was agreed."""
    term = chosen(facts, terms)
    if term is None:
        return Explained()
    day = in_words(term.begins)
    if term.reciprocal and (term.threshold is None or facts.earlier < term.threshold):
        words = _("Reciprocal, agreement of %(day)s: nothing is charged") % {"day": day}
        return _explained(term, ((words, NOTHING),), reciprocal=True)
    found = _Sum()
    if term.flat or not term.per_page:
        found.lines.append((_("Flat rate, agreement of %(day)s") % {"day": day}, term.flat.quantize(CENT)))
    if term.per_page:
        more = max(0, facts.pages - term.from_page + 1)
        words = _("%(many)s pages from page %(page)s, %(each)s each, agreement of %(day)s") % {
            "many": more, "page": term.from_page, "each": term.per_page, "day": day}
        if more or not found.lines:
            found.lines.append((words, (term.per_page * more).quantize(CENT, ROUND_HALF_UP)))
    if facts.rush:
        found.add(_("rush"), term.rush)
    if facts.international:
        found.add(_("abroad"), term.international)
    if term.minimum is not None and found.total < term.minimum:
        found.add(_("up to the least of %(amount)s") % {"amount": term.minimum}, term.minimum - found.total)
    if term.maximum is not None and found.total > term.maximum:
        found.add(_("down to the most of %(amount)s") % {"amount": term.maximum}, term.maximum - found.total)
    return _explained(term, tuple(found.lines))


def _explained(term: Terms, lines: tuple[tuple[str, Decimal], ...], *, reciprocal: bool = False) -> Explained:
    return Explained(
        lines=lines, total=sum((amount for _words, amount in lines), NOTHING), version=term.version,
        currency=term.currency, pay_way=term.pay_way, agreement=term.agreement, reciprocal=reciprocal)


def chosen(facts: Facts, terms: Iterable[Terms]) -> Terms | None:
    """The term that counts for this request, None where none does."""
    terms = [one for one in terms if one.begins <= facts.day]
    newest: dict[str, tuple] = {}
    for one in terms:
        newest[one.agreement] = max(newest.get(one.agreement, (date.min, 0)), (one.begins, one.number))
    fits = [one for one in terms if (one.begins, one.number) == newest[one.agreement] and _fits(facts, one)]
    return min(fits, key=_rank, default=None)


def _fits(facts: Facts, term: Terms) -> bool:
    return (
        term.direction == facts.direction and term.service == facts.service
        and term.network in ("", facts.network) and term.patron_status in ("", facts.patron_status)
    )


def _rank(term: Terms) -> tuple:
    """The smallest counts: scope, then the newest, then who names more, then the older row."""
    return (SCOPES[term.scope], -term.begins.toordinal(), -term.number, not term.network, not term.patron_status,
            term.version)
