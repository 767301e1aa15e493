"""Wiring of Learning Walks: settings, URLs, Celery and the pages that join the apps."""

__version__ = "0.3.0"  # the only place; CHANGELOG.md and docs/upgrading.md have a section for it

from .celery import app as celery_app

__all__ = ["celery_app"]
