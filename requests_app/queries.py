"""Reads: counts, one request's history, what stands on a home page. Nothing here changes anything.

What stands in a queue, and how its pages turn, is in `lists/`.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk.models import Event, InboxMessage, OutboxMessage
from requests_app import claims, lifecycle, reasons
from requests_app.actions import intake, spoken, who
from requests_app.models import Check, ILLRequest, Library, Note, Patron
from requests_app.words import FIELD_LABELS


def counts(side: str = "") -> dict[str, int]:
    """How many stand in each open state: one query over the open rows of the index."""
    rows = (
        ILLRequest.objects.filter(state__in=lifecycle.open_states(side))
        .order_by()
        .values_list("state")
        .annotate(count=Count("pk"))
    )
    return dict(rows)


def flag_counts(kind: str, *, user=None, now: datetime | None = None) -> dict[str, int]:
    """{'attention': 3, 'referred': 1} of a kind, with `user` also 'mine': one query over partial indexes, which
    hold only the marked rows."""
    marked = {flag: ILLRequest.objects.filter(kind=kind, **{f"{flag}__isnull": False}) for flag in MARKS}
    if user is not None and now is not None:
        marked["mine"] = claims.held_by(user, now).filter(kind=kind)
    first, *rest = [
        rows.order_by().values(flag=Value(name)).annotate(count=Count("pk")).values_list("flag", "count")
        for name, rows in marked.items()
    ]
    return dict.fromkeys(marked, 0) | dict(first.union(*rest, all=True))


MARKS = ("attention", "referred")


def of_patron(patron: Patron) -> QuerySet[ILLRequest]:
    return ILLRequest.objects.filter(patron=patron).select_related("citation", "branch").order_by("-pk")


# --- history ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One line of a timeline. `family`: the state's when the state changed, else ''."""

    at: datetime
    headline: str
    detail: str = ""
    more: str = ""  # folded text: a note, a letter, a message
    family: str = ""
    kind: str = "staff"  # staff | patron | partner | system: what the filter looks at
    sort: int = 0

    @property
    def time(self) -> str:
        return timezone.localtime(self.at).strftime("%H:%M")


@dataclass(frozen=True)
class Day:
    day: object
    entries: list[Entry]


def timeline(ill: ILLRequest) -> list[Day]:
    """Events, letters and messages of one request, newest first, by day of the library."""
    notes = {note.pk: note for note in Note.objects.filter(ill=ill)}
    events = list(_events(ill))
    about = {event.data["library"] for event in events if event.data.get("library")}
    symbols = dict(Library.objects.filter(pk__in=about).values_list("pk", "symbol"))
    entries = [_event_entry(event, ill, notes, symbols.get(event.data.get("library"), "")) for event in events]
    for row in OutboxMessage.objects.filter(subject_kind="request", subject_id=ill.pk):
        entries.append(_outbox_entry(row))
    entries.sort(key=lambda entry: (entry.at, entry.sort), reverse=True)
    return [
        Day(day, list(some))
        for day, some in groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())
    ]


def _events(ill: ILLRequest) -> QuerySet[Event]:
    return (
        Event.objects.filter(subject_kind="request", subject_id=ill.pk).select_related("actor").order_by("-id")
    )


def _event_entry(event: Event, ill: ILLRequest, notes: dict[int, Note], symbol: str) -> Entry:
    action = event.name.removeprefix("request.")
    row = lifecycle.taken(action, event.data.get("from", ""), event.data.get("to", ""))
    label = _FAILED_WORDS.get(event.data.get("why", "")) or event_label(action, ill, symbol, row=row)
    if action == "message_in" and (what := event.data.get("what")):
        label = f"{label}: {reasons.MESSAGES.get(what, what)}"
    if action == "check" and (outcome := event.data.get("outcome")) in _OUTCOMES:
        label = _("Checked: %(outcome)s") % {"outcome": _OUTCOMES[outcome]}
    if came := intake.CAME.get(event.data.get("came", "")):
        label = f"{label}, {came}"
    label = spoken(label, ill, symbol)
    moved = event.data.get("to") and event.data.get("to") != event.data.get("from")
    state = lifecycle.STATES.get(event.data.get("to", ""))
    note = notes.get(event.data.get("note", 0))
    detail = f"{label}, {who(event, ill, symbol)}"
    who_did = who(event, ill, symbol)
    if fields := event.data.get("fields"):
        who_did += ": " + ", ".join(str(FIELD_LABELS.get(name, name)) for name in fields)
    if event.data.get("reason"):
        detail += f": {reasons.shown(event.data['reason'])}"
    told = "" if not event.data.get("untold") else "; " + _("nobody was told")
    return Entry(
        at=event.at,
        headline=str(state.label) if moved and state else label,
        detail=(detail if moved else who_did) + told,
        more=note.text if note else "",
        family=state.family if moved and state else "",
        kind=event.actor_kind if event.actor_kind != "clock" else "system",
        sort=event.pk,
    )


_OUTCOMES = dict(Check.OUTCOMES)
# request.message_failed: what could not leave; without a code the other system refused it.
_FAILED_WORDS = {
    "message_not_sent": gettext_lazy("A message to {partner} could not be sent"),
    "letter_not_sent": gettext_lazy("A letter to the patron could not be sent"),
    "library_letter_not_sent": gettext_lazy("A letter to {partner} could not be sent"),
    "file_not_fetched": gettext_lazy("The file of {partner} could not be fetched"),
}


def event_label(action: str, ill: ILLRequest, symbol: str = "", *, row: lifecycle.Step | None = None) -> str:
    own = {
        "ask": _("Asked"), "arrive": _("Asked"), "message_in": _("Message from {partner}"),
        "message_failed": _("Message to {partner} was refused"), "file_added": _("File added"),
        "reference_added": _("Number of another system added"),
        "reference_removed": _("Number of another system removed"),
        "scan_fetched": _("Scan fetched"), "downloaded": _("PDF downloaded"),
        "copyright.looked": _("Looked for it at a fair price"),
        "charge.hold": _("The patron says it was returned: charges stand still"),
        "charge.hold_ended": _("The search is over: the clock of charges goes on"),
        "charge.not_made": _("Nobody was charged by itself: look at the charges"),
    }
    row = row or lifecycle.named(action, ill.kind)
    return spoken(own.get(action) or (row.label if row else action), ill, symbol).rstrip("…")


def _outbox_entry(row: OutboxMessage) -> Entry:
    state = row.get_state_display()
    if row.channel == "mail":
        headline = _("Letter: %(subject)s") % {"subject": row.payload.get("subject", row.what)}
        more = row.payload.get("body", "")
    else:
        headline = _("Message: %(what)s") % {"what": reasons.MESSAGES.get(row.what, row.what)}
        more = ""
    detail = f"{row.recipient}, {state}"
    if row.last_error and row.state != OutboxMessage.SENT:
        detail += f": {row.last_error}"
    return Entry(at=row.created, headline=headline, detail=detail, more=more, kind="system", sort=0)


def patron_history(ill: ILLRequest) -> list[Entry]:
    """What happened, in the patron's words, newest first; nothing of colleagues, libraries or costs."""
    found = []
    for event in _events(ill):
        action = event.name.removeprefix("request.")
        state = lifecycle.STATES.get(event.data.get("to", ""))
        moved = event.data.get("to") != event.data.get("from")
        sentence = _PATRON_WORDS.get(action)
        if sentence and (moved or action in _PATRON_UNMOVED):
            found.append(Entry(event.at, str(sentence()), family=state.family if state and moved else ""))
    return found


_PATRON_UNMOVED = {
    "patron_cancel", "patron_message", "write_patron", "report_problem", "ask_resend", "extend_delivery",
    "file_arrived", "patron_renew", "ask_renewal", "lender_renewed", "record_renewal", "lender_refused_renewal",
    "lender_recalls", "record_recall", "lender_refused_cancel", "deliver_copy",
    "sign_declaration", "record_declaration",
}
_PATRON_WORDS = {
    "ask": lambda: _("You asked."),
    "send": lambda: _("We asked a library that has it."),
    "lender_shipped": lambda: _("Another library sent it."),
    "next_lender": lambda: _("We asked another library that has it."),
    "lender_sent_copy": lambda: _("Another library sent it."),
    "lender_silent": lambda: _("That library did not answer; we are looking for another."),
    "request_refused": lambda: _("That library cannot send it; we are looking for another."),
    "record_unfilled": lambda: _("That library cannot send it; we are looking for another."),
    "lender_gave_up": lambda: _("That library cannot send it; we are looking for another."),
    "decline_condition": lambda: _("That library cannot send it; we are looking for another."),
    "to_documents": lambda: _("We have it ourselves and are getting it for you."),
    "to_borrowing": lambda: _("It is not on our shelves; we look for a library that has it."),
    "deliver": lambda: _("Your PDF is ready."),
    "deliver_copy": lambda: _("Your PDF is ready."),
    "extend_delivery": lambda: _("You can download it longer."),
    "report_problem": lambda: _("You reported a problem; we asked for a better copy."),
    "ask_resend": lambda: _("We asked for a better copy."),
    "file_arrived": lambda: _("The file is here."),
    "expire_delivery": lambda: _("The download expired."),
    "patron_renew": lambda: _("You asked to renew; we asked the other library."),
    "ask_renewal": lambda: _("We asked the other library to renew."),
    "lender_renewed": lambda: _("It is renewed."),
    "record_renewal": lambda: _("The other library answered about the renewal."),
    "lender_refused_renewal": lambda: _("The other library cannot renew it."),
    "lender_recalls": lambda: _("The other library needs it back."),
    "record_recall": lambda: _("The other library needs it back."),
    "lender_refused_cancel": lambda: _("It had left already; it could not be cancelled."),
    "hand_over": lambda: _("You picked it up."),
    "close_unconfirmed": lambda: _("All done."),
    "report_lost": lambda: _("It is lost; we settle it with the other library."),
    "lender_unfilled": lambda: _("That library cannot send it; we are looking for another."),
    "receive": lambda: _("It arrived."),
    "shelve": lambda: _("It is ready to pick up."),
    "check_out": lambda: _("You picked it up."),
    "check_in": lambda: _("It came back to us."),
    "ship_back": lambda: _("We sent it back to the other library."),
    "lender_completed": lambda: _("All done."),
    "close_return": lambda: _("All done."),
    "cancel": lambda: _("It was cancelled."),
    "lender_cancelled": lambda: _("It was cancelled."),
    "patron_cancel": lambda: _("You cancelled it."),
    "sign_declaration": lambda: _("You signed the declaration."),
    "record_declaration": lambda: _("We have your signed declaration."),
    "patron_message": lambda: _("You wrote to us."),
    "write_patron": lambda: _("We wrote to you."),
}


def messages_of(ill: ILLRequest) -> list:
    """Messages with the partner about this request, both ways, newest first."""
    out = OutboxMessage.objects.filter(subject_kind="request", subject_id=ill.pk).exclude(channel="mail")
    arrived = InboxMessage.objects.filter(subject_kind="request", subject_id=ill.pk)
    return sorted([*out, *arrived], key=lambda row: getattr(row, "created", None) or row.arrived, reverse=True)
