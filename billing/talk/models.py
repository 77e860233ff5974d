"""Threads by subject, their messages, and how far each person has read."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Thread(models.Model):
    """One for each subject (kind and key). `waiting_for`: whose turn it is, `since` when, and by when (`until`)."""

    NOBODY, ILL, BUDGET, PAYEE = "", "ill", "budget", "payee"
    WAITING = [(NOBODY, _("Nobody")), (ILL, _("Interlibrary loan")), (BUDGET, _("Planning and Budget")),
               (PAYEE, _("The payee"))]

    subject_kind = models.CharField(max_length=20)
    subject = models.PositiveBigIntegerField()
    waiting_for = models.CharField(_("waiting for"), max_length=6, choices=WAITING, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateField(_("by"), null=True, blank=True)
    last = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject"], name="one_thread_a_subject"),
            models.CheckConstraint(condition=~Q(waiting_for="") | Q(since=None, until=None),
                                   name="only_who_waits_waits_since"),
        ]
        indexes = [models.Index(fields=["waiting_for", "until"], name="thread_waiting")]

    def __str__(self):
        return f"{self.subject_kind} {self.subject}"


class Message(models.Model):
    """`side`: for whom the writer spoke. `key`: of the form, so that it is said once."""

    SIDES = [("ill", _("Interlibrary loan")), ("budget", _("Planning and Budget"))]

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    side = models.CharField(max_length=6, choices=SIDES)
    text = models.TextField()
    made = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["thread", "id"], name="message_of_a_thread")]

    def __str__(self):
        return f"{self.thread_id} {self.pk}"


class Reading(models.Model):
    """`upto`: the newest message of the thread that this person has read."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    upto = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="one_reading_a_person")]

    def __str__(self):
        return f"{self.thread_id} {self.user_id}"
