from django.db import models

from illdesk.models import Attachment


class Delivery(models.Model):
    """A PDF that somebody can fetch for some days and some times: a library by a link, a patron after sign-in.

    The file is erased when the time is over; the row stays and says that there was one.
    """

    LIBRARY, PATRON = "library", "patron"

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="deliveries")
    to = models.CharField(max_length=7, choices=[(LIBRARY, LIBRARY), (PATRON, PATRON)])
    attachment = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # SHA-256 of the random part of the link; only the library that got the message knows the link itself.
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    pages = models.PositiveIntegerField(default=0)
    # 17 USC 108(a)(3): "included", the original's own notice is in it; "none" was found, and the legend is on it.
    notice = models.CharField(max_length=8, blank=True)
    made = models.DateTimeField()
    until = models.DateTimeField()
    most = models.PositiveIntegerField()  # how often it may be fetched
    fetched = models.PositiveIntegerField(default=0)
    erased = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["until"], name="delivery_until", condition=models.Q(erased__isnull=True)),
            models.Index(fields=["ill", "-id"], name="delivery_newest"),
        ]

    def __str__(self):
        return f"{self.to} {self.ill_id}"

    def is_open(self, now) -> bool:
        return self.erased is None and self.attachment_id is not None and now < self.until and self.fetched < self.most
