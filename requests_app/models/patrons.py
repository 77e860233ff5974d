from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from illdesk.models import Branch


class Patron(models.Model):
    """Somebody we get things for. May never sign in; staff may be patrons too."""

    STATUSES = [
        ("faculty", _("Faculty")),
        ("graduate", _("Graduate student")),
        ("undergraduate", _("Undergraduate student")),
        ("staff", _("Staff")),
        ("other", _("Other")),
    ]

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="patron"
    )
    card = models.CharField(_("card number"), max_length=40, unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=15, choices=STATUSES, default="other")
    department = models.CharField(_("department"), max_length=200, blank=True)
    language = models.CharField(_("language of letters"), max_length=8, choices=settings.LANGUAGES, default="en")
    pickup = models.ForeignKey(
        Branch, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("pick-up place")
    )

    class Meta:
        verbose_name = _("patron")
        verbose_name_plural = _("patrons")

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def short_name(self) -> str:
        return f"{self.first_name[0]}. {self.last_name}" if self.first_name else self.last_name
