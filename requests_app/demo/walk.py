"""One request on its way through the demo's past: each move is the real step, message or intake."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from illdesk import actors
from illdesk.actors import Actor
from requests_app.actions import perform
from requests_app.demo import calendar
from requests_app.demo.plan import CLOCK, Plan
from requests_app.demo.works import Work
from requests_app.models import ILLRequest


@dataclass(frozen=True)
class Cast:
    """Who does what at this desk."""

    borrowing: Actor
    lending: Actor
    student: Actor


class Walk:
    """What all kinds share. `times` is the moment of each move, in order."""

    def __init__(self, plan: Plan, work: Work, cast: Cast, *, now: datetime, dice: Random):
        self.plan, self.work, self.cast, self.dice = plan, work, cast, dice
        self.today = timezone.localtime(now).date()
        self.pk = 0  # until it is asked for
        self.kept: ILLRequest | None = None
        left = sum(plan.gaps)
        self.times: list[datetime] = []
        for gap in plan.gaps:
            self.times.append(calendar.hours_before(now, left))
            left -= gap
        for place, move in enumerate(plan.moves):
            if move in CLOCK:
                bases, days = CLOCK[move]
                base = max(at for at in range(place) if plan.moves[at] in bases)
                self.times[place] = self.times[base] + timedelta(days=days, minutes=1)
            elif move == "overdue":  # the first minute after the due date, which follows from it
                day = timezone.localtime(self.times[place]).date()
                self.times[place] = timezone.make_aware(datetime.combine(day, time(0, 1)))

    def moves(self):
        """(moment, function) of each move, in order."""
        for place, name in enumerate(self.plan.moves):
            yield self.times[place], lambda name=name, at=self.times[place]: getattr(self, name)(at)

    @property
    def ill(self) -> ILLRequest:
        """As it stands; read again only when somebody else, as a partner's message, may have changed it."""
        if self.kept is None:
            self.kept = ILLRequest.objects.select_related("partner", "patron__user", "citation", "branch").get(
                pk=self.pk
            )
        return self.kept

    def do(self, action: str, actor: Actor, at: datetime, **answers) -> None:
        perform(self.ill, action, actor=actor, now=at, **answers)

    def clock(self, action: str, at: datetime) -> None:
        self.do(action, actors.CLOCK, at)

    def told(self, say, *args, **kwargs) -> None:
        """A message of the partner's."""
        say(self.ill, *args, **kwargs)
        self.kept = None

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

    def write_partner(self, at):
        self.do("write_partner", self.staff, at, text=self.text("write_partner"))

    @property
    def staff(self) -> Actor:
        return self.cast.lending if self.plan.kind == "lending" else self.cast.borrowing
