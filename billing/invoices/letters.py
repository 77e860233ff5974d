"""Letters about invoices to libraries: the house's own wording, and the values that fill it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.invoices import queries
from billing.invoices.models import Invoice, InvoicePolicy
from illdesk import dates, money, notices
from illdesk.models import OutboxMessage
from illdesk.notices import LetterKind, Placeholder, Wording
from requests_app.models import Library, LoanPolicy

_PLACEHOLDERS = ("invoice", "partner", "amount", "left", "pay_by", "dated", "reason", "your_credit", "ways_to_pay",
                 "library", "phone", "hours", "base_url")
notices.PLACEHOLDERS |= {
    "invoice": Placeholder(_("number of the invoice"), "IL-2026-00147"),
    "partner": Placeholder(_("name of the other library"), "Hollin State University"),
    "amount": Placeholder(_("amount with its currency"), "USD 65.00"),
    "left": Placeholder(_("what is still open of it"), "USD 65.00"),
    "pay_by": Placeholder(_("day by which it is to be paid"), _("24 Dec 2026")),
    "dated": Placeholder(_("day of the invoice"), _("24 Nov 2026")),
}
notices.PLACEHOLDERS |= {
    "your_credit": Placeholder(_("what the library has to its credit, where it has any"),
                               _("You have a credit of USD 8.64 with us: tell us if it shall settle this invoice.")),
    "ways_to_pay": Placeholder(_("how libraries pay, from the rules of invoices"), _("By check or bank transfer.")),
}
_EN = "\n{library}, Interlibrary Loan\n{phone}\n"
_ES = "\n{library}, Préstamo interbibliotecario\n{phone}\n"

for _kind in (
    LetterKind("library_invoice", _("Invoice to a library"), _PLACEHOLDERS, {
        "en": Wording("Invoice {invoice}",
                      "Dear colleagues at {partner},\n\nThank you for borrowing from us. Our invoice {invoice} for "
                      "{amount} is attached, as a PDF and as an e-invoice file. Please pay by {pay_by} and give its "
                      "number as reference.\n" + _EN),
        "es": Wording("Factura {invoice}",
                      "Estimados colegas de {partner}:\n\nGracias por pedirnos materiales en préstamo. Adjuntamos "
                      "nuestra factura {invoice} por {amount}, en PDF y como factura electrónica. Les rogamos que la "
                      "paguen a más tardar el {pay_by} e indiquen su número como referencia.\n" + _ES),
    }),
    LetterKind("library_credit_note", _("Credit note to a library"), _PLACEHOLDERS, {
        "en": Wording("Credit note {invoice}",
                      "Dear colleagues at {partner},\n\nOur credit note {invoice} for {amount} is attached.\n\n"
                      "{reason}\n\nIt settles what is open of the invoice it names; a "
                      "rest stays as your credit.\n" + _EN),
        "es": Wording("Nota de crédito {invoice}",
                      "Estimados colegas de {partner}:\n\nAdjuntamos nuestra nota de crédito {invoice} por "
                      "{amount}.\n\n{reason}\n\nSalda lo pendiente de la factura que menciona; el resto queda como "
                      "crédito a su favor.\n" + _ES),
    }),
    LetterKind("library_reminder_1", _("First reminder of an invoice"), _PLACEHOLDERS, {
        "en": Wording("Invoice {invoice} was due on {pay_by}",
                      "Dear colleagues at {partner},\n\nOur invoice {invoice} of {dated} was due on {pay_by}; {left} "
                      "is still open with us. {your_credit}\n\nPerhaps our letters crossed. If something is wrong with "
                      "it, please write to us.\n\nThe invoice is attached once more. {ways_to_pay}\n" + _EN),
        "es": Wording("La factura {invoice} venció el {pay_by}",
                      "Estimados colegas de {partner}:\n\nNuestra factura {invoice} del {dated} venció el {pay_by}; "
                      "quedan pendientes {left}. {your_credit}\n\nQuizá nuestras cartas se cruzaron. Si algo no es "
                      "correcto, escríbannos, por favor.\n\nAdjuntamos la factura de nuevo. {ways_to_pay}\n" + _ES),
    }),
    LetterKind("library_reminder_2", _("Second reminder of an invoice"), _PLACEHOLDERS, {
        "en": Wording("Second reminder: invoice {invoice}",
                      "Dear colleagues at {partner},\n\nWe have not received {left} for our invoice {invoice} of "
                      "{dated}, which was due on {pay_by}. {your_credit}\n\nPlease pay it, or tell us what you "
                      "question: bills are paid or questioned within six months.\n\nThe invoice is attached once "
                      "more. {ways_to_pay}\n" + _EN),
        "es": Wording("Segundo recordatorio: factura {invoice}",
                      "Estimados colegas de {partner}:\n\nNo hemos recibido {left} de nuestra factura {invoice} del "
                      "{dated}, que venció el {pay_by}. {your_credit}\n\nLes rogamos que la paguen o nos digan "
                      "qué cuestionan: las facturas se pagan o se cuestionan en un plazo de seis meses.\n\n"
                      "Adjuntamos la factura de nuevo. {ways_to_pay}\n" + _ES),
    }),
    LetterKind("library_reminder_3", _("Third reminder of an invoice"), _PLACEHOLDERS, {
        "en": Wording("Third reminder: invoice {invoice}",
                      "Dear colleagues at {partner},\n\nThis is our third letter about invoice {invoice} of {dated}: "
                      "{left} is open since {pay_by}. {your_credit}\n\nUntil we hear from you we may have to stop "
                      "lending to you.\n\nThe invoice is attached once more. {ways_to_pay}\n" + _EN),
        "es": Wording("Tercer recordatorio: factura {invoice}",
                      "Estimados colegas de {partner}:\n\nEsta es nuestra tercera carta sobre la factura {invoice} del "
                      "{dated}: {left} siguen pendientes desde el {pay_by}. {your_credit}\n\nMientras no tengamos "
                      "noticias suyas, quizá debamos dejar de prestarles.\n\nAdjuntamos la factura de nuevo. "
                      "{ways_to_pay}\n" + _ES),
    }),
    LetterKind("library_statement", _("Statement of account to a library"), _PLACEHOLDERS, {
        "en": Wording("Statement of your account",
                      "Dear colleagues at {partner},\n\nThe statement of your account with us is attached. {left} is "
                      "open on {dated}.\n" + _EN),
        "es": Wording("Estado de su cuenta",
                      "Estimados colegas de {partner}:\n\nAdjuntamos el estado de su cuenta con nosotros. El {dated} "
                      "quedan pendientes {left}.\n" + _ES),
    }),
):
    notices.register(_kind)


def send(
    code: str, invoice: Invoice, *, key: str, now: datetime, to: str, attachments: Sequence[int] = ()
) -> OutboxMessage | None:
    """About an invoice or credit note, once per `key`; None where there is no address."""
    with translation.override(invoice.language):
        values = {
            "invoice": invoice.number or "", "partner": invoice.library.name,
            "amount": money.shown(abs(invoice.total), invoice.currency),
            "left": money.shown(invoice.open, invoice.currency), "pay_by": _day(invoice.due),
            "dated": _day(invoice.day), "reason": invoice.reason, "your_credit": _credit(invoice),
            "ways_to_pay": InvoicePolicy.current().how_to_pay,
        }
    return notices.letter(code, to=to, language=invoice.language, values=values, key=key, now=now,
                          subject=("library_invoice", invoice.pk), attachments=attachments)


def _credit(invoice: Invoice) -> str:
    """What a library has to its credit is named before it is asked for more; '' where it has none."""
    credit = sum((row.rest_own for row in queries.unused(invoice.library)), queries.NOTHING)
    if credit <= 0:
        return ""
    currency = LoanPolicy.current().currency
    if invoice.currency != currency:
        return gettext("You have a credit of %(credit)s with us: tell us if it shall settle this invoice.") % {
            "credit": money.shown(credit, currency)}
    rest = max(invoice.open - credit, queries.NOTHING)
    return gettext("You have a credit of %(credit)s with us: tell us if it shall settle this invoice; then %(rest)s of "
                   "it would be left.") % {"credit": money.shown(credit, currency), "rest": money.shown(rest, currency)}


def _of_statement(library: Library, *, language: str, left: str, day: date) -> dict[str, str]:
    with translation.override(language):
        return {"partner": library.name, "left": left, "dated": _day(day)}


def statement(library: Library, *, language: str, left: str, day: date) -> tuple[str, str]:
    """Subject and text, to be read before it leaves."""
    return notices.filled("library_statement", language, _of_statement(library, language=language, left=left, day=day))


def send_statement(
    library: Library, *, to: str, language: str, left: str, day: date, key: str, now: datetime,
    attachments: Sequence[int],
) -> OutboxMessage | None:
    return notices.letter(
        "library_statement", to=to, language=language, key=key, now=now, subject=("library_account", library.pk),
        values=_of_statement(library, language=language, left=left, day=day), attachments=attachments)


def _day(day: date | None) -> str:
    return dates.in_letters(day) if day else ""
