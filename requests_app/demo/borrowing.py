"""What happened to what our own patrons asked for: lenders, the item, its dates, its end."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from illdesk import actors
from requests_app.actions import Elsewhere, intake
from requests_app.copyright import clearance, decision, fair_price, notices
from requests_app.demo import calendar, partners
from requests_app.demo.plan import FAILING
from requests_app.demo.walk import Walk
from requests_app.exchange.iso18626.codes import Status
from requests_app.exchange.iso18626.compose import as_moment
from requests_app.models import FairPriceSearch, ILLRequest, Library, Patron

_NOTES = (
    "", "", "", "", "Any edition will do.", "I need it for a seminar in December.", "The illustrated edition, please.",
    "", "", "With the maps, if they are separate.", "Only the second part is urgent.", "",
)
_NOTES_ES = ("", "", "Cualquier edición me sirve.", "La necesito para un seminario en diciembre.", "")
_COPY_NOTES = ("", "", "", "Figures in color, if there are any.", "With the notes at the end, please.")
_WHY_NOT = (
    ("NotAvailableForILL", "in_use"), ("NotOnShelf", "not_on_shelf"), ("NonCirculating", "non_circulating"),
    ("NotHeld", "not_owned"), ("PoorCondition", "poor_condition"),
)
# What leaves the rules of copyright in doubt, so that a person decides.
_COPY_NOTES_IN_DOUBT = ("For my class in November, please.", "I need it for my company.", "Please send 12 copies.")
# On these grounds somebody asks where no place is left, or needed.
_GROUNDS = (
    ("fair_use", "Fair use: a small part, for teaching without profit."),
    ("other", "One article for private study (17 USC 108(d)); the title is rarely asked for."),
)


class Borrowing(Walk):
    def __init__(self, plan, work, cast, *, patron: Patron, lenders: list[Library], barcode: str, now, dice):
        """`lenders`: the rota, in the order in which they are asked."""
        super().__init__(plan, work, cast, now=now, dice=dice)
        self.patron, self.lenders, self.barcode = patron, lenders, barcode
        self.library_use_only = dice.random() < 0.06
        if patron.user_id and dice.random() < 0.5:
            self.times[0] = calendar.evening_before(self.times[0], dice.randrange(240))

    @property
    def lender(self) -> Library:
        """Who has it in the end."""
        return self.lenders[min(sum(move in FAILING for move in self.plan.moves), len(self.lenders) - 1)]

    def talks(self, ill: ILLRequest) -> bool:
        """Does the lender that is asked now send messages?"""
        assert ill.partner is not None
        return bool(ill.partner.agency_value)

    def says(self, status: str, at, **what) -> None:
        self.told(partners.supplier_says, status, at, **what)

    def due(self) -> date:
        """The lender's date: generous enough for what happened, except where the plan says overdue."""
        left = self.day_of("lender_shipped") or self.day_of("receive") or self.today
        if self.plan.overdue:
            return max(left + timedelta(days=14), self.today + timedelta(days=7 - self.dice.randrange(2, 13)))
        ended = self.day_of("check_in") or self.today
        return max(left + timedelta(days=42), ended + timedelta(days=self.dice.randrange(11, 40)))

    # --- from the patron to the lenders

    def ask(self, at):
        patron, copy = self.patron, self.plan.service == "copy"
        need_by = None
        if self.dice.random() < 0.6:
            soon = at.date() + timedelta(days=21)
            need_by = max(soon, self.today + timedelta(days=self.dice.randrange(2, 30)))
        notes: tuple[str, ...] = _COPY_NOTES if copy else _NOTES
        if self.plan.state == "borrowing.copyright_review":
            notes = _COPY_NOTES_IN_DOUBT
        ill = intake.ask(
            patron=patron, citation=dict(self.work.citation), typed=dict(self.work.citation), now=at,
            actor=actors.patron(patron.user) if patron.user else self.cast.borrowing, need_by=need_by,
            note=self.dice.choice(_NOTES_ES if patron.language == "es" and not copy else notes),
            service=self.plan.service, warning_version=notices.VERSION if copy else "",
            warning_shown="web" if copy else "",
        )
        self.pk = ill.pk

    def review(self, at):
        self.do("review", self.cast.borrowing, at)

    def choose_lenders(self, at):
        self.do("choose_lenders", self.cast.borrowing, at, libraries=self.lenders)

    def decide_copyright(self, at):
        """A person, where the rules have not decided by themselves."""
        if self.ill.compliance:
            return
        found = clearance.look(self.ill, now=at)
        if fair_price.is_needed(found.decision, "") and not fair_price.of(self.ill):
            self.look_for_it(at)
        if found.has_room and found.decision.leaning == decision.WITHIN and not found.decision.barred:
            self.do("decide_copyright", self.cast.borrowing, at, compliance=found.rules.inside,
                    text="The patron needs this one article for a thesis; nobody else asks for it.")
        else:
            self._on_another_ground(at)

    def look_for_it(self, at):
        day = timezone.localtime(at).date()
        fair_price.record(
            self.ill, where="Two secondhand dealers and the publisher's list", looked_on=day,
            result=FairPriceSearch.NOT_FOUND, price=None, currency="", in_print="out", actor=self.cast.borrowing,
            now=at, today=day,
        )

    def _on_another_ground(self, at):
        ground, text = self.dice.choice(_GROUNDS)
        self.do("decide_copyright", self.cast.borrowing, at, compliance="US-CCL", ground=ground, text=text)

    def send(self, at):
        try:
            self.do("send", self.cast.borrowing, at)
        except Elsewhere:  # others took the last place since it was decided
            self._on_another_ground(at)
            self.do("send", self.cast.borrowing, at)

    def will_supply(self, at):
        self.says(Status.WILL_SUPPLY, at)

    def unfilled(self, at):
        code, ours = self.dice.choice(_WHY_NOT)
        if self.talks(self.ill):
            self.says(Status.UNFILLED, at, reason=code)
        else:
            self.do("record_unfilled", self.cast.borrowing, at, reason=ours, note="By e-mail")

    def silent(self, at):
        self.clock("lender_silent", at)

    def late(self, at):
        self.clock("lender_late", at)

    # --- what a lender asks

    def _asks(self, at, reason: str, *, retry: str, condition="", cost=None, after=None, note="") -> None:
        if self.talks(self.ill):
            self.says(Status.RETRY_POSSIBLE, at, retry=retry, condition=condition, cost=cost, after=after, note=note)
        else:
            self.do("record_conditional", self.cast.borrowing, at, reason=reason, cost=cost,
                    currency="USD" if cost is not None else "", retry_after=as_moment(after),
                    note=f"{note} (by e-mail)".strip())

    def conditional_cost(self, at):
        cost = Decimal(self.dice.choice((18, 30, 40)))
        self._asks(at, "cost", retry="CostExceedsMaxCost", cost=cost)

    def conditional_use(self, at):
        self._asks(at, "use_only", retry="LoanCondition", condition="LibraryUseOnly", note="Bound with maps.")

    def conditional_later(self, at):
        day = self.today + timedelta(days=self.dice.randrange(5, 16))
        self._asks(at, "later", retry="OnLoan", after=day, note="Due back then.")

    def accept(self, at):
        self.do("accept_condition", self.cast.borrowing, at)

    def decline(self, at):
        self.do("decline_condition", self.cast.borrowing, at)

    def retry_later(self, at):
        self.do("retry_later", self.cast.borrowing, at)

    # --- the item

    def lender_shipped(self, at):
        self.says(Status.LOANED, at, due=self.due(), barcode=self.barcode, library_use_only=self.library_use_only)

    def receive(self, at):
        ill = self.ill
        parts = "part" in self.work.citation.get("format", "")
        self.do(
            "receive", self.cast.student, at, barcode=ill.barcode or self.barcode, due=ill.due_lender or self.due(),
            pieces=2 if parts else 1, pieces_text="Score and parts" if parts else "",
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
        if self.talks(self.ill):
            self.says(Status.LOAN_COMPLETED, at)
        else:
            self.do("close_return", self.cast.borrowing, at, text="Confirmed by e-mail.")

    def ask_return(self, at):
        self.clock("ask_return", at)

    def lost_by_patron(self, at):
        self.do("report_lost", self.cast.borrowing, at, where="lost_by_patron", note="Our patron has lost it. Please "
                "tell us what the replacement costs.")

    def lost_on_way_back(self, at):
        self.do("report_lost", self.cast.borrowing, at, where="lost_on_way_back", note="The carrier is looking for it.")

    # --- its dates

    def patron_renew(self, at):
        self.do("patron_renew", actors.patron(self.patron.user), at)

    def staff_renew(self, at):
        self.do("ask_renewal", self.cast.borrowing, at)

    def renewed(self, at):
        due = (self.ill.due_lender or self.today) + timedelta(days=28)
        self.says(Status.LOANED, at, renew="Y", due=due, note=self.text("renewed"))

    def renewal_refused(self, at):
        self.says(Status.LOANED, at, renew="N", due=self.ill.due_lender, note=self.text("renewal_refused"))

    def recalled(self, at):
        due = max(at.date() + timedelta(days=8), self.today + timedelta(days=self.dice.randrange(8, 13)))
        self.says(Status.RECALLED, at, due=due, note=self.text("recalled"))

    def overdue_notice(self, at):
        self.says(Status.OVERDUE, at, due=self.ill.due_lender)

    # --- words, and the end

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
        self.says(Status.WILL_SUPPLY, at, cancel="N", note=self.text("cancel_refused"))

    def lender_cancelled(self, at):
        self.says(Status.CANCELLED, at, cancel="Y")

    def lender_note(self, at):
        self.says(Status.EXPECT_TO_SUPPLY, at, note=self.text("lender_note"), notify=True)
