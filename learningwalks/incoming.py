"""One request while it comes in: its time, and the place for its body."""

from __future__ import annotations

import errno
import io
import os
import tempfile
import time
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

MEGABYTE = 1024 * 1024
HEAD_SECONDS = 20  # for a whole head
FIRST_SECONDS = 30  # for a body, plus one second for each SLOWEST bytes of it
SLOWEST = 1000  # bytes a second; a phone in the worst corner of a school has more
LONGEST_SECONDS = 1800  # for a body, however fast it began
MAX_KEPT = 160 * MEGABYTE  # of one body; observations/uploads.py says what that means
MAX_KEPT_OF_ALL = 1024 * MEGABYTE  # of all bodies that one process reads at a time
IN_MEMORY = MEGABYTE // 4  # of one body; a longer one goes into a temporary file


class Body:
    """The bytes of a body, in memory or in a nameless file. What finds no room is dropped, and `cut` says so."""

    kept_of_all = 0

    def __init__(self) -> None:
        self.file: Any = io.BytesIO()
        self.length = 0
        self.cut = False

    def __len__(self) -> int:
        return self.length

    def append(self, data: bytes) -> None:
        """Keep these bytes."""
        if self.cut:
            return
        try:
            self._write(data)
        except OSError:
            self.cut = True

    def _write(self, data: bytes) -> None:
        if self.length + len(data) > MAX_KEPT or Body.kept_of_all + len(data) > MAX_KEPT_OF_ALL:
            self.cut = True
            return
        if isinstance(self.file, io.BytesIO) and self.length + len(data) > IN_MEMORY:
            self._move_to_disk(self.file)
        written = self.file.write(data) or 0
        self.cut = written < len(data)
        self.length += written
        Body.kept_of_all += written

    def _move_to_disk(self, memory: io.BytesIO) -> None:
        file: Any = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed by close)
        try:
            if file.write(memory.getbuffer()) < self.length:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            file.close()
            raise
        self.file = file

    def getfile(self) -> Any:
        """The body from its beginning, for the application."""
        if isinstance(self.file, io.FileIO):
            self.file = io.BufferedReader(self.file)
        self.file.seek(0)
        return self.file

    def close(self) -> None:
        """Let go of the bytes."""
        Body.kept_of_all -= self.length
        self.length = 0
        self.file.close()


class Request(HTTPRequestParser):  # type: ignore[misc]
    """A request while it arrives."""

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.began = time.monotonic()

    def parse_header(self, header_plus: bytes) -> None:
        """The head is whole: from here on the body has its own time, and its own place."""
        super().parse_header(header_plus)
        self.began = time.monotonic()
        if self.body_rcv is not None:
            self.body_rcv.buf = Body()

    def is_late(self, now: float) -> bool:
        """Whether it should have arrived by now."""
        allowed: float = HEAD_SECONDS
        if self.headers_finished:
            allowed = min(FIRST_SECONDS + self.body_bytes_received / SLOWEST, LONGEST_SECONDS)
        return now - self.began > allowed
