"""After a person is erased, remove the deleted rows from SQLite's files too."""

from __future__ import annotations

from django.db import transaction

from school.people import hooks
from school.people.hooks import Erasure

from . import sqlite


@hooks.on_erasing
def truncate_wal(erasure: Erasure) -> None:
    transaction.on_commit(sqlite.truncate_wal)
