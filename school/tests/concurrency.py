"""Two people who act at the same moment."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier

from django.db import connection, connections


@contextmanager
def just_before_the_next_transaction(action):
    """Call `action` once, when a page has read its rows and its rule has not begun to write."""
    called = []

    def interrupt(execute, sql, params, many, context):
        if sql.startswith("SAVEPOINT") and not called:
            called.append(sql)
            action()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupt):
        yield


def move_database_to_disk(tmp_path, monkeypatch):
    """Move the test database into a file. In memory, SQLite's threads could not wait for each other's locks."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode=WAL")  # as in production; it needs a file without other connections
        monkeypatch.setitem(connections.settings["default"], "NAME", str(tmp_path / "copy.sqlite3"))


def in_two_threads(action):
    """Call `action` in two threads that start together. Return both results."""
    start = Barrier(2)

    def run(_number):
        try:
            start.wait()
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(run, range(2)))
