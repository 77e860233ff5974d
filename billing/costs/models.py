"""Amounts booked for requests; where costs go by default; what foreign money cost on a day."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Booked(models.Model):
    """An amount charged by a library to us (COST) or by us to a library (INCOME), with its entry in the books.

    `amount`: in the library's own currency, less than nothing where it came back (a refund, a credit note); what was
    agreed in foreign money stands beside it. Never changed: a wrong one gets `undone_by`, one of the opposite amount.
    `dummy`: a request made only to carry money (a lost book by IFM): its amounts count, the request in no fill rate.
    `number`: the request's number as the paper says it, for what could not be matched to a request of ours.
    """

    COST, INCOME = "cost", "income"
    SIDES = [(COST, _("Cost")), (INCOME, _("Income"))]
    WAYS = {"invoice": _("Invoice"), "ifm": _("OCLC Fee Management"), "efts": _("EFTS"), "voucher": _("IFLA vouchers")}
    WHATS = {"charge": _("Charge"), "fee": _("Fee"), "refund": _("Refund"), "lost": _("Lost item"),
             "damaged": _("Damaged item"), "credit": _("Credit note")}

    side = models.CharField(max_length=6, choices=SIDES)
    way = models.CharField(max_length=8, choices=list(WAYS.items()))
    what = models.CharField(max_length=8, choices=list(WHATS.items()))
    ill = models.ForeignKey("requests_app.ILLRequest", null=True, blank=True, on_delete=models.PROTECT,
                            related_name="booked")
    library = models.ForeignKey("requests_app.Library", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="booked")
    number = models.CharField(max_length=60, blank=True)
    day = models.DateField()
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    foreign = models.DecimalField(max_digits=13, decimal_places=2, null=True, blank=True)
    foreign_currency = models.CharField(max_length=3, blank=True)
    fund = models.ForeignKey("billing.Fund", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dummy = models.BooleanField(default=False)
    # The document it stands on, as kind and key: ("payable_line", 12), ("ifm_line", 3), ("invoice_line", 7).
    source_kind = models.CharField(max_length=20)
    source = models.PositiveBigIntegerField()
    key = models.CharField(max_length=120, unique=True)
    entry = models.OneToOneField("billing.Entry", on_delete=models.PROTECT, related_name="booked")
    undone_by = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undoes")
    made = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="booked_some_money")]
        indexes = [
            models.Index(fields=["ill", "side"], name="booked_of_a_request"),
            models.Index(fields=["library", "day"], name="booked_of_a_library"),
            models.Index(fields=["side", "day"], name="booked_by_day"),
            models.Index(fields=["source_kind", "source"], name="booked_by_source"),
        ]

    def __str__(self):
        return f"{self.side} {self.key}"


class CostPolicy(models.Model):
    """Where costs go unless a line names another fund. One row (pk 1); read with `CostPolicy.current()`."""

    borrowing_fund = models.ForeignKey("billing.Fund", null=True, blank=True, on_delete=models.PROTECT,
                                       related_name="+", verbose_name=_("fund for what libraries charge"))
    lost_fund = models.ForeignKey("billing.Fund", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
                                  verbose_name=_("fund for lost and damaged items"))

    class Meta:
        verbose_name = _("funds of costs")

    def __str__(self):
        return "costs"

    @classmethod
    def current(cls) -> "CostPolicy":
        return cls.objects.select_related("borrowing_fund", "lost_fund").filter(pk=1).first() or cls(pk=1)


class Rate(models.Model):
    """What one unit of a currency cost in the library's own, from a day on until the next one entered."""

    currency = models.CharField(_("currency"), max_length=3)
    on = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=16, decimal_places=8)
    source = models.CharField(_("source"), max_length=100, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+")

    class Meta:
        ordering = ["currency", "-on"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="one_rate_a_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_above_nothing"),
        ]

    def __str__(self):
        return f"{self.currency} {self.on}"
