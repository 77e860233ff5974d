"""What is done instead of a copy, or so that one may be made: the rules for one request (108(d), (e), (g), (i))."""

from django.utils.translation import gettext as _

from illdesk import notices
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import OutboxMessage
from requests_app import lifecycle
from requests_app.actions import Doing, does
from requests_app.actions.conditions import conditional
from requests_app.actions.patrons import tell_patron
from requests_app.copyright import clearance, fair_price, words
from requests_app.copyright.steps import keep_decision
from requests_app.models import FairPriceSearch, RotaEntry

# In the note of the question to the other library (CONTU 3); in English, as all messages are.
QUESTION = (
    "This copy request states no copyright compliance. Please state CCG (within the CONTU guidelines) or CCL (other "
    "lawful ground); without it we cannot fill the request."
)
IN_PRINT = {"yes": "in", "no": "out", "unknown": "unknown"}


@does("ask_compliance")
def ask_compliance(doing: Doing) -> None:
    """C8: the standard question, at one click."""
    doing.answers |= {"reason": "compliance", "note": QUESTION}
    conditional(doing)


@does("allow_copy")
def allow_copy(doing: Doing) -> None:
    """A named person answers for our own copy. `answers`: ground (a key of `words.GROUNDS`), text; for a whole work
    what the investigation found (108(e)), unless one is kept already: looked (where), looked_on, result (a code of
    `FairPriceSearch.RESULTS`), price, currency, in_print (a code of `IN_PRINT`). What was found at a fair price is
    bought."""
    given = doing.answers
    found = clearance.look(doing.ill, now=doing.now)
    text = (given.get("text") or "").strip()
    if given.get("ground") not in words.GROUNDS:
        raise BadAnswer(_("Choose the ground from the list."), field="ground")
    if not text:
        raise BadAnswer(_("Write the ground: you answer for it."), field="text")
    if fair_price.is_needed(found.decision, given["ground"]):
        if (given.get("looked") or "").strip() or not fair_price.of(doing.ill):
            text = f"{_investigation(doing)}\n{text}"
        fair_price.refuse_without(doing.ill, found.decision, given["ground"])
    doing.note("reason", text)
    keep_decision(doing, found, code="", ground=given["ground"], by=doing.actor.user)


def _investigation(doing: Doing) -> str:
    """108(e): a reasonable investigation comes first. Kept, and as words for the note."""
    given = doing.answers
    looked, day, in_print = (given.get("looked") or "").strip(), given.get("looked_on"), given.get("in_print", "")
    if not looked:
        raise BadAnswer(_("Write where you looked for a copy at a fair price."), field="looked")
    if day is None or day > doing.today:
        raise BadAnswer(_("Enter the day on which you looked; not one that is still to come."), field="looked_on")
    if in_print not in IN_PRINT:
        raise BadAnswer(_("Say whether it is in print."), field="in_print")
    price, result = given.get("price"), given.get("result")
    if result not in dict(FairPriceSearch.RESULTS):
        raise BadAnswer(_("Say what you found."), field="result")
    row = fair_price.record(
        doing.ill, where=looked, looked_on=day, result=result, price=price, currency=given.get("currency") or "USD",
        in_print=IN_PRINT[in_print], actor=doing.actor, now=doing.now, today=doing.today,
    )
    doing.data |= {"search": row.pk, "looked_on": day.isoformat(), "in_print": in_print,
                   "price": None if price is None else str(price)}
    told = {"yes": _("in print"), "no": _("out of print"), "unknown": _("not known whether in print")}[in_print]
    cost = _("price %(price)s") % {"price": price} if price is not None else _("no price found")
    return _("Looked for at a fair price: %(where)s, %(day)s; %(print)s, %(cost)s.") % {
        "where": looked[:200], "day": day.isoformat(), "print": told, "cost": cost,
    }


@does("lend_instead")
def lend_instead(doing: Doing) -> None:
    """`answers`: text (words of one's own to the patron). It states nothing any more, and its place is freed (C5)."""
    ill = doing.ill
    ill.service = lifecycle.LOAN
    ill.branch = ill.branch or (ill.patron.pickup if ill.patron else None)
    ill.declaration_due = None
    if ill.kind == lifecycle.BORROWING:
        # Lenders were chosen for a copy.
        ill.rota.filter(state=RotaEntry.WAITING).delete()
        ill.rota_left, ill.partner, ill.respond_by = 0, None, None
    tell_patron(doing, "lend_instead", values={"text": (doing.answers.get("text") or "").strip()})


@does("tell_reserves")
def tell_reserves(doing: Doing) -> None:
    """C12: a course may need it. Once for each request; names of patrons are not told."""
    ill, address = doing.ill, doing.policy.reserves_email
    if not address:
        raise NotAllowed(_("The address of Reserves is not known yet: it stands in the loan policy."))
    patrons = clearance.look(ill, now=doing.now).facts.others.patrons
    key = f"reserves:{ill.number}"
    if OutboxMessage.objects.filter(key=key).exists():
        raise NotAllowed(_("Reserves was told of %(number)s already.") % {"number": ill.number})
    citation = ill.citation
    notices.letter(
        "reserves", to=address, language="en", key=key, now=doing.now, subject=ill.subject,
        values={"number": ill.number, "title": citation.shown_title[:300], "source": citation.line[:400],
                "patrons": str(patrons)},
    )
    doing.data["patrons"] = patrons
