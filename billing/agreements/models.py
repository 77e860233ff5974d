"""Agreements, their versions by day, and the terms of each version. A version that was stored is never changed."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.models import Patron


class Agreement(models.Model):
    """With one library, with a group, or what holds for everybody (neither)."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    library = models.ForeignKey("requests_app.Library", null=True, blank=True, on_delete=models.PROTECT,
                                related_name="agreements", verbose_name=_("library"))
    group = models.ForeignKey("requests_app.LibraryGroup", null=True, blank=True, on_delete=models.PROTECT,
                              related_name="agreements", verbose_name=_("group of libraries"))
    active = models.BooleanField(_("in use"), default=True)
    note = models.TextField(_("note for colleagues"), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("fee agreement")
        constraints = [
            models.CheckConstraint(condition=Q(library=None) | Q(group=None), name="agreement_with_one_side",
                                   violation_error_message=_("Choose a library or a group, not both.")),
        ]

    def __str__(self):
        return self.name

    @property
    def scope(self) -> str:
        return "library" if self.library_id else "group" if self.group_id else "everybody"


class AgreementVersion(models.Model):
    """What holds from `begins` until the next version. Without terms: it says nothing any more from that day on."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    begins = models.DateField(_("holds from"))
    why = models.CharField(_("what changed"), max_length=300, blank=True)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-begins", "-number"]
        constraints = [models.UniqueConstraint(fields=["agreement", "number"], name="one_version_a_number")]
        indexes = [models.Index(fields=["agreement", "-begins", "-number"], name="agreement_of_a_day")]

    def __str__(self):
        return f"{self.agreement_id} v{self.number}"


class Term(models.Model):
    """A row of a version: for which requests, and what they cost."""

    LENDING, BORROWING, PATRON = "lending", "borrowing", "patron"
    DIRECTIONS = [
        (LENDING, _("Lending: what we charge")), (BORROWING, _("Borrowing: what we agreed to pay")),
        (PATRON, _("Patrons: their share")),
    ]
    SERVICES = [("loan", _("Loan")), ("copy", _("Copy")), ("document", _("Document delivery"))]
    NETWORKS = [("", _("Any")), ("rapidill", "RapidILL"), ("oclc", "OCLC"), ("docline", "DOCLINE")]
    PAY_WAYS = [("invoice", _("Invoice")), ("ifm", _("OCLC Fee Management")), ("efts", _("EFTS")),
                ("voucher", _("IFLA vouchers")), ("account", _("Running account"))]
    # What is billed by us; the others are charged elsewhere.
    ON_INVOICES = ("invoice", "account")
    _money = [MinValueValidator(0)]

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="terms")
    place = models.PositiveSmallIntegerField(default=0)
    direction = models.CharField(_("direction"), max_length=9, choices=DIRECTIONS, default=LENDING)
    service = models.CharField(_("service"), max_length=8, choices=SERVICES, default="loan")
    # RULES M4: RapidILL's reciprocity does not extend to what comes another way.
    network = models.CharField(_("only what comes by"), max_length=10, choices=NETWORKS, blank=True, default="")
    patron_status = models.CharField(_("status of the patron"), max_length=15, choices=Patron.STATUSES, blank=True)
    reciprocal = models.BooleanField(_("reciprocal: nothing is charged"), default=False)
    threshold = models.PositiveIntegerField(
        _("of these a calendar year"), null=True, blank=True,
        help_text=_("Beyond so many it is charged as the amounts say. Empty: without limit."))
    flat = models.DecimalField(_("flat amount"), max_digits=9, decimal_places=2, default=0, validators=_money)
    per_page = models.DecimalField(_("for each page"), max_digits=9, decimal_places=2, default=0, validators=_money)
    from_page = models.PositiveSmallIntegerField(_("from page"), default=1, validators=[MinValueValidator(1)])
    rush = models.DecimalField(_("more for rush"), max_digits=9, decimal_places=2, default=0, validators=_money)
    international = models.DecimalField(_("more abroad"), max_digits=9, decimal_places=2, default=0, validators=_money)
    minimum = models.DecimalField(_("at least"), max_digits=9, decimal_places=2, null=True, blank=True,
                                  validators=_money)
    maximum = models.DecimalField(_("at most"), max_digits=9, decimal_places=2, null=True, blank=True,
                                  validators=_money)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    pay_way = models.CharField(_("paid by"), max_length=8, choices=PAY_WAYS, default="invoice")

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "direction", "service", "network", "patron_status"],
                                    name="one_term_for_a_request"),
        ]

    def __str__(self):
        return f"{self.direction} {self.service}"
