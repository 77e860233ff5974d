"""Beyond the limit of a title: who waits for a place, what is proposed to collection development, where a work was
looked for at a fair price."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PlaceWait(models.Model):
    """A request that waits for a place of its title. `next_on`: the day it is looked at again at the latest; `told`:
    when a place became free for it."""

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="place_waits")
    title = models.ForeignKey("requests_app.CopyrightTitle", on_delete=models.PROTECT, related_name="waits")
    year = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    next_on = models.DateField()
    told = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ill"], condition=Q(ended=None), name="waits_once")]
        indexes = [
            models.Index(fields=["title", "year", "id"], name="place_wait_title", condition=Q(ended=None)),
            models.Index(fields=["next_on", "id"], name="place_wait_next", condition=Q(ended=None)),
        ]

    def __str__(self):
        return f"{self.ill_id} waits for {self.title_id}"


class CollectionNote(models.Model):
    """A word to collection development about a title that was asked for beyond the limit: once a title, year and
    kind. `text`: as somebody wrote it; '' as it is proposed. Nothing of a patron stands in it."""

    SUBSCRIPTION, PURCHASE = "subscription", "purchase"
    KINDS = [(SUBSCRIPTION, _("Subscription")), (PURCHASE, _("Purchase"))]
    PROPOSED, SENT, DISMISSED = "proposed", "sent", "dismissed"
    STATES = [(PROPOSED, _("Proposed")), (SENT, _("Sent")), (DISMISSED, _("Dismissed"))]

    title = models.ForeignKey("requests_app.CopyrightTitle", on_delete=models.PROTECT, related_name="notes")
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=KINDS)
    numbers = models.JSONField(default=list)  # of the requests beyond the limit
    state = models.CharField(max_length=9, choices=STATES, default=PROPOSED)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    made = models.DateTimeField()
    decided = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["title", "year", "kind"], name="one_note_a_title_and_year")]
        indexes = [models.Index(fields=["state", "-id"], name="collection_note_state")]

    def __str__(self):
        return f"{self.title_id} {self.year}: {self.kind}"


class FairPriceSearch(models.Model):
    """17 USC 108(e): where a whole work was looked for, when, and with what result."""

    FOUND, DEAR, NOT_FOUND = "found", "dear", "not_found"
    RESULTS = [(NOT_FOUND, _("Not to be had")), (DEAR, _("Only at an unfair price")),
               (FOUND, _("To be had at a fair price"))]
    PRINTS = [("in", _("In print")), ("out", _("Out of print")), ("unknown", _("Not known"))]

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="fair_price_searches")
    where = models.CharField(_("where it was looked for"), max_length=200)
    looked_on = models.DateField(_("day"))
    result = models.CharField(_("result"), max_length=9, choices=RESULTS)
    price = models.DecimalField(_("price"), max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    in_print = models.CharField(_("in print"), max_length=7, choices=PRINTS, default="unknown")
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["ill", "id"], name="fair_price_of_request")]

    def __str__(self):
        return f"{self.ill_id}: {self.where}"
