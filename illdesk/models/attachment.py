import uuid

from django.conf import settings
from django.db import models


def random_path(attachment, filename: str) -> str:
    """Random names: a file's address says nothing of its content, and nobody's upload names a path."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


class Attachment(models.Model):
    """A file that belongs to something (a request, later an invoice); served only by a view that checks."""

    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=random_path)
    added = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="attachment_subject")]

    def __str__(self):
        return self.name
