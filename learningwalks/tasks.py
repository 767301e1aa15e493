"""Celery's door to what looks after the installation itself."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from . import sessions


@shared_task(name="learningwalks.clear_sessions")
def clear_sessions() -> None:
    """Once a day: sessions that are over."""
    sessions.clear(now=timezone.now())
