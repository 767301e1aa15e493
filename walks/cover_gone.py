"""Cover that is open again: who was to take the class has left the school, or teaches a class of their own then.

Nothing is stored. It is asked each time, so no way in which a colleague leaves or a timetable changes can forget it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from school.models import DayType, Lesson, Semester
from school.terms import Calendar

from .models import Walk

Slot = tuple[int, int, int, int]  # semester, day type, period, person


def words_for(walks: Iterable[Walk], *, calendar: Calendar, now: dt.datetime) -> dict[int, str]:
    """Why the cover of these walks is open again, by the walk's id; fetch the walks with their cover and period.

    One query, and none when no agreed walk ahead has cover.
    """
    ahead = [walk for walk in walks if walk.cover_id and walk.needs_cover_at(now)]
    slots = {walk.pk: _slot(walk, calendar) for walk in ahead}
    taught = _taught([slot for slot in slots.values() if slot])
    found = {}
    for walk in ahead:
        title = taught.get(slots[walk.pk] or (0, 0, 0, 0))
        assert walk.cover is not None
        if not walk.cover.is_active:
            found[walk.pk] = _("Cover is open again: %(name)s has left.") % {"name": walk.cover.full_name}
        elif title is not None:
            words = _("Cover is open again: %(name)s teaches %(title)s then.")
            found[walk.pk] = words % {"name": walk.cover.full_name, "title": title or _("a class")}
    return found


def _slot(walk: Walk, calendar: Calendar) -> Slot | None:
    semester: Semester | None = calendar.semester_on(walk.date)
    day_type: DayType | None = calendar.day_type(walk.date)
    if semester is None or day_type is None or walk.cover_id is None:
        return None
    return semester.pk, day_type.pk, walk.period_id, walk.cover_id


def _taught(slots: list[Slot]) -> dict[Slot, str]:
    """The titles of what these people teach at these times."""
    if not slots:
        return {}
    columns = ("semester_id", "day_type_id", "period_id", "teacher_id")
    wanted = Q(pk__in=[])
    for slot in slots:
        wanted |= Q(**dict(zip(columns, slot, strict=True)))
    rows = Lesson.objects.filter(wanted).order_by().values_list(*columns, "title")
    return {(semester, day, period, teacher): title for semester, day, period, teacher, title in rows}
