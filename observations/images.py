"""Uploads become clean photos: only real ones, small, upright, and with nothing in them but the picture.

Every upload is decoded and re-encoded in a child process (image_worker.py); no byte of the original is ever kept.
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

MAX_BYTES = 15 * 1024 * 1024
MAX_RESULT_BYTES = 15 * 1024 * 1024
WALL_SECONDS = 20  # a busy machine may take longer than the 4 processor seconds of the worker
QUEUE_SECONDS = 5  # for a worker; the web thread waits too
RETRY_AFTER = 5  # seconds, for the script of the page
# Of each web process. Half of the web threads are always left for pages, and the cores are shared by all processes.
PLACES = threading.BoundedSemaphore(max(settings.WEB_THREADS // 2, 1))
WORKERS = threading.BoundedSemaphore(max((os.cpu_count() or 1) // settings.WEB_CONCURRENCY, 1))
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOENT)  # the last: no folder takes temporary files
KEEP_ENV = ("PATH", "LANG", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

NOT_A_PHOTO = _("That file isn’t a photo we can read. Try JPEG, PNG or HEIC, up to 15 MB.")
EMPTY = _("That file is empty. Choose the photo again.")
TOO_BIG = _("That photo is bigger than 15 MB. Try a smaller copy of it.")
TOO_MANY_PIXELS = _("That photo has too many pixels for us. Try a smaller copy of it.")
DAMAGED = _("That photo seems to be damaged. Choose it again, or take a new one.")
BUSY = _("Many photos are coming in just now. Try again in a minute.")
NO_ROOM = _("There is no room to keep the photo just now. Try again later; what you wrote is safe.")

logger = logging.getLogger(__name__)


class PhotoError(RuleError):
    """This upload does not become a photo; the text says why and what to try."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(str(words))


class BusyError(PhotoError):
    """The photo may be good; the machine has no time for it just now."""

    def __init__(self) -> None:
        super().__init__(BUSY)


class Upload(Protocol):
    """An open file: what a form hands over."""

    def read(self, size: int = ..., /) -> Any: ...
    def seek(self, offset: int, /) -> Any: ...


@dataclass(frozen=True)
class CleanImage:
    """A JPEG of at most 2048 pixels a side that is safe to store and to show."""

    bytes: bytes
    width: int
    height: int


def clean(upload: Upload, *, scratch: Path | None = None) -> CleanImage:
    """The upload as a clean JPEG, or PhotoError. Takes JPEG, PNG, WebP and HEIC, whatever the file is called."""
    if not PLACES.acquire(blocking=False):
        raise BusyError
    try:
        return _clean(upload, scratch)
    finally:
        PLACES.release()


def _clean(upload: Upload, scratch: Path | None) -> CleanImage:
    try:
        # Both files are nameless: if this process is killed, nothing stays behind.
        with tempfile.TemporaryFile(dir=scratch) as source, tempfile.TemporaryFile(dir=scratch) as target:
            _copy(upload, source)
            kind = _kind(source)
            _run(source, target, kind)
            return _result(target)
    except OSError as error:
        if error.errno in FULL:
            raise PhotoError(NO_ROOM) from error
        raise


def _copy(upload: Upload, source: IO[bytes]) -> None:
    """Put the upload into the worker's input, counting: a declared size is only a claim."""
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


def _kind(source: IO[bytes]) -> str:
    """Pillow's name of the format, by the first bytes of the file and nothing else."""
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


def _run(source: IO[bytes], target: IO[bytes], kind: str) -> None:
    """Let a worker turn source into target. However it ends, this process goes on."""
    if not WORKERS.acquire(timeout=QUEUE_SECONDS):
        raise BusyError
    try:
        code = _worker(source, target, kind)
    finally:
        WORKERS.release()
    if code == image_worker.DONE:
        return
    if code == "timeout":
        logger.warning("A photo worker for %s had no time to finish", kind)
        raise BusyError
    if code == image_worker.TOO_MANY_PIXELS:
        raise PhotoError(TOO_MANY_PIXELS)
    if code == image_worker.NO_ROOM:
        raise PhotoError(NO_ROOM)
    if code != image_worker.DAMAGED:
        logger.warning("A photo worker for %s ended with %s", kind, code)
    raise PhotoError(DAMAGED)


def _worker(source: IO[bytes], target: IO[bytes], kind: str) -> int | str:
    """The worker's exit code (negative: killed by that signal), or "timeout"."""
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
    """What the worker needs to start, without the secrets of the web server. One malloc arena per thread adds up."""
    kept = {name: os.environ[name] for name in KEEP_ENV if name in os.environ}
    return kept | {"MALLOC_ARENA_MAX": "2"}


def _result(target: IO[bytes]) -> CleanImage:
    """Read what the worker wrote, and believe only what looks like its own work."""
    size, _newline, content = os.pread(target.fileno(), MAX_RESULT_BYTES, 0).partition(b"\n")
    if not (content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9")):
        raise PhotoError(DAMAGED)
    width, height = (int(number) for number in size.split())
    return CleanImage(content, width, height)
