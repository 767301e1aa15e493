"""PostgreSQL: dumped by pg_dump from one snapshot, and put into place in one transaction."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection

from . import programs
from .archive import BackupError

Ask = Callable[[str], list[Any]]
SCHEMA = "public"
OTHERS = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user
AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
vendor = "postgresql"


def exists() -> bool:
    """There always is one; it may be empty."""
    return True


def server() -> str:
    """The server's version."""
    return str(connection.cursor().connection.info.server_version // 10000)


@contextmanager
def snapshot(folder: Path) -> Iterator[tuple[Path, Ask]]:
    """A dump of one moment, and a way to ask the database as it was at that moment."""
    copy = folder / "database"
    dump = programs.find("pg_dump", major=int(server()))
    raw: Any = connection.get_new_connection(connection.get_connection_params())
    with closing(raw):
        raw.autocommit = True
        raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        moment = raw.execute("SELECT pg_export_snapshot()").fetchone()[0]
        words, _environment = programs.address()
        what = ["--format=custom", f"--schema={SCHEMA}", "--no-owner", "--no-privileges", f"--snapshot={moment}"]
        programs.run([dump, *words, *what, f"--file={copy}"])
        yield copy, lambda sql: raw.execute(sql).fetchall()


def refuse_in_use() -> None:
    """Nobody else may be connected."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(OTHERS)
            others = cursor.fetchone()[0]
    except OperationalError as error:
        raise BackupError(f"The database server does not answer: {str(error).splitlines()[0]}") from error
    if others:
        raise BackupError(f"{others} other connections use the database. Stop Learning Walks everywhere first.")


@contextmanager
def replacing(archived: Path, aside: Path) -> Iterator[None]:
    """The old tables step aside into a schema of their own, and step back if anything goes wrong."""
    old = _aside_schema(aside)
    _load(archived, old)
    connection.close()
    try:
        yield
    except BaseException:
        _execute(f'DROP SCHEMA "{SCHEMA}" CASCADE', f'ALTER SCHEMA "{old}" RENAME TO "{SCHEMA}"')
        raise


def _load(archived: Path, old: str) -> None:
    """Old out, new in: one transaction of psql, so that there is always one of them, whole."""
    psql, restore = (programs.find(name, major=int(server())) for name in ("psql", "pg_restore"))
    words, environment = programs.address()
    connection.close()
    quiet = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"]
    command = [psql, *words, *quiet]
    loading = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    assert loading.stdin is not None
    try:
        loading.stdin.write(f'ALTER SCHEMA "{SCHEMA}" RENAME TO "{old}";\nCREATE SCHEMA "{SCHEMA}";\n'.encode())
        loading.stdin.flush()
        what = ["--no-owner", "--no-privileges", f"--schema={SCHEMA}", "--file=-", str(archived)]
        programs.run([restore, *what], into=loading.stdin)
    except BaseException:
        loading.kill()  # nothing was committed
        loading.communicate()
        raise
    _out, said = loading.communicate()
    if loading.returncode:
        raise BackupError(f"The backup cannot be loaded: {programs.last_line(said)}")


def _execute(*statements: str) -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(["BEGIN", *statements, "COMMIT"]))
    connection.close()


def _aside_schema(aside: Path) -> str:
    return aside.name.replace("-", "_")


def check() -> None:
    """Every reference leads somewhere: PostgreSQL checked its constraints while loading."""


def where_aside(aside: Path) -> str:
    """Where the replaced tables are, and how they go."""
    name = _aside_schema(aside)
    return f'The replaced tables are in the schema {name}. When you have looked around: DROP SCHEMA "{name}" CASCADE'
