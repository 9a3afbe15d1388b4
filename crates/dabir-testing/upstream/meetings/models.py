"""The meeting as a university's Django keeps it."""

from django.db import models


class Meeting(models.Model):
    name = models.CharField(max_length=200)
    date_time = models.DateTimeField()
    port = models.IntegerField(null=True)
    is_running = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
