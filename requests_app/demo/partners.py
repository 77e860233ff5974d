"""What the invented libraries wrote: real messages through the real inbox, and confirmations of ours."""

import json
from datetime import date, datetime
from decimal import Decimal

from illdesk import inbox as stored
from illdesk.models import Institution, OutboxMessage
from requests_app.actions.copies import FETCH
from requests_app.demo.works import Work
from requests_app.exchange import fetch
from requests_app.exchange.iso18626 import codes, compose, confirm, departing, inbox
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.days import as_moment
from requests_app.exchange.iso18626.outbox import CHANNEL
from requests_app.exchange.iso18626.xml import read, write
from requests_app.models import Dialogue, ILLRequest, Library
from requests_app.scans.stored import StoredFile

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


def ask(
    library: Library, request_id: str, work: Work, at: datetime, *, need_by: date | None, note: str,
    service: str = "loan", compliance: str = "", previous: str = "", max_cost: Decimal | None = None,
) -> None:
    """A library's request to us. `previous`: the id of the one whose condition it accepts (a Retry)."""
    us = Institution.objects.get(pk=1)
    cited = work.citation
    header = m.Header(
        supplying_agency_id=m.AgencyId(us.agency_type, us.agency_value),
        requesting_agency_id=m.AgencyId(library.agency_type, library.agency_value),
        timestamp=at, requesting_agency_request_id=request_id,
    )
    numbers = [m.BibliographicItemId(cited[name], name.upper()) for name in ("isbn", "issn", "doi") if name in cited]
    message = m.Request(
        header=header,
        bibliographic_info=m.BibliographicInfo(
            title=cited["title"], author=cited.get("author", ""), edition=cited.get("edition", ""),
            series_title=cited.get("series", ""), volume=cited.get("volume", ""), issue=cited.get("issue", ""),
            pages_requested=cited.get("pages", ""), title_of_component=cited.get("part_title", ""),
            author_of_component=cited.get("part_author", ""), bibliographic_item_id=tuple(numbers),
        ),
        publication_info=m.PublicationInfo(
            publisher=cited.get("publisher", ""), place_of_publication=cited.get("place", ""),
            publication_date=cited.get("year", ""), publication_type=departing.PUBLICATION[cited["kind"]],
        ),
        service_info=m.ServiceInfo(
            request_type=codes.RequestType.RETRY if previous else codes.RequestType.NEW,
            requesting_agency_previous_request_id=previous,
            service_type=codes.ServiceType.COPY if service == "copy" else codes.ServiceType.LOAN, note=note,
            need_before_date=as_moment(need_by), copyright_compliance=compliance,
            preferred_format="PDF" if service == "copy" else "",
        ),
        supplier_info=(m.SupplierInfo(call_number=work.call_number),) if work.call_number else (),
        billing_info=m.BillingInfo(maximum_costs=m.Money("USD", max_cost)) if max_cost is not None else None,
    )
    arrive(message, library, at)


def supplier_says(
    ill: ILLRequest, status: str, at: datetime, *, note: str = "", reason: str = "", due: date | None = None,
    barcode: str = "", cancel: str = "", renew: str = "", library_use_only: bool = False, notify: bool = False,
    retry: str = "", condition: str = "", cost: Decimal | None = None, after: date | None = None, url: str = "",
) -> None:
    """The lender's message about our borrowing request. `retry`, `condition`, `cost`, `after`: what it asks."""
    dialogue = _dialogue(ill)
    first = not dialogue.their_number
    why = R.REQUEST_RESPONSE if first else R.STATUS_CHANGE
    why = R.CANCEL_RESPONSE if cancel else R.RENEW_RESPONSE if renew else R.NOTIFICATION if notify else why
    header = compose.header_for(dialogue, Institution.objects.get(pk=1), now=at)
    if first:
        their_number = f"{dialogue.library.symbol}-{40000 + dialogue.pk}"
        header = m.Header(**vars(header) | {"supplying_agency_request_id": their_number})
    delivery = None
    if status == S.LOANED and not renew and not notify:
        delivery = m.DeliveryInfo(
            date_sent=at, item_id=barcode, sent_via="Mail",
            loan_condition="LibraryUseOnly" if library_use_only else "",
        )
    elif status == S.COPY_COMPLETED:
        delivery = m.DeliveryInfo(
            date_sent=at, item_id=url, sent_via="URL" if url else "Mail",
            delivered_format="PDF" if url else "PaperCopy",
        )
    elif condition:
        delivery = m.DeliveryInfo(date_sent=at, loan_condition=condition)
    message = m.SupplyingAgencyMessage(
        header=header,
        message_info=m.MessageInfo(
            reason_for_message=why, note=note, reason_unfilled=reason, answer_yes_no=cancel or renew,
            reason_retry=retry, offered_costs=m.Money("USD", cost) if cost is not None else None,
            retry_after=as_moment(after),
        ),
        status_info=m.StatusInfo(status=status, due_date=as_moment(due), last_change=at),
        delivery_info=delivery,
    )
    arrive(message, dialogue.library, at)


def requester_says(ill: ILLRequest, action: str, at: datetime, *, note: str = "") -> None:
    """The borrowing library's message about what it asked us for."""
    dialogue = _dialogue(ill)
    header = compose.header_for(dialogue, Institution.objects.get(pk=1), now=at)
    arrive(m.RequestingAgencyMessage(header=header, action=action, note=note), dialogue.library, at)


def fetched(ill: ILLRequest, file: StoredFile, at: datetime) -> None:
    """The lender's file is here: the row that waits for it is settled as the outbox does it."""
    row = _waiting(ill)
    row.state, row.attempts, row.claimed, row.settled = OutboxMessage.SENT, 1, row.created, at
    row.answer = json.dumps({"path": file.path, "size": file.size, "sha256": file.sha256, "pages": file.pages})
    row.save()
    fetch.settled(row)


def not_fetched(ill: ILLRequest, why: str, at: datetime) -> None:
    """The file could not be had and was set aside; somebody looks at the request."""
    row = _waiting(ill)
    row.state, row.attempts, row.claimed, row.settled = OutboxMessage.DROPPED, 1, row.created, at
    row.last_error = why
    row.save()
    fetch.parked(row, at)


def _waiting(ill: ILLRequest) -> OutboxMessage:
    return OutboxMessage.objects.get(
        channel=FETCH, subject_kind="request", subject_id=ill.pk, state=OutboxMessage.WAITING
    )


def confirmation_of(row: OutboxMessage, at: datetime) -> str:
    """What the library's system answered to a message of ours."""
    message = read(row.payload["xml"].encode()).message
    assert not isinstance(message, m.Confirmation)
    return write(confirm.ok(message, now=at)).decode()


def _dialogue(ill: ILLRequest) -> Dialogue:
    return ill.dialogues.select_related("library", "ill").latest("attempt")

