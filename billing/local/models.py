"""How the university's billing system is reached, and what of each charge lies with it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from illdesk.secrets import EncryptedText

_USER: dict[str, Any] = {"null": True, "blank": True, "on_delete": models.PROTECT, "related_name": "+"}
_MONEY: dict[str, Any] = {"max_digits": 11, "decimal_places": 2}


class LocalSystem(models.Model):
    """One row (pk 1); read with `LocalSystem.current()`. `options`: what only its kind needs (`systems.OPTIONS`)."""

    NONE, ALMA, NCIP, FILE, SFTP = "none", "alma", "ncip", "file", "sftp"
    KINDS = [
        (NONE, _("None: we collect ourselves")), (ALMA, _("Alma fees")), (NCIP, _("NCIP fiscal transactions")),
        (FILE, _("A file, with acknowledgements coming back")), (SFTP, _("Files over SFTP")),
    ]

    kind = models.CharField(_("system"), max_length=4, choices=KINDS, default=NONE)
    url = models.CharField(_("address"), max_length=300, blank=True)
    key = EncryptedText(_("key"), blank=True)
    options = models.JSONField(default=dict)
    after_days = models.PositiveSmallIntegerField(
        _("days until a charge is handed over"), default=14, validators=[MaxValueValidator(365)],
        help_text=_("Counted from the day on which it was charged or became final."))
    tested = models.DateTimeField(null=True, blank=True)
    test_ok = models.BooleanField(default=False)
    test_words = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("local billing system")

    def __str__(self):
        return self.kind

    @classmethod
    def current(cls) -> "LocalSystem":
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def by_file(self) -> bool:
        """Nothing is asked while somebody waits: all goes into files, and acknowledgements come back."""
        return self.kind in (self.FILE, self.SFTP)

    def option(self, name: str, default: str = "") -> str:
        return str(self.options.get(name) or default)


class LocalFile(models.Model):
    """A file of charges for the local billing system; its content is an attachment of ("local_file", pk).

    `tries`, `next_try`, `why`: it could not be put on the SFTP server.
    """

    number = models.CharField(max_length=20, unique=True)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    lines = models.PositiveIntegerField(default=0)
    total = models.DecimalField(default=Decimal(0), **_MONEY)
    written = models.DateTimeField(null=True, blank=True)  # put into the mounted folder, or on the server
    key = models.CharField(max_length=120, unique=True)
    # Made to be put on the SFTP server: what was made for a person's download is not sent later by itself.
    by_sftp = models.BooleanField(default=False)
    naming = models.DateTimeField(null=True, blank=True)  # whole there; whether it got its name is not known
    taken = models.BooleanField(default=False)  # it was fetched from there before we heard that it got its name
    tries = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=400, blank=True)

    def __str__(self):
        return self.number


class LocalAnswer(models.Model):
    """A file of acknowledgements that was read; the same file again is nothing new. `problems`: line, words."""

    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    paid = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)

    def __str__(self):
        return self.file_name


class LocalPart(models.Model):
    """What of a charge was, or is to be, handed over. A charge that grows later gets a further part.

    `amount`: as it was handed over. `off`: what we told them to take off since (paid or waived with us). `paid`: what
    they told us was paid. `there_open`, `there_state`: as they said when asked last.
    """

    WAITING, SENDING, IN_FILE, THERE = "waiting", "sending", "in_file", "there"
    REFUSED, UNCERTAIN, ENDED = "refused", "uncertain", "ended"
    STATES = [
        (WAITING, _("Waits to be handed over")), (SENDING, _("Is being handed over")), (IN_FILE, _("In a file")),
        (THERE, _("Handed over")), (REFUSED, _("Refused there")), (UNCERTAIN, _("Uncertain whether it is there")),
        (ENDED, _("Ended")),
    ]
    # Before it is there, or known not to be.
    UNDECIDED = (WAITING, SENDING, IN_FILE, UNCERTAIN, REFUSED)
    CLAIM_EXPIRES = timedelta(minutes=5)

    charge = models.ForeignKey("billing.Charge", on_delete=models.PROTECT, related_name="local_parts")
    part = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=STATES, default=WAITING)
    amount = models.DecimalField(**_MONEY)
    off = models.DecimalField(default=Decimal(0), **_MONEY)
    paid = models.DecimalField(default=Decimal(0), **_MONEY)
    disputed = models.BooleanField(default=False)
    reference = models.CharField(max_length=100, blank=True)
    there_open = models.DecimalField(null=True, blank=True, **_MONEY)
    there_state = models.CharField(max_length=40, blank=True)
    asked = models.DateTimeField(null=True, blank=True)
    pushed = models.DateTimeField(null=True, blank=True)
    claimed = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    file = models.ForeignKey(LocalFile, null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    made = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["charge", "part"], name="one_local_part_a_number"),
            models.UniqueConstraint(
                fields=["charge"], condition=Q(state__in=["waiting", "sending", "in_file", "uncertain", "refused"]),
                name="one_local_part_on_its_way"),
            models.CheckConstraint(condition=Q(amount__gt=0, off__gte=0, paid__gte=0), name="local_part_of_money"),
        ]
        indexes = [
            models.Index(fields=["state", "next_try", "id"], name="local_part_due"),
            models.Index(fields=["asked", "id"], condition=Q(state="there"), name="local_part_to_ask"),
        ]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """Our key there: by it a charge is found again."""
        return self.charge.number if self.part == 1 else f"{self.charge.number}-{self.part}"

    @property
    def expected(self) -> Decimal:
        """What should be open there."""
        return self.amount - self.off - self.paid
