"""The part of "my data" about mails. learningwalks/privacy/my_data.py joins the parts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from school.models import Person
from school.my_data import Section, rows

from .models import Message, MutedKind, Reminder

SECTION_OF_COLUMN = {
    "notifications.message.recipient": "mails_to_me",
    "notifications.message.author": "mails_from_me",
    "notifications.reminder.person": "reminders",
    "notifications.reminder.sent_by": "reminders_i_sent",
    "notifications.mutedkind.person": "mails_switched_off",
}
MAIL_COLUMNS = ("kind", "subject", "to_addr", "state", "created_at", "due_at", "sent_at")
REMINDER_COLUMNS = ("kind", "key", "about_id", "due_at", "deadline", "state", "created_at")
SENT_COLUMNS = ("kind", "about_id", "due_at", "state", "created_at", "words")


def mails_to_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Mails to the person, without those that wait, because their authors can still take them back."""
    left = Message.objects.filter(recipient=person).exclude(state__in=["queued", "sending", "cancelled"])
    return rows(left.order_by("created_at"), *MAIL_COLUMNS)


def mails_from_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Mails to other people that the person caused, for example by sending praise."""
    return rows(Message.objects.filter(author=person).order_by("created_at"), *MAIL_COLUMNS)


def reminders_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Reminders to the person, past and planned."""
    return rows(Reminder.objects.filter(person=person), *REMINDER_COLUMNS)


def reminders_sent_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """Reminders that the person sent by hand, for example nudges, with their own words."""
    return rows(Reminder.objects.filter(sent_by=person).order_by("created_at"), *SENT_COLUMNS)


def muted_section(person: Person, now: dt.datetime) -> list[dict[str, Any]]:
    """The kinds of mail that the person switched off."""
    return rows(MutedKind.objects.filter(person=person), "kind")


SECTIONS: dict[str, Section] = {
    "mails_to_me": mails_to_section,
    "mails_from_me": mails_from_section,
    "reminders": reminders_section,
    "reminders_i_sent": reminders_sent_section,
    "mails_switched_off": muted_section,
}
