from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app import lifecycle


class BalanceLimit(models.Model):
    """From which difference on a balance with a library (or a group of them) is told: in requests, in money, or both.
    Without library and group it holds for every library. `service`: loan, copy; '' both together (RULES.md M4)."""

    SERVICES = [("", _("Loans and copies")), (lifecycle.LOAN, _("Loans")), (lifecycle.COPY, _("Copies"))]

    library = models.ForeignKey("requests_app.Library", null=True, blank=True, on_delete=models.CASCADE,
                                related_name="+", verbose_name=_("library"))
    group = models.ForeignKey("requests_app.LibraryGroup", null=True, blank=True, on_delete=models.CASCADE,
                              related_name="+", verbose_name=_("group of libraries"))
    service = models.CharField(_("service"), max_length=4, choices=SERVICES, blank=True)
    requests = models.PositiveIntegerField(_("requests more one way than the other"), null=True, blank=True)
    money = models.DecimalField(_("money more one way than the other"), max_digits=9, decimal_places=2, null=True,
                                blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(library=None) | Q(group=None), name="limit_of_one_or_the_other",
                                   violation_error_message=_("Choose a library or a group, not both.")),
            models.CheckConstraint(condition=Q(requests__isnull=False) | Q(money__isnull=False),
                                   name="limit_of_something",
                                   violation_error_message=_("Enter a number of requests, or an amount.")),
        ]
        verbose_name = _("limit of a balance")

    def __str__(self):
        return f"{self.library_id or self.group_id or 'all'} {self.service}"
