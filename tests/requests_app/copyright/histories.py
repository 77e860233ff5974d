"""Random histories of copy requests, made through the real doors: steps at the desk and corrections of the ledger."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from illdesk import actors
from illdesk.errors import DeskError
from requests_app.actions import perform
from requests_app.copyright import ledger
from requests_app.models import CopyrightTitle, CopyrightUse, RuleSet
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, OTHER, by_hand, ready, use_of

BEGIN = datetime(2025, 12, 1, 15, tzinfo=UTC)
THIRD = "0317-8471"
ISSNS = (ISSN, OTHER, THIRD)

# What happens, to which title or request, and how many days later.
_moves = st.sampled_from(
    ("send", "send", "send", "send", "fill", "fill", "end", "other_ground", "merge", "move", "pay")
)
moves = st.lists(st.tuples(_moves, st.integers(0, 30), st.integers(0, 9)), min_size=4, max_size=24)


class Cast:
    """People and partners, made once for a history."""

    def __init__(self):
        self.clerk, self.staff = f.user("supervisor"), f.staff()
        self.library = f.library("HIL")
        self.patrons = [f.patron() for _time in range(3)]


def play(history, *, limit: int = 2) -> None:
    """With a low limit what is beyond it is soon met."""
    RuleSet.objects.create(code="us-low", name="Low", valid_from=date(2020, 1, 1),
                           settings={"limit": limit, "concerted_patrons": 99, "one_article_an_issue": False})
    cast, now, sent = Cast(), BEGIN, []
    for what, which, days in history:
        now += timedelta(days=days, minutes=1)
        try:
            _one(cast, what, which, sent, now)
        except DeskError:
            continue  # refused, as at the desk: nothing was changed


def _one(cast: Cast, what: str, which: int, sent: list, now: datetime) -> None:
    if what == "send":
        year = "1990" if which % 5 == 4 else "2024"
        ill = ready(now=now, issn=ISSNS[which % 3], title=f"Letters {which % 3}", year=year,
                    patron=cast.patrons[which % 3], rota=("HIL",))
        if ill.state == "borrowing.copyright_review":  # no place is left
            by_hand(ill, "US-CCL", now=now, ground="royalty" if which % 2 else "fair_use")
        perform(ill, "send", actor=cast.staff, now=now)
        sent.append(ill)
        return
    if what == "merge":
        found = [_title(issn) for issn in (ISSNS[which % 3], ISSNS[(which + 1) % 3])]
        if None not in found and found[0] != found[1]:
            ledger.merge(*found, by=cast.clerk, now=now)
        return
    if not sent:
        return
    ill = sent[which % len(sent)]
    ill.refresh_from_db()
    if what == "fill":
        perform(ill, "receive_copy", actor=cast.staff, now=now, file=f.stored())
    elif what == "end":
        perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=now, reason="NotHeld")
        perform(ill, "cancel", actor=cast.staff, now=now, reason="not_found")
    elif what == "other_ground":
        perform(ill, "lender_unfilled", actor=actors.partner("HIL"), now=now, reason="NotHeld")
        by_hand(ill, "US-CCL", now=now, ground="permission")
        perform(ill, "choose_lenders", actor=cast.staff, now=now, libraries=[f.library("OAK")])
        perform(ill, "send", actor=cast.staff, now=now)
    elif what == "move":
        use, to = use_of(ill), _title(ISSNS[(which + 1) % 3])
        if use is not None and to is not None:
            ledger.move([use], to, by=cast.clerk, now=now)
    elif what == "pay":
        use = use_of(ill)
        if use is not None and use.state == CopyrightUse.OUTSIDE:
            use.royalty, use.currency = Decimal(f"{which}.35"), ("USD", "EUR")[which % 2]
            use.save(update_fields=["royalty", "currency"])


def _title(issn: str) -> CopyrightTitle | None:
    return CopyrightTitle.objects.filter(numbers__key=f"issn:{issn}").first()
