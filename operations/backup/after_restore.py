"""Clean up after a restore.

Hold mails that may have been sent already, end all sessions, and apply again what the backup does not know: people who
left or were erased since.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction

from notifications.erasing import naming_among
from notifications.models import STOPPABLE, Heartbeat, Message, MessageState, Reminder, ReminderState
from observations.models import Photo
from school import people
from school.errors import RuleError
from school.models import Person
from walks.semester import nudges

from .create import database


@dataclass(frozen=True)
class Gone:
    """An account that was deactivated or erased. `joined_at` tells it from a different account with the same id."""

    pk: int
    joined_at: dt.datetime
    left_at: dt.datetime | None
    erased_at: dt.datetime | None


def gone_here() -> list[Gone]:
    """Read these accounts from the database that is about to be replaced; an unreadable database yields none."""
    if not database().exists():
        return []
    try:
        found = Person.objects.filter(is_active=False).values_list("pk", "joined_at", "left_at", "erased_at")
        return [Gone(*row) for row in found]
    except DatabaseError:
        return []
    finally:
        connection.close()


def keep_out(gone: list[Gone], *, now: dt.datetime) -> list[str]:
    """Let people leave, and erase people, as before the restore. Return lines for the operator."""
    known = {one.pk: one for one in gone}
    there = Person.objects.filter(pk__in=known, erased_at=None)
    back = [person for person in there if person.joined_at == known[person.pk].joined_at]
    left = [person for person in back if person.is_active]
    for person in left:
        people.leave(person, by=None, now=now, left_at=known[person.pk].left_at)
    left = [person for person in left if known[person.pk].erased_at is None]
    lines = [f"{len(left)} people who left since the backup are out again."] if left else []
    if any(people.last_administrator(person) for person in left):
        lines.append("The school has no administrator now. Add one: manage.py createsuperuser")
    return lines + _erase_again([person for person in back if known[person.pk].erased_at], now=now)


def _erase_again(erased: list[Person], *, now: dt.datetime) -> list[str]:
    waiting = [words for person in erased if (words := _erase(person, now))]
    again = len(erased) - len(waiting)
    lines = [f"{again} people who were erased since the backup are erased again."] if again else []
    return lines + waiting


def _erase(person: Person, now: dt.datetime) -> str:
    """Erase the person. If a rule forbids it, they stay out, and the result says what is left to do."""
    try:
        with transaction.atomic():
            _take_back_mails_naming(person, now)
            people.erase(person, by=None, now=now)
    except RuleError as error:
        then = f"Add an administrator (manage.py createsuperuser), then run: manage.py erase {person.pk}"
        return f"Person {person.pk}, who was erased since the backup, is out but not erased. {error} {then}"
    return ""


def _take_back_mails_naming(person: Person, now: dt.datetime) -> None:
    """Delete mails that `people.leave` wrote during this restore and that name the person to erase."""
    new = Message.objects.filter(STOPPABLE, created_at=now)
    Message.objects.filter(pk__in=naming_among(new, person)).delete()


def forget_photos(names: list[str]) -> None:
    """Delete the rows of photos that their owners removed while the backup was made."""
    Photo.objects.filter(file__in=names).delete()


@transaction.atomic
def sign_everybody_out() -> None:
    """End all sessions: any of them may have been ended since the backup, for example after a lost phone."""
    Session.objects.all().delete()
    UserSession.objects.all().delete()
    Heartbeat.objects.all().delete()
    cache.clear()


@transaction.atomic
def hold_back(*, made_at: dt.datetime, now: dt.datetime) -> str:
    """Hold every mail that waited in the backup, for it may have been sent since; its author decides.

    Drop reminders that came due since, and this week's nudges, for the same reason. Return a line for the operator.
    """
    waiting = Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING])
    held = waiting.update(
        state=MessageState.UNKNOWN,
        fenced_at=made_at,
        settled_at=now,
        lease_token=None,
        lease_until=None,
        error_code="restored",
        error_text="it waited when the backup was made",
    )
    before = set(Reminder.objects.values_list("pk", flat=True))
    nudges.plan(now)
    new = Reminder.objects.filter(kind=nudges.NUDGE).exclude(pk__in=before)
    due = Reminder.objects.filter(state=ReminderState.PENDING, due_at__lte=now)
    dropped = due.update(state=ReminderState.DROPPED) + new.update(state=ReminderState.DROPPED)
    return f"{held} mails that waited are held for their authors; {dropped} reminders that were due are dropped."
