"""The billing office's SFTP server, and the files of acknowledgements that were seen there."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from illdesk.models import Attachment
from illdesk.secrets import EncryptedText

_USER: dict[str, Any] = {"null": True, "blank": True, "on_delete": models.PROTECT, "related_name": "+"}


class SftpServer(models.Model):
    """One row (pk 1); read with `SftpServer.current()`.

    `key_kind`, `fingerprint`: of its key, as a person confirmed it; `seen_kind`, `seen_fingerprint`, `seen_at`: of the
    one that it showed last, to be confirmed. `public_key`: of our own private key. `claimed`: since when somebody is
    at it. `failures` in a row, `failing_since`, `why`, `next_try`: it did not answer or refused us. `test_steps`:
    [[worked, sentence]] of the last trial.
    """

    host = models.CharField(_("SFTP server"), max_length=255)
    port = models.PositiveIntegerField(_("port"), default=22)
    user = models.CharField(_("user"), max_length=255)
    password = EncryptedText(blank=True, default="")
    private_key = EncryptedText(blank=True, default="")
    public_key = models.CharField(max_length=2000, blank=True)
    out_folder = models.CharField(
        _("folder for our files"), max_length=300, blank=True,
        help_text=_("As the server names it, for example to-bursar. Empty: the folder the user is in after signing "
                    "in. A file has its name only when it is whole; until then it begins with a dot."))
    in_folder = models.CharField(
        _("folder of acknowledgements"), max_length=300, blank=True, default="in",
        help_text=_("Files in it that end in .csv or .txt are read, each once."))
    done_folder = models.CharField(
        _("folder for what was read"), max_length=300, blank=True,
        help_text=_("Acknowledgements are moved there. Empty: they stay where they are, and are remembered by name, "
                    "length and time."))
    key_kind = models.CharField(max_length=40, blank=True)
    fingerprint = models.CharField(max_length=80, blank=True)
    confirmed = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_USER)
    seen_kind = models.CharField(max_length=40, blank=True)
    seen_fingerprint = models.CharField(max_length=80, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    claimed = models.DateTimeField(null=True, blank=True)
    worked = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    next_try = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=400, blank=True)
    tested = models.DateTimeField(null=True, blank=True)
    test_steps = models.JSONField(default=list)

    class Meta:
        verbose_name = _("SFTP server")

    def __str__(self):
        return self.host

    @classmethod
    def current(cls) -> "SftpServer":
        return cls.objects.select_related("confirmed_by").filter(pk=1).first() or cls(pk=1)

    @property
    def new_key(self) -> bool:
        """It shows a key that nobody has confirmed."""
        return bool(self.seen_fingerprint) and (self.seen_kind, self.seen_fingerprint) != (
            self.key_kind, self.fingerprint)


class SftpArrival(models.Model):
    """A file of acknowledgements as it lay in the folder: the same name, length and time are the same file.

    `modified`: seconds since 1970 by the server's clock. `looked`: when it was seen first like this. `file`: its
    content, kept where it could not be read.
    """

    SEEN, READ, BAD, ASIDE = "seen", "read", "bad", "aside"
    STATES = [
        (SEEN, _("Just seen: it may still be being written")), (READ, _("Read")), (BAD, _("Not readable")),
        (ASIDE, _("Set aside")),
    ]

    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    modified = models.BigIntegerField()
    looked = models.DateTimeField()
    state = models.CharField(max_length=5, choices=STATES, default=SEEN)
    at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=400, blank=True)
    answer = models.ForeignKey("billing.LocalAnswer", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    moved = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "size", "modified"], name="one_arrival_a_look")]
        indexes = [models.Index(fields=["state", "-id"], name="sftp_arrival_by_state")]

    def __str__(self):
        return self.name
