"""Log lines without secrets: long random parts of addresses (calendar links, reset keys) are cut out."""

from __future__ import annotations

import logging
import re

TOKEN = re.compile(r"(?<=[/=])(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{24,}")


class PrivateFormatter(logging.Formatter):
    """One line per event: time, level, logger, message."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with tokens replaced."""
        return without_tokens(super().format(record))


def without_tokens(text: str) -> str:
    """The text with every long random part of an address replaced by three dots."""
    return TOKEN.sub("...", text)
