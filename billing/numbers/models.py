"""How far each series of numbers has come."""

from django.db import models


class Series(models.Model):
    """`last`: the number given out last for this prefix in this calendar year."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="one_series_a_year")]

    def __str__(self):
        return f"{self.prefix}-{self.year}-{self.last:05d}"
