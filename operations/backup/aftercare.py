"""After a restore: nothing is sent twice, nobody is signed in, who left stays out, who was erased stays erased."""

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

from .making import database


@dataclass(frozen=True)
class Gone:
    """An account that is switched off, or without a name; told from others by when it was made."""

    pk: int
    joined_at: dt.datetime
    left_at: dt.datetime | None
    erased_at: dt.datetime | None


def gone_here() -> list[Gone]:
    """Who is gone in the database that is about to be replaced; nobody, when there is none that can be read."""
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
    """A backup remembers people who left, or asked to be forgotten, since. Says how many, and what is left to do."""
    known = {one.pk: one for one in gone}
    there = Person.objects.filter(pk__in=known, erased_at=None)
    back = [person for person in there if person.joined_at == known[person.pk].joined_at]
    left = [person for person in back if person.is_active]
    for person in left:
        people.leave(person, by=None, now=now, left_at=known[person.pk].left_at)
    left = [person for person in left if known[person.pk].erased_at is None]
    told = [f"{len(left)} people who left since the backup are out again."] if left else []
    if any(people.last_administrator(person) for person in left):
        told.append("The school has no administrator now. Add one: manage.py createsuperuser")
    return told + _erase_again([person for person in back if known[person.pk].erased_at], now=now)


def _erase_again(erased: list[Person], *, now: dt.datetime) -> list[str]:
    waiting = [words for person in erased if (words := _erase(person, now))]
    again = len(erased) - len(waiting)
    told = [f"{again} people who were erased since the backup are erased again."] if again else []
    return told + waiting


def _erase(person: Person, now: dt.datetime) -> str:
    """Erase; when a rule is against it the person is out all the same, and this says what is left to do."""
    try:
        with transaction.atomic():
            _take_back_mails_naming(person, now)
            people.erase(person, by=None, now=now)
    except RuleError as error:
        then = f"Add an administrator (manage.py createsuperuser), then run: manage.py erase {person.pk}"
        return f"Person {person.pk}, who was erased since the backup, is out but not erased. {error} {then}"
    return ""


def _take_back_mails_naming(person: Person, now: dt.datetime) -> None:
    """Mails that were written a moment ago, because the person left once more, must not name who is erased."""
    new = Message.objects.filter(STOPPABLE, created_at=now)
    Message.objects.filter(pk__in=naming_among(new, person)).delete()


def forget_photos(names: list[str]) -> None:
    """Photos whose owners removed them while the backup was made."""
    Photo.objects.filter(file__in=names).delete()


@transaction.atomic
def sign_everybody_out() -> None:
    """A session of the backup may have been ended since, because somebody left or lost a phone."""
    Session.objects.all().delete()
    UserSession.objects.all().delete()
    Heartbeat.objects.all().delete()
    cache.clear()


@transaction.atomic
def hold_back(*, made_at: dt.datetime, now: dt.datetime) -> str:
    """A mail that waited in the backup may have been sent since. So it is in doubt, and its author decides.

    Reminders that came due since, and nudges of this week, may have gone out as well; they are dropped. Says so.
    """
    waiting = Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING])
    held = waiting.update(
        state=MessageState.UNKNOWN, fenced_at=made_at, settled_at=now, lease_token=None, lease_until=None,
        error_code="restored", error_text="it waited when the backup was made",
    )  # fmt: skip
    before = set(Reminder.objects.values_list("pk", flat=True))
    nudges.plan(now)
    new = Reminder.objects.filter(kind=nudges.NUDGE).exclude(pk__in=before)
    due = Reminder.objects.filter(state=ReminderState.PENDING, due_at__lte=now)
    dropped = due.update(state=ReminderState.DROPPED) + new.update(state=ReminderState.DROPPED)
    return f"{held} mails that waited are held for their authors; {dropped} reminders that were due are dropped."
