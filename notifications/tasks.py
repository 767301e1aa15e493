"""The Celery tasks of outbox and reminders. They take no arguments, because the rows say what is due."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from . import heartbeat, reminders
from .sending import delivery


@shared_task(name="notifications.deliver")
def deliver() -> None:
    """Deliver due mails at once. sending/wake.py sends this task when a mail is written."""
    heartbeat.record("worker", now=timezone.now())
    delivery.sweep(timezone.now())


@shared_task(name="notifications.sweep_outbox", bind=True)
def sweep_outbox(self: Task[Any, Any]) -> None:
    """Deliver due mails on beat's schedule. If beat runs this task itself (eager), no worker heartbeat is recorded."""
    if not self.request.is_eager:
        heartbeat.record("worker", now=timezone.now())
    delivery.sweep(timezone.now())


@shared_task(name="notifications.sweep_reminders")
def sweep_reminders() -> None:
    """Turn due reminders into mails."""
    reminders.sweep(timezone.now())
