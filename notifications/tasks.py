"""Celery's entry point to the outbox and the reminders. All arguments are empty: the truth is in the rows."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from . import delivery, heartbeat, reminders


@shared_task(name="notifications.deliver")
def deliver() -> None:
    """Deliver what is due; wake.py asks for it."""
    heartbeat.record("worker", now=timezone.now())
    delivery.sweep(timezone.now())


@shared_task(name="notifications.sweep_outbox", bind=True)
def sweep_outbox(self: Task[Any, Any]) -> None:
    """Beat's round. With no broker, beat runs it itself: then it does not show that a worker lives."""
    if not self.request.is_eager:
        heartbeat.record("worker", now=timezone.now())
    delivery.sweep(timezone.now())


@shared_task(name="notifications.sweep_reminders")
def sweep_reminders() -> None:
    """Turn reminders that are due into mails."""
    reminders.sweep(timezone.now())
