from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Job(models.Model):
    """Work of many parts that a person started and need not wait for."""

    WAITING, RUNNING, STOPPED, FINISHED = "waiting", "running", "stopped", "finished"
    STATES = [
        (WAITING, _("Waiting")), (RUNNING, _("Running")), (STOPPED, _("Stopped")),
        (FINISHED, pgettext_lazy("of a job", "Finished")),
    ]

    kind = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=STATES, default=WAITING)
    total = models.PositiveIntegerField()
    stop_asked = models.DateTimeField(null=True, blank=True)
    followed_by = models.OneToOneField("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="follows")
    # Until then one worker has it; a later look finds a worker that died.
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["started_by", "-id"], name="job_of_person"),
            models.Index(fields=["held_until"], name="job_open", condition=models.Q(state__in=["waiting", "running"])),
        ]

    def __str__(self):
        return f"{self.label} ({self.total})"

    @property
    def is_open(self) -> bool:
        return self.state in (self.WAITING, self.RUNNING)


class JobItem(models.Model):
    """One part of a job, marked in the transaction in which its work is done."""

    WAITING, DONE, FAILED = "waiting", "done", "failed"
    STATES = [(WAITING, _("Not started")), (DONE, _("Done")), (FAILED, _("Not done"))]

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=STATES, default=WAITING)
    words = models.TextField(blank=True)  # what became of it, or why it was not done
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="one_part_a_name")]
        indexes = [models.Index(fields=["job", "state", "id"], name="job_item_next")]

    def __str__(self):
        return self.name
