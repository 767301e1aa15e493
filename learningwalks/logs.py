"""Log lines without secrets: long random parts of addresses (calendar links, reset keys) are cut out."""

from __future__ import annotations

import logging
import re
from typing import Any

TOKEN = re.compile(r"(?<=[/=])(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{24,}")


class PrivateFormatter(logging.Formatter):
    """One line per event: time, level, logger, message."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        """The traceback. Of each error only the first line: PostgreSQL's next one repeats the row, notes and all."""
        text = super().formatException(ei)
        error: BaseException | None = ei[1]
        while error is not None:
            first, *more = str(error).split("\n", 1)
            text = text.replace(str(error), f"{first} ...") if more else text
            error = error.__cause__ or error.__context__
        return text

    def format(self, record: logging.LogRecord) -> str:
        """The line, with tokens replaced."""
        return without_tokens(super().format(record))


def without_tokens(text: str) -> str:
    """The text with every long random part of an address replaced by three dots."""
    return TOKEN.sub("...", text)
