"""One request: the staff face for who has a staff right on its kind, else the patron's."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from illdesk import dates, registry
from illdesk.errors import BadAnswer
from illdesk.http import signed_in_only
from illdesk.models import Attachment, InboxMessage, OutboxMessage
from illdesk.pages import errors
from requests_app import access, lifecycle, queries, reasons
from requests_app.actions import copies, spoken, then
from requests_app.copyright import clearance, declarations, notices, supply, wordings
from requests_app.models import ExternalReference, ILLRequest
from requests_app.scans import stored
from requests_app.views import checks, lenders
from requests_app.views.copyright import tab as copyright_tab
from requests_app.views.side import set_side


def safe_next(request) -> str:
    """Where the reader came from, as the page said; '' for an address that is not ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours else ""


TABS = ("facts", "checks", "lenders", "copyright", "messages", "files")


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
    if tab not in TABS or (tab == "copyright" and not copyright_tab.has_one(ill, request.user)):
        tab = "facts"
    return {
        "ill": ill,
        "steps": step_buttons(request.user, ill),
        "flags": flags_of(ill),
        "facts": facts_of(ill),
        "concerns": concerns_of(request.user, ill),
        "notes": [note for note in ill.notes.select_related("author").order_by("-at") if note.text],
        "days": queries.timeline(ill) if tab in ("facts", "checks") else [],
        "messages_list": conversation(queries.messages_of(ill)) if tab == "messages" else [],
        "files": files_of(ill) if tab == "files" else [],
        "rota": lenders.rota_of(ill) if tab == "lenders" else [],
        "conditions": lenders.conditions_of(ill) if tab == "lenders" or ill.state.endswith(".conditional") else [],
        "delivery": copies.current(ill) if ill.state.endswith(".delivered") else None,
        "checks": checks.context_for(
            ill, request.user, candidate=_number(request.GET.get("candidate"))
        ) if tab == "checks" else {},
        "checks_here": f"{ill.get_absolute_url()}?tab=checks",
        "copyright": copyright_tab.context_for(ill, request.user, tab),
        "references": list(ill.references.order_by("pk")) if tab == "facts" else [],
        "reference_systems": ExternalReference.SYSTEMS,
        "tab": tab,
        "parts": [part for ask in registry.REQUEST_PARTS if (part := ask(request, ill))] if tab == "facts" else [],
        "copyright_step": lifecycle.find(ill, "decide_copyright", by="staff")
        if request.user.may("work_borrowing") else None,
        "works": access.works_kind(request.user, ill.kind),
        "back": safe_next(request) or reverse("queue", args=[ill.kind, ill.state_row.slug]),
        "next": safe_next(request),
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else 0


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


_INSTEAD = ("allow_copy", "decide_copyright", "lend_instead", "tell_reserves")


def concerns_of(user, ill: ILLRequest) -> dict | None:
    """Before a copy is made for our patron or asked for: what a person should look at, and what can be done about it.
    Of borrowing only where somebody decides anyway."""
    looked_at = ill.state in supply.BEFORE or ill.state == "borrowing.copyright_review"
    if ill.service != lifecycle.COPY or not looked_at:
        return None
    lines = supply.still_open(ill, clearance.look(ill, now=timezone.now()).decision.doubts)
    if not lines:
        return None
    steps = [
        {"label": spoken(step.label, ill), "then": then(step, ill), "form": bool(step.form),
         "url": reverse("act", args=[ill.number, step.action])}
        for step in lifecycle.steps_for(ill)
        if step.action in _INSTEAD and user.may(step.permission)
        and (step.action != "tell_reserves" or any(line.code in _FOR_RESERVES for line in lines))
    ]
    return {"lines": lines, "steps": steps}


_FOR_RESERVES = {f"{code}{where}" for code in ("concerted", "several_copies", "purpose") for where in ("", "_abroad")}


def flags_of(ill: ILLRequest) -> list[dict]:
    """Icon, words and kind of what stands beside the state."""
    found = []
    if ill.attention:
        found.append({"icon": "chat-left-text", "text": reasons.ATTENTION.get(ill.attention_why, ""), "kind": "due"})
    if ill.referred:
        found.append({"icon": "flag-fill", "text": _("referred"), "kind": ""})
    if ill.cancel_asked and ill.is_open:
        found.append({"icon": "slash-circle", "text": _("cancel asked"), "kind": "due"})
    if ill.is_open:
        found += [
            {"icon": icon, "text": words(), "kind": kind} for name, icon, words, kind in _DATED if _flagged(ill, name)
        ]
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


# Flags with their own dates: field, icon, words, colour. Shown unless the mark for a person says the same.
_DATED = (
    ("promised", "check-lg", lambda: _("will supply"), ""),
    ("renewal_asked", "arrow-repeat", lambda: _("renewal asked"), "due"),
    ("recalled", "arrow-counterclockwise", lambda: _("recalled"), "trouble"),
    ("resend_asked", "arrow-repeat", lambda: _("new copy asked"), "due"),
    ("retry_on", "clock", lambda: _("asked again later"), ""),
)
_SAME_MARK = {"promised": "late", "renewal_asked": "renew_asked", "recalled": "recalled", "resend_asked": "bad_copy"}


def _flagged(ill: ILLRequest, name: str) -> bool:
    if name == "promised" and ill.state != "borrowing.sent":
        return False
    return bool(getattr(ill, name)) and not (ill.attention and ill.attention_why == _SAME_MARK.get(name))


# What the next date means where a request stands; the words stand before the day.
_NEXT_DATE = {
    "borrowing.sent": lambda: _("Lender answers by"), "borrowing.conditional": lambda: _("Answer the lender by"),
    "borrowing.return_shipped": lambda: _("Asked after on"), "borrowing.delivered": lambda: _("Download until"),
    "documents.delivered": lambda: _("Download until"), "lending.conditional": lambda: _("They answer by"),
    "lending.shipped": lambda: _("Answer the renewal by"),
}


def _next_date(ill: ILLRequest) -> tuple[str, object]:
    label = _NEXT_DATE.get(ill.state, lambda: _("Answer by"))()
    if ill.promised and ill.state == "borrowing.sent":
        label = _("Ships by")
    return label, ill.respond_by if ill.is_open else None


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
        _next_date(ill), (_("Copyright"), _copyright(ill)), (_("Warning"), _warning(ill)),
        (_("Declaration"), _declaration(ill)), (_("PMID"), citation.pmid),
        (_("Number"), citation.document_number),
        (_("Cost cap"), f"{ill.currency} {ill.max_cost}" if ill.max_cost is not None else ""),
        (_("Cost"), f"{ill.currency} {ill.cost}" if ill.cost is not None else ""),
        (_("Call number"), ill.call_number), (_("Barcode"), ill.barcode), (_("Pieces"), pieces),
        (_("Use"), _("Library use only") if ill.library_use_only else ""),
        (_("Renewals"), str(ill.renewals or "")), (_("No more renewals"), _("yes") if ill.no_renewals else ""),
        (_("Lender's date"), ill.due_lender), (_("Patron's date"), ill.due_patron),
        (_("Pick-up"), ill.branch), (_("Shelf code"), ill.shelf_code), (_("Hold until"), ill.hold_until),
        (_("Tracking"), ill.tracking), (_("Reason"), reasons.shown(ill.reason) if ill.reason else ""),
    ]
    return [(label, value) for label, value in rows if value]


def _copyright(ill: ILLRequest) -> str:
    """Ground and who answers for it; of lending, what the other library states."""
    if ill.service != lifecycle.COPY or not ill.compliance:
        return ""
    who = ill.compliance_by
    if who is None and ill.kind == lifecycle.BORROWING:
        return _("%(code)s, by rule") % {"code": ill.compliance}
    return f"{ill.compliance}, {who.short_name}" if who else ill.compliance


def _warning(ill: ILLRequest) -> str:
    """How the patron saw the warning, and which version of it (C9)."""
    if ill.service != lifecycle.COPY:
        return ""
    return ", ".join(filter(None, [str(notices.SHOWN.get(ill.warning_shown, "")), ill.warning_version]))


def _declaration(ill: ILLRequest) -> str:
    """Who signed what, and when; or that it is missing (C20)."""
    if ill.declaration_due and ill.is_open and declarations.is_due(ill, timezone.localdate()):
        return _("not signed yet; nothing is sent before")
    row = declarations.of(ill) if ill.service == lifecycle.COPY else None
    if row is None:
        return ""
    return _("%(name)s, %(day)s, %(how)s: %(purpose)s (%(text)s)") % {
        "name": row.name, "day": dates.in_words(row.signed_on), "how": row.get_channel_display(),
        "purpose": wordings.PURPOSE_WORDS.get(row.purpose, row.purpose), "text": row.text.label,
    }


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
    if not access.works_kind(request.user, ill.kind):
        return errors.refused(request, _("Files are added by those who work on %(number)s.") % {"number": ill.number})
    uploaded = request.FILES.get("file")
    try:
        if uploaded and attachments.kind_of(uploaded) == "pdf":
            uploaded = stored.harmless(uploaded)
        attachments.store(ill.subject, uploaded, by=request.user, now=timezone.now())
        messages.success(request, _("The file is stored with %(number)s.") % {"number": ill.number})
    except BadAnswer as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{ill.get_absolute_url()}?tab=files")


def patron_face(request, ill: ILLRequest):
    from requests_app.views.patron import one_request

    return one_request(request, ill)
