"""The lifecycle table for people: as rows of words, as a picture, as Mermaid. Nothing here is drawn by hand."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app import lifecycle
from requests_app.lifecycle import STATES, STEPS, State, Step

# Who takes a step → words, family for the colour, dashes of the line: told apart without colour too.
WHO: dict[str, tuple[str | Promise, str, str]] = {
    "staff": (gettext_lazy("staff"), "ours", ""),
    "patron": (gettext_lazy("patron"), "patron", "1 4"),
    "partner": (gettext_lazy("other library"), "others", "6 4"),
    "clock": (gettext_lazy("system"), "ended", "2 2"),
}
# Pixels: states stand below each other, each step is a line of its own beside them.
ROW, LANE, LEFT, TOP, TILT_ROOM = 36, 28, 176, 156, 96


@dataclass(frozen=True)
class Row:
    """One step in words."""

    label: str
    who: str
    sources: list[State]
    target: State | None  # None: it stays where it is
    then: str
    service: str
    iso: str


@dataclass(frozen=True)
class Box:
    state: State
    y: int

    @property
    def middle(self) -> int:
        return self.y + 13


@dataclass(frozen=True)
class Lane:
    """One step that moves: a line with a dot at each state it starts from and an arrow where it ends."""

    label: str
    family: str
    dashes: str
    x: int
    top: int
    bottom: int
    dots: list[int]
    arrow: str  # points of the triangle


@dataclass(frozen=True)
class Picture:
    boxes: list[Box]
    lanes: list[Lane]
    width: int
    height: int


def states(side: str) -> list[State]:
    return [state for state in STATES.values() if state.side == side and not state.later]


def sides() -> list[str]:
    return [side for side in lifecycle.KINDS if states(side)]


def _steps(side: str) -> list[tuple[Step, list[State]]]:
    here = states(side)
    found = []
    for step in STEPS:
        if step.action == lifecycle.UNDO:  # the ways back would hide the ways on
            continue
        sources = [state for state in here if state.code in step.sources]
        if sources:
            found.append((step, sources))
    return found


def rows(side: str) -> list[Row]:
    """Every step of a side, in the order of the table."""
    services = {lifecycle.LOAN: _("loans only"), lifecycle.COPY: _("copies only")}
    return [
        Row(
            label=words(step.label), who=str(WHO[step.by][0]), sources=sources, target=STATES.get(step.target),
            then=words(step.then), service=services.get(step.service, ""),
            iso=", ".join(
                part for part in (step.iso_in and f"← {step.iso_in}", step.iso_out and f"→ {step.iso_out}") if part
            ),
        )
        for step, sources in _steps(side)
    ]


def words(text: str | Promise) -> str:
    """A label or sentence of the table where no request gives the partner's name."""
    return str(text).replace("{partner}", _("the other library")).rstrip("…")


def picture(side: str) -> Picture:
    boxes = [Box(state, TOP + index * ROW) for index, state in enumerate(states(side))]
    at = {box.state.code: box.middle for box in boxes}
    moving = [(step, sources) for step, sources in _steps(side) if step.target in at]
    # By where they start: the work then runs as stairs from the upper left to the lower right.
    moving.sort(key=lambda pair: (at[pair[1][0].code], at[pair[0].target]))
    lanes = [_lane(step, sources, LEFT + 24 + index * LANE, at) for index, (step, sources) in enumerate(moving)]
    return Picture(boxes, lanes, LEFT + 24 + len(lanes) * LANE + TILT_ROOM, TOP + len(boxes) * ROW)


def _lane(step: Step, sources: list[State], x: int, at: dict[str, int]) -> Lane:
    _who, family, dashes = WHO[step.by]
    dots, end = [at[state.code] for state in sources], at[step.target]
    # The arrow points the way that most of its sources go.
    back = 7 if sum(dot < end for dot in dots) < sum(dot > end for dot in dots) else -7
    return Lane(
        label=words(step.label), family=family, dashes=dashes, x=x, top=min(*dots, end), bottom=max(*dots, end),
        dots=[dot for dot in dots if dot != end], arrow=f"{x},{end} {x - 5},{end + back} {x + 5},{end + back}",
    )


def mermaid(side: str) -> str:
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.code.partition('.')[2]}: {state.label}" for state in states(side)]
    lines += [f"    [*] --> {code.partition('.')[2]}" for code in sorted(lifecycle.FIRST) if code.startswith(side)]
    for row in rows(side):
        if row.target is not None and row.target.side == side:
            for source in row.sources:
                start, end = source.code.partition(".")[2], row.target.code.partition(".")[2]
                lines.append(f"    {start} --> {end}: {row.label} ({row.who})")
    lines += [f"    {state.code.partition('.')[2]} --> [*]" for state in states(side) if state.ended]
    return "\n".join(lines) + "\n"
