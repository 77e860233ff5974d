"""Credit of a library that is paid back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LibraryRefund(models.Model):
    """A part of a payment that settles nothing, back to the library by transfer. One person proposes it, another
    approves it with the transfer. `amount`: in the payment's currency; `own`: what it takes of the payment in ours, 0
    until it is paid. `decided_why`: the reason it was refused or undone."""

    PROPOSED, PAID, REFUSED, UNDONE = "proposed", "paid", "refused", "undone"
    STATES = [(PROPOSED, _("To be approved")), (PAID, _("Paid back")), (REFUSED, _("Not paid back")),
              (UNDONE, _("Undone"))]

    payment = models.ForeignKey("billing.Payment", on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(_("amount"), max_digits=11, decimal_places=2)
    own = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    why = models.CharField(_("reason"), max_length=300)
    state = models.CharField(max_length=8, choices=STATES, default=PROPOSED)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+")
    day = models.DateField(_("paid on"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                   related_name="+")
    decided_why = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, own__gte=0), name="library_refund_of_some_money"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(day__isnull=False) & ~Q(reference=""),
                name="library_refund_says_when_and_by_what"),
            models.UniqueConstraint(fields=["payment"], condition=Q(state="proposed"),
                                    name="one_refund_of_a_payment_waits"),
        ]

    def __str__(self):
        return f"{self.payment_id} back {self.amount}"
