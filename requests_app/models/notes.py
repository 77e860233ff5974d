from django.conf import settings
from django.db import models


class Note(models.Model):
    """Words about a request: a colleague's note, a patron's message, a partner's note, a referral.

    Events hold no free text; they point here.
    """

    KINDS = [(kind, kind) for kind in ("staff", "patron", "to_patron", "partner", "referral", "reason")]

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=10, choices=KINDS)
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self):
        return self.text[:60]
