"""Turn uploads into clean photos: small, upright, without metadata.

A child process (image_worker.py) decodes and re-encodes every upload. No byte of the original is kept.
"""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from school.errors import RuleError

from . import image_worker

MAX_BYTES = 15 * 1024 * 1024  # of an upload
MAX_RESULT_BYTES = 15 * 1024 * 1024  # of what the worker process returns
WALL_SECONDS = 20  # longer than the worker's 4 processor seconds, for a busy machine
QUEUE_SECONDS = 5  # seconds to wait for a worker; the web thread waits too
RETRY_AFTER = 5  # seconds, for the page's script
# Limits of each web process: half of its threads stay free for pages, and it uses only its share of the cores.
UPLOADS_AT_ONCE = threading.BoundedSemaphore(max(settings.WEB_THREADS // 2, 1))
WORKERS_AT_ONCE = threading.BoundedSemaphore(max((os.cpu_count() or 1) // settings.WEB_CONCURRENCY, 1))
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOENT)  # ENOENT: no folder for temporary files
KEEP_ENV = ("PATH", "LANG", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

NOT_A_PHOTO = _("That file isn’t a photo we can read. Try JPEG, PNG or HEIC, up to 15 MB.")
EMPTY = _("That file is empty. Choose the photo again.")
TOO_BIG = _("That photo is bigger than 15 MB. Try a smaller copy of it.")
TOO_MANY_PIXELS = _("That photo has too many pixels for us. Try a smaller copy of it.")
DAMAGED = _("That photo seems to be damaged. Choose it again, or take a new one.")
BUSY = _("Many photos are coming in right now. Try again in a minute.")
NOT_STORED = _("There is no space for the photo right now. Try again later; what you wrote is safe.")

logger = logging.getLogger(__name__)


class PhotoError(RuleError):
    """The upload was refused. The text says why, and what the person can try."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(str(words))


class BusyError(PhotoError):
    """The server is too busy for the photo right now."""

    def __init__(self) -> None:
        super().__init__(BUSY)


class Upload(Protocol):
    """An open file of a form."""

    def read(self, size: int = ..., /) -> Any: ...
    def seek(self, offset: int, /) -> Any: ...


@dataclass(frozen=True)
class CleanImage:
    """A JPEG of at most 2048 pixels a side, safe to store and show."""

    bytes: bytes
    width: int
    height: int


def clean(upload: Upload, *, scratch: Path | None = None) -> CleanImage:
    """Return the upload (JPEG, PNG, WebP or HEIC, whatever its file name) as a clean JPEG, or raise PhotoError."""
    if not UPLOADS_AT_ONCE.acquire(blocking=False):
        raise BusyError
    try:
        return _clean(upload, scratch)
    finally:
        UPLOADS_AT_ONCE.release()


def _clean(upload: Upload, scratch: Path | None) -> CleanImage:
    try:
        # These files have no name, so that a killed process leaves nothing behind.
        with tempfile.TemporaryFile(dir=scratch) as source, tempfile.TemporaryFile(dir=scratch) as target:
            _copy_upload(upload, source)
            kind = _format_of(source)
            _convert(source, target, kind)
            return _read_result(target)
    except OSError as error:
        if error.errno in DISK_ERRORS:
            raise PhotoError(NOT_STORED) from error
        raise


def _copy_upload(upload: Upload, source: IO[bytes]) -> None:
    """Copy the upload into the worker's input. Count its bytes, because a declared size may be wrong."""
    upload.seek(0)
    total = 0
    while chunk := upload.read(256 * 1024):
        total += len(chunk)
        if total > MAX_BYTES:
            raise PhotoError(TOO_BIG)
        source.write(chunk)
    if not total:
        raise PhotoError(EMPTY)
    source.flush()


def _format_of(source: IO[bytes]) -> str:
    """Return Pillow's name of the format, judged by the first bytes of the file."""
    start = os.pread(source.fileno(), 16, 0)
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp" and start[8:12] in HEIF_BRANDS:
        return "HEIF"
    raise PhotoError(NOT_A_PHOTO)


def _convert(source: IO[bytes], target: IO[bytes], kind: str) -> None:
    """Let a worker convert source into target. A crash of the worker does not affect this process."""
    if not WORKERS_AT_ONCE.acquire(timeout=QUEUE_SECONDS):
        raise BusyError
    try:
        code = _run_worker(source, target, kind)
    finally:
        WORKERS_AT_ONCE.release()
    if code == image_worker.DONE:
        return
    if code == "timeout":
        logger.warning("A photo worker for %s took too long", kind)
        raise BusyError
    if code == image_worker.TOO_MANY_PIXELS:
        raise PhotoError(TOO_MANY_PIXELS)
    if code == image_worker.NO_DISK_SPACE:
        raise PhotoError(NOT_STORED)
    if code != image_worker.DAMAGED:
        logger.warning("A photo worker for %s ended with %s", kind, code)
    raise PhotoError(DAMAGED)


def _run_worker(source: IO[bytes], target: IO[bytes], kind: str) -> int | str:
    """Return the worker's exit code (negative: killed by that signal), or "timeout"."""
    os.lseek(source.fileno(), 0, os.SEEK_SET)
    command = [sys.executable, "-P", image_worker.__file__, kind]
    try:
        done = subprocess.run(  # noqa: S603 (fixed words; the kind is one of four)
            command,
            stdin=source,
            stdout=target,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "timeout"
    return done.returncode


def _environment() -> dict[str, str]:
    """Return the worker's environment, without the web server's secrets. Few malloc arenas save memory."""
    kept = {name: os.environ[name] for name in KEEP_ENV if name in os.environ}
    return kept | {"MALLOC_ARENA_MAX": "2"}


def _read_result(target: IO[bytes]) -> CleanImage:
    """Read the worker's output: a line with the size, then a JPEG. Refuse anything else."""
    size, _newline, content = os.pread(target.fileno(), MAX_RESULT_BYTES, 0).partition(b"\n")
    if not (content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9")):
        raise PhotoError(DAMAGED)
    width, height = (int(number) for number in size.split())
    return CleanImage(content, width, height)
