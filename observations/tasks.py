"""Celery's door to what is not kept. The truth is in the rows and files, so there are no arguments."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from . import retention


@shared_task(name="observations.remove_orphan_photos")
def remove_orphan_photos() -> None:
    """Every hour: what the school does not keep, and files that lost their row."""
    retention.remove_old(now=timezone.now())
    retention.remove_orphan_photos(now=timezone.now())
