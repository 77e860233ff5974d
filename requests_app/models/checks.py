from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from illdesk.secrets import EncryptedText


class Check(models.Model):
    """One verification of a request: who was asked, what they said, the conclusion. The newest counts.

    `wanted`: the Record that was asked for. `asked`: one row a source: code, state ("found", "nothing", "failed",
    "late"), milliseconds, words. `found`: the candidates, best first, each a Record with its scores
    (`verification.stored`). `held`, `access`, `links`: rows of `records.Held`, `Access`, `Link`. `container`: of the
    journal it is in, as catalogues link it to others: continues, continued_by.
    """

    NONE, VERIFIED, PROBABLE, AMBIGUOUS, NOT_FOUND = "", "verified", "probable", "ambiguous", "not_found"
    OUTCOMES = [
        (NONE, _("Not yet checked")),
        (VERIFIED, _("Verified")),
        (PROBABLE, _("Probable")),
        (AMBIGUOUS, _("Ambiguous")),
        (NOT_FOUND, _("Not found")),
    ]

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="checks")
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=9, choices=OUTCOMES, blank=True)
    wanted = models.JSONField(default=dict)
    asked = models.JSONField(default=list)
    found = models.JSONField(default=list)
    held = models.JSONField(default=list)
    access = models.JSONField(default=list)
    links = models.JSONField(default=list)
    container = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["ill", "-id"], name="check_newest")]

    def __str__(self):
        return f"{self.ill_id}: {self.outcome or 'not checked'}"


class CitationChange(models.Model):
    """Fields taken over from a source into a citation, as they were and as they became: enough to take it back.

    `values`: field -> [before, after]; `origins`: field -> [source before, source after].
    """

    ill = models.ForeignKey("requests_app.ILLRequest", on_delete=models.CASCADE, related_name="citation_changes")
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    values = models.JSONField(default=dict)
    origins = models.JSONField(default=dict)
    undone = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ill", "-id"], name="citation_change_newest")]

    def __str__(self):
        return f"{self.ill_id}: {', '.join(self.values)}"


class SourceSetting(models.Model):
    """What a library set for one source of verification, and how its last test went.

    `kept`: what the source itself wants to keep until next time (a token), as JSON.
    """

    code = models.CharField(max_length=30, unique=True)
    on = models.BooleanField(_("ask it"), default=False)
    url = models.CharField(_("address"), max_length=500, blank=True)
    key = EncryptedText(blank=True)
    secret = EncryptedText(blank=True)
    options = models.JSONField(default=dict)
    kept = EncryptedText(blank=True)
    free_at = models.DateTimeField(null=True, blank=True)  # when the next call may go, by its operator's pause
    tested = models.DateTimeField(null=True, blank=True)
    test_worked = models.BooleanField(default=False)
    test_words = models.TextField(blank=True)

    def __str__(self):
        return self.code


class SourceAnswer(models.Model):
    """An answer that is good for a while, so that nobody is asked the same twice."""

    source = models.CharField(max_length=30)
    question = models.CharField(max_length=64)  # SHA-256 of what was asked
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "question"], name="one_answer_a_question")]
        indexes = [models.Index(fields=["until"], name="source_answer_until")]

    def __str__(self):
        return f"{self.source} {self.question[:8]}"
