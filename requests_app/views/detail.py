"""One request: the staff face for who has a staff right on its kind, else the patron's."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from illdesk.errors import BadAnswer
from illdesk.http import signed_in_only
from illdesk.models import Attachment, InboxMessage, OutboxMessage
from requests_app import access, lifecycle, queries, reasons
from requests_app.actions import spoken, then
from requests_app.models import ILLRequest
from requests_app.views.side import set_side


def safe_next(request) -> str:
    """Where the reader came from, as the page said; '' for an address that is not ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours else ""


@signed_in_only
def detail(request, number: str):
    ill = access.request_for(request.user, number)
    if access.sees_kind(request.user, ill.kind):
        return staff_face(request, ill)
    return patron_face(request, ill)


def staff_face(request, ill: ILLRequest):
    context = staff_context(request, ill)
    if request.headers.get("X-Piece") == "request":
        return render(request, "requests_app/staff/_request.html", context)
    set_side(request, ill.kind, current=ill.state)
    return render(request, "requests_app/staff/request.html", context)


def staff_context(request, ill: ILLRequest) -> dict:
    """All that the request's head, tabs and timeline show."""
    tab = request.GET.get("tab", "facts")
    return {
        "ill": ill,
        "steps": step_buttons(request.user, ill),
        "flags": flags_of(ill),
        "facts": facts_of(ill),
        "notes": [note for note in ill.notes.select_related("author").order_by("-at") if note.text],
        "days": queries.timeline(ill) if tab == "facts" else [],
        "messages_list": conversation(queries.messages_of(ill)) if tab == "messages" else [],
        "files": files_of(ill) if tab == "files" else [],
        "tab": tab if tab in ("facts", "messages", "files") else "facts",
        "works": access.works_kind(request.user, ill.kind),
        "back": safe_next(request) or reverse("queue", args=[ill.kind, ill.state_row.slug]),
        "next": safe_next(request),
    }


def step_buttons(user, ill: ILLRequest) -> dict:
    """First step filled, second outlined, the rest behind ⋯; only what this person may do."""
    rows = [
        {
            "action": step.action,
            "label": spoken(step.label, ill),
            "then": then(step, ill),
            "form": bool(step.form),
            "quiet": step.quiet,
            "url": reverse("act", args=[ill.number, step.action]),
        }
        for step in lifecycle.steps_for(ill)
        if not step.permission or user.may(step.permission)
    ]
    work = [row for row in rows if not row["quiet"]]
    for_others = next((step for step in lifecycle.steps_for(ill) if not step.quiet), None)
    return {
        "for_others": spoken(for_others.label, ill).rstrip("…") if for_others and not work else "",
        "first": work[0] if work else None,
        "second": work[1] if len(work) > 1 else None,
        "more": [*work[2:], *(row for row in rows if row["quiet"] and row["action"] != "note")],
        "note": next((row for row in rows if row["action"] == "note"), None),
    }


def flags_of(ill: ILLRequest) -> list[dict]:
    """Icon, words and kind of what stands beside the state."""
    found = []
    if ill.attention:
        found.append({"icon": "chat-left-text", "text": reasons.ATTENTION.get(ill.attention_why, ""), "kind": "due"})
    if ill.referred:
        found.append({"icon": "flag-fill", "text": _("referred"), "kind": ""})
    if ill.cancel_asked and ill.is_open:
        found.append({"icon": "slash-circle", "text": _("cancel asked"), "kind": "due"})
    today = timezone.localdate()
    late = ill.due_patron if ill.kind == lifecycle.BORROWING else ill.due_lender
    if late and late < today and ill.state in ("borrowing.checked_out", "lending.shipped"):
        days = (today - late).days
        found.append({"icon": "triangle-up", "text": _("%(days)d d overdue") % {"days": days}, "kind": "trouble"})
    if ill.kind == lifecycle.LENDING and ill.respond_by and ill.answered_at is None and ill.is_open:
        left = (timezone.localtime(ill.respond_by).date() - today).days
        if left <= 1:
            found.append({"icon": "clock-fill", "kind": "trouble" if left < 0 else "due",
                          "text": _("answer late") if left < 0 else _("answer today") if left == 0 else _("1 d left")})
    return found


def facts_of(ill: ILLRequest) -> list[tuple[str, object]]:
    """Label and value of what is known; what is empty is left out."""
    citation = ill.citation
    pieces = ill.pieces_text or (str(ill.pieces) if ill.pieces > 1 else "")
    rows = [
        (_("Needed by"), ill.need_by), (_("Patron's note") if ill.patron else _("Their note"), ill.asker_note),
        (_("Edition"), citation.edition), ("ISBN", citation.isbn), ("ISSN", citation.issn),
        (_("OCLC number"), citation.oclc), ("DOI", citation.doi), (_("Volume"), citation.volume),
        (_("Degree"), citation.degree), (_("Format"), citation.format), (_("Series"), citation.series),
        (_("Any edition"), _("yes") if citation.any_edition else ""),
        (_("Answer by"), ill.respond_by if ill.is_open else None),
        (_("Call number"), ill.call_number), (_("Barcode"), ill.barcode), (_("Pieces"), pieces),
        (_("Use"), _("Library use only") if ill.library_use_only else ""),
        (_("Lender's date"), ill.due_lender), (_("Patron's date"), ill.due_patron),
        (_("Pick-up"), ill.branch), (_("Shelf code"), ill.shelf_code), (_("Hold until"), ill.hold_until),
        (_("Tracking"), ill.tracking), (_("Reason"), reasons.shown(ill.reason) if ill.reason else ""),
    ]
    return [(label, value) for label, value in rows if value]


def conversation(rows: list, *, whole: bool = True) -> list[dict]:
    """Messages both ways as the conversation table shows them; `whole`: with their XML."""
    return [
        {
            "out": isinstance(row, OutboxMessage),
            "at": row.created if isinstance(row, OutboxMessage) else row.arrived,
            "what": reasons.MESSAGES.get(row.what, row.what),
            "state": row.get_state_display(),
            "family": _FAMILY.get(row.state, "decision"),
            "detail": row.last_error if isinstance(row, OutboxMessage) else reasons.outcome_shown(row.outcome),
            "xml": "" if not whole else row.payload.get("xml", "") if isinstance(row, OutboxMessage) else row.body,
            "answer": row.answer if whole else "",
            "row": row,
        }
        for row in rows
    ]


_FAMILY = {
    OutboxMessage.SENT: "ended_ok", InboxMessage.HANDLED: "ended_ok", OutboxMessage.DROPPED: "ended_not",
    InboxMessage.REFUSED: "trouble", OutboxMessage.PARKED: "trouble", OutboxMessage.UNCERTAIN: "trouble",
}


def files_of(ill: ILLRequest):
    return Attachment.objects.filter(subject_kind="request", subject_id=ill.pk).order_by("-added")


@signed_in_only
@require_POST
def add_file(request, number: str):
    from django.contrib import messages

    import illdesk.attachments as attachments

    ill = access.staff_request(request.user, number)
    try:
        attachments.store(ill.subject, request.FILES.get("file"), by=request.user, now=timezone.now())
        messages.success(request, _("The file is stored with %(number)s.") % {"number": ill.number})
    except BadAnswer as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{ill.get_absolute_url()}?tab=files")


def patron_face(request, ill: ILLRequest):
    from requests_app.views.patron import one_request

    return one_request(request, ill)
