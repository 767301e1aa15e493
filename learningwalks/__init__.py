"""The top of the product: settings, URLs, Celery, and the pages that join the apps."""

__version__ = "0.9.0"  # the only place to change it; CHANGELOG.md and docs/upgrading.md get a section

from .celery import app as celery_app

__all__ = ["celery_app"]
