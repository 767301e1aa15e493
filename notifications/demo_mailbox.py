"""The demo mailbox: read the .eml files of mails that were kept instead of sent."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.utils.translation import gettext

from school.models import Person

FILE_NAME = re.compile(r"[0-9A-Za-z.\-]{1,80}\.eml")
MAX_LISTED = 2000  # only the newest mails are listed
PREVIEW_BYTES = 16_384


@dataclass(frozen=True)
class Mail:
    """One mail as the mailbox shows it."""

    name: str
    subject: str
    sender: str
    to: str
    date: dt.datetime | None
    text: str
    html: str
    attachments: list[str]


def _newest_file_names(folder: Path) -> list[str]:
    names = (path.name for path in folder.glob("*.eml") if FILE_NAME.fullmatch(path.name))
    return sorted(names, reverse=True)[:MAX_LISTED]


def newest_mails(folder: Path) -> list[Mail]:
    """Return the mails for a list, newest first. Long mails are cut off."""
    mails = (_read_file(folder / name, limit=PREVIEW_BYTES) for name in _newest_file_names(folder))
    return [mail for mail in mails if mail is not None]


def with_receivers(mails: Iterable[Mail]) -> list[tuple[Mail, str]]:
    """Return each mail with the name of its receiver, or with the address if nobody has it."""
    people = Person.objects.filter(email__in={mail.to for mail in mails})
    names = {person.email: person.full_name for person in people}
    return [(mail, names.get(mail.to, mail.to)) for mail in mails]


def read_mail(folder: Path, name: str) -> Mail | None:
    """Return one mail, or None if there is no such file."""
    return _read_file(folder / name) if FILE_NAME.fullmatch(name) else None


def _read_file(path: Path, limit: int = -1) -> Mail | None:
    try:
        with path.open("rb") as file:
            message = email.message_from_bytes(file.read(limit), policy=email.policy.default)
    except OSError:
        return None
    return Mail(
        name=path.name,
        subject=_header(message, "Subject"),
        sender=_header(message, "From"),
        to=_header(message, "To"),
        date=_date(message),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=[_part_name(part) for part in message.walk() if _is_attachment(part)],
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # the parser raises many kinds of errors on broken headers
        return ""


def _date(message: EmailMessage) -> dt.datetime | None:
    try:
        return parsedate_to_datetime(_header(message, "Date"))
    except ValueError:
        return None


def _body(message: EmailMessage, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and not part.is_attachment():
            payload = part.get_payload(decode=True)
            return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return ""


def _is_attachment(part: EmailMessage) -> bool:
    return part.get_content_maintype() != "multipart" and part.get_content_type() not in ("text/plain", "text/html")


def _part_name(part: EmailMessage) -> str:
    if part.get_content_type() == "text/calendar":
        return gettext("Calendar invitation") if part.get_param("method") == "REQUEST" else gettext("Calendar entry")
    return part.get_filename() or part.get_content_type()
