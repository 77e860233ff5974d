"""The demo's past ten weeks: all requests walked at once, moment by moment, as a department works."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from random import Random

from django.utils import timezone

from illdesk import actors, demo, events
from illdesk.models import Event, Handling, InboxMessage, OutboxMessage, User
from requests_app import sweeps
from requests_app.demo import copyright, libraries, partners
from requests_app.demo.barcodes import barcode
from requests_app.demo.copies import Copies
from requests_app.demo.lending import Lending
from requests_app.demo.plan import FAILING, OF_LIBRARIES, UNTIL, Plan, plans
from requests_app.demo.walk import Cast, Walk
from requests_app.demo.works import Work, copies, works
from requests_app.models import Counter, Delivery, ILLRequest, Library, LoanPolicy, Patron

# The year's numbers began long before the demo's ten weeks.
LAST_BEFORE = {"a": {"B": 271, "L": 842}, "b": {"B": 118, "L": 307}}
# Which of a state's requests belong to the two accounts that people try first.
_TRIED_FIRST = {0: "patron", 3: "profesor"}


def load(now: datetime) -> None:
    if ILLRequest.objects.exists():
        return
    desk = "a" if demo.own() is demo.LIBRARIES["a"] else "b"
    dice = Random(f"ILL Desk demo {desk}")  # noqa: S311 - the same demo each time, no secret
    sent_before = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for library in libraries.with_messages():
        Library.objects.filter(pk=library.pk).update(endpoint=libraries.past_address(library))
    talkers = libraries.with_messages()
    by_hand = LoanPolicy(pk=1, deliver_by_itself=False, reserves_email=f"reserves@{demo.own().domain}")
    by_hand.save()
    walks = _walks(desk, talkers, now, dice)
    year = timezone.localtime(min(walk.times[0] for walk in walks)).year
    Counter.objects.bulk_create([
        Counter(prefix=prefix, year=one, last=last) for prefix, last in LAST_BEFORE[desk].items()
        for one in sorted({year, timezone.localtime(now).year - 1})
    ])
    asking = list(Patron.objects.exclude(user=None).select_related("user", "pickup").order_by("-pk"))
    rows = [*(walk.moves() for walk in walks), copyright.moves(_cast(), asking, now)]
    moves = sorted(
        ((at, order, step, move) for order, row in enumerate(rows) for step, (at, move) in enumerate(row)),
        key=lambda row: row[:3],
    )
    for _at, _order, _step, move in moves:
        move()
    Library.objects.filter(pk__in=[library.pk for library in talkers]).update(endpoint="")
    _finish_handlings()
    _erase(now)
    _settle(sent_before, dice)
    _deliver_by_itself(by_hand, now)
    if odd := InboxMessage.objects.exclude(state=InboxMessage.HANDLED).first():
        raise RuntimeError(f"The demo's message {odd.what} from {odd.partner} was not taken: {odd.outcome}")


def _walks(desk: str, talkers: list[Library], now: datetime, dice: Random) -> list[Walk]:
    cast = _cast()
    patrons = list(Patron.objects.select_related("user", "pickup").order_by("pk"))
    known = {patron.user.username: patron for patron in patrons if patron.user}
    others = [patron for patron in patrons if patron not in (known["patron"], known["profesor"])]
    dice.shuffle(others)
    with_account = [patron for patron in others if patron.user]
    writers = libraries.by_mail()
    shelves = _Shelves(turned=desk == "b")
    walks: list[Walk] = []
    borrowed = lent = 0
    for plan in plans(desk, dice):
        if plan.kind == "lending":
            borrower = talkers[lent % len(talkers)]
            walks.append(Lending(
                plan, shelves.next(held=True, service=plan.service), cast, borrower=borrower, now=now, dice=dice,
                request_id=f"{borrower.symbol}-{now.year}-{5000 + lent * 7}",
                barcode=barcode("3", demo.own().symbol, 1_204_417 + lent * 3571),
            ))
            lent += 1
            continue
        patron = others[borrowed % len(others)]
        if plan.place in _TRIED_FIRST:
            patron = known[_TRIED_FIRST[plan.place]]
        elif plan.needs_account:
            patron = with_account[borrowed % len(with_account)]
        lenders = _lenders(plan, borrowed, talkers, writers)
        walks.append(Copies(
            plan, shelves.next(held="to_documents" in plan.moves, service=plan.service), cast, patron=patron,
            lenders=lenders, now=now, dice=dice, barcode=barcode("3", lenders[-1].symbol, 2_310_842 + borrowed * 4673),
        ))
        borrowed += 1
    return walks


class _Shelves:
    """The works in turn. Desk B is not asked for, and does not ask for, the same things in the same order."""

    def __init__(self, *, turned: bool):
        self.rows: dict[tuple[bool, str], Iterator[Work]] = {}
        for service, (held, elsewhere) in {"loan": works(), "copy": copies()}.items():
            for here, found in ((True, held), (False, elsewhere)):
                self.rows[here, service] = cycle(found[::-1] if turned else found)

    def next(self, *, held: bool, service: str) -> Work:
        return next(self.rows[held, service])


def _lenders(plan: Plan, turn: int, talkers: list[Library], writers: list[Library]) -> list[Library]:
    """The rota: those that fail, the one that has it in the end, and those that are not asked."""
    if plan.state in UNTIL or OF_LIBRARIES & set(plan.moves):  # a calendar of its own has other days
        talkers = [library for library in talkers if library.calendar_id is None]
    if plan.service == "copy":
        writers = [library for library in writers if library.terms.makes_copies]
    failed = sum(move in FAILING for move in plan.moves)
    if plan.state == "borrowing.unfilled" or "cancel" in plan.moves:
        failed = max(failed - 1, 0)  # the last one fails as well: nobody is left
    others = [talkers[(turn + step) % len(talkers)] for step in range(1, len(talkers))]
    last = writers[turn % len(writers)] if plan.by_mail else talkers[turn % len(talkers)]
    return [*others[:failed], last, *others[failed : failed + plan.rota_after]]


def _cast() -> Cast:
    def staff(username: str) -> actors.Actor:
        return actors.staff(User.objects.get(username=username))

    return Cast(staff("borrowing"), staff("lending"), staff("student"))


def _finish_handlings() -> None:
    """What subscribers owe the past is done in the past: nothing of it shall leave when the desk starts."""
    owed = Handling.objects.filter(done__isnull=True).order_by("event_id").values_list("event_id", flat=True)
    for event in Event.objects.filter(pk__in=list(owed)).order_by("pk"):
        events.handle(event.pk, now=event.at)


def _erase(now: datetime) -> None:
    """Files whose time was over are gone, each at its own time."""
    over = Delivery.objects.filter(until__lte=now, erased=None).order_by("until").values_list("until", flat=True)
    for until in list(over):
        sweeps.erase_expired(now=until)


def _deliver_by_itself(policy: LoanPolicy, now: datetime) -> None:
    """Until this morning somebody looked at each file first: what waits for that in Received still does."""
    policy.deliver_by_itself = True
    policy.save()
    admin = actors.staff(User.objects.get(username="admin"))
    events.record("policy.changed", subject=("policy", 1), actor=admin, now=now, data={"deliver_by_itself": True})


def _settle(sent_before: int, dice: Random) -> None:
    """Letters and messages of the demo's past left at their time; the libraries confirmed theirs."""
    rows = list(OutboxMessage.objects.filter(pk__gt=sent_before, state=OutboxMessage.WAITING))
    for row in rows:
        row.state, row.attempts, row.claimed = OutboxMessage.SENT, 1, row.created
        row.settled = row.created + timedelta(milliseconds=dice.randrange(300, 4000))
        row.answer = "250" if row.channel == "mail" else partners.confirmation_of(row, row.settled)
    OutboxMessage.objects.bulk_update(rows, ["state", "attempts", "claimed", "settled", "answer"], batch_size=100)
