"""What SQLite needs to serve pages on a full disk."""

from __future__ import annotations

import sqlite3

from django.conf import settings


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
