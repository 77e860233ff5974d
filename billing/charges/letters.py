"""Letters about charges: the house's own wording, and the values that fill it. No title in a subject."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from billing.charges import words
from billing.charges.models import Charge, ChargePayment, ChargePolicy
from illdesk import dates, money, notices
from illdesk.notices import LetterKind, Placeholder, Wording
from requests_app.models import LoanPolicy, Patron

_PLACEHOLDERS = (
    "number", "name", "title", "charge", "charge_kind", "charge_why", "charge_amount", "charge_open", "appeal_by",
    "how_to_pay", "charges_link", "library", "phone", "hours", "base_url",
)
notices.PLACEHOLDERS |= {
    "charge": Placeholder(_("number of the charge"), "PC-2026-00012"),
    "charge_kind": Placeholder(_("what was charged"), _("Lost item")),
    "charge_why": Placeholder(_("why it was charged"), _("It was lost while you had it.")),
    "charge_amount": Placeholder(_("amount of the charge"), "USD 125.00"),
    "charge_open": Placeholder(_("what is still open of it"), "USD 75.00"),
    "appeal_by": Placeholder(_("last day to appeal"), _("9 Jan 2027")),
    "how_to_pay": Placeholder(_("how to pay, from the rules of charges"), _("Pay at the Main desk, by card or cash.")),
    "charges_link": Placeholder(_("address of the patron’s charges"), f"{settings.BASE_URL}/my/charges/"),
    "waived_amount": Placeholder(_("amount that is waived"), "USD 20.00"),
    "receipt": Placeholder(_("number of the receipt"), "RC-2026-00007"),
    "paid_amount": Placeholder(_("amount that was paid"), "USD 50.00"),
    "total_open": Placeholder(_("what is open of all charges"), "USD 75.00"),
    "credit": Placeholder(_("credit of the patron"), "USD 10.00"),
    "lines": Placeholder(_("the charges, one a line"), "PC-2026-00012 · USD 75.00"),
    "barcode": Placeholder(_("barcode of the item"), "39001"),
    "their_number": Placeholder(_("number of the request at the lender"), "B-2026-00398"),
}
_EN_END = "\nYour charges: {charges_link}\n\n{library}, Interlibrary Loan\n{phone}\n"
_ES_END = "\nSus cargos: {charges_link}\n\n{library}, Préstamo interbibliotecario\n{phone}\n"
_SUMS = ("name", "total_open", "credit", "lines", "how_to_pay", "charges_link", "library", "phone", "hours",
         "base_url")

for _kind in (
    LetterKind("charge_made", _("A charge"), _PLACEHOLDERS, {
        "en": Wording("A charge: {charge_kind}, {number}",
                      "Dear {name},\n\nWe charged {charge_amount} ({charge_kind}, {charge}) for:\n\n{title}\n\n"
                      "{charge_why}\n\n{how_to_pay}\n\nIs this wrong? You can appeal until {appeal_by}: open your "
                      "charges and choose Appeal this charge. Nothing is collected while we decide.\n" + _EN_END),
        "es": Wording("Un cargo: {charge_kind}, {number}",
                      "Hola, {name}:\n\nLe hemos cargado {charge_amount} ({charge_kind}, {charge}) por:\n\n{title}\n\n"
                      "{charge_why}\n\n{how_to_pay}\n\n¿No es correcto? Puede apelar hasta el {appeal_by}: abra sus "
                      "cargos y elija Apelar este cargo. No se cobra nada mientras decidimos.\n" + _ES_END),
    }),
    LetterKind("charge_final", _("A charge is final"), _PLACEHOLDERS, {
        "en": Wording("The charge {charge} is final",
                      "Dear {name},\n\nThe lending library has sent its invoice for:\n\n{title}\n\nThe charge is "
                      "{charge_amount}; {charge_open} is still open.\n\n{how_to_pay}\n\nIs this wrong? You can appeal "
                      "until {appeal_by}.\n" + _EN_END),
        "es": Wording("El cargo {charge} es definitivo",
                      "Hola, {name}:\n\nLa biblioteca prestamista ha enviado su factura por:\n\n{title}\n\nEl cargo es "
                      "de {charge_amount}; quedan por pagar {charge_open}.\n\n{how_to_pay}\n\n¿No es correcto? Puede "
                      "apelar hasta el {appeal_by}.\n" + _ES_END),
    }),
    LetterKind("charge_cancelled", _("A charge is cancelled"), _PLACEHOLDERS, {
        "en": Wording("The charge {charge} is cancelled",
                      "Dear {name},\n\nThe charge {charge} ({charge_kind}) for:\n\n{title}\n\nis cancelled. What you "
                      "had paid of it is now your credit.\n" + _EN_END),
        "es": Wording("Se canceló el cargo {charge}",
                      "Hola, {name}:\n\nEl cargo {charge} ({charge_kind}) por:\n\n{title}\n\nse canceló. Lo que ya "
                      "había pagado es ahora saldo a su favor.\n" + _ES_END),
    }),
    LetterKind("charge_waived", _("A charge is waived"), (*_PLACEHOLDERS, "waived_amount"), {
        "en": Wording("About the charge {charge}: {waived_amount} is waived",
                      "Dear {name},\n\nWe waive {waived_amount} of the charge {charge} ({charge_kind}): you need not "
                      "pay that any more.\n\n{title}\n\nOf this charge {charge_open} is open now.\n" + _EN_END),
        "es": Wording("Sobre el cargo {charge}: se condonan {waived_amount}",
                      "Hola, {name}:\n\nLe condonamos {waived_amount} del cargo {charge} ({charge_kind}): ya no tiene "
                      "que pagarlos.\n\n{title}\n\nDe este cargo quedan por pagar {charge_open}.\n" + _ES_END),
    }),
    LetterKind("charge_reminder", _("A charge is still open"), _PLACEHOLDERS, {
        "en": Wording("Still open: the charge {charge}",
                      "Dear {name},\n\n{charge_open} of the charge {charge} ({charge_kind}) is still open. It is "
                      "for:\n\n{title}\n\n{how_to_pay}\n" + _EN_END),
        "es": Wording("Pendiente de pago: el cargo {charge}",
                      "Hola, {name}:\n\nQuedan por pagar {charge_open} del cargo {charge} ({charge_kind}), "
                      "por:\n\n{title}\n\n{how_to_pay}\n" + _ES_END),
    }),
    LetterKind("charge_refunded", _("It was found: what is refunded"), _PLACEHOLDERS, {
        "en": Wording("About the charge {charge}: it was found",
                      "Dear {name},\n\nThis was found and is back with us:\n\n{title}\n\nThe lending library has told "
                      "us what it refunds. Of the charge {charge} there remain {charge_amount}; what you had paid "
                      "beyond that is now your credit.\n" + _EN_END),
        "es": Wording("Sobre el cargo {charge}: apareció el ejemplar",
                      "Hola, {name}:\n\nApareció y lo tenemos de nuevo:\n\n{title}\n\nLa biblioteca prestamista nos ha "
                      "dicho cuánto devuelve. Del cargo {charge} quedan {charge_amount}; lo que había pagado de más es "
                      "ahora saldo a su favor.\n" + _ES_END),
    }),
    LetterKind("charge_receipt", _("Receipt of a payment"), (
        "name", "receipt", "paid_amount", "total_open", "credit", "charges_link", "library", "phone", "hours",
        "base_url",
    ), {
        "en": Wording("Receipt {receipt}",
                      "Dear {name},\n\nThank you: we received {paid_amount} (receipt {receipt}).\n\nStill open: "
                      "{total_open}. Your credit: {credit}.\n" + _EN_END),
        "es": Wording("Recibo {receipt}",
                      "Hola, {name}:\n\nGracias: recibimos {paid_amount} (recibo {receipt}).\n\nPendiente: "
                      "{total_open}. Saldo a su favor: {credit}.\n" + _ES_END),
    }),
    LetterKind("charge_statement", _("Statement of charges"), _SUMS, {
        "en": Wording("Your statement of charges",
                      "Dear {name},\n\nOpen charges: {total_open}. Your credit: {credit}.\n\n{lines}\n\n{how_to_pay}\n"
                      + _EN_END),
        "es": Wording("Su estado de cuenta",
                      "Hola, {name}:\n\nCargos pendientes: {total_open}. Saldo a su favor: {credit}.\n\n{lines}\n\n"
                      "{how_to_pay}\n" + _ES_END),
    }),
    LetterKind("lender_found", _("To the lender: a lost item was found"),
               ("number", "title", "their_number", "barcode", "library", "phone"), {
        "en": Wording("Found: the item of our request {number}",
                      "An item that we had reported lost was found:\n\n{title}\nBarcode: {barcode}\nRequest: "
                      "{their_number}\n\nMay we return it, and do you refund what was charged for it? We refund "
                      "our patron when we know your answer.\n\n{library}, Interlibrary Loan\n{phone}\n"),
    }),
):
    notices.register(_kind)


def shown(amount: Decimal) -> str:
    return money.shown(amount, LoanPolicy.current().currency)


def values(row: Charge, policy: ChargePolicy) -> dict[str, str]:
    """What fills a letter about a charge; call with the letter's language active."""
    ill = row.ill
    return {
        "number": ill.number if ill else row.number, "name": row.patron.name,
        "title": ill.citation.shown_title[:300] if ill else str(row.get_kind_display()),
        "charge": row.number, "charge_kind": str(row.get_kind_display()),
        "charge_why": str(words.to_patron(row.reason)), "charge_amount": shown(row.amount),
        "charge_open": shown(row.open), "how_to_pay": _how_to_pay(row, policy),
        "appeal_by": dates.in_letters(row.appeal_by(policy)), "charges_link": link(),
    }


def _how_to_pay(row: Charge, policy: ChargePolicy) -> str:
    if row.state == Charge.PROVISIONAL:
        return str(_("There is nothing to pay yet: the amount may still change."))
    return policy.how_to_pay if row.open else str(_("There is nothing to pay."))


def link() -> str:
    return f"{settings.BASE_URL}{reverse('my_charges')}"


def charge(row: Charge, code: str, *, now: datetime, key: str, more: dict[str, str] | None = None):
    """Into the outbox, once per `key`."""
    patron = row.patron
    language = patron.language or "en"
    with translation.override(language):
        filled = values(row, ChargePolicy.current()) | (more or {})
    return notices.letter(code, to=patron.email, language=language, values=filled, key=key, now=now,
                          subject=row.subject)


def receipt(row: ChargePayment, *, total: Decimal, credit: Decimal, now: datetime):
    patron = row.patron
    filled = {"name": patron.name, "receipt": row.number, "paid_amount": shown(row.amount),
              "total_open": shown(total), "credit": shown(credit), "charges_link": link()}
    return notices.letter("charge_receipt", to=patron.email, language=patron.language or "en", values=filled,
                          key=f"charge_receipt:{row.number}", now=now, subject=("patron", patron.pk))


def statement(patron: Patron, *, lines: str, total: Decimal, credit: Decimal, key: str, now: datetime):
    filled = {"name": patron.name, "total_open": shown(total), "credit": shown(credit), "lines": lines,
              "how_to_pay": ChargePolicy.current().how_to_pay, "charges_link": link()}
    return notices.letter("charge_statement", to=patron.email, language=patron.language or "en", values=filled,
                          key=key, now=now, subject=("patron", patron.pk))


def to_lender(row: Charge, *, now: datetime, key: str):
    """None where the library has no e-mail: then somebody telephones."""
    ill = row.ill
    if ill is None or ill.partner is None:
        return None
    filled = {"number": ill.number, "title": ill.citation.shown_title[:300], "their_number": ill.number,
              "barcode": ill.barcode}
    return notices.letter("lender_found", to=ill.partner.email, language="en", values=filled, key=key, now=now,
                          subject=ill.subject)
