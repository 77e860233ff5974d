"""Charges to patrons with what became of them. A charge's amounts are the sums of its moves, each with its entry in
the books; moves are never edited (the database refuses), only undone by another."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.models import Patron

_days = [MinValueValidator(0), MaxValueValidator(3650)]
_USER: dict[str, Any] = {"null": True, "blank": True, "on_delete": models.PROTECT, "related_name": "+"}
_MONEY: dict[str, Any] = {"max_digits": 11, "decimal_places": 2}


def _amount(label, default="0.00", **more):
    return models.DecimalField(label, default=Decimal(default), validators=[MinValueValidator(0)], **_MONEY, **more)


class ChargePolicy(models.Model):
    """Rules of money with patrons that hold for everybody. One row (pk 1); read with `ChargePolicy.current()`."""

    FULL, LESS_FEE, NONE = "full", "less_fee", "none"
    REFUNDS = [
        (FULL, _("All that the lender does not keep, and the processing fee")),
        (LESS_FEE, _("All that the lender does not keep, less the processing fee")),
        (NONE, _("Nothing")),
    ]

    block_above = _amount(_("patrons cannot ask above"), "50.00", help_text=_("Open charges together. 0: never."))
    waive_above = _amount(_("waivers above need a second person"), "50.00")
    refund = models.CharField(_("refund of what was paid and is found"), max_length=8, choices=REFUNDS,
                              default=LESS_FEE)
    refund_days = models.PositiveSmallIntegerField(
        _("days after payment in which it is refunded"), default=365, validators=_days,
        help_text=_("Found later, nothing is refunded. 0: however late."))
    becomes_owner = models.BooleanField(_("the patron may keep what is not refunded"), default=False)
    appeal_days = models.PositiveSmallIntegerField(_("days to appeal"), default=30, validators=_days)
    decide_days = models.PositiveSmallIntegerField(_("days to decide an appeal"), default=14, validators=_days)
    provisional_days = models.PositiveSmallIntegerField(
        _("days a charge stays provisional"), default=180, validators=_days,
        help_text=_("Libraries may bill six months back. Then somebody makes it final, or cancels it."))
    remind_days = models.PositiveSmallIntegerField(_("days to the next reminder"), default=30, validators=_days,
                                                   help_text=_("0: no reminders."))
    calendar = models.ForeignKey(
        "illdesk.Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("calendar"), help_text=_("Its closed days are not counted as overdue. Without: every day is."))
    how_to_pay = models.TextField(
        _("how to pay"), blank=True, help_text=_("As patrons read it, for example: at the Main desk, by card."))

    class Meta:
        verbose_name = _("rules of charges")

    def __str__(self):
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> "ChargePolicy":
        return cls.objects.select_related("calendar").filter(pk=1).first() or cls(pk=1)


class ChargeTerms(models.Model):
    """What things cost a patron, by status; the row without a status is for everybody else."""

    status = models.CharField(_("patron status"), max_length=15, choices=[("", _("Everybody else")), *Patron.STATUSES],
                              blank=True, unique=True)
    overdue_a_day = _amount(_("overdue, each day"))
    overdue_most = _amount(_("overdue, at most"), help_text=_("0: no limit."))
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=0, validators=_days, help_text=_("Back within them, nothing is charged."))
    free_days = models.PositiveSmallIntegerField(
        _("free days"), default=0, validators=_days, help_text=_("The first days overdue are never charged."))
    lost = _amount(_("lost item, until the lender's invoice is here"), "100.00")
    lost_fee = _amount(_("processing fee of a lost item"), "25.00")
    rush = _amount(_("rush"))

    class Meta:
        ordering = ["status"]
        verbose_name = _("prices of charges")

    def __str__(self):
        return self.status or "all"

    @classmethod
    def of(cls, status: str) -> "ChargeTerms":
        found = {row.status: row for row in cls.objects.filter(status__in=["", status])}
        return found.get(status) or found.get("") or cls()


class PatronMoney(models.Model):
    """One row a patron, held by whoever changes what he or she owes. `credit`: what we owe the patron."""

    patron = models.OneToOneField(Patron, on_delete=models.PROTECT, related_name="money")
    credit = models.DecimalField(default=Decimal(0), **_MONEY)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(credit__gte=0), name="credit_not_below_nothing")]

    def __str__(self):
        return f"patron {self.patron_id}"


class Charge(models.Model):
    """Something a patron owes. `open`: amount less paid less waived; `handed`: how much of that the local billing
    system collects. `fee`: our processing fee in the amount. `due`: the date that was missed, of an overdue charge."""

    OVERDUE, LOST, DAMAGED, RUSH, SHARE, OTHER = "overdue", "lost", "damaged", "rush", "share", "other"
    KINDS = [
        (OVERDUE, _("Overdue")), (LOST, _("Lost item")), (DAMAGED, _("Damaged item")),
        (RUSH, pgettext_lazy("a charge", "Rush")), (SHARE, _("Cost share")),
        (OTHER, pgettext_lazy("a charge", "Other")),
    ]
    PROVISIONAL, FINAL, ASKED, UNDONE = "provisional", "final", "asked", "undone"
    STATES = [
        (PROVISIONAL, _("Provisional")), (FINAL, pgettext_lazy("a charge", "Final")), (ASKED, _("Lender asked")),
        (UNDONE, pgettext_lazy("a charge", "Cancelled")),
    ]

    number = models.CharField(max_length=20, unique=True)
    patron = models.ForeignKey(Patron, on_delete=models.PROTECT, related_name="charges")
    ill = models.ForeignKey("requests_app.ILLRequest", null=True, blank=True, on_delete=models.PROTECT,
                            related_name="charges")
    kind = models.CharField(max_length=8, choices=KINDS)
    state = models.CharField(max_length=11, choices=STATES, default=FINAL)
    # A code of `charges.words.REASONS`; words about it stand in ChargeNote.
    reason = models.CharField(max_length=20)
    amount = models.DecimalField(default=Decimal(0), **_MONEY)
    fee = models.DecimalField(default=Decimal(0), **_MONEY)
    paid = models.DecimalField(default=Decimal(0), **_MONEY)
    waived = models.DecimalField(default=Decimal(0), **_MONEY)
    open = models.DecimalField(default=Decimal(0), **_MONEY)
    handed = models.DecimalField(default=Decimal(0), **_MONEY)
    day = models.DateField()
    due = models.DateField(null=True, blank=True)
    days = models.PositiveIntegerField(null=True, blank=True)
    provisional_until = models.DateField(null=True, blank=True)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    # When the patron last learned of it, by which the days to appeal are counted; when last reminded.
    told = models.DateTimeField()
    reminded = models.DateTimeField(null=True, blank=True)
    # Found after it was paid or billed: asked, what the lender gives back (None: it did not say yet).
    lender_asked = models.DateTimeField(null=True, blank=True)
    lender_refunds = models.DecimalField(null=True, blank=True, **_MONEY)
    item_back = models.DateTimeField(null=True, blank=True)  # scanned in, after it was charged as lost
    refunded = models.DateTimeField(null=True, blank=True)
    patron_owns = models.BooleanField(default=False)
    key = models.CharField(max_length=120, unique=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0, paid__gte=0, waived__gte=0, open__gte=0),
                                   name="charge_not_below_nothing"),
            models.CheckConstraint(condition=Q(handed__gte=0, handed__lte=F("open")), name="handed_is_still_open"),
            # Of each kind one that stands for a date missed, or for a request.
            models.UniqueConstraint(fields=["ill", "due"], condition=Q(kind="overdue") & ~Q(state="undone"),
                                    name="one_overdue_a_due_date"),
            models.UniqueConstraint(fields=["ill"], condition=Q(kind="lost") & ~Q(state="undone"),
                                    name="one_lost_a_request"),
        ]
        indexes = [
            models.Index(fields=["patron", "-id"], name="charge_of_a_patron"),
            models.Index(fields=["ill"], name="charge_of_a_request"),
            models.Index(fields=["made", "id"], condition=Q(open__gt=0), name="charge_open"),
            models.Index(fields=["state", "provisional_until"], condition=Q(state__in=["provisional", "asked"]),
                         name="charge_undecided"),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("charge", args=[self.number])

    @property
    def subject(self) -> tuple[str, int]:
        return ("charge", self.pk)

    @property
    def here(self) -> Decimal:
        """What is open and owed to us directly, not by way of the local billing system."""
        return self.open - self.handed

    def appeal_by(self, policy: ChargePolicy):
        """The last day on which it can be appealed."""
        from django.utils import timezone

        return timezone.localtime(self.told).date() + timedelta(days=policy.appeal_days)


class ChargePayment(models.Model):
    """Money that came in, or went back (`back`), with its receipt. `undone`: it was entered by mistake."""

    CASH, CARD, CHEQUE, LOCAL, CREDIT = "cash", "card", "cheque", "local", "credit"
    WAYS = [
        (CASH, _("Cash")), (CARD, _("Card")), (CHEQUE, _("Check")), (LOCAL, _("Local billing system")),
        (CREDIT, _("Credit")),
    ]

    number = models.CharField(max_length=20, unique=True)
    patron = models.ForeignKey(Patron, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(**_MONEY)
    back = models.BooleanField(default=False)
    way = models.CharField(max_length=6, choices=WAYS)
    reference = models.CharField(max_length=60, blank=True)
    day = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    undone = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_of_some_money")]
        indexes = [models.Index(fields=["patron", "-id"], name="payment_of_a_patron")]

    def __str__(self):
        return self.number


class ChargeMove(models.Model):
    """One thing that happened to what a patron owes: a row and its entry in the books. Append-only.

    `what`: a row of `charges.account.MOVES`, or "undone" for one that takes `undoes` back."""

    patron = models.ForeignKey(Patron, on_delete=models.PROTECT, related_name="moves")
    charge = models.ForeignKey(Charge, null=True, blank=True, on_delete=models.PROTECT, related_name="moves")
    payment = models.ForeignKey(ChargePayment, null=True, blank=True, on_delete=models.PROTECT, related_name="moves")
    what = models.CharField(max_length=12)
    amount = models.DecimalField(**_MONEY)
    entry = models.OneToOneField("billing.Entry", on_delete=models.PROTECT, related_name="charge_move")
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    reason = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="move_of_some_money")]
        indexes = [
            models.Index(fields=["patron", "id"], name="move_of_a_patron"),
            models.Index(fields=["charge", "id"], name="move_of_a_charge"),
        ]

    def __str__(self):
        return self.key


class ChargeNote(models.Model):
    """Words about a charge, apart from it, so that they can go when the patron's name goes."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="notes")
    what = models.CharField(max_length=12)
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)

    def __str__(self):
        return f"{self.charge_id}: {self.what}"


class Waiver(models.Model):
    """A waiver above the limit: one proposes it, another decides."""

    PROPOSED, DONE, REFUSED = "proposed", "done", "refused"
    STATES = [(PROPOSED, _("Proposed")), (DONE, _("Waived")), (REFUSED, _("Refused"))]

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="waivers")
    amount = models.DecimalField(**_MONEY)
    reason = models.CharField(max_length=20)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=STATES, default=PROPOSED)
    proposed = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["charge"], condition=Q(state="proposed"),
                                               name="one_waiver_proposed_at_a_time")]
        indexes = [models.Index(fields=["proposed"], condition=Q(state="proposed"), name="waiver_waiting")]

    def __str__(self):
        return f"{self.charge_id}: {self.amount}"


class ChargeHold(models.Model):
    """While the patron says it was returned and the shelves are searched, no clock runs for charges of the request."""

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.PROTECT, related_name="charge_holds")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ill"], condition=Q(until=None), name="one_hold_at_a_time"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="hold_in_order"),
        ]

    def __str__(self):
        return f"{self.ill_id}: {self.since}"
