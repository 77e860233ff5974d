from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from illdesk.models import Branch
from requests_app import lifecycle
from requests_app.models.citations import Citation
from requests_app.models.libraries import Library
from requests_app.models.patrons import Patron


class ILLRequest(models.Model):
    """An interlibrary-loan request of any kind. Only `perform()` changes `state`.

    Flags stand beside the state with their own dates: `attention` (somebody must look, `attention_why` is
    a code of `reasons.ATTENTION`), `referred`, `cancel_asked`, `renewal_asked`, `recalled`, `overdue_told`,
    `resend_asked`. `respond_by` is the next date of whatever it stands in: until then the lender, the
    borrower or we ourselves have to answer; when it passes, the clock takes the row of the table that has it.
    """

    SERVICES = [(lifecycle.LOAN, _("Loan")), (lifecycle.COPY, _("Copy"))]

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=list(lifecycle.KINDS.items()))
    service = models.CharField(max_length=4, choices=SERVICES, default=lifecycle.LOAN)
    state = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=0)
    created = models.DateTimeField()
    changed = models.DateTimeField()

    citation = models.OneToOneField(Citation, on_delete=models.PROTECT, related_name="ill")
    patron = models.ForeignKey(Patron, null=True, blank=True, on_delete=models.PROTECT, related_name="ills")
    partner = models.ForeignKey(Library, null=True, blank=True, on_delete=models.PROTECT, related_name="ills")
    branch = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    need_by = models.DateField(null=True, blank=True)
    asker_note = models.TextField(blank=True)
    form_key = models.CharField(max_length=40, null=True, blank=True)  # a form sent twice
    # Copies: the ground we state (US-CCG, US-CCL; in lending, the one they state), who answers for it, and
    # which version of the warning of 37 CFR 201.14 the patron saw.
    compliance = models.CharField(max_length=40, blank=True)
    compliance_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    warning_version = models.CharField(max_length=40, blank=True)
    # How the patron saw it (a code of `copyright.notices.SHOWN`); since when a declaration is missing (C20).
    warning_shown = models.CharField(max_length=14, blank=True)
    declaration_due = models.DateTimeField(null=True, blank=True)
    # What it may cost, and what was agreed, both in `currency`.
    max_cost = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    cost = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    # How many lenders of the rota have not been asked yet (RotaEntry).
    rota_left = models.PositiveSmallIntegerField(default=0)

    # The next date; in lending also when we first answered.
    respond_by = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    # The item. Two due dates are kept apart: the lender's, and the patron's.
    barcode = models.CharField(max_length=60, blank=True)
    call_number = models.CharField(max_length=200, blank=True)
    location = models.CharField(max_length=200, blank=True)
    pieces = models.PositiveIntegerField(default=1)
    pieces_text = models.CharField(max_length=200, blank=True)
    library_use_only = models.BooleanField(default=False)
    due_lender = models.DateField(null=True, blank=True)
    due_patron = models.DateField(null=True, blank=True)
    hold_until = models.DateField(null=True, blank=True)
    shelf_code = models.CharField(max_length=10, blank=True)
    tracking = models.CharField(max_length=60, blank=True)
    renewals = models.PositiveSmallIntegerField(default=0)
    no_renewals = models.BooleanField(default=False)

    reason = models.CharField(max_length=40, blank=True)
    cancel_asked = models.DateTimeField(null=True, blank=True)
    promised = models.DateTimeField(null=True, blank=True)  # the lender said that it will supply
    renewal_asked = models.DateTimeField(null=True, blank=True)
    recalled = models.DateTimeField(null=True, blank=True)
    overdue_told = models.DateTimeField(null=True, blank=True)
    resend_asked = models.DateTimeField(null=True, blank=True)
    return_asked = models.DateTimeField(null=True, blank=True)  # we asked the lender whether it has it back
    retry_on = models.DateTimeField(null=True, blank=True)  # the lender named a day; then it is asked again
    # Verification: the newest check's outcome (a code of Check.OUTCOMES), and when it is (again) to be checked.
    outcome = models.CharField(max_length=9, blank=True)
    check_due = models.DateTimeField(null=True, blank=True)
    undo_to = models.CharField(max_length=40, blank=True)  # where the last step came from, while it can be undone
    referred = models.DateTimeField(null=True, blank=True)
    attention = models.DateTimeField(null=True, blank=True)
    attention_why = models.CharField(max_length=40, blank=True)
    # Who works on it now, as colleagues see it; nobody is locked out by it.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_state = models.CharField(max_length=40, blank=True)  # where it stood: a claim ends when it moves on

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [models.UniqueConstraint(fields=["patron", "form_key"], name="one_request_a_form")]
        indexes = [
            # A queue costs what is open, not what was ever done; ordered by this index alone.
            models.Index(fields=["state", "changed", "id"], name="request_queue"),
            # The same where an answer is due: most urgent first.
            models.Index(fields=["state", "respond_by", "id"], name="request_urgent"),
            models.Index(fields=["patron", "-id"], name="request_patron"),
            models.Index(fields=["partner", "-id"], name="request_partner"),
            # Our own copies of a patron (copyright.uses).
            models.Index(
                fields=["patron", "-id"], name="request_own_copies",
                condition=models.Q(state__in=["documents.delivered", "documents.finished"]),
            ),
            models.Index(fields=["barcode"], name="request_barcode", condition=~models.Q(barcode="")),
            models.Index(
                fields=["shelf_code"], name="request_shelf_code", condition=~models.Q(shelf_code="")
            ),
            models.Index(
                fields=["kind", "attention"], name="request_attention", condition=models.Q(attention__isnull=False)
            ),
            models.Index(
                fields=["kind", "referred"], name="request_referred", condition=models.Q(referred__isnull=False)
            ),
            models.Index(
                fields=["check_due"], name="request_check_due", condition=models.Q(check_due__isnull=False)
            ),
            models.Index(
                fields=["claimed_by", "claimed_at"], name="request_claimed",
                condition=models.Q(claimed_by__isnull=False),
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("request", args=[self.number])

    @property
    def state_row(self) -> lifecycle.State:
        return lifecycle.STATES[self.state]

    @property
    def is_open(self) -> bool:
        return not self.state_row.ended

    @property
    def lacks_compliance(self) -> bool:
        """CONTU 3: a library of the United States that asks for a copy says CCG or CCL."""
        return (
            self.kind == lifecycle.LENDING and self.service == lifecycle.COPY and not self.compliance
            and self.partner is not None and self.partner.of_us
        )

    @property
    def subject(self) -> tuple[str, int]:
        """How events, messages and files name this request."""
        return ("request", self.pk)


class Counter(models.Model):
    """The last number given out for a prefix and year.

    On PostgreSQL the numbers come from a sequence for each prefix, and `last` is where it took over; `base` is
    what is taken from the sequence's value to get the year's number.
    """

    SEQUENCES = {prefix: f"requests_app_number_{prefix.lower()}" for prefix in lifecycle.PREFIXES.values()}

    prefix = models.CharField(max_length=2)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)
    base = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="one_counter_a_year")]

    def __str__(self):
        return f"{self.prefix}-{self.year}-{self.last:05d}"
