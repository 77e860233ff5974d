"""What else happened on some requests of the demo, beside their way."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Aside:
    """Something beside the way: `move` happens after the first `after` of the path."""

    after: str
    move: str
    text: str = ""


# (state, or state and "copy"; which one of them) → what else happened
ASIDES: dict[tuple[str, int], tuple[Aside, ...]] = {
    ("borrowing.in_review", 1): (Aside("review", "refer", "The patron needs the original, and the only copies "
                                       "known are in special collections. May we ask abroad?"),),
    ("borrowing.in_review", 2): (Aside("review", "write_patron", "Your request names a second volume, but the "
                                       "catalogs know one only. Could you send us the source of your reference?"),),
    ("borrowing.in_review", 4): (Aside("review", "patron_message", "It is the 1986 printing, the later one lacks "
                                       "the maps."),),
    ("borrowing.in_review", 6): (Aside("review", "note", "Two records for this title; the older one is right."),),
    ("borrowing.in_review", 9): (Aside("review", "refer", "Costs about USD 60 from the only lender."),),
    ("borrowing.in_review copy", 0): (Aside("to_borrowing", "note", "Our volume of that year is at the bindery "
                                            "until spring."),),
    ("borrowing.in_review copy", 2): (Aside("review", "note", "The reference says 2019, the journal's own list "
                                            "2018; page numbers agree with 2018."),),
    ("borrowing.submitted", 1): (Aside("ask", "note", "Asked at the desk; the patron leaves on Friday."),),
    ("borrowing.copyright_review copy", 0): (Aside("choose_lenders", "note", "Sixth article from this journal this "
                                                   "year? To be counted."),),
    ("borrowing.copyright_review copy", 1): (Aside("choose_lenders", "refer", "Published 1998: CCL on which "
                                                   "ground?"),),
    ("borrowing.ready_to_send", 2): (Aside("choose_lenders", "note", "Second choice: HOL."),),
    ("borrowing.sent", 2): (Aside("asked", "lender_note", "Our copy is on a class reserve until Thursday; shall we "
                                  "send it then?"),),
    ("borrowing.sent", 3): (Aside("asked", "ask_cancel", "The patron found a copy in the department."),),
    ("borrowing.sent", 6): (Aside("asked", "patron_cancel", "I found it second-hand. Thank you!"),),
    ("borrowing.sent", 8): (Aside("asked", "note", "Telephoned: they will look tomorrow."),),
    ("borrowing.sent", 12): (Aside("asked", "write_partner", "The patron would take the second edition too."),),
    ("borrowing.conditional", 0): (Aside("conditional_cost", "refer", "USD 40 for one volume. Accept?"),),
    ("borrowing.unfilled", 1): (Aside("asked", "refer", "Nobody else holds it. Buy?"),),
    ("borrowing.shipped", 1): (Aside("asked", "ask_cancel", "The patron's thesis defense was moved forward."),
                               Aside("ask_cancel", "cancel_refused", "It left this morning."),
                               Aside("cancel_refused", "attended")),
    ("borrowing.shipped", 3): (Aside("asked", "ask_cancel", "Asked twice by mistake."),
                               Aside("ask_cancel", "cancel_refused", "Already in the mail room.")),
    ("borrowing.shipped copy", 1): (Aside("file_failed", "write_partner", "Your link does not open here. Please "
                                          "mail the copy, or send another link."),),
    ("borrowing.received", 0): (Aside("receive", "note", "Front joint loose on arrival; photographed."),),
    ("borrowing.received copy", 0): (Aside("file_arrived", "note", "Page 83 is faint. Legible enough?"),),
    ("borrowing.on_hold_shelf", 3): (Aside("shelve", "patron_message", "I am away until Monday; please keep it."),),
    ("borrowing.on_hold_shelf", 4): (Aside("shelve", "recalled"),),
    ("borrowing.checked_out", 0): (Aside("check_out", "patron_renew"),),
    ("borrowing.checked_out", 3): (Aside("check_out", "patron_message", "May I keep it two more weeks?"),
                                   Aside("patron_message", "patron_renew"),
                                   Aside("patron_renew", "renewed", "With pleasure.")),
    ("borrowing.checked_out", 4): (Aside("check_out", "patron_renew"),),
    ("borrowing.checked_out", 5): (Aside("check_out", "patron_renew"),
                                   Aside("patron_renew", "renewal_refused", "Another reader waits for it.")),
    ("borrowing.checked_out", 8): (Aside("check_out", "overdue_notice"),),
    ("borrowing.checked_out", 10): (Aside("check_out", "patron_renew"), Aside("patron_renew", "renewed")),
    ("borrowing.checked_out", 11): (Aside("check_out", "recalled", "A course reserve needs it."),
                                    Aside("recalled", "write_patron", "The lender asks for its book back before "
                                          "the holidays. Could you return it by next week?")),
    ("borrowing.checked_out", 13): (Aside("check_out", "staff_renew"),),
    ("borrowing.return_shipped", 2): (Aside("ship_back", "note", "In one parcel with two others of theirs."),),
    ("borrowing.delivered copy", 4): (Aside("deliver", "note", "Two pages are askew; good enough."),),
    ("borrowing.lost", 0): (Aside("lost_by_patron", "note", "The patron will pay the replacement."),),
    ("borrowing.lost", 1): (Aside("lost_on_way_back", "note", "Search order with the carrier is open."),),
    ("lending.received", 2): (Aside("arrive", "note", "Shelved with the folios."),),
    ("lending.received", 5): (Aside("arrive", "refer", "Brittle. Lend for use in the library only, or scan?"),),
    ("lending.received copy", 1): (Aside("arrive", "borrower_note", "Color for the plates, if you can."),),
    ("lending.searching", 2): (Aside("search", "note", "Not in place; look on the sorting shelf once more."),),
    ("lending.preparing copy", 1): (Aside("found", "note", "Tight binding: use the book cradle."),),
    ("lending.shipped", 1): (Aside("borrower_received", "renew", "Our reader asks for three more weeks."),),
    ("lending.shipped", 3): (Aside("borrower_received", "renew", ""), Aside("renew", "grant_renewal")),
    ("lending.shipped", 4): (Aside("borrower_received", "borrower_note", "The accompanying map was not in the "
                                   "parcel."),),
    ("lending.shipped", 5): (Aside("borrower_received", "renew", "A month more, please."),
                             Aside("renew", "refuse_renewal", "Somebody here waits for it.")),
    ("lending.shipped", 6): (Aside("borrower_received", "borrower_returned"),),
    ("lending.shipped", 7): (Aside("borrower_received", "borrower_returned"),),
    ("lending.shipped", 8): (Aside("borrower_received", "recall", "Needed for a course reserve."),),
    ("documents.submitted copy", 0): (Aside("to_documents", "note", "Only the plates; the text is online."),),
    ("documents.delivered copy", 2): (Aside("deliver_copy", "patron_message", "Thank you, that was quick!"),),
}
