"""Royalties that were agreed for copies, the lists by which they are paid, and what the payee says of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RoyaltyList(models.Model):
    """What is paid together: royalties that were owed and stood in no other list. `key`: of the form that made it.
    `apart`: when it was taken apart; its number is not given again."""

    number = models.CharField(max_length=20, unique=True)
    first = models.DateField()
    last = models.DateField()
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=60, unique=True)
    paid_on = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    version = models.PositiveIntegerField(default=0)  # counted up by whoever loads a statement
    apart = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return self.number


class Royalty(models.Model):
    """The royalty of one copy. No patron's name stands here.

    agreed (a person chose to pay) → owed (the copy came) → listed → paid; released where no copy came or another
    ground was chosen, or somebody said why it is not owed after all (`reason`). `source`: where the price is from,
    with its day. `fund_amount`: in the fund's currency; `commitment`: the key by which it was put aside. `paid`: what
    was really paid, in `currency`.
    """

    AGREED, OWED, LISTED, PAID, RELEASED = "agreed", "owed", "listed", "paid", "released"
    STATES = [
        (AGREED, _("Agreed")), (OWED, _("Owed")), (LISTED, _("In a list")), (PAID, _("Paid")),
        (RELEASED, _("Released")),
    ]
    ENTERED, LIST, SERVICE = "entered", "list", "service"
    SOURCES = [(ENTERED, _("Entered by hand")), (LIST, _("Price list")), (SERVICE, _("Rights service"))]

    # The request, for as long as it is kept; its number stays.
    ill = models.ForeignKey(
        "requests_app.ILLRequest", null=True, blank=True, on_delete=models.SET_NULL, related_name="royalties"
    )
    number = models.CharField(max_length=20)
    use = models.ForeignKey(
        "requests_app.CopyrightUse", null=True, blank=True, on_delete=models.SET_NULL, related_name="royalties"
    )
    title = models.CharField(max_length=500)
    standard_number = models.CharField(max_length=30, blank=True)
    title_key = models.CharField(max_length=240, blank=True)
    article = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=200, blank=True)
    published = models.CharField(max_length=60, blank=True)
    pages = models.CharField(max_length=60, blank=True)
    year = models.PositiveSmallIntegerField()
    price = models.DecimalField(max_digits=9, decimal_places=2)
    currency = models.CharField(max_length=3)
    source = models.CharField(max_length=7, choices=SOURCES)
    source_on = models.DateField()
    fund = models.CharField(max_length=20, blank=True)
    fund_year = models.CharField(max_length=20, blank=True)
    fund_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    fund_currency = models.CharField(max_length=3, blank=True)
    commitment = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=STATES, default=AGREED)
    agreed = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    used_on = models.DateField(null=True, blank=True)
    list = models.ForeignKey(RoyaltyList, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    paid = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    released = models.DateTimeField(null=True, blank=True)
    released_why = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            # Whatever is clicked twice: a copy's royalty is agreed, owed and paid once.
            models.UniqueConstraint(fields=["number"], condition=~Q(state="released"), name="one_live_royalty"),
            models.CheckConstraint(condition=Q(price__gte=0), name="royalty_of_some_money"),
            models.CheckConstraint(
                condition=Q(state="listed", list__isnull=False, used_on__isnull=False)
                | Q(state="paid", list__isnull=False, paid__isnull=False, used_on__isnull=False)
                | Q(state="owed", list=None, used_on__isnull=False)
                | Q(state__in=["agreed", "released"], list=None),
                name="only_what_is_owed_is_listed",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "used_on", "id"], name="royalty_state"),
            models.Index(fields=["title_key", "year"], name="royalty_title"),
        ]

    def __str__(self):
        return f"{self.number}: {self.currency} {self.price}"


class StatementLine(models.Model):
    """A line of the payee's statement, beside the line of our list that it speaks of, if any. `currency`: where it
    names one. `word`: what a person said of it (`copyright.statement.NEXT`)."""

    MATCHED, DIFFERS, MISSING, EXTRA, DUPLICATE = "matched", "differs", "missing", "extra", "duplicate"
    OUTCOMES = [
        (MATCHED, _("As we have it")), (DIFFERS, _("Another amount")), (MISSING, _("Not in the statement")),
        (EXTRA, _("Not in our list")), (DUPLICATE, _("Twice in the statement")),
    ]

    list = models.ForeignKey(RoyaltyList, on_delete=models.CASCADE, related_name="statement")
    royalty = models.ForeignKey(Royalty, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    row = models.PositiveIntegerField(null=True, blank=True)
    said = models.CharField(max_length=120, blank=True)
    ours = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    outcome = models.CharField(max_length=9, choices=OUTCOMES)
    word = models.CharField(max_length=5, blank=True)
    settled = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self):
        return f"{self.list_id} {self.row}: {self.outcome}"
