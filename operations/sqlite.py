"""Keep SQLite readable on a full disk, and remove deleted rows from its files."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from django.conf import settings
from django.db import OperationalError, connection

PATIENCE = 2000  # milliseconds to wait for readers; nobody can write during that time


def hold_open() -> sqlite3.Connection | None:
    """Return an idle connection, which the process keeps open until it ends. Return None for PostgreSQL.

    When its last connection closes, SQLite deletes its two helper files. On a full disk it cannot create them again,
    and then even reading fails. The open connection also avoids a checkpoint after every request.
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

    `secure_delete` overwrites deleted rows, but only in the log: until the checkpoint the database file keeps them, and
    the log keeps earlier versions of them. If a reader takes longer than PATIENCE, the next run of retention tries
    again.
    """
    if not settings.SQLITE or connection.in_atomic_block:  # only tests run in a transaction, which allows no checkpoint
        return
    usual = connection.settings_dict["OPTIONS"]["timeout"] * 1000
    with connection.cursor() as cursor, suppress(OperationalError):
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
