"""Erasing a person who has left: everything private goes, what others own or reports count stays without a name.

What goes and what stays, field by field, is in docs/data-register.md; a test holds this module to it.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import html
import re
import unicodedata
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from notifications import leaving
from notifications.models import Message
from observations import erasing as words
from observations import leaving as thanks
from observations.models import Praise
from operations import sqlite
from school import people
from school.models import Person
from walks import erasing as walks

from . import sessions
from .sessions import Naming

WHOLE_BELOW = 4  # letters: a shorter name would be found in half of all words


def erase(person: Person, *, by: Person, now: dt.datetime) -> None:
    """An administrator asks for it. Raises a RuleError when the person is still here, or is the administrator."""
    _erase(person, by=by, now=now)


def erase_by_itself(person: Person, *, now: dt.datetime) -> None:
    """The command on the server asks for it, or the rule of retention."""
    _erase(person, by=None, now=now)


def _erase(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    before = Person.objects.get(pk=person.pk)
    names = _naming(before.given_name, before.family_name, before.email)
    over = Message.objects.filter(settled_at__isnull=False).exclude(body_text="", subject="")
    naming = [mail.pk for mail in over.iterator() if names(_text_of(mail))]  # read before the write lock is taken
    with transaction.atomic():
        people.hold_for_erasing(before, by=by)
        abouts = _letters(person)
        words.erase(person)
        thanks.settle_thanks(before, now=now, named=False)
        walked = walks.erase(person, but_stops=words.keeps_letter_of(person))
        abouts += [f"walk:{pk}" for pk in walked] + [f"invitation:{person.pk}"]
        leaving.erase(person, abouts=abouts, naming=naming, now=now)
        _sign_in(before, names)
        people.erase(before, by=by, now=now)  # last: a new address holds the key of the row (docs/adr/0011)
        transaction.on_commit(sqlite.truncate_wal)
    _kept_as_files(names)


def _letters(person: Person) -> list[str]:
    """The names under which the outbox knows praise from and to the person."""
    praised = Praise.objects.filter(Q(author=person) | Q(host=person))
    return [f"praise:{praise.pk}:{n}" for praise in praised for n in range(1, praise.send_count + 1)]


def _naming(*words: str) -> Naming:
    """Whether a text holds any of these names and addresses."""
    known = [_within(name) for name in words if any(letter.isalpha() for letter in name)]  # "-" would name everybody
    pattern = re.compile("|".join(known), re.IGNORECASE)
    return lambda text: pattern.search(text) is not None


def _within(name: str) -> str:
    """Where a name begins a longer word it counts ("Lindqvists Klasse"), unless it is Latin and short, as Bo is.

    A script without capitals may have no gaps between words, or particles before them: there it counts anywhere.
    """
    start = r"(?<!\w)" if name.lower() != name.upper() else ""
    latin = all(unicodedata.name(letter, "").startswith("LATIN") for letter in name if letter.isalpha())
    return start + re.escape(name) + (r"(?!\w)" if latin and len(name) < WHOLE_BELOW else "")


def _text_of(mail: Message) -> str:
    plain = (mail.subject, mail.body_text, mail.calendar_text, mail.reply_to, mail.from_name, mail.error_text)
    return "\n".join([*plain, html.unescape(mail.body_html)])


def _sign_in(person: Person, names: Naming) -> None:
    """Addresses, second step, devices and sessions; what the log of Django's admin says by and about the person."""
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    UserSession.objects.filter(user=person).delete()
    sessions.erase(person, names=names, names_in_full=_naming(person.full_name, person.email))
    LogEntry.objects.filter(user=person).delete()
    kind = ContentType.objects.get_for_model(Person)
    for entry in LogEntry.objects.iterator():
        about = entry.content_type_id == kind.pk and entry.object_id == str(person.pk)
        if about or names(f"{entry.object_repr}\n{entry.change_message}"):
            LogEntry.objects.filter(pk=entry.pk).update(object_repr="–", change_message="")


def _kept_as_files(names: Naming) -> None:
    """Without a mail server mails are files: those that name the person go."""
    for path in Path(settings.MAIL_DIR).glob("*.eml"):
        if names(_readable(path)):
            path.unlink(missing_ok=True)


def _readable(path: Path) -> str:
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*map(str, mail.values()), *map(html.unescape, parts)])
