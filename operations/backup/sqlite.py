"""SQLite: copy the file while others write, and restore it with one rename."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection

from .archive import BackupError

Query = Callable[[str], list[Any]]
SIDE_FILES = ("-wal", "-shm", "-journal")
vendor = "sqlite"


def file() -> Path:
    return Path(connection.settings_dict["NAME"])


def exists() -> bool:
    """Look for the file. A query through Django would create an empty database."""
    return file().exists()


def server() -> str:
    return sqlite3.sqlite_version


@contextmanager
def snapshot(folder: Path) -> Iterator[tuple[Path, Query]]:
    """Yield a copy of the database as of one moment, and a function that queries the copy.

    VACUUM INTO reads in one transaction, so the copy is consistent and others can write in the meantime.
    """
    copy = folder / "database"
    if not file().exists():
        raise BackupError(f"There is no database {file()}.")
    try:
        with closing(sqlite3.connect(file(), timeout=60, isolation_level=None)) as source:
            source.execute("VACUUM INTO ?", [str(copy)])
    except sqlite3.Error as error:
        raise BackupError(f"The database cannot be copied: {error}") from error
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as reader:
        yield copy, lambda sql: reader.execute(sql).fetchall()


def refuse_if_in_use() -> None:
    """Raise BackupError if another process has the file open: SQLite then cannot switch off the write-ahead log."""
    if not file().exists():
        return
    try:
        with closing(sqlite3.connect(file(), timeout=2, isolation_level=None)) as alone:
            alone.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BackupError("Something still uses the database. Stop Learning Walks first.") from error
    except sqlite3.DatabaseError:
        return  # damaged; a restore may replace it


@contextmanager
def replacing(archived: Path, aside: Path) -> Iterator[None]:
    """Let Django work on the new database file; put it in the place of the old one when the block ends.

    Any failure inside leaves the old file as it was.
    """
    place = file()
    staged = file().with_name(f".{file().name}.restoring")
    _remove(staged)
    archived.replace(staged) if archived.parent == staged.parent else shutil.move(archived, staged)
    staged.chmod(0o640)
    connection.close()
    connection.settings_dict["NAME"] = str(staged)
    try:
        yield
        connection.close()
        with closing(sqlite3.connect(staged, isolation_level=None)) as last:
            last.execute("PRAGMA journal_mode=DELETE")  # merge the log into the file
        _swap(staged, place, aside)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(place)
        _remove(staged)


def _swap(staged: Path, place: Path, aside: Path) -> None:
    """Keep the old database in `aside` and replace it. A database exists at `place` at every moment."""
    if place.exists():
        aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        for side in SIDE_FILES:  # only a damaged database still has them
            with suppress(FileNotFoundError):
                place.with_name(place.name + side).rename(aside / (place.name + side))
        try:
            os.link(place, aside / place.name)
        except OSError:  # a file system without hard links
            shutil.copy2(place, aside / place.name)
    staged.replace(place)


def _remove(path: Path) -> None:
    for name in (path.name, *(path.name + side for side in SIDE_FILES)):
        path.with_name(name).unlink(missing_ok=True)


def check() -> None:
    """Raise BackupError if SQLite finds damage or broken foreign keys."""
    with connection.cursor() as cursor:
        found = cursor.execute("PRAGMA integrity_check").fetchall()
        if found != [("ok",)]:
            raise BackupError("The database of the backup is damaged (integrity_check).")
        if cursor.execute("PRAGMA foreign_key_check").fetchall():
            raise BackupError("The database of the backup is inconsistent (foreign_key_check).")


def location_of_old_data(aside: Path) -> str:
    """Tell the operator where the replaced database is and how to delete it."""
    return f"The replaced database is in {aside}. When you have checked the restored data, remove it: rm -r {aside}"
