"""Celery tasks that concern all apps."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from .privacy import retention


@shared_task(name="learningwalks.purge")
def purge() -> None:
    """Delete data past its retention period, expired sessions, and files without a row."""
    retention.run(now=timezone.now())
