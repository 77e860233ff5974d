"""Mailboxes of the department, and what came in them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from illdesk.models.attachment import Attachment
from illdesk.secrets import EncryptedText


def _today():
    return timezone.localdate()


class Mailbox(models.Model):
    """A folder of an IMAP server that is looked into every few minutes.

    `claimed`: since when a worker looks into it. `failures` in a row, `failing_since`, `why`, `next_try`: it did not
    answer. `tested`, `test_worked`, `test_words`: what the Test button found.
    """

    SECURITY = [
        ("tls", _("TLS (port 993)")), ("starttls", _("STARTTLS (port 143)")),
        ("none", _("none: only inside one machine or network")),
    ]

    name = models.CharField(_("name"), max_length=100, unique=True)
    host = models.CharField(_("IMAP server"), max_length=255)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(_("encryption"), max_length=8, choices=SECURITY, default="tls")
    user = models.CharField(_("user"), max_length=255)
    password = EncryptedText(_("password"), blank=True, default="")
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    done_folder = models.CharField(
        _("folder for what was taken in"), max_length=200, blank=True,
        help_text=_("Messages are moved there; empty: they stay and are marked as read."),
    )
    purpose = models.CharField(_("what it is for"), max_length=20)
    since = models.DateField(_("take in mail from this day on"), default=_today)
    active = models.BooleanField(_("in use"), default=True)
    claimed = models.DateTimeField(null=True, blank=True)
    fetched = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    next_try = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)
    tested = models.DateTimeField(null=True, blank=True)
    test_worked = models.BooleanField(default=False)
    test_words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self):
        return self.name


class Mail(models.Model):
    """A message as it came. `key`: of its Message-ID, sender and date (of its content where it has none): one that
    comes again under another number of the server is the same. `settled`: moved or marked on the server, which happens
    only after we have it. `parts`: [{"name", "type", "size", "file"}], `file` the key of an Attachment or null.
    `problems`: codes of parsing.PROBLEMS."""

    NEW, HANDLED, WAITING, FAILED, ASIDE = "new", "handled", "waiting", "failed", "aside"
    STATES = [
        (NEW, _("just come")), (HANDLED, _("handed on")), (WAITING, _("waits for somebody")),
        (FAILED, _("could not be handed on")), (ASIDE, _("set aside")),
    ]

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="mails")
    validity = models.PositiveBigIntegerField()
    uid = models.PositiveBigIntegerField()
    also = models.JSONField(default=list)  # "validity:uid" of further copies on the server
    key = models.CharField(max_length=64)
    message_id = models.CharField(max_length=300, blank=True)
    sender = models.CharField(max_length=320, blank=True)
    to = models.CharField(max_length=1000, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    sent = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)
    size = models.PositiveBigIntegerField(default=0)
    raw = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    parts = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    arrived = models.DateTimeField()
    settled = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=STATES, default=NEW)
    purpose = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    about_kind = models.CharField(max_length=20, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "validity", "uid"], name="one_mail_a_uid"),
            models.UniqueConstraint(fields=["mailbox", "key"], name="one_mail_a_key"),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="mail_by_state")]

    def __str__(self):
        return self.subject or self.key[:12]
