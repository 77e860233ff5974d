from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """One published wording of a letter in one language. The newest version is the one in use.

    The house's own wording (`notices.WORDINGS`) is version 0 and stands in code; saving adds a version.
    """

    code = models.CharField(max_length=40)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    version = models.PositiveIntegerField()
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"))
    changed = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "language", "version"], name="one_wording_a_version")
        ]

    def __str__(self):
        return f"{self.code} ({self.language}) v{self.version}"
