"""Funds with their fiscal years. Totals stand in the year's row and change by its version, so that of two who want
the last money one is told; what they are made of stays as rows."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Fund(models.Model):
    """`version`: counted up by whoever adds a fiscal year, so that two added at once cannot overlap."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    active = models.BooleanField(_("in use"), default=True)
    note = models.TextField(_("note"), blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        ordering = ["code"]

    def __str__(self):
        return self.code


class FundYear(models.Model):
    """A fund in a fiscal year. `budget`: the sum of its changes; `committed`: of its
    commitments; `spent`: what was paid of them, and what the books entered as costs of the fund without any."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="years")
    label = models.CharField(max_length=20)
    begins = models.DateField()
    ends = models.DateField()
    budget = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    committed = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    spent = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fund", "label"], name="one_fiscal_year_of_a_name"),
            models.UniqueConstraint(fields=["fund", "begins"], name="one_fiscal_year_a_beginning"),
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="fiscal_year_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(committed__gte=0, spent__gte=0), name="no_money_below_nothing"),
        ]
        indexes = [models.Index(fields=["begins", "ends"], name="fund_year_day")]

    def __str__(self):
        return f"{self.fund_id} {self.label}"

    @property
    def left(self):
        return self.budget - self.committed - self.spent


class BudgetChange(models.Model):
    """A budget is never edited: it is given, and changed by further rows with a reason. `key`: of the form."""

    fund_year = models.ForeignKey(FundYear, on_delete=models.PROTECT, related_name="changes")
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    why = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=60, unique=True)

    def __str__(self):
        return f"{self.fund_year_id}: {self.amount}"


class Commitment(models.Model):
    """Money put aside for one thing. `what`: a code, `about`: the number of what it is for; no names, no titles.
    `actual`: what was paid in the end. `over_reason`: why it was allowed beyond the budget."""

    COMMITTED, SPENT, RELEASED = "committed", "spent", "released"
    STATES = [(COMMITTED, _("Committed")), (SPENT, _("Spent")), (RELEASED, _("Released"))]
    ROYALTY = "royalty"
    WHATS = [(ROYALTY, _("Copyright royalty"))]

    fund_year = models.ForeignKey(FundYear, on_delete=models.PROTECT, related_name="commitments")
    key = models.CharField(max_length=80, unique=True)
    what = models.CharField(max_length=20, choices=WHATS)
    about = models.CharField(max_length=40)
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    actual = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=9, choices=STATES, default=COMMITTED)
    over_reason = models.CharField(max_length=300, blank=True)
    made = models.DateTimeField()
    settled = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="commitment_of_some_money"),
            models.CheckConstraint(
                condition=Q(state="spent", actual__isnull=False) | (~Q(state="spent") & Q(actual=None)),
                name="spent_says_how_much",
            ),
        ]
        indexes = [models.Index(fields=["fund_year", "-id"], name="commitment_newest")]

    def __str__(self):
        return self.key
