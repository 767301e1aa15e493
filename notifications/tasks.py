"""Celery tasks of outbox and reminders. They take no arguments, because everything is in the rows."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from . import heartbeat, reminders
from .sending import delivery


@shared_task(name="notifications.deliver")
def deliver() -> None:
    """Deliver what is due; sending/wake.py asks for it."""
    heartbeat.record("worker", now=timezone.now())
    delivery.sweep(timezone.now())


@shared_task(name="notifications.sweep_outbox", bind=True)
def sweep_outbox(self: Task[Any, Any]) -> None:
    """Deliver what is due, called by beat's schedule. Records no heartbeat of a worker if beat runs it itself."""
    if not self.request.is_eager:
        heartbeat.record("worker", now=timezone.now())
    delivery.sweep(timezone.now())


@shared_task(name="notifications.sweep_reminders")
def sweep_reminders() -> None:
    """Turn reminders that are due into mails."""
    reminders.sweep(timezone.now())
