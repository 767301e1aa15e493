"""Turn a database error while typed words are stored into a sentence on a page that still holds them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError
from django.utils.translation import gettext as _

from .errors import RuleError

logger = logging.getLogger(__name__)

DEADLOCK, SERIALIZATION_FAILURE = "40P01", "40001"  # SQLSTATE: run the transaction again
# False while ConflictMiddleware serves a form for the first time; nothing else is run again after a conflict.
is_last_try: ContextVar[bool] = ContextVar("is_last_try", default=True)


class NotSavedError(RuleError):
    """The text could not be stored just now; the page still holds it."""


def is_conflict(error: BaseException) -> bool:
    """Whether the database gave up one of two transactions that wait for each other; run again, it goes through."""
    return getattr(error.__cause__, "sqlstate", None) in (DEADLOCK, SERIALIZATION_FAILURE)


def will_be_retried(error: BaseException) -> bool:
    """Whether the whole request is run once more for this error, so that nobody has to hear of it."""
    return is_conflict(error) and not is_last_try.get()


@contextmanager
def report_if_not_saved() -> Iterator[None]:
    """Around everything that stores typed words: a full disk, say, raises NotSavedError.

    A conflict passes through only where the whole request is run again.
    """
    try:
        yield
    except DatabaseError as error:
        if will_be_retried(error):
            raise
        logger.exception("the database did not take what was typed")
        raise NotSavedError(_("We couldn’t save that just now. Your words are still here; try again.")) from error
