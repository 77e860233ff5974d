"""Texts that copyright asks for, by version; who looked at them; and what patrons signed. Nothing is edited here."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CopyrightText(models.Model):
    """A version of a text under a set of rules. A new wording is a new row; the newest that is valid on the day is
    shown. `rules`: code of the set of rules. `locked`: the house's own proposal, kept as it was when it was signed."""

    DECLARATION, NOTICE, LEGEND = "declaration", "notice", "legend"
    KINDS = [
        (DECLARATION, _("Declaration of the patron")), (NOTICE, _("Notice under the warning")),
        (LEGEND, _("Legend on copies without a notice")),
    ]

    kind = models.CharField(_("what it is"), max_length=12, choices=KINDS)
    rules = models.CharField(_("rules"), max_length=30)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"))
    valid_from = models.DateField(_("valid from"))
    locked = models.BooleanField(default=False)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("text on copyright")
        verbose_name_plural = _("texts on copyright")
        constraints = [
            models.UniqueConstraint(fields=["kind", "rules", "language", "version"], name="one_version_of_a_text")
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """'uk declaration 2, en': how it is named beside a signature."""
        return f"{self.rules} {self.kind} {self.version}, {self.language}"


class TextCheck(models.Model):
    """Somebody compared a text with the official one. `what`: "warning" or "declaration:uk"; `wording`: of the
    warning, "specific" or "specified"."""

    what = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    wording = models.CharField(max_length=10, blank=True)
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["what", "-id"], name="copyright_text_checked")]

    def __str__(self):
        return f"{self.what} {self.version}"


class Declaration(models.Model):
    """What a patron declared for one copy: which text, for what, under which name; on the web, or on paper that staff
    hold (`by`: who typed it). `name` is a patron's: whoever makes a patron's name unreadable blanks it here with it; no
    list, report or audit shows it."""

    WEB, PAPER = "web", "paper"
    CHANNELS = [(WEB, _("on the web")), (PAPER, _("on paper, received by staff"))]

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="declarations")
    # The set of rules it was signed under: one a request and set; another country's law asks for another.
    rules = models.CharField(max_length=30)
    text = models.ForeignKey(CopyrightText, on_delete=models.PROTECT, related_name="declarations")
    purpose = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    signed_on = models.DateField()
    accepted = models.DateTimeField()
    channel = models.CharField(max_length=5, choices=CHANNELS)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ill", "rules"], name="one_declaration_a_set_of_rules")]

    def __str__(self):
        return f"{self.ill_id}: {self.text_id}"
