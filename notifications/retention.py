"""How long mails and reminders are kept. It is the same for every school."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from school.models import School
from school.retention import RetentionRule, Rows, span_in_words

from .models import Message, Reminder, ReminderState

BODY_DAYS = 30  # the text of a mail, after it was sent
RECORD_DAYS = 365  # who got which kind of mail, and when
BLANK = {"subject": "", "body_text": "", "body_html": "", "calendar_text": ""}


def _settled(school: School, now: dt.datetime, days: int) -> QuerySet[Message]:
    """Return the mails that were settled more than `days` ago. Mails without a recipient belong to every school."""
    ours = Q(recipient__school=school) | Q(recipient__isnull=True)
    return Message.objects.filter(ours, settled_at__lt=now - dt.timedelta(days=days))


def old_bodies(school: School, now: dt.datetime) -> QuerySet[Message]:
    """Return the mails whose text is no longer needed. Recipient, time and outcome stay."""
    return _settled(school, now, BODY_DAYS).exclude(**BLANK)


def blank_bodies(rows: Rows) -> None:
    rows.update(**BLANK)


def old_records(school: School, now: dt.datetime) -> QuerySet[Message]:
    """Return the mails whose record is no longer needed."""
    return _settled(school, now, RECORD_DAYS)


def old_reminders(school: School, now: dt.datetime) -> QuerySet[Reminder]:
    """Return the reminders that were sent or dropped a year ago. Until then their keys prevent a second one."""
    finished = Reminder.objects.exclude(state=ReminderState.PENDING)
    return finished.filter(person__school=school, due_at__lt=now - dt.timedelta(days=RECORD_DAYS))


def old_reminder_words(school: School, now: dt.datetime) -> QuerySet[Reminder]:
    """Return old reminders that still hold what a colleague wrote, for example in a nudge.

    The text of their mails is deleted by now.
    """
    finished = Reminder.objects.exclude(state=ReminderState.PENDING).exclude(words="")
    return finished.filter(person__school=school, due_at__lt=now - dt.timedelta(days=BODY_DAYS))


def blank_reminder_words(rows: Rows) -> None:
    rows.update(words="")


def _after_due(days: int) -> str:
    return _("%(time)s after they were due") % {"time": span_in_words(days)}


def _after_sent(days: int) -> str:
    return _("%(time)s after they were sent") % {"time": span_in_words(days)}


RULES = [
    RetentionRule(
        name="mail-text",
        what=gettext_lazy("The text of e-mails"),
        kept=lambda _school: _after_sent(BODY_DAYS),
        find=old_bodies,
        remove=blank_bodies,
    ),
    RetentionRule(
        name="mails",
        what=gettext_lazy("When each e-mail was sent, and to whom"),
        kept=lambda _school: _after_sent(RECORD_DAYS),
        find=old_records,
    ),
    RetentionRule(
        name="reminder-words",
        what=gettext_lazy("What colleagues wrote in reminders"),
        kept=lambda _school: _after_due(BODY_DAYS),
        find=old_reminder_words,
        remove=blank_reminder_words,
    ),
    RetentionRule(
        name="reminders",
        what=gettext_lazy("Reminders"),
        kept=lambda _school: _after_due(RECORD_DAYS),
        find=old_reminders,
    ),
]


def remove_old_mail_files(*, now: dt.datetime) -> int:
    """Delete mail files after BODY_DAYS, when mails in the database lose their text. Return their number."""
    limit = (now - dt.timedelta(days=BODY_DAYS)).timestamp()
    deleted = 0
    for path in Path(settings.MAIL_DIR).glob("*"):
        with suppress(OSError):  # the file was renamed a moment ago, or belongs to another user
            if path.suffix in (".eml", ".part") and path.stat().st_mtime < limit:
                path.unlink()
                deleted += 1
    return deleted
