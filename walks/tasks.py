"""Celery's entry point to the rules of walks."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from .semester import nudges
from .workflow import time_limits


@shared_task(name="walks.plan_semester_nudges")
def plan_semester_nudges() -> None:
    """Store the nudges that are due; the reminder sweep sends them."""
    nudges.plan(timezone.now())


@shared_task(name="walks.sweep_time_limits")
def sweep_time_limits() -> None:
    """Return requests whose day has passed to draft, and end walks that nobody finished."""
    time_limits.sweep(timezone.now())
