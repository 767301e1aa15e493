"""The Celery application: a door-bell for work whose truth is in the database."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learningwalks.settings")

app = Celery("learningwalks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def _say_hello(**kwargs: object) -> None:
    """A worker that has just started is alive, though no task came yet."""
    from django.utils import timezone

    from notifications.heartbeat import beat

    beat("worker", now=timezone.now())


@setup_logging.connect
def _keep_our_logging(**kwargs: object) -> None:
    """Celery's own formats would print arguments and errors in full; that this is connected is enough."""


@worker_shutting_down.connect
def _stop_soon(**kwargs: object) -> None:
    """A worker that is asked to end finishes the mail in hand and begins no other."""
    from notifications import outbox

    outbox.stop_soon()
