"""Limits of uploads. A file over 15 MB is dropped, but the other fields of its form still arrive.

The settings list these handlers before Django's own, so that they see every form with a file.
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

from .images import MAX_BYTES, NOT_STORED, TOO_BIG

MAX_REQUEST_BYTES = 10 * MAX_BYTES  # ten photos; a larger form is not read


def refused_uploads(request: HttpRequest) -> list[str]:
    """Return the refused files of this form, each with the reason."""
    return list(getattr(request, "refused_uploads", []))


def _note_refusal(request: Any, name: str | None, words: Any) -> None:
    request.refused_uploads = [*refused_uploads(request), f"{name}: {words}" if name else str(words)]


class SizeLimit(FileUploadHandler):
    """Count the bytes of each file, and drop the file once it is too big. Fields and other files still arrive."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803 (Django's name)
        """Remember the length that the browser declared."""
        self.announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start to count. Stop reading a form that is far too big; its fields come first, so they have arrived."""
        super().new_file(*args, **kwargs)
        self.received = 0
        if self.announced > MAX_REQUEST_BYTES:
            _note_refusal(
                self.request, None, _("That’s too much at once. Send a few photos at a time, up to 15 MB each.")
            )
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > MAX_BYTES:
            _note_refusal(self.request, self.file_name, TOO_BIG)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""


class TemporaryFile(TemporaryFileUploadHandler):
    """Django's handler for large files, which refuses a file on a full disk instead of raising an error."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        # If this file is refused, Django closes `self.file`, which must not be the previous file then.
        self.__dict__.pop("file", None)
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            _note_refusal(self.request, self.file_name, NOT_STORED)
            raise SkipFile from None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            _note_refusal(self.request, self.file_name, NOT_STORED)
            raise SkipFile from None

    def file_complete(self, file_size: int) -> Any:
        """Return the file. Writing its last bytes may fail too."""
        try:
            return super().file_complete(file_size)
        except OSError:
            _note_refusal(self.request, self.file_name, NOT_STORED)
            return None
