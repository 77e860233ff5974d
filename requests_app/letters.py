"""Letters to patrons: the house's own wording, and the values that fill it. No title in a subject."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from illdesk import dates, notices
from illdesk.notices import LetterKind, Placeholder, Wording
from requests_app.models import ILLRequest

_PLACEHOLDERS = (
    "number", "name", "title", "pickup", "shelf_code", "hold_until", "due", "due_sentence", "use", "reason", "text",
    "until", "link", "address", "library", "phone", "hours", "base_url",
)
notices.PLACEHOLDERS |= {
    "number": Placeholder(_("number of the request"), "B-2026-00398"),
    "name": Placeholder(_("name of the patron"), "Rosa Gómez"),
    "title": Placeholder(_("title; of an article its own"), "Über die Grenzen"),
    "pickup": Placeholder(_("where it is picked up"), _("Main desk")),
    "shelf_code": Placeholder(_("code on the hold shelf"), "K7-27"),
    "hold_until": Placeholder(_("last day on the hold shelf"), _("5 Dec 2026")),
    "due": Placeholder(_("due date for the patron"), _("9 Jan 2027")),
    "due_sentence": Placeholder(_("a sentence with the due date, when it is known"),
                                _("It is due back on 9 Jan 2027.")),
    "use": Placeholder(_("a sentence when it may only be used in the library"),
                       _("It may be used in the library only.")),
    "reason": Placeholder(_("why it was cancelled"), _("No library can lend it.")),
    "until": Placeholder(_("last day of a download"), _("24 Dec 2026")),
    "source": Placeholder(_("journal or book, year and pages"), "Marine Letters · 12 (3) · 2024 · 41–58"),
    "patrons": Placeholder(_("how many patrons ask for it"), "5"),
    "text": Placeholder(_("what a colleague wrote for this letter"), _("Would a later edition do as well?")),
    "address": Placeholder(_("where the text is online"), "https://doi.org/10.1371/journal.pone.0115253"),
    "link": Placeholder(_("address of the request’s page"), f"{settings.BASE_URL}/requests/B-2026-00398/"),
}
_EN_END = "\nYour request: {link}\n\n{library}, Interlibrary Loan\n{phone}\n"
_ES_END = "\nSu solicitud: {link}\n\n{library}, Préstamo interbibliotecario\n{phone}\n"

for _kind in (
    LetterKind("asked", _("We have your request"), _PLACEHOLDERS, {
        "en": Wording("We have your request {number}",
                      "Dear {name},\n\nWe have your request {number} and are checking it now. You can follow "
                      "it, or cancel it, at any time.\n" + _EN_END),
        "es": Wording("Hemos recibido su solicitud {number}",
                      "Hola, {name}:\n\nHemos recibido su solicitud {number} y la estamos revisando. Puede "
                      "seguirla o cancelarla en cualquier momento.\n" + _ES_END),
    }),
    LetterKind("arrived", _("Ready to pick up"), _PLACEHOLDERS, {
        "en": Wording("Your request {number} is ready",
                      "Dear {name},\n\nThe item you asked for is here:\n\n{title}\n\nPlease pick it up at "
                      "{pickup} by {hold_until}. Your shelf code is {shelf_code}.\n{due_sentence}\n"
                      "{use}\n" + _EN_END),
        "es": Wording("Su solicitud {number} está lista",
                      "Hola, {name}:\n\nYa tenemos lo que pidió:\n\n{title}\n\nRecójalo en {pickup} a más tardar "
                      "el {hold_until}. Su código de estante es {shelf_code}.\n{due_sentence}\n"
                      "{use}\n" + _ES_END),
    }),
    LetterKind("cancelled", _("Request cancelled"), _PLACEHOLDERS, {
        "en": Wording("We could not get {number}, and what you can do",
                      "Dear {name},\n\nWe have cancelled your request {number}:\n\n{title}\n\n{reason}\n\n"
                      "You can ask again, or write to us: we are glad to look for another way.\n" + _EN_END),
        "es": Wording("No pudimos conseguir {number}; qué puede hacer",
                      "Hola, {name}:\n\nHemos cancelado su solicitud {number}:\n\n{title}\n\n{reason}\n\n"
                      "Puede pedirlo de nuevo o escribirnos: buscaremos otra manera con gusto.\n" + _ES_END),
    }),
    LetterKind("online", _("It is online"), _PLACEHOLDERS, {
        "en": Wording("You can read {number} online now",
                      "Dear {name},\n\nWhat you asked for is online:\n\n{title}\n\n{address}\n\n{text}\n\nYour "
                      "request is closed with this. If the link does not work for you, write to us on its page and we "
                      "get it for you.\n" + _EN_END),
        "es": Wording("Ya puede leer {number} en línea",
                      "Hola, {name}:\n\nLo que pidió está en línea:\n\n{title}\n\n{address}\n\n{text}\n\nCon esto "
                      "cerramos su solicitud. Si el enlace no le funciona, escríbanos en su página y se lo "
                      "conseguiremos.\n" + _ES_END),
    }),
    LetterKind("delivered", _("Your PDF is ready"), _PLACEHOLDERS, {
        "en": Wording("Your request {number} is ready",
                      "Dear {name},\n\nThe copy you asked for is here:\n\n{title}\n\nDownload it on the page of your "
                      "request until {until}; then it is erased. Is something wrong with it? Report it there, you "
                      "need not ask anew.\n" + _EN_END),
        "es": Wording("Su solicitud {number} está lista",
                      "Hola, {name}:\n\nYa tenemos la copia que pidió:\n\n{title}\n\nDescárguela en la página de su "
                      "solicitud a más tardar el {until}; después se borra. ¿Tiene algún problema? Avísenos allí; no "
                      "hace falta pedirla de nuevo.\n" + _ES_END),
    }),
    LetterKind("delivered_again", _("A better PDF is ready"), _PLACEHOLDERS, {
        "en": Wording("A new file for your request {number}",
                      "Dear {name},\n\nThe library sent the copy again:\n\n{title}\n\nThe new file is on the page of "
                      "your request until {until}.\n" + _EN_END),
        "es": Wording("Un archivo nuevo para su solicitud {number}",
                      "Hola, {name}:\n\nLa biblioteca envió otra vez la copia:\n\n{title}\n\nEl archivo nuevo está en "
                      "la página de su solicitud hasta el {until}.\n" + _ES_END),
    }),
    LetterKind("renewed", _("Renewed"), _PLACEHOLDERS, {
        "en": Wording("Your request {number} is renewed",
                      "Dear {name},\n\nThe lending library renewed your "
                      "loan:\n\n{title}\n\n{due_sentence}\n" + _EN_END),
        "es": Wording("Se renovó su préstamo {number}",
                      "Hola, {name}:\n\nLa biblioteca prestamista renovó su préstamo:\n\n{title}\n\n{due_sentence}\n"
                      + _ES_END),
    }),
    LetterKind("renewal_refused", _("Not renewed"), _PLACEHOLDERS, {
        "en": Wording("Your request {number} could not be renewed",
                      "Dear {name},\n\nThe lending library cannot renew your "
                      "loan:\n\n{title}\n\n{due_sentence}\n\nPlease "
                      "bring it back by then.\n" + _EN_END),
        "es": Wording("No se pudo renovar su préstamo {number}",
                      "Hola, {name}:\n\nLa biblioteca prestamista no puede renovar su préstamo:\n\n{title}\n\n"
                      "{due_sentence}\n\nDevuélvalo a más tardar ese día, por favor.\n" + _ES_END),
    }),
    LetterKind("recalled", _("The lender needs it back"), _PLACEHOLDERS, {
        "en": Wording("Please return your interlibrary loan {number}",
                      "Dear {name},\n\nThe lending library needs its item back:\n\n{title}\n\n{due_sentence}\n\nIf you "
                      "still need it, tell us: we look for another copy.\n" + _EN_END),
        "es": Wording("Devuelva, por favor, su préstamo interbibliotecario {number}",
                      "Hola, {name}:\n\nLa biblioteca prestamista necesita de vuelta "
                      "su ejemplar:\n\n{title}\n\n{due_sentence}\n\n"
                      "Si usted todavía lo necesita, díganoslo: buscaremos otro ejemplar.\n" + _ES_END),
    }),
    LetterKind("overdue", _("Overdue at the lender"), _PLACEHOLDERS, {
        "en": Wording("Your interlibrary loan {number} is overdue",
                      "Dear {name},\n\nThe lending library asks for its item:\n\n{title}\n\nPlease bring "
                      "it back now, or "
                      "tell us what keeps you.\n" + _EN_END),
        "es": Wording("Su préstamo interbibliotecario {number} está vencido",
                      "Hola, {name}:\n\nLa biblioteca prestamista pide que le devolvamos su "
                      "ejemplar:\n\n{title}\n\nDevuélvalo ahora, por favor, o "
                      "díganos qué se lo impide.\n" + _ES_END),
    }),
    LetterKind("cancel_refused", _("It could not be cancelled"), _PLACEHOLDERS, {
        "en": Wording("Your request {number} could not be cancelled",
                      "Dear {name},\n\nThe other library had already sent it:\n\n{title}\n\nWhen it is "
                      "here we write to "
                      "you. If you do not need it any more, you need do nothing: we send it back.\n" + _EN_END),
        "es": Wording("No se pudo cancelar su solicitud {number}",
                      "Hola, {name}:\n\nLa otra biblioteca ya lo había enviado:\n\n{title}\n\nCuando llegue, le "
                      "escribiremos. Si ya no lo necesita, no tiene que hacer nada: lo devolveremos.\n" + _ES_END),
    }),
    LetterKind("lend_instead", _("Lent instead of copied"), _PLACEHOLDERS, {
        "en": Wording("Your request {number}: a loan instead of a copy",
                      "Dear {name},\n\nYou asked for a copy of this:\n\n{title}\n\nCopyright law does not let us "
                      "copy it, or all of it. We get you the item itself to borrow and write to you when it is here. "
                      "If a chapter or an article of it is enough, write to us: that we can often copy. You can also "
                      "propose that the library buys it.\n\n{text}\n" + _EN_END),
        "es": Wording("Su solicitud {number}: un préstamo en lugar de una copia",
                      "Hola, {name}:\n\nPidió una copia de esto:\n\n{title}\n\nLa ley de derecho de autor no nos "
                      "permite copiarlo, o copiarlo entero. Le conseguimos el ejemplar en préstamo y le escribiremos "
                      "cuando llegue. Si le basta un capítulo o un artículo, escríbanos: a menudo podemos copiarlo. "
                      "También puede proponer que la biblioteca lo compre.\n\n{text}\n" + _ES_END),
    }),
    LetterKind("reserves", _("To Reserves: several ask for one article"), ("number", "title", "source", "patrons",
                                                                          "library", "phone"), {
        "en": Wording("Several patrons ask for one article ({number})",
                      "{patrons} patrons have asked for a copy of this lately:\n\n{title}\n{source}\n\nIf a course "
                      "needs it, please see whether it can be put on reserve or licensed. We make no copies for a "
                      "class (17 USC 108(g)(1)).\n\nOur number: {number}\n\n{library}, Interlibrary Loan\n{phone}\n"),
    }),
    LetterKind("message", _("A message to the patron"), _PLACEHOLDERS, {
        "en": Wording("About your request {number}",
                      "Dear {name},\n\n{text}\n\nThis is about your request {number}. You can answer on its "
                      "page.\n" + _EN_END),
        "es": Wording("Sobre su solicitud {number}",
                      "Hola, {name}:\n\n{text}\n\nSe trata de su solicitud {number}. Puede responder en su "
                      "página.\n" + _ES_END),
    }),
):
    notices.register(_kind)


def values_for(ill: ILLRequest) -> dict[str, str]:
    """What fills a letter about this request; call with the letter's language active."""
    from requests_app import reasons

    def day(value) -> str:
        return dates.in_letters(value) if value else ""

    return {
        "number": ill.number,
        "name": ill.patron.name if ill.patron else "",
        "title": ill.citation.shown_title[:300],
        "pickup": ill.branch.name if ill.branch else "",
        "shelf_code": ill.shelf_code,
        "hold_until": day(ill.hold_until),
        "due": day(ill.due_patron),
        "due_sentence": _due_sentence(day(ill.due_patron)),
        "use": str(_("It may be used in the library only.")) if ill.library_use_only else "",
        "reason": f"{reasons.shown(ill.reason)}." if ill.reason else "",
        "until": day(timezone.localtime(ill.respond_by).date()) if ill.respond_by and _is_download(ill) else "",
        "text": "",
        "address": "",
        "link": f"{settings.BASE_URL}{ill.get_absolute_url()}",
    }


def _is_download(ill: ILLRequest) -> bool:
    return ill.state.endswith(".delivered")


def _due_sentence(due: str) -> str:
    return str(_("It is due back on %(due)s.")) % {"due": due} if due else ""


def to_patron(
    ill: ILLRequest, code: str, *, now: datetime, added: str = "", values: dict | None = None, event_key: str = ""
):
    """Put a letter about this request into the outbox, once for each occasion."""
    if ill.patron is None:
        return None
    language = ill.patron.language or "en"
    with translation.override(language):
        filled = values_for(ill) | (values or {})
    return notices.letter(
        code, to=ill.patron.email, language=language, values=filled, subject=ill.subject, added=added, now=now,
        key=f"{code}:{ill.number}:{event_key or ill.version}",
    )


def preview(
    ill: ILLRequest, code: str, *, added: str = "", filled: dict[str, str] | None = None
) -> dict[str, str]:
    """What the letter would say: recipient, subject, body. Nothing is sent."""
    language = ill.patron.language if ill.patron else "en"
    with translation.override(language):
        text = notices.wording(code, language)
        values = notices.everywhere() | values_for(ill) | (filled or {})
        return {
            "to": ill.patron.email if ill.patron else "",
            "language": language,
            "subject": notices.fill(text.subject, values).strip(),
            "body": notices.fill(text.body, values),
        }
