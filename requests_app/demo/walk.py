"""One request on its way through the demo's past: each move is the real step, message or intake."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from illdesk import actors
from illdesk.actors import Actor
from requests_app.actions import intake, perform
from requests_app.demo import calendar, partners
from requests_app.demo.plan import Plan
from requests_app.demo.works import Work
from requests_app.exchange.iso18626.codes import Action, Status
from requests_app.models import Dialogue, ILLRequest, Library, Patron

_NOTES = (
    "", "", "", "", "Any edition will do.", "I need it for a seminar in December.", "The illustrated edition, please.",
    "", "", "With the maps, if they are separate.", "Only the second part is urgent.", "",
)
_NOTES_ES = ("", "", "Cualquier edición me sirve.", "La necesito para un seminario en diciembre.", "")
_WHY_NOT = (
    ("NotAvailableForILL", "in_use"), ("NotOnShelf", "not_on_shelf"), ("NonCirculating", "non_circulating"),
    ("NotHeld", "not_owned"), ("PoorCondition", "poor_condition"),
)
_CANNOT = ("not_on_shelf", "in_use", "non_circulating", "lacking", "poor_condition")


@dataclass(frozen=True)
class Cast:
    """Who does what at this desk."""

    borrowing: Actor
    lending: Actor
    student: Actor


class Walk:
    """What both kinds share. `times` is the moment of each move, in order."""

    def __init__(self, plan: Plan, work: Work, cast: Cast, *, now: datetime, dice: Random):
        self.plan, self.work, self.cast, self.dice = plan, work, cast, dice
        self.today = timezone.localtime(now).date()
        self.pk = 0  # until it is asked for
        left = sum(plan.gaps)
        self.times: list[datetime] = []
        for gap in plan.gaps:
            self.times.append(calendar.hours_before(now, left))
            left -= gap

    def moves(self):
        """(moment, function) of each move, in order."""
        for place, name in enumerate(self.plan.moves):
            yield self.times[place], lambda name=name, at=self.times[place]: getattr(self, name)(at)

    @property
    def ill(self) -> ILLRequest:
        return ILLRequest.objects.select_related("partner", "patron__user", "citation", "branch").get(pk=self.pk)

    def do(self, action: str, actor: Actor, at: datetime, **answers) -> None:
        perform(self.ill, action, actor=actor, now=at, **answers)

    def day_of(self, move: str) -> date | None:
        """The library's day of the (last) such move, None when it is not part of the plan."""
        if move not in self.plan.moves:
            return None
        last = len(self.plan.moves) - 1 - self.plan.moves[::-1].index(move)
        return timezone.localtime(self.times[last]).date()

    def text(self, move: str) -> str:
        return self.plan.texts.get(move, "")

    def refer(self, at):
        self.do("refer", self.staff, at, text=self.text("refer"))

    def note(self, at):
        self.do("note", self.staff, at, text=self.text("note"))

    def attended(self, at):
        self.do("attended", self.staff, at)

    @property
    def staff(self) -> Actor:
        return self.cast.borrowing if self.plan.kind == "borrowing" else self.cast.lending


class Borrowing(Walk):
    def __init__(self, plan, work, cast, *, patron: Patron, lenders: list[Library], barcode: str, now, dice):
        """`lenders`: the libraries asked, the last of them last."""
        if plan.moves.count("choose_lenders") and not lenders[-1].agency_value:
            _leave_out(plan, "will_supply", "lender_shipped")
        super().__init__(plan, work, cast, now=now, dice=dice)
        self.patron, self.lenders, self.barcode = patron, lenders, barcode
        self.library_use_only = dice.random() < 0.06
        if patron.user_id and dice.random() < 0.5:
            self.times[0] = calendar.evening_before(self.times[0], dice.randrange(240))

    @property
    def lender(self) -> Library:
        asked = self.plan.moves.count("choose_lenders") - 1
        return self.lenders[min(asked, len(self.lenders) - 1)]

    @staticmethod
    def lender_of(ill: ILLRequest) -> Library:
        assert ill.partner is not None
        return ill.partner

    def due(self) -> date:
        """The lender's date: generous enough for what happened, except where the plan says overdue."""
        left = self.day_of("lender_shipped") or self.day_of("receive") or self.today
        if self.plan.overdue:
            return max(left + timedelta(days=14), self.today + timedelta(days=7 - self.dice.randrange(2, 13)))
        ended = self.day_of("check_in") or self.today
        return max(left + timedelta(days=42), ended + timedelta(days=self.dice.randrange(11, 40)))

    def ask(self, at):
        patron = self.patron
        need_by = None
        if self.dice.random() < 0.6:
            soon = at.date() + timedelta(days=21)
            need_by = max(soon, self.today + timedelta(days=self.dice.randrange(2, 30)))
        ill = intake.ask(
            patron=patron, citation=dict(self.work.citation), typed=dict(self.work.citation), now=at,
            actor=actors.patron(patron.user) if patron.user else self.cast.borrowing, need_by=need_by,
            note=self.dice.choice(_NOTES_ES if patron.language == "es" else _NOTES),
        )
        self.pk = ill.pk

    def review(self, at):
        self.do("review", self.cast.borrowing, at)

    def choose_lenders(self, at):
        asked = self.ill.dialogues.count()
        self.do("choose_lenders", self.cast.borrowing, at, libraries=[self.lenders[min(asked, len(self.lenders) - 1)]])

    def send(self, at):
        self.do("send", self.cast.borrowing, at)

    def will_supply(self, at):
        partners.supplier_says(self.ill, Status.WILL_SUPPLY, at)

    def lender_shipped(self, at):
        partners.supplier_says(
            self.ill, Status.LOANED, at, due=self.due(), barcode=self.barcode, library_use_only=self.library_use_only
        )

    def unfilled(self, at):
        ill = self.ill
        code, ours = self.dice.choice(_WHY_NOT)
        if self.lender_of(ill).agency_value:
            partners.supplier_says(ill, Status.UNFILLED, at, reason=code)
        else:
            self.do("record_unfilled", self.cast.borrowing, at, reason=ours, note="By e-mail")

    def receive(self, at):
        ill = self.ill
        self.do(
            "receive", self.cast.student, at, barcode=ill.barcode or self.barcode, due=ill.due_lender or self.due(),
            pieces=2 if "part" in self.work.citation.get("format", "") else 1,
            pieces_text="Score and parts" if "part" in self.work.citation.get("format", "") else "",
            library_use_only=ill.library_use_only or self.library_use_only,
        )

    def shelve(self, at):
        self.do("shelve", self.cast.student, at)

    def check_out(self, at):
        self.do("check_out", self.cast.student, at)

    def check_in(self, at):
        self.do("check_in", self.cast.student, at)

    def ship_back(self, at):
        self.do("ship_back", self.cast.student, at, tracking=f"1Z{self.dice.randrange(10**15):016d}")

    def completed(self, at):
        if self.lender.agency_value:
            partners.supplier_says(self.ill, Status.LOAN_COMPLETED, at)
        else:
            self.do("close_return", self.cast.borrowing, at, text="Confirmed by e-mail.")

    def cancel(self, at):
        reason, text = self.dice.choice(
            [("own_it", "We have it in the Science Library."), ("not_found", ""), ("free_online", ""),
             ("duplicate", "")]
        )
        self.do("cancel", self.cast.borrowing, at, reason=reason, text=text)

    def patron_cancel(self, at):
        self.do("patron_cancel", actors.patron(self.patron.user), at, text=self.text("patron_cancel"))

    def patron_message(self, at):
        self.do("patron_message", actors.patron(self.patron.user), at, text=self.text("patron_message"))

    def write_patron(self, at):
        self.do("write_patron", self.cast.borrowing, at, text=self.text("write_patron"))

    def ask_cancel(self, at):
        self.do("ask_cancel", self.cast.borrowing, at, text=self.text("ask_cancel"))

    def cancel_refused(self, at):
        partners.supplier_says(self.ill, Status.WILL_SUPPLY, at, cancel="N", note=self.text("cancel_refused"))

    def lender_cancelled(self, at):
        partners.supplier_says(self.ill, Status.CANCELLED, at, cancel="Y")

    def lender_note(self, at):
        partners.supplier_says(self.ill, Status.EXPECT_TO_SUPPLY, at, note=self.text("lender_note"), notify=True)

    def overdue_notice(self, at):
        partners.supplier_says(self.ill, Status.OVERDUE, at, due=self.due())


class Lending(Walk):
    def __init__(self, plan, work, cast, *, borrower: Library, request_id: str, barcode: str, now, dice):
        super().__init__(plan, work, cast, now=now, dice=dice)
        self.borrower, self.request_id, self.barcode = borrower, request_id, barcode
        # Half are promised before anybody looks on the shelf.
        self.promises = dice.random() < 0.5

    def arrive(self, at):
        need_by = at.date() + timedelta(days=self.dice.randrange(14, 45)) if self.dice.random() < 0.5 else None
        note = self.dice.choice(("", "", "", "Please insure.", "Any printing of this edition.", ""))
        partners.ask(self.borrower, self.request_id, self.work, at, need_by=need_by, note=note)
        dialogue = Dialogue.objects.get(
            library=self.borrower, role=Dialogue.SUPPLIER, request_id=self.request_id
        )
        self.pk = dialogue.ill_id
        # No step tells the place on the shelf: it is what the catalog will answer.
        ILLRequest.objects.filter(pk=self.pk).update(location=self.work.location)

    def search(self, at):
        if self.promises:
            self.do("will_supply", self.cast.lending, at)
        else:
            self.do("start_search", self.cast.student, at)

    def found(self, at):
        self.do("found", self.cast.student, at)

    def ship(self, at):
        left = timezone.localtime(at).date()
        due = left + timedelta(days=42)
        if self.plan.overdue:
            due = max(left + timedelta(days=14), self.today - timedelta(days=self.dice.randrange(2, 15)))
        elif "check_in" not in self.plan.moves and due <= self.today:
            due = self.today + timedelta(days=self.dice.randrange(3, 20))
        parts = "part" in self.work.citation.get("format", "")
        self.do(
            "ship", self.cast.lending, at, due=due, barcode=self.barcode, pieces=5 if parts else 1,
            pieces_text="Score and four parts" if parts else "", library_use_only=self.work.location == "Reference",
        )

    def cannot(self, at):
        self.do("unfilled", self.cast.lending, at, reason=self.dice.choice(_CANNOT))

    def borrower_received(self, at):
        partners.requester_says(self.ill, Action.RECEIVED, at)

    def borrower_returned(self, at):
        partners.requester_says(self.ill, Action.SHIPPED_RETURN, at)

    def borrower_cancels(self, at):
        partners.requester_says(self.ill, Action.CANCEL, at)

    def borrower_note(self, at):
        partners.requester_says(self.ill, Action.NOTIFICATION, at, note=self.text("borrower_note"))

    def renew(self, at):
        partners.requester_says(self.ill, Action.RENEW, at, note=self.text("renew"))

    def check_in(self, at):
        self.do("check_in", self.cast.student, at)

    def reshelve(self, at):
        self.do("reshelve", self.cast.student, at)


def _leave_out(plan: Plan, *moves: str) -> None:
    """Moves that a library without messages does not make; the time they took passes all the same."""
    for move in moves:
        while move in plan.moves:
            place = plan.moves.index(move)
            plan.gaps[place - 1] += plan.gaps[place]
            del plan.moves[place], plan.gaps[place]
