"""The paper stand-in for libraries without a system of their own: each message as a letter in English."""

from django.conf import settings
from django.utils import formats, translation

from illdesk import notices
from illdesk.models import Institution
from requests_app import reasons
from requests_app.actions import Doing
from requests_app.models import ILLRequest

# What the letter says, by the table's message code. English: the field's common language.
SAYS = {
    "request:New": "We ask you for an interlibrary {service} of the item below.",
    "request:Retry": "We accept your condition. Please go on with our request for the item below.",
    "action:Received": "The item has arrived here. Thank you.",
    "action:ShippedReturn": "The item is on its way back to you.",
    "action:Cancel": "Please cancel this request if it has not been sent. Please tell us either way.",
    "action:Renew": "May we keep this item longer? Please tell us the new due date, or that it cannot be renewed.",
    "action:StatusRequest": "Please tell us how this request stands.",
    "status:WillSupply": "We will supply this item.",
    "status:Loaned": "We have sent this item. It is due back on {due}. Barcode: {barcode}.",
    "status:CopyCompleted": "We have sent the copy. {link}",
    "status:Unfilled": "We cannot supply this item: {reason}.",
    "status:RetryPossible": "We can supply this item under a condition: {condition}. Do you accept?",
    "status:Recalled": "We need this item back. Please return it by {due}.",
    "status:Overdue": "This item was due back on {due}. Please return it, or ask for a renewal.",
    "status:LoanCompleted": "We have the item back. Thank you.",
    "status:CompletedWithoutReturn": "We no longer wait for the return of this item.",
    "cancel:Y": "Your request is cancelled.",
    "cancel:N": "The item has left already; it cannot be cancelled any more.",
    "renew:Y": "You may keep this item until {due}.",
    "renew:N": "We cannot renew this item. It is due back on {due}.",
    "note:TEXT": "",
    "note:REJECT": "We do not accept your condition and withdraw this request.",
    "note:LOST": "We are sorry: this item is lost.",
    "note:FOUND": "This item has been found and comes back.",
    "note:RESEND": "The copy was bad: {problem}. Please send it again.",
}


def tell(doing: Doing) -> None:
    ill = doing.ill
    assert ill.partner is not None
    with translation.override("en"):
        institution = Institution.objects.filter(pk=1).first()
        says = SAYS[doing.step.iso_out].format(
            service=ill.get_service_display().lower(),
            due=formats.date_format(ill.due_lender, "DATE_FORMAT") if ill.due_lender else "",
            barcode=ill.barcode,
            reason=reasons.shown(ill.reason).lower(),
            link=f"Fetch it here: {doing.memo['link']}" if doing.memo.get("link") else "It comes on paper.",
            condition=_condition(doing),
            problem=_problem(doing),
        )
        dialogue = ill.dialogues.order_by("-attempt").first()
        body = "\n".join([
            *([says] if says else []), *_besides(doing), "", *_item(ill), "",
            f"Number: {dialogue.request_id if dialogue else ill.number}",
            *(["Please return it to:"] if doing.step.iso_out == "status:Loaned" else []),
            *([f"{institution.name}, {institution.department}", *institution.address_lines] if institution else []),
            f"Please answer to this address. {settings.BASE_URL}",
        ])
        notices.mail(
            to=ill.partner.email, subject=f"Interlibrary loan {ill.number}", body=body,
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
    pieces = ill.pieces_text or (f"{ill.pieces} pieces" if ill.pieces > 1 else "")
    rows = [
        f"It consists of: {pieces}" if pieces else "",
        "Library use only: please let it be used in your library only." if ill.library_use_only else "",
        note,
    ]
    return [row for row in rows if row]


def _grounds(ill: ILLRequest) -> str:
    """CONTU 3: a copy request states on which ground it is made."""
    return f"Copyright compliance: {ill.compliance.removeprefix('US-')}."


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


def _item(ill: ILLRequest) -> list[str]:
    citation = ill.citation
    rows = [
        ("Article or chapter", citation.part_title), ("By", citation.part_author),
        ("Title", citation.title), ("Author", citation.author), ("Edition", citation.edition),
        ("Published", ", ".join(part for part in (citation.place, citation.publisher, citation.year) if part)),
        ("Volume", citation.volume), ("Issue", citation.issue), ("Pages", citation.pages),
        ("ISBN", citation.isbn), ("ISSN", citation.issn), ("DOI", citation.doi), ("PMID", citation.pmid),
        ("Number", citation.document_number), ("OCLC", citation.oclc),
        ("Needed by", ill.need_by.isoformat() if ill.need_by else ""),
    ]
    return [f"{label}: {value}" for label, value in rows if value]
