"""Payment lists: what is owed and in no other list, marked as paid with what it really was.

`COLUMNS`: as the Copyright Clearance Center takes them from libraries that report by file; the help page says what
stands in each. No patron's name.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import budgets, dates, events, money
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.copyright.per_request import pages_of
from requests_app.models import Royalty, RoyaltyList

COLUMNS = (
    gettext_lazy("Standard number"), gettext_lazy("Title"), gettext_lazy("Publication year"), gettext_lazy("Article"),
    gettext_lazy("Author"), gettext_lazy("Pages"), gettext_lazy("Number of pages"), gettext_lazy("Number of copies"),
    gettext_lazy("Royalty"), gettext_lazy("Currency"), gettext_lazy("Our number"), gettext_lazy("Date of use"),
)
_COPIES = 1  # of one text never more (17 USC 108(g)(1))


def cells(row: Royalty) -> tuple:
    return (
        row.standard_number, row.title, row.published, row.article, row.author, row.pages, pages_of(row.pages) or "",
        _COPIES, row.price, row.currency, row.number, row.used_on,
    )


def lines(row: RoyaltyList):
    return Royalty.objects.filter(list=row).order_by("used_on", "pk")


def all_cells(row: RoyaltyList) -> Iterator[tuple]:
    for line in lines(row).iterator():
        yield cells(line)


def totals() -> dict[str, list[tuple[str, int, Decimal]]]:
    """State → (currency, how many, together). One query."""
    found: dict[str, list[tuple[str, int, Decimal]]] = {}
    rows = Royalty.objects.values_list("state", "currency").annotate(count=Count("pk"), sum=Sum("price"))
    for state, currency, count, total in rows.order_by("state", "currency"):
        found.setdefault(state, []).append((currency, count, total))
    return found


def totals_of(row: RoyaltyList) -> list[tuple[str, int, Decimal, Decimal]]:
    """(currency, how many, together, paid of it)"""
    rows = lines(row).order_by("currency").values_list("currency")
    return [(currency, count, total, paid or Decimal(0)) for currency, count, total, paid in
            rows.annotate(count=Count("pk"), sum=Sum("price"), done=Sum("paid"))]


def listed(state: str, *, before: int = 0, most: int = 50) -> list[Royalty]:
    found = Royalty.objects.filter(state=state).select_related("list").order_by("-pk")
    return list((found.filter(pk__lt=before) if before else found)[:most])


def lists(most: int = 20) -> list[RoyaltyList]:
    open_lines = Count("lines", filter=Q(lines__state=Royalty.LISTED))
    return list(RoyaltyList.objects.annotate(count=Count("lines"), unpaid=open_lines).order_by("-pk")[:most])


def make(first: date, last: date, *, key: str, actor: Actor, now: datetime) -> RoyaltyList:
    """A new list of what became owed on these days and stands in no other. Once per `key`."""
    if last < first:
        raise BadAnswer(_("The last day lies before the first."), field="last")
    if (done := _made_with(key)) is not None:
        return done
    year = timezone.localtime(now).year
    for _attempt in range(20):
        try:
            with transaction.atomic():
                return _make(first, last, year, key=key, actor=actor, now=now)
        except IntegrityError:  # the number, or the same form sent twice
            if (done := _made_with(key)) is not None:
                return done
    raise NotAllowed(_("Others make lists at this moment. Nothing was made; try again."))


def _made_with(key: str) -> RoyaltyList | None:
    done = RoyaltyList.objects.filter(key=key).first()
    if done is not None and done.apart is not None:
        raise NotAllowed(_("%(list)s was made with this form, and taken apart since. Open the page anew for another.")
                         % {"list": done.number})
    return done


def _make(first: date, last: date, year: int, *, key: str, actor: Actor, now: datetime) -> RoyaltyList:
    newest = RoyaltyList.objects.filter(number__startswith=f"R-{year}-").order_by("-pk").first()
    place = int(newest.number.rpartition("-")[2]) + 1 if newest else 1
    row = RoyaltyList.objects.create(
        number=f"R-{year}-{place:03d}", first=first, last=last, made=now, by=actor.user, key=key)
    owed = Royalty.objects.filter(state=Royalty.OWED, used_on__gte=first, used_on__lte=last)
    count = owed.update(state=Royalty.LISTED, list=row)
    if not count:
        raise NotAllowed(_("Nothing was owed from %(first)s to %(last)s that stands in no list yet. No list was made.")
                         % {"first": first.isoformat(), "last": last.isoformat()})
    events.record("royalties.listed", subject=("royalty_list", row.pk), actor=actor, now=now, data={"lines": count})
    return row


def take_apart(row: RoyaltyList, *, actor: Actor, now: datetime) -> None:
    """A list that was made by mistake: what stood in it is owed again. Not once something of it is paid. Its row
    stays, so that nobody's copy of it has the number of another list."""
    with transaction.atomic():
        # A statement that somebody loads at this moment finds another version.
        mine = RoyaltyList.objects.filter(pk=row.pk, apart=None)
        if not mine.update(apart=now, version=F("version") + 1):
            raise NotAllowed(_("%(list)s is taken apart already.") % {"list": row.number})
        if lines(row).exclude(state=Royalty.LISTED).exists():
            raise NotAllowed(_("Something of %(list)s is paid already: it stays.") % {"list": row.number})
        lines(row).update(state=Royalty.OWED, list=None)
        events.record("royalties.unlisted", subject=("royalty_list", row.pk), actor=actor, now=now)
        if Royalty.objects.filter(list=row).exists():
            raise NotAllowed(_("Somebody paid a line of it at this moment. Nothing was changed."))
        row.statement.all().delete()


# --- paying --------------------------------------------------------------------------------------------------


def refuse_day(row: RoyaltyList, paid_on: date, *, now: datetime) -> None:
    """Raises BadAnswer for a day to come, and for one before anything of the list was used."""
    if paid_on > timezone.localtime(now).date():
        raise BadAnswer(_("This day lies in the future."), field="paid_on")
    first = lines(row).values_list("used_on", flat=True).first()
    if first is not None and paid_on < first:
        raise BadAnswer(_("This day lies before the first use of the list, on %(day)s.") % {
            "day": dates.in_words(first)}, field="paid_on")


def pay(
    row: RoyaltyList, amounts: dict[int, Decimal], *, paid_on: date, reference: str, actor: Actor, now: datetime
) -> int:
    """Lines of the list (key → what was really paid) are paid now; how many were not before."""
    refuse_day(row, paid_on, now=now)
    done = 0
    with transaction.atomic():
        for line in lines(row).filter(pk__in=amounts, state=Royalty.LISTED):
            done += pay_line(line, amounts[line.pk], paid_on=paid_on, reference=reference, actor=actor, now=now)
        if done:
            RoyaltyList.objects.filter(pk=row.pk).update(paid_on=paid_on, reference=reference[:100])
            events.record("royalties.paid", subject=("royalty_list", row.pk), actor=actor, now=now,
                          data={"lines": done, "paid_on": paid_on.isoformat()})
    return done


def pay_line(
    line: Royalty, amount: Decimal, *, paid_on: date, reference: str, actor: Actor, now: datetime
) -> bool:
    """One line, or what was paid for it put right. Call inside a transaction."""
    if amount < 0 or amount > money.MOST:
        raise BadAnswer(_("Enter an amount of money for %(number)s.") % {"number": line.number})
    if line.state == Royalty.PAID and line.paid == amount:
        return False
    mine = Royalty.objects.filter(pk=line.pk, state=line.state, paid=line.paid)
    if line.state not in (Royalty.LISTED, Royalty.PAID) or not mine.update(
        state=Royalty.PAID, paid=amount, paid_on=paid_on, reference=reference[:100]
    ):
        return False
    answering = budgets.funds()
    if line.commitment and answering is not None:
        answering.spend(line.commitment, _at_fund(line, amount), actor=actor, now=now)
    return True


def unpay(row: RoyaltyList, keys: Iterable[int], *, actor: Actor, now: datetime) -> int:
    """Marked paid by mistake: these lines are owed in the list again, and their money is put aside again. How many."""
    done, answering = 0, budgets.funds()
    with transaction.atomic():
        for line in lines(row).filter(pk__in=list(keys), state=Royalty.PAID):
            mine = Royalty.objects.filter(pk=line.pk, state=Royalty.PAID, paid=line.paid)
            if not mine.update(state=Royalty.LISTED, paid=None, paid_on=None, reference=""):
                continue
            done += 1
            if line.commitment and answering is not None:
                answering.unspend(line.commitment, actor=actor, now=now)
        if done:
            if not lines(row).filter(state=Royalty.PAID).exists():
                RoyaltyList.objects.filter(pk=row.pk).update(paid_on=None, reference="")
            events.record("royalties.unpaid", subject=("royalty_list", row.pk), actor=actor, now=now,
                          data={"lines": done})
    return done


def _at_fund(line: Royalty, amount: Decimal) -> Decimal:
    """In the fund's currency: by the rate at which the price was entered."""
    if line.fund_currency == line.currency or line.fund_amount is None or not line.price:
        return amount
    return (line.fund_amount * amount / line.price).quantize(money.CENT)
