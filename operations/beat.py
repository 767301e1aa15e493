"""Celery's beat, extended: it runs due tasks itself when the broker or all workers are gone.

If the broker stops or freezes, mails leave later, but none is lost.
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

from notifications import heartbeat
from notifications.sending import delivery

logger = logging.getLogger(__name__)
WORKER_SILENCE = dt.timedelta(seconds=90)  # if no worker records a heartbeat for so long, beat runs the tasks itself
CLOCK_TOLERANCE = dt.timedelta(seconds=5)  # a last run further in the future than this comes from a wrong clock
LONG_AGO = dt.timedelta(days=1)  # longer than any interval of the schedule
MAX_RUNS = 4  # runs of one task at the same time: if one hangs on a mail server, others go on


class Scheduler(PersistentScheduler):
    """Runs settings.CELERY_BEAT_SCHEDULE."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.began = time.monotonic()
        self.helpers: list[threading.Thread] = []
        super().__init__(*args, **kwargs)

    @property
    def producer(self) -> None:  # type: ignore[override]
        """Return None, so that each task opens its own short-lived connection and beat never waits for a broker."""
        return

    def tick(self, *args: Any, **kwargs: Any) -> float:
        self._forget_runs_in_the_future()
        return float(super().tick(*args, **kwargs))

    def _forget_runs_in_the_future(self) -> None:
        """Make tasks due whose last run lies in the future. After a clock is set back, beat would wait until then."""
        for entry in self.schedule.values():
            now = timezone.now()
            if entry.last_run_at and entry.last_run_at > now + CLOCK_TOLERANCE:
                logger.warning("The last run of %s lies in the future; it runs now.", entry.task)
                entry.last_run_at = now - LONG_AGO
                self._heap = None  # the next tick rebuilds it with the corrected times

    def close(self) -> None:
        """Stop: the helper threads finish the current mail (Python waits for them) and start no other."""
        delivery.stop_soon()
        super().close()

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send a due task to a worker. Run it here if there is no broker or no worker.

        If a worker runs it too, that does no harm, because each mail and reminder is claimed only once. The heartbeat
        is recorded here and not in `tick`, so that a beat that sends no tasks counts as stopped.
        """
        self._record_heartbeat()
        try:
            self.apply_async(entry, advance=False)
        except Exception as error:  # the task must run whatever is wrong with the broker
            reason = type(error.__cause__ or error).__name__
            logger.warning("The broker did not accept %s (%s); beat runs it itself.", entry.task, reason)
            self._run_here(entry)
            return
        if self._worker_is_gone():
            logger.warning("No worker was seen for a while; beat runs %s itself.", entry.task)
            self._run_here(entry)

    def _run_here(self, entry: ScheduleEntry) -> None:
        """Run the task in a thread: a mail server that does not answer must block neither beat nor other mails."""
        task = self.app.tasks.get(str(entry.task))
        name = str(entry.task)
        self.helpers = [helper for helper in self.helpers if helper.is_alive()]
        if task is None or sum(helper.name == name for helper in self.helpers) >= MAX_RUNS:
            return
        self.helpers.append(threading.Thread(target=_run, args=(task, entry), name=name))
        self.helpers[-1].start()

    def _worker_is_gone(self) -> bool:
        """Return whether no worker recorded a heartbeat lately. False while beat itself has just started."""
        if time.monotonic() - self.began < WORKER_SILENCE.total_seconds():
            return False
        close_old_connections()
        now = timezone.now()
        try:
            return heartbeat.silent_since("worker", now - WORKER_SILENCE, now=now)
        except Error:
            return False

    def _record_heartbeat(self) -> None:
        close_old_connections()
        try:
            heartbeat.record("beat", now=timezone.now())
        except Error:
            logger.warning("Beat could not record its heartbeat in the database.")


def _run(task: Task[Any, Any], entry: ScheduleEntry) -> None:
    try:
        task.apply(args=entry.args, kwargs=entry.kwargs)  # logs its own error
    finally:
        connections.close_all()
