"""Every place where a request of any kind can stand, in the order of the work."""

from django.utils.translation import gettext_lazy as _

from requests_app.lifecycle.table import BORROWING, DOCUMENTS, LENDING, State

_LOOKING = _("Looking for a library")
_SEE = _("We are looking for a library that has it.")
_ON_SHELF = _("On hold shelf")
_CHECKING = _("We are checking")
_PDF_READY = _("Your PDF is ready")

_STATES = [
    # --- borrowing: our patron wants what another library has
    State("borrowing.submitted", _("New"), "ours", _("Just asked; nobody has looked at it yet."),
          _("Request received"), _("We have your request. We are checking it now.")),
    State("borrowing.in_review", _("In review"), "ours", _("A person decides how to go on."),
          _CHECKING, _("We have your request. We are checking it now.")),
    State("borrowing.awaiting_patron", _("Awaiting patron"), "others", _("We asked the patron something."),
          _("We need your answer"), _("We need your answer before we can go on."), later=True),
    State("borrowing.copyright_review", _("Copyright review"), "decision",
          _("Copies only: somebody says on which ground we ask, and answers for it."),
          _CHECKING, _("We are checking what copyright allows.")),
    State("borrowing.ready_to_send", _("Ready to send"), "ours", _("Lenders are chosen; it can be sent."),
          _LOOKING, _SEE),
    State("borrowing.sent", _("Sent"), "others", _("The lender has it and will answer; silence moves it on."),
          _LOOKING, _("We asked a library that has it and are waiting for its answer.")),
    State("borrowing.conditional", _("Conditional"), "decision", _("The lender asks something: accept or decline."),
          _LOOKING, _("A library can help under a condition. We are deciding on it.")),
    State("borrowing.unfilled", _("Unfilled"), "decision", _("Nobody is left to ask; what next?"),
          _LOOKING, _("The library we asked cannot send it. We are trying to find another.")),
    State("borrowing.shipped", _("Shipped"), "moving", _("On its way to us."),
          _("On its way to us"), _("Another library sent it. We write to you when it is here.")),
    State("borrowing.received", _("Received"), "ours", _("Here; goes to the patron."),
          _("It has arrived"), _("It is here. We are getting it ready for you.")),
    State("borrowing.on_hold_shelf", _ON_SHELF, "patron", _("Waits for the patron."),
          _("Ready to pick up"), _("Please pick it up.")),
    State("borrowing.checked_out", _("Checked out"), "patron", _("With the patron until the due date."),
          _("With you"), _("You have it.")),
    State("borrowing.returned_by_patron", _("Returned"), "ours", _("Back from the patron; ship it back."),
          _("Returned"), _("You brought it back. Thank you.")),
    State("borrowing.return_shipped", _("Return shipped"), "moving", _("On its way back to the lender."),
          _("Returned"), _("You brought it back. Thank you.")),
    State("borrowing.delivered", _("Delivered"), "patron", _("The patron can download it until it expires."),
          _PDF_READY, _("Your PDF is ready. Download it before it expires.")),
    State("borrowing.lost", _("Lost"), "trouble", _("Lost; it ends when the lender closes it."),
          _("Lost"), _("This item is lost. We settle it with the other library.")),
    State("borrowing.finished", _("Finished"), "ended_ok", _("Done."), _("Done"), _("All done.")),
    State("borrowing.cancelled", _("Cancelled"), "ended_not", _("Ended without supply."),
          _("Cancelled"), _("This request was cancelled.")),
    # --- lending: another library wants what we have
    State("lending.received", _("Received"), "ours", _("A library asks; answer in time.")),
    State("lending.searching", _("Searching"), "ours", _("The pull slip is out; find it on the shelf.")),
    State("lending.conditional", _("Conditional"), "others", _("We asked the library something; silence ends it.")),
    State("lending.preparing", _("Preparing"), "ours", _("Found; pack or scan it.")),
    State("lending.shipped", _("Shipped"), "moving", _("With the other library until it is due.")),
    State("lending.return_received", _("Return received"), "ours", _("Back; put it on its shelf.")),
    State("lending.lost", _("Lost"), "trouble", _("Lost; close it when it is paid or forgiven.")),
    State("lending.finished", _("Finished"), "ended_ok", _("Back on the shelf, or the copy is sent.")),
    State("lending.unfilled", _("Unfilled"), "ended_not", _("We could not supply it.")),
    State("lending.cancelled", _("Cancelled"), "ended_not", _("The library no longer wants it.")),
    # --- document delivery: our patron wants what we have
    State("documents.submitted", _("New"), "ours", _("We own it: print the slip and look for it."),
          _("Request received"), _("We have it ourselves and are getting it for you.")),
    State("documents.searching", _("Searching"), "ours", _("Find it on the shelf."),
          _("We are getting it"), _("We are getting it from our own shelves.")),
    State("documents.scanning", _("Scanning"), "ours", _("Found; scan it."),
          _("We are getting it"), _("We found it and are scanning it for you.")),
    State("documents.on_hold_shelf", _ON_SHELF, "patron", _("Waits for the patron."),
          _("Ready to pick up"), _("Please pick it up.")),
    State("documents.delivered", _("Delivered"), "patron", _("The patron can download it until it expires."),
          _PDF_READY, _("Your PDF is ready. Download it before it expires.")),
    State("documents.finished", _("Finished"), "ended_ok", _("Done."), _("Done"), _("All done.")),
    State("documents.cancelled", _("Cancelled"), "ended_not", _("Ended without supply."),
          _("Cancelled"), _("This request was cancelled.")),
]
STATES: dict[str, State] = {state.code: state for state in _STATES}
FIRST = {"borrowing.submitted", "lending.received"}


def _codes(side: str, *, ended: bool) -> tuple[str, ...]:
    return tuple(
        code for code, state in STATES.items()
        if state.side == side and not state.later and (ended or not state.ended)
    )


B_ALL, L_ALL, D_ALL = (_codes(side, ended=True) for side in (BORROWING, LENDING, DOCUMENTS))
B_OPEN, L_OPEN, D_OPEN = (_codes(side, ended=False) for side in (BORROWING, LENDING, DOCUMENTS))
