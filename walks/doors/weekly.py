"""The mail on the first school morning of a week: which open doors fit. Without one there is no mail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.quiet import MORNING, fit_quiet_hours
from notifications.sending import delivery, outbox
from school.calendar import Calendar, at_local, local_date
from school.models import Person, School

from ..models import OpenDoor
from .chart import Chart, ShownDoor

WEEKLY = "walks.doors_of_the_week"
LISTED = 3


def store_upcoming(now: dt.datetime) -> int:
    """Store this week's mails of every open school with open doors, unless they are stored. Return their number."""
    schools = School.objects.filter(opened_at__isnull=False)
    return sum(_store_upcoming_of(school, now) for school in schools.order_by("pk"))


def _store_upcoming_of(school: School, now: dt.datetime) -> int:
    calendar = Calendar(school)
    today = local_date(school, now)
    monday = today - dt.timedelta(days=today.weekday())
    first = next(calendar.school_days(monday, include=True), None)
    if first is None or first > _last_day(monday):
        return 0
    due_at = fit_quiet_hours(school, at_local(school, first, MORNING), calendar=calendar)
    this_week = OpenDoor.objects.open(now).filter(host__school=school, date__lte=_last_day(monday))
    if due_at <= now or not this_week.exists():
        return 0
    teachers = Person.objects.teachers().filter(school=school).values_list("pk", flat=True)
    rows = [
        Reminder(
            kind=WEEKLY, key=f"{WEEKLY}:{first}:{pk}", person_id=pk, about_id=school.pk, due_at=due_at, created_at=now
        )
        for pk in teachers
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _last_day(monday: dt.date) -> dt.date:
    return monday + dt.timedelta(days=6)


@reminders.preparation(WEEKLY)
def find_doors(reminder: Reminder, now: dt.datetime) -> list[ShownDoor]:
    """Return this week's doors to which the person could say yes."""
    return _doors_that_fit(reminder.person, now)


@reminders.handler(WEEKLY)
def tell_teacher(reminder: Reminder, now: dt.datetime) -> bool:
    """Tell the person which doors fit."""
    found: list[ShownDoor] = reminder.prepared
    if not found:
        return False
    context: dict[str, Any] = {"doors": [shown.door for shown in found[:LISTED]], "count": len(found)}
    message = outbox.put(
        kind=WEEKLY,
        key=reminder.key,
        to=reminder.person,
        template="walks/doors_of_the_week",
        context=context,
        now=now,
        about=f"doors:{reminder.about_id}",
    )
    return message is not None


@delivery.recheck(WEEKLY)
def still_open(message: Message, now: dt.datetime) -> bool:
    """Skip the mail if no door fits any more."""
    return message.recipient is not None and bool(_doors_that_fit(message.recipient, now))


def _doors_that_fit(person: Person, now: dt.datetime) -> list[ShownDoor]:
    today = local_date(person.school, now)
    last = _last_day(today - dt.timedelta(days=today.weekday()))
    could_go = Chart(person, calendar=Calendar(person.school), now=now).could_go
    return [shown for shown in could_go if shown.may_come and shown.door.date <= last]
