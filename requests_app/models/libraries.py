from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from illdesk.secrets import EncryptedText


class Library(models.Model):
    """A partner library: one that lends to us, borrows from us, or both."""

    DIALECTS = [("plain", _("as the standard says")), ("alma", "Alma"), ("reshare", "ReShare")]

    name = models.CharField(_("name"), max_length=200)
    symbol = models.CharField(_("symbol"), max_length=30, unique=True)
    agency_type = models.CharField(_("type of agency symbol"), max_length=20, default="ISIL")
    agency_value = models.CharField(_("agency symbol in ISO 18626"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    line1 = models.CharField(_("street"), max_length=200, blank=True)
    line2 = models.CharField(_("second line"), max_length=200, blank=True)
    locality = models.CharField(_("town"), max_length=100, blank=True)
    region = models.CharField(_("state or region"), max_length=60, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, default="US")
    endpoint = models.URLField(_("ISO 18626 address"), max_length=300, blank=True)
    dialect = models.CharField(_("dialect"), max_length=10, choices=DIALECTS, default="plain")
    # The secret we expect is kept as a hash; the one we send must be readable and is encrypted.
    secret_expected = models.CharField(max_length=64, blank=True, editable=False)
    secret_sent = EncryptedText(blank=True, default="", editable=False)
    secret_in_message = models.BooleanField(
        _("send the secret inside the message"),
        default=False,
        help_text=_("Only for systems that cannot read an Authorization header."),
    )
    allowed_addresses = models.TextField(
        _("network addresses"),
        blank=True,
        help_text=_("Without a secret, messages are only taken from these addresses, one a line."),
    )
    sends_patron_name = models.BooleanField(
        _("tell this library the patron's name"),
        default=False,
        help_text=_("Off unless an agreement asks for it."),
    )
    suspended_from = models.DateField(_("suspended from"), null=True, blank=True)
    suspended_to = models.DateField(_("suspended to"), null=True, blank=True)
    note = models.TextField(_("note for colleagues"), blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("partner library")
        verbose_name_plural = _("partner libraries")
        constraints = [
            # Symbols are compared without regard to case, as partners write them.
            models.UniqueConstraint(
                Lower("agency_type"),
                Lower("agency_value"),
                condition=~models.Q(agency_value=""),
                name="one_library_an_agency",
                violation_error_message=_("Another library has this agency symbol already."),
            )
        ]

    def __str__(self):
        return f"{self.name} ({self.symbol})"

    @property
    def address_lines(self) -> list[str]:
        town = " ".join(part for part in (self.region, self.postal_code) if part)
        place = ", ".join(part for part in (self.locality, town) if part)
        return [line for line in (self.line1, self.line2, place) if line]

    @property
    def can_be_told(self) -> bool:
        """By ISO 18626 or by letter; else only a person can, by telephone or on paper."""
        return bool(self.endpoint or self.email)

    def suspended_on(self, day) -> bool:
        return bool(
            self.suspended_from
            and self.suspended_from <= day
            and (self.suspended_to is None or day <= self.suspended_to)
        )


class Dialogue(models.Model):
    """One supplier's part in one request: the ids both sides use, and how far its messages have come.

    We are requester in a borrowing request (a new dialogue for each lender), supplier in a lending one.
    """

    REQUESTER, SUPPLIER = "requester", "supplier"

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.PROTECT, related_name="dialogues")
    library = models.ForeignKey(Library, on_delete=models.PROTECT, related_name="dialogues")
    role = models.CharField(max_length=9, choices=[(REQUESTER, REQUESTER), (SUPPLIER, SUPPLIER)])
    request_id = models.CharField(max_length=120)  # requestingAgencyRequestId
    their_number = models.CharField(max_length=120, blank=True)  # supplyingAgencyRequestId when we borrow
    attempt = models.PositiveIntegerField(default=1)
    opened = models.DateTimeField()
    closed = models.DateTimeField(null=True, blank=True)
    # Newest timestamp among their messages that we acted upon: an older one changes nothing any more.
    heard = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["library", "role", "request_id"], name="one_dialogue_an_id"),
            models.UniqueConstraint(fields=["ill", "attempt"], name="one_dialogue_an_attempt"),
        ]

    def __str__(self):
        return f"{self.request_id} with {self.library_id}"
