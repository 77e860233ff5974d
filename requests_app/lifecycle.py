"""What can be, and what can happen: every state and every step of a request, as a table.

Buttons, permissions, the ISO 18626 inbox and outbox, the help page's diagram, `manage.py show_lifecycle`
and many tests are readers of it. `perform()` (actions/__init__.py) is its one writer. What a library may
choose (days, letters) is data in the database; this is programmers' data next to its reader.

ISO 18626 codes are written `request:New`, `status:Loaned`, `action:Received`, `cancel:Y` (the answer
to a Cancel): which element carries it, and its value (ISO 18626:2017, version 1.2).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

BORROWING, LENDING, DOCUMENTS = "borrowing", "lending", "documents"
KINDS = {BORROWING: _("Borrowing"), LENDING: _("Lending"), DOCUMENTS: _("Documents")}
PREFIXES = {BORROWING: "B", LENDING: "L", DOCUMENTS: "D"}
LOAN, COPY = "loan", "copy"


@dataclass(frozen=True)
class State:
    """A place where a request can stand. `look_for`: what staff look at it for."""

    code: str
    label: Text
    family: str  # ours | others | decision | moving | patron | trouble | ended_ok | ended_not
    look_for: Text
    patron_label: Text = ""
    patron_sentence: Text = ""
    later: bool = False  # reached only by steps that do not exist yet: hidden and left out of the check

    @property
    def side(self) -> str:
        return self.code.partition(".")[0]

    @property
    def slug(self) -> str:
        return self.code.partition(".")[2].replace("_", "-")

    @property
    def ended(self) -> bool:
        return self.family in ("ended_ok", "ended_not") or self.code.endswith(".lost")


@dataclass(frozen=True)
class Step:
    """One way from a state to another, or to itself (`target` blank)."""

    action: str
    sources: tuple[str, ...]
    target: str
    by: str  # staff | patron | partner | clock
    label: Text
    then: Text  # what will happen, and to whom a letter or message goes
    permission: str = ""
    service: str = ""  # only for loan or copy; blank: both
    iso_in: str = ""
    iso_out: str = ""
    form: str = ""
    letter: str = ""  # the letter to the patron that goes with it
    unless: str = ""  # a field of the request that must be empty
    only: str = ""  # a field of the request that must be set
    quiet: bool = False  # beside the work itself: never the first button
    aside: bool = False  # changes nothing that others decide by: no version is checked or counted

    def fits(self, ill) -> bool:
        """Is this step possible for this request as it stands?"""
        return (
            ill.state in self.sources
            and self.service in ("", ill.service)
            and not (self.unless and getattr(ill, self.unless))
            and not (self.only and not getattr(ill, self.only))
        )


def _b(*names: str) -> tuple[str, ...]:
    return tuple(f"borrowing.{name}" for name in names)


def _l(*names: str) -> tuple[str, ...]:
    return tuple(f"lending.{name}" for name in names)


_LOOKING = _("Looking for a library")
_SEE = _("We are looking for a library that has it.")
_ON_SHELF = _("On hold shelf")

_STATES = [
    # --- borrowing: our patron wants what another library has
    State("borrowing.submitted", _("New"), "ours", _("Just asked; nobody has looked at it yet."),
          _("Request received"), _("We have your request. We are checking it now.")),
    State("borrowing.in_review", _("In review"), "ours", _("A person decides how to go on."),
          _("We are checking"), _("We have your request. We are checking it now.")),
    State("borrowing.awaiting_patron", _("Awaiting patron"), "others", _("We asked the patron something."),
          _("We need your answer"), _("We need your answer before we can go on."), later=True),
    State("borrowing.copyright_review", _("Copyright review"), "decision", _("Copyright must be decided."),
          _("We are checking"), _("We are checking what copyright allows."), later=True),
    State("borrowing.ready_to_send", _("Ready to send"), "ours", _("A lender is chosen; it can be sent."),
          _LOOKING, _SEE),
    State("borrowing.sent", _("Sent"), "others", _("The lender has it and will answer."),
          _LOOKING, _("We asked a library that has it and are waiting for its answer.")),
    State("borrowing.conditional", _("Conditional"), "decision", _("The lender asks something."),
          _LOOKING, _SEE, later=True),
    State("borrowing.unfilled", _("Unfilled"), "decision", _("The lender cannot supply; what next?"),
          _LOOKING, _("The library we asked cannot send it. We are trying to find another.")),
    State("borrowing.shipped", _("Shipped"), "moving", _("On its way to us."),
          _("On its way to us"), _("Another library sent it. We write to you when it is here.")),
    State("borrowing.received", _("Received"), "ours", _("Here; goes to the hold shelf."),
          _("It has arrived"), _("It is here. We are getting it ready for you.")),
    State("borrowing.on_hold_shelf", _ON_SHELF, "patron", _("Waits for the patron."),
          _("Ready to pick up"), _("Please pick it up.")),
    State("borrowing.checked_out", _("Checked out"), "patron", _("With the patron until the due date."),
          _("With you"), _("You have it.")),
    State("borrowing.returned_by_patron", _("Returned"), "ours", _("Back from the patron; ship it back."),
          _("Returned"), _("You brought it back. Thank you.")),
    State("borrowing.return_shipped", _("Return shipped"), "moving", _("On its way back to the lender."),
          _("Returned"), _("You brought it back. Thank you.")),
    State("borrowing.delivered", _("Delivered"), "patron", _("The patron can download it."),
          _("Your PDF is ready"), _("Your PDF is ready."), later=True),
    State("borrowing.finished", _("Finished"), "ended_ok", _("Done."), _("Done"), _("All done.")),
    State("borrowing.cancelled", _("Cancelled"), "ended_not", _("Ended without supply."),
          _("Cancelled"), _("This request was cancelled.")),
    State("borrowing.lost", _("Lost"), "trouble", _("Lost; it is being billed."),
          _("Lost"), _("This item is lost."), later=True),
    # --- lending: another library wants what we have
    State("lending.received", _("Received"), "ours", _("A library asks; answer in time.")),
    State("lending.searching", _("Searching"), "ours", _("The pull slip is out; find it on the shelf.")),
    State("lending.conditional", _("Conditional"), "others", _("We asked the library something."), later=True),
    State("lending.preparing", _("Preparing"), "ours", _("Found; pack it.")),
    State("lending.shipped", _("Shipped"), "moving", _("With the other library until it is due.")),
    State("lending.return_received", _("Return received"), "ours", _("Back; put it on its shelf.")),
    State("lending.finished", _("Finished"), "ended_ok", _("Back on the shelf.")),
    State("lending.unfilled", _("Unfilled"), "ended_not", _("We could not supply it.")),
    State("lending.cancelled", _("Cancelled"), "ended_not", _("The library no longer wants it.")),
    State("lending.lost", _("Lost"), "trouble", _("Lost; it is being billed."), later=True),
    # --- document delivery: our patron wants what we have
    State("documents.submitted", _("New"), "ours", _("Just asked."), later=True),
    State("documents.searching", _("Searching"), "ours", _("Find it on the shelf."), later=True),
    State("documents.scanning", _("Scanning"), "ours", _("Scan it."), later=True),
    State("documents.on_hold_shelf", _ON_SHELF, "patron", _("Waits for the patron."), later=True),
    State("documents.delivered", _("Delivered"), "patron", _("The patron can download it."), later=True),
    State("documents.finished", _("Finished"), "ended_ok", _("Done."), later=True),
    State("documents.cancelled", _("Cancelled"), "ended_not", _("Ended without supply."), later=True),
]
STATES: dict[str, State] = {state.code: state for state in _STATES}
FIRST = {"borrowing.submitted", "lending.received"}

_B_ALL = tuple(code for code, state in STATES.items() if state.side == BORROWING and not state.later)
_L_ALL = tuple(code for code, state in STATES.items() if state.side == LENDING and not state.later)
_B_OPEN = tuple(code for code in _B_ALL if not STATES[code].ended)
_L_OPEN = tuple(code for code in _L_ALL if not STATES[code].ended)
_BEFORE_SENT = _b("submitted", "in_review", "ready_to_send", "unfilled")

STEPS: tuple[Step, ...] = (
    # --- borrowing, in the order of the work
    Step("review", _b("submitted"), "borrowing.in_review", "staff", _("Take up"),
         _("Goes to In review. Nobody is written to."), "work_borrowing"),
    Step("send", _b("ready_to_send"), "borrowing.sent", "staff", _("Send to {partner}"),
         _("Goes to Sent. The request leaves for {partner} now; the patron sees it, no letter goes."),
         "work_borrowing", iso_out="request:New"),
    Step("choose_lender", _b("in_review", "submitted", "unfilled", "ready_to_send"), "borrowing.ready_to_send",
         "staff", _("Choose lender"), _("Goes to Ready to send. Nobody is written to yet."),
         "work_borrowing", form="choose_lender"),
    Step("lender_will_supply", _b("sent"), "", "partner", _("Lender will supply"),
         _("The lender says it will send it."), iso_in="status:WillSupply", aside=True),
    Step("lender_shipped", _b("sent"), "borrowing.shipped", "partner", _("Lender shipped"),
         _("The item is on its way to us."), iso_in="status:Loaned"),
    Step("lender_unfilled", _b("sent"), "borrowing.unfilled", "partner", _("Lender cannot supply"),
         _("Goes to Unfilled: choose another library, or cancel."), iso_in="status:Unfilled",
         unless="cancel_asked"),
    # Somebody asked to cancel meanwhile: then nobody is asked any more.
    Step("lender_unfilled", _b("sent"), "borrowing.cancelled", "partner", _("Lender cannot supply"),
         _("Goes to Cancelled, as was asked."), iso_in="status:Unfilled", only="cancel_asked"),
    Step("lender_shipped", _b("received", "on_hold_shelf", "checked_out"), "", "partner", _("Lender's due date"),
         _("The item was here before the lender's message."), iso_in="status:Loaned", unless="due_lender"),
    Step("request_refused", _b("sent"), "borrowing.unfilled", "clock", _("Refused by {partner}"),
         _("The other system refused the request: choose another library."), unless="cancel_asked"),
    Step("request_refused", _b("sent"), "borrowing.cancelled", "clock", _("Refused by {partner}"),
         _("Goes to Cancelled, as was asked."), only="cancel_asked"),
    Step("record_unfilled", _b("sent"), "borrowing.unfilled", "staff", _("Lender cannot supply…"),
         _("Goes to Unfilled, as told by telephone or mail. Nobody is written to."), "work_borrowing",
         form="record_unfilled", unless="cancel_asked", quiet=True),
    Step("record_unfilled", _b("sent"), "borrowing.cancelled", "staff", _("Lender cannot supply…"),
         _("Goes to Cancelled, as was asked. The patron is told by e-mail."), "work_borrowing",
         form="record_unfilled", letter="cancelled", only="cancel_asked", quiet=True),
    Step("receive", _b("shipped", "sent"), "borrowing.received", "staff", _("Receive"),
         _("Goes to Received and prints the book band. {partner} is told that it arrived."),
         "handle_items", service=LOAN, iso_out="action:Received", form="receive"),
    # It was sent all the same: what is in the post must find its way in.
    Step("receive", _b("unfilled"), "borrowing.received", "staff", _("Receive"),
         _("Goes to Received and prints the book band. {partner} is told that it arrived."),
         "handle_items", service=LOAN, iso_out="action:Received", form="receive", quiet=True),
    Step("shelve", _b("received"), "borrowing.on_hold_shelf", "staff", _("Put on hold shelf"),
         _("Goes to On hold shelf. The patron is told by e-mail."), "handle_items", form="shelve",
         letter="arrived"),
    Step("send_back", _b("received"), "borrowing.returned_by_patron", "staff", _("Send back unused"),
         _("Goes to Returned, ready to ship back. Nobody is written to."), "handle_items", quiet=True),
    Step("check_out", _b("on_hold_shelf"), "borrowing.checked_out", "staff", _("Check out"),
         _("Goes to Checked out, due on the patron's date. Nobody is written to."), "handle_items"),
    Step("check_in", _b("checked_out", "on_hold_shelf"), "borrowing.returned_by_patron", "staff",
         _("Check in"), _("Goes to Returned. The patron is free from now on; nobody is written to."),
         "handle_items"),
    Step("ship_back", _b("returned_by_patron"), "borrowing.return_shipped", "staff", _("Ship back"),
         _("Goes to Return shipped. {partner} is told that it is on its way."), "handle_items",
         iso_out="action:ShippedReturn", form="ship_back"),
    Step("lender_completed", _b("return_shipped"), "borrowing.finished", "partner", _("Lender has it back"),
         _("The lender confirms the return."), iso_in="status:LoanCompleted"),
    Step("close_return", _b("return_shipped"), "borrowing.finished", "staff", _("Close without confirmation"),
         _("Goes to Finished with your reason. Nobody is written to."), "work_borrowing", form="reason",
         quiet=True),
    Step("cancel", _BEFORE_SENT, "borrowing.cancelled", "staff", _("Cancel…"),
         _("Goes to Cancelled. You see the letter to the patron before it goes."), "work_borrowing",
         form="cancel", letter="cancelled", quiet=True),
    Step("ask_cancel", _b("sent"), "", "staff", _("Ask the lender to cancel…"),
         _("{partner} is asked to cancel. It stays in Sent until the answer comes."), "work_borrowing",
         iso_out="action:Cancel", form="reason", unless="cancel_asked", quiet=True),
    Step("patron_cancel", _BEFORE_SENT, "borrowing.cancelled", "patron", _("Cancel this request"),
         _("We stop working on it."), "ask", form="patron_cancel"),
    Step("patron_cancel", _b("sent"), "", "patron", _("Cancel this request"),
         _("We ask the other library to stop. If it has already sent the item, we write to you."), "ask",
         iso_out="action:Cancel", form="patron_cancel", unless="cancel_asked"),
    Step("lender_cancelled", _b("sent"), "borrowing.cancelled", "partner", _("Lender cancelled"),
         _("The lender agrees to cancel."), iso_in="cancel:Y"),
    Step("lender_refused_cancel", _b("sent", "shipped", "received", "on_hold_shelf", "checked_out",
                                     "returned_by_patron", "return_shipped"), "", "partner",
         _("Lender refuses to cancel"), _("The lender cannot cancel any more."), iso_in="cancel:N"),
    Step("patron_message", _B_ALL, "", "patron", _("Send"), _("Your message goes to the department."), "ask",
         form="note", quiet=True),
    Step("write_patron", _B_ALL, "", "staff", _("Write to patron…"), _("Your letter goes to the patron."),
         "work_borrowing", form="write_patron", quiet=True),
    # --- lending
    Step("will_supply", _l("received"), "lending.searching", "staff", _("Will supply"),
         _("Goes to Searching. {partner} is told that we will send it."), "work_lending", service=LOAN,
         iso_out="status:WillSupply"),
    Step("start_search", _l("received"), "lending.searching", "staff", _("Search shelf first"),
         _("Goes to Searching and prints the pull slip. No library is answered yet."), "handle_items"),
    Step("found", _l("searching"), "lending.preparing", "staff", _("Found"),
         _("Goes to Preparing. Nobody is written to."), "handle_items"),
    Step("ship", _l("preparing", "searching"), "lending.shipped", "staff", _("Ship…"),
         _("Goes to Shipped. {partner} is told the due date and the barcode."), "work_lending",
         service=LOAN, iso_out="status:Loaned", form="ship"),
    Step("unfilled", _l("received", "searching", "preparing"), "lending.unfilled", "staff", _("Unfilled…"),
         _("Goes to Unfilled. {partner} is told the reason."), "work_lending", iso_out="status:Unfilled",
         form="unfilled"),
    Step("will_supply", _l("searching", "preparing"), "", "staff", _("Will supply"),
         _("Stays here. {partner} is told that we will send it."), "work_lending", service=LOAN,
         iso_out="status:WillSupply", unless="answered_at", quiet=True),
    Step("borrower_received", _l("shipped"), "", "partner", _("Borrower has it"),
         _("The borrowing library confirms the arrival."), iso_in="action:Received", aside=True),
    Step("borrower_returned", _l("shipped"), "", "partner", _("Borrower shipped it back"),
         _("It is on its way back to us."), iso_in="action:ShippedReturn", aside=True),
    Step("check_in", _l("shipped"), "lending.return_received", "staff", _("Check in"),
         _("Goes to Return received. {partner} is told that we have it back."), "handle_items",
         iso_out="status:LoanCompleted"),
    Step("reshelve", _l("return_received"), "lending.finished", "staff", _("Back on the shelf"),
         _("Goes to Finished. Nobody is written to."), "handle_items"),
    Step("borrower_cancels", _l("received", "searching", "preparing"), "lending.cancelled", "partner",
         _("Borrower cancels"), _("We have not shipped it: the cancellation is granted."),
         iso_in="action:Cancel", iso_out="cancel:Y"),
    Step("borrower_cancels", _l("shipped"), "", "partner", _("Borrower asks to cancel"),
         _("It has left: the cancellation is refused."), iso_in="action:Cancel", iso_out="cancel:N"),
    # --- beside the work, on every request
    Step("note", _B_ALL, "", "staff", _("Add note"), _("Colleagues see it; nobody else."),
         "see_borrowing", form="note", quiet=True, aside=True),
    Step("note", _L_ALL, "", "staff", _("Add note"), _("Colleagues see it; nobody else."),
         "see_lending", form="note", quiet=True, aside=True),
    Step("refer", _B_OPEN, "", "staff", _("Refer to supervisor…"),
         _("Stays here, marked as referred, with your question."), "work_borrowing", form="note",
         unless="referred", quiet=True),
    Step("refer", _L_OPEN, "", "staff", _("Refer to supervisor…"),
         _("Stays here, marked as referred, with your question."), "work_lending", form="note",
         unless="referred", quiet=True),
    Step("settle_referral", _B_OPEN + _L_OPEN, "", "staff", _("Answer referral…"),
         _("The mark goes away; your answer stands in the notes."), "decide_referred", form="note",
         only="referred", quiet=True),
    Step("attended", _B_ALL, "", "staff", _("Looked at"), _("The mark goes away. Nobody is written to."),
         "work_borrowing", only="attention", quiet=True),
    Step("attended", _L_ALL, "", "staff", _("Looked at"), _("The mark goes away. Nobody is written to."),
         "work_lending", only="attention", quiet=True),
)


def open_states(side: str = "") -> list[str]:
    """Codes of the states in which work is open, in the order of the work; `later` ones left out."""
    return [
        code for code, state in STATES.items()
        if not state.ended and not state.later and side in ("", state.side)
    ]


def state_for(side: str, slug: str) -> State | None:
    state = STATES.get(f"{side}.{slug.replace('-', '_')}")
    return None if state is None or state.later else state


def find(ill, action: str, by: str = "") -> Step | None:
    """The row by which this request can take this action now (by staff, patron, partner), or None."""
    return next(
        (step for step in STEPS if step.action == action and by in ("", step.by) and step.fits(ill)), None
    )


def named(action: str, side: str = "") -> Step | None:
    """Any row of this action, for its label."""
    rows = [step for step in STEPS if step.action == action]
    return next((step for step in rows if not side or step.sources[0].startswith(side)), rows[0] if rows else None)


def steps_for(ill, by: str = "staff") -> list[Step]:
    """What can be done with this request now: the work first, what stands beside it last."""
    fitting = [step for step in STEPS if step.by == by and step.fits(ill)]
    return sorted(fitting, key=lambda step: step.quiet)


def step_for_message(ill, code: str) -> Step | None:
    """The row that a partner's message with this code takes in this state, or None."""
    return next(
        (step for step in STEPS if step.by == "partner" and step.iso_in == code and step.fits(ill)), None
    )


def iso_in_codes() -> set[str]:
    return {step.iso_in for step in STEPS if step.iso_in}


def problems(states: dict[str, State] | None = None, steps: tuple[Step, ...] | None = None) -> list[str]:
    """What is wrong with the table, in sentences; the system check refuses a table with any."""
    states = STATES if states is None else states
    steps = STEPS if steps is None else steps
    live = {code for code, state in states.items() if not state.later}
    found = []
    for step in steps:
        for code in (*step.sources, *([step.target] if step.target else [])):
            if code not in states:
                found.append(f"Step {step.action} names the state {code}, which does not exist.")
            elif code not in live:
                found.append(f"Step {step.action} uses {code}, which is marked as coming later.")
    reached = set(FIRST)
    leads = {code for code in live if states[code].ended}
    for _round in states:
        reached |= {s.target for s in steps if s.target and reached & set(s.sources)}
        leads |= {c for s in steps if s.target in leads for c in s.sources}
    found += [f"State {code} cannot be reached." for code in sorted(live - reached)]
    found += [f"State {code} is a dead end." for code in sorted(live - leads)]
    for index, one in enumerate(steps):
        for other in steps[index + 1 :]:
            if not _can_meet(one, other):
                continue
            where = ", ".join(sorted(set(one.sources) & set(other.sources)))
            if one.action == other.action and one.by == other.by:
                found.append(f"Action {one.action} stands twice for {where}.")
            if one.iso_in and one.iso_in == other.iso_in:
                found.append(f"Message {one.iso_in} is ambiguous in {where}.")
    return found


def _can_meet(one: Step, other: Step) -> bool:
    """Could both rows fit the same request?"""
    return (
        bool(set(one.sources) & set(other.sources))
        and (not one.service or not other.service or one.service == other.service)
        and not (one.unless and one.unless == other.only)
        and not (one.only and one.only == other.unless)
    )
