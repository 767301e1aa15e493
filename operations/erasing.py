"""Remove what was erased from SQLite's files too."""

from __future__ import annotations

from django.db import transaction

from school.people import hooks
from school.people.hooks import Erasure

from . import sqlite


@hooks.on_erasing
def cut_the_log(erasure: Erasure) -> None:
    transaction.on_commit(sqlite.truncate_wal)
