"""PostgreSQL: dump one snapshot with pg_dump; restore into a second schema, then swap schemas in one transaction."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection

from . import programs
from .archive import BackupError

Query = Callable[[str], list[Any]]
SCHEMA = "public"
STAGED = "learningwalks_restoring"  # schema of the new tables until the swap
MOVED_AWAY = "learningwalks_lent"  # name of the old schema while the dump is loaded into a schema named "public"
BEFORE_LOADING = f'BEGIN;\nALTER SCHEMA "{SCHEMA}" RENAME TO "{MOVED_AWAY}";\nCREATE SCHEMA "{SCHEMA}";\n'
AFTER_LOADING = (
    f'ALTER SCHEMA "{SCHEMA}" RENAME TO "{STAGED}";\nALTER SCHEMA "{MOVED_AWAY}" RENAME TO "{SCHEMA}";\nCOMMIT;\n'
)
COUNT_OTHER_CONNECTIONS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user
AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
LINGER_SECONDS = 5  # the server still lists a connection for a moment after it was closed, even our own
vendor = "postgresql"


def exists() -> bool:
    """Always true for PostgreSQL; the database may be empty."""
    return True


def server() -> str:
    """Return the server's major version."""
    return str(connection.cursor().connection.info.server_version // 10000)


@contextmanager
def snapshot(folder: Path) -> Iterator[tuple[Path, Query]]:
    """Yield a dump, and a function that queries the database as it was at the moment of the dump."""
    copy = folder / "database"
    dump = programs.find("pg_dump", major=int(server()))
    raw: Any = connection.get_new_connection(connection.get_connection_params())
    with closing(raw):
        raw.autocommit = True
        raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot_id = raw.execute("SELECT pg_export_snapshot()").fetchone()[0]
        arguments, _environment = programs.connection_arguments()
        options = [
            "--format=custom",
            f"--schema={SCHEMA}",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot_id}",
        ]
        programs.run([dump, *arguments, *options, f"--file={copy}"])
        yield copy, lambda sql: raw.execute(sql).fetchall()


def refuse_if_in_use() -> None:
    """Raise BackupError if other connections remain for LINGER_SECONDS."""
    until = time.monotonic() + LINGER_SECONDS
    while others := _other_connections():
        if time.monotonic() > until:
            raise BackupError(f"{others} other connections use the database. Stop Learning Walks everywhere first.")
        time.sleep(0.2)


def _other_connections() -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT_OTHER_CONNECTIONS)
            return int(cursor.fetchone()[0])
    except OperationalError as error:
        raise BackupError(f"The database server does not answer: {str(error).splitlines()[0]}") from error


@contextmanager
def replacing(archived: Path, aside: Path) -> Iterator[None]:
    """Let Django work on the new tables in a second schema; swap the schemas when the block ends.

    Any failure inside, even a kill, leaves the old tables as they were.
    """
    drop_staged = f'DROP SCHEMA IF EXISTS "{STAGED}" CASCADE'
    _execute(drop_staged)  # a killed restore may have left it
    _load(archived)
    try:
        with _working_in(STAGED):
            yield
        old = _schema_of_old_data(aside)
        _execute(f'ALTER SCHEMA "{SCHEMA}" RENAME TO "{old}"', f'ALTER SCHEMA "{STAGED}" RENAME TO "{SCHEMA}"')
    finally:
        _execute(drop_staged)


def _load(archived: Path) -> None:
    """Load the dump into the new schema in one transaction of psql. If that is killed before our COMMIT, nothing stays.

    pg_restore always writes to the schema that the dump names. Within this transaction, the old schema therefore has
    another name.
    """
    psql = programs.find("psql", major=int(server()))
    restore = programs.find("pg_restore", major=int(server()))
    arguments, environment = programs.connection_arguments()
    connection.close()
    command = [psql, *arguments, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
    loading = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    assert loading.stdin is not None
    try:
        loading.stdin.write(BEFORE_LOADING.encode())
        loading.stdin.flush()
        options = ["--no-owner", "--no-privileges", f"--schema={SCHEMA}", "--file=-", str(archived)]
        programs.run([restore, *options], into=loading.stdin)
        _out, errors = loading.communicate(AFTER_LOADING.encode())
    except BaseException:
        loading.kill()  # nothing was committed
        loading.communicate()
        raise
    if loading.returncode:
        raise BackupError(f"The backup cannot be loaded: {programs.first_error(errors)}")


@contextmanager
def _working_in(schema: str) -> Iterator[None]:
    """Make every new connection of Django use this schema only."""
    before = connection.settings_dict["OPTIONS"]
    connection.close()
    connection.settings_dict["OPTIONS"] = before | {"options": f"{before.get('options', '')} -c search_path={schema}"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            if cursor.fetchone() != (schema,):  # a connection pool ignores the option
                raise BackupError("A restore needs a direct connection to PostgreSQL. Let DATABASE_URL lead to it.")
        yield
    finally:
        connection.close()
        connection.settings_dict["OPTIONS"] = before


def _execute(*statements: str) -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(["BEGIN", *statements, "COMMIT"]))
    connection.close()


def _schema_of_old_data(aside: Path) -> str:
    return aside.name.replace("-", "_")


def check() -> None:
    """Do nothing: PostgreSQL checked all foreign keys while loading."""


def location_of_old_data(aside: Path) -> str:
    """Tell the operator where the replaced tables are and how to delete them."""
    name = _schema_of_old_data(aside)
    advice = f'When you have checked the restored data: DROP SCHEMA "{name}" CASCADE'
    return f"The replaced tables are in the schema {name}. {advice}"
