from django.db import models


class OutsideHost(models.Model):
    """How another system's server has answered lately: one row a host, shared by all our processes.

    `failures` counts those in a row since `failing_since`. From the third on it is taken to be down: then
    nobody tries it before `next_probe`, which whoever tries first moves on.
    """

    host = models.CharField(max_length=260, unique=True)
    worked = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failed = models.DateTimeField(null=True, blank=True)
    why = models.TextField(blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    next_probe = models.DateTimeField(null=True, blank=True)
    # It asked to be left alone until then (429, Retry-After).
    not_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["failing_since"], name="host_failing", condition=models.Q(failing_since__isnull=False))
        ]

    def __str__(self):
        return self.host
