"""Celery's entry point to what looks after the installation itself."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from .privacy import retention


@shared_task(name="learningwalks.purge")
def purge() -> None:
    """Every hour: what is not kept any longer, sessions that are over, files that lost their row."""
    retention.run(now=timezone.now())
