"""Deposit accounts, balances that the network states, and lists of lending that are reported to it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Deposit(models.Model):
    """An account with a network from which libraries are paid. What it holds, the books know (family "deposit")."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    number = models.CharField(_("participant number"), max_length=60, blank=True)
    low = models.DecimalField(_("say when it holds less than"), max_digits=9, decimal_places=2, default=100)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("deposit account")

    def __str__(self):
        return self.name


class DepositBalance(models.Model):
    """What the network says the account held at the end of a day. `ours`: what the books had then."""

    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="balances")
    day = models.DateField(_("day"))
    amount = models.DecimalField(_("balance"), max_digits=11, decimal_places=2)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [models.UniqueConstraint(fields=["deposit", "day"], name="one_balance_a_day")]

    def __str__(self):
        return f"{self.deposit_id} {self.day}"


class OutgoingList(models.Model):
    """Lending of some days that we report to the network, so that the borrowers' accounts are debited. Entered by one
    person and approved by another; then its file can be sent."""

    DRAFT, APPROVED, DISCARDED = "draft", "approved", "discarded"
    STATES = [(DRAFT, _("to be approved")), (APPROVED, _("approved")), (DISCARDED, _("thrown away"))]

    number = models.CharField(max_length=20, unique=True)
    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="outgoing")
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    state = models.CharField(max_length=9, choices=STATES, default=DRAFT)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
                                   related_name="+")
    key = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return self.number


class OutgoingLine(models.Model):
    """One request of a list. `holds`: it stands in no other list that counts."""

    list = models.ForeignKey(OutgoingList, on_delete=models.PROTECT, related_name="lines")
    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60, blank=True)
    library = models.ForeignKey("requests_app.Library", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    holds = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ill"], condition=models.Q(holds=True),
                                               name="one_list_a_lending")]

    def __str__(self):
        return f"{self.list_id} {self.ill_id}"
