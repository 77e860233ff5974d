"""Appeals: one at each of two levels for a charge."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

_USER: dict[str, Any] = {"null": True, "blank": True, "on_delete": models.PROTECT, "related_name": "+"}


class Appeal(models.Model):
    """`due`: by when it is decided. `amount`: how much of the charge was taken away. `came`: by the patron's own page,
    or on paper, entered by staff. Files: attachments of the subject ("appeal", pk)."""

    OPEN, GRANTED, PARTLY, DENIED = "open", "granted", "partly", "denied"
    STATES = [(OPEN, _("Open")), (GRANTED, _("Granted")), (PARTLY, _("Granted in part")), (DENIED, _("Denied"))]
    PAGE, PAPER = "page", "paper"
    CAME = [(PAGE, _("On the patron's page")), (PAPER, _("On paper, by mail or at the desk"))]
    LEVELS = (1, 2)

    charge = models.ForeignKey("billing.Charge", on_delete=models.PROTECT, related_name="appeals")
    level = models.PositiveSmallIntegerField(default=1)
    text = models.TextField()
    came = models.CharField(max_length=5, choices=CAME, default=PAGE)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    due = models.DateField()
    state = models.CharField(max_length=7, choices=STATES, default=OPEN)
    amount = models.DecimalField(max_digits=11, decimal_places=2, null=True, blank=True)
    words = models.TextField(blank=True)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["charge", "level"], name="one_appeal_a_level"),
            models.CheckConstraint(condition=Q(level__in=[1, 2]), name="two_levels_of_appeal"),
            models.CheckConstraint(
                condition=Q(state="open", decided=None) | (~Q(state="open") & Q(decided__isnull=False)),
                name="decided_says_when"),
        ]
        indexes = [models.Index(fields=["due", "id"], condition=Q(state="open"), name="appeal_queue")]

    def __str__(self):
        return f"{self.charge_id}/{self.level}"

    def get_absolute_url(self) -> str:
        return reverse("appeal", args=[self.pk])

    @property
    def subject(self) -> tuple[str, int]:
        return ("appeal", self.pk)
