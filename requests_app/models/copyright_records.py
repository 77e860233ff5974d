"""How long copyright records are kept, what forbids to delete them, and what was deleted (C17)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

LEAST_YEARS = 3


class RecordPolicy(models.Model):
    """One row (pk 1). `keep_years`: complete calendar years after the year of the request; never fewer than three."""

    keep_years = models.PositiveSmallIntegerField(
        _("complete calendar years that records are kept"), default=LEAST_YEARS,
        validators=[MinValueValidator(LEAST_YEARS), MaxValueValidator(99)],
        help_text=_("After the year of the request. The guidelines say three; your state's schedule may say more."),
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(keep_years__gte=LEAST_YEARS), name="kept_three_years")]

    def __str__(self):
        return str(self.keep_years)


class LegalHold(models.Model):
    """What must not be deleted while somebody may ask for it: years, a title with all that was merged into it, or one
    request. Those given hold together: a title in some years. `reason` is for colleagues, never in an event."""

    first_year = models.PositiveSmallIntegerField(_("first year"), null=True, blank=True)
    last_year = models.PositiveSmallIntegerField(_("last year"), null=True, blank=True)
    title = models.ForeignKey(
        "requests_app.CopyrightTitle", null=True, blank=True, on_delete=models.PROTECT, related_name="holds"
    )
    number = models.CharField(_("request number"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()
    lifted = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                # A comparison with an empty year says neither yes nor no, and a check lets that pass.
                condition=Q(first_year__isnull=False, last_year__isnull=False, last_year__gte=F("first_year")) | Q(
                    first_year=None, last_year=None, title__isnull=False) | (
                    Q(first_year=None, last_year=None) & ~Q(number="")),
                name="hold_says_what",
            ),
        ]

    def __str__(self):
        return f"{self.first_year or ''}–{self.last_year or ''} {self.title_id or ''} {self.number}"


class RecordDeletion(models.Model):
    """The deletion of a year's records, and what it said: `totals` as `copyright.report` counts them, written before
    the first row went. `rows`, `digest`: what has gone so far, row by row; `held`: what a hold kept. `ended`: None
    while it is under way or was left."""

    year = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    began = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)
    totals = models.JSONField(default=dict)
    planned = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    decisions = models.PositiveIntegerField(default=0)
    titles = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year"], condition=Q(ended=None), name="one_deletion_of_a_year_at_a_time"),
        ]
        indexes = [models.Index(fields=["year", "id"], name="record_deletion_year")]

    def __str__(self):
        return f"{self.year}: {self.rows}"
