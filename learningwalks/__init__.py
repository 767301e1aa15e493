"""Wiring of Learning Walks: settings, URLs, Celery and the pages that join the apps."""

from .celery import app as celery_app

__all__ = ["celery_app"]
