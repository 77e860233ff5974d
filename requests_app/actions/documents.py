"""From borrowing to document delivery and back: number, patron, citation and history stay."""

from requests_app import search
from requests_app.actions import Doing, does
from requests_app.models import RotaEntry


@does("to_documents")
def to_documents(doing: Doing) -> None:
    """We own it: no lender is asked any more."""
    ill = doing.ill
    ill.rota.filter(state=RotaEntry.WAITING).delete()
    ill.rota_left, ill.partner, ill.reason = 0, None, ""
    ill.respond_by = None
    if ill.attention_why in ("owned", "online"):
        ill.attention, ill.attention_why = None, ""
    search.index(ill)


@does("to_borrowing")
def to_borrowing(doing: Doing) -> None:
    """It cannot be had here: a library is looked for. Our own shelf mark says nothing to others."""
    doing.ill.reason = ""
    doing.ill.respond_by = None
    if doing.ill.state == "documents.scanning":
        doing.ill.barcode = ""
