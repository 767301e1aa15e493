"""Clean up after a restore.

Hold mails that may have been sent already, and end all sessions. People who left or were erased after the backup was
made leave or are erased again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction

from notifications.erasing import find_mentions
from notifications.models import STOPPABLE, Heartbeat, Message, MessageState, Reminder, ReminderState
from observations.models import Photo
from school import people
from school.errors import RuleError
from school.models import Person
from walks.semester import nudges

from .create import database


@dataclass(frozen=True)
class InactiveAccount:
    """An account that was deactivated or erased. `joined_at` tells it from a different account with the same id."""

    pk: int
    joined_at: dt.datetime
    left_at: dt.datetime | None
    erased_at: dt.datetime | None


def inactive_accounts() -> list[InactiveAccount]:
    """Return the inactive accounts of the database that the restore will replace; none if it cannot be read."""
    if not database().exists():
        return []
    try:
        found = Person.objects.filter(is_active=False).values_list("pk", "joined_at", "left_at", "erased_at")
        return [InactiveAccount(*row) for row in found]
    except DatabaseError:
        return []
    finally:
        connection.close()


def leave_and_erase_again(inactive: list[InactiveAccount], *, now: dt.datetime) -> list[str]:
    """Repeat what happened after the backup: people leave or are erased. Return lines for the operator."""
    by_id = {account.pk: account for account in inactive}
    with_known_id = Person.objects.filter(pk__in=by_id, erased_at=None)
    restored = [person for person in with_known_id if person.joined_at == by_id[person.pk].joined_at]
    active = [person for person in restored if person.is_active]
    for person in active:
        people.leave(person, by=None, now=now, left_at=by_id[person.pk].left_at)
    left = [person for person in active if by_id[person.pk].erased_at is None]
    lines = [f"{len(left)} people who left since the backup are out again."] if left else []
    if any(people.is_last_administrator(person) for person in left):
        lines.append("The school has no administrator now. Add one: manage.py createsuperuser")
    return lines + _erase_again([person for person in restored if by_id[person.pk].erased_at], now=now)


def _erase_again(erased: list[Person], *, now: dt.datetime) -> list[str]:
    problems = [problem for person in erased if (problem := _erase(person, now))]
    erased_count = len(erased) - len(problems)
    lines = [f"{erased_count} people who were erased since the backup are erased again."] if erased_count else []
    return lines + problems


def _erase(person: Person, now: dt.datetime) -> str:
    """Erase the person. If a rule forbids it, return a line that says what the operator has to do."""
    try:
        with transaction.atomic():
            _delete_new_mentions(person, now)
            people.erase(person, by=None, now=now)
    except RuleError as error:
        advice = f"Add an administrator (manage.py createsuperuser), then run: manage.py erase {person.pk}"
        return f"Person {person.pk}, who was erased since the backup, is out but not erased. {error} {advice}"
    return ""


def _delete_new_mentions(person: Person, now: dt.datetime) -> None:
    """Delete mails that `people.leave` wrote during this restore and that name the person to erase."""
    new = Message.objects.filter(STOPPABLE, created_at=now)
    Message.objects.filter(pk__in=find_mentions(new, person)).delete()


def delete_photo_rows(names: list[str]) -> None:
    """Delete the rows of photos whose owners removed them while the backup was made."""
    Photo.with_removed.filter(file__in=names).delete()


@transaction.atomic
def sign_everybody_out() -> None:
    """End all sessions. People may have ended some after the backup, for example because a phone was lost."""
    Session.objects.all().delete()
    UserSession.objects.all().delete()
    Heartbeat.objects.all().delete()
    cache.clear()


@transaction.atomic
def hold_waiting_mails(*, made_at: dt.datetime, now: dt.datetime) -> str:
    """Hold every mail that waited in the backup, because it may have been sent since. Its author decides.

    For the same reason, drop reminders that came due since, and this week's nudges. Return a line for the operator.
    """
    waiting = Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING])
    held = waiting.update(
        state=MessageState.UNKNOWN,
        data_started_at=made_at,
        settled_at=now,
        lease_token=None,
        lease_until=None,
        error_code="restored",
        error_text="it waited when the backup was made",
    )
    before = set(Reminder.objects.values_list("pk", flat=True))
    nudges.store_upcoming(now)
    new = Reminder.objects.filter(kind=nudges.NUDGE).exclude(pk__in=before)
    due = Reminder.objects.filter(state=ReminderState.PENDING, due_at__lte=now)
    dropped = due.update(state=ReminderState.DROPPED) + new.update(state=ReminderState.DROPPED)
    return f"{held} mails that waited are held for their authors; {dropped} reminders that were due are dropped."
