"""Turn a database error while saving into a form error, so that the user's text stays on the page."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError
from django.utils.translation import gettext as _

from .errors import RuleError

logger = logging.getLogger(__name__)

# Values of SQLSTATE after which the transaction may be run again.
DEADLOCK = "40P01"
SERIALIZATION_FAILURE = "40001"
# False during the first try of a form in ConflictMiddleware. Everything else has only one try, the last.
is_last_try: ContextVar[bool] = ContextVar("is_last_try", default=True)


class NotSavedError(RuleError):
    """The text could not be saved. The page still contains it."""


def is_conflict(error: BaseException) -> bool:
    """Whether the database aborted this transaction because of a concurrent one. A second try usually succeeds."""
    return getattr(error.__cause__, "sqlstate", None) in (DEADLOCK, SERIALIZATION_FAILURE)


def will_be_retried(error: BaseException) -> bool:
    """Whether ConflictMiddleware runs the whole request again after this error, so that no message is needed."""
    return is_conflict(error) and not is_last_try.get()


@contextmanager
def report_if_not_saved() -> Iterator[None]:
    """Raise NotSavedError when the database cannot save the user's text, for example on a full disk.

    An error after which the whole request runs again is raised unchanged.
    """
    try:
        yield
    except DatabaseError as error:
        if will_be_retried(error):
            raise
        logger.exception("the database did not save the text")
        raise NotSavedError(_("We couldn’t save that. Your words are still here; try again.")) from error
