"""SQLite: copied while everything writes, and put into place with one rename."""

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

Ask = Callable[[str], list[Any]]
SIDE_FILES = ("-wal", "-shm", "-journal")
vendor = "sqlite"


def file() -> Path:
    """The database's file."""
    return Path(connection.settings_dict["NAME"])


def exists() -> bool:
    """Whether there is one; to ask Django would make an empty one."""
    return file().exists()


def server() -> str:
    """The version of SQLite."""
    return sqlite3.sqlite_version


@contextmanager
def snapshot(folder: Path) -> Iterator[tuple[Path, Ask]]:
    """The database as it was at one moment, in a file, and a way to ask it.

    VACUUM INTO reads in one transaction: writers go on meanwhile, and the copy is whole.
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


def refuse_in_use() -> None:
    """Nobody else may have the file open: only then does SQLite give up its write-ahead log."""
    if not file().exists():
        return
    try:
        with closing(sqlite3.connect(file(), timeout=2, isolation_level=None)) as alone:
            alone.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BackupError("Something still uses the database. Stop Learning Walks first.") from error
    except sqlite3.DatabaseError:
        return  # damaged: that is why there are backups


@contextmanager
def replacing(archived: Path, aside: Path) -> Iterator[None]:
    """Inside, Django works on the new database, beside the old one. Afterwards the new one takes its place.

    Whatever goes wrong inside leaves the old one as it was.
    """
    place, staged = file(), file().with_name(f".{file().name}.restoring")
    _remove(staged)
    archived.replace(staged) if archived.parent == staged.parent else shutil.move(archived, staged)
    staged.chmod(0o640)
    connection.close()
    connection.settings_dict["NAME"] = str(staged)
    try:
        yield
        connection.close()
        with closing(sqlite3.connect(staged, isolation_level=None)) as last:
            last.execute("PRAGMA journal_mode=DELETE")  # everything into the one file
        _put(staged, place, aside)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(place)
        _remove(staged)


def _put(staged: Path, place: Path, aside: Path) -> None:
    """The old database stays under another name before the new one takes over its own: there is always one."""
    if place.exists():
        aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        for side in SIDE_FILES:  # of a damaged database; a sound one has none left
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
    """What SQLite itself says about the file, and whether every reference leads somewhere."""
    with connection.cursor() as cursor:
        found = cursor.execute("PRAGMA integrity_check").fetchall()
        if found != [("ok",)]:
            raise BackupError("The database of the backup is damaged (integrity_check).")
        if cursor.execute("PRAGMA foreign_key_check").fetchall():
            raise BackupError("The database of the backup is not whole (foreign_key_check).")


def where_aside(aside: Path) -> str:
    """Where the replaced database is, and how it goes."""
    return f"The replaced database is in {aside}. When you have looked around, remove it: rm -r {aside}"
