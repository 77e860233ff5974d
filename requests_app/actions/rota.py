"""Choosing lenders and asking them one after the other."""

import re

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Institution
from requests_app import lifecycle, reasons, search
from requests_app.actions import Doing, does
from requests_app.actions.dialogues import (
    ON_ITS_WAY,
    answer_until,
    close_dialogue,
    days_from,
    first_message,
    newest,
    open_dialogue,
    settle_rota,
    still_has_days,
)
from requests_app.actions.patrons import tell_patron
from requests_app.lenders import candidates
from requests_app.models import Dialogue, Library, RotaEntry

# What a lender's reason must look like to stand in an event: events hold codes, never words.
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
MOST = 30


@does("choose_lenders")
def choose_lenders(doing: Doing) -> None:
    """`answers`: libraries, in the order in which they are asked. Those already asked keep their outcome."""
    libraries: list[Library] = list(dict.fromkeys(doing.answers.get("libraries") or []))
    if not libraries:
        raise BadAnswer(_("Choose a library."), field="libraries")
    if len(libraries) > MOST:
        raise BadAnswer(_("Choose at most %(most)d libraries.") % {"most": MOST}, field="libraries")
    for library in libraries:
        if is_ours(library, doing):
            raise BadAnswer(
                _("%(library)s is our own library: nobody is asked there.") % {"library": library}, field="libraries"
            )
        if not takes_requests(library, doing):
            raise BadAnswer(_("%(library)s does not take requests now.") % {"library": library}, field="libraries")
    ill = doing.ill
    wait_in_order(doing, [library.pk for library in libraries])
    ill.partner = libraries[0]
    search.index(ill)
    doing.data |= {"library": libraries[0].pk, "lenders": [library.pk for library in libraries]}


def wait_in_order(doing: Doing, libraries: list[int]) -> None:
    """They wait to be asked, in this order, instead of those that waited."""
    ill = doing.ill
    ill.rota.filter(state=RotaEntry.WAITING).delete()
    place = ill.rota.order_by("-place").values_list("place", flat=True).first() or 0
    RotaEntry.objects.bulk_create(
        RotaEntry(ill=ill, library_id=pk, place=place + index, changed=doing.now)
        for index, pk in enumerate(libraries, 1)
    )
    ill.rota_left = len(libraries)


def is_ours(library: Library, doing: Doing) -> bool:
    """Another name of our own library, wherever it came from: never asked, whoever chose it."""
    if "us" not in doing.memo:
        doing.memo["us"] = candidates.our_names(Institution.objects.filter(pk=1).first())
    return candidates.is_one_of_ours(library, doing.memo["us"])


def takes_requests(library: Library, doing: Doing) -> bool:
    """In use, not suspended today, and giving what is asked for."""
    terms = library.terms
    gives = terms.makes_copies if doing.ill.service == lifecycle.COPY else terms.lends_books
    return library.active and terms.takes_requests and gives and not library.suspended_on(doing.today)


@does("send", "next_lender")
def send(doing: Doing) -> None:
    """Ask the next library of the rota that takes requests; those that do not are passed over."""
    ill = doing.ill
    if doing.step.action == "send" and ill.partner is not None and ill.partner.suspended_on(doing.today):
        raise BadAnswer(_("%(library)s is suspended now. Choose another lender.") % {"library": ill.partner})
    for entry in ill.rota.filter(state=RotaEntry.WAITING).select_related("library", "library__calendar"):
        ill.rota_left -= 1
        if takes_requests(entry.library, doing) and not is_ours(entry.library, doing):
            _ask(doing, entry)
            return
        entry.state, entry.changed = RotaEntry.SKIPPED, doing.now
        entry.save(update_fields=["state", "changed"])
    if doing.step.action == "send":
        raise BadAnswer(_("No lender is chosen. Choose one first."))
    raise NotAllowed(_("No library of the rota takes requests now."))


def _ask(doing: Doing, entry: RotaEntry) -> None:
    ill = doing.ill
    changed = ill.partner_id != entry.library_id
    ill.partner = entry.library
    dialogue = open_dialogue(doing, entry.library, role=Dialogue.REQUESTER)
    entry.state, entry.dialogue, entry.changed = RotaEntry.ASKED, dialogue, doing.now
    entry.save(update_fields=["state", "dialogue", "changed"])
    ill.reason, ill.promised, ill.retry_on = "", None, None
    ill.respond_by = answer_until(doing, entry.library)
    if ill.max_cost is None:
        ill.max_cost, ill.currency = doing.policy.max_cost, doing.policy.currency
    if changed:
        search.index(ill)
    doing.data |= {"library": entry.library_id, "attempt": dialogue.attempt}


@does("lender_will_supply")
def lender_will_supply(doing: Doing) -> None:
    """Its days to answer are over; what counts from now on is when it ships."""
    doing.note("partner", doing.answers.get("note", ""))
    doing.ill.promised = doing.now
    doing.ill.respond_by = days_from(doing, doing.policy.ship_days, doing.ill.partner)


@does("lender_late")
def lender_late(doing: Doing) -> None:
    doing.attend("late")
    doing.ill.respond_by = days_from(doing, doing.policy.ship_days, doing.ill.partner)


@does("lender_silent")
def lender_silent(doing: Doing) -> None:
    _go_on(doing, RotaEntry.NO_ANSWER, "no_answer")


@does("lender_not_reached")
def lender_not_reached(doing: Doing) -> None:
    """Its days begin when our request is with it; while that waits to leave, somebody looks at it."""
    ill, dialogue = doing.ill, newest(doing)
    assert ill.partner is not None
    ill.respond_by = still_has_days(ill, now=doing.now) or answer_until(doing, ill.partner)
    message = first_message(dialogue) if dialogue is not None else None
    if message is not None and message.state in ON_ITS_WAY:
        doing.attend("send_failed")


@does("lender_unfilled", "lender_gave_up")
def lender_unfilled(doing: Doing) -> None:
    """`answers`: reason (ISO 18626's list is open: a code of any kind), note."""
    said, note = doing.answers.get("reason", "").strip(), doing.answers.get("note", "")
    if said and not _CODE.fullmatch(said):
        said, note = "other", f"{said}\n{note}"
    doing.note("partner", note)
    _go_on(doing, RotaEntry.UNFILLED, said)


@does("record_unfilled")
def record_unfilled(doing: Doing) -> None:
    """`answers`: reason (a code of `reasons.UNFILLED`), note."""
    reason = doing.answers.get("reason", "")
    if reason not in reasons.UNFILLED:
        raise BadAnswer(_("Choose the reason from the list."), field="reason")
    doing.note("partner", doing.answers.get("note", ""))
    _go_on(doing, RotaEntry.UNFILLED, reason)


@does("request_refused")
def request_refused(doing: Doing) -> None:
    doing.note("partner", doing.answers.get("note", ""))
    _go_on(doing, RotaEntry.REFUSED, "")


def _go_on(doing: Doing, outcome: str, reason: str) -> None:
    """This lender is out; the step that follows asks the next one. Where a cancellation was asked for, nobody
    is left to ask."""
    ill = doing.ill
    doing.data["reason"] = reason
    close_dialogue(doing)
    settle_rota(doing, outcome, reason)
    ill.promised = ill.respond_by = None
    if doing.step.only == "cancel_asked":
        ill.reason, ill.cancel_asked = "cancel_granted", None
        tell_patron(doing, "cancelled")
    else:
        ill.reason = reason
