"""Vouchers in stock, what they and their handling cost from a day on, and each movement."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

WHOLE, HALF = "whole", "half"
VOUCHERS = [(WHOLE, _("Whole voucher")), (HALF, _("Half voucher"))]
CURRENCY = "EUR"
# RULES M2, where nobody entered others: a whole EUR 8, a half EUR 4; buying and redeeming EUR 21 and 4 % since 2024.
FACE = {WHOLE: Decimal("8.00"), HALF: Decimal("4.00")}
FEE, FEE_PERCENT = Decimal("21.00"), Decimal("4.00")


class VoucherTerms(models.Model):
    """What vouchers and their handling are worth from a day on, in euros. Without a row: as FACE and FEE say."""

    begins = models.DateField(_("holds from"), unique=True)
    whole = models.DecimalField(_("a whole voucher, EUR"), max_digits=7, decimal_places=2, default=FACE[WHOLE])
    half = models.DecimalField(_("a half voucher, EUR"), max_digits=7, decimal_places=2, default=FACE[HALF])
    fee = models.DecimalField(_("fee for buying or redeeming, EUR"), max_digits=7, decimal_places=2, default=FEE)
    fee_percent = models.DecimalField(_("and percent of the amount"), max_digits=5, decimal_places=2,
                                      default=FEE_PERCENT)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+")

    class Meta:
        ordering = ["-begins"]

    def __str__(self):
        return str(self.begins)

    def worth(self, kind: str) -> Decimal:
        return self.whole if kind == WHOLE else self.half


class VoucherStock(models.Model):
    """All vouchers of a kind. `book`: what they stand for in the books, in our currency: the sum of both kinds is the
    account "vouchers". Changes by its version only, and never below nothing: a voucher is not spent twice."""

    kind = models.CharField(max_length=5, choices=VOUCHERS, unique=True)
    count = models.IntegerField(default=0)
    book = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(count__gte=0, book__gte=0), name="vouchers_not_below_none")]

    def __str__(self):
        return f"{self.kind} {self.count}"


class VoucherHolder(models.Model):
    """Where vouchers are, and who answers for them."""

    name = models.CharField(_("place"), max_length=100, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                               related_name="+", verbose_name=_("who holds them"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("holder of vouchers")

    def __str__(self):
        return self.name


class VoucherHolding(models.Model):
    holder = models.ForeignKey(VoucherHolder, on_delete=models.PROTECT, related_name="holdings")
    kind = models.CharField(max_length=5, choices=VOUCHERS)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "kind"], name="one_holding_a_kind"),
            models.CheckConstraint(condition=Q(count__gte=0), name="holding_not_below_none"),
        ]

    def __str__(self):
        return f"{self.holder_id} {self.kind} {self.count}"


class VoucherMovement(models.Model):
    """Vouchers of a kind that came to a holder (`quantity` above nothing) or left it. `book`: what the books moved."""

    RECEIVED, SPENT, BOUGHT, REDEEMED, CHANGE, LOST, COUNTED, MOVED, BACK = (
        "received", "spent", "bought", "redeemed", "change", "lost", "counted", "moved", "back",
    )
    WHATS = [
        (RECEIVED, _("Received for lending")), (SPENT, _("Spent for borrowing")), (BOUGHT, _("Bought")),
        (REDEEMED, _("Redeemed")), (CHANGE, _("Change received")), (LOST, _("Lost")),
        (COUNTED, _("Difference of a count")), (MOVED, _("Handed over")), (BACK, _("Given back")),
    ]

    kind = models.CharField(max_length=5, choices=VOUCHERS)
    holder = models.ForeignKey(VoucherHolder, on_delete=models.PROTECT, related_name="movements")
    what = models.CharField(max_length=8, choices=WHATS)
    quantity = models.IntegerField()
    book = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    day = models.DateField()
    library = models.ForeignKey("requests_app.Library", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+")
    ill = models.ForeignKey("requests_app.ILLRequest", null=True, blank=True, on_delete=models.PROTECT,
                            related_name="+")
    note = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=100, unique=True)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="movement_of_vouchers")]

    def __str__(self):
        return f"{self.what} {self.quantity} {self.kind}"


class VoucherChange(models.Model):
    """What a lender owes us back, because we paid with more vouchers than it asked for. `amount`: EUR; `own`: as it
    stands in the books, in the account of what we owe that library (less than nothing there). `undone`: how often what
    settled it was undone."""

    NOTED, RECEIVED, USED = "noted", "received", "used"
    STATES = [(NOTED, _("Credit noted")), (RECEIVED, _("Change received")), (USED, _("Used for another request"))]

    library = models.ForeignKey("requests_app.Library", on_delete=models.PROTECT, related_name="voucher_changes")
    ill = models.ForeignKey("requests_app.ILLRequest", null=True, blank=True, on_delete=models.PROTECT,
                            related_name="+")
    amount = models.DecimalField(max_digits=7, decimal_places=2)
    own = models.DecimalField(max_digits=9, decimal_places=2)
    state = models.CharField(max_length=8, choices=STATES, default=NOTED)
    day = models.DateField()
    settled = models.DateTimeField(null=True, blank=True)
    undone = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.library_id} {self.amount}"

    @property
    def settling(self) -> str:
        """The end of the keys of what settles it: another after each time it was undone."""
        return f"{self.pk}-{self.undone}" if self.undone else str(self.pk)


class VoucherCount(models.Model):
    """The vouchers of a holder counted by hand. A difference is explained, and booked as a movement."""

    holder = models.ForeignKey(VoucherHolder, on_delete=models.PROTECT, related_name="counts")
    kind = models.CharField(max_length=5, choices=VOUCHERS)
    day = models.DateField()
    expected = models.IntegerField()
    counted = models.IntegerField()
    why = models.CharField(max_length=300, blank=True)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["holder", "kind", "day"], name="one_count_a_day"),
            models.CheckConstraint(condition=Q(counted__gte=0), name="count_not_below_none"),
        ]

    def __str__(self):
        return f"{self.day} {self.kind} {self.counted}"

    @property
    def difference(self) -> int:
        return self.counted - self.expected
