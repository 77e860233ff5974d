"""What a copy costs in royalty: imported price lists, and the service that is asked for a price."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from illdesk.secrets import EncryptedText


class PriceList(models.Model):
    """An imported file. It waits for a person's yes; the one that counts is the newest confirmed."""

    DRAFT, COUNTS, PAST, DISCARDED = "draft", "counts", "past", "discarded"
    STATES = [(DRAFT, _("Waits for a yes")), (COUNTS, _("Counts")), (PAST, _("Counted before")),
              (DISCARDED, _("Thrown away"))]

    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=STATES, default=DRAFT)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # [line, code, value]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state"], condition=Q(state="counts"), name="one_price_list")]

    def __str__(self):
        return self.file_name


class RoyaltyPrice(models.Model):
    """A price of a list. `key`: scheme and normal form ("issn:1234-567X"). `year`: that it holds for, if it says so."""

    list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    key = models.CharField(max_length=40)
    title = models.CharField(max_length=300, blank=True)
    per_copy = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    per_page = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    line = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "line", "key"], name="one_price_a_line"),
            models.CheckConstraint(
                condition=Q(per_copy__isnull=False) | Q(per_page__isnull=False), name="a_price_of_some_kind"
            ),
        ]
        indexes = [models.Index(fields=["list", "key"], name="royalty_price_key")]

    def __str__(self):
        return f"{self.key}: {self.currency} {self.per_copy or self.per_page}"

    @property
    def shown(self) -> str:
        """The number alone, as it is printed."""
        return self.key.partition(":")[2]


class OverLimitSettings(models.Model):
    """The rights service's address and key, how its last test went, and collection development's address. One row."""

    service_on = models.BooleanField(_("ask the rights service"), default=False)
    url = models.CharField(_("address of the rights service"), max_length=500, blank=True)
    key = EncryptedText(blank=True)
    seconds = models.PositiveSmallIntegerField(_("seconds it may take"), default=8)
    collection_email = models.EmailField(_("address of collection development"), blank=True)
    tested = models.DateTimeField(null=True, blank=True)
    test_worked = models.BooleanField(default=False)
    test_words = models.TextField(blank=True)

    class Meta:
        verbose_name = _("royalty prices")

    def __str__(self):
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> "OverLimitSettings":
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class RightsQuote(models.Model):
    """The conversation with the rights service: what was asked, and what it answered. `price` None: no answer, or
    none for this; `licence`: of ours that covers it."""

    number = models.CharField(max_length=20, blank=True)
    asked = models.JSONField(default=dict)  # numbers and years, no names
    at = models.DateTimeField()
    worked = models.BooleanField(default=False)
    words = models.CharField(max_length=500, blank=True)
    price = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    per = models.CharField(max_length=10, blank=True)
    terms = models.TextField(blank=True)
    licence = models.CharField(max_length=200, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["number", "-id"], name="rights_quote_newest")]

    def __str__(self):
        return f"{self.number} {self.at:%Y-%m-%d}: {self.words}"
