"""What we subscribe to, ordered or own, for CONTU 2 (C7); and which titles continue one another (C4)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.models.copyright import CopyrightTitle


class SubscriptionLoad(models.Model):
    """A file with all subscriptions of another system. What it names counts from somebody's yes on, in the place of
    the file before, whose rows stay as history. `lost`: numbers that count now and are not in it."""

    DRAFT, COUNTS, REPLACED, DISCARDED = "draft", "counts", "replaced", "discarded"
    STATES = [
        (DRAFT, _("not in force yet")), (COUNTS, _("in force")), (REPLACED, _("replaced")),
        (DISCARDED, _("thrown away")),
    ]

    file_name = models.CharField(max_length=200)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=STATES, default=DRAFT)
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    rows = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    before = models.PositiveIntegerField(default=0)
    columns = models.JSONField(default=dict)  # field -> the column it was read from; "ignored" -> a list
    problems = models.JSONField(default=list)  # rows [line, code of subscriptions.REASONS, value]

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="counts"), name="one_file_counts")
        ]

    def __str__(self):
        return f"{self.file_name} {self.state}"

    @property
    def lost_half(self) -> bool:
        return self.before > 0 and self.lost * 2 > self.before


class SubscriptionQuerySet(models.QuerySet):
    def counting(self):
        """Entered by hand, or from the file that is in force."""
        return self.filter(models.Q(load=None) | models.Q(load__state=SubscriptionLoad.COUNTS))


class Subscription(models.Model):
    """A periodical that we subscribe to or ordered; another work that we own or ordered. Never deleted, only ended.

    `begins`, `ends`: first and last day on which it is in force; `ordered`: the day its order was entered, from which
    CONTU 2 holds. `covers_from`, `covers_to`: "1998", "1998-03" or a day; '' open. `embargo`: as KBART writes it.
    """

    FORMS = [("print", _("print")), ("online", _("online")), ("both", _("print and online"))]

    kind = models.CharField(
        _("what it is"), max_length=10, choices=CopyrightTitle.KINDS, default=CopyrightTitle.PERIODICAL
    )
    name = models.CharField(_("title"), max_length=500)
    name_key = models.CharField(max_length=200)
    form = models.CharField(_("form"), max_length=6, choices=FORMS, default="print")
    ordered = models.DateField(_("order entered on"), null=True, blank=True)
    begins = models.DateField(
        _("in force since"), null=True, blank=True, help_text=_("Of a book: the day it came. Empty while it has not.")
    )
    ends = models.DateField(_("ends on"), null=True, blank=True, help_text=_("The last day. Empty while it goes on."))
    covers_from = models.CharField(_("covers from"), max_length=10, blank=True, help_text=_("1998 or 1998-03."))
    covers_to = models.CharField(_("covers up to"), max_length=10, blank=True)
    embargo = models.CharField(
        _("embargo"), max_length=40, blank=True, help_text=_("As in KBART: P1Y is not the current calendar year.")
    )
    supplier = models.CharField(_("supplier"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    load = models.ForeignKey(
        SubscriptionLoad, null=True, blank=True, on_delete=models.PROTECT, related_name="subscriptions"
    )
    line = models.PositiveIntegerField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["name_key", "id"], name="subscription_name")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends=None) | models.Q(begins=None) | models.Q(ends__gte=models.F("begins")),
                name="subscription_in_order", violation_error_message=_("It ends before it begins."),
            )
        ]
        verbose_name = _("subscription")

    def __str__(self):
        return self.name

    def standing(self, day) -> str:
        """entered, in_force or cancelled on a day; '' before its order."""
        if self.ends is not None and self.ends < day:
            return "cancelled"
        if self.begins is not None and self.begins <= day:
            return "in_force"
        if self.ordered is not None:
            return "entered" if self.ordered <= day else ""
        return "in_force" if self.begins is None else ""


class SubscriptionNumber(models.Model):
    """A number by which a subscription is found, as `CopyrightNumber.key`; several may share it."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="numbers")
    key = models.CharField(max_length=240)

    class Meta:
        indexes = [models.Index(fields=["key"], name="subscription_number")]
        constraints = [models.UniqueConstraint(fields=["subscription", "key"], name="a_number_once")]

    def __str__(self):
        return self.key

    @property
    def shown(self) -> str:
        return self.key.partition(":")[2]


class TitleLink(models.Model):
    """What a person says of a title: it continues, or is continued by, the one with this number (C4); or a title of
    the same name is another one (`key` "own:" and its number here)."""

    CONTINUES, CONTINUED_BY, APART = "continues", "continued", "apart"
    KINDS = [(CONTINUES, _("Continues")), (CONTINUED_BY, _("Continued by")), (APART, _("Is not the same as"))]

    title = models.ForeignKey(CopyrightTitle, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=9, choices=KINDS)
    key = models.CharField(max_length=240)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["title", "key"], name="one_link_to_a_number")]
        indexes = [models.Index(fields=["key"], name="title_link_key")]

    def __str__(self):
        return f"{self.title_id} {self.kind} {self.key}"

    @property
    def shown(self) -> str:
        return self.key.partition(":")[2]
