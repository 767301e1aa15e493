"""Which of a teacher's own lessons can be opened to colleagues."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from school.calendar import Calendar, local_date
from school.models import Period, Person, Room

from ..availability.availability import Availability
from ..models import OpenDoor

DAYS_AHEAD = 10  # school days
DATES_AHEAD = 30  # calendar days that contain these school days, even with a holiday between


@dataclass(frozen=True)
class LessonToOpen:
    """A class of the teacher. `why_not` says why it cannot be opened; empty if it can."""

    date: dt.date
    period: Period
    starts_at: dt.datetime
    ends_at: dt.datetime
    room: Room
    title: str
    why_not: str = ""

    @property
    def key(self) -> str:
        """The value of its field, for example "2026-11-12:3:17": day, period and room, as ids."""
        return f"{self.date}:{self.period.pk}:{self.room.pk}"


def lessons_to_open(teacher: Person, *, calendar: Calendar, now: dt.datetime) -> list[LessonToOpen]:
    """Return the teacher's classes of the next ten school days, the next one first."""
    today = local_date(teacher.school, now)
    availability = Availability(
        teacher.school,
        first=today,
        last=today + dt.timedelta(days=DATES_AHEAD),
        calendar=calendar,
        rooms=(),
        people=[teacher.pk],
    )
    in_school = OpenDoor.objects.visible_to(teacher).open(now).filter(date__lte=availability.last)
    open_already = set(in_school.values_list("room", "date", "period"))
    return list(_lessons(teacher, availability, now, open_already))


def lesson_by_hand(teacher: Person, date: dt.date, period: Period, room: Room, *, calendar: Calendar) -> LessonToOpen:
    """Return the lesson of a teacher who has no timetable."""
    availability = Availability(
        teacher.school, first=date, last=date, calendar=calendar, rooms=[room.pk], people=[teacher.pk]
    )
    closed = availability.closure_reason(room.pk, date, period)
    why_not = _("Room %(room)s takes no visitors then: %(why)s.") % {"room": room.code, "why": closed} if closed else ""
    return LessonToOpen(date, period, *calendar.times(date, period), room, "", why_not)


def every_time(lesson: LessonToOpen, teacher: Person, *, calendar: Calendar) -> list[LessonToOpen]:
    """Return this lesson and the same one on later days of the same kind, until the semester ends.

    Days on which the room is closed are left out.
    """
    semester = calendar.semester_on(lesson.date)
    if semester is None:
        return [lesson]
    availability = Availability(
        teacher.school,
        first=lesson.date,
        last=semester.ends_on,
        calendar=calendar,
        rooms=[lesson.room.pk],
        people=[teacher.pk],
    )
    found = [lesson]
    number_of_days = (semester.ends_on - lesson.date).days
    for date in (lesson.date + dt.timedelta(days=n) for n in range(1, number_of_days + 1)):
        if calendar.day_type(date) != calendar.day_type(lesson.date):
            continue
        taught = availability.lessons_in(date, lesson.period).get(lesson.room.pk)
        closed = availability.closure_reason(lesson.room.pk, date, lesson.period)
        if taught is not None and teacher in taught.hosts and not closed:
            starts_at, ends_at = calendar.times(date, lesson.period)
            found.append(LessonToOpen(date, lesson.period, starts_at, ends_at, taught.room, taught.title))
    return found


def _lessons(
    teacher: Person, availability: Availability, now: dt.datetime, open_already: set[tuple[int, dt.date, int]]
) -> Iterator[LessonToOpen]:
    calendar = availability.calendar
    for date in islice(calendar.school_days(availability.first, include=True), DAYS_AHEAD):
        for period in calendar.periods_on(date):
            starts_at, ends_at = calendar.times(date, period)
            own = [taught for taught in availability.lessons_in(date, period).values() if teacher in taught.hosts]
            for taught in own if ends_at > now else ():
                closed = availability.closure_reason(taught.room.pk, date, period)
                why_not = _("%(why)s: no visitors") % {"why": closed} if closed else ""
                if (taught.room.pk, date, period.pk) in open_already:
                    why_not = _("Already open")
                yield LessonToOpen(date, period, starts_at, ends_at, taught.room, taught.title, why_not)
