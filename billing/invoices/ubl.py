"""The e-invoice: UBL 2.1 in the shape of EN 16931. Pure.

It names the norm and not PEPPOL BIS Billing 3.0: it goes by e-mail, and an e-mail address is no address there.

Libraries lend without tax: category O, "services outside scope of tax" (EN 16931, code list UNCL5305). Amounts of a
credit note are above nothing there; the document says that they are taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

CUSTOMIZATION = "urn:cen.eu:en16931:2017"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC = f"{UBL}CommonAggregateComponents-2"
CBC = f"{UBL}CommonBasicComponents-2"
INVOICE_CODE, CREDIT_CODE = "380", "381"


@dataclass(frozen=True)
class Party:
    name: str
    email: str = ""
    symbol: str = ""
    street: str = ""
    town: str = ""
    postal_code: str = ""
    country: str = "US"
    tax_number: str = ""


@dataclass(frozen=True)
class Item:
    """A line. `amount`: as on paper, less than nothing on a credit note."""

    number: str
    name: str
    amount: Decimal
    day: date
    note: str = ""


@dataclass(frozen=True)
class Document:
    """`of`: number of the invoice that a credit note takes back, with its day."""

    number: str
    credit: bool
    day: date
    due: date
    currency: str
    seller: Party
    buyer: Party
    items: Sequence[Item]
    total: Decimal
    reference: str
    begins: date | None = None
    ends: date | None = None
    note: str = ""
    terms: str = ""
    account: str = ""
    of: tuple[str, date] | None = None


def xml(document: Document) -> bytes:
    kind = "CreditNote" if document.credit else "Invoice"
    space = f"{UBL}{kind}-2"
    for prefix, uri in (("", space), ("cac", CAC), ("cbc", CBC)):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.Element(f"{{{space}}}{kind}")
    sign = -1 if document.credit else 1
    _text(root, "CustomizationID", CUSTOMIZATION)
    _text(root, "ID", document.number)
    _text(root, "IssueDate", document.day.isoformat())
    if not document.credit:
        _text(root, "DueDate", document.due.isoformat())
    _text(root, "CreditNoteTypeCode" if document.credit else "InvoiceTypeCode",
          CREDIT_CODE if document.credit else INVOICE_CODE)
    if document.note:
        _text(root, "Note", document.note)
    _text(root, "DocumentCurrencyCode", document.currency)
    _text(root, "BuyerReference", document.reference)
    if document.begins and document.ends:
        period = _part(root, "InvoicePeriod")
        _text(period, "StartDate", document.begins.isoformat())
        _text(period, "EndDate", document.ends.isoformat())
    if document.of is not None:
        of = _part(_part(root, "BillingReference"), "InvoiceDocumentReference")
        _text(of, "ID", document.of[0])
        _text(of, "IssueDate", document.of[1].isoformat())
    _party(root, "AccountingSupplierParty", document.seller)
    _party(root, "AccountingCustomerParty", document.buyer)
    if document.account:
        means = _part(root, "PaymentMeans")
        _text(means, "PaymentMeansCode", "30")
        _text(means, "PaymentID", document.number)
        _text(_part(means, "PayeeFinancialAccount"), "ID", document.account)
    if document.terms:
        _text(_part(root, "PaymentTerms"), "Note", document.terms)
    total, currency = document.total * sign, document.currency
    tax = _part(root, "TaxTotal")
    _amount(tax, "TaxAmount", Decimal("0.00"), currency)
    sub = _part(tax, "TaxSubtotal")
    _amount(sub, "TaxableAmount", total, currency)
    _amount(sub, "TaxAmount", Decimal("0.00"), currency)
    category = _part(sub, "TaxCategory")
    _text(category, "ID", "O")
    _text(category, "TaxExemptionReasonCode", "VATEX-EU-O")
    _text(_part(category, "TaxScheme"), "ID", "VAT")
    sums = _part(root, "LegalMonetaryTotal")
    for name in ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount"):
        _amount(sums, name, total, currency)
    for place, item in enumerate(document.items, start=1):
        _item(root, place, item, sign, currency, credit=document.credit)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _item(root, place: int, item: Item, sign: int, currency: str, *, credit: bool) -> None:
    line = _part(root, "CreditNoteLine" if credit else "InvoiceLine")
    _text(line, "ID", str(place))
    if item.note:
        _text(line, "Note", item.note)
    back = item.amount * sign < 0  # a price is never below nothing (BR-27): its quantity is
    _text(line, "CreditedQuantity" if credit else "InvoicedQuantity", "-1" if back else "1", unitCode="EA")
    _amount(line, "LineExtensionAmount", item.amount * sign, currency)
    period = _part(line, "InvoicePeriod")
    _text(period, "StartDate", item.day.isoformat())
    _text(period, "EndDate", item.day.isoformat())
    thing = _part(line, "Item")
    _text(thing, "Name", item.name)
    if item.number:
        _text(_part(thing, "SellersItemIdentification"), "ID", item.number)
    category = _part(thing, "ClassifiedTaxCategory")
    _text(category, "ID", "O")
    _text(_part(category, "TaxScheme"), "ID", "VAT")
    _amount(_part(line, "Price"), "PriceAmount", abs(item.amount), currency)


def _party(root, name: str, party: Party) -> None:
    found = _part(_part(root, name), "Party")
    if party.email:
        _text(found, "EndpointID", party.email, schemeID="EM")
    if party.symbol or not party.tax_number:  # one of the two is asked for (BR-CO-26)
        _text(_part(found, "PartyIdentification"), "ID", party.symbol or party.email or party.name)
    _text(_part(found, "PartyName"), "Name", party.name)
    address = _part(found, "PostalAddress")
    for tag, value in (("StreetName", party.street), ("CityName", party.town), ("PostalZone", party.postal_code)):
        if value:
            _text(address, tag, value)
    _text(_part(address, "Country"), "IdentificationCode", party.country or "US")
    legal = _part(found, "PartyLegalEntity")
    _text(legal, "RegistrationName", party.name)
    if party.tax_number:
        _text(legal, "CompanyID", party.tax_number)
    if party.email:
        contact = _part(found, "Contact")
        _text(contact, "ElectronicMail", party.email)


def _part(parent, name: str):
    return ElementTree.SubElement(parent, f"{{{CAC}}}{name}")


def _text(parent, name: str, value: str, **attributes: str) -> None:
    found = ElementTree.SubElement(parent, f"{{{CBC}}}{name}", attributes)
    found.text = "".join(sign for sign in value if sign >= " " or sign in "\t\n")


def _amount(parent, name: str, value: Decimal, currency: str) -> None:
    _text(parent, name, f"{value:.2f}", currencyID=currency)
