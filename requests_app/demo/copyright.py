"""What copyright counts in the demo: titles that are full, what waits, is paid or lies beyond the limit, and last year.

The story takes these moves with its own, in the order of time (`moves`). Each is the real step or correction. What is
this year's lies in the last three weeks, or since 1 January where that is less, so that a year's places are its own.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from random import Random

from django.utils import timezone

from illdesk import actors, events
from illdesk.actors import Actor
from illdesk.models import User
from requests_app.actions import intake
from requests_app.copyright import (
    clearance,
    collection,
    corrections,
    holds,
    notices,
    payment,
    prices,
    royalties,
    texts,
)
from requests_app.copyright.subscriptions import loads
from requests_app.copyright.titles import key_of
from requests_app.demo import calendar, copyright_files, libraries, partners
from requests_app.demo.copies import Copies
from requests_app.demo.files import scan_of
from requests_app.demo.plan import Plan
from requests_app.demo.walk import Cast
from requests_app.demo.works import Work, isbn_of, issn_of
from requests_app.models import (
    CollectionNote,
    CopyrightNumber,
    CopyrightTitle,
    LegalHold,
    Library,
    OverLimitSettings,
    Patron,
    RoyaltyList,
    TitleLink,
)

# Hours of work ago with which this year's part begins: what was delivered then is still there for its patron.
BEGINS = 132.0
FUND, OTHER_FUND = "ILL-R", "ILL-S"
_GOT = ("send", "copy_sent", "file_arrived", "deliver")
# Hours of work after the first move.
_AFTER = {"ask": 0.0, "choose_lenders": 0.8, "pay": 1.2, "settle": 1.2, "wait": 1.3, "send": 1.6, "copy_sent": 5.0,
          "file_arrived": 5.1, "deliver": 6.0}
_HERE = Path(__file__)

Move = tuple[datetime, Callable[[], object]]


@dataclass(frozen=True)
class Cited:
    journal: str
    citation: dict[str, str] = field(hash=False)


def _cited(name: str, year: int, numbers: Iterator[int]) -> list[Cited]:
    found = []
    for line in _HERE.with_name(name).read_text().splitlines():
        journal, title, article, author, pages = line.split("|")
        number = next(numbers)
        found.append(Cited(journal, {
            "kind": "article", "title": title, "part_title": article, "part_author": author, "pages": pages,
            "issn": issn_of(journal), "year": str(year - 1), "volume": str(20 + number // 4),
            "issue": str(number % 4 + 1),
        }))
    return found


def titles() -> set[str]:
    """Names of the works that only this part of the demo is about."""
    lines = [line for name in ("copyright_works.txt", "copyright_before.txt")
             for line in _HERE.with_name(name).read_text().splitlines()]
    return {line.split("|")[1] for line in lines} | {one["title"] for one in _OTHERS}


_OTHERS: tuple[dict[str, str], ...] = (
    {"kind": "book", "title": "Pilots, wrecks and bonfires: a harbor memoir", "author": "Quennell, Rosamund",
     "publisher": "Machair Books", "year": "1984", "isbn": isbn_of("Pilots, wrecks and bonfires: a harbor memoir")},
    {"kind": "score", "title": "Nocturnes for two harmoniums", "author": "Arcand, Blaise",
     "publisher": "Éditions du Saguenay", "year": "1951", "pages": "2–19", "format": "Score"},
    {"kind": "article", "title": "Teaching by the Shore", "part_title": "Tide pools as classrooms",
     "part_author": "Fairweather, Ruth", "issn": issn_of("Teaching by the Shore"), "volume": "8", "issue": "2",
     "pages": "14–27"},
    {"kind": "article", "title": "Notes on Coastal Dialects", "part_title": "Words for fog",
     "part_author": "MacAskill, Peigi", "issn": issn_of("Notes on Coastal Dialects"), "volume": "31", "issue": "4",
     "pages": "208–221"},
)


class Counted(Copies):
    """A copy whose way is given move by move. `fund`: that pays its royalty."""

    def __init__(self, moves: Iterable[str], times: list[datetime], citation: dict[str, str], cast: Cast, *,
                 patron: Patron, lender: Library, now: datetime, note: str = "", need_by: date | None = None,
                 came: str = "", fund: str = FUND):
        names = list(moves)
        plan = Plan("borrowing.counted", 0, 0, "copy", names, gaps=[0.0] * len(names))
        super().__init__(plan, Work(citation, "", ""), cast, patron=patron, lenders=[lender], barcode="", now=now,
                         dice=Random("counted"))  # noqa: S311
        self.times, self.note_of, self.need_by, self.came, self.fund = times, note, need_by, came, fund

    def ask(self, at):
        user = self.patron.user
        by_itself = user is not None and not self.came
        self.pk = intake.ask(
            patron=self.patron, citation=dict(self.work.citation), typed=dict(self.work.citation), now=at,
            actor=actors.patron(user) if by_itself else self.cast.borrowing, need_by=self.need_by, note=self.note_of,
            service="copy", warning_version=notices.VERSION, came=self.came or ("" if by_itself else "counter"),
            warning_shown={"phone": "phone_read_out"}.get(self.came, "web" if by_itself else "counter_sign"),
        ).pk

    def send(self, at):
        self.do("send", self.cast.borrowing, at)

    def copy_sent(self, at):
        if self.talks(self.ill):
            super().copy_sent(at)

    def file_arrived(self, at):
        """Without a cover: each of these would take its time to draw, and none is looked at for it."""
        file = scan_of(self.ill, at, cover=False)
        if self.talks(self.ill):
            self.told(partners.fetched, file, at)
        else:
            self.do("receive_copy", self.cast.borrowing, at, file=file)

    def wait(self, at):
        self.do("wait_for_place", self.cast.borrowing, at)

    def settle(self, at):
        self.do("decide_copyright", self.cast.borrowing, at, compliance="US-CCL", ground="fair_use",
                text="Fair use: one article for a thesis; nobody else asked for it.")

    def pay(self, at):
        day = timezone.localtime(at).date()
        price = prices.listed(clearance.look(self.ill, now=at).wanted.keys, self.ill.citation, today=day)
        assert price is not None and price.amount is not None
        fund = next((one.code for one in royalties.funds_on(day) if one.code == self.fund), "")
        offer = royalties.Offer(price.amount, price.currency, price.source, price.on, fund)
        self.do("decide_copyright", self.cast.borrowing, at, royalty=offer)

    def unfilled_by_mail(self, at):
        self.do("record_unfilled", self.cast.borrowing, at, reason="not_on_shelf", note="By e-mail")

    def cancel(self, at):
        self.do("cancel", self.cast.borrowing, at, reason="not_found", text="")


class _Part:
    """The moves of copyright for one desk, gathered until the story takes them."""

    def __init__(self, cast: Cast, patrons: list[Patron], now: datetime):
        self.cast, self.now, self.today = cast, now, timezone.localtime(now).date()
        self.patrons = cycle(patrons)
        self.talkers = cycle([one for one in libraries.with_messages() if one.calendar_id is None])
        self.by_mail = next(one for one in libraries.by_mail() if one.symbol == "TWM")
        self.coordinator, self.admin = _staff("coordinator"), _staff("admin")
        self.found: list[Move] = []
        new_year = timezone.make_aware(datetime(self.today.year, 1, 1))
        self.since = None if calendar.hours_before(now, BEGINS) > new_year else new_year

    def at(self, hours: float) -> datetime:
        """So many hours of work ago; in the first weeks of a year the same part of what has passed of it."""
        if self.since is None:
            return calendar.hours_before(self.now, hours)
        return self.now - (self.now - self.since) * (hours / (BEGINS + 1))

    def act(self, hours: float, do: Callable[[datetime], object]) -> None:
        at = self.at(hours)
        self.found.append((at, lambda: do(at)))

    def walk(self, citation: dict[str, str], hours: float, *moves: str, times: dict[str, float] | None = None,
             lender: Library | None = None, **more) -> None:
        names = ["ask", "choose_lenders", *moves]
        after = _AFTER | {name: hours - ago for name, ago in (times or {}).items()}
        moments = [self.at(hours - after[name]) for name in names]
        self._add(names, moments, citation, lender, **more)

    def _add(self, names: list[str], moments: list[datetime], citation: dict[str, str], lender, **more) -> None:
        one = Counted(names, moments, citation, self.cast, patron=next(self.patrons), now=self.now,
                      lender=lender or next(self.talkers), **more)
        self.found += list(one.moves())

    def last_year(self, citation: dict[str, str], place: int, *, settled: bool) -> None:
        """In a month of last year, with its download over when its time was."""
        year = self.today.year - 1
        first = timezone.make_aware(datetime(year, 2 + place, 4 + place, 9, 20))
        names = ["ask", "choose_lenders", *(["settle"] if settled else []), *_GOT]
        moments = [first + timedelta(minutes=40) * step for step in range(len(names))]
        self._add([*names, "expire"], [*moments, moments[-1] + timedelta(days=30, minutes=1)], citation, None)


def moves(cast: Cast, patrons: list[Patron], now: datetime) -> list[Move]:
    """All of them; `patrons`: whose requests they are."""
    part = _Part(cast, patrons, now)
    numbers = count(1)
    for place, one in enumerate(_cited("copyright_before.txt", part.today.year - 1, numbers)):
        part.last_year(one.citation, place, settled=place == 8)
    cited: dict[str, list[dict[str, str]]] = {}
    for one in _cited("copyright_works.txt", part.today.year, numbers):
        cited.setdefault(one.journal, []).append(one.citation)
    _settings(part)
    _tidal(part, cited["tidal"])
    _acoustics(part, cited["acoustics"], cited["quay"][0])
    _estuary(part, cited["estuary"])
    _merged(part, [*cited["marsh"], *cited["marsh_online"]])
    _names(part, [cited["island"][0], cited["island_online"][0], cited["ferry"][0]])
    _doubts(part)
    return part.found


def _settings(part: _Part) -> None:
    """What a coordinator and an administrator do once: prices, subscriptions, the check of the warning, a hold."""

    def price_list(at):
        rows = [(issn_of("tidal"), "Journal of Tidal Archaeology", "38.50", ""),
                (issn_of("acoustics"), "Harbor Acoustics", "32.00", ""),
                (issn_of("estuary"), "Estuary Economics Review", "21.00", ""),
                (issn_of("quay"), "Quay and Crane", "6.00", "1.50"),
                (issn_of("marsh"), "Annals of Marsh Engineering", "27.00", "")]
        read = prices.load(copyright_files.prices(rows), f"royalties-{part.today.year}.csv", actor=part.coordinator,
                           now=at)
        prices.confirm(read, actor=part.coordinator, now=at)
        # As the page of its settings does it.
        OverLimitSettings.objects.update_or_create(pk=1, defaults={"collection_email": "collections@library.example"})
        events.record("royalty_prices.changed", subject=("royalty_prices", 1), actor=part.coordinator, now=at,
                      data={"fields": ["collection_email"]})

    def subscriptions(at):
        read = loads.draft(copyright_files.subscriptions(part.today), name="subscriptions.csv",
                           actor=part.coordinator, now=at)
        loads.confirm(read, actor=part.coordinator, now=at)

    def hold(at):
        last = part.today.year - 1
        holds.place(LegalHold(first_year=last, last_year=last, reason="The auditors of the university asked for this "
                              "year; lifted when they have reported."), actor=part.coordinator, now=at)

    part.act(131.9, price_list)
    part.act(131.8, subscriptions)
    part.act(131.7, lambda at: texts.record_check("warning", notices.VERSION, wording=notices.SPECIFIC,
                                                  actor=part.admin, now=at))
    part.act(22, hold)


def _tidal(part: _Part, cited: list[dict[str, str]]) -> None:
    """Four used, one pending; the sixth is in Copyright review."""
    for place, one in enumerate(cited[:4]):
        part.walk(one, 126 - place * 14, *_GOT)
    part.walk(cited[4], 11, "send")
    part.walk(cited[5], 7, need_by=part.today + timedelta(days=12), note="For the third chapter of my thesis.")


def _acoustics(part: _Part, cited: list[dict[str, str]], other: dict[str, str]) -> None:
    """Full, and asked for again and again: royalties of every kind, and one that waits."""
    for place, one in enumerate(cited[:4]):
        part.walk(one, 131 - place * 7, *_GOT)
    part.walk(cited[4], 104, "send", lender=part.by_mail)
    part.walk(cited[5], 92, "pay", *_GOT)
    part.act(84, lambda at: _list(part, at))
    part.act(70, lambda at: _pay(part, at))
    part.walk(cited[6], 64, "pay", *_GOT)
    part.act(54, lambda at: _list(part, at))
    part.walk(cited[7], 48, "pay", *_GOT)
    part.walk(other, 40, "pay", *_GOT, fund=OTHER_FUND, note="I need it for my company.")
    part.walk(cited[8], 14, "pay", "send")
    part.walk(cited[9], 9, "wait")


def _list(part: _Part, at: datetime) -> RoyaltyList:
    day = timezone.localtime(at).date()
    return payment.make(day - timedelta(days=30), day, key=f"demo {at.isoformat()}", actor=part.coordinator, now=at)


def _pay(part: _Part, at: datetime) -> int:
    first = RoyaltyList.objects.earliest("pk")
    amounts = {line.pk: line.price for line in payment.lines(first)}
    return payment.pay(first, amounts, paid_on=timezone.localtime(at).date(), reference="Invoice 20417",
                       actor=part.coordinator, now=at)


def _estuary(part: _Part, cited: list[dict[str, str]]) -> None:
    """One of five came to nothing: who waited is told, and collection development was written to."""
    for place, one in enumerate(cited[:4]):
        part.walk(one, 121 - place * 9, *_GOT)
    part.walk(cited[4], 80, "send", "unfilled_by_mail", "cancel", lender=part.by_mail,
              times={"unfilled_by_mail": 6, "cancel": 4})
    part.walk(cited[5], 34, "wait", note="I can wait, if it is this term.")
    part.act(30, lambda at: _write(part, at))


def _write(part: _Part, at: datetime) -> bool:
    row = CollectionNote.objects.get(title=_title("estuary"), year=part.today.year)
    return collection.send(row, collection.text_of(row), actor=part.coordinator, now=at)


def _merged(part: _Part, cited: list[dict[str, str]]) -> None:
    """Print and online were counted apart; as one title they are six."""
    for place, one in enumerate(cited):
        part.walk(one, 118 - place * 11, *_GOT)
    part.act(3, lambda at: corrections.merge(_title("marsh"), _title("marsh_online"), actor=part.coordinator, now=at))


def _names(part: _Part, cited: list[dict[str, str]]) -> None:
    """Two of one name that nobody has looked at; and a title that continues last year's."""
    for place, one in enumerate(cited):
        part.walk(one, 75 - place * 13, *_GOT)
    part.act(2, lambda at: corrections.link(_title("ferry"), TitleLink.CONTINUES, _key("ferry_society"),
                                            actor=part.coordinator, now=at))


def _doubts(part: _Part) -> None:
    """What no counting settles: a whole work, a score, a class; and one that came by telephone."""
    whole, score, for_class, by_phone = _OTHERS
    year = str(part.today.year - 1)
    part.walk(whole, 26, "look_for_it", times={"look_for_it": 20}, note="The whole book, please; I find it nowhere.")
    part.walk(score, 16)
    part.walk(for_class | {"year": year}, 13, note="For my class, please.")
    part.walk(by_phone | {"year": year}, 10, "send", came="phone")


def _key(journal: str) -> str:
    return key_of(issn_of(journal), CopyrightTitle.PERIODICAL)


def _title(journal: str) -> CopyrightTitle:
    return CopyrightNumber.objects.select_related("title").get(key=_key(journal)).title


def _staff(username: str) -> Actor:
    return actors.staff(User.objects.get(username=username))
