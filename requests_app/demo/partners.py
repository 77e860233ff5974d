"""What the invented libraries wrote: real messages through the real inbox, and confirmations of ours."""

from datetime import date, datetime

from illdesk import inbox as stored
from illdesk.models import Institution, OutboxMessage
from requests_app.demo.works import Work
from requests_app.exchange.iso18626 import codes, compose, confirm, inbox
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.outbox import CHANNEL
from requests_app.exchange.iso18626.xml import read, write
from requests_app.models import Dialogue, ILLRequest, Library

R, S = codes.ReasonForMessage, codes.Status


def arrive(message: m.Statement, library: Library, at: datetime) -> None:
    """As the endpoint does it, without the way there."""
    stored.receive(
        CHANNEL, key=f"{CHANNEL}:{library.pk}:demo:{hash_of(message)}", partner=library.symbol,
        what=inbox.what_of(message), body=write(message).decode(), now=at,
        handle=lambda: inbox.handle(message, library, now=at), answer_when_parked=lambda: "",
    )


def hash_of(message: m.Statement) -> str:
    header = message.header
    return f"{header.requesting_agency_request_id}:{inbox.what_of(message)}:{header.timestamp}"


def ask(library: Library, request_id: str, work: Work, at: datetime, *, need_by: date | None, note: str) -> None:
    us = Institution.objects.get(pk=1)
    cited = work.citation
    header = m.Header(
        supplying_agency_id=m.AgencyId(us.agency_type, us.agency_value),
        requesting_agency_id=m.AgencyId(library.agency_type, library.agency_value),
        timestamp=at, requesting_agency_request_id=request_id,
    )
    message = m.Request(
        header=header,
        bibliographic_info=m.BibliographicInfo(
            title=cited["title"], author=cited.get("author", ""), edition=cited.get("edition", ""),
            series_title=cited.get("series", ""), volume=cited.get("volume", ""),
            bibliographic_item_id=(m.BibliographicItemId(cited["isbn"], "ISBN"),) if "isbn" in cited else (),
        ),
        publication_info=m.PublicationInfo(
            publisher=cited.get("publisher", ""), place_of_publication=cited.get("place", ""),
            publication_date=cited.get("year", ""), publication_type=compose._PUBLICATION[cited["kind"]],
        ),
        service_info=m.ServiceInfo(
            request_type=codes.RequestType.NEW, service_type=codes.ServiceType.LOAN, note=note,
            need_before_date=compose.as_moment(need_by),
        ),
        supplier_info=(m.SupplierInfo(call_number=work.call_number),) if work.call_number else (),
    )
    arrive(message, library, at)


def supplier_says(
    ill: ILLRequest, status: str, at: datetime, *, note: str = "", reason: str = "", due: date | None = None,
    barcode: str = "", cancel: str = "", library_use_only: bool = False, notify: bool = False,
) -> None:
    """The lender's message about our borrowing request."""
    dialogue = _dialogue(ill)
    loaned = status == S.LOANED
    first = not dialogue.their_number
    why = R.CANCEL_RESPONSE if cancel else R.REQUEST_RESPONSE if first else R.STATUS_CHANGE
    if notify:
        why = R.NOTIFICATION
    header = compose.header_for(dialogue, Institution.objects.get(pk=1), now=at)
    if first:
        their_number = f"{dialogue.library.symbol}-{40000 + dialogue.pk}"
        header = m.Header(**vars(header) | {"supplying_agency_request_id": their_number})
    message = m.SupplyingAgencyMessage(
        header=header,
        message_info=m.MessageInfo(
            reason_for_message=why, note=note, reason_unfilled=reason, answer_yes_no=cancel
        ),
        status_info=m.StatusInfo(status=status, due_date=compose.as_moment(due), last_change=at),
        delivery_info=m.DeliveryInfo(
            date_sent=at, item_id=barcode, sent_via="Mail",
            loan_condition="LibraryUseOnly" if library_use_only else "",
        ) if loaned else None,
    )
    arrive(message, dialogue.library, at)


def requester_says(ill: ILLRequest, action: str, at: datetime, *, note: str = "") -> None:
    """The borrowing library's message about what it asked us for."""
    dialogue = _dialogue(ill)
    header = compose.header_for(dialogue, Institution.objects.get(pk=1), now=at)
    arrive(m.RequestingAgencyMessage(header=header, action=action, note=note), dialogue.library, at)


def confirmation_of(row: OutboxMessage, at: datetime) -> str:
    """What the library's system answered to a message of ours."""
    message = read(row.payload["xml"].encode()).message
    assert not isinstance(message, m.Confirmation)
    return write(confirm.ok(message, now=at)).decode()


def _dialogue(ill: ILLRequest) -> Dialogue:
    return ill.dialogues.select_related("library", "ill").latest("attempt")

