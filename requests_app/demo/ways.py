"""The demo's plan as tables: how many requests stand where, and which ways lead there.

A way is a list of moves; `walk.py` and the files beside it have a function for each. Ways of copies stand under
the state's name with "copy" behind it.
"""

# state → how many at desk a, at desk b; and how many of them are copies (the last ones)
COUNTS: dict[str, tuple[int, int]] = {
    "borrowing.submitted": (8, 5),
    "borrowing.in_review": (17, 8),
    "borrowing.copyright_review": (3, 2),
    "borrowing.ready_to_send": (5, 3),
    "borrowing.sent": (28, 13),
    "borrowing.conditional": (5, 3),
    "borrowing.unfilled": (4, 3),
    "borrowing.shipped": (12, 7),
    "borrowing.received": (9, 5),
    "borrowing.on_hold_shelf": (12, 6),
    "borrowing.checked_out": (34, 14),
    "borrowing.returned_by_patron": (6, 3),
    "borrowing.return_shipped": (8, 4),
    "borrowing.delivered": (9, 5),
    "borrowing.lost": (2, 2),
    "borrowing.finished": (18, 10),
    "borrowing.cancelled": (6, 4),
    "lending.received": (13, 8),
    "lending.searching": (8, 5),
    "lending.conditional": (4, 3),
    "lending.preparing": (6, 4),
    "lending.shipped": (18, 9),
    "lending.return_received": (4, 2),
    "lending.lost": (2, 2),
    "lending.finished": (16, 9),
    "lending.unfilled": (5, 3),
    "lending.cancelled": (2, 2),
    "documents.submitted": (4, 3),
    "documents.searching": (3, 2),
    "documents.scanning": (3, 2),
    "documents.on_hold_shelf": (2, 1),
    "documents.delivered": (5, 3),
    "documents.finished": (5, 3),
    "documents.cancelled": (1, 1),
}
COPIES: dict[str, tuple[int, int]] = {
    "borrowing.submitted": (3, 2),
    "borrowing.in_review": (6, 3),
    "borrowing.copyright_review": (3, 2),
    "borrowing.ready_to_send": (2, 1),
    "borrowing.sent": (8, 4),
    "borrowing.conditional": (1, 0),
    "borrowing.unfilled": (1, 1),
    "borrowing.shipped": (3, 2),
    "borrowing.received": (2, 1),
    "borrowing.delivered": (9, 5),
    "borrowing.finished": (4, 2),
    "borrowing.cancelled": (1, 1),
    "lending.received": (5, 3),
    "lending.searching": (2, 1),
    "lending.conditional": (1, 1),
    "lending.preparing": (3, 2),
    "lending.finished": (7, 4),
    "lending.unfilled": (1, 1),
    "documents.submitted": (3, 2),
    "documents.searching": (2, 1),
    "documents.scanning": (3, 2),
    "documents.delivered": (5, 3),
    "documents.finished": (3, 2),
    "documents.cancelled": (1, 1),
}

_TO_SENT = ["ask", "review", "choose_lenders", "send"]
_TO_SHELF = [*_TO_SENT, "will_supply", "lender_shipped", "receive", "shelve"]
_OUT = [*_TO_SHELF, "check_out"]
_BACK = [*_OUT, "check_in", "ship_back"]
_COPY_SENT = ["ask", "review", "choose_lenders", "decide_copyright", "send"]
_COPY_HERE = [*_COPY_SENT, "will_supply", "copy_sent", "file_arrived"]
_DELIVERED = [*_COPY_HERE, "deliver"]
_LEND = ["arrive", "search", "found", "ship", "borrower_received", "borrower_returned", "check_in", "reshelve"]
_SCAN = ["arrive", "search", "found", "deliver_scan", "scan_fetched", "borrower_received"]
_OWN = ["ask", "review", "to_documents", "search_shelf", "found_here", "deliver_copy"]

# In the order of their places; the last one is for all that come after.
WAYS: dict[str, tuple[list[str], ...]] = {
    "borrowing.submitted": (["ask"],),
    "borrowing.submitted copy": (["ask"],),
    "borrowing.in_review": (["ask", "review"],),
    # The first one was thought to be our own, and was not on the shelf.
    "borrowing.in_review copy": (
        ["ask", "review", "to_documents", "search_shelf", "to_borrowing"], ["ask", "review"],
    ),
    "borrowing.copyright_review copy": (["ask", "review", "choose_lenders"],),
    "borrowing.ready_to_send": (["ask", "review", "choose_lenders"],),
    "borrowing.ready_to_send copy": (_COPY_SENT[:-1],),
    "borrowing.sent": (
        _TO_SENT, [*_TO_SENT, "conditional_cost", "accept"], _TO_SENT, _TO_SENT, [*_TO_SENT, "unfilled"],
        [*_TO_SENT, "silent", "unfilled"], _TO_SENT, _TO_SENT, _TO_SENT,
        [*_TO_SENT, "unfilled", "conditional_cost", "decline"], [*_TO_SENT, "will_supply"],
        [*_TO_SENT, "will_supply"], _TO_SENT, [*_TO_SENT, "will_supply"], [*_TO_SENT, "unfilled", "will_supply"],
        [*_TO_SENT, "will_supply", "late"], [*_TO_SENT, "will_supply"], _TO_SENT,
    ),
    "borrowing.sent copy": (
        _COPY_SENT, [*_COPY_SENT, "unfilled"], [*_COPY_SENT, "silent"], [*_COPY_SENT, "will_supply"], _COPY_SENT,
    ),
    "borrowing.conditional": (
        [*_TO_SENT, "conditional_cost"], [*_TO_SENT, "unfilled", "conditional_use"],
        [*_TO_SENT, "conditional_later", "retry_later"], [*_TO_SENT, "conditional_later"],
    ),
    "borrowing.conditional copy": ([*_COPY_SENT, "conditional_cost"],),
    "borrowing.unfilled": (
        [*_TO_SENT, "unfilled"], [*_TO_SENT, "unfilled", "unfilled"], [*_TO_SENT, "silent", "unfilled"],
    ),
    "borrowing.unfilled copy": ([*_COPY_SENT, "unfilled"],),
    "borrowing.shipped": ([*_TO_SENT, "will_supply", "lender_shipped"],),
    "borrowing.shipped copy": (
        [*_COPY_SENT, "will_supply", "copy_mailed"], [*_COPY_SENT, "copy_sent", "file_failed"],
        [*_COPY_SENT, "copy_mailed"],
    ),
    "borrowing.received": (_TO_SHELF[:-1],),
    "borrowing.received copy": (_COPY_HERE,),
    "borrowing.on_hold_shelf": (_TO_SHELF,),
    "borrowing.checked_out": (_OUT,),
    "borrowing.returned_by_patron": (_BACK[:-1],),
    "borrowing.return_shipped": (_BACK, _BACK, _BACK, [*_BACK, "ask_return"], _BACK),
    "borrowing.delivered copy": (
        [*_DELIVERED, "download"], [*_DELIVERED, "download", "report_problem"],
        [*_DELIVERED, "download", "report_problem", "copy_sent", "file_arrived", "download"],
        [*_DELIVERED, "download", "download"], _DELIVERED, [*_DELIVERED, "extend"], [*_DELIVERED, "download"],
        _DELIVERED,
    ),
    "borrowing.lost": ([*_OUT, "lost_by_patron"], [*_BACK, "lost_on_way_back"]),
    "borrowing.finished": ([*_BACK, "completed"],),
    "borrowing.finished copy": ([*_DELIVERED, "download", "expire"], [*_DELIVERED, "expire"]),
    "borrowing.cancelled": (
        ["ask", "review", "cancel"], ["ask", "patron_cancel"], [*_TO_SENT, "patron_cancel", "lender_cancelled"],
        [*_TO_SENT, "unfilled", "cancel"], ["ask", "review", "cancel"],
    ),
    "borrowing.cancelled copy": (["ask", "review", "cancel"],),
    "lending.received": (["arrive"],),
    "lending.received copy": (["arrive"],),
    "lending.searching": (["arrive", "our_condition", "borrower_accepts"], _LEND[:2]),
    "lending.searching copy": (_LEND[:2],),
    "lending.conditional": (
        ["arrive", "our_condition"], ["arrive", "search", "our_condition"], ["arrive", "our_condition"],
    ),
    "lending.conditional copy": (["arrive", "our_condition"],),
    "lending.preparing": (_LEND[:3],),
    "lending.preparing copy": ([*_SCAN[:5], "wants_resend"], _SCAN[:3]),
    "lending.shipped": (_LEND[:5],),
    "lending.return_received": (_LEND[:7],),
    "lending.lost": ([*_LEND[:5], "overdue", "declare_lost"], [*_LEND[:5], "borrower_lost"]),
    "lending.finished": (_LEND,),
    "lending.finished copy": (
        _SCAN, _SCAN[:4], _SCAN[:5], [*_SCAN[:5], "wants_resend", "deliver_scan", "scan_fetched"],
        [*_SCAN[:3], "mail_copy"], _SCAN,
    ),
    "lending.unfilled": (["arrive", "search", "cannot"],),
    "lending.unfilled copy": (["arrive", "search", "cannot"],),
    "lending.cancelled": (["arrive", "search", "borrower_cancels"],),
    "documents.submitted": (_OWN[:3],),
    "documents.submitted copy": (_OWN[:3],),
    "documents.searching": (_OWN[:4],),
    "documents.searching copy": (_OWN[:4],),
    "documents.scanning copy": (_OWN[:5],),
    "documents.on_hold_shelf": ([*_OWN[:4], "shelve"],),
    "documents.delivered copy": (
        [*_OWN, "download"], [*_OWN, "download", "report_problem"], [*_OWN, "download"], _OWN,
    ),
    "documents.finished": ([*_OWN[:4], "shelve", "hand_over"],),
    "documents.finished copy": ([*_OWN, "download", "expire"],),
    "documents.cancelled copy": ([*_OWN[:3], "cancel"],),
}
