"""The two ways to deliver a mail: over SMTP with a fence before DATA, or as an .eml file if no server is set."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import smtplib
import socket
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from school import demo
from school.models import Person

from .mime import Envelope

Fence = Callable[[], bool]
CONNECTION_ERRORS = (OSError, smtplib.SMTPException)
GO_AHEAD = 354  # the server's answer to DATA; no byte of the mail is sent before it


class Result(Enum):
    """The result of one attempt."""

    SENT = "sent"
    RETRY = "retry"  # certainly not accepted, try again
    FAILED = "failed"  # refused, never try again
    UNKNOWN = "unknown"  # may have been accepted
    LOST = "lost"  # the fence failed: another sender has the row, or it was cancelled; nothing was sent


KEPT = "file"  # error code of a mail that was kept as a file


@dataclass(frozen=True)
class Outcome:
    """The result of an attempt, with the server's code and words. `down`: there was no usable server."""

    result: Result
    code: str = ""
    text: str = ""
    down: bool = False


class Transport(Protocol):
    """A way to deliver one mail. It calls `fence` right before the mail could be accepted, and stops on False."""

    def deliver(self, mail: Envelope, fence: Fence) -> Outcome:
        """Try once to deliver the mail."""


def mail_goes_nowhere(reader: Person | None = None) -> bool:
    """Whether mails are only kept as files, outside of the demo. `reader` is the signed-in person."""
    return not settings.EMAIL_URL and not demo.is_open(reader)


def configured_transport() -> Transport:
    """Return SMTP if EMAIL_URL names a server, otherwise files."""
    return SmtpTransport() if settings.EMAIL_URL else FileTransport(Path(settings.MAIL_DIR))


class SmtpTransport:
    """Open one connection to the configured server for each mail."""

    # EMAIL_TIMEOUT limits the wait for each byte. These limit the whole time, so that a slow server cannot exceed it.
    envelope_seconds = 150.0  # from the greeting to the fence; less than delivery.LEASE
    data_seconds = 300.0  # from DATA to the answer after the mail; less than delivery.ANSWER_LEASE
    reply_seconds = 120.0  # the wait for that answer; a shorter one means more mails in doubt

    def __init__(self, *, timeout: float | None = None) -> None:
        self.timeout = settings.EMAIL_TIMEOUT if timeout is None else timeout

    def deliver(self, mail: Envelope, fence: Fence) -> Outcome:
        """Connect, send sender and recipient, pass the fence, send the mail."""
        server = self._new_server()
        try:
            with closed_after(self.envelope_seconds, server):
                try:
                    self._connect(server)
                except CONNECTION_ERRORS as error:
                    return _failure(Result.RETRY, error, down=True)
                refusal = self._send_envelope(server, mail)
            if refusal:
                return refusal
            with closed_after(self.data_seconds, server):
                return self._send_data(server, mail, fence)
        finally:
            with contextlib.suppress(*CONNECTION_ERRORS):
                server.putcmd("quit")
            server.close()

    def check(self) -> None:
        """Connect, encrypt and sign in without sending a mail. Raise one of CONNECTION_ERRORS if that fails."""
        server = self._new_server()
        try:
            with closed_after(self.envelope_seconds, server):
                self._connect(server)
        finally:
            server.close()

    def _new_server(self) -> smtplib.SMTP:
        options: dict[str, Any] = {"timeout": self.timeout, "local_hostname": DNS_NAME.get_fqdn()}
        if settings.EMAIL_USE_SSL:  # without a context smtplib accepts any certificate
            return smtplib.SMTP_SSL(context=ssl.create_default_context(), **options)
        return smtplib.SMTP(**options)

    def _connect(self, server: smtplib.SMTP) -> None:
        server._host = settings.EMAIL_HOST  # type: ignore[attr-defined]  # the name that TLS checks
        code, text = server.connect(settings.EMAIL_HOST, settings.EMAIL_PORT or 0)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        server.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
        if settings.EMAIL_HOST_USER and settings.EMAIL_HOST_PASSWORD:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)

    def _send_envelope(self, server: smtplib.SMTP, mail: Envelope) -> Outcome | None:
        try:
            code, text = server.mail(mail.sender)
            if not 200 <= code < 300:
                return _blame_sender(_refused(code, text, otherwise=Result.RETRY))
            code, text = server.rcpt(mail.recipient)
        except CONNECTION_ERRORS as error:
            return _failure(Result.RETRY, error)
        if 200 <= code < 300:
            return None
        return _blame_named_sender(mail, _refused(code, text, otherwise=Result.RETRY))

    def _send_data(self, server: smtplib.SMTP, mail: Envelope, fence: Fence) -> Outcome:
        if not fence():
            return Outcome(Result.LOST)
        try:
            code, text = server.docmd("data")
        except CONNECTION_ERRORS as error:
            return _failure(Result.RETRY, error)
        if code != GO_AHEAD:
            return _blame_named_sender(mail, _refused(code, text, otherwise=Result.RETRY))
        try:
            if server.sock:
                server.sock.settimeout(self.reply_seconds)
            server.send(with_double_dots(mail.data) + b".\r\n")
            code, text = server.getreply()
        except CONNECTION_ERRORS as error:
            return _failure(Result.UNKNOWN, error)
        if 200 <= code < 300:
            return Outcome(Result.SENT)
        return _blame_named_sender(mail, _refused(code, text, otherwise=Result.UNKNOWN))


def with_double_dots(data: bytes) -> bytes:
    """Return the mail as SMTP sends it: each line that begins with a dot gets a second dot, and the last line ends."""
    ended = data if data.endswith(b"\r\n") else data + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended)


@contextlib.contextmanager
def closed_after(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """Close the connection if the block takes longer than this."""
    watch = threading.Timer(seconds, _close_socket, [server])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _close_socket(server: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError):
        if server.sock:
            # This shuts down the plain socket, because closing TLS would send another message.
            socket.socket.shutdown(server.sock, socket.SHUT_RDWR)


def _refused(code: int, text: bytes | str, *, otherwise: Result) -> Outcome:
    """Return the outcome of a refusal. `otherwise` is the result of a code that is neither 4xx nor 5xx."""
    result = {4: Result.RETRY, 5: Result.FAILED}.get(code // 100, otherwise)
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Outcome(result, str(code), words)


def _blame_sender(refusal: Outcome) -> Outcome:
    """Mark a final refusal as caused by the sender's address."""
    if refusal.result is not Result.FAILED:
        return refusal
    return replace(refusal, code=f"sender {refusal.code}")


def _blame_named_sender(mail: Envelope, refusal: Outcome) -> Outcome:
    """Blame the sender if the answer names its address: many servers check it only after the recipient's."""
    names_sender = mail.sender.lower() in refusal.text.lower()
    return _blame_sender(refusal) if names_sender else refusal


def _failure(result: Result, error: Exception, *, down: bool = False) -> Outcome:
    code = getattr(error, "smtp_code", None)
    return Outcome(result, str(code or type(error).__name__)[:20], str(error), down)


class FileTransport:
    """Keep mails as .eml files in a folder, for the demo and for trials."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, mail: Envelope, fence: Fence) -> Outcome:
        """Write a temporary file, pass the fence, and rename the file, so that it is complete or not there."""
        draft = None
        try:
            draft = write_draft(self.folder, mail.data)
            if not fence():
                return Outcome(Result.LOST)
            draft.replace(draft.with_suffix(".eml"))
        except OSError as error:
            return _failure(Result.RETRY, error, down=True)
        finally:
            if draft:
                draft.unlink(missing_ok=True)
        return Outcome(Result.SENT, KEPT)


def write_draft(folder: Path, data: bytes) -> Path:
    """Write a mail under a temporary name that sorts by time; the caller renames it to .eml."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%f")
    draft = folder / f"{stamp}-{uuid.uuid4().hex[:8]}.part"
    with draft.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft
