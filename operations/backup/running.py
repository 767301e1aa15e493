"""Whether anything runs on the data: a restore goes on only when it is alone, and nothing starts meanwhile."""

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
from .making import database

Clock = Callable[[], dt.datetime]
Say = Callable[[str], None]
SILENT = 3 * EVERY_SECONDS  # a worker, beat or an outbox loop is heard of more often than this


@contextmanager
def alone(data_dir: Path, *, clock: Clock, say: Say) -> Iterator[None]:
    """Hold the data folder against `manage.py run` and web servers, and make sure that nobody else is there."""
    if data_dir.stat().st_uid != os.getuid():
        raise BackupError(f"Run this as the user who owns {data_dir}, or the service cannot read what it finds there.")
    connection.close()
    with installation.lock(data_dir), installation.lock(data_dir, name=installation.SERVING):
        database().refuse_in_use()
        _refuse_background(clock, say)
        database().refuse_in_use()
        yield


def _refuse_background(clock: Clock, say: Say) -> None:
    """A sign of life that is fresh may be the last one: wait and see whether another follows."""
    first, told = _newest(), False
    while first and (clock() - first[1]).total_seconds() < SILENT:
        if not told:
            say(f"The {first[0]} was seen a moment ago; looking for a minute whether it is gone.")
            told = True
        time.sleep(1)
        latest = _newest()
        if latest and latest[1] > first[1]:
            raise BackupError(f"The {latest[0]} is still running. Stop Learning Walks everywhere first.")


def _newest() -> tuple[str, dt.datetime] | None:
    if not database().exists():
        return None
    try:
        return Heartbeat.objects.order_by("-at").values_list("name", "at").first()
    except DatabaseError:  # no tables, or damaged: nothing works on it
        return None
    finally:
        connection.close()
