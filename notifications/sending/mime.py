"""Build the bytes of a mail from its row: one recipient, a fixed Message-ID, and only 7-bit characters."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from django.conf import settings

from .. import preferences
from ..models import Message
from .addresses import UnusableAddressError, address_in, ascii_address

MAX_LINE = 998  # characters of a line that every mail server accepts (RFC 5322)


class PlainLinks(EmailPolicy):
    """Fold headers as usual, but keep List-Unsubscribe in one plain line, because mail programs do not decode it."""

    def fold(self, name: str, value: str) -> str:
        line = f"{name}: {value}"
        if name.lower() == "list-unsubscribe" and line.isascii() and len(line) <= MAX_LINE:
            return line + self.linesep
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


POLICY = PlainLinks(linesep="\r\n", cte_type="7bit", raise_on_defect=False)


class UnusableSenderError(ValueError):
    """MAIL_FROM contains no usable address."""


@dataclass(frozen=True)
class Envelope:
    """What a transport needs: sender, recipient, the whole mail."""

    sender: str
    recipient: str
    data: bytes


def build(message: Message, *, now: dt.datetime) -> Envelope:
    """Build a mail from its row. Raise UnusableSenderError, or UnusableAddressError for the recipient's address."""
    sender = sender_address()
    recipient = ascii_address(message.to_addr)
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = message.subject
    mail["From"] = Address(display_name=message.from_name, addr_spec=sender)
    mail["To"] = Address(addr_spec=recipient)
    with contextlib.suppress(UnusableAddressError):  # a mail without Reply-To is better than none
        if message.reply_to:
            mail["Reply-To"] = Address(addr_spec=ascii_address(message.reply_to))
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message.message_id
    _mark_automatic(mail, message)
    _fill(mail, message)
    return Envelope(sender, recipient, mail.as_bytes())


def sender_address() -> str:
    """Return the address in MAIL_FROM. Raise UnusableSenderError if there is none."""
    try:
        return address_in(settings.DEFAULT_FROM_EMAIL)
    except UnusableAddressError as error:
        raise UnusableSenderError("sender") from error


def _mark_automatic(mail: EmailMessage, message: Message) -> None:
    if message.author_id is None:  # no person wrote it, so holiday notices must not answer (RFC 3834)
        mail["Auto-Submitted"] = "auto-generated"
    if message.recipient_id and preferences.is_mutable(message.kind):
        mail["List-Unsubscribe"] = f"<{preferences.unsubscribe_url(message.recipient_id, message.kind)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _fill(mail: EmailMessage, message: Message) -> None:
    mail.set_content(message.body_text)
    if message.body_html:
        mail.add_alternative(message.body_html, subtype="html")
    if message.calendar_text:  # method= must equal METHOD in the text, or calendars ignore the invitation
        mail.add_alternative(
            message.calendar_text, subtype="calendar", cte="base64", params={"method": message.calendar_method}
        )
