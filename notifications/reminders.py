"""A reminder is a row with a due time. At that time a handler checks whether it still applies, and writes a mail."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When

from school.models import Person

from .models import Reminder, ReminderState

logger = logging.getLogger(__name__)
Handler = Callable[[Reminder, dt.datetime], bool]
Preparation = Callable[[Reminder, dt.datetime], object]
BATCH = 100  # reminders per query
SWEEP_SECONDS = 50.0  # less than the minute between two sweeps; the next one continues
BACK_OFF = dt.timedelta(minutes=10)

_handlers: dict[str, Handler] = {}
_preparations: dict[str, Preparation] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that handles reminders of this kind.

    The function returns True after outbox.put, and False if the reminder no longer applies.
    """

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def preparation(kind: str) -> Callable[[Preparation], Preparation]:
    """Register a slow function whose result the handler finds in `reminder.prepared`.

    It runs before the reminder is claimed and only reads, so that a long search does not keep the write lock.
    """

    def register(function: Preparation) -> Preparation:
        _preparations[kind] = function
        return function

    return register


def schedule(
    *,
    kind: str,
    key: str,
    person: Person,
    about_id: int,
    due_at: dt.datetime,
    now: dt.datetime,
    deadline: dt.datetime | None = None,
) -> None:
    """Schedule a reminder. If one with this key waits, move it.

    If one with this key was dropped, schedule it again only if the time differs.
    `about_id` is the primary key of the row that the reminder is about; the kind says of which model.

    A reminder that became a mail stays done.
    """
    fields = {"kind": kind, "person": person, "about_id": about_id, "due_at": due_at, "deadline": deadline}
    with transaction.atomic():
        movable = Q(state=ReminderState.PENDING) | (Q(state=ReminderState.DROPPED) & ~Q(due_at=due_at))
        if not Reminder.objects.filter(movable, key=key).update(**fields, state=ReminderState.PENDING):
            Reminder.objects.bulk_create([Reminder(key=key, created_at=now, **fields)], ignore_conflicts=True)


def drop(*, about_id: int, now: dt.datetime, kind: str | None = None) -> int:
    """Drop the waiting reminders with this `about_id`, all or those of one kind. Return their number."""
    waiting = Reminder.objects.filter(about_id=about_id, state=ReminderState.PENDING)
    if kind is not None:
        waiting = waiting.filter(kind=kind)
    return waiting.update(state=ReminderState.DROPPED)


def sweep(now: dt.datetime) -> int:
    """Handle the due reminders and return the number of mails. Any number of sweeps may run at once."""
    written = 0
    deadline = time.monotonic() + SWEEP_SECONDS
    while batch := list(_due(now)):
        for reminder in batch:
            written += _handle(reminder, now)
            if time.monotonic() > deadline:
                return written
        if len(batch) < BATCH:
            break
    return written


def _due(now: dt.datetime) -> list[Reminder]:
    due = Reminder.objects.filter(state=ReminderState.PENDING, due_at__lte=now, kind__in=_handlers)
    # Reminders with a preparation come last, so that the others do not wait for a thousand nudges.
    # If no kind has a preparation, the Case is a constant. PostgreSQL can order by it only as a column (annotation).
    ordered = due.annotate(comes_last=Case(When(kind__in=_preparations, then=Value(1)), default=Value(0)))
    return list(ordered.select_related("person__school").order_by("comes_last", "due_at")[:BATCH])


def _handle(reminder: Reminder, now: dt.datetime) -> bool:
    try:
        prepare = _preparations.get(reminder.kind)
        if prepare and not _waiting(reminder).exists():
            return False  # another sweep was first
        reminder.prepared = prepare(reminder, now) if prepare else None
        with transaction.atomic():
            return _claim(reminder) and _run_handler(reminder, now)
    except Exception as error:  # one failing reminder must not stop the others
        logger.error("reminder %s of kind %s: %s", reminder.pk, reminder.kind, type(error).__name__)
        pending = Reminder.objects.filter(pk=reminder.pk, state=ReminderState.PENDING)
        pending.update(due_at=now + BACK_OFF)
        return False


def _claim(reminder: Reminder) -> bool:
    # This updates no row if the reminder was claimed, dropped or moved since it was read.
    return _waiting(reminder).update(state=ReminderState.DONE) == 1


def _waiting(reminder: Reminder) -> QuerySet[Reminder]:
    return Reminder.objects.filter(pk=reminder.pk, state=ReminderState.PENDING, due_at=reminder.due_at)


def _run_handler(reminder: Reminder, now: dt.datetime) -> bool:
    if _handlers[reminder.kind](reminder, now):
        return True
    Reminder.objects.filter(pk=reminder.pk).update(state=ReminderState.DROPPED)
    return False
