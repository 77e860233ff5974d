"""Our own library: who we are, where our desks are; and who of our processes is alive."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Institution(models.Model):
    """This library. One row (pk 1); letters, slips, labels and messages take our name from it."""

    name = models.CharField(_("name"), max_length=200)
    department = models.CharField(_("department"), max_length=200, default="Interlibrary Loan")
    symbol = models.CharField(_("symbol"), max_length=30)
    agency_type = models.CharField(_("type of symbol"), max_length=20, default="ISIL")
    agency_value = models.CharField(_("agency symbol in ISO 18626"), max_length=60)
    line1 = models.CharField(_("street"), max_length=200, blank=True)
    line2 = models.CharField(_("second line"), max_length=200, blank=True)
    locality = models.CharField(_("town"), max_length=100, blank=True)
    region = models.CharField(_("state or region"), max_length=60, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, default="US", help_text=_("Two letters, for example US"))
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    oclc_symbol = models.CharField(_("OCLC symbol"), max_length=30, blank=True)
    registry_id = models.CharField(_("OCLC registry number"), max_length=20, blank=True)
    proxy = models.CharField(
        _("proxy for licensed texts"), max_length=300, blank=True,
        help_text=_("What stands before an address so that patrons can read it from home, for example "
                    "https://proxy.example.edu/login?url="),
    )

    class Meta:
        verbose_name = _("our library")

    def __str__(self):
        return self.name

    @property
    def address_lines(self) -> list[str]:
        town = " ".join(part for part in (self.region, self.postal_code) if part)
        place = ", ".join(part for part in (self.locality, town) if part)
        return [line for line in (self.line1, self.line2, place) if line]


class Branch(models.Model):
    """A desk or branch: where patrons pick up and where books stand."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    pickup = models.BooleanField(_("patrons can pick up here"), default=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("branch")
        verbose_name_plural = _("branches")

    def __str__(self):
        return self.name


class Heartbeat(models.Model):
    """A clock task's or worker's last sign of life; what the status page reads."""

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()
    did = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    note = models.TextField(blank=True)

    def __str__(self):
        return self.name
