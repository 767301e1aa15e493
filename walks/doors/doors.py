"""Open a door, change it, and close it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.errors import NotAllowedError, RuleError
from school.models import Person
from school.people import hooks
from school.people.hooks import Erasure
from school.timetable import timetable

from ..models import OpenDoor, Practice
from ..workflow import locks
from . import emails, visitors, visits
from .lessons import LessonToOpen


class DoorClosedError(RuleError):
    """The door is closed, or its lesson is over."""


def may_change(person: Person, door: OpenDoor) -> bool:
    """Whether the person may change or close the door: its host, or a colleague who teaches that class with them."""
    if person.pk == door.host_id:
        return True
    calendar = Calendar(person.school)
    together = timetable.lessons_at(door.date, door.period, calendar=calendar).filter(room=door.room_id)
    teachers = set(together.values_list("teacher", flat=True))
    return {person.pk, door.host_id} <= teachers


@transaction.atomic
def open_doors(
    lessons: Iterable[LessonToOpen],
    *,
    title: str,
    practice: Practice | None = None,
    places: int,
    is_tentative: bool = False,
    by: Person,
    now: dt.datetime,
) -> list[OpenDoor]:
    """Open these lessons of the teacher to colleagues. A lesson that is open already, also by a colleague who teaches
    it, stays as it is.

    Raise a RuleError if a lesson cannot be opened.
    """
    lessons = list(lessons)
    locks.lock_people(by)
    locks.lock_rooms([lesson.room.pk for lesson in lessons])
    doors = []
    for lesson in lessons:
        if _is_open(lesson):
            continue
        if lesson.why_not:
            raise RuleError(lesson.why_not)
        if lesson.starts_at <= now:
            raise RuleError(_("That lesson has begun. Choose another one."))
        doors.append(
            OpenDoor.objects.create(
                host=by,
                date=lesson.date,
                period=lesson.period,
                room=lesson.room,
                starts_at=lesson.starts_at,
                ends_at=lesson.ends_at,
                lesson_title=lesson.title,
                title=title,
                practice=practice,
                places=places,
                is_tentative=is_tentative,
                created_at=now,
            )
        )
    return doors


def _is_open(lesson: LessonToOpen) -> bool:
    same = OpenDoor.objects.filter(room=lesson.room, date=lesson.date, period=lesson.period, closed_at__isnull=True)
    return same.exists()


@transaction.atomic
def change(
    door: OpenDoor,
    *,
    title: str,
    practice: Practice | None,
    places: int,
    is_tentative: bool,
    by: Person,
    now: dt.datetime,
) -> None:
    """Change what colleagues read about the door. There are never fewer places than colleagues who come."""
    door = _locked(door, by=by, now=now)
    door.title = title
    door.practice = practice
    door.places = max(places, visitors.coming_to(door).count())
    door.is_tentative = is_tentative
    door.save()


@transaction.atomic
def close(door: OpenDoor, *, by: Person, now: dt.datetime) -> None:
    """Close the door, and tell exactly the colleagues who planned to come."""
    _close(_locked(door, by=by, now=now), now=now)


def _locked(door: OpenDoor, *, by: Person, now: dt.datetime) -> OpenDoor:
    if not may_change(by, door):
        raise NotAllowedError(_("Only the teacher can change this door."))
    locked = visits.lock_door(door)
    if locked.closed_at is not None or locked.ends_at <= now:
        raise DoorClosedError(_("This door is closed already."))
    return locked


def _close(door: OpenDoor, *, now: dt.datetime) -> None:
    door.closed_at = now
    door.save(update_fields=["closed_at"])
    call_off_visits(door, now=now)


def call_off_visits(door: OpenDoor, *, now: dt.datetime) -> None:
    """Cancel the visits to a door that closes or pauses, and tell the visitors. Lock the door before."""
    for walk in visitors.coming_to(door).select_related("walker__school"):
        visits.call_off(walk, now=now)
        emails.send_door_closed(walk, door, now=now)


@hooks.on_leaving
def close_doors(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Close the doors of a person who leaves the school."""
    for door in OpenDoor.objects.filter(host=person).open(now).order_by("pk"):
        _close(visits.lock_door(door), now=now)


@hooks.on_erasing
def delete_doors(erasure: Erasure) -> None:
    """Delete the doors of a person who is erased."""
    OpenDoor.objects.filter(host=erasure.person).delete()
