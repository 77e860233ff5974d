from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ExternalReference(models.Model):
    """The number under which another system knows a request of ours. A lender's is kept in its Dialogue.

    A dummy request (OCLC: made to carry the price of a lost book or a partial refund) has a number of its own, tied to
    the loan it is about; it is no request, and stands in no figure.
    """

    OCLC, RAPIDILL, DOCLINE, OTHER = "oclc", "rapidill", "docline", "other"
    SYSTEMS = [(OCLC, "OCLC"), (RAPIDILL, "RapidILL"), (DOCLINE, "DOCLINE"), (OTHER, _("another system"))]

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="references")
    system = models.CharField(_("system"), max_length=10, choices=SYSTEMS)
    number = models.CharField(_("number"), max_length=60)
    dummy = models.BooleanField(_("made only to carry money"), default=False)
    made = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "number", "ill"], name="one_reference_of_a_request"),
            models.CheckConstraint(condition=~Q(number=""), name="reference_with_a_number"),
        ]
        indexes = [models.Index(fields=["number"], name="reference_number")]

    def __str__(self):
        return f"{self.system} {self.number}"
