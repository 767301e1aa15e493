"""A colleague comes through an open door: a drop-in, which is a walk with one room that nobody has to approve."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.errors import NotAllowedError, RuleError
from school.models import Person
from school.text.dates import date_words

from ..mail import schedule
from ..models import OpenDoor, State, Stop, Walk
from ..permissions import is_walker
from ..workflow import locks, transitions
from . import emails, reminders
from .chart import Chart, ShownDoor


class NoPlaceError(RuleError):
    """The person cannot come: the door is full, closed or paused, or they are busy then."""


def lock_door(door: OpenDoor) -> OpenDoor:
    """Lock the door until the transaction ends, and return it as it is now."""
    found = OpenDoor.objects.select_for_update(no_key=True, of=("self",))
    locked: OpenDoor = found.select_related("host__school", "room", "period").get(pk=door.pk)
    return locked


@transaction.atomic
def come(door: OpenDoor, *, by: Person, now: dt.datetime) -> Walk:
    """Plan a visit through the door. Pressing the button twice plans one visit.

    Locks: the visitor, the door, the room (docs/adr/0011). So only one of many gets the last place.
    Raise NoPlaceError with another door in its words if the visitor cannot come.
    """
    if not by.is_teacher:
        raise NotAllowedError(_("Open doors are for teachers."))
    locks.lock_people(by)
    door = lock_door(door)
    locks.lock_rooms([door.room_id])
    chart = Chart(by, calendar=Calendar(by.school), now=now)
    shown = chart.of(door)
    if shown is not None and shown.visit is not None:
        return shown.visit
    if shown is None or not shown.may_come or door.starts_at <= now:
        raise NoPlaceError(_why_not(door, shown, chart))
    return _plan_visit(door, chart, by=by, now=now)


def _plan_visit(door: OpenDoor, chart: Chart, *, by: Person, now: dt.datetime) -> Walk:
    semester = chart.calendar.semester_on(door.date)
    if semester is None:
        raise NoPlaceError(_("That day is outside the semester."))
    walk = Walk.objects.create(
        walker=by,
        semester=semester,
        date=door.date,
        period=door.period,
        starts_at=door.starts_at,
        ends_at=door.ends_at,
        is_drop_in=True,
        door=door,
        announced=True,
    )
    if door.practice is not None:
        walk.focus.add(door.practice)
    taught = chart.availability.lessons_in(door.date, door.period).get(door.room_id)
    hosts = taught.hosts if taught is not None and door.host in taught.hosts else (door.host,)
    Stop.objects.bulk_create(
        Stop(walk=walk, position=1, room=door.room, host=host, lesson_title=door.lesson_title) for host in hosts
    )
    transitions.move(walk, "drop_in", by=by, now=now, requested_at=now, decided_at=now)
    emails.send_visit_planned(walk, now=now)
    schedule.after_drop_in(walk, now=now)
    reminders.schedule_for_host(door, calendar=chart.calendar, now=now)
    return walk


def _why_not(door: OpenDoor, shown: ShownDoor | None, chart: Chart) -> str:
    """Return why the person cannot come, and which door is open instead."""
    if shown is None or shown.state.key == "paused":
        words = _("This door is closed.")
    elif shown.state.key == "full":
        words = _("The last place in Room %(room)s went a moment ago.") % {"room": door.room.code}
    elif shown.state.key == "own":
        return _("This is your own door.")
    elif shown.state.key == "busy":
        words = f"{shown.state.words}."
    else:
        words = _("This lesson has begun.")
    other = next((other for other in chart.could_go if other.may_come and other.door != door), None)
    if other is None:
        return words
    instead = _("Room %(room)s is open on %(day)s, %(period)s.") % {
        "room": other.door.room.code,
        "day": date_words(other.door.date),
        "period": other.door.period,
    }
    return f"{words} {instead}"


@transaction.atomic
def cannot_come(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Cancel the visit. The host's page no longer shows the visitor; nobody else is told."""
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the visitor can do this."))
    locks.lock_walk(walk)
    if walk.state == State.CANCELLED:
        return  # the button was pressed twice
    transitions.move(walk, "cancel", by=by, now=now, cancelled_at=now, calendar_sequence=walk.calendar_sequence + 1)
    emails.take_out_of_calendar(walk, now=now)
    schedule.drop_reminders(walk, now=now)


def call_off(walk: Walk, *, now: dt.datetime) -> None:
    """Cancel a visit because its door was closed. The caller sends the mail."""
    locks.lock_walk(walk)
    transitions.move(
        walk, "door_closed", by=None, now=now, cancelled_at=now, calendar_sequence=walk.calendar_sequence + 1
    )
    schedule.drop_reminders(walk, now=now)
