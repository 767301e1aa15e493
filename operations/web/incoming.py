"""A request that is still arriving: its time limits, and where its body is stored."""

from __future__ import annotations

import errno
import io
import os
import tempfile
import threading
import time
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

MEGABYTE = 1024 * 1024
HEAD_SECONDS = 20  # for a whole head
GRACE_SECONDS = 30  # for a body, plus the time it needs at SLOWEST_BYTES_PER_SECOND
SLOWEST_BYTES_PER_SECOND = 1000  # a phone with the worst reception in a school is faster
LONGEST_SECONDS = 1800  # for any body
MAX_KEPT = 160 * MEGABYTE  # of one body; further bytes are ignored, and observations/photos/uploads.py shows a message
MAX_ON_DISK = 1024 * MEGABYTE  # of all bodies of one process together; above this, connections.py drops a body
IN_MEMORY = MEGABYTE // 4  # of one body; a longer one goes into a temporary file
TOTAL_LOCK = threading.Lock()  # the main thread stores bodies while web threads release others


class Body:
    """The bytes of a body, in memory or in an unnamed file. If the disk is full, they are deleted (`dropped`)."""

    total_on_disk = 0
    folder: str | None = None  # for the files; None is the system's temporary folder, which may be in memory

    def __init__(self) -> None:
        self.file: Any = io.BytesIO()
        self.length = 0
        self.on_disk = 0
        self.dropped = False

    def __len__(self) -> int:
        return self.length

    def append(self, data: bytes) -> None:
        if self.dropped:
            return
        try:
            self._write(data[: MAX_KEPT - self.length])
        except OSError:
            self.drop()

    def _write(self, data: bytes) -> None:
        if isinstance(self.file, io.BytesIO) and self.length + len(data) > IN_MEMORY:
            self._move_to_disk(self.file)
        if self.file.write(data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.length += len(data)
        if not isinstance(self.file, io.BytesIO):
            self._record_bytes_on_disk(self.length)

    def _move_to_disk(self, memory: io.BytesIO) -> None:
        self.file = tempfile.TemporaryFile(buffering=0, dir=self.folder)  # noqa: SIM115 (closed by close)
        if self.file.write(memory.getbuffer()) < self.length:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _record_bytes_on_disk(self, on_disk: int) -> None:
        with TOTAL_LOCK:
            Body.total_on_disk += on_disk - self.on_disk
            self.on_disk = on_disk

    def drop(self) -> None:
        """Delete what has arrived of this body. The rest will be read and discarded."""
        self.close()
        self.file = io.BytesIO()
        self.dropped = True

    def getfile(self) -> Any:
        """Return the body from its start, for the application."""
        if isinstance(self.file, io.FileIO):
            self.file = io.BufferedReader(self.file)
        self.file.seek(0)
        return self.file

    def close(self) -> None:
        self._record_bytes_on_disk(0)
        self.length = 0
        self.file.close()


class Request(HTTPRequestParser):
    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.began = time.monotonic()

    def parse_header(self, header_plus: bytes) -> None:
        """Give the body its own time limit and storage, now that the head is complete."""
        super().parse_header(header_plus)
        self.began = time.monotonic()
        if self.body_rcv is not None:
            self.body_rcv.buf = Body()

    @property
    def body(self) -> Body | None:
        """What has arrived of the body, or None."""
        return self.body_rcv.buf if self.headers_finished and self.body_rcv is not None else None

    def is_late(self, now: float) -> bool:
        """Whether the request should be complete by now."""
        allowed: float = HEAD_SECONDS
        if self.headers_finished:
            allowed = min(GRACE_SECONDS + self.body_bytes_received / SLOWEST_BYTES_PER_SECOND, LONGEST_SECONDS)
        return now - self.began > allowed
