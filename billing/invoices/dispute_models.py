"""What follows when an invoice is not paid: reminders, and disputes from the other side."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class InvoiceReminder(models.Model):
    """Each level once, whatever crashes: the row stands or falls with its letter."""

    invoice = models.ForeignKey("billing.Invoice", on_delete=models.PROTECT, related_name="reminders")
    level = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    day = models.DateField()
    letter = models.ForeignKey("illdesk.OutboxMessage", null=True, blank=True, on_delete=models.SET_NULL,
                               related_name="+")

    class Meta:
        ordering = ["level"]
        constraints = [models.UniqueConstraint(fields=["invoice", "level"], name="one_reminder_a_level")]

    def __str__(self):
        return f"{self.invoice_id} {self.level}"


class InvoiceDispute(models.Model):
    """A library says that an invoice, or lines of it, are wrong. `settle_by`: RULES M5, six months after it was asked.
    While it is open nobody is reminded."""

    REASONS = [
        ("not_ours", _("Not their request")), ("not_received", _("They never got it")),
        ("agreed", _("Another price was agreed")), ("twice", _("Billed twice")), ("returned", _("Returned or found")),
        ("quality", _("Bad copy")), ("other", _("Another reason")),
    ]
    OPEN, UPHELD, REJECTED = "open", "upheld", "rejected"
    STATES = [(OPEN, _("Open")), (UPHELD, _("Upheld: credited")), (REJECTED, _("Rejected: owed as before"))]

    invoice = models.ForeignKey("billing.Invoice", on_delete=models.PROTECT, related_name="disputes")
    lines = models.ManyToManyField("billing.InvoiceLine", related_name="disputes", blank=True)
    reason = models.CharField(_("reason"), max_length=12, choices=REASONS, default="other")
    asked_on = models.DateField(_("asked on"))
    settle_by = models.DateField()
    state = models.CharField(max_length=8, choices=STATES, default=OPEN)
    outcome = models.TextField(blank=True)
    credit_note = models.OneToOneField("billing.Invoice", null=True, blank=True, on_delete=models.SET_NULL,
                                       related_name="answers")
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                   related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["invoice"], condition=Q(state="open"), name="one_open_dispute_an_invoice"),
        ]

    def __str__(self):
        return f"{self.invoice_id} {self.state}"


class DisputeNote(models.Model):
    """The thread of a dispute. `theirs`: what they wrote, entered by somebody of ours."""

    dispute = models.ForeignKey(InvoiceDispute, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    theirs = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.dispute_id} {self.pk}"
