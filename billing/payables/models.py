"""Invoices from libraries with their lines; files they were read from; how a library's files are laid out."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing import fiscal
from billing.costs.models import Booked
from billing.payables import lifecycle

_USER = settings.AUTH_USER_MODEL
# RULES M5: bills are paid or questioned within six months.
CLOCK_MONTHS = 6


class PayableFile(models.Model):
    """A table of lines on its way in: looked at, then entered or thrown away. The file itself is an Attachment of it.

    `layout`: field -> column and what else was chosen to read it (`actions.files`); `counted`: what one pass through
    it found. `problems`: [line, code, value, is the row left out?].
    """

    LOOKED, READING, ENTERED, DISCARDED = "looked", "reading", "entered", "discarded"
    STATES = [(LOOKED, _("not entered yet")), (READING, _("being read")), (ENTERED, _("entered")),
              (DISCARDED, _("thrown away"))]

    library = models.ForeignKey("requests_app.Library", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="+", verbose_name=_("library"))
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=STATES, default=LOOKED)
    made = models.DateTimeField()
    by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    layout = models.JSONField(default=dict)
    given = models.JSONField(default=dict)  # number, dates, currency, total as typed with the file
    counted = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    job = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["sha256"], name="payable_file_same")]
        constraints = [
            # The same file is entered once; who really wants it twice says so, and it gets another mark (actions).
            models.UniqueConstraint(fields=["sha256"], condition=Q(state__in=["reading", "entered"]),
                                    name="payable_file_entered_once"),
        ]

    def __str__(self):
        return f"{self.file_name} {self.state}"


class PayableLayout(models.Model):
    """How the columns of a library's files were mapped the last time: {"mapping": …, "order": …}. By the library and
    the head of the file (`columns.signature`); without a library, for everybody's."""

    library = models.ForeignKey("requests_app.Library", null=True, blank=True, on_delete=models.CASCADE,
                                related_name="+")
    signature = models.CharField(max_length=32)
    chosen = models.JSONField(default=dict)
    used = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["library", "signature"], name="one_layout_of_a_library")]

    def __str__(self):
        return f"{self.library_id} {self.signature}"


class PayableInvoice(models.Model):
    """An invoice of a library, or the part of one that the budget office sent back (`part_of`).

    `total`: as the paper says it, in its own `currency`; the lines must come to it. `number_key`: the number without
    what people retype wrongly; `lines_key`: the same for invoices with the same lines. `twin_answer`: why it is none
    of those it looks like. `paper`: the Attachment of the invoice as it came. `paper_passed`: since when the budget
    office may have it, since somebody looked at it: no titles, no patrons' names. `version`: counted up by every
    change.
    """

    HOWS = [("keyed", _("keyed in")), ("file", _("read from a file")), ("mail", _("came by e-mail"))]

    library = models.ForeignKey("requests_app.Library", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="payable_invoices", verbose_name=_("library"))
    number = models.CharField(_("invoice number"), max_length=60, blank=True)
    number_key = models.CharField(max_length=60, blank=True)
    lines_key = models.CharField(max_length=64, blank=True)
    dated = models.DateField(_("date of the invoice"), null=True, blank=True)
    due = models.DateField(_("due on"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    total = models.DecimalField(_("total"), max_digits=11, decimal_places=2, null=True, blank=True)
    how = models.CharField(max_length=5, choices=HOWS)
    state = models.CharField(max_length=8)
    version = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=120, unique=True)  # of the form, the file or the mail: sent twice, it is one
    entered = models.DateTimeField()
    entered_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    file = models.ForeignKey(PayableFile, null=True, blank=True, on_delete=models.PROTECT, related_name="invoices")
    paper = models.ForeignKey("illdesk.Attachment", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    paper_passed = models.DateTimeField(null=True, blank=True)
    paper_passed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    twin_answer = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=300, blank=True)  # returned, refused or sent back because
    mail_from = models.CharField(max_length=320, blank=True)
    mail_subject = models.CharField(max_length=300, blank=True)
    note = models.TextField(_("note for colleagues"), blank=True)

    class Meta:
        constraints = [models.CheckConstraint(
            condition=Q(state__in=["reading", "received", "rejected"]) | (
                Q(library__isnull=False, dated__isnull=False, total__isnull=False) & ~Q(number="") & ~Q(currency="")),
            name="payable_invoice_complete")]
        indexes = [
            models.Index(fields=["state", "dated", "id"], name="payable_queue"),
            models.Index(fields=["library", "number_key"], name="payable_number"),
            models.Index(fields=["library", "dated"], name="payable_of_a_library"),
            models.Index(fields=["lines_key"], name="payable_lines", condition=~Q(lines_key="")),
        ]

    def __str__(self):
        return self.number

    @property
    def subject(self) -> tuple[str, int]:
        return ("payable", self.pk)

    @property
    def state_row(self) -> lifecycle.State:
        return lifecycle.STATES[self.state]

    @property
    def clock(self) -> date | None:
        """The last day on which it is paid or questioned in time (M5)."""
        return None if self.dated is None else clock_of(self.dated)


def clock_of(dated: date) -> date:
    """The same day six months later, or the last of that month."""
    first = fiscal.months_on(dated, CLOCK_MONTHS)
    last = (fiscal.months_on(first, 1) - first).days
    return first.replace(day=min(dated.day, last))


class PayableLine(models.Model):
    """A line of an invoice, in its currency. What was written stays; what was found stands beside it.

    `agreed`: what we agreed on for the request, in the invoice's currency. `result`: a code of `results`;
    `found`: candidates, where it was billed before, the event of a cancellation. `answer`: what a person said of a
    result that needs one. `owed`: what of it is approved: the amount, less what is disputed. `round`: counted up each
    time it is booked anew.
    """

    ACCEPTED, GENERAL, DISPUTED = "accepted", "general", "disputed"
    ANSWERS = [(ACCEPTED, _("Accepted")), (GENERAL, _("Without a request")), (DISPUTED, _("Disputed"))]
    # How a dispute stands: not told yet, told, ended.
    TO_TELL, TOLD, ENDED = "to_tell", "told", "ended"
    DISPUTES = [(TO_TELL, _("letter not sent")), (TOLD, _("waits for their answer")), (ENDED, _("settled"))]

    invoice = models.ForeignKey(PayableInvoice, on_delete=models.PROTECT, related_name="lines")
    place = models.PositiveIntegerField()
    number = models.CharField(_("request"), max_length=60, blank=True)
    theirs = models.CharField(_("their number"), max_length=60, blank=True)
    external = models.CharField(_("OCLC number"), max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    dated = models.DateField(_("date"), null=True, blank=True)
    what = models.CharField(_("what"), max_length=8, choices=list(Booked.WHATS.items()), default="charge")
    amount = models.DecimalField(_("amount"), max_digits=11, decimal_places=2)
    ill = models.ForeignKey("requests_app.ILLRequest", null=True, blank=True, on_delete=models.PROTECT,
                            related_name="payable_lines")
    agreed = models.DecimalField(max_digits=11, decimal_places=2, null=True, blank=True)
    result = models.CharField(max_length=12)
    found = models.JSONField(default=dict)
    chosen = models.BooleanField(default=False)  # a person said which request it is
    answer = models.CharField(max_length=8, choices=ANSWERS, blank=True)
    why = models.CharField(max_length=300, blank=True)
    answered = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    owed = models.DecimalField(max_digits=11, decimal_places=2, null=True, blank=True)
    fund = models.ForeignKey("billing.Fund", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
                             verbose_name=_("fund"))
    dispute = models.CharField(max_length=7, choices=DISPUTES, blank=True)
    disputed = models.DecimalField(max_digits=11, decimal_places=2, null=True, blank=True)
    credited = models.DecimalField(max_digits=11, decimal_places=2, null=True, blank=True)
    booked = models.ForeignKey("billing.Booked", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=0)
    paid = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="payable_line_of_some_money")]
        indexes = [
            models.Index(fields=["invoice", "place", "id"], name="payable_line_order"),
            models.Index(fields=["ill", "invoice"], name="payable_line_of_a_request"),
            models.Index(fields=["dispute", "id"], name="payable_line_disputes", condition=~Q(dispute="")),
        ]

    def __str__(self):
        return f"{self.invoice_id}/{self.place}"

    @property
    def needs_answer(self) -> bool:
        from billing.payables import results

        return not self.answer and self.result not in results.FINE


class PayablePolicy(models.Model):
    """How exact an invoice must be. One row (pk 1); read with `PayablePolicy.current()`."""

    tolerance = models.DecimalField(
        _("difference that nobody has to accept"), max_digits=7, decimal_places=2, default=0,
        help_text=_("More or less than agreed by this much still agrees."))

    class Meta:
        verbose_name = _("rules for invoices from libraries")
        constraints = [models.CheckConstraint(condition=Q(tolerance__gte=0), name="tolerance_of_some_money")]

    def __str__(self):
        return "payables"

    @classmethod
    def current(cls) -> "PayablePolicy":
        return cls.objects.filter(pk=1).first() or cls(pk=1)
