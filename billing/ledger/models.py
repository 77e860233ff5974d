"""Accounts, fiscal years with their months, and entries, which the database refuses to change (append-only)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.ledger import chart


class Account(models.Model):
    """A family of the chart (`ledger.chart`); of a patron, library or fund where the family says so, else 0."""

    family = models.CharField(_("account"), max_length=20, choices=chart.choices)
    subject = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["family", "subject"], name="one_account_of_a_subject")]

    def __str__(self):
        return f"{self.family} {self.subject}" if self.subject else self.family


class FiscalYear(models.Model):
    """`last`: the number of its newest entry; whoever writes one holds this row until it is committed."""

    label = models.CharField(_("fiscal year"), max_length=20, unique=True)
    begins = models.DateField(_("begins"), unique=True)
    ends = models.DateField(_("ends"), unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["begins"]
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="books_end_after_they_begin")]

    def __str__(self):
        return self.label


class Period(models.Model):
    """A month of a fiscal year. Closed, nothing is entered in it any more, and it is not opened again."""

    year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="periods")
    begins = models.DateField(unique=True)
    ends = models.DateField(unique=True)
    closed = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["begins"]
        constraints = [models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="month_ends_after_it_begins")]

    def __str__(self):
        return f"{self.begins:%Y-%m}"


class Entry(models.Model):
    """A transfer: `amount` of the library's currency from `credit` to `debit`.

    `key`: of what caused it, so that it is entered once. `day`: the one it is entered on; `of_day`: the one it belongs
    to, where that month was closed. `what`, `about_kind`, `about`: for what, as codes and keys; no names, no titles.
    `foreign`, `foreign_currency`, `rate`, `rate_on`: the amount as it was agreed, and what one of it cost that day.
    """

    year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="entries")
    day = models.DateField()
    of_day = models.DateField(null=True, blank=True)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debited")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credited")
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    foreign = models.DecimalField(max_digits=13, decimal_places=2, null=True, blank=True)
    foreign_currency = models.CharField(max_length=3, blank=True)
    rate = models.DecimalField(max_digits=16, decimal_places=8, null=True, blank=True)
    rate_on = models.DateField(null=True, blank=True)
    what = models.CharField(max_length=20)
    about_kind = models.CharField(max_length=20, blank=True)
    about = models.PositiveBigIntegerField(default=0)
    key = models.CharField(max_length=120, unique=True)
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by")
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="one_entry_a_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="entry_of_some_money"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="entry_between_two_accounts"),
            models.CheckConstraint(
                condition=Q(foreign=None, foreign_currency="", rate=None, rate_on=None)
                | (Q(foreign__gt=0, rate__gt=0, rate_on__isnull=False) & ~Q(foreign_currency="")),
                name="foreign_money_with_its_rate",
            ),
        ]
        indexes = [
            models.Index(fields=["debit", "day", "id"], name="entry_debit"),
            models.Index(fields=["credit", "day", "id"], name="entry_credit"),
            models.Index(fields=["about_kind", "about"], name="entry_about"),
        ]

    def __str__(self):
        return f"{self.year_id}/{self.number}"
