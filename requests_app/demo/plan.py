"""The demo's plan: how many requests stand where, which way each came, and what else happened on it.

A plan is a list of moves with the working hours that pass after each; the last gap is how long the
request has stood where it stands. `walk.py` has a function for each move.
"""

from dataclasses import dataclass, field
from random import Random

# state → how many at desk a, at desk b
COUNTS: dict[str, tuple[int, int]] = {
    "borrowing.submitted": (6, 4),
    "borrowing.in_review": (17, 8),
    "borrowing.ready_to_send": (5, 3),
    "borrowing.sent": (22, 10),
    "borrowing.unfilled": (4, 3),
    "borrowing.shipped": (9, 5),
    "borrowing.received": (9, 4),
    "borrowing.on_hold_shelf": (12, 6),
    "borrowing.checked_out": (34, 14),
    "borrowing.returned_by_patron": (6, 3),
    "borrowing.return_shipped": (8, 4),
    "borrowing.finished": (14, 8),
    "borrowing.cancelled": (6, 4),
    "lending.received": (12, 7),
    "lending.searching": (7, 4),
    "lending.preparing": (5, 3),
    "lending.shipped": (18, 8),
    "lending.return_received": (4, 2),
    "lending.finished": (10, 5),
    "lending.unfilled": (4, 3),
    "lending.cancelled": (2, 2),
}

_TO_SENT = ["ask", "review", "choose_lenders", "send"]
_TO_SHELF = [*_TO_SENT, "will_supply", "lender_shipped", "receive", "shelve"]
_TO_RETURN = [*_TO_SHELF, "check_out", "check_in", "ship_back"]
_LEND = ["arrive", "search", "found", "ship", "borrower_received", "borrower_returned", "check_in", "reshelve"]

PATHS: dict[str, list[str]] = {
    "borrowing.submitted": ["ask"],
    "borrowing.in_review": ["ask", "review"],
    "borrowing.ready_to_send": ["ask", "review", "choose_lenders"],
    "borrowing.sent": _TO_SENT,
    "borrowing.unfilled": [*_TO_SENT, "unfilled"],
    "borrowing.shipped": _TO_SHELF[:-2],
    "borrowing.received": _TO_SHELF[:-1],
    "borrowing.on_hold_shelf": _TO_SHELF,
    "borrowing.checked_out": _TO_RETURN[:-2],
    "borrowing.returned_by_patron": _TO_RETURN[:-1],
    "borrowing.return_shipped": _TO_RETURN,
    "borrowing.finished": [*_TO_RETURN, "completed"],
    "borrowing.cancelled": ["ask", "review", "cancel"],
    "lending.received": ["arrive"],
    "lending.searching": _LEND[:2],
    "lending.preparing": _LEND[:3],
    "lending.shipped": _LEND[:5],
    "lending.return_received": _LEND[:7],
    "lending.finished": _LEND,
    "lending.unfilled": ["arrive", "search", "cannot"],
    "lending.cancelled": ["arrive", "search", "borrower_cancels"],
}

# Working hours after each move until the next one.
_GAPS: dict[str, tuple[float, float]] = {
    "ask": (1, 9), "review": (0.3, 9), "choose_lenders": (0.1, 3), "send": (5, 16), "will_supply": (2, 9),
    "lender_shipped": (16, 40), "receive": (0.3, 3), "shelve": (3, 36), "check_out": (40, 150),
    "check_in": (0.5, 5), "ship_back": (16, 44), "unfilled": (1, 6),
    "arrive": (0.5, 8), "search": (0.6, 6), "found": (0.3, 3), "ship": (18, 40), "borrower_received": (60, 160),
    "borrower_returned": (14, 32),
}
# Working hours that a request has stood where it stands.
_STANDING: dict[str, tuple[float, float]] = {
    "borrowing.submitted": (0.2, 8), "borrowing.in_review": (0.6, 34), "borrowing.ready_to_send": (0.3, 6),
    "borrowing.sent": (2, 60), "borrowing.unfilled": (1, 16), "borrowing.shipped": (2, 36),
    "borrowing.received": (0.2, 4), "borrowing.on_hold_shelf": (2, 52), "borrowing.checked_out": (4, 150),
    "borrowing.returned_by_patron": (0.2, 5), "borrowing.return_shipped": (4, 70),
    "borrowing.finished": (2, 120), "borrowing.cancelled": (3, 160),
    "lending.received": (0.2, 27), "lending.searching": (0.2, 7), "lending.preparing": (0.1, 4),
    "lending.shipped": (6, 150), "lending.return_received": (0.2, 4), "lending.finished": (4, 90),
    "lending.unfilled": (2, 120), "lending.cancelled": (5, 90),
}
TEN_WEEKS = 400.0


@dataclass(frozen=True)
class Aside:
    """Something beside the way: `move` happens after the first `after` of the path."""

    after: str
    move: str
    text: str = ""


# (state, which one of that state) → what else happened
ASIDES: dict[tuple[str, int], tuple[Aside, ...]] = {
    ("borrowing.in_review", 1): (Aside("review", "refer", "The patron needs the original, and the only copies "
                                       "known are in special collections. May we ask abroad?"),),
    ("borrowing.in_review", 2): (Aside("review", "write_patron", "Your request names a second volume, but the "
                                       "catalogs know one only. Could you send us the source of your reference?"),),
    ("borrowing.in_review", 4): (Aside("review", "patron_message", "It is the 1986 printing, the later one lacks "
                                       "the maps."),),
    ("borrowing.in_review", 6): (Aside("review", "note", "Two records for this title; the older one is right."),),
    ("borrowing.in_review", 9): (Aside("review", "refer", "Costs about USD 60 from the only lender."),),
    ("borrowing.submitted", 1): (Aside("ask", "note", "Asked at the desk; the patron leaves on Friday."),),
    ("borrowing.ready_to_send", 2): (Aside("choose_lenders", "note", "Second choice: HOL."),),
    ("borrowing.sent", 2): (Aside("send", "lender_note", "Our copy is on a class reserve until Thursday; shall we "
                                  "send it then?"),),
    ("borrowing.sent", 3): (Aside("send", "ask_cancel", "The patron found a copy in the department."),),
    ("borrowing.sent", 4): (Aside("send", "will_supply"),),
    ("borrowing.sent", 6): (Aside("send", "patron_cancel", "I found it second-hand. Thank you!"),),
    ("borrowing.sent", 7): (Aside("send", "will_supply"),),
    ("borrowing.sent", 8): (Aside("send", "note", "Telephoned: they will look tomorrow."),),
    ("borrowing.unfilled", 1): (Aside("unfilled", "refer", "Nobody else holds it. Buy?"),),
    ("borrowing.shipped", 1): (Aside("send", "ask_cancel", "The patron's thesis defense was moved forward."),
                               Aside("ask_cancel", "cancel_refused", "It left this morning."),
                               Aside("cancel_refused", "attended")),
    ("borrowing.shipped", 3): (Aside("send", "ask_cancel", "Asked twice by mistake."),
                               Aside("ask_cancel", "cancel_refused", "Already in the mail room.")),
    ("borrowing.received", 0): (Aside("receive", "note", "Front joint loose on arrival; photographed."),),
    ("borrowing.on_hold_shelf", 3): (Aside("shelve", "patron_message", "I am away until Monday; please keep it."),),
    ("borrowing.checked_out", 3): (Aside("check_out", "patron_message", "May I keep it two more weeks?"),),
    ("borrowing.checked_out", 8): (Aside("check_out", "overdue_notice", ""),),
    ("borrowing.checked_out", 11): (Aside("check_out", "write_patron", "The lender asks for its book back before "
                                         "the holidays. Could you return it by next week?"),),
    ("borrowing.return_shipped", 2): (Aside("ship_back", "note", "In one parcel with two others of theirs."),),
    ("lending.received", 2): (Aside("arrive", "note", "Shelved with the folios."),),
    ("lending.received", 5): (Aside("arrive", "refer", "Brittle. Lend for use in the library only, or scan?"),),
    ("lending.searching", 1): (Aside("search", "note", "Not in place; look on the sorting shelf once more."),),
    ("lending.shipped", 1): (Aside("borrower_received", "renew", "Our reader asks for three more weeks."),),
    ("lending.shipped", 4): (Aside("borrower_received", "borrower_note", "The accompanying map was not in the "
                                   "parcel."),),
    ("lending.shipped", 6): (Aside("borrower_received", "borrower_returned"),),
    ("lending.shipped", 7): (Aside("borrower_received", "borrower_returned"),),
}
# Cancelled requests end in more than one way.
_CANCELLED_WAYS = (
    ["ask", "review", "cancel"],
    ["ask", "patron_cancel"],
    [*_TO_SENT, "patron_cancel", "lender_cancelled"],
    [*_TO_SENT, "unfilled", "cancel"],
)
BY_PATRON = {"patron_message", "patron_cancel"}
# Only a library with messages can say these; the others' answers are keyed in by staff.
BY_LIBRARY = {"lender_note", "cancel_refused", "lender_cancelled", "will_supply", "overdue_notice"}


@dataclass
class Plan:
    state: str
    place: int  # which one of its state
    moves: list[str]
    texts: dict[str, str] = field(default_factory=dict)
    gaps: list[float] = field(default_factory=list)
    overdue: bool = False

    @property
    def kind(self) -> str:
        return self.state.partition(".")[0]

    @property
    def needs_account(self) -> bool:
        return bool(BY_PATRON & set(self.moves))


def plans(desk: str, dice: Random) -> list[Plan]:
    column = 1 if desk == "b" else 0
    return [
        _plan(state, place, dice) for state, counts in COUNTS.items() for place in range(counts[column])
    ]


def speaks(plan: Plan) -> bool:
    """Must the (last) library of this plan be one that sends messages?"""
    return plan.kind == "lending" or plan.state == "borrowing.shipped" or bool(
        (BY_LIBRARY - {"will_supply"}) & set(plan.moves)
        or any(aside.move in BY_LIBRARY for aside in ASIDES.get((plan.state, plan.place), ()))
    )


def _plan(state: str, place: int, dice: Random) -> Plan:
    moves = list(PATHS[state])
    if state == "borrowing.cancelled":
        moves = list(_CANCELLED_WAYS[place % len(_CANCELLED_WAYS)])
    if state.startswith("borrowing.") and "send" in moves and state != "borrowing.cancelled" and place % 5 == 4:
        # The first library could not: a second was asked.
        at = moves.index("send") + 1
        moves[at:at] = ["unfilled", "choose_lenders", "send"]
    plan = Plan(state, place, moves)
    plan.overdue = (state, place % 7) in {("borrowing.checked_out", 1), ("lending.shipped", 2)}
    for aside in ASIDES.get((state, place), ()):
        last = len(moves) - 1 - moves[::-1].index(aside.after)
        moves.insert(last + 1, aside.move)
        plan.texts[aside.move] = aside.text
    standing = _STANDING[state]
    if plan.overdue:
        standing = (standing[1], standing[1] * 1.3)
    gaps = [dice.uniform(*_GAPS.get(move, (0.4, 4))) for move in moves[:-1]]
    gaps.append(dice.uniform(*standing))
    if (total := sum(gaps)) > TEN_WEEKS:
        gaps = [gap * TEN_WEEKS / total for gap in gaps]
    plan.gaps = gaps
    return plan
