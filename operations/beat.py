"""Celery's beat, made independent of broker and worker: a sweep that nobody would do is run right here.

Losing the broker (stopped, or frozen) or every worker costs a little time, never a mail.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from typing import Any

from celery import Task
from celery.beat import PersistentScheduler, ScheduleEntry
from django.db import Error, close_old_connections, connections
from django.utils import timezone

from notifications import delivery, heartbeat

logger = logging.getLogger(__name__)
PATIENCE = dt.timedelta(seconds=90)  # without a sign of any worker
AHEAD = dt.timedelta(seconds=5)  # a last run later than this from now was under a wrong clock
LONG_AGO = dt.timedelta(days=1)  # longer than any interval of the schedule
AT_ONCE = 4  # runs of one task here, as many as a worker has threads: a stuck mail server holds up one of them


class Scheduler(PersistentScheduler):  # type: ignore[misc]
    """The schedule of settings.CELERY_BEAT_SCHEDULE."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.began = time.monotonic()
        self.helpers: list[threading.Thread] = []
        super().__init__(*args, **kwargs)

    @property
    def producer(self) -> None:  # type: ignore[override]
        """None: each task takes its own short-lived connection, so beat never waits for a broker to come back."""
        return

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One round of beat."""
        self._forget_runs_in_the_future()
        return float(super().tick(*args, **kwargs))

    def _forget_runs_in_the_future(self) -> None:
        """The clock was ahead and is set back: without this, beat would do nothing until that time comes again."""
        for entry in self.schedule.values():
            now = timezone.now()
            if entry.last_run_at and entry.last_run_at > now + AHEAD:
                logger.warning("The last run of %s lies in the future; it runs now.", entry.task)
                entry.last_run_at = now - LONG_AGO
                self._heap = None  # rebuilt by the next round, with the right times

    def close(self) -> None:
        """Beat ends: a helper finishes the mail in hand (Python waits for it) and begins no other."""
        delivery.stop_soon()
        super().close()

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Hand a due task to a worker; with no broker, or no sign of a worker, run it here (a row is claimed once).

        The heartbeat is left here and not in each round: a beat that does nothing has none but its first
        (celery.py).
        """
        self._leave_heartbeat()
        try:
            self.apply_async(entry, advance=False)
        except Exception as error:  # whatever the broker did: the sweep must still run
            logger.warning("The broker does not take %s (%s).", entry.task, type(error.__cause__ or error).__name__)
            self._run_here(entry)
            return
        if self._worker_is_gone():
            logger.warning("No worker was seen for a while; beat runs %s itself.", entry.task)
            self._run_here(entry)

    def _run_here(self, entry: ScheduleEntry) -> None:
        """Beside beat, which goes on: a mail server that does not answer must hold up neither it nor other mails."""
        task, name = self.app.tasks.get(str(entry.task)), str(entry.task)
        self.helpers = [helper for helper in self.helpers if helper.is_alive()]
        if task is None or sum(helper.name == name for helper in self.helpers) >= AT_ONCE:
            return
        self.helpers.append(threading.Thread(target=_run, args=(task, entry), name=name))
        self.helpers[-1].start()

    def _worker_is_gone(self) -> bool:
        """A worker that takes sweeps is seen every 20 seconds; after its own start beat gives it time to come up."""
        if time.monotonic() - self.began < PATIENCE.total_seconds():
            return False
        close_old_connections()
        now = timezone.now()
        try:
            return heartbeat.silent_since("worker", now - PATIENCE, now=now)
        except Error:
            return False

    def _leave_heartbeat(self) -> None:
        close_old_connections()
        try:
            heartbeat.record("beat", now=timezone.now())
        except Error:
            logger.warning("The database does not take beat's heartbeat.")


def _run(task: Task[Any, Any], entry: ScheduleEntry) -> None:
    try:
        task.apply(args=entry.args, kwargs=entry.kwargs)  # logs its own error
    finally:
        connections.close_all()
