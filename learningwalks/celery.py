"""The Celery application. A task contains no data: it tells a worker to look in the database for work."""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learningwalks.settings")

app = Celery("learningwalks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def _record_start_of_worker(**kwargs: object) -> None:
    """Count a worker as alive from its start, before the first task arrives."""
    _record_heartbeat("worker")


@beat_init.connect
def _record_start_of_beat(**kwargs: object) -> None:
    """Count beat as alive from its start, before the first task is due."""
    _record_heartbeat("beat")


def _record_heartbeat(process: str) -> None:
    from django.utils import timezone

    from notifications import heartbeat

    heartbeat.record(process, now=timezone.now())


@setup_logging.connect
def _keep_our_logging(**kwargs: object) -> None:
    """Do nothing. Because this handler exists, Celery does not set up its own logging, which shows private data."""


@worker_shutting_down.connect
def _stop_soon(**kwargs: object) -> None:
    """When the worker is asked to stop, let it finish the current mail and start no other."""
    from notifications.sending import delivery

    delivery.stop_soon()
