"""Tell administrators about walks that are planned to lessons which they are about to change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from school.calendar import Calendar
from school.models import Lesson, School
from school.timetable import lesson_changes

from .models import Stop
from .querysets import STATES_THAT_OCCUPY_ROOMS


@lesson_changes.planned_in_lessons
def dates_of_planned_visits(school: School, lessons: Sequence[Lesson], from_date: dt.date) -> list[dt.date]:
    """Return the date of each planned walk that visits one of these lessons, from this date on (one query)."""
    stops = Stop.objects.filter(
        host__in={lesson.teacher_id for lesson in lessons},
        walk__date__gte=from_date,
        walk__state__in=STATES_THAT_OCCUPY_ROOMS,
        walk__started_at__isnull=True,
        skipped_at__isnull=True,
    )
    calendar = Calendar(school)
    places = {(lesson.day_type_id, lesson.period_id, lesson.teacher_id, lesson.room_id) for lesson in lessons}
    found = []
    for date, period, host, room in stops.values_list("walk__date", "walk__period", "host", "room"):
        day_type = calendar.day_type(date)
        if day_type is not None and (day_type.pk, period, host, room) in places:
            found.append(date)
    return found
