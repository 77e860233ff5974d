"""Charges of the demo's patrons: one of each that staff meet, an appeal that waits and one that was decided."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from billing.appeals import actions as appeals
from billing.appeals.actions import Decision
from billing.charges import actions, declared, payments
from billing.charges.actions import New
from billing.charges.models import Charge, ChargePolicy, ChargeTerms
from billing.charges.payments import Paid
from illdesk import actors
from illdesk.models import User
from requests_app.models import ILLRequest

HOW_TO_PAY = "At the Main desk, by card, check or cash; or wait for the bursar's bill."


def load(now: datetime) -> None:
    """Once: what is there stays."""
    if Charge.objects.filter(key__startswith="demo ").exists():
        return
    ChargePolicy.objects.get_or_create(pk=1, defaults={"how_to_pay": HOW_TO_PAY})
    ChargeTerms.objects.get_or_create(status="", defaults={"overdue_a_day": Decimal("1.00"), "grace_days": 2,
                                                           "overdue_most": Decimal("25.00"), "rush": Decimal("10.00")})
    ChargeTerms.objects.get_or_create(status="faculty", defaults={"grace_days": 14, "overdue_a_day": Decimal("0.50"),
                                                                  "overdue_most": Decimal("25.00")})
    clerk, boss = _staff("borrowing"), _staff("coordinator")
    loans = ILLRequest.objects.filter(patron__isnull=False, kind="borrowing", service="loan", charges=None).exclude(
        state__in=["borrowing.submitted", "borrowing.cancelled"]).select_related("patron__user", "partner", "citation")
    # The demo's patron has two of them; who signs in as such sees what patrons see.
    hers = list(loans.filter(patron__user__username="patron").order_by("pk")[:2])
    others = list(loans.exclude(pk__in=[ill.pk for ill in hers]).order_by("pk")[:6])
    for place, ill in enumerate([*others[:1], *hers, *others[1:]]):
        _one(place, ill, clerk, boss, now)


def _staff(username: str) -> actors.Actor:
    user = User.objects.filter(username=username).first() or User.objects.filter(is_active=True).order_by("pk").first()
    assert user is not None
    return actors.staff(user)


def _one(place: int, ill: ILLRequest, clerk: actors.Actor, boss: actors.Actor, now: datetime) -> None:
    at, patron = now - timedelta(days=40 - 4 * place), ill.patron
    assert patron is not None

    def charge(kind: str, amount: str, reason: str, **more) -> Charge:
        new = New(kind, Decimal(amount), reason, ill=ill.pk, **more)
        return actions.charge(f"demo {place} {kind}", patron.pk, new, actor=clerk, now=at)

    day = timezone.localtime(at).date()
    late = "overdue" if ill.state == "borrowing.checked_out" else "late"
    if place == 0:  # late, paid in part
        charge("overdue", "12.00", late, days=12, due=day - timedelta(days=12))
        payments.pay(f"demo {place}", patron.pk, Paid(Decimal("5.00"), "cash", day), actor=clerk, now=at)
    elif place == 1:
        charge("lost", "125.00", "lost_by_patron", fee=Decimal("25.00"), provisional=True)
    elif place == 2:  # an appeal that waits
        row = charge("overdue", "18.00", late, days=18, due=day - timedelta(days=18))
        appeals.appeal(row, "The book drop was locked all week; I returned it on the Monday it opened.",
                       key=f"demo {place}", actor=actors.patron(patron.user), now=at + timedelta(days=2))
    elif place == 3:  # denied
        row = charge("damaged", "35.00", "damaged")
        mine = appeals.appeal(row, "The cover was torn when I got it.", key=f"demo {place}",
                              actor=actors.patron(patron.user), now=at + timedelta(days=1))
        words = "The lender’s note and our receiving scan show the cover whole."
        if boss.user != clerk.user and boss.user != patron.user:
            appeals.decide(mine, Decision("denied", words), actor=boss, now=at + timedelta(days=5))
    elif place == 4:  # found after it was paid
        row = charge("lost", "110.00", "lost_by_patron", fee=Decimal("25.00"), provisional=True)
        payments.pay(f"demo {place}", patron.pk, Paid(Decimal("110.00"), "card", day, "slip 2231"), actor=clerk, now=at)
        declared.found(row, actor=clerk, now=at + timedelta(days=6))
    elif place == 5:
        row = charge("rush", "10.00", "rush")
        payments.pay(f"demo {place}", patron.pk, Paid(Decimal("20.00"), "cheque", day, "1044"), actor=clerk, now=at)
    elif place == 6:
        charge("share", "15.00", "share")
        declared.hold(ill, actor=clerk, now=at, note="Returned at the branch, says the patron.")
