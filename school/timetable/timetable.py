"""Who teaches where on a date, and which rooms are open to visitors. Clashes are judged by time, not by period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from ..calendar import Calendar, local_date
from ..models import Lesson, Period, Person, RoomClosure
from ..models.managers import LessonQuerySet
from .visits import to_visit_now


def lessons_in(date: dt.date, periods: Collection[Period], *, calendar: Calendar) -> LessonQuerySet:
    """Return the lessons, duties and meetings in these periods of the date."""
    semester = calendar.semester_on(date)
    day_type = calendar.day_type(date)
    if semester is None or day_type is None:
        nothing: LessonQuerySet = Lesson.objects.none()
        return nothing
    found: LessonQuerySet = Lesson.objects.valid_on(date).filter(
        semester=semester, day_type=day_type, period__in=periods
    )
    return found


def lessons_at(date: dt.date, period: Period, *, calendar: Calendar) -> LessonQuerySet:
    """Return what takes place while this period runs, also in other periods that overlap with it."""
    return lessons_in(date, calendar.overlapping(date, period), calendar=calendar)


def open_classes(date: dt.date, periods: Collection[Period], *, calendar: Calendar) -> LessonQuerySet:
    """Return the classes of these periods that may be visited without a plan, by room.

    A room that is closed in one period is also closed in those that overlap with it.
    """
    closed = Q()
    for period in periods:
        then = Q(period=None) | Q(period__in=calendar.overlapping(date, period))
        closed |= Q(Exists(RoomClosure.objects.filter(then, room=OuterRef("room"), date=date)), period=period)
    classes = lessons_in(date, periods, calendar=calendar).to_visit()
    classes = to_visit_now(classes, date, school=calendar.school)
    return classes.exclude(closed).order_by("room__code_order", "period__position", "pk")


def lessons_during(times: tuple[dt.datetime, dt.datetime], *, calendar: Calendar) -> LessonQuerySet:
    """Return what takes place at a part of these times."""
    return lessons_in(local_date(calendar.school, times[0]), calendar.periods_during(*times), calendar=calendar)


def lesson_of(person: Person, times: tuple[dt.datetime, dt.datetime], *, calendar: Calendar) -> Lesson | None:
    """Return what keeps the person busy at a part of these times, if anything. A walk then needs cover."""
    found = lessons_during(times, calendar=calendar).filter(teacher=person)
    return found.select_related("room").order_by("period__position", "pk").first()
