"""A small cast for the tests: our library, people by role, a patron, partners, requests in any state.

Requests get where they stand by real intake and real steps, as they would at the desk.
"""

import hashlib
import io
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from reportlab.pdfgen.canvas import Canvas

from illdesk import actors, secrets
from illdesk.models import Branch, Event, Institution, User
from requests_app import lifecycle
from requests_app.actions import intake, perform
from requests_app.copyright import declarations, texts, wordings
from requests_app.models import (
    Check,
    Citation,
    CitationChange,
    Condition,
    CopyrightNumber,
    CopyrightTitle,
    CopyrightUse,
    Dialogue,
    FairPriceSearch,
    ILLRequest,
    Library,
    LoanPolicy,
    Patron,
    RotaEntry,
)
from requests_app.scans.stored import StoredFile
from requests_app.verification import check
from requests_app.verification.records import Record

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
    "borrowing.ready_to_send": ("borrowing.in_review", "staff", "choose_lenders", {"libraries": "a partner"}),
    "borrowing.sent": ("borrowing.ready_to_send", "staff", "send", {}),
    "borrowing.conditional": ("borrowing.sent", "partner", "lender_conditional", {"reason": "LoanCondition"}),
    "borrowing.unfilled": ("borrowing.sent", "partner", "lender_unfilled", {"reason": "NotHeld"}),
    "borrowing.shipped": ("borrowing.sent", "partner", "lender_shipped", {"due": DUE, "barcode": "39001"}),
    "borrowing.received": ("borrowing.shipped", "staff", "receive", {"barcode": "39001", "due": DUE}),
    "borrowing.on_hold_shelf": ("borrowing.received", "staff", "shelve", {}),
    "borrowing.checked_out": ("borrowing.on_hold_shelf", "staff", "check_out", {}),
    "borrowing.returned_by_patron": ("borrowing.checked_out", "staff", "check_in", {}),
    "borrowing.return_shipped": ("borrowing.returned_by_patron", "staff", "ship_back", {}),
    "borrowing.lost": ("borrowing.checked_out", "staff", "report_lost", {"where": "lost_by_patron"}),
    "borrowing.finished": ("borrowing.return_shipped", "partner", "lender_completed", {}),
    "borrowing.cancelled": ("borrowing.sent", "partner", "lender_cancelled", {}),
    "lending.searching": ("lending.received", "staff", "start_search", {}),
    "lending.conditional": ("lending.received", "staff", "ask_condition", {"reason": "use_only"}),
    "lending.preparing": ("lending.searching", "staff", "found", {}),
    "lending.shipped": ("lending.preparing", "staff", "ship", {"due": DUE, "barcode": "39002"}),
    "lending.return_received": ("lending.shipped", "staff", "check_in", {}),
    "lending.lost": ("lending.shipped", "staff", "declare_lost", {"where": "lost_there"}),
    "lending.finished": ("lending.return_received", "staff", "reshelve", {}),
    "lending.unfilled": ("lending.received", "staff", "unfilled", {"reason": "in_use"}),
    "lending.cancelled": ("lending.received", "partner", "borrower_cancels", {}),
    "documents.submitted": ("borrowing.submitted", "staff", "to_documents", {}),
    "documents.searching": ("documents.submitted", "staff", "start_search", {}),
    "documents.on_hold_shelf": ("documents.searching", "staff", "shelve", {}),
    "documents.finished": ("documents.on_hold_shelf", "staff", "hand_over", {}),
    "documents.cancelled": ("documents.submitted", "staff", "cancel", {"reason": "patron_wish"}),
}
# The same for a copy, where its way is another.
_COPY_WAY: dict[str, tuple[str, str, str, dict]] = {
    "borrowing.copyright_review": ("borrowing.in_review", "staff", "choose_lenders", {"libraries": "a partner"}),
    "borrowing.ready_to_send": ("borrowing.copyright_review", "staff", "decide_copyright",
                                {"compliance": "US-CCG", "text": "Looked at it."}),
    "borrowing.shipped": ("borrowing.sent", "partner", "lender_sent_copy", {}),
    "borrowing.received": ("borrowing.shipped", "staff", "receive_copy", {"file": "a file"}),
    "borrowing.delivered": ("borrowing.received", "staff", "deliver", {}),
    "borrowing.finished": ("borrowing.delivered", "clock", "expire_delivery", {}),
    "lending.finished": ("lending.preparing", "staff", "deliver_scan", {"file": "a file", "notice": "included"}),
    "documents.scanning": ("documents.searching", "staff", "found", {}),
    "documents.delivered": ("documents.scanning", "staff", "deliver_copy", {"file": "a file", "notice": "included"}),
    "documents.finished": ("documents.delivered", "clock", "expire_delivery", {}),
}
_ONLY_COPIES = {"borrowing.copyright_review", "borrowing.delivered", "documents.scanning", "documents.delivered"}
LIVE_STATES = list(dict.fromkeys([*sorted(lifecycle.FIRST), *_WAY, *_COPY_WAY]))


def ill(
    state: str = "borrowing.submitted", *, partner: Library | None = None, service: str = "",
    clerk: actors.Actor | None = None, **more
) -> ILLRequest:
    """A request that has come to this state step by step; `clerk`: who took those of the staff."""
    service = service or ("copy" if state in _ONLY_COPIES else "loan")
    if service == "copy" and state.startswith("documents."):  # a whole book would be a person's case
        more["citation"] = {"part_title": "Prelude", "pages": "1-9"} | more.get("citation", {})
    if state == "borrowing.submitted":
        return asked(service=service, **more)
    if state == "lending.received":
        more = ({"compliance": "US-CCG"} if service == "copy" else {}) | more
        return arrived(library=partner, service=service, **more)
    way = (_COPY_WAY.get(state) if service == "copy" else None) or _WAY[state]
    before, by, action, answers = way
    if service == "copy" and state == "borrowing.received":
        by_hand()
    clerk = clerk or staff()
    row = ill(before, partner=partner, service=service, clerk=clerk, **more)
    if action == "choose_lenders":
        answers = {"libraries": [partner or library()]}
    if "file" in answers:
        answers = answers | {"file": stored()}
    if action == "decide_copyright":  # a whole book: it was looked for at a fair price first
        searched(row)
    actor = actors.partner(row.partner.symbol) if by == "partner" else actors.CLOCK if by == "clock" else clerk
    perform(row, action, actor=actor, now=NOW, **answers)
    assert row.state == state
    return row


def searched(row: ILLRequest, result: str = "not_found") -> FairPriceSearch:
    return FairPriceSearch.objects.create(ill=row, where="Books", looked_on=NOW.date(), result=result, made=NOW)


def by_hand() -> None:
    """The department looks at each PDF before it is delivered."""
    LoanPolicy(pk=1, deliver_by_itself=False).save()


def pdf(*texts: str) -> bytes:
    """A PDF with a page for each text."""
    drawn = io.BytesIO()
    canvas = Canvas(drawn)
    for text in texts or ("page",):
        canvas.drawString(72, 720, text)
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()


def stored(content: bytes = b"") -> StoredFile:
    """A file as `scans.stored.store` leaves it for a step."""
    content = content or pdf()
    path = default_storage.save(f"test/{uuid4().hex}", ContentFile(content))
    return StoredFile(path, len(content), hashlib.sha256(content).hexdigest(), 1)


def signed(rules: str = "uk", *, name: str = "Łucja Żak", channel: str = "web") -> declarations.Signed:
    """A declaration of these rules, signed."""
    text = texts.proposed("declaration", rules)
    return declarations.Signed(text, next(iter(wordings.purposes(rules))), name, NOW.date(), channel)


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
    "decide_copyright": {"compliance": "US-CCL", "text": "Fair use: three pages."},
    "other_version": {"text": "The manuscript will do."},
    "record_statement": {"compliance": "US-CCG"},
    "record_conditional": {"reason": "cost", "note": "USD 15"},
    "ask_condition": {"reason": "use_only"},
    "record_renewal": {"granted": "yes", "due": date(2026, 6, 1)},
    "record_recall": {"due": date(2026, 4, 1)},
    "recall": {"due": date(2026, 4, 1)},
    "grant_renewal": {"due": date(2026, 6, 1)},
    "report_lost": {"where": "lost_by_patron"},
    "declare_lost": {"where": "lost_there"},
    "close_lost": {"text": "Paid by the department."},
    "never_came": {"text": "Three weeks, and the lender knows nothing."},
    "write_partner": {"text": "Is the map with it?"},
    "extend_delivery": {"until": date(2026, 6, 1), "most": 3},
    "report_problem": {"problem": "pages_missing", "pages": "40-41"},
    "ask_resend": {"problem": "unreadable"},
    "lender_renewed": {"due": date(2026, 6, 1)},
    "lender_recalls": {"due": date(2026, 4, 1)},
    "allow_copy": {"ground": "fair_use", "text": "Out of print.", "looked": "Two dealers", "looked_on": NOW.date(),
                   "in_print": "no", "result": "not_found"},
    "lend_instead": {"text": ""},
    "mail_copy": {"notice": "none"},
    "give_link": {"url": "https://doi.org/10.5555/free"},
}
_WITH_FILE = {"receive_copy", "file_arrived", "deliver_scan", "deliver_copy"}


def answers_for(action: str) -> dict:
    """For perform(); what needs a row of its own stands beside the request (make_fit)."""
    if action.endswith("_declaration"):
        return {"signed": signed()} if action != "miss_declaration" else {}
    if action == "choose_lenders":
        return {"libraries": [library("OAK", name="Oak Public Library")]}
    if action in _WITH_FILE:
        return {"file": stored()} | ({"notice": "included"} if action.startswith("deliver_") else {})
    if action == "check":
        asked = (check.Asked("crossref", "nothing"),)
        return {"checked": check.Checked(Record(title="Tides"), "not_found", asked=asked)}
    return dict(ANSWERS.get(action, {}))


def make_fit(row: ILLRequest, step: lifecycle.Step) -> ILLRequest:
    """The flags, dates and rows that this step of the table asks for, put where they would have come from."""
    changes: dict = {}
    for name in step.unless.split():
        if getattr(row, name):
            column = ILLRequest._meta.get_field(name)
            changes[name] = None if column.null else column.get_default()
    for name in step.only.split():
        if not getattr(row, name):
            changes[name] = {"compliance": "US-CCG", "rota_left": 1, "undo_to": step.target, "due_lender": DUE}.get(
                name, NOW
            )
    if step.action == lifecycle.UNDO:
        changes["undo_to"] = step.target
    if "rota_left" in changes:
        place = row.rota.count() + 1
        RotaEntry.objects.create(ill=row, place=place, changed=NOW, library=library("OAK", name="Oak Public Library"))
    if step.action == "retry_later":
        Condition.objects.create(ill=row, made=NOW, reason="OnLoan", retry_after=later(days=9))
    if step.action == "clear_copyright":  # a part of a book with its number, not the whole: no doubt is left
        Citation.objects.filter(pk=row.citation_id).update(part_title="Prelude", pages="1-9")
    if step.action == "decide_copyright":  # a whole book: it was looked for at a fair price first
        searched(row)
    if step.action == "wait_for_place":
        all_taken(row)
    if step.action == "take_over":
        found = {"record": {"title": "Tides and currents", "source": "crossref"}, "origins": {"title": "crossref"}}
        Check.objects.create(ill=row, made=NOW, outcome="probable", found=[found | {"score": 0.8}])
    if step.action == "put_back":
        title = row.citation.title
        CitationChange.objects.create(ill=row, made=NOW, values={"title": ["As typed", title]})
    if step.action in ("say_overdue", "overdue"):
        changes["due_lender"] = NOW.date() - timedelta(days=3)
    if changes.pop("lacks_compliance", None):
        changes["compliance"] = ""
    if step.action == "tell_reserves":
        LoanPolicy.objects.update_or_create(pk=1, defaults={"reserves_email": "reserves@riverside.example"})
    if step.service == lifecycle.COPY and row.kind == lifecycle.DOCUMENTS and step.action in ("found", "deliver_copy"):
        Citation.objects.filter(pk=row.citation_id).update(part_title="Prelude", pages="1-9")  # not the whole book
    if changes:
        ILLRequest.objects.filter(pk=row.pk).update(**changes)
    return ILLRequest.objects.get(pk=row.pk)


def all_taken(row: ILLRequest) -> None:
    """No place of its title is left, in the year of the story and in the clock's."""
    CopyrightUse.objects.filter(ill=row).delete()
    key = f"isbn:{row.citation.isbn}"
    title = CopyrightTitle.objects.filter(numbers__key=key).first()
    if title is None:
        title = CopyrightTitle.objects.create(kind="work", name=row.citation.title, name_key="x", made=NOW)
        CopyrightNumber.objects.create(title=title, kind="isbn", key=key)
    for year in {NOW.year, datetime.now(UTC).year, datetime.now(UTC).year + 1}:
        for place in range(1, 6):
            CopyrightUse.objects.get_or_create(
                title=title, year=year, place=place, state="used",
                defaults={"limit": 5, "rules": "us-contu/1", "asked_on": date(year, 1, 9), "made": NOW, "filled": NOW})


def events_of(row: ILLRequest) -> list[str]:
    """Names of the request's events, oldest first."""
    found = Event.objects.filter(subject_kind="request", subject_id=row.pk).order_by("id")
    return list(found.values_list("name", flat=True))


def dialogue(row: ILLRequest) -> Dialogue:
    """The newest dialogue of a request."""
    return row.dialogues.order_by("-attempt")[0]
