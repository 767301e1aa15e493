"""The Celery tasks of walks. Beat starts them."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from .doors import pauses, weekly
from .semester import nudges
from .workflow import time_limits


@shared_task(name="walks.plan_semester_nudges")
def plan_semester_nudges() -> None:
    """Store the semester reminders that are due; the reminder sweep of notifications sends them."""
    nudges.store_upcoming(timezone.now())


@shared_task(name="walks.plan_door_mails")
def plan_door_mails() -> None:
    """Store the mails about this week's open doors; the reminder sweep of notifications sends them."""
    weekly.store_upcoming(timezone.now())


@shared_task(name="walks.sweep_time_limits")
def sweep_time_limits() -> None:
    """Turn requests whose day has passed into drafts, end walks that nobody finished, and mail about missing cover."""
    time_limits.sweep(timezone.now())


@shared_task(name="walks.sweep_doors")
def sweep_doors() -> None:
    """Call off visits to doors that have paused."""
    pauses.sweep(timezone.now())
