"""A database that refuses changes."""

import re

from django.db import OperationalError

CHANGES = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


def refuse_changes(execute, sql, params, many, context):
    """Fail as on a full disk. Use it with `connection.execute_wrapper`."""
    if CHANGES.match(sql):
        raise OperationalError("database or disk is full")
    return execute(sql, params, many, context)
