"""Celery's beat, made independent of the broker: a sweep that cannot be handed over is run right here.

Losing the broker (stopped, or frozen) costs a little time, never a mail.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from notifications.heartbeat import beat

logger = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):  # type: ignore[misc]
    """The schedule of settings.CELERY_BEAT_SCHEDULE."""

    @property
    def producer(self) -> None:  # type: ignore[override]
        """None: each task takes its own short-lived connection, so beat never waits for a broker to come back."""
        return

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One round of beat; leaves a heartbeat now and then."""
        self._leave_heartbeat()
        return float(super().tick(*args, **kwargs))

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Hand a due task to a worker; with no broker, run it here."""
        try:
            self.apply_async(entry, advance=False)
        except Exception as error:  # whatever the broker did: the sweep must still run
            logger.warning("The broker does not take %s (%s).", entry.task, type(error.__cause__ or error).__name__)
            self._run_here(entry)

    def _run_here(self, entry: ScheduleEntry) -> None:
        task = self.app.tasks.get(str(entry.task))
        if task is None:
            return
        close_old_connections()
        task.apply(args=entry.args, kwargs=entry.kwargs)  # logs its own error
        close_old_connections()

    def _leave_heartbeat(self) -> None:
        close_old_connections()
        try:
            beat("beat", now=timezone.now())
        except DatabaseError:
            logger.warning("The database does not take beat's heartbeat.")
