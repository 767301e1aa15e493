"""What SQLite needs to serve pages on a full disk, and to let go of what was deleted."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from django.conf import settings
from django.db import OperationalError, connection

PATIENCE = 2000  # milliseconds for readers to finish; meanwhile nobody writes


def hold_open() -> sqlite3.Connection | None:
    """An idle reader, kept as long as the process lives; None with another database.

    The last connection to close takes SQLite's two helper files away, and a full disk has no room to make them anew:
    then not even reading would work. It also spares every quiet moment a checkpoint.
    """
    if not settings.SQLITE:
        return None
    name = settings.DATABASES["default"]["NAME"]
    reader = sqlite3.connect(f"file:{name}?mode=rw", uri=True, check_same_thread=False, isolation_level=None)
    reader.execute("PRAGMA query_only = 1")
    reader.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    return reader


def truncate_wal() -> None:
    """Let deleted rows leave the disk: copy the write-ahead log into the database file and cut the log to nothing.

    Until then the file still holds what was deleted, and the log what it was changed from. With `secure_delete` on,
    deleting overwrites. A reader that takes longer than `PATIENCE` puts it off to the next round of retention.
    """
    if not settings.SQLITE or connection.in_atomic_block:  # tests run in a transaction
        return
    usual = connection.settings_dict["OPTIONS"]["timeout"] * 1000
    with connection.cursor() as cursor, suppress(OperationalError):
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
