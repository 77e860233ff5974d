"""A small cast for the tests: our library, people by role, a patron, partners, requests in any state.

Requests get where they stand by real intake and real steps, as they would at the desk.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.contrib.auth.models import Group

from illdesk import actors, secrets
from illdesk.models import Branch, Event, Institution, User
from requests_app import lifecycle
from requests_app.actions import intake, perform
from requests_app.models import Dialogue, ILLRequest, Library, Patron

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DUE = date(2026, 5, 1)
SECRET = "what-they-tell-us-5d41402abc4b2a76b9719d911017c592"
_numbers = count(1)


def later(**delta) -> datetime:
    return NOW + timedelta(**delta)


def institution(**fields) -> Institution:
    row, _created = Institution.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Riverside University Library", "symbol": "RIV", "agency_value": "US-RIV",
            "line1": "1 River Road", "locality": "Riverside", "region": "NY", "postal_code": "10001",
            "email": "ill@riverside.example", "phone": "555 0100",
        }
        | fields,
    )
    return row


def branch() -> Branch:
    return Branch.objects.get_or_create(code="main", defaults={"name": "Main desk"})[0]


def user(*roles: str, **fields) -> User:
    """Somebody who signs in, with these roles: user("borrowing staff")."""
    number = next(_numbers)
    fields = {"first_name": "Rosa", "last_name": f"Gómez{number}"} | fields
    row = User.objects.create_user(f"person{number}", f"person{number}@riverside.example", "a long password", **fields)
    row.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return row


def staff(*roles: str, **fields) -> actors.Actor:
    return actors.staff(user(*(roles or ("supervisor",)), **fields))


def patron(**fields) -> Patron:
    number = next(_numbers)
    if "user" not in fields:
        fields["user"] = user("patron")
    fields = {
        "first_name": "Łucja", "last_name": "Żak", "email": f"patron{number}@riverside.example", "pickup": branch()
    } | fields
    return Patron.objects.create(card=f"C{number}", **fields)


def library(symbol: str = "HIL", **fields) -> Library:
    """A partner with ISO 18626 in both directions: we know its secret, it knows ours."""
    fields = {
        "name": "Hill College Library", "agency_value": f"US-{symbol}", "email": f"ill@{symbol.lower()}.example",
        "endpoint": "http://127.0.0.1:9/iso18626", "secret_expected": secrets.hashed(SECRET),
        "secret_sent": "what-we-tell-them",
    } | fields
    row, _created = Library.objects.get_or_create(symbol=symbol, defaults=fields)
    return row


def asked(*, title: str = "Middlemarch", patron: Patron | None = None, **more) -> ILLRequest:
    """A patron's new request."""
    institution()
    who = patron or globals()["patron"]()
    citation = {"title": title, "author": "Eliot, George", "isbn": "9780141439549", "kind": "book"}
    citation |= more.pop("citation", {})
    return intake.ask(
        patron=who, citation=citation, typed=dict(citation), actor=actors.patron(who.user), now=NOW, **more
    )


def arrived(*, library: Library | None = None, request_id: str = "", service: str = "loan", **more) -> ILLRequest:
    """Another library's new request."""
    institution()
    partner = library or globals()["library"]()
    return intake.arrive(
        library=partner, request_id=request_id or f"HIL-{next(_numbers)}", typed={}, now=NOW, heard=NOW,
        citation={"title": "Walden", "author": "Thoreau, Henry David", "kind": "book"} | more.pop("citation", {}),
        actor=actors.partner(partner.symbol), service=service, **more,
    )


# For each state: the state before, who takes which step, and what the step is told.
_WAY: dict[str, tuple[str, str, str, dict]] = {
    "borrowing.in_review": ("borrowing.submitted", "staff", "review", {}),
    "borrowing.ready_to_send": ("borrowing.in_review", "staff", "choose_lender", {"library": "a partner"}),
    "borrowing.sent": ("borrowing.ready_to_send", "staff", "send", {}),
    "borrowing.unfilled": ("borrowing.sent", "partner", "lender_unfilled", {"reason": "NotHeld"}),
    "borrowing.shipped": ("borrowing.sent", "partner", "lender_shipped", {"due": DUE, "barcode": "39001"}),
    "borrowing.received": ("borrowing.shipped", "staff", "receive", {"barcode": "39001", "due": DUE}),
    "borrowing.on_hold_shelf": ("borrowing.received", "staff", "shelve", {}),
    "borrowing.checked_out": ("borrowing.on_hold_shelf", "staff", "check_out", {}),
    "borrowing.returned_by_patron": ("borrowing.checked_out", "staff", "check_in", {}),
    "borrowing.return_shipped": ("borrowing.returned_by_patron", "staff", "ship_back", {}),
    "borrowing.finished": ("borrowing.return_shipped", "partner", "lender_completed", {}),
    "borrowing.cancelled": ("borrowing.submitted", "staff", "cancel", {"reason": "own_it"}),
    "lending.searching": ("lending.received", "staff", "start_search", {}),
    "lending.preparing": ("lending.searching", "staff", "found", {}),
    "lending.shipped": ("lending.preparing", "staff", "ship", {"due": DUE, "barcode": "39002"}),
    "lending.return_received": ("lending.shipped", "staff", "check_in", {}),
    "lending.finished": ("lending.return_received", "staff", "reshelve", {}),
    "lending.unfilled": ("lending.received", "staff", "unfilled", {"reason": "in_use"}),
    "lending.cancelled": ("lending.received", "partner", "borrower_cancels", {}),
}
LIVE_STATES = [*sorted(lifecycle.FIRST), *_WAY]


def ill(state: str = "borrowing.submitted", *, partner: Library | None = None, **more) -> ILLRequest:
    """A request that has come to this state step by step."""
    if state == "borrowing.submitted":
        return asked(**more)
    if state == "lending.received":
        return arrived(library=partner, **more)
    before, by, action, answers = _WAY[state]
    row = ill(before, partner=partner, **more)
    if action == "choose_lender":
        answers = {"library": partner or library()}
    actor = actors.partner(row.partner.symbol) if by == "partner" else staff()
    perform(row, action, actor=actor, now=NOW, **answers)
    assert row.state == state
    return row


# What a step must be told before it can be taken.
ANSWERS: dict[str, dict] = {
    "record_unfilled": {"reason": "not_owned"},
    "receive": {"barcode": "39001", "due": DUE},
    "close_return": {"text": "They confirmed by telephone."},
    "ask_cancel": {"text": "The patron bought it."},
    "cancel": {"reason": "own_it"},
    "write_patron": {"text": "Will a later edition do?"},
    "patron_message": {"text": "I can wait."},
    "ship": {"due": DUE, "barcode": "39002"},
    "unfilled": {"reason": "in_use"},
    "note": {"text": "Look in the annex."},
    "refer": {"text": "Is this for us?"},
    "settle_referral": {"text": "Yes."},
}


def answers_for(action: str) -> dict:
    if action == "choose_lender":
        return {"library": library("OAK", name="Oak Public Library")}
    return dict(ANSWERS.get(action, {}))


def events_of(row: ILLRequest) -> list[str]:
    """Names of the request's events, oldest first."""
    found = Event.objects.filter(subject_kind="request", subject_id=row.pk).order_by("id")
    return list(found.values_list("name", flat=True))


def dialogue(row: ILLRequest) -> Dialogue:
    """The newest dialogue of a request."""
    return row.dialogues.order_by("-attempt")[0]
