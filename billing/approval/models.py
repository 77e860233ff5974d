"""Rights of approval lent for some days."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Delegation(models.Model):
    """`of` lends `to` a right of approval from `begins` to `ends`, both days included; `ended`: taken back early.
    It lends only what `of` may do on the day it is used, and never approves what `to` entered."""

    of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_given",
                           verbose_name=_("of"))
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_taken",
                           verbose_name=_("deputy"))
    right = models.CharField(_("right"), max_length=30)
    begins = models.DateField(_("from"))
    ends = models.DateField(_("to"))
    why = models.CharField(_("reason"), max_length=200, blank=True)
    made = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begins", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="delegation_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(of=F("to")), name="delegation_to_somebody_else"),
        ]
        indexes = [models.Index(fields=["to", "right", "begins"], name="delegation_of_a_deputy")]

    def __str__(self):
        return f"{self.right} {self.begins}"
