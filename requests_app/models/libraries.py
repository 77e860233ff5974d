from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from illdesk.models import Institution
from illdesk.secrets import EncryptedText


class Libraries(models.QuerySet):
    def suspended_on(self, day: date) -> "Libraries":
        return self.filter(_suspension_on(day))

    def not_suspended_on(self, day: date) -> "Libraries":
        return self.filter(~_suspension_on(day))


def _suspension_on(day: date) -> Exists:
    from requests_app.models.directory import Suspension

    rows = Suspension.objects.filter(Q(last__isnull=True) | Q(last__gte=day), library=OuterRef("pk"), first__lte=day)
    return Exists(rows)


def us_countries() -> list[str]:
    """What stands as the country of a library of the United States: a library that names none is taken to be in ours
    (CONTU 3: it says CCG or CCL)."""
    ours = Institution.objects.filter(pk=1).values_list("country", flat=True).first()
    return ["US", ""] if ours in (None, "", "US") else ["US"]


def town_line(address) -> str:
    town = " ".join(part for part in (address.region, address.postal_code) if part)
    return ", ".join(part for part in (address.locality, town) if part)


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
    # How it works, where that is not our policy's default.
    answer_days_loan = models.PositiveSmallIntegerField(_("days to answer for a loan"), null=True, blank=True)
    answer_days_copy = models.PositiveSmallIntegerField(_("days to answer for a copy"), null=True, blank=True)
    calendar = models.ForeignKey(
        "illdesk.Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("calendar"), help_text=_("By which its days to answer are counted."),
    )
    retry_keeps_id = models.BooleanField(
        _("a Retry keeps the request's id"), default=False,
        help_text=_("Most systems want a new id when conditions are accepted."),
    )
    file_hosts = models.TextField(
        _("hosts of its files"), blank=True,
        help_text=_("From these names, one a line, its PDFs are fetched; empty: from the host of its address only."),
    )
    note = models.TextField(_("note for colleagues"), blank=True)
    active = models.BooleanField(_("in use"), default=True)

    objects = Libraries.as_manager()

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
        return [line for line in (self.line1, self.line2, town_line(self)) if line]

    def address_for(self, purpose: str) -> tuple[str, list[str], str]:
        """Addressee, lines and country for "shipping", "returns" or "billing"; without one of its own, the
        main address."""
        own = next((row for row in self.addresses.all() if row.kind == purpose), None)
        if own is None:
            return self.name, self.address_lines, self.country
        return own.name or self.name, own.lines, own.country

    @property
    def terms(self):
        """Its LibraryPolicy; where nobody wrote one, the defaults of one (not stored)."""
        from requests_app.models.directory import LibraryPolicy

        return self.policy if hasattr(self, "policy") else LibraryPolicy(library=self)

    @property
    def of_us(self) -> bool:
        """Of the United States. Asks the database only where it names no country."""
        return self.country == "US" or (not self.country and self.country in us_countries())

    @property
    def can_be_told(self) -> bool:
        """By ISO 18626 or by letter; else only a person can, by telephone or on paper."""
        return bool(self.endpoint or self.email)

    def suspended_on(self, day: date) -> bool:
        """One query; none where `suspensions` were prefetched."""
        return any(row.holds(day) for row in self.suspensions.all())


class Dialogue(models.Model):
    """One supplier's part in one request: the ids both sides use, and how far its messages have come.

    We are requester in a borrowing request (a new dialogue for each lender), supplier in a lending one.
    """

    REQUESTER, SUPPLIER = "requester", "supplier"

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.PROTECT, related_name="dialogues")
    library = models.ForeignKey(Library, on_delete=models.PROTECT, related_name="dialogues")
    role = models.CharField(max_length=9, choices=[(REQUESTER, REQUESTER), (SUPPLIER, SUPPLIER)])
    request_id = models.CharField(max_length=120)  # requestingAgencyRequestId
    # The symbol under which the library asked us, where it has several: it is answered under the same.
    agency_type = models.CharField(max_length=20, blank=True)
    agency_value = models.CharField(max_length=60, blank=True)
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


class RotaEntry(models.Model):
    """One library in the order in which a request's lenders are asked, and what came of it."""

    WAITING, ASKED, UNFILLED, NO_ANSWER, DECLINED, REFUSED, SKIPPED, SUPPLIED = (
        "waiting", "asked", "unfilled", "no_answer", "declined", "refused", "skipped", "supplied",
    )
    STATES = [
        (WAITING, _("not asked yet")),
        (ASKED, _("asked")),
        (UNFILLED, _("cannot supply")),
        (NO_ANSWER, _("did not answer")),
        (DECLINED, _("we declined its condition")),
        (REFUSED, _("its system refused the request")),
        (SKIPPED, _("passed over")),
        (SUPPLIED, _("supplies")),
    ]

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="rota")
    library = models.ForeignKey(Library, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default=WAITING)
    reason = models.CharField(max_length=40, blank=True)  # a code of `reasons`
    dialogue = models.ForeignKey(Dialogue, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed = models.DateTimeField()

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["ill", "place"], name="one_lender_a_place")]
        # What came of a year's requests, for choosing lenders.
        indexes = [models.Index(fields=["changed", "library", "state"], name="rota_outcomes")]

    def __str__(self):
        return f"{self.place}: {self.library_id} {self.state}"


class Condition(models.Model):
    """What a lender asks before it supplies: RetryPossible (ISO 18626), or a note in a partner's dialect.

    On either side: theirs when we borrow, ours when we lend.
    """

    ACCEPTED, DECLINED, LAPSED, LATER = "accepted", "declined", "lapsed", "later"
    ANSWERS = [
        (ACCEPTED, _("accepted")),
        (DECLINED, _("declined")),
        (LAPSED, _("not answered in time")),
        (LATER, _("asked again on the day")),
    ]

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="conditions")
    dialogue = models.ForeignKey(Dialogue, null=True, blank=True, on_delete=models.SET_NULL, related_name="conditions")
    reason = models.CharField(max_length=60, blank=True)  # reasonRetry as it came, or a code of `reasons.CONDITIONS`
    loan_condition = models.CharField(max_length=60, blank=True)  # ISO 18626 LoanCondition as it came
    cost = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    retry_after = models.DateTimeField(null=True, blank=True)
    retry_before = models.DateTimeField(null=True, blank=True)
    made = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=ANSWERS, blank=True)
    answered = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ill", "-id"], name="condition_newest")]

    def __str__(self):
        return f"{self.reason} {self.answer}"
