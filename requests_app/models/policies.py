from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

_days = [MinValueValidator(0), MaxValueValidator(365)]


class LoanPolicy(models.Model):
    """The library's days. One row (pk 1), edited in the browser; read with `LoanPolicy.current()`."""

    lending_days = models.PositiveIntegerField(
        _("days we lend for"), default=42, validators=_days, help_text=_("Proposed as the due date when shipping.")
    )
    margin_days = models.PositiveIntegerField(
        _("days between the patron's and the lender's date"),
        default=7,
        validators=_days,
        help_text=_("The patron's date is the lender's date less these days."),
    )
    hold_days = models.PositiveIntegerField(_("days on the hold shelf"), default=10, validators=_days)
    answer_days = models.PositiveIntegerField(_("days to answer a lending request"), default=4, validators=_days)

    class Meta:
        verbose_name = _("loan policy")

    def __str__(self):
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> "LoanPolicy":
        return cls.objects.filter(pk=1).first() or cls()
