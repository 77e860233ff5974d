from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from illdesk import rows

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
    lender_days = models.PositiveIntegerField(
        _("days a lender has to answer"), default=4, validators=_days,
        help_text=_("Where the library's own entry says nothing else. Then the next lender is asked."),
    )
    rota_length = models.PositiveSmallIntegerField(
        _("lenders proposed for a request"), default=5, validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("By the rules of Choosing lenders; staff reorder, drop and add."),
    )
    ship_days = models.PositiveIntegerField(
        _("days from “will supply” to shipping"), default=7, validators=_days,
        help_text=_("Then the request is marked, and the lender is asked how it stands."),
    )
    condition_days = models.PositiveIntegerField(
        _("days to answer a condition"), default=4, validators=_days,
        help_text=_("Silence declines. For our conditions and theirs, unless the library names a day."),
    )
    return_days = models.PositiveIntegerField(
        _("days until a return is asked after"), default=30, validators=_days,
        help_text=_("Many lenders never confirm a return."),
    )
    renewals = models.PositiveIntegerField(_("renewals of a loan"), default=1, validators=_days)
    renewal_days = models.PositiveIntegerField(_("days a renewal adds"), default=28, validators=_days)
    max_cost = models.DecimalField(
        _("cost a lender may charge without asking"), max_digits=9, decimal_places=2, default=Decimal(25),
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    download_days = models.PositiveIntegerField(_("days a patron can download a PDF"), default=30, validators=_days)
    download_views = models.PositiveIntegerField(_("downloads of a PDF"), default=10, validators=_days)
    link_days = models.PositiveIntegerField(
        _("days a library can fetch our scan"), default=14, validators=_days,
        help_text=_("So long the scan is kept, and can be asked for again. Then it is erased."),
    )
    link_fetches = models.PositiveIntegerField(_("times a library can fetch our scan"), default=10, validators=_days)
    deliver_by_itself = models.BooleanField(
        _("deliver a PDF to the patron as soon as it is here"), default=True,
        help_text=_("When off, it waits in Received until somebody has looked at it."),
    )
    reserves_email = models.EmailField(
        _("e-mail of Reserves"), blank=True,
        help_text=_("Told, at a click, when several patrons ask for one article: a course may need it."),
    )

    class Meta:
        verbose_name = _("loan policy")

    def __str__(self):
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> "LoanPolicy":
        return rows.one(cls, "id = 1") or cls()


class LenderRule(models.Model):
    """What a library set for one rule of choosing lenders (`requests_app.lenders.rules`); without a row, the rule is
    as it begins. `parameters`: name -> number or words."""

    code = models.CharField(max_length=30, unique=True)
    on = models.BooleanField(default=True)
    weight = models.PositiveSmallIntegerField(default=0)
    parameters = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("rule for choosing lenders")
        verbose_name_plural = _("rules for choosing lenders")

    def __str__(self):
        return self.code
