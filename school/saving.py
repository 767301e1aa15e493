"""What typed words meet when the database cannot take them: a sentence, on a page that still holds them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils.translation import gettext as _

from .errors import RuleError

logger = logging.getLogger(__name__)


class NotSavedError(RuleError):
    """The text could not be stored just now; the page still holds it."""


@contextmanager
def saved_or_said() -> Iterator[None]:
    """Around everything that stores typed words: a full disk, say, raises NotSavedError."""
    try:
        yield
    except DatabaseError as error:
        logger.exception("the database did not take what was typed")
        raise NotSavedError(_("We couldn’t save that just now. Your words are still here; try again.")) from error
