"""Copies for our own patrons, whether another library scans them or we do."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from illdesk import actors, events
from requests_app.actions.copies import current
from requests_app.demo import libraries, partners
from requests_app.demo.borrowing import Borrowing
from requests_app.demo.files import notice_of, scan_of
from requests_app.exchange.iso18626.codes import Status
from requests_app.models import Delivery, ILLRequest

_BAD = (
    ("pages_missing", "47–48", "The table on page 47 is what I need most."), ("unreadable", "41", ""),
    ("cut_off", "", "The outer margin is missing on every left page."),
)


class Copies(Borrowing):
    def copy_sent(self, at):
        """By a link, which our desk fetches."""
        ill = self.ill
        assert ill.partner is not None
        self.says(Status.COPY_COMPLETED, at, url=f"{libraries.past_files(ill.partner)}/{ill.number.lower()}.pdf")

    def copy_mailed(self, at):
        self.says(Status.COPY_COMPLETED, at, note="A photocopy, by first-class mail.")

    def file_arrived(self, at):
        ill = self.ill
        file = scan_of(ill, at, cover=True)
        if self.talks(ill):
            self.told(partners.fetched, file, at)
        else:  # it came as an attachment
            self.do("receive_copy", self.cast.borrowing, at, file=file)

    def file_failed(self, at):
        self.told(partners.not_fetched, "The other system answered 404 Not Found.", at)

    def deliver(self, at):
        self.do("deliver", self.cast.borrowing, at)

    def download(self, at):
        """As the patron's page does it (views/deliveries.py)."""
        row = current(self.ill)
        assert row is not None
        Delivery.objects.filter(pk=row.pk).update(fetched=F("fetched") + 1)
        events.record(
            "request.downloaded", subject=self.ill.subject, actor=actors.patron(self.patron.user), now=at,
            data={"times": row.fetched + 1},
        )

    def report_problem(self, at):
        problem, pages, text = _BAD[self.plan.nth % len(_BAD)]
        self.do("report_problem", actors.patron(self.patron.user), at, problem=problem, pages=pages, text=text)

    def extend(self, at):
        until = timezone.localtime(at).date() + timedelta(days=60)
        self.do("extend_delivery", self.cast.borrowing, at, until=until, most=10)

    def expire(self, at):
        self.clock("expire_delivery", at)

    # --- we own it

    def to_documents(self, at):
        self.do("to_documents", self.cast.borrowing, at)
        # No step tells the place on the shelf: it is what the catalog will answer.
        ILLRequest.objects.filter(pk=self.pk).update(location=self.work.location, call_number=self.work.call_number)
        self.kept = None

    def search_shelf(self, at):
        self.do("start_search", self.cast.lending, at)

    def found_here(self, at):
        self.do("found", self.cast.lending, at)

    def to_borrowing(self, at):
        self.do("to_borrowing", self.cast.lending, at)

    def deliver_copy(self, at):
        self.do("deliver_copy", self.cast.lending, at, file=scan_of(self.ill, at, cover=True),
                notice=notice_of(self.ill))

    def shelve(self, at):
        if self.plan.kind == "documents":
            self.do("shelve", self.cast.lending, at)
        else:
            super().shelve(at)

    def hand_over(self, at):
        self.do("hand_over", self.cast.borrowing, at)
