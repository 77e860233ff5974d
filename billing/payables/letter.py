"""The letter that disputes lines: filled in the lender's language where we have it, for a person to read and change."""

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from billing.payables import results, words
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import dates, money, notices
from illdesk.models import Event
from requests_app.models import Contact, Library

CODE = "payable_dispute"
# Countries whose libraries are written to in Spanish.
_SPANISH = frozenset({
    "ES", "MX", "AR", "CO", "PE", "VE", "CL", "EC", "GT", "CU", "BO", "DO", "HN", "PY", "SV", "NI", "CR", "PA", "UY",
    "PR", "GQ",
})


def language_of(library: Library | None) -> str:
    """English and Spanish are what we have wordings in."""
    return "es" if library is not None and library.country in _SPANISH else "en"


def recipient(library: Library | None) -> str:
    """Its billing contact, else its own address; "" where it has none."""
    if library is None:
        return ""
    contact = Contact.objects.filter(library=library, kind="billing").exclude(email="").first()
    return contact.email if contact else library.email


def filled(invoice: PayableInvoice, lines: Sequence[PayableLine], *, language: str) -> tuple[str, str]:
    """Subject and text; ("", "") for no line, about which there is nothing to write."""
    if not lines:
        return "", ""
    days = dict(Event.objects.filter(
        pk__in=[line.found.get("event") or 0 for line in lines]).values_list("pk", "at"))
    with translation.override(language):
        theirs = _of_same_library(invoice, lines)
        text = notices.wording(CODE, language)
        disputed = sum((line.disputed or line.amount for line in lines), lines[0].amount * 0)
        values = notices.everywhere() | {
            "partner": invoice.library.name if invoice.library else "", "number": invoice.number,
            "date": dates.in_letters(invoice.dated) if invoice.dated else "",
            "total": money.shown(invoice.total, invoice.currency),
            "disputed": money.shown(disputed, invoice.currency),
            "other_lines": _of_others(invoice, lines),
            "lines": "\n".join(_line(line, invoice.currency, days, theirs) for line in lines),
        }
        return " ".join(notices.fill(text.subject, values).split()), notices.fill(text.body, values)


def _of_others(invoice: PayableInvoice, lines: Sequence[PayableLine]) -> str:
    """What becomes of the lines that the letter does not question; "" where there are none. Only what is answered and
    not in question itself goes to payment: a letter that promises more is held against us."""
    others = list(invoice.lines.exclude(pk__in=[line.pk for line in lines]))
    if not others:
        return ""
    if any(line.needs_answer or line.dispute in (PayableLine.TO_TELL, PayableLine.TOLD) for line in others):
        return _("You hear from us about the other lines.")
    return _("The other lines go to payment.")


def _of_same_library(invoice: PayableInvoice, lines: Sequence[PayableLine]) -> set[int]:
    """Keys of the invoices of this library that charged for these lines before: of another's we tell nothing."""
    before = {(line.found.get("before") or {}).get("invoice") or 0 for line in lines}
    return set(PayableInvoice.objects.filter(pk__in=before, library=invoice.library_id).values_list("pk", flat=True))


def _line(line: PayableLine, currency: str, days: dict, theirs: set[int]) -> str:
    about = line.number or line.external or line.title or "—"
    why = words.DISPUTES.get(line.result)
    before = line.found.get("before") or {}
    if line.result == results.TWICE and before.get("line") and before.get("invoice") not in theirs:
        why = words.CHARGED_BEFORE
    event = days.get(line.found.get("event"))
    said = str(why) % {
        "agreed": money.shown(line.agreed, currency), "where": words.where(line.found),
        "day": dates.in_letters(event) if event else "—",
    } if why else _("please see below")
    if line.result == results.CANDIDATES and line.title:
        about = line.title
    if line.disputed is not None and 0 < line.disputed < line.amount:
        paid = money.shown(line.amount - line.disputed, currency)
        said += _("; we pay %(amount)s of it meanwhile") % {"amount": paid}
    return f"{line.place}  {about}  {money.shown(line.amount, currency)}: {said}"
