"""What a request that arrives says, in the words of our own tables."""

from django.utils.translation import gettext as _

from requests_app.exchange.iso18626 import codes
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.departing import PUBLICATION
from requests_app.models import Library, LoanPolicy


def citation(message: m.Request) -> dict:
    info, published = message.bibliographic_info, message.publication_info
    identifiers = {row.code.upper(): row.identifier for row in info.bibliographic_item_id}
    records = {row.code.upper(): row.identifier for row in info.bibliographic_record_id}
    kinds = {name: kind for kind, name in PUBLICATION.items()}
    title = ": ".join(part for part in (info.title, info.subtitle) if part)
    return {
        "kind": kinds.get(published.publication_type if published else "", "other" if published else "book"),
        "title": title or info.title_of_component or _("(no title given; record %(id)s)") % {
            "id": info.supplier_unique_record_id or "?"
        },
        "author": info.author,
        "edition": info.edition,
        "series": info.series_title,
        "part_title": info.title_of_component if title else "",
        "part_author": info.author_of_component,
        "volume": info.volume,
        "issue": info.issue,
        "pages": info.pages_requested,
        "isbn": identifiers.get("ISBN", ""),
        "issn": identifiers.get("ISSN", ""),
        "doi": identifiers.get("DOI", ""),
        "oclc": records.get("OCLC", ""),
        "pmid": records.get("PMID", ""),
        "publisher": published.publisher if published else "",
        "year": published.publication_date if published else "",
        "place": published.place_of_publication if published else "",
        "any_edition": bool(message.service_info and message.service_info.any_edition == codes.YesNo.Y),
    }


def most(message: m.Request) -> dict:
    """What the borrower will pay at most."""
    money = message.billing_info.maximum_costs if message.billing_info else None
    if money is None or money.monetary_value is None or not 0 <= money.monetary_value < 10_000_000:
        return {}
    return {"max_cost": round(money.monetary_value, 2), "currency": str(money.currency_code)[:3] or "USD"}


def asks_as(agency: m.AgencyId, library: Library) -> tuple[str, str]:
    """Another symbol of the library than its main one, by which it expects the answers."""
    main = (library.agency_type.casefold(), library.agency_value.casefold())
    other = (agency.type.casefold(), agency.value.casefold()) != main
    return (agency.type[:20], agency.value[:60]) if other else ("", "")


def answer_days(library: Library) -> int | None:
    """The policy's days, read with the library (`library_of`); None where it came another way."""
    if "our_answer_days" not in vars(library):
        return None
    return vars(library)["our_answer_days"] or LoanPolicy._meta.get_field("answer_days").get_default()
