"""Reports of a network as they were read, their lines, how columns were mapped, and what its invoice says."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.ifm import BACK, COSTS, KINDS, RESULTS, SYSTEMS


class NetworkPolicy(models.Model):
    """What the network takes, and whom to ask. One row (pk 1); read with `NetworkPolicy.current()`."""

    fee = models.DecimalField(_("fee for each filled request"), max_digits=6, decimal_places=2, default=Decimal("0.26"))
    fee_currency = models.CharField(_("currency"), max_length=3, default="USD")
    ask_email = models.EmailField(_("e-mail of OCLC for questions"), blank=True)

    class Meta:
        verbose_name = _("rules of fee management")

    def __str__(self):
        return "network"

    @classmethod
    def current(cls) -> "NetworkPolicy":
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Layout(models.Model):
    """How columns of a report are read, mapped once. `signature`: of the names of its columns, in their order;
    `columns`: our field to the name of the column."""

    system = models.CharField(max_length=4, choices=list(SYSTEMS.items()))
    signature = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "signature"], name="one_layout_a_signature")]

    def __str__(self):
        return self.signature[:12]


class Report(models.Model):
    """A file of a network about a month. `side`: whose charges it lists where no column says it; '' both. `rows`:
    lines read; `known`: of them those that an earlier report had already."""

    UNMAPPED, READ, DISCARDED = "unmapped", "read", "discarded"
    STATES = [(UNMAPPED, _("columns to be named")), (READ, _("read")), (DISCARDED, _("thrown away"))]
    SIDES = [("", _("both, as a column says")), ("cost", _("borrower report")), ("income", _("lender report"))]

    system = models.CharField(max_length=4, choices=list(SYSTEMS.items()))
    deposit = models.ForeignKey("billing.Deposit", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="reports", verbose_name=_("deposit account"))
    month = models.DateField(_("month"))
    side = models.CharField(_("which report"), max_length=6, choices=SIDES, blank=True)
    file_name = models.CharField(max_length=200)
    file = models.ForeignKey("illdesk.Attachment", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=STATES, default=UNMAPPED)
    rows = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # rows [line, code of words.PROBLEMS, value]
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["system", "month"], name="report_of_a_month")]

    def __str__(self):
        return f"{self.system} {self.month:%Y-%m} {self.file_name}"


class NetworkLine(models.Model):
    """A line of a report. `key`: what it says, so that it is one row in however many reports it comes;
    `report`: the first that had it, `seen`: the last.

    `amount`: as the report has it, above nothing; where it comes back the kind says so. `agreed`: what was agreed for
    the request. `ill`: ours; of a dummy request the loan it is about. `before`: what it was charged by already, or the
    charge that is refunded. `instead`: the line of an earlier report whose amount it changes.
    """

    OPEN, READY, ASIDE, BOOKED, REPLACED = "open", "ready", "aside", "booked", "replaced"
    STATES = [
        (OPEN, _("to be decided")), (READY, _("can be booked")), (ASIDE, _("not booked")), (BOOKED, _("booked")),
        (REPLACED, _("replaced by a later report")),
    ]

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="lines")
    seen = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    system = models.CharField(max_length=4, choices=list(SYSTEMS.items()))
    deposit = models.ForeignKey("billing.Deposit", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    key = models.CharField(max_length=80, unique=True)
    row = models.PositiveIntegerField()
    number = models.CharField(max_length=60, blank=True)
    written = models.CharField(max_length=60, blank=True)
    symbol = models.CharField(max_length=30, blank=True)
    name = models.CharField(max_length=200, blank=True)
    day = models.DateField()
    kind = models.CharField(max_length=11, choices=list(KINDS.items()))
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    currency = models.CharField(max_length=3)
    ill = models.ForeignKey("requests_app.ILLRequest", null=True, blank=True, on_delete=models.PROTECT,
                            related_name="network_lines")
    library = models.ForeignKey("requests_app.Library", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="network_lines")
    dummy = models.BooleanField(default=False)
    result = models.CharField(max_length=11, choices=list(RESULTS.items()))
    agreed = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    before = models.ForeignKey("billing.Booked", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    instead = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=STATES, default=OPEN)
    reason = models.CharField(max_length=300, blank=True)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                   related_name="+")
    asked = models.DateTimeField(null=True, blank=True)
    booked = models.OneToOneField("billing.Booked", null=True, blank=True, on_delete=models.PROTECT,
                                  related_name="network_line")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="network_line_of_some_money")]
        indexes = [
            models.Index(fields=["system", "month", "state"], name="network_line_of_a_month"),
            models.Index(fields=["number"], name="network_line_number"),
        ]

    def __str__(self):
        return f"{self.system} {self.written} {self.amount}"

    @property
    def is_cost(self) -> bool:
        return self.kind in COSTS

    @property
    def comes_back(self) -> bool:
        return self.kind in BACK

    @property
    def to_pay(self):
        """What it adds to what the network is to be paid: less than nothing for a lending credit."""
        more = self.kind in ("debit", "fee", "credit_back")
        return self.amount if more else -self.amount


class NetworkStatement(models.Model):
    """The network's own invoice (amount above nothing) or credit memo (below) of a month, compared with the lines.
    `entry`: when it went through the bank."""

    system = models.CharField(max_length=4, choices=list(SYSTEMS.items()))
    month = models.DateField()
    number = models.CharField(_("number"), max_length=60)
    amount = models.DecimalField(_("amount"), max_digits=11, decimal_places=2)
    day = models.DateField(_("day"))
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    paid_on = models.DateField(null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    entry = models.OneToOneField("billing.Entry", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "month", "number"], name="one_statement_a_number")]

    def __str__(self):
        return self.number


class NotCharged(models.Model):
    """A shipped request of which no report says anything, and why that is right."""

    ill = models.OneToOneField("requests_app.ILLRequest", on_delete=models.PROTECT, related_name="not_charged")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    asked = models.DateTimeField(null=True, blank=True)
    settled = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self):
        return str(self.ill_id)
