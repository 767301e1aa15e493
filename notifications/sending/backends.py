"""The mail backend for sign-in mails without a mail server: they become .eml files in the outbox's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from .transports import write_draft


class EmlFileBackend(BaseEmailBackend):
    """Write each mail as one .eml file, atomically."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write all mails that have a recipient; return their number."""
        wanted = [mail for mail in email_messages if mail.recipients()]
        for mail in wanted:
            draft = write_draft(Path(settings.MAIL_DIR), mail.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
            draft.replace(draft.with_suffix(".eml"))
        return len(wanted)
