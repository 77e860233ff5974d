"""The royalty of one copy: agreed by a person, owed when the copy came, released when none came.

Money is put aside at a fund when it is agreed (`illdesk.budgets`), in the same transaction. A royalty that a supplier's
price includes is never a row here. Each move is a conditional update: said twice, it is done once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import budgets, events, money, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.copyright import clearance
from requests_app.models import CopyrightTitle, CopyrightUse, ILLRequest, Royalty

LIVE = (Royalty.AGREED, Royalty.OWED, Royalty.LISTED, Royalty.PAID)
WHAT = "royalty"
_STILL_COMES, _IN_THE_MAIL = "borrowing.unfilled", "borrowing.shipped"


@dataclass(frozen=True)
class Offer:
    """What a person agrees to. `fund_amount`: in the fund's currency; None where it is the same. `over_reason`: why
    beyond the budget."""

    price: Decimal
    currency: str
    source: str
    source_on: date
    fund: str = ""
    fund_amount: Decimal | None = None
    over_reason: str = ""


def of(ill: ILLRequest) -> Royalty | None:
    return Royalty.objects.filter(number=ill.number).exclude(state=Royalty.RELEASED).first()


def funds_on(day: date) -> list[budgets.Fund]:
    answering = budgets.funds()
    return answering.on(day) if answering else []


def agree(ill: ILLRequest, offer: Offer, found: clearance.Look, *, actor: Actor, now: datetime) -> Royalty:
    """Call inside the transaction of the decision. A former one that was only agreed is released first. Raises
    BadAnswer, budgets.NotEnough, NotAllowed; then nothing was put aside."""
    _only_agreed(ill.number)
    citation, wanted = ill.citation, found.wanted
    row = _agree(offer, Royalty(
        ill=ill, number=ill.number, title=(wanted.name or citation.title)[:500], title_key=_title_key(found),
        standard_number=next((one.partition(":")[2] for one in wanted.keys), "")[:30],
        article=citation.part_title[:300], author=(citation.part_author or citation.author)[:200],
        published=citation.year[:60], pages=citation.pages[:60], year=found.day.year,
    ), actor=actor, now=now)
    sent(ill, _not_filled(ill).first())  # asked for already: it costs this now
    return row


def agree_for(use: CopyrightUse, offer: Offer, *, actor: Actor, now: datetime) -> Royalty:
    """As `agree`, of a use that left already: beyond the limit, and paid for now. Owed at once where its copy is here
    (the ledger calls it filled when the lender says that it was sent)."""
    citation = use.ill.citation if use.ill else None
    number = use.title.numbers.exclude(kind="title").order_by("pk").values_list("key", flat=True).first() or ""
    row = _agree(offer, Royalty(
        ill=use.ill, number=use.number, use=use, title=use.title.name, title_key=str(use.title_id),
        standard_number=number.partition(":")[2][:30], article=use.article,
        author=(citation.part_author or citation.author)[:200] if citation else "",
        published=use.published, pages=citation.pages[:60] if citation else "", year=use.year,
    ), actor=actor, now=now)
    if use.filled is not None and not (use.ill is not None and use.ill.state == _IN_THE_MAIL):
        row.state, row.used_on = Royalty.OWED, timezone.localtime(use.filled).date()
        row.save(update_fields=["state", "used_on"])
    return row


def _only_agreed(number: str) -> Royalty | None:
    """What was agreed before, if anything. Raises NotAllowed where it is owed already."""
    there = Royalty.objects.filter(number=number).exclude(state=Royalty.RELEASED).first()
    if there is not None and there.state != Royalty.AGREED:
        raise NotAllowed(_("The royalty of this copy is owed or paid already: it is not agreed again."))
    return there


def _agree(offer: Offer, row: Royalty, *, actor: Actor, now: datetime) -> Royalty:
    day = timezone.localtime(now).date()
    _checked(offer, day)
    there = _only_agreed(row.number)
    if there is not None:
        _release(there, "agreed_again", actor=actor, now=now)
    row.price, row.currency, row.source, row.source_on = offer.price, offer.currency, offer.source, offer.source_on
    row.agreed, row.by = now, actor.user
    if offer.fund:
        fund, amount, row.commitment = _put_aside(row.number, offer, day, actor=actor, now=now)
        row.fund, row.fund_year, row.fund_currency, row.fund_amount = fund.code, fund.year, fund.currency, amount
    if not rows.insert(row, unless_there=True):
        raise NotAllowed(_("A colleague agreed on the royalty of this copy at the same moment."))
    return row


def _title_key(found: clearance.Look) -> str:
    return str(found.title.pk) if found.title else (found.wanted.keys[0] if found.wanted.keys else found.wanted.named)


def _checked(offer: Offer, day: date) -> None:
    if offer.price is None or offer.price < 0 or offer.price > money.MOST:
        raise BadAnswer(_("Enter the price."), field="price")
    if len(offer.currency) != 3 or not offer.currency.isalpha() or not offer.currency.isupper():
        raise BadAnswer(_("Enter the currency as three letters, for example USD."), field="currency")
    if not offer.fund and funds_on(day):
        raise BadAnswer(_("Choose the fund that pays it."), field="fund")


def _put_aside(
    number: str, offer: Offer, day: date, *, actor: Actor, now: datetime
) -> tuple[budgets.Fund, Decimal, str]:
    answering = budgets.funds()
    fund = next((one for one in funds_on(day) if one.code == offer.fund), None)
    if answering is None or fund is None:
        raise BadAnswer(_("The fund %(fund)s has no budget on this day. Choose another one.") % {"fund": offer.fund},
                        field="fund")
    amount = offer.price if fund.currency == offer.currency else offer.fund_amount
    if amount is None:
        raise BadAnswer(
            _("The price is in %(currency)s and the fund in %(other)s. Enter what it comes to in %(other)s.")
            % {"currency": offer.currency, "other": fund.currency}, field="fund_amount")
    key = f"{WHAT}:{number}:{Royalty.objects.filter(number=number).count() + 1}"
    after = answering.commit(key, fund=fund.code, day=day, amount=amount, what=WHAT, about=number, actor=actor,
                             now=now, over_reason=offer.over_reason)
    return after, amount, key


def release(ill: ILLRequest, why: str, *, actor: Actor, now: datetime) -> bool:
    """It ended without a copy, or another ground was chosen: what was only agreed is not owed, and the use that has
    not been filled costs nothing any more."""
    row = Royalty.objects.filter(number=ill.number, state=Royalty.AGREED).first()
    if row is None or not _release(row, why, actor=actor, now=now):
        return False
    _not_filled(ill).update(royalty=None, currency="")
    return True


def _not_filled(ill: ILLRequest) -> QuerySet[CopyrightUse]:
    """Its use that left on this ground and has brought no copy yet."""
    return CopyrightUse.objects.filter(ill=ill, state=CopyrightUse.OUTSIDE, ground=WHAT, filled=None)


def release_unless_sent(ill: ILLRequest, why: str, *, actor: Actor, now: datetime) -> bool:
    """Another ground was chosen. While the copy may still come that was asked for on this one (`unfilled`, where a
    late one finds its way in), its money stays aside: the next sending, or the end, releases it."""
    if ill.state == _STILL_COMES and _not_filled(ill).exists():
        return False
    return release(ill, why, actor=actor, now=now)


def _release(row: Royalty, why: str, *, actor: Actor, now: datetime) -> bool:
    mine = Royalty.objects.filter(pk=row.pk, state=Royalty.AGREED)
    if not mine.update(state=Royalty.RELEASED, released=now, released_why=why[:20]):
        return False
    answering = budgets.funds()
    if row.commitment and answering is not None:
        answering.release(row.commitment, actor=actor, now=now)
    return True


def sent(ill: ILLRequest, use: CopyrightUse | None) -> None:
    """It left on this ground: the ledger's row says what it costs."""
    row = of(ill)
    if row is None or use is None:
        return
    CopyrightUse.objects.filter(pk=use.pk).update(royalty=row.price, currency=row.currency)
    if row.use_id != use.pk:  # its title may not have been known before
        Royalty.objects.filter(pk=row.pk).update(use=use, title_key=str(use.title_id))


def followed(new: Iterable[CopyrightUse]) -> None:
    """Uses are counted for another title now, in rows that took the part of their former ones."""
    for use in new:
        Royalty.objects.filter(use_id=use.instead_of_id).update(use=use, title_key=str(use.title_id))


def merged(gone: CopyrightTitle, keep: CopyrightTitle) -> None:
    """What was agreed for the title that is gone belongs to the one that stays."""
    followed(CopyrightUse.objects.filter(
        title=keep, instead_of__title=gone, instead_of__royalties__isnull=False).distinct())
    Royalty.objects.filter(title_key=str(gone.pk)).update(title_key=str(keep.pk))


def came(ill: ILLRequest, use: CopyrightUse | None, *, actor: Actor, now: datetime) -> str:
    """The copy is here: what was agreed is owed, once; a better scan of it changes nothing (C5). `use`: of the sending
    that brought it. Where that was on another ground, nothing is owed for it. The state it has now; '' as before."""
    if use is not None and use.ground != WHAT:
        return Royalty.RELEASED if release(ill, "other_ground", actor=actor, now=now) else ""
    row = Royalty.objects.filter(number=ill.number, state=Royalty.AGREED).first()
    day = timezone.localtime(now).date()
    if row is None or not Royalty.objects.filter(pk=row.pk, state=Royalty.AGREED).update(
            state=Royalty.OWED, used_on=day):
        return ""
    sent(ill, use)  # perhaps agreed anew since it was asked for
    return Royalty.OWED


def waive(row: Royalty, reason: str, *, actor: Actor, now: datetime) -> None:
    """It is owed, and not paid after all: somebody answers for it, and its money is free again. Raises BadAnswer;
    NotAllowed where it is not owed any more."""
    if not reason.strip():
        raise BadAnswer(_("Write the reason: you answer for it."), field="reason")
    with transaction.atomic():
        mine = Royalty.objects.filter(pk=row.pk, state=Royalty.OWED)
        if not mine.update(state=Royalty.RELEASED, released=now, released_why="waived", reason=reason.strip()[:300]):
            raise NotAllowed(_("The royalty of %(number)s is not owed any more, or stands in a list already. Nothing "
                               "was changed.") % {"number": row.number})
        answering = budgets.funds()
        if row.commitment and answering is not None:
            answering.release(row.commitment, actor=actor, now=now)
        if row.use_id is not None:
            CopyrightUse.objects.filter(pk=row.use_id).update(royalty=None, currency="")
        events.record("royalties.waived", subject=("royalty", row.pk), actor=actor, now=now)


def cost_of_title(title_key: str, year: int) -> list[tuple[str, Decimal]]:
    """What a title's royalties came to in a year so far, by currency."""
    found = Royalty.objects.filter(title_key=title_key, year=year, state__in=LIVE)
    return list(found.values_list("currency").annotate(total=Sum("price")).order_by("currency"))
