"""The places of a title in a year as they are drawn: used, pending, free, and what stands beyond them. Pure."""

from dataclasses import dataclass

from requests_app.copyright.clearance import Look

_MOST_DRAWN = 20  # a bar of more parts says nothing that its words do not


@dataclass(frozen=True)
class Places:
    title: str
    year: int
    limit: int
    used: int = 0
    held: int = 0
    over: int = 0

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used - self.held)

    @property
    def bar(self) -> list[str]:
        """One word for each place, in the order drawn; nothing where the limit is too high to draw."""
        if self.limit > _MOST_DRAWN:
            return []
        return [*["used"] * self.used, *["held"] * self.held, *["free"] * self.left]


def of_look(look: Look) -> Places | None:
    """None where no place matters: a loan, or a title that nobody knows."""
    counted = look.facts.counted
    if look.decision.verdict == "none" or not counted.name:
        return None
    return Places(counted.name, look.day.year, look.rules.limit, counted.used, counted.held, counted.over)
