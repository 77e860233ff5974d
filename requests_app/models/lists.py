from django.conf import settings
from django.db import models


class ListPreference(models.Model):
    """How a person last arranged a list: the address behind its name, without page and opened request."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    queue = models.CharField(max_length=60)
    query = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "queue"], name="one_arrangement_a_list")]

    def __str__(self):
        return f"{self.queue}?{self.query}"
