"""Who teaches where in a period, and which rooms are open to visitors."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from ..models import DayType, Lesson, Period, Person, RoomClosure, Semester


def open_classes(semester: Semester, day_type: DayType, period: Period, date: dt.date) -> QuerySet[Lesson]:
    """Return the classes of that period in rooms that are open to visitors on that date, by room."""
    lessons = Lesson.objects.filter(semester=semester, day_type=day_type, period=period, teacher__is_active=True)
    closed = RoomClosure.objects.filter(Q(period=None) | Q(period=period), room=OuterRef("room"), date=date)
    found: QuerySet[Lesson] = lessons.exclude(Exists(closed)).order_by("room__code_order")
    return found


def lesson_of(person: Person, semester: Semester, day_type: DayType, period: Period) -> Lesson | None:
    """Return the person's lesson at that time, if any. A walk at that time would need cover."""
    found = Lesson.objects.filter(semester=semester, day_type=day_type, period=period, teacher=person)
    return found.select_related("room").first()
