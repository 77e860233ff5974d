"""The chart of a year: what it cost so far, what it will probably come to, and the budget, as places in an SVG. Pure.

Places are of a picture 720 wide and 300 high. Lines differ by their dashes and marks, and their ends bear their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 580, 20, 264
_NEAR = 15  # two names at the ends do not come nearer than a line of text


@dataclass(frozen=True)
class Picture:
    """`spent`, `coming`: (x, y) of each month's end, in the present month of today; `ticks`: (y, amount); `months`: the
    middle of each; `names`: (y, which line)."""

    spent: list[tuple[int, int]]
    coming: list[tuple[int, int]]
    budget: int
    ticks: list[tuple[int, Decimal]]
    months: list[int]
    names: dict[str, int]

    @property
    def spent_line(self) -> str:
        return _line(self.spent)

    @property
    def coming_line(self) -> str:
        return _line(self.coming)


def draw(months: Sequence[Decimal], coming: Sequence[Decimal], budget: Decimal, *, done: int, share: float = 1.0
         ) -> Picture:
    """`done`: so many months have begun, whose costs are known; `share`: so much of the last of them is over."""
    sums, total = [], Decimal(0)
    for place, amount in enumerate(months):
        total += amount + (coming[place] if place >= done else 0)
        sums.append(total)
    known = [sum(months[: place + 1], Decimal(0)) for place in range(done)]
    begins = known[-1] if known else Decimal(0)
    ahead, total = [begins], begins
    for place in range(max(done - 1, 0), len(months)):
        total += coming[place] + (months[place] if place >= done else 0)
        ahead.append(total)
    # The present month's end comes first: what is known of it is the point before.
    most = max([budget, *known, *ahead, Decimal(1)])
    top, step = _round(most)
    wide = (RIGHT - LEFT) / len(months)
    x = [round(LEFT + wide * (place + 1)) for place in range(len(months))]
    today = [*x[: max(done - 1, 0)], *([round(LEFT + wide * (done - 1 + share))] if done else [])]

    def y(amount: Decimal) -> int:
        return round(BOTTOM - (BOTTOM - TOP) * float(max(amount, Decimal(0)) / top))

    spent = [(LEFT, y(Decimal(0))), *((today[place], y(amount)) for place, amount in enumerate(known))]
    ahead_x = [today[-1] if done else LEFT, *x[max(done - 1, 0):]]
    forward = [(at, y(amount)) for at, amount in zip(ahead_x, ahead, strict=True)]
    if done >= len(months) and not any(coming):
        forward = []
    ticks = [(y(step * place), step * place) for place in range(int(top / step) + 1)]
    names = _apart({"budget": y(budget), "spent": spent[-1][1], **({"forecast": forward[-1][1]} if forward else {})})
    return Picture(spent, forward, y(budget), ticks, [round(one - wide / 2) for one in x], names)


def _line(points: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _round(most: Decimal) -> tuple[Decimal, Decimal]:
    """The top of the scale and the step between its lines: 1, 2 or 5 with noughts."""
    step = Decimal(10) ** (len(str(int(most))) - 1)
    for part in (Decimal("0.2"), Decimal("0.5"), Decimal(1), Decimal(2), Decimal(5)):
        if most / (step * part) <= 5:
            step *= part
            break
    count = ceil(most / step)
    return step * max(count, 1), step


def _apart(places: dict[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    last = None
    for name, y in sorted(places.items(), key=lambda item: item[1]):
        last = y if last is None else max(y, last + _NEAR)
        found[name] = last + 4
    return found
