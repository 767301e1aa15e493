"""Keep SQLite readable on a full disk, and remove deleted rows from its files."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from django.conf import settings
from django.db import OperationalError, connection

PATIENCE = 2000  # milliseconds to wait for readers; nobody can write meanwhile


def hold_open() -> sqlite3.Connection | None:
    """Return an idle connection to keep open as long as the process lives; None with another database.

    The last connection to close deletes SQLite's two helper files, and on a full disk they could not be created again,
    so that even reading would fail. It also avoids a checkpoint after every request.
    """
    if not settings.SQLITE:
        return None
    name = settings.DATABASES["default"]["NAME"]
    reader = sqlite3.connect(f"file:{name}?mode=rw", uri=True, check_same_thread=False, isolation_level=None)
    reader.execute("PRAGMA query_only = 1")
    reader.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    return reader


def truncate_wal() -> None:
    """Remove deleted rows from disk: copy the write-ahead log into the database file and truncate the log.

    Until then the file still holds what was deleted, and the log holds earlier versions. `secure_delete` overwrites
    deleted rows. If a reader takes longer than PATIENCE, the next run of retention does it.
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
