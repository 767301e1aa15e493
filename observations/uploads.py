"""What may come in: no file over 15 MB is ever kept, and what was typed arrives even when a file does not.

The handlers are named in settings and stand before Django's own, for every form with a file.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import (
    FileUploadHandler,
    SkipFile,
    StopUpload,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .images import MAX_BYTES, NO_ROOM, TOO_BIG

MAX_REQUEST_BYTES = 10 * MAX_BYTES  # ten photos in one form; more is not even read


def refused(request: HttpRequest) -> list[str]:
    """Files of this form that were not taken, each named with the reason."""
    return list(getattr(request, "refused_uploads", []))


def _refuse(request: Any, name: str | None, words: Any) -> None:
    request.refused_uploads = [*refused(request), f"{name}: {words}" if name else str(words)]


class SizeLimit(FileUploadHandler):
    """Counts each file while it arrives and drops it once it is too big; fields and other files still arrive."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803 (Django's name)
        """Remember how much the browser says will come."""
        self.announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start counting. A form that is far too big is not read any further; its fields came before its files."""
        super().new_file(*args, **kwargs)
        self.received = 0
        if self.announced > MAX_REQUEST_BYTES:
            _refuse(self.request, None, _("That’s too much at once. Send a few photos at a time, up to 15 MB each."))
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count, and drop the file at the limit."""
        self.received += len(raw_data)
        if self.received > MAX_BYTES:
            _refuse(self.request, self.file_name, TOO_BIG)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Others keep the file."""


class TemporaryFile(TemporaryFileUploadHandler):
    """Django's handler for bigger files; where the disk is full, it says so instead of ending in an error page."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a file for what comes."""
        self.__dict__.pop("file", None)  # giving up closes the current file: not the one that came before
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            _refuse(self.request, self.file_name, NO_ROOM)
            raise SkipFile from None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what came."""
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            _refuse(self.request, self.file_name, NO_ROOM)
            raise SkipFile from None

    def file_complete(self, file_size: int) -> Any:
        """Hand the file over; the last bytes may still find no room."""
        try:
            return super().file_complete(file_size)
        except OSError:
            _refuse(self.request, self.file_name, NO_ROOM)
            return None
