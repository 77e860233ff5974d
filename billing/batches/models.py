"""Batches with the invoices and lines they held. A line that was sent back stays in its batch as what it was."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BatchSettings(models.Model):
    """Where batches go. One row (pk 1); read with `BatchSettings.current()`."""

    office = models.CharField(_("name of the budget office"), max_length=100, default="Library Planning & Budget")
    email = models.EmailField(_("its e-mail"), blank=True)

    class Meta:
        verbose_name = _("budget office")

    def __str__(self):
        return self.office

    @classmethod
    def current(cls) -> "BatchSettings":
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Batch(models.Model):
    """Invoices of one payee. `key`: of the form that forwarded it. `period`: the month of the books it was forwarded
    in. `reference`, `paid_on`: as the budget office said. `count`s and totals are those of its live lines."""

    FORWARDED, PAID, BACK = "forwarded", "paid", "back"
    STATES = [(FORWARDED, _("Approved")), (PAID, _("Paid")), (BACK, _("Sent back"))]

    number = models.CharField(max_length=20, unique=True)
    payee = models.CharField(_("payee"), max_length=200)
    period = models.ForeignKey("billing.Period", on_delete=models.PROTECT, related_name="batches")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=9, choices=STATES, default=FORWARDED)
    forwarded = models.DateTimeField()
    forwarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    paid = models.DateTimeField(null=True, blank=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    paid_on = models.DateField(null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    version = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="paid", paid_on__isnull=False) & ~Q(reference="")
                | ~Q(state="paid") & Q(paid_on=None),
                name="paid_batch_says_when_and_by_what",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="batch_by_state"),
                   models.Index(fields=["period", "-id"], name="batch_by_period")]

    def __str__(self):
        return self.number


class BatchInvoice(models.Model):
    """An invoice as it was when it was forwarded: kind and key of its room, the payee's `number`, `ours`.
    `hands`: keys of who entered or approved it, who therefore do not mark it paid."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=20)
    payable = models.PositiveBigIntegerField()
    number = models.CharField(max_length=100, blank=True)
    ours = models.CharField(max_length=40, blank=True)
    day = models.DateField()
    due = models.DateField(null=True, blank=True)
    foreign = models.DecimalField(max_digits=13, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    approved = models.DateTimeField()
    approved_by = models.CharField(max_length=200, blank=True)
    hands = models.JSONField(default=list, blank=True)
    files = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "kind", "payable"], name="an_invoice_once_in_a_batch"),
        ]
        indexes = [models.Index(fields=["kind", "payable"], name="batches_of_an_invoice")]

    def __str__(self):
        return self.number or f"{self.kind} {self.payable}"


class BatchLine(models.Model):
    """A part of an invoice; live (forwarded or paid) in one batch at most, which the database sees to. `kind` and
    `payable` repeat its invoice's for that. `why`: the reason it was sent back. `period`: the month of the books in
    which its cost stands, which may lie in another fiscal year than the one it is forwarded in; None where the cost
    comes into the books when it is paid."""

    FORWARDED, PAID, BACK = "forwarded", "paid", "back"
    LIVE = (FORWARDED, PAID)
    STATES = [(FORWARDED, _("Approved")), (PAID, _("Paid")), (BACK, _("Sent back"))]

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(BatchInvoice, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=20)
    payable = models.PositiveBigIntegerField()
    part = models.CharField(max_length=60)
    fund = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    what = models.CharField(max_length=100, blank=True)
    number = models.CharField(max_length=60, blank=True)
    period = models.ForeignKey("billing.Period", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=STATES, default=FORWARDED)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "payable", "part"], condition=Q(state__in=["forwarded", "paid"]),
                name="a_part_lives_in_one_batch",
            ),
        ]
        indexes = [models.Index(fields=["fund", "state"], name="batch_line_fund")]

    def __str__(self):
        return f"{self.kind} {self.payable}/{self.part}"


class BatchStep(models.Model):
    """What became of a batch, newest last. `why`: as somebody typed it. `lines`, `amount`: of what the step was for."""

    WHATS = [("forwarded", _("Forwarded")), ("back", _("Sent back")), ("paid", _("Marked paid")),
             ("unpaid", _("Not paid after all"))]

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField(max_length=9, choices=WHATS)
    why = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    day = models.DateField(null=True, blank=True)
    lines = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.batch_id} {self.what}"


class Download(models.Model):
    """What was downloaded: a row for each file. `batches`: their numbers. `form`: pdf, xlsx, csv or zip."""

    batches = models.JSONField(default=list)
    form = models.CharField(max_length=4, choices=[(one, one.upper()) for one in ("pdf", "xlsx", "csv", "zip")])
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.form} {len(self.batches)}"


class RoyaltyApproval(models.Model):
    """Somebody else than who made a list of royalties approved it. `by`, `at`: None once lines of it were sent back,
    until it is approved again."""

    list = models.OneToOneField("requests_app.RoyaltyList", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(at=None, by=None) | Q(at__isnull=False, by__isnull=False),
                                   name="royalty_approval_by_somebody"),
        ]

    def __str__(self):
        return f"{self.list_id}"
