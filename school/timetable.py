"""The timetable as questions: who teaches where in a period, and which rooms are closed."""

from __future__ import annotations

import datetime as dt

from .models import DayType, Lesson, Period, Person, Room, RoomClosure, Semester


def lessons_in(semester: Semester, day_type: DayType, period: Period) -> dict[int, Lesson]:
    """Every lesson of that period, by room id; teacher, grade, room and hallway come with it (one query)."""
    lessons = Lesson.objects.filter(semester=semester, day_type=day_type, period=period, teacher__is_active=True)
    related = lessons.select_related("teacher__grade", "room__hallway__building").order_by("room__code")
    return {lesson.room_id: lesson for lesson in related}


def lesson_of(person: Person, semester: Semester, day_type: DayType, period: Period) -> Lesson | None:
    """What the person teaches then, if anything (it would need cover)."""
    found = Lesson.objects.filter(semester=semester, day_type=day_type, period=period, teacher=person)
    return found.select_related("room").first()


def closures_on(rooms: list[Room] | list[int], date: dt.date, period: Period) -> dict[int, str]:
    """Rooms that take no visitors then, with the reason, by room id (one query)."""
    closed = RoomClosure.objects.filter(room__in=rooms, date=date).filter(period=None) | RoomClosure.objects.filter(
        room__in=rooms, date=date, period=period
    )
    return dict(closed.values_list("room_id", "reason"))
