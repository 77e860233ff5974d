"""The demo's plan: which way each request came, and when.

A plan is a list of moves with the working hours that pass after each; the last gap is how long the request has
stood where it stands. The ways are tables (ways.py, asides.py); what happened is `walk.py`'s.
"""

from dataclasses import dataclass, field
from random import Random

from requests_app.demo.asides import ASIDES
from requests_app.demo.ways import COPIES, COUNTS, WAYS

# After these the next lender of the rota is asked, if one is left.
FAILING = {"unfilled", "silent", "decline"}
_ASKED = {"send", *FAILING}
# What the clock did, at its own minute: so many days after the last of these moves.
CLOCK: dict[str, tuple[set[str], int]] = {
    "silent": (_ASKED, 4), "late": ({"will_supply"}, 7), "ask_return": ({"ship_back"}, 30),
    "expire": ({"deliver", "deliver_copy"}, 30),
}
# Working hours that are never less than so many days, whatever weekday it is.
_HOURS = {4: 34.0, 7: 43.0, 30: 182.0}
# Something would happen by itself so many working hours after these moves: the request stands there for less.
_AT_MOST = {
    **dict.fromkeys([*_ASKED, "accept", "conditional_cost", "conditional_use", "conditional_later", "retry_later",
                     "report_problem", "our_condition"], 14.0),
    "will_supply": 28.0, "late": 28.0, "ask_return": 60.0, "ship_back": 150.0, "deliver": 130.0,
    "file_arrived": 130.0, "deliver_copy": 130.0, "extend": 60.0,
}
# Libraries that answer by mail have two weeks for it (libraries.py).
_BY_MAIL = 58.0
_UNTIL = {
    "borrowing.sent", "borrowing.conditional", "borrowing.delivered", "borrowing.return_shipped",
    "lending.conditional", "documents.delivered",
}

# Working hours after each move until the next one.
_GAPS: dict[str, tuple[float, float]] = {
    "ask": (1, 9), "review": (0.3, 9), "choose_lenders": (0.1, 3), "decide_copyright": (0.1, 2), "send": (5, 14),
    "will_supply": (2, 9), "lender_shipped": (16, 40), "receive": (0.3, 3), "shelve": (3, 36),
    "check_out": (40, 150), "check_in": (0.5, 5), "ship_back": (16, 44), "unfilled": (2, 10), "silent": (2, 10),
    "decline": (3, 10), "accept": (3, 10), "retry_later": (1, 4), "patron_renew": (2, 9), "recalled": (0.2, 2),
    "copy_sent": (0.05, 0.2), "file_arrived": (0.2, 3), "deliver": (0.5, 16), "download": (2, 20),
    "report_problem": (3, 12),
    "arrive": (0.5, 8), "search": (0.6, 6), "found": (0.3, 3), "ship": (18, 40), "borrower_received": (60, 160),
    "borrower_returned": (14, 32), "our_condition": (3, 14), "overdue": (40, 70), "deliver_scan": (0.1, 3),
    "scan_fetched": (0.5, 6), "wants_resend": (1, 6), "renew": (1, 9),
    "to_documents": (0.5, 6), "search_shelf": (0.5, 5), "found_here": (0.3, 3), "deliver_copy": (0.5, 16),
}
# Working hours that a request has stood where it stands.
_STANDING: dict[str, tuple[float, float]] = {
    "borrowing.submitted": (0.2, 8), "borrowing.in_review": (0.6, 34), "borrowing.copyright_review": (0.5, 9),
    "borrowing.ready_to_send": (0.3, 6), "borrowing.sent": (1, 60), "borrowing.conditional": (0.5, 13),
    "borrowing.unfilled": (1, 16), "borrowing.shipped": (2, 36), "borrowing.received": (0.2, 4),
    "borrowing.on_hold_shelf": (2, 52), "borrowing.checked_out": (4, 150),
    "borrowing.returned_by_patron": (0.2, 5), "borrowing.return_shipped": (4, 70), "borrowing.delivered": (1, 110),
    "borrowing.lost": (10, 60), "borrowing.finished": (2, 120), "borrowing.cancelled": (3, 160),
    "lending.received": (0.2, 20), "lending.searching": (0.2, 7), "lending.conditional": (1, 13),
    "lending.preparing": (0.1, 4), "lending.shipped": (6, 150), "lending.return_received": (0.2, 4),
    "lending.lost": (12, 60), "lending.finished": (4, 90), "lending.unfilled": (2, 120),
    "lending.cancelled": (5, 90),
    "documents.submitted": (0.2, 5), "documents.searching": (0.2, 5), "documents.scanning": (0.1, 4),
    "documents.on_hold_shelf": (2, 30), "documents.delivered": (1, 110), "documents.finished": (3, 90),
    "documents.cancelled": (5, 60),
}
TEN_WEEKS = 400.0

BY_PATRON = {"patron_message", "patron_cancel", "patron_renew", "download", "report_problem"}
# Only a library with messages can say these; the others' answers are keyed in by staff.
BY_LIBRARY = {
    "lender_note", "cancel_refused", "lender_cancelled", "overdue_notice", "renewed", "renewal_refused", "recalled",
    "copy_mailed", "file_failed",
}
# What is keyed in at once, or not at all, when the lender writes by mail.
_NOT_BY_MAIL = {"will_supply", "lender_shipped", "copy_sent"}


@dataclass
class Plan:
    state: str
    place: int  # which one of its state
    nth: int  # which one of the loans, or of the copies, of its state
    service: str
    moves: list[str]
    texts: dict[str, str] = field(default_factory=dict)
    gaps: list[float] = field(default_factory=list)
    overdue: bool = False
    by_mail: bool = False

    @property
    def kind(self) -> str:
        return self.state.partition(".")[0]

    @property
    def key(self) -> str:
        return f"{self.state} copy" if self.service == "copy" else self.state

    @property
    def needs_account(self) -> bool:
        return bool(BY_PATRON & set(self.moves))

    @property
    def rota_after(self) -> int:
        """How many lenders are left to ask after the one that has it."""
        nobody_left = self.state == "borrowing.unfilled" or "cancel" in self.moves
        return 0 if nobody_left or self.by_mail else (1, 2, 0, 3)[self.nth % 4]


def plans(desk: str, dice: Random) -> list[Plan]:
    column = 1 if desk == "b" else 0
    made = []
    for state, counts in COUNTS.items():
        loans = counts[column] - COPIES.get(state, (0, 0))[column]
        for place in range(counts[column]):
            service = "loan" if place < loans else "copy"
            made.append(_plan(state, place, place - loans if service == "copy" else place, service, dice))
    return made


def _plan(state: str, place: int, nth: int, service: str, dice: Random) -> Plan:
    plan = Plan(state, place, nth, service, [])
    ways = WAYS[plan.key]
    plan.moves = list(ways[min(nth, len(ways) - 1)])
    plan.overdue = (state, nth % 7) in {("borrowing.checked_out", 1), ("lending.shipped", 2)}
    if plan.overdue and plan.kind == "lending":
        plan.moves.append("overdue")
    asides = ASIDES.get((plan.key, nth), ())
    for aside in asides:
        after = _ASKED if aside.after == "asked" else {aside.after}
        plan.moves.insert(_last(plan.moves, after) + 1, aside.move)
        plan.texts[aside.move] = aside.text
    plan.by_mail = plan.kind == "borrowing" and nth % 3 == 2 and not _speaks(plan)
    if plan.by_mail:
        plan.moves = [move for move in plan.moves if move not in _NOT_BY_MAIL]
    plan.gaps = _gaps(plan, dice)
    return plan


def _speaks(plan: Plan) -> bool:
    """Must the (last) library of this plan be one that sends messages?"""
    return (
        plan.state == "borrowing.shipped" or plan.moves.count("copy_sent") > 1 or "late" in plan.moves
        or bool(BY_LIBRARY & set(plan.moves))
    )


def _gaps(plan: Plan, dice: Random) -> list[float]:
    moves = plan.moves
    gaps = [dice.uniform(*_GAPS.get(move, (0.4, 4))) for move in moves[:-1]]
    standing = (4, 60) if moves[-1] == "overdue" else _STANDING[plan.state]
    if plan.overdue and plan.kind == "borrowing":
        standing = (standing[1], standing[1] * 1.3)
    gaps.append(dice.uniform(*standing))
    fixed = _wait_for_the_clock(moves, gaps)
    if plan.state in _UNTIL and (base := _last(moves, set(_AT_MOST))) >= 0:
        most = _BY_MAIL if plan.by_mail and moves[base] in _ASKED else _AT_MOST[moves[base]]
        if (since := sum(gaps[base:])) > most:
            gaps[base:] = [gap * most / since for gap in gaps[base:]]
    if (total := sum(gaps)) > TEN_WEEKS:
        kept = sum(gaps[place] for place in fixed)
        factor = (TEN_WEEKS - kept) / (total - kept)
        gaps = [gap if place in fixed else gap * factor for place, gap in enumerate(gaps)]
    return gaps


def _wait_for_the_clock(moves: list[str], gaps: list[float]) -> set[int]:
    """Days must pass before the clock acts; returns the gaps that may not shrink."""
    fixed: set[int] = set()
    for place, move in enumerate(moves):
        if move in CLOCK:
            bases, days = CLOCK[move]
            base = _last(moves[:place], bases)
            gaps[place - 1] += max(_HOURS[days] - sum(gaps[base:place]), 0)
            fixed |= set(range(base, place))
    return fixed


def _last(moves: list[str], among: set[str]) -> int:
    """Place of the last move among these; -1 when there is none."""
    return max((place for place, move in enumerate(moves) if move in among), default=-1)
