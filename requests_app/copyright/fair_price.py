"""17 USC 108(e) (C13): before a whole work is copied, it is looked for at a fair price; what was found is kept."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.copyright.decision import Decision
from requests_app.models import FairPriceSearch, ILLRequest

_DOUBTS = {"whole", "many_pages", "whole_abroad", "many_pages_abroad"}
# These stand on something else than section 108: nothing needs to be looked for.
_NOT_BY_108 = {"public_domain", "federal", "open_licence", "licence", "permission", "royalty"}


def is_needed(decision: Decision, ground: str) -> bool:
    return bool(_DOUBTS & {line.code for line in decision.doubts}) and ground not in _NOT_BY_108


def of(ill: ILLRequest) -> list[FairPriceSearch]:
    return list(FairPriceSearch.objects.filter(ill=ill).select_related("by").order_by("pk"))


def refuse_without(ill: ILLRequest, decision: Decision, ground: str) -> None:
    """Raises NotAllowed where a search is needed and none is kept, or the newest found it at a fair price."""
    if not is_needed(decision, ground):
        return
    newest = FairPriceSearch.objects.filter(ill=ill).order_by("-pk").first()
    if newest is None and any(line.code.endswith("_abroad") for line in decision.doubts):
        raise BadAnswer(
            _("The whole work, or more than a reasonable part of it, is asked for: first it is looked for at a fair "
              "price. Enter where you looked, then decide."), field="text")
    if newest is None:
        raise BadAnswer(
            _("The whole work, or a substantial part of it, is asked for: first it is looked for at a fair price "
              "(17 USC 108(e)). Enter where you looked, then decide."), field="text")
    if newest.result == FairPriceSearch.FOUND:
        raise BadAnswer(
            _("It was found at a fair price (%(where)s): buy it, or choose a ground that is not section 108.")
            % {"where": newest.where}, field="ground")


def record(
    ill: ILLRequest, *, where: str, looked_on: date, result: str, price: Decimal | None, currency: str,
    in_print: str, actor: Actor, now: datetime, today: date,
) -> FairPriceSearch:
    if not where.strip():
        raise BadAnswer(_("Enter where you looked."), field="where")
    if looked_on > today:
        raise BadAnswer(_("This day lies in the future."), field="looked_on")
    if not ill.is_open:
        raise NotAllowed(_("This request has ended: nothing is decided on it any more."))
    with transaction.atomic():
        row = FairPriceSearch.objects.create(
            ill=ill, where=where.strip()[:200], looked_on=looked_on, result=result, price=price,
            currency=currency if price is not None else "", in_print=in_print, made=now, by=actor.user,
        )
        events.record("copyright.looked", subject=ill.subject, actor=actor, now=now,
                      data={"search": row.pk, "result": result})
    return row
