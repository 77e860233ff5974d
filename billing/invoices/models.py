"""Runs, invoices and credit notes with their lines, and the rules by which they are made."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_days = [MinValueValidator(1), MaxValueValidator(730)]


class InvoicePolicy(models.Model):
    """The library's rules of invoices. One row (pk 1); read with `InvoicePolicy.current()`."""

    due_days = models.PositiveSmallIntegerField(_("days to pay"), default=30, validators=_days)
    first_reminder = models.PositiveSmallIntegerField(_("first reminder, days after it was due"), default=7,
                                                      validators=_days)
    second_reminder = models.PositiveSmallIntegerField(_("second reminder, days after it was due"), default=30,
                                                       validators=_days)
    third_reminder = models.PositiveSmallIntegerField(_("third reminder, days after it was due"), default=60,
                                                      validators=_days)
    small_amount = models.DecimalField(_("what is left can be written off up to"), max_digits=9, decimal_places=2,
                                       default=Decimal("5.00"), validators=[MinValueValidator(0)])
    lost_after = models.PositiveSmallIntegerField(
        _("days overdue until a lost bill"), default=60, validators=_days,
        help_text=_("Then an item that we lent can be billed as lost, though nobody says that it is."))
    lost_amount = models.DecimalField(_("price of a lost item, where none is known"), max_digits=9, decimal_places=2,
                                      default=Decimal("100.00"), validators=[MinValueValidator(0)])
    # RULES M5: bills are paid or questioned within six months, and questions settled within six more.
    question_days = models.PositiveSmallIntegerField(_("days in which a bill is paid or questioned"), default=183,
                                                     validators=_days)
    settle_days = models.PositiveSmallIntegerField(_("days in which a question is settled"), default=183,
                                                   validators=_days)
    how_to_pay = models.TextField(
        _("how to pay"), blank=True, help_text=_("It stands on each invoice: to whom checks are made out, the account, "
                                                 "whether IFLA vouchers are taken."))
    account = models.CharField(_("number of our account (IBAN)"), max_length=60, blank=True)
    tax_number = models.CharField(_("our tax number"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("rules of invoices")

    def __str__(self):
        return "invoices"

    @classmethod
    def current(cls) -> "InvoicePolicy":
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def reminders(self) -> dict[int, int]:
        """Level to days after the invoice was due."""
        return {1: self.first_reminder, 2: self.second_reminder, 3: self.third_reminder}


class InvoiceRun(models.Model):
    """What became billable from `begins` to `ends`, both included. One run a period; made again it takes what came."""

    begins = models.DateField(_("from"))
    ends = models.DateField(_("to"))
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-begins", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["begins", "ends"], name="one_run_a_period"),
            models.CheckConstraint(condition=Q(ends__gte=models.F("begins")), name="run_ends_after_it_begins"),
        ]

    def __str__(self):
        return f"{self.begins} – {self.ends}"


class Invoice(models.Model):
    """To one library in one currency. An invoice, or a credit note (`kind`) of one (`of`), whose amounts are negative.

    `number`: empty until it is approved. `total`, `own`: in its currency and in ours, by the rate of its day;
    `settled`, `settled_own`: how much of it payments, credit notes and write-offs took. `version` counts each
    change.
    """

    INVOICE, CREDIT = "invoice", "credit"
    KINDS = [(INVOICE, _("Invoice")), (CREDIT, _("Credit note"))]
    DRAFT, APPROVED, SENT, DISCARDED = "draft", "approved", "sent", "discarded"
    STATES = [(DRAFT, _("Draft")), (APPROVED, _("Approved, not sent yet")), (SENT, _("Sent")),
              (DISCARDED, _("Discarded"))]
    COUNTS = (APPROVED, SENT)
    HOWS = [("mail", _("by e-mail")), ("paper", _("on paper"))]

    kind = models.CharField(max_length=7, choices=KINDS, default=INVOICE)
    run = models.ForeignKey(InvoiceRun, null=True, blank=True, on_delete=models.PROTECT, related_name="invoices")
    of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_notes")
    library = models.ForeignKey("requests_app.Library", on_delete=models.PROTECT, related_name="invoices")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=9, choices=STATES, default=DRAFT)
    number = models.CharField(max_length=20, null=True, blank=True, unique=True)
    day = models.DateField(null=True, blank=True)
    due = models.DateField(null=True, blank=True)
    total = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    own = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    settled = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    settled_own = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                    related_name="+")
    sent = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=5, choices=HOWS, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"], number=None) | Q(
                    state__in=["approved", "sent"], number__isnull=False, day__isnull=False, approved__isnull=False),
                name="invoice_numbered_when_approved"),
            models.UniqueConstraint(fields=["run", "library", "currency"], condition=Q(state="draft"),
                                    name="one_draft_a_library"),
        ]
        indexes = [
            models.Index(fields=["state", "library"], name="invoice_state"),
            models.Index(fields=["library", "day"], name="invoice_of_a_library"),
            models.Index(fields=["due"], name="invoice_due", condition=Q(state="sent")),
        ]

    def __str__(self):
        return self.number or f"draft {self.pk}"

    @property
    def open(self) -> Decimal:
        """In its currency; a credit note owes nothing, its money stands in a Payment."""
        return self.total - self.settled if self.kind == self.INVOICE and self.state in self.COUNTS else Decimal("0.00")

    @property
    def open_own(self) -> Decimal:
        counts = self.kind == self.INVOICE and self.state in self.COUNTS
        return self.own - self.settled_own if counts else Decimal("0.00")

    def overdue(self, day: date) -> int:
        """Days since it was due, 0 while it is not or nothing is open."""
        return max(0, (day - self.due).days) if self.due and self.open > 0 else 0


class InvoiceLine(models.Model):
    """A request, or something entered by hand, on an invoice; or a request that stands on none (`FREE`: nothing is
    owed, `ELSEWHERE`: charged by IFM, EFTS or vouchers), kept so that it is looked at once.

    `live`: False where its draft was discarded; then the request can be billed again. `words`: how the amount came
    about, as [[words, "15.00"], …]. `proposed`: by the agreement; `amount`: as it is billed. Of a credit note: `of` is
    the line it takes back, and the amount is less than nothing.
    """

    CHARGE, LOST, DAMAGED, OTHER = "charge", "lost", "damaged", "other"
    KINDS = [(CHARGE, _("Request")), (LOST, _("Lost item")), (DAMAGED, _("Damaged item")), (OTHER, _("Other"))]
    OPEN, VERIFIED, LEFT_OUT, FREE, ELSEWHERE = "open", "verified", "left_out", "free", "elsewhere"
    STATES = [(OPEN, _("To verify")), (VERIFIED, _("Verified")), (LEFT_OUT, _("Left out")),
              (FREE, _("Nothing is charged")), (ELSEWHERE, _("Charged another way"))]

    invoice = models.ForeignKey(Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    run = models.ForeignKey(InvoiceRun, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    library = models.ForeignKey("requests_app.Library", on_delete=models.PROTECT, related_name="invoice_lines")
    kind = models.CharField(max_length=7, choices=KINDS, default=CHARGE)
    ill = models.ForeignKey("requests_app.ILLRequest", null=True, blank=True, on_delete=models.PROTECT,
                            related_name="invoice_lines")
    of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="taken_back")
    state = models.CharField(max_length=9, choices=STATES, default=OPEN)
    live = models.BooleanField(default=True)
    day = models.DateField()
    service = models.CharField(max_length=8, blank=True)
    title = models.CharField(max_length=200, blank=True)
    words = models.JSONField(default=list)
    agreement = models.ForeignKey("billing.AgreementVersion", null=True, blank=True, on_delete=models.PROTECT,
                                  related_name="+")
    pay_way = models.CharField(max_length=8, blank=True)
    rush = models.BooleanField(default=False)
    proposed = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    amount = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    why = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+")
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                    related_name="+")
    booked = models.OneToOneField("billing.Booked", null=True, blank=True, on_delete=models.PROTECT,
                                  related_name="invoice_line")
    key = models.CharField(max_length=80, null=True, blank=True, unique=True)  # a form sent twice

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            # RULES: a request is billed once, its loss once, whatever runs and people do.
            models.UniqueConstraint(fields=["ill", "kind"], condition=Q(live=True, of=None, ill__isnull=False)
                                    & Q(kind__in=["charge", "lost", "damaged"]), name="billed_once"),
        ]
        indexes = [models.Index(fields=["library", "service", "day"], name="line_of_a_library")]

    def __str__(self):
        return f"{self.kind} {self.pk}"
