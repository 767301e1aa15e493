"""The rows of the outbox, of reminders, of muted kinds, and of heartbeats."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class MessageState(models.TextChoices):
    """The states of a mail (see the table at the top of outbox.py). UNKNOWN: the mail may have arrived or not."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


OPEN = Q(state__in=[MessageState.QUEUED, MessageState.SENDING])  # mails that a sweep looks at
# Mails that can still be stopped, because no sender has passed the fence.
STOPPABLE = Q(state=MessageState.QUEUED) | Q(state=MessageState.SENDING, data_started_at__isnull=True)
ADDRESS_REMOVED = "address removed"  # the error_code of a mail that was cancelled because its address was taken away


class Message(models.Model):
    """One mail to one person. It is rendered when it is written, and delivered later (docs/adr/0002)."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    to_addr = models.CharField(max_length=254)
    subject = models.CharField(max_length=250)
    body_text = models.TextField()
    body_html = models.TextField(blank=True)
    calendar_text = models.TextField(blank=True)
    calendar_method = models.CharField(max_length=20, blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    from_name = models.CharField(max_length=160, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    about = models.CharField(max_length=80, blank=True, db_index=True)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    due_at = models.DateTimeField()
    next_try = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    data_started_at = models.DateTimeField(null=True)  # when it passed the fence; the server may have it since
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=20, blank=True)
    error_text = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["next_try"], name="message_open", condition=OPEN),
            models.Index(fields=["state", "settled_at"], name="message_settled"),
            models.Index(fields=["recipient", "kind", "due_at"], name="message_kind_to"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_listed"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="message_sending_has_lease",
            ),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="message_sent_has_time"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class ReminderState(models.TextChoices):
    """A reminder waits, became a mail, or was dropped because it no longer applied."""

    PENDING = "pending"
    DONE = "done"
    DROPPED = "dropped"


class Reminder(models.Model):
    """A due moment. Its handler checks whether the reminder still applies, and writes a mail (docs/adr/0003)."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    about_id = models.BigIntegerField(db_index=True)
    due_at = models.DateTimeField()
    deadline = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=ReminderState.choices, default=ReminderState.PENDING)
    created_at = models.DateTimeField()
    # Set if a person sends it by hand, for example a nudge.
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True)
    words = models.CharField(max_length=200, blank=True, default="", db_default="")

    prepared: Any = None  # what the function registered with reminders.preparation() returned; set while it is handled

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="reminder_due", condition=Q(state="pending"))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReminderState.values), name="reminder_state_listed")
        ]

    def __str__(self) -> str:
        return f"reminder {self.pk}"


class MutedKind(models.Model):
    """A kind of mail that a person switched off."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="muted_kinds")
    kind = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="muted_kind_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class Heartbeat(models.Model):
    """When a background process ("worker", "beat" or "outbox") was last seen."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
