"""When a person is erased, delete the mails to them and the files that name them, and blank mails that concern them."""

from __future__ import annotations

import email
import email.policy
import html
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from school.models import Person
from school.people import hooks
from school.people.hooks import Erasure
from school.people.mentions import Mentions, mentions_of

from .models import STOPPABLE, Message, MessageState, MutedKind, Reminder
from .retention import BLANK


@hooks.before_erasing
def mails_that_mention(person: Person) -> list[int]:
    """Return the ids of settled mails whose text names the person. This reads the text of every mail."""
    return find_mentions(Message.objects.filter(settled_at__isnull=False), person)


@hooks.before_erasing
def reminders_that_mention(person: Person) -> list[int]:
    """Return the ids of reminders in which a colleague wrote about the person."""
    mentions = mentions_of(person)
    written = Reminder.objects.exclude(words="").values_list("pk", "words")
    return [pk for pk, words in written.iterator() if mentions(words)]


def find_mentions(mails: QuerySet[Message], person: Person) -> list[int]:
    """Return the ids of those mails whose text names the person."""
    mentions = mentions_of(person)
    return [mail.pk for mail in mails.exclude(body_text="", subject="").iterator() if mentions(_text_of(mail))]


@hooks.on_erasing
def erase_mails(erasure: Erasure) -> None:
    """Cancel waiting mails from or about the person, delete mails to them, and blank what else names them."""
    person = erasure.person
    from_or_about = Message.objects.filter(Q(author=person) | Q(about__in=erasure.erased))
    from_or_about.filter(STOPPABLE).update(state=MessageState.CANCELLED, settled_at=erasure.now)
    Message.objects.filter(recipient=person).delete()
    for rows in (from_or_about, Message.objects.filter(pk__in=erasure.found[mails_that_mention])):
        rows.update(**BLANK, reply_to="", from_name="", error_text="")
    Reminder.objects.filter(person=person).delete()
    Reminder.objects.filter(sent_by=person).update(sent_by=None, words="")
    Reminder.objects.filter(pk__in=erasure.found[reminders_that_mention]).update(words="")
    MutedKind.objects.filter(person=person).delete()
    transaction.on_commit(lambda: _remove_files(mentions_of(person)))


def _text_of(mail: Message) -> str:
    plain = (mail.subject, mail.body_text, mail.calendar_text, mail.reply_to, mail.from_name, mail.error_text)
    return "\n".join([*plain, html.unescape(mail.body_html)])


def _remove_files(mentions: Mentions) -> None:
    """Delete saved .eml files that name the person."""
    for path in Path(settings.MAIL_DIR).glob("*.eml"):
        if mentions(_readable_text(path)):
            path.unlink(missing_ok=True)


def _readable_text(path: Path) -> str:
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*map(str, mail.values()), *map(html.unescape, parts)])
