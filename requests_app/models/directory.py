"""What stands in the directory about a partner library, beside the library itself.

A library's main symbol and main address are its own columns; what it has beyond that has a row here.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from requests_app.models.libraries import Library, town_line


class LibrarySymbol(models.Model):
    """A further name under which partners' systems know a library: of a branch, or in another list."""

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="symbols")
    agency_type = models.CharField(_("type of agency symbol"), max_length=20, default="ISIL")
    agency_value = models.CharField(_("agency symbol"), max_length=60)
    note = models.CharField(_("what it is for"), max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("agency symbol")
        verbose_name_plural = _("agency symbols")
        constraints = [
            # Together with the libraries' main symbols they are kept apart by `directory.symbols`.
            models.UniqueConstraint(
                Lower("agency_type"), Lower("agency_value"), name="one_library_a_symbol",
                violation_error_message=_("Another library has this agency symbol already."),
            )
        ]

    def __str__(self):
        return f"{self.agency_type}:{self.agency_value}"


class LibraryAddress(models.Model):
    """An address for one purpose, where that is not the library's main address."""

    SHIPPING, RETURNS, BILLING = "shipping", "returns", "billing"
    KINDS = [
        (SHIPPING, _("Shipping: where items go")),
        (RETURNS, _("Returns: where its own items go back to")),
        (BILLING, _("Billing: where invoices go")),
    ]

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(_("purpose"), max_length=8, choices=KINDS)
    name = models.CharField(_("addressee"), max_length=200, blank=True, help_text=_("If it is not the library's name."))
    line1 = models.CharField(_("street"), max_length=200)
    line2 = models.CharField(_("second line"), max_length=200, blank=True)
    locality = models.CharField(_("town"), max_length=100, blank=True)
    region = models.CharField(_("state or region"), max_length=60, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["library", "kind"], name="one_address_a_purpose",
                violation_error_message=_("This library has an address for that purpose already. Edit that one."),
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.line1}"

    @property
    def lines(self) -> list[str]:
        return [line for line in (self.line1, self.line2, town_line(self)) if line]


class Contact(models.Model):
    """Whom one writes to or calls there."""

    KINDS = [
        ("borrowing", _("Borrowing")),
        ("lending", _("Lending")),
        ("billing", _("Billing")),
        ("technical", _("Technical")),
        ("head", _("Head")),
    ]

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(_("for"), max_length=9, choices=KINDS, default="borrowing")
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self):
        return self.name


class LibraryPolicy(models.Model):
    """What a library lends, for how long, at what price. Without a row: read through `Library.terms`."""

    AT_REQUESTER, AT_LENDER = "requester", "lender"
    # RULES P2: the Code speaks of the requesting library, older practice of the lender.
    DUE_MEANS = [
        (AT_REQUESTER, _("checked in at the requesting library")),
        (AT_LENDER, _("back at the lender")),
    ]
    _days = [MinValueValidator(1), MaxValueValidator(366)]
    _price = [MinValueValidator(0)]

    library = models.OneToOneField(Library, on_delete=models.CASCADE, related_name="policy")
    takes_requests = models.BooleanField(_("takes requests"), default=True)
    lends_books = models.BooleanField(_("lends books"), default=True)
    makes_copies = models.BooleanField(_("makes copies"), default=True)
    loan_days = models.PositiveSmallIntegerField(_("days it lends for"), null=True, blank=True, validators=_days)
    renewals = models.PositiveSmallIntegerField(
        _("renewals"), null=True, blank=True, validators=[MaxValueValidator(99)]
    )
    renewal_days = models.PositiveSmallIntegerField(
        _("days a renewal adds"), null=True, blank=True, validators=_days
    )
    due_means = models.CharField(
        _("on its due date the item is"), max_length=9, choices=DUE_MEANS, default=AT_REQUESTER
    )
    charge_loan = models.DecimalField(
        _("charge for a loan"), max_digits=9, decimal_places=2, null=True, blank=True, validators=_price
    )
    charge_copy = models.DecimalField(
        _("charge for a copy"), max_digits=9, decimal_places=2, null=True, blank=True, validators=_price
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    ships_by = models.CharField(_("ships by"), max_length=100, blank=True)
    takes_vouchers = models.BooleanField(_("takes IFLA vouchers"), default=False)
    takes_ifm = models.BooleanField(_("takes payment by IFM"), default=False)
    royalty_included = models.BooleanField(
        _("its charge for a copy includes the copyright royalty"), default=False,
        help_text=_("As of document suppliers. Its copies are not counted, and we owe no royalty for them."),
    )
    note = models.TextField(_("other terms"), blank=True)

    class Meta:
        verbose_name = _("policy of a library")
        verbose_name_plural = _("policies of libraries")

    def __str__(self):
        return f"{self._meta.verbose_name} {self.library_id}"


class LibraryGroup(models.Model):
    """Libraries that agreed on something: a consortium, or lending to each other without charge."""

    CONSORTIUM, RECIPROCAL, OTHER = "consortium", "reciprocal", "other"
    KINDS = [
        (CONSORTIUM, _("Consortium")),
        (RECIPROCAL, _("Reciprocal: no charge between us")),
        (OTHER, _("Other group")),
    ]

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=KINDS, default=CONSORTIUM)
    note = models.TextField(_("what was agreed"), blank=True)
    libraries = models.ManyToManyField(Library, related_name="groups", blank=True, verbose_name=_("libraries"))

    class Meta:
        ordering = ["name"]
        verbose_name = _("group of libraries")
        verbose_name_plural = _("groups of libraries")

    def __str__(self):
        return self.name


class Suspension(models.Model):
    """Days on which a library takes no requests. What is past stays as history."""

    library = models.ForeignKey(Library, on_delete=models.CASCADE, related_name="suspensions")
    first = models.DateField(_("from"))
    last = models.DateField(_("until"), null=True, blank=True, help_text=_("Empty: until further notice."))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["-first", "-pk"]
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__isnull=True) | models.Q(last__gte=models.F("first")),
                name="suspension_in_order", violation_error_message=_("The last day lies before the first."),
            )
        ]

    def __str__(self):
        return f"{self.first} {self.last or ''} {self.reason}"

    def holds(self, day) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


class ConnectionTest(models.Model):
    """What the Test button last found out."""

    library = models.OneToOneField(Library, on_delete=models.CASCADE, related_name="last_test")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    ok = models.BooleanField()
    said = models.TextField()

    def __str__(self):
        return f"{self.library_id}: {self.said}"


class DirectoryImport(models.Model):
    """A file of libraries that was read and compared, and waits for somebody to say yes.

    `plan` is a list of rows (see `directory.compare`); `done` counts those that were gone through.
    """

    DRAFT, RUNNING, DONE, DISCARDED = "draft", "running", "done", "discarded"
    STATES = [
        (DRAFT, _("not stored yet")),
        (RUNNING, _("being stored")),
        (DONE, _("stored")),
        (DISCARDED, _("thrown away")),
    ]

    file_name = models.CharField(max_length=200)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=STATES, default=DRAFT)
    plan = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    moved = models.DateTimeField(null=True, blank=True)  # when `done` last grew
    confirmed = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    failed = models.JSONField(default=list)  # line and sentence of what could not be stored

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import of libraries")

    def __str__(self):
        return f"{self.file_name} {self.state}"
