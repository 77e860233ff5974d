"""Which column of an invoice is which, by the names libraries give them. Pure."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from billing.tables.names import plain

# In the order in which a form offers them.
FIELDS = ("number", "theirs", "external", "title", "dated", "what", "amount", "currency", "invoice")
_NAMES = {
    "number": "request|request no|request number|request id|your request|your number|your reference|your ref|your no|"
              "borrower reference|borrower s reference|borrowing request|customer reference|customer ref|reference|ref|"
              "requester reference|requesting library number|patron reference|po number|ill request|bestellnummer|"
              "solicitud|numero de solicitud|su referencia|referencia|numero de pedido|pedido|votre reference|"
              "votre demande|numero de demande|ihre referenz|ihre nummer|ihr zeichen",
    "theirs": "our number|our no|our reference|our ref|lender number|lender reference|transaction|transaction number|"
              "transaction id|tn|supplier reference|order|order number|order no|nuestra referencia|transaccion|"
              "notre reference|unsere nummer|unser zeichen|auftragsnummer|lending number|lending request",
    "external": "oclc|oclc number|oclc no|oclc request|oclc request number|oclc ill number|ill number|ill no|ill|"
                "rapid number|rapidill number|rapid id|docline|docline number|worldcat number|numero oclc|numero ill",
    "title": "title|item|item title|book title|journal|journal title|article|article title|description|details|"
             "bibliographic|material|titulo|descripcion|titre|titel|beschreibung|bezeichnung|loan title|author title|"
             "title author|autor titulo",
    "dated": "date|shipped|ship date|shipped on|date shipped|supplied|date supplied|supply date|request date|"
             "date filled|filled|transaction date|service date|fecha|fecha de envio|date d envoi|datum|lieferdatum|"
             "versanddatum|date sent|sent",
    "what": "type|kind|service|charge type|request type|category|tipo|servicio|art|prestation|format",
    "amount": "amount|charge|price|cost|fee|total charge|charge amount|line total|total|total amount|amount due|net|"
              "unit price|importe|precio|costo|coste|tarifa|cargo|montant|prix|cout|betrag|preis|gebuhr|kosten|"
              "billed|amount billed",
    "currency": "currency|cur|curr|moneda|divisa|devise|wahrung|waehrung",
    "invoice": "invoice|invoice number|invoice no|invoice id|bill number|bill no|factura|numero de factura|"
               "facture|numero de facture|rechnung|rechnungsnummer|rechnung nr",
}
_FIELD = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_CURRENCY_IN_NAME = re.compile(r"\b(USD|EUR|GBP|CAD|AUD|CHF|JPY|MXN|NZD|SEK|NOK|DKK|CNY|INR|BRL)\b|(€)|(£)")


def field_of(header: Any) -> str:
    """"" where no library's name for it is known. "Amount (USD)" and "Charge in EUR" are the amount."""
    text = plain(_CURRENCY_IN_NAME.sub(" ", str(header or "")))
    text = re.sub(r"^(?:the|no of|nr) | (?:in|of|en|de)$", "", text)
    return _FIELD.get(text, "")


def currency_in(header: Any) -> str:
    found = _CURRENCY_IN_NAME.search(str(header or "").upper())
    return (found[1] or {"€": "EUR", "£": "GBP"}[found[2] or found[3]]) if found else ""


def score(cells: Sequence[Any]) -> int:
    """How many columns a row names; a row without an amount's name is no head."""
    found = {field_of(cell) for cell in cells if isinstance(cell, str)} - {""}
    return len(found) if "amount" in found and len(found) > 1 else 0


def mapping(head: Sequence[Any]) -> dict[str, int]:
    """Field -> place of its column; the first of a name. "Total" beside another amount is not the line's amount."""
    found: dict[str, int] = {}
    for place, header in enumerate(head):
        field = field_of(header)
        if field and field not in found:
            found[field] = place
        elif field == "amount" and plain(head[found["amount"]]) in ("fee", "unit price", "net"):
            found["amount"] = place  # unit price | … | line total: what is owed is the last
    return found


def signature(head: Sequence[Any]) -> str:
    """The same for files of one layout, whatever stands in them."""
    said = "|".join(plain(header) for header in head).rstrip("|")
    return hashlib.sha256(said.encode()).hexdigest()[:32]
