"""Celery's door to the rules of walks."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from . import nudges


@shared_task(name="walks.plan_semester_nudges")
def plan_semester_nudges() -> None:
    """Write down the nudges that are due; the reminder sweep sends them."""
    nudges.plan(timezone.now())
