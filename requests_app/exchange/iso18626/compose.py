"""From a request and the step just taken to the ISO 18626 message that tells the other library.

Status is always the status after the change (4.3). No patron name leaves unless switched on for the partner.
"""

from datetime import date, datetime, time

from django.utils import timezone

from illdesk.models import Institution
from requests_app import lifecycle, reasons
from requests_app.actions import Doing
from requests_app.exchange.iso18626 import codes
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.values import Moment
from requests_app.models import Citation, Dialogue, ILLRequest

_PUBLICATION = {
    "book": "Book", "thesis": "Thesis", "score": "MusicScore", "film": "Movie", "report": "GovernmentPubl",
    "article": "Article", "chapter": "Chapter",
}
_STATUS_NOW = {
    "lending.received": codes.Status.REQUEST_RECEIVED,
    "lending.searching": codes.Status.EXPECT_TO_SUPPLY,
    "lending.preparing": codes.Status.WILL_SUPPLY,
    "lending.shipped": codes.Status.LOANED,
    "lending.return_received": codes.Status.LOAN_COMPLETED,
    "lending.finished": codes.Status.LOAN_COMPLETED,
    "lending.unfilled": codes.Status.UNFILLED,
    "lending.cancelled": codes.Status.CANCELLED,
}


def message_for(doing: Doing, dialogue: Dialogue, institution: Institution) -> m.Statement:
    """The message for the step's `iso_out` code ('status:Loaned', 'action:Received' …)."""
    kind, _sep, value = doing.step.iso_out.partition(":")
    header = header_for(dialogue, institution, now=doing.now)
    if kind == "request":
        return new_request(doing.ill, header, institution)
    if kind == "action":
        return m.RequestingAgencyMessage(header=header, action=value, note=doing.answers.get("message_note", ""))
    if kind == "cancel":
        status = codes.Status.CANCELLED if value == "Y" else current_status(doing.ill)
        return _supplying(
            header, codes.ReasonForMessage.CANCEL_RESPONSE, status, doing, answer_yes_no=value
        )
    first = doing.memo.get("first_answer", False)
    reason = codes.ReasonForMessage.REQUEST_RESPONSE if first else codes.ReasonForMessage.STATUS_CHANGE
    if value == codes.Status.LOANED:
        return _loaned(header, reason, doing, institution)
    if value == codes.Status.UNFILLED:
        why = reasons.UNFILLED[doing.ill.reason]
        note = sentences(why.note, doing.answers.get("note", ""))
        return _supplying(header, reason, value, doing, reason_unfilled=why.iso, note=note)
    return _supplying(header, reason, value, doing)


def status_answer(ill: ILLRequest, dialogue: Dialogue, institution: Institution, *, now: datetime):
    """The answer to a StatusRequest: where it stands now."""
    return m.SupplyingAgencyMessage(
        header=header_for(dialogue, institution, now=now),
        message_info=m.MessageInfo(reason_for_message=codes.ReasonForMessage.STATUS_REQUEST_RESPONSE),
        status_info=m.StatusInfo(
            status=current_status(ill), due_date=as_moment(ill.due_lender), last_change=ill.changed
        ),
    )


def current_status(ill: ILLRequest) -> str:
    if ill.state in ("lending.searching", "lending.received") and ill.answered_at:
        return codes.Status.WILL_SUPPLY
    return _STATUS_NOW.get(ill.state, codes.Status.REQUEST_RECEIVED)


def header_for(dialogue: Dialogue, institution: Institution, *, now: datetime) -> m.Header:
    ours = m.AgencyId(institution.agency_type, institution.agency_value)
    theirs = m.AgencyId(dialogue.library.agency_type, dialogue.library.agency_value)
    we_ask = dialogue.role == Dialogue.REQUESTER
    return m.Header(
        supplying_agency_id=theirs if we_ask else ours,
        requesting_agency_id=ours if we_ask else theirs,
        timestamp=now,
        requesting_agency_request_id=dialogue.request_id,
        supplying_agency_request_id=dialogue.their_number if we_ask else dialogue.ill.number,
    )


def new_request(ill: ILLRequest, header: m.Header, institution: Institution) -> m.Request:
    citation = ill.citation
    return m.Request(
        header=header,
        bibliographic_info=_bibliographic(citation),
        publication_info=m.PublicationInfo(
            publisher=citation.publisher,
            publication_type=_PUBLICATION.get(citation.kind, ""),
            publication_date=citation.year,
            place_of_publication=citation.place,
        ),
        service_info=m.ServiceInfo(
            request_type=codes.RequestType.NEW,
            request_sub_type=(codes.RequestSubType.PATRON_REQUEST,),
            service_type=codes.ServiceType.LOAN if ill.service == lifecycle.LOAN else codes.ServiceType.COPY,
            need_before_date=as_moment(ill.need_by),
            any_edition=codes.YesNo.Y if citation.any_edition else "",
        ),
        requested_delivery_info=(
            m.RequestedDeliveryInfo(sort_order=1, address=m.Address(physical_address=_address(institution))),
        ),
        requesting_agency_info=m.RequestingAgencyInfo(
            name=institution.name,
            contact_name=institution.department,
            address=(
                m.Address(electronic_address=m.ElectronicAddress("Email", institution.email)),
                m.Address(physical_address=_address(institution)),
            ),
        ),
        patron_info=_patron(ill),
    )


def sentences(*parts: str) -> str:
    """The parts as sentences, with one full stop between them: '2 vols. Fragile'."""
    words = [part.strip() for part in parts if part.strip()]
    return " ".join([*(word if word[-1] in ".!?" else f"{word}." for word in words[:-1]), *words[-1:]])


def as_moment(day: date | None) -> datetime | None:
    """A day on the wire is its noon here: the same day in nearly every zone."""
    return timezone.make_aware(datetime.combine(day, time(12))) if day else None


def as_day(moment: datetime | None) -> date | None:
    """The day a partner means: midnight or the day's last minute, where it was written, is a date without
    a time; all else is read in our zone."""
    if moment is None:
        return None
    if isinstance(moment, Moment) and moment.whole_day is not None:
        return moment.whole_day
    return timezone.localtime(moment).date()


def _loaned(header, reason, doing: Doing, institution: Institution) -> m.SupplyingAgencyMessage:
    ill = doing.ill
    note = sentences(ill.pieces_text, doing.answers.get("note", ""))
    return _supplying(
        header, reason, codes.Status.LOANED, doing, note=note, due_date=as_moment(ill.due_lender),
        delivery_info=m.DeliveryInfo(
            date_sent=doing.now,
            item_id=ill.barcode,
            sent_via="Mail",
            loan_condition="LibraryUseOnly" if ill.library_use_only else "",
        ),
        return_info=m.ReturnInfo(
            return_agency_id=m.AgencyId(institution.agency_type, institution.agency_value),
            name=f"{institution.name}, {institution.department}",
            physical_address=_address(institution),
        ),
    )


def _supplying(
    header, reason, status, doing: Doing, *, due_date=None, delivery_info=None, return_info=None, **info
) -> m.SupplyingAgencyMessage:
    return m.SupplyingAgencyMessage(
        header=header,
        message_info=m.MessageInfo(reason_for_message=reason, **info),
        status_info=m.StatusInfo(status=status, due_date=due_date, last_change=doing.now),
        delivery_info=delivery_info,
        return_info=return_info,
    )


def _bibliographic(citation: Citation) -> m.BibliographicInfo:
    items = [
        m.BibliographicItemId(value, code)
        for value, code in ((citation.isbn, "ISBN"), (citation.issn, "ISSN"), (citation.doi, "DOI"))
        if value
    ]
    return m.BibliographicInfo(
        title=citation.title,
        author=citation.author,
        series_title=citation.series,
        edition=citation.edition,
        title_of_component=citation.part_title,
        author_of_component=citation.part_author,
        volume=citation.volume,
        issue=citation.issue,
        pages_requested=citation.pages,
        bibliographic_item_id=tuple(items),
        bibliographic_record_id=(m.BibliographicRecordId("OCLC", citation.oclc),) if citation.oclc else (),
    )


def _patron(ill: ILLRequest) -> m.PatronInfo | None:
    if ill.patron is None or ill.partner is None or not ill.partner.sends_patron_name:
        return None
    return m.PatronInfo(surname=ill.patron.last_name, given_name=ill.patron.first_name)


def _address(institution: Institution) -> m.PhysicalAddress:
    return m.PhysicalAddress(
        line1=institution.line1,
        line2=institution.line2,
        locality=institution.locality,
        postal_code=institution.postal_code,
        region=institution.region,
        country=institution.country,
    )
