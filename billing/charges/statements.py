"""A patron's statement and receipts: from the rows to paper, and by mail."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from billing.charges import letters, paper, queries, words
from billing.charges.models import Charge, ChargePayment, ChargePolicy
from illdesk import dates, events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed
from illdesk.figures import figures
from illdesk.models import Institution
from illdesk.money import shown
from requests_app.models import LoanPolicy, Patron


def statement(patron: Patron, *, now: datetime) -> bytes:
    """All that ever happened, with what is owed at the end; in the patron's language."""
    with translation.override(patron.language or "en"):
        sums, lines = queries.sums(patron.pk), queries.statement(patron.pk)
        currency = LoanPolicy.current().currency
        rows = [_row(line) for line in lines if line.more or line.less or line.move.what in ("overpaid", "refunded")]
        totals = [(_("Open"), _shown(sums.open, currency))]
        if sums.in_doubt:
            totals.append((_("of it appealed or being looked into: nothing to pay now"),
                           _shown(sums.in_doubt, currency)))
        if sums.provisional:
            totals.append((_("of it may still change: nothing to pay now"), _shown(sums.provisional, currency)))
        if sums.handed:
            totals.append((_("of it collected by the university's billing office"), _shown(sums.handed, currency)))
        totals.append((_("Your credit"), _shown(sums.credit, currency)))
        totals.append((_("To pay now"), _shown(sums.to_pay, currency)))
        return _draw(patron, _("Statement of charges"), [(_("Card"), patron.card), (_("Date"), _day(now))], rows,
                     totals, [ChargePolicy.current().how_to_pay], now=now)


def _row(line: queries.Line) -> tuple[str, ...]:
    move = line.move
    charge = move.charge
    said = str(words.MOVES.get(move.what, move.what))
    if move.undoes:
        said = f"{said}: {words.MOVES.get(move.undoes.what, '')}"
    if not line.more and not line.less:  # it changes the credit, not what is owed
        said = f"{said} {figures(move.amount)}"
    kind = str(charge.get_kind_display()) if charge else ""
    ill = charge.ill.number if charge and charge.ill else ""
    number = charge.number if charge else move.payment.number if move.payment else ""
    about = " · ".join(part for part in (kind, ill) if part)
    return (
        dates.in_words(move.entry.day), number, f"{said}: {about}" if about else said,
        figures(line.more) if line.more else "", figures(line.less) if line.less else "", figures(line.owed),
    )


def receipt(payment: ChargePayment, *, now: datetime) -> bytes:
    patron = payment.patron
    with translation.override(patron.language or "en"):
        currency = LoanPolicy.current().currency
        moves = payment.moves.exclude(what__in=["undone", "taken_back"]).select_related("charge__ill").order_by("pk")
        rows = [
            (_day(payment.at), move.charge.number if move.charge else "",
             " · ".join(part for part in (
                 str(move.charge.get_kind_display()) if move.charge else str(words.MOVES[move.what]),
                 move.charge.ill.number if move.charge and move.charge.ill else "") if part),
             "", figures(move.amount), "")
            for move in moves
        ]
        facts = [(_("Receipt"), payment.number), (_("Date"), dates.in_words(payment.day)),
                 (_("Paid by"), str(payment.get_way_display()))]
        if payment.reference:
            facts.append((_("Reference"), payment.reference[:30]))
        label = _("Paid back") if payment.back else _("Received")
        notes = [_("This receipt is void: the payment was entered by mistake.")] if payment.undone else []
        return _draw(patron, _("Receipt %(number)s") % {"number": payment.number}, facts, rows,
                     [(label, _shown(payment.amount, currency))], notes, now=now)


def _draw(patron: Patron, heading: str, facts, rows, totals, notes, *, now: datetime) -> bytes:
    ours = Institution.objects.filter(pk=1).first() or Institution(name="")
    town = " ".join(part for part in (ours.locality, ours.region, ours.postal_code) if part)
    return paper.draw(paper.Paper(
        library=ours.name, heading=heading, to=[patron.name], facts=facts, rows=rows, totals=totals,
        address=[line for line in (ours.department, ours.line1, ours.line2, town, ours.email, ours.phone) if line],
        notes=[note for note in notes if note], language=translation.get_language() or "en", page=_("Page {n}"),
        head=[_("Day"), _("Number"), _("What"), _("More"), _("Less"), _("Open")],
        printed=_("Printed %(when)s") % {"when": f"{_day(now)}, {timezone.localtime(now):%H:%M}"},
    ))


def _shown(amount: Decimal, currency: str) -> str:
    return shown(amount, currency)


def _day(now: datetime) -> str:
    return dates.in_words(timezone.localtime(now).date())


def mail(patron: Patron, *, key: str, actor: Actor, now: datetime) -> bool:
    """Send a statement; once per `key`. What is appealed, being looked into or provisional is not asked for.
    NotAllowed without an address, or while nothing else is open."""
    if not patron.email:
        raise NotAllowed(_("This patron has no e-mail address. Print the statement instead."))
    sums = queries.sums(patron.pk)
    if not sums.due and not sums.credit:
        raise NotAllowed(_("Nothing is to be paid now: what is open is appealed, being looked into, or may still "
                           "change. Nobody was written to."))
    certain = queries.charges().filter(queries.not_in_doubt(), patron=patron, open__gt=0).order_by("pk")
    with translation.override(patron.language or "en"):
        lines = "\n".join(_line(row) for row in certain)
    sent = letters.statement(patron, lines=lines, total=sums.due, credit=sums.credit, key=f"charge_statement:{key}",
                             now=now)
    events.record("charge.statement_sent", subject=("patron", patron.pk), actor=actor, now=now)
    return sent is not None


def _line(row: Charge) -> str:
    return " · ".join([row.number, str(row.get_kind_display()), letters.shown(row.open)])
