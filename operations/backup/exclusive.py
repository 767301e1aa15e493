"""Make sure that nothing else runs during a restore, and that nothing starts."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, connection

from notifications.heartbeat import EVERY_SECONDS
from notifications.models import Heartbeat
from operations import installation

from .archive import BackupError
from .create import database

Clock = Callable[[], dt.datetime]
Say = Callable[[str], None]
SILENT_SECONDS = 3 * EVERY_SECONDS  # a running process records a heartbeat more often


@contextmanager
def nothing_else_running(data_dir: Path, *, clock: Clock, say: Say) -> Iterator[None]:
    """Lock the data folder against `manage.py run` and web servers; raise BackupError if anything still runs."""
    if data_dir.stat().st_uid != os.getuid():
        raise BackupError(f"Run this as the user who owns {data_dir}, or the service cannot read the restored files.")
    connection.close()
    with installation.lock(data_dir), installation.lock(data_dir, name=installation.SERVING):
        database().refuse_if_in_use()
        _refuse_background_processes(clock, say)
        database().refuse_if_in_use()
        yield


def _refuse_background_processes(clock: Clock, say: Say) -> None:
    """Raise BackupError if a worker, beat or outbox loop runs.

    If the latest heartbeat is recent, wait to see whether another one follows.
    """
    first = _latest_heartbeat()
    announced = False
    while first and (clock() - first[1]).total_seconds() < SILENT_SECONDS:
        if not announced:
            say(f"The {first[0]} ran a moment ago; waiting for up to a minute to see whether it has stopped.")
            announced = True
        time.sleep(1)
        latest = _latest_heartbeat()
        if latest and latest[1] > first[1]:
            raise BackupError(f"The {latest[0]} is still running. Stop Learning Walks everywhere first.")


def _latest_heartbeat() -> tuple[str, dt.datetime] | None:
    if not database().exists():
        return None
    try:
        return Heartbeat.objects.order_by("-at").values_list("name", "at").first()
    except DatabaseError:  # no tables, or a damaged file: no process can be using it
        return None
    finally:
        connection.close()
