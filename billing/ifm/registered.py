"""What fee management tells the ground floor: its letter, its files, whose accounts deposits are, demo data."""

from django.utils.translation import gettext_lazy as _

from billing.efts.models import Deposit
from billing.ifm import demo, imports
from billing.ledger import names
from illdesk import notices, registry
from illdesk.notices import LetterKind, Placeholder, Wording

_PLACEHOLDERS = ("network_number", "our_number", "charged_on", "charged", "network_line", "text", "library", "phone",
                 "base_url")
notices.PLACEHOLDERS |= {
    "network_number": Placeholder(_("number of the request with the network"), "198765432"),
    "our_number": Placeholder(_("our number of the request"), "B-2026-00398"),
    "charged_on": Placeholder(_("day of the charge"), "2026-03-14"),
    "charged": Placeholder(_("amount of the charge"), "USD 15.00"),
    "network_line": Placeholder(_("what the line is, and why we ask"), _("Borrowing debit. Charged before.")),
}
notices.register(LetterKind("network_question", _("Question about a charge by IFM"), _PLACEHOLDERS, {
    "en": Wording("A charge by IFM for request {network_number}",
                  "Dear colleagues,\n\nwe have a question about a charge that came to us by OCLC Fee Management:\n\n"
                  "Request: {network_number} (ours: {our_number})\nDay: {charged_on}\nAmount: {charged}\n"
                  "{network_line}\n\n{text}\n\nThank you,\n\n{library}, Interlibrary Loan\n{phone}\n"),
    "es": Wording("Un cargo por IFM de la solicitud {network_number}",
                  "Estimados colegas:\n\ntenemos una pregunta sobre un cargo que nos llegó por OCLC Fee Management:\n\n"
                  "Solicitud: {network_number} (la nuestra: {our_number})\nFecha: {charged_on}\nImporte: {charged}\n"
                  "{network_line}\n\n{text}\n\nGracias.\n\n{library}, Préstamo interbibliotecario\n{phone}\n"),
}))


def _deposits(keys: set[int]) -> dict[int, str]:
    return dict(Deposit.objects.filter(pk__in=keys).values_list("pk", "name"))


names.NAMES["deposit"] = _deposits
registry.MAY_FETCH[imports.SUBJECT] = lambda user, pk: user.may("see_payables")
registry.DEMO_DATA.append(demo.load)
