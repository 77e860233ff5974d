"""The paper stand-in for libraries without a system of their own: each message as a letter, in their language where
it is one of ours."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import dates, notices
from illdesk.models import Institution
from requests_app import reasons
from requests_app.actions import Doing
from requests_app.models import ILLRequest
from requests_app.verification import stored

# Spoken in these countries; to all others we write in English, the field's common language.
_SPOKEN = {
    "es": {"AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "ES", "GQ", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "PY",
           "SV", "UY", "VE"},
}
LANGUAGE_OF = {country: language for language, countries in _SPOKEN.items() for country in countries}
# What the letter says, by the table's message code.
SAYS = {
    "request:New": gettext_lazy("We ask you for an interlibrary {service} of the item below."),
    "request:Retry": gettext_lazy("We accept your condition. Please go on with our request for the item below."),
    "action:Received": gettext_lazy("The item has arrived here. Thank you."),
    "action:ShippedReturn": gettext_lazy("The item is on its way back to you."),
    "action:Cancel": gettext_lazy("Please cancel this request if it has not been sent. Please tell us either way."),
    "action:Renew": gettext_lazy(
        "May we keep this item longer? Please tell us the new due date, or that it cannot be renewed."
    ),
    "action:StatusRequest": gettext_lazy("Please tell us how this request stands."),
    "status:WillSupply": gettext_lazy("We will supply this item."),
    "status:Loaned": gettext_lazy("We have sent this item. It is due back on {due}. Barcode: {barcode}."),
    "status:CopyCompleted": gettext_lazy("We have sent the copy. {link}"),
    "status:Unfilled": gettext_lazy("We cannot supply this item: {reason}."),
    "status:RetryPossible": gettext_lazy("We can supply this item under a condition: {condition}. Do you accept?"),
    "status:Recalled": gettext_lazy("We need this item back. Please return it by {due}."),
    "status:Overdue": gettext_lazy("This item was due back on {due}. Please return it, or ask for a renewal."),
    "status:LoanCompleted": gettext_lazy("We have the item back. Thank you."),
    "status:CompletedWithoutReturn": gettext_lazy("We no longer wait for the return of this item."),
    "cancel:Y": gettext_lazy("Your request is cancelled."),
    "cancel:N": gettext_lazy("The item has left already; it cannot be cancelled any more."),
    "renew:Y": gettext_lazy("You may keep this item until {due}."),
    "renew:N": gettext_lazy("We cannot renew this item. It is due back on {due}."),
    "note:TEXT": "",
    "note:REJECT": gettext_lazy("We do not accept your condition and withdraw this request."),
    "note:LOST": gettext_lazy("We are sorry: this item is lost."),
    "note:FOUND": gettext_lazy("This item has been found and comes back."),
    "note:RESEND": gettext_lazy("The copy was bad: {problem}. Please send it again."),
}


def tell(doing: Doing) -> None:
    ill = doing.ill
    assert ill.partner is not None
    with translation.override(LANGUAGE_OF.get(ill.partner.country, "en")):
        institution = Institution.objects.filter(pk=1).first()
        says = str(SAYS[doing.step.iso_out]).format(
            service=ill.get_service_display().lower(),
            due=dates.in_letters(ill.due_lender) if ill.due_lender else "",
            barcode=ill.barcode,
            reason=reasons.shown(ill.reason).lower(),
            link=_("Fetch it here: %(link)s") % {"link": doing.memo["link"]} if doing.memo.get("link")
            else _("It comes on paper."),
            condition=_condition(doing),
            problem=_problem(doing),
        )
        dialogue = ill.dialogues.order_by("-attempt").first()
        body = "\n".join([
            *([says] if says else []), *_besides(doing), "", *_item(ill), "",
            _line(_("Number"), dialogue.request_id if dialogue else ill.number),
            *([_("Please return it to:")] if doing.step.iso_out == "status:Loaned" else []),
            *([f"{institution.name}, {institution.department}", *institution.address_lines] if institution else []),
            _("Please answer to this address. %(url)s") % {"url": settings.BASE_URL},
        ])
        notices.mail(
            to=ill.partner.email, subject=_("Interlibrary loan %(number)s") % {"number": ill.number}, body=body,
            what=doing.step.iso_out, key=f"tell:{doing.data['event']}", about=ill.subject, now=doing.now,
        )


def _besides(doing: Doing) -> list[str]:
    """What the message would carry beside its status: pieces, conditions, our own words."""
    ill, code = doing.ill, doing.step.iso_out
    # A patron's words, and reasons meant for colleagues, stay in the house.
    note = "" if doing.step.by == "patron" else doing.answers.get("note", "").strip()
    if code == "note:TEXT":
        return [doing.answers.get("text", "").strip()]
    if code == "request:New":
        return [_grounds(ill)] if ill.compliance else []
    if code != "status:Loaned":
        return [note] if note else []
    pieces = ill.pieces_text or (_("%(n)d pieces") % {"n": ill.pieces} if ill.pieces > 1 else "")
    rows = [
        _line(_("It consists of"), pieces) if pieces else "",
        _("Library use only: please let it be used in your library only.") if ill.library_use_only else "",
        note,
    ]
    return [row for row in rows if row]


def _grounds(ill: ILLRequest) -> str:
    """CONTU 3: a copy request states on which ground it is made."""
    return _("Copyright compliance: %(ground)s.") % {"ground": ill.compliance.removeprefix("US-")}


def _condition(doing: Doing) -> str:
    row = doing.memo.get("condition")
    if row is None:
        return ""
    said = reasons.condition_shown(row.reason).lower()
    return f"{said}, {row.cost} {row.currency}" if row.cost is not None else said


def _problem(doing: Doing) -> str:
    said = reasons.BAD_COPY_TOLD.get(doing.answers.get("problem", ""), "")
    pages = doing.answers.get("pages", "").strip()
    return f"{said} ({pages})" if pages else said


def _line(label: str, value: str) -> str:
    return f"{label}: {value}"


def _item(ill: ILLRequest) -> list[str]:
    citation, own = ill.citation, stored.in_own_script(ill)
    rows = [
        (_("Article or chapter"), citation.part_title), ("", own.get("part_title", "")),
        (_("By"), citation.part_author), ("", own.get("part_author", "")),
        (_("Title"), citation.title), ("", own.get("title", "")),
        (_("Author"), citation.author), ("", own.get("author", "")), (_("Edition"), citation.edition),
        (_("Published"), ", ".join(part for part in (citation.place, citation.publisher, citation.year) if part)),
        (_("Volume"), citation.volume), (_("Issue"), citation.issue), (_("Pages"), citation.pages),
        ("ISBN", citation.isbn), ("ISSN", citation.issn), ("DOI", citation.doi), ("PMID", citation.pmid),
        (_("Number"), citation.document_number), ("OCLC", citation.oclc),
        (_("Needed by"), ill.need_by.isoformat() if ill.need_by else ""),
    ]
    return [_line(label, value) if label else value for label, value in rows if value]
