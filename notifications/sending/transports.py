"""How a mail leaves: over SMTP with a fence before DATA, or as an .eml file if no server is set."""

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

from .mime import Envelope

Fence = Callable[[], bool]
TROUBLE = (OSError, smtplib.SMTPException)
GO_AHEAD = 354  # the answer to DATA; before it no byte of the mail leaves


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
    """The result of an attempt, with the server's code and words; `down` when there was no usable server."""

    result: Result
    code: str = ""
    text: str = ""
    down: bool = False


class Transport(Protocol):
    """A way to deliver one mail. `fence` is called right before the mail could be accepted."""

    def deliver(self, mail: Envelope, fence: Fence) -> Outcome:
        """Try once."""


def mail_goes_nowhere() -> bool:
    """Whether mails are only kept as files, outside of the demo."""
    return not settings.EMAIL_URL and not demo.is_open()


def choose() -> Transport:
    """SMTP when EMAIL_URL names a server, files otherwise."""
    return SmtpTransport() if settings.EMAIL_URL else FileTransport(Path(settings.MAIL_DIR))


class SmtpTransport:
    """A connection per mail to the configured server."""

    # Seconds. EMAIL_TIMEOUT limits each wait for a byte; these limit a server that sends single bytes.
    name_within = 150.0  # from the greeting to the fence: less than the lease (delivery.LEASE)
    reply_timeout = 120.0  # for the answer after the mail; shorter means more mails in doubt
    hand_over_within = 300.0  # from DATA to that answer: less than delivery.ANSWER_LEASE

    def __init__(self, *, timeout: float | None = None) -> None:
        self.timeout = settings.EMAIL_TIMEOUT if timeout is None else timeout

    def deliver(self, mail: Envelope, fence: Fence) -> Outcome:
        """Connect, name sender and recipient, pass the fence, send the mail."""
        server = self._new_server()
        try:
            with hung_up_after(self.name_within, server):
                try:
                    self._introduce(server)
                except TROUBLE as error:
                    return _trouble(Result.RETRY, error, down=True)
                refusal = self._name_both(server, mail)
            if refusal:
                return refusal
            with hung_up_after(self.hand_over_within, server):
                return self._hand_over(server, mail, fence)
        finally:
            with contextlib.suppress(*TROUBLE):
                server.putcmd("quit")
            server.close()

    def check(self) -> None:
        """Connect, encrypt and sign in without sending a mail. Raises one of TROUBLE."""
        server = self._new_server()
        try:
            with hung_up_after(self.name_within, server):
                self._introduce(server)
        finally:
            server.close()

    def _new_server(self) -> smtplib.SMTP:
        options: dict[str, Any] = {"timeout": self.timeout, "local_hostname": DNS_NAME.get_fqdn()}
        if settings.EMAIL_USE_SSL:  # without a context smtplib accepts any certificate
            return smtplib.SMTP_SSL(context=ssl.create_default_context(), **options)
        return smtplib.SMTP(**options)

    def _introduce(self, server: smtplib.SMTP) -> None:
        server._host = settings.EMAIL_HOST  # type: ignore[attr-defined]  # the name TLS checks
        code, text = server.connect(settings.EMAIL_HOST, settings.EMAIL_PORT or 0)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        server.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
        if settings.EMAIL_HOST_USER and settings.EMAIL_HOST_PASSWORD:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)

    def _name_both(self, server: smtplib.SMTP, mail: Envelope) -> Outcome | None:
        try:
            code, text = server.mail(mail.sender)
            if not 200 <= code < 300:
                return _blame_sender(_refused(code, text, otherwise=Result.RETRY))
            code, text = server.rcpt(mail.recipient)
        except TROUBLE as error:
            return _trouble(Result.RETRY, error)
        return None if 200 <= code < 300 else _whose_fault(mail, _refused(code, text, otherwise=Result.RETRY))

    def _hand_over(self, server: smtplib.SMTP, mail: Envelope, fence: Fence) -> Outcome:
        if not fence():
            return Outcome(Result.LOST)
        try:
            code, text = server.docmd("data")
        except TROUBLE as error:
            return _trouble(Result.RETRY, error)
        if code != GO_AHEAD:
            return _whose_fault(mail, _refused(code, text, otherwise=Result.RETRY))
        try:
            if server.sock:
                server.sock.settimeout(self.reply_timeout)
            server.send(dots_doubled(mail.data) + b".\r\n")
            code, text = server.getreply()
        except TROUBLE as error:
            return _trouble(Result.UNKNOWN, error)
        if 200 <= code < 300:
            return Outcome(Result.SENT)
        return _whose_fault(mail, _refused(code, text, otherwise=Result.UNKNOWN))


def dots_doubled(data: bytes) -> bytes:
    """The mail as SMTP sends it: lines that begin with a dot get a second dot, and the last line ends."""
    ended = data if data.endswith(b"\r\n") else data + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended)


@contextlib.contextmanager
def hung_up_after(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """Close the connection after so many seconds altogether."""
    watch = threading.Timer(seconds, _hang_up, [server])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _hang_up(server: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError):
        if server.sock:
            socket.socket.shutdown(
                server.sock, socket.SHUT_RDWR
            )  # the plain socket: closing TLS would send another message


def _refused(code: int, text: bytes | str, *, otherwise: Result) -> Outcome:
    result = {4: Result.RETRY, 5: Result.FAILED}.get(code // 100, otherwise)
    return Outcome(result, str(code), text.decode("utf-8", "replace") if isinstance(text, bytes) else text)


def _blame_sender(refusal: Outcome) -> Outcome:
    """Mark a refusal that came before the recipient was named as the sender's fault."""
    return replace(refusal, code=f"sender {refusal.code}") if refusal.result is Result.FAILED else refusal


def _whose_fault(mail: Envelope, refusal: Outcome) -> Outcome:
    """Find whose address was refused: many servers check the sender's after the recipient's, and name it."""
    ours = mail.sender.lower() in refusal.text.lower()
    return _blame_sender(refusal) if ours else refusal


def _trouble(result: Result, error: Exception, *, down: bool = False) -> Outcome:
    code = getattr(error, "smtp_code", None)
    return Outcome(result, str(code or type(error).__name__)[:20], str(error), down)


class FileTransport:
    """Keep mails as .eml files in a folder, for the demo and for trials."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, mail: Envelope, fence: Fence) -> Outcome:
        """Write a temporary file, pass the fence, rename it: the file is complete or not there."""
        draft = None
        try:
            draft = write_draft(self.folder, mail.data)
            if not fence():
                return Outcome(Result.LOST)
            draft.replace(draft.with_suffix(".eml"))
        except OSError as error:
            return _trouble(Result.RETRY, error, down=True)
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
