"""What is not kept of mails and reminders. It is the same for every school: the outbox knows nobody's business."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from school.models import School
from school.retention import RetentionRule, Rows, span

from .models import Message, Reminder, ReminderState

BODY_DAYS = 30
RECORD_DAYS = 365
BLANK = {"subject": "", "body_text": "", "body_html": "", "calendar_text": ""}


def _settled(school: School, now: dt.datetime, days: int) -> QuerySet[Message]:
    """Mails that came to their end so long ago; those to people who are gone belong to every school."""
    ours = Q(recipient__school=school) | Q(recipient__isnull=True)
    return Message.objects.filter(ours, settled_at__lt=now - dt.timedelta(days=days))


def old_bodies(school: School, now: dt.datetime) -> QuerySet[Message]:
    """Mails whose text is no longer needed; when, to whom and how it ended stays."""
    return _settled(school, now, BODY_DAYS).exclude(**BLANK)


def blank(rows: Rows) -> None:
    """Take the text away."""
    rows.update(**BLANK)


def old_records(school: School, now: dt.datetime) -> QuerySet[Message]:
    """The record of mails that nobody asks for any more."""
    return _settled(school, now, RECORD_DAYS)


def old_reminders(school: School, now: dt.datetime) -> QuerySet[Reminder]:
    """Reminders that were sent or dropped. Until then they say that a reminder is not sent twice."""
    over = Reminder.objects.exclude(state=ReminderState.PENDING)
    return over.filter(person__school=school, due_at__lt=now - dt.timedelta(days=RECORD_DAYS))


def _sent(days: int) -> str:
    return _("%(time)s after they were sent") % {"time": span(days)}


RULES = [
    RetentionRule(
        "mail-text", gettext_lazy("The text of e-mails"), lambda _school: _sent(BODY_DAYS), old_bodies, blank
    ),
    RetentionRule(
        "mails", gettext_lazy("When an e-mail went to whom"), lambda _school: _sent(RECORD_DAYS), old_records
    ),
    RetentionRule(
        "reminders",
        gettext_lazy("Reminders"),
        lambda _school: _("%(time)s after they were due") % {"time": span(RECORD_DAYS)},
        old_reminders,
    ),
]


def remove_old_files(*, now: dt.datetime) -> int:
    """Mails that are files, because there is no mail server, go as whole files when their text would; says how many."""
    limit, gone = (now - dt.timedelta(days=BODY_DAYS)).timestamp(), 0
    for path in Path(settings.MAIL_DIR).glob("*"):
        with suppress(OSError):  # a mail that is being written gets its name now; one of another user stays
            if path.suffix in (".eml", ".part") and path.stat().st_mtime < limit:
                path.unlink()
                gone += 1
    return gone
