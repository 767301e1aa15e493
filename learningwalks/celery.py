"""The Celery application: it wakes workers for work that is stored in the database."""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learningwalks.settings")

app = Celery("learningwalks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def _worker_says_hello(**kwargs: object) -> None:
    """A worker that has just started is alive, though no task came yet."""
    _say_hello("worker")


@beat_init.connect
def _beat_says_hello(**kwargs: object) -> None:
    """A beat that has just started is alive, though nothing is due yet."""
    _say_hello("beat")


def _say_hello(process: str) -> None:
    from django.utils import timezone

    from notifications import heartbeat

    heartbeat.record(process, now=timezone.now())


@setup_logging.connect
def _keep_our_logging(**kwargs: object) -> None:
    """Celery's own formats would print arguments and errors in full; that this is connected is enough."""


@worker_shutting_down.connect
def _stop_soon(**kwargs: object) -> None:
    """A worker that is asked to end finishes the mail in hand and begins no other."""
    from notifications import delivery

    delivery.stop_soon()
