from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """What leaves the house: stored with the change that causes it, sent afterwards, once.

    `lane` keeps order: a message waits until the earlier ones of its lane are sent (two messages about
    one dialogue with one library must not overtake each other).
    """

    WAITING, SENDING, SENT, PARKED, UNCERTAIN, DROPPED = (
        "waiting", "sending", "sent", "parked", "uncertain", "dropped",
    )
    STATES = [
        (WAITING, _("waiting")),
        (SENDING, _("being sent")),
        (SENT, _("sent")),
        (PARKED, _("parked")),
        (UNCERTAIN, _("may have left")),
        (DROPPED, _("not sent")),
    ]
    # A later message of a lane waits behind these.
    UNSETTLED = (WAITING, SENDING, PARKED, UNCERTAIN)

    channel = models.CharField(max_length=20)
    key = models.CharField(max_length=120, unique=True)
    lane = models.CharField(max_length=120)
    recipient = models.CharField(max_length=320)
    partner = models.CharField(max_length=60, blank=True)
    what = models.CharField(max_length=120)
    payload = models.JSONField()
    confidential = models.BooleanField(default=False)
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=STATES, default=WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField()
    claimed = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    created = models.DateTimeField()
    settled = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try"], name="outbox_due", condition=models.Q(state="waiting")),
            models.Index(
                fields=["lane", "id"],
                name="outbox_lane",
                condition=models.Q(state__in=["waiting", "sending", "parked", "uncertain"]),
            ),
            models.Index(
                fields=["state", "id"],
                name="outbox_stuck",
                condition=models.Q(state__in=["sending", "parked", "uncertain"]),
            ),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="outbox_subject"),
            models.Index(fields=["partner", "-id"], name="outbox_partner"),
        ]

    def __str__(self):
        return f"{self.what} to {self.recipient}"


class InboxMessage(models.Model):
    """What arrived, as it arrived (secrets blanked), with the answer that was given.

    `key` makes a repeat recognisable: it gets the stored answer again and changes nothing.
    """

    HANDLED, REFUSED, PARKED, DROPPED = "handled", "refused", "parked", "dropped"
    STATES = [
        (HANDLED, _("handled")),
        (REFUSED, _("refused")),
        (PARKED, _("parked")),
        (DROPPED, _("set aside")),
    ]

    channel = models.CharField(max_length=20)
    key = models.CharField(max_length=160, unique=True)
    partner = models.CharField(max_length=60, blank=True)
    what = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=STATES, default=HANDLED)
    outcome = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    repeats = models.PositiveIntegerField(default=0)  # how often the partner sent it again
    tries = models.PositiveIntegerField(default=0)  # how often we tried again to handle it
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    arrived = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="inbox_stuck", condition=models.Q(state="parked")),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="inbox_subject"),
            models.Index(fields=["partner", "-id"], name="inbox_partner"),
        ]

    def __str__(self):
        return f"{self.what} from {self.partner}"
