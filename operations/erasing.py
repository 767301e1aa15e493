"""What was erased also leaves SQLite's files."""

from __future__ import annotations

from django.db import transaction

from school import hooks
from school.hooks import Erasure

from . import sqlite


@hooks.on_erasing
def cut_the_log(erasure: Erasure) -> None:
    """Once the erasure is committed."""
    transaction.on_commit(sqlite.truncate_wal)
