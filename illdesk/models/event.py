from django.conf import settings
from django.db import models


class Event(models.Model):
    """What happened, once and for good: history, audit, and what subscribers work from.

    Append-only; the database itself refuses UPDATE and DELETE (`illdesk/append_only.py`). `data` holds
    ids, codes and numbers; never names or free text, so that anonymising never has to touch a row.
    """

    ACTOR_KINDS = [
        (kind, kind) for kind in ("staff", "patron", "partner", "clock", "system")
    ]

    name = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    actor_kind = models.CharField(max_length=8, choices=ACTOR_KINDS)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cause = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="event_subject"),
            models.Index(fields=["name", "at"], name="event_name_at"),
        ]

    def __str__(self):
        return f"{self.name} of {self.subject_kind} {self.subject_id}"


class Handling(models.Model):
    """One subscriber's work on one event: stored with the event, done once whatever crashes."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="handlings")
    subscriber = models.CharField(max_length=60)
    done = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField()
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="handled_once")]
        indexes = [
            models.Index(fields=["next_try"], name="handling_due", condition=models.Q(done__isnull=True))
        ]

    def __str__(self):
        return f"{self.subscriber} on {self.event_id}"
