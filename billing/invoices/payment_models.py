"""What came in for invoices, and which invoices it settled."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Payment(models.Model):
    """Money, vouchers, a credit note or a write-off, which takes something off invoices of a library.

    `amount`, `used`: in its currency; `own`, `used_own`: in ours, by the rate of its day. What is not used is the
    library's credit. `bank_charge`: what a bank kept of it, in our currency; its own entry. `undone`: it never was.
    """

    CHEQUE, TRANSFER, CARD, VOUCHER, CREDIT, WRITTEN_OFF = (
        "cheque", "transfer", "card", "voucher", "credit", "written_off",
    )
    KINDS = [(CHEQUE, _("Check")), (TRANSFER, _("Bank transfer")), (CARD, _("Card")), (VOUCHER, _("IFLA vouchers")),
             (CREDIT, _("Credit note")), (WRITTEN_OFF, _("Written off"))]
    BY_HAND = (CHEQUE, TRANSFER, CARD, VOUCHER)

    library = models.ForeignKey("requests_app.Library", on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(_("paid by"), max_length=11, choices=KINDS)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    day = models.DateField(_("received on"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("amount"), max_digits=11, decimal_places=2)
    own = models.DecimalField(max_digits=11, decimal_places=2)
    used = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    used_own = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    bank_charge = models.DecimalField(_("bank charge"), max_digits=9, decimal_places=2, default=0)
    credit_note = models.OneToOneField("billing.Invoice", null=True, blank=True, on_delete=models.PROTECT,
                                       related_name="as_payment")
    wholes = models.PositiveSmallIntegerField(default=0)
    halves = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)
    entry = models.OneToOneField("billing.Entry", null=True, blank=True, on_delete=models.PROTECT,
                                 related_name="library_payment")
    version = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=100, unique=True)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+")
    undone = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                  related_name="+")
    undone_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, own__gte=0), name="library_payment_of_some_money"),
            models.CheckConstraint(condition=Q(used__lte=F("amount"), used__gte=0), name="payment_used_once"),
        ]
        indexes = [models.Index(fields=["library", "day"], name="payment_of_a_library")]

    def __str__(self):
        return f"{self.kind} {self.reference}"

    @property
    def rest(self) -> Decimal:
        return Decimal("0.00") if self.undone else self.amount - self.used

    @property
    def rest_own(self) -> Decimal:
        return Decimal("0.00") if self.undone else self.own - self.used_own


class Allocation(models.Model):
    """A part of a payment that settles a part of an invoice. `amount`, `own`: of the invoice, in its currency and by
    its rate; `used`, `used_own`: of the payment. Their difference in our currency is an exchange
    difference (RULES M8)."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey("billing.Invoice", on_delete=models.PROTECT, related_name="allocations")
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    own = models.DecimalField(max_digits=11, decimal_places=2)
    used = models.DecimalField(max_digits=11, decimal_places=2)
    used_own = models.DecimalField(max_digits=11, decimal_places=2)
    exchange = models.OneToOneField("billing.Entry", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+")
    undone = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_of_some_money")]

    def __str__(self):
        return f"{self.payment_id} to {self.invoice_id}"
