"""What happened to what other libraries asked us for."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from illdesk import actors, events
from requests_app.actions.copies import current
from requests_app.demo import partners
from requests_app.demo.files import notice_of, scan_of
from requests_app.demo.walk import Walk
from requests_app.exchange.iso18626.codes import Action
from requests_app.models import Delivery, Dialogue, ILLRequest, Library

_CANNOT = ("not_on_shelf", "in_use", "non_circulating", "lacking", "poor_condition")
_OURS = (
    ("use_only", None, "Fragile spine."), ("cost", Decimal(45), "By courier only, insured."),
    ("reading_room", None, "Shelved with our rare books."), ("no_renewal", None, "Wanted here for next term."),
)
_ASK_AGAIN = "RESEND: pages are missing (40–41). Please send it again."


class Lending(Walk):
    def __init__(self, plan, work, cast, *, borrower: Library, request_id: str, barcode: str, now, dice):
        super().__init__(plan, work, cast, now=now, dice=dice)
        self.borrower, self.request_id, self.barcode = borrower, request_id, barcode
        # Half are promised before anybody looks on the shelf.
        self.promises = dice.random() < 0.5

    def says(self, action: str, at, note: str = "") -> None:
        self.told(partners.requester_says, action, at, note=note)

    def arrive(self, at):
        copy = self.plan.service == "copy"
        need_by = at.date() + timedelta(days=self.dice.randrange(14, 45)) if self.dice.random() < 0.5 else None
        note = self.dice.choice(("", "", "", "Please insure.", "Any printing of this edition.", ""))
        year = self.work.citation.get("year", "")
        ground = "US-CCG" if year.isdigit() and at.year - int(year) <= 5 else "US-CCL"
        if self.plan.state == "lending.conditional":  # of what was forgotten, our condition asks
            ground = ""
        partners.ask(
            self.borrower, self.request_id, self.work, at, need_by=need_by, note="" if copy else note,
            service=self.plan.service, compliance=ground if copy else "",
            max_cost=Decimal(25) if self.dice.random() < 0.4 else None,
        )
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

    # --- what we ask

    def our_condition(self, at):
        if self.plan.service == "copy":
            self.do("ask_condition", self.cast.lending, at, reason="compliance", note="CCG or CCL, please.")
            return
        reason, cost, note = _OURS[self.plan.nth % len(_OURS)]
        self.do("ask_condition", self.cast.lending, at, reason=reason, cost=cost, note=note)

    def borrower_accepts(self, at):
        partners.ask(
            self.borrower, f"{self.request_id}-2", self.work, at, need_by=None, note="Conditions accepted",
            previous=self.request_id, service=self.plan.service,
        )
        self.kept = None

    # --- the item

    def ship(self, at):
        left = timezone.localtime(at).date()
        due = left + timedelta(days=42)
        if (told := self.day_of("overdue")) is not None:
            due = told - timedelta(days=1)
        elif "check_in" not in self.plan.moves and due <= self.today:
            due = self.today + timedelta(days=self.dice.randrange(3, 20))
        parts = "part" in self.work.citation.get("format", "")
        self.do(
            "ship", self.cast.lending, at, due=due, barcode=self.barcode, pieces=5 if parts else 1,
            pieces_text="Score and four parts" if parts else "", library_use_only=self.work.location == "Reference",
        )

    def overdue(self, at):
        self.clock("overdue", at)

    def declare_lost(self, at):
        self.do("declare_lost", self.cast.lending, at, where="lost_there", note="No answer to three letters.")

    def borrower_lost(self, at):
        self.says(Action.NOTIFICATION, at, "LOST: the item is lost. We pay the replacement.")

    def cannot(self, at):
        self.do("unfilled", self.cast.lending, at, reason=self.dice.choice(_CANNOT))

    def check_in(self, at):
        self.do("check_in", self.cast.student, at)

    def reshelve(self, at):
        self.do("reshelve", self.cast.student, at)

    # --- its dates

    def renew(self, at):
        self.says(Action.RENEW, at, self.text("renew"))

    def grant_renewal(self, at):
        due = max(self.ill.due_lender or self.today, self.today) + timedelta(days=21)
        self.do("grant_renewal", self.cast.lending, at, due=due)

    def refuse_renewal(self, at):
        self.do("refuse_renewal", self.cast.lending, at, note=self.text("refuse_renewal"))

    def recall(self, at):
        due = max(timezone.localtime(at).date() + timedelta(days=14), self.today + timedelta(days=4))
        self.do("recall", self.cast.lending, at, due=due, note=self.text("recall"))

    # --- the scan

    def deliver_scan(self, at):
        self.do("deliver_scan", self.cast.lending, at, file=scan_of(self.ill, at, cover=False),
                notice=notice_of(self.ill))

    def mail_copy(self, at):
        self.do("mail_copy", self.cast.lending, at, notice="none", note="The plates are too large for our scanner.")

    def scan_fetched(self, at):
        """As the link does it (views/deliveries.py)."""
        row = current(self.ill, to=Delivery.LIBRARY)
        assert row is not None
        Delivery.objects.filter(pk=row.pk).update(fetched=F("fetched") + 1)
        events.record(
            "request.scan_fetched", subject=self.ill.subject, actor=actors.Actor("partner"), now=at,
            data={"times": row.fetched + 1},
        )

    def wants_resend(self, at):
        self.says(Action.NOTIFICATION, at, _ASK_AGAIN)

    # --- the borrower

    def borrower_received(self, at):
        self.says(Action.RECEIVED, at)

    def borrower_returned(self, at):
        self.says(Action.SHIPPED_RETURN, at)

    def borrower_cancels(self, at):
        self.says(Action.CANCEL, at)

    def borrower_note(self, at):
        self.says(Action.NOTIFICATION, at, self.text("borrower_note"))
