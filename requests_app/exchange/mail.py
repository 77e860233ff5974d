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
    "action:Received": "The item has arrived here. Thank you.",
    "action:ShippedReturn": "The item is on its way back to you.",
    "action:Cancel": "Please cancel this request if it has not been sent. Please tell us either way.",
    "status:WillSupply": "We will supply this item.",
    "status:Loaned": "We have sent this item. It is due back on {due}. Barcode: {barcode}.",
    "status:Unfilled": "We cannot supply this item: {reason}.",
    "status:LoanCompleted": "We have the item back. Thank you.",
    "cancel:Y": "Your request is cancelled.",
    "cancel:N": "The item has left already; it cannot be cancelled any more.",
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
        )
        dialogue = ill.dialogues.order_by("-attempt").first()
        body = "\n".join([
            says, *_besides(doing), "", *_item(ill), "", f"Number: {dialogue.request_id if dialogue else ill.number}",
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
    ill, note = doing.ill, doing.answers.get("note", "").strip()
    if doing.step.iso_out == "status:Unfilled":
        return [note] if note else []
    if doing.step.iso_out != "status:Loaned":
        return []
    pieces = ill.pieces_text or (f"{ill.pieces} pieces" if ill.pieces > 1 else "")
    rows = [
        f"It consists of: {pieces}" if pieces else "",
        "Library use only: please let it be used in your library only." if ill.library_use_only else "",
        note,
    ]
    return [row for row in rows if row]


def _item(ill: ILLRequest) -> list[str]:
    citation = ill.citation
    rows = [
        ("Title", citation.title), ("Author", citation.author), ("Edition", citation.edition),
        ("Published", ", ".join(part for part in (citation.place, citation.publisher, citation.year) if part)),
        ("Volume", citation.volume), ("ISBN", citation.isbn), ("OCLC", citation.oclc),
        ("Needed by", ill.need_by.isoformat() if ill.need_by else ""),
    ]
    return [f"{label}: {value}" for label, value in rows if value]
