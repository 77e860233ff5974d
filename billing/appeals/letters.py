"""Letters of an appeal."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from billing.appeals.days import last_day
from billing.appeals.models import Appeal
from billing.charges import letters
from billing.charges.models import ChargePolicy
from illdesk import dates, notices
from illdesk.notices import LetterKind, Placeholder, Wording

_PLACEHOLDERS = (
    "number", "name", "title", "charge", "charge_kind", "charge_amount", "charge_open", "decide_by", "decision_words",
    "taken_away", "again_sentence", "how_to_pay", "charges_link", "library", "phone", "hours", "base_url",
)
notices.PLACEHOLDERS |= {
    "decide_by": Placeholder(_("day by which an appeal is decided"), _("14 Dec 2026")),
    "decision_words": Placeholder(_("why an appeal was decided so"), _("The scan shows that you returned it.")),
    "taken_away": Placeholder(_("how much an appeal takes away"), "USD 50.00"),
    "again_sentence": Placeholder(_("a sentence whether one can appeal once more"),
                                  _("You can appeal once more until 9 Jan 2027; somebody else decides then.")),
}
_EN_END = "\nYour charges: {charges_link}\n\n{library}, Interlibrary Loan\n{phone}\n"
_ES_END = "\nSus cargos: {charges_link}\n\n{library}, Préstamo interbibliotecario\n{phone}\n"

for _kind in (
    LetterKind("appeal_received", _("We have your appeal"), _PLACEHOLDERS, {
        "en": Wording("We have your appeal of the charge {charge}",
                      "Dear {name},\n\nWe have your appeal of the charge {charge} ({charge_amount}). Somebody who did "
                      "not charge it decides by {decide_by}. Until then nothing is asked for.\n" + _EN_END),
        "es": Wording("Hemos recibido su apelación del cargo {charge}",
                      "Hola, {name}:\n\nHemos recibido su apelación del cargo {charge} ({charge_amount}). La decidirá "
                      "alguien que no hizo el cargo, a más tardar el {decide_by}. Hasta entonces no se cobra nada.\n"
                      + _ES_END),
    }),
    LetterKind("appeal_granted", _("Appeal granted"), _PLACEHOLDERS, {
        "en": Wording("Your appeal of the charge {charge} is granted",
                      "Dear {name},\n\nYour appeal is granted: the charge {charge} is cancelled. What you had paid of "
                      "it is now your credit.\n\n{decision_words}\n" + _EN_END),
        "es": Wording("Se aceptó su apelación del cargo {charge}",
                      "Hola, {name}:\n\nSe aceptó su apelación: el cargo {charge} se canceló. Lo que ya había pagado "
                      "es ahora saldo a su favor.\n\n{decision_words}\n" + _ES_END),
    }),
    LetterKind("appeal_partly", _("Appeal granted in part"), _PLACEHOLDERS, {
        "en": Wording("Your appeal of the charge {charge} is granted in part",
                      "Dear {name},\n\nWe take away {taken_away} of the charge {charge}; {charge_open} of it is "
                      "open.\n\n{decision_words}\n\n{again_sentence}\n\n{how_to_pay}\n" + _EN_END),
        "es": Wording("Se aceptó en parte su apelación del cargo {charge}",
                      "Hola, {name}:\n\nDescontamos {taken_away} del cargo {charge}; quedan por pagar "
                      "{charge_open}.\n\n{decision_words}\n\n{again_sentence}\n\n{how_to_pay}\n" + _ES_END),
    }),
    LetterKind("appeal_denied", _("Appeal denied"), _PLACEHOLDERS, {
        "en": Wording("Your appeal of the charge {charge} is decided",
                      "Dear {name},\n\nWe looked at your appeal and cannot grant it: the charge {charge} stands, and "
                      "{charge_open} of it is open.\n\n{decision_words}\n\n{again_sentence}\n\n{how_to_pay}\n"
                      + _EN_END),
        "es": Wording("Hemos decidido sobre su apelación del cargo {charge}",
                      "Hola, {name}:\n\nHemos revisado su apelación y no podemos aceptarla: el cargo {charge} se "
                      "mantiene y quedan por pagar {charge_open}.\n\n{decision_words}\n\n{again_sentence}\n\n"
                      "{how_to_pay}\n" + _ES_END),
    }),
):
    notices.register(_kind)


def send(row: Appeal, code: str, *, now: datetime):
    charge = row.charge
    with translation.override(charge.patron.language or "en"):
        more = {
            "decide_by": dates.in_letters(row.due), "decision_words": row.words,
            "taken_away": letters.shown(row.amount) if row.amount is not None else "",
            "again_sentence": _again(row, charge),
        }
    return letters.charge(charge, code, now=now, key=f"{code}:{row.pk}", more=more)


def _again(row: Appeal, charge) -> str:
    if row.decided is None or row.state == Appeal.GRANTED:
        return ""
    if row.level == len(Appeal.LEVELS):
        return str(_("This decision is final."))
    last = last_day(charge, ChargePolicy.current())
    if last is None:
        return str(_("You can appeal once more; somebody else decides then."))
    return str(_("You can appeal once more until %(day)s; somebody else decides then.")) % {
        "day": dates.in_letters(last)}
