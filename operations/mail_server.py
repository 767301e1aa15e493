"""Check the mail server for `manage.py doctor`: connect, encrypt, sign in, and optionally send a test mail."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid

from django.conf import settings
from django.utils import timezone

from notifications.sending.addresses import UnusableAddressError, ascii_address
from notifications.sending.mime import POLICY, Envelope, sender_address
from notifications.sending.transports import CONNECTION_ERRORS, Result, SmtpTransport

from .health import Finding

NAME = "mail server"
ANSWER_SECONDS = 8.0  # seconds to wait for each answer; short, because a person waits at the screen
TRY_OTHER_PORT = "Use smtp+tls:// with port 587, or smtp+ssl:// with port 465."
# Type of the error, what it means, what to do. The first match counts.
EXPLANATIONS: list[tuple[type[Exception], str, str]] = [
    (socket.gaierror, "there is no such name", "Correct the name in EMAIL_URL, or this machine's name server."),
    (ConnectionRefusedError, "nothing listens there", "Start the mail server, or correct the port in EMAIL_URL."),
    (
        ssl.SSLCertVerificationError,
        "its certificate does not match its name",
        "Name the server as its certificate does, or its authority in SSL_CERT_FILE.",
    ),
    (ssl.SSLError, "does not accept this kind of TLS on this port", TRY_OTHER_PORT),
    (
        TimeoutError,
        "no answer within {seconds} seconds",
        f"Is a firewall in the way, or the port wrong? {TRY_OTHER_PORT}",
    ),
    (smtplib.SMTPNotSupportedError, "does not offer what EMAIL_URL asks for, encryption or sign-in", TRY_OTHER_PORT),
    (
        smtplib.SMTPAuthenticationError,
        "refuses our user or password ({code})",
        "Correct user and password in EMAIL_URL.",
    ),
    (smtplib.SMTPServerDisconnected, "ends the connection without an answer", TRY_OTHER_PORT),
    (
        smtplib.SMTPResponseException,
        "refuses the connection ({code})",
        "Look at the mail server's own log.",
    ),
]


def check_mail_server() -> Finding:
    """Connect, encrypt and sign in, as for sending a mail."""
    if not settings.EMAIL_URL:
        advice = "Set EMAIL_URL (docs/configuration.md): until then nobody gets mail."
        return Finding(NAME, not settings.PRODUCTION, f"kept as files in {settings.MAIL_DIR}", advice)
    where = f"{settings.EMAIL_HOST}, port {settings.EMAIL_PORT}"
    try:
        SmtpTransport(timeout=ANSWER_SECONDS).check()
    except CONNECTION_ERRORS as error:
        seen, advice = explain(error)
        return Finding(NAME, False, f"{where}: {seen}", advice)
    return Finding(NAME, True, f"{where}: {_connection_in_words()}")


def _connection_in_words() -> str:
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    signed_in = "accepts our user and password" if settings.EMAIL_HOST_USER else "asks for no password"
    return f"answers, {'encrypted' if encrypted else 'not encrypted'}, {signed_in}"


def explain(error: Exception) -> tuple[str, str]:
    """Return what failed and what to do about it."""
    if isinstance(error, smtplib.SMTPServerDisconnected) and "timed out" in str(error):
        error = TimeoutError()  # smtplib wraps time-outs in this class
    for kind, seen, advice in EXPLANATIONS:
        if isinstance(error, kind):
            code = getattr(error, "smtp_code", "")
            return seen.format(code=code, seconds=f"{ANSWER_SECONDS:g}"), advice
    return type(error).__name__, "Look at EMAIL_URL and at the mail server's own log."


def send_test_mail(address: str) -> Finding:
    """Send a mail to this address, bypassing the outbox, and return the server's answer."""
    name = "test mail"
    if not settings.EMAIL_URL:
        return Finding(name, False, f"kept as files in {settings.MAIL_DIR}", "Set EMAIL_URL (docs/configuration.md).")
    try:
        recipient = ascii_address(address)
    except UnusableAddressError:
        return Finding(name, False, f"{address} is not an address", "Write it as name@school.example.")
    envelope = Envelope(sender_address(), recipient, _test_mail(recipient))
    outcome = SmtpTransport(timeout=ANSWER_SECONDS).deliver(envelope, lambda: True)
    if outcome.result is Result.SENT:
        seen = f"the mail server accepted it for {address}; look in that mailbox, and in its spam folder"
        return Finding(name, True, seen)
    seen = f"not accepted ({outcome.code} {outcome.text})"
    return Finding(name, False, seen, "Look at EMAIL_URL, at MAIL_FROM and at the mail server's own log.")


def _test_mail(recipient: str) -> bytes:
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = "Learning Walks can send e-mail"
    mail["From"] = Address(display_name="Learning Walks", addr_spec=sender_address())
    mail["To"] = Address(addr_spec=recipient)
    mail["Date"] = timezone.now()
    mail["Message-ID"] = make_msgid(domain="learningwalks")
    mail.set_content(f"This is a test from {settings.SITE_URL}, sent with “manage.py doctor --mail”.\n")
    return mail.as_bytes()
