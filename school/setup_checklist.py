"""The checklist of a new school: what must be there before walks can be planned."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists
from django.utils.translation import gettext as _

from .calendar import Calendar
from .models import Lesson, Person, Room, School


@dataclass(frozen=True)
class ChecklistStep:
    """One thing that a school needs before walks can be planned."""

    icon: str
    title: str
    description: str
    page: str  # URL name under `school:`
    kind: str = ""  # slug of the list on that page
    done: bool = False


def missing_steps(school: School, *, today: dt.date) -> list[ChecklistStep]:
    """Return all steps while one of them is missing, else an empty list (one query and the calendar)."""
    calendar = Calendar(school)
    semester = calendar.current_semester(today)
    exists = School.objects.filter(pk=school.pk).values_list(
        Exists(Room.objects.filter(school=school)),
        Exists(Person.objects.teachers().filter(school=school)),
        Exists(Lesson.objects.filter(semester=semester)),
    )
    rooms, people, lessons = exists.get()
    steps = [
        ChecklistStep(
            icon="calendar3",
            title=_("Semester"),
            description=_("The current semester, or the next one"),
            page="rows",
            kind="semesters",
            done=semester is not None and semester.ends_on >= today,
        ),
        ChecklistStep(
            icon="bell",
            title=_("Bells"),
            description=_("Periods and school days"),
            page="rows",
            kind="periods" if calendar.day_types else "days",
            done=bool(calendar.periods and calendar.day_types),
        ),
        ChecklistStep(
            icon="people",
            title=_("People"),
            description=_("Everyone who teaches"),
            page="people",
            done=people,
        ),
        ChecklistStep(
            icon="door-open",
            title=_("Rooms"),
            description=_("One by one, or together with the timetable"),
            page="rows",
            kind="rooms",
            done=rooms,
        ),
        ChecklistStep(
            icon="calendar3",
            title=_("Timetable"),
            description=_("Paste it from a spreadsheet"),
            page="timetable",
            done=lessons,
        ),
    ]
    return [] if all(step.done for step in steps) else steps
