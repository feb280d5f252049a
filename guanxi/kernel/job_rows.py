"""The rows of background work: jobs, their failed attempts, and what they did to the outside world."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.fields import States


class Job(models.Model):
    """One piece of work: what was asked for, by whom, how far it is, how it ended. The queue holds its attempts."""

    class State(States):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        ENDED = "ended", _("Ended without being done")
        DEAD = "dead", _("Failed for good")

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    given = models.JSONField(default=dict)
    queue = models.CharField(max_length=32, default="default")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    real_user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+",
                                  db_index=False)
    system = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, default="")
    scopes = models.JSONField(null=True)
    client = models.CharField(max_length=60, default="")
    trace = models.CharField(max_length=32, db_index=True)
    schedule = models.CharField(max_length=100, default="")
    tick_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    task_id = models.UUIDField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    retries_left = models.PositiveIntegerField(default=0)
    error = models.TextField(default="")
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=300, default="")
    facts = models.JSONField(default=dict)
    cancel_asked = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=("state", "due_at"), name="kernel_job_due"),
                   models.Index(fields=("user", "-created_at"), name="kernel_job_user")]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int | None:
        """How far it is, where the whole is known."""
        return min(100, self.done * 100 // self.total) if self.total else None


class Attempt(models.Model):
    """A try that failed: what was raised, and where."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="failures")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=200)
    reason = models.TextField()
    traceback = models.TextField()
    at = models.DateTimeField(db_index=True)


class Effect(models.Model):
    """Something done to the outside world under a key. ``done`` is empty while it is being done."""

    key = models.CharField(max_length=200, unique=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="effects")
    at = models.DateTimeField(db_index=True)
    done_at = models.DateTimeField(null=True)


class Heartbeat(models.Model):
    """A worker's sign of life."""

    worker = models.CharField(max_length=64, primary_key=True)
    host = models.CharField(max_length=200)
    process = models.PositiveIntegerField()
    queues = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)
    stopped = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.host} ({self.process})"


class Schedule(models.Model):
    """When a declared schedule runs next. The moment is moved on by whoever gets there first."""

    name = models.CharField(max_length=100, unique=True)
    cron = models.CharField(max_length=100)
    next_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
