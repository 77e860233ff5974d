"""A request that departs: what is wanted, by when, where to, on which ground, at what cost at most.

No patron name leaves unless switched on for the partner.
"""

from illdesk.models import Institution
from requests_app import lifecycle
from requests_app.exchange.iso18626 import codes
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.days import as_moment
from requests_app.models import Citation, ILLRequest
from requests_app.verification import stored

PUBLICATION = {
    "book": "Book", "thesis": "Thesis", "score": "MusicScore", "film": "Movie", "report": "GovernmentPubl",
    "article": "Article", "chapter": "Chapter", "conference": "ConferenceProc", "patent": "Patent",
    "newspaper": "Newspaper",
}


def new_request(ill: ILLRequest, header: m.Header, institution: Institution) -> m.Request:
    citation = ill.citation
    return m.Request(
        header=header,
        bibliographic_info=_bibliographic(citation),
        publication_info=m.PublicationInfo(
            publisher=citation.publisher,
            publication_type=PUBLICATION.get(citation.kind, ""),
            publication_date=citation.year,
            place_of_publication=citation.place,
        ),
        service_info=m.ServiceInfo(
            request_type=codes.RequestType.NEW,
            request_sub_type=(codes.RequestSubType.PATRON_REQUEST,),
            service_type=codes.ServiceType.LOAN if ill.service == lifecycle.LOAN else codes.ServiceType.COPY,
            need_before_date=as_moment(ill.need_by),
            copyright_compliance=ill.compliance if ill.service == lifecycle.COPY else "",
            preferred_format="PDF" if ill.service == lifecycle.COPY else "",
            any_edition=codes.YesNo.Y if citation.any_edition else "",
            note=_note(ill),
        ),
        requested_delivery_info=_delivery(ill, institution),
        requesting_agency_info=m.RequestingAgencyInfo(
            name=institution.name,
            contact_name=institution.department,
            address=(
                m.Address(electronic_address=m.ElectronicAddress("Email", institution.email)),
                m.Address(physical_address=address(institution)),
            ),
        ),
        patron_info=_patron(ill),
        billing_info=m.BillingInfo(maximum_costs=m.Money(ill.currency, ill.max_cost))
        if ill.max_cost is not None else None,
    )


def _note(ill: ILLRequest) -> str:
    """1.2 has no element for the number of a patent, standard or report, nor for a second form of a title."""
    number = f"Number: {ill.citation.document_number}" if ill.citation.document_number else ""
    return "\n".join(part for part in (number, *stored.in_own_script(ill).values()) if part)


def _delivery(ill: ILLRequest, institution: Institution) -> tuple[m.RequestedDeliveryInfo, ...]:
    """A copy by a link that we fetch, or to our address; a loan to our address alone."""
    post = m.Address(physical_address=address(institution))
    mail = m.Address(electronic_address=m.ElectronicAddress("Email", institution.email))
    places = (mail, post) if ill.service == lifecycle.COPY else (post,)
    return tuple(m.RequestedDeliveryInfo(sort_order=at, address=place) for at, place in enumerate(places, 1))


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
        bibliographic_record_id=tuple(
            m.BibliographicRecordId(code, number) for code, number in (("OCLC", citation.oclc), ("PMID", citation.pmid))
            if number
        ),
    )


def _patron(ill: ILLRequest) -> m.PatronInfo | None:
    if ill.patron is None or ill.partner is None or not ill.partner.sends_patron_name:
        return None
    return m.PatronInfo(surname=ill.patron.last_name, given_name=ill.patron.first_name)


def address(institution: Institution) -> m.PhysicalAddress:
    return m.PhysicalAddress(
        line1=institution.line1,
        line2=institution.line2,
        locality=institution.locality,
        postal_code=institution.postal_code,
        region=institution.region,
        country=institution.country,
    )
