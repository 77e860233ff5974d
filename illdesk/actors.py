"""Who does something: a person at the desk, a patron, a partner library's system, the clock."""

from dataclasses import dataclass

from illdesk.models import User


@dataclass(frozen=True)
class Actor:
    kind: str  # staff | patron | partner | clock | system
    user: User | None = None
    partner: str = ""  # symbol of the partner library

    def may(self, right: str) -> bool:
        """Clock, system and partners may what their rows of the lifecycle table say; people, by role."""
        if self.kind in ("clock", "system", "partner"):
            return True
        return self.user is not None and self.user.may(right)


CLOCK = Actor("clock")
SYSTEM = Actor("system")


def staff(user: User) -> Actor:
    return Actor("staff", user=user)


def patron(user: User | None) -> Actor:
    return Actor("patron", user=user)


def partner(symbol: str) -> Actor:
    return Actor("partner", partner=symbol)
