"""What a school needs before walks can be planned, and what of it is there: bells, rooms, people, timetable."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists
from django.utils.translation import gettext as _

from .models import DayType, Lesson, Period, Person, Room, School
from .terms import Calendar


@dataclass(frozen=True)
class Step:
    """One thing on the list."""

    icon: str
    title: str
    line: str
    address: str  # name of the page, and the list on it
    kind: str
    done: bool


def missing(school: School, *, today: dt.date) -> list[Step]:
    """The whole list while something on it is missing; nothing when walks can be planned (two queries)."""
    semester = Calendar(school).current_semester(today)
    there = School.objects.filter(pk=school.pk).values_list(
        Exists(Period.objects.filter(school=school)),
        Exists(DayType.objects.filter(school=school)),
        Exists(Room.objects.filter(school=school)),
        Exists(Person.objects.teachers().filter(school=school)),
        Exists(Lesson.objects.filter(semester=semester)),
    )
    periods, days, rooms, people, lessons = there.get()
    runs = semester is not None and semester.ends_on >= today
    steps = [
        Step("calendar3", _("Semester"), _("The current semester, or the next one"), "rows", "semesters", runs),
        Step("bell", _("Bells"), _("Periods and school days"), "rows", "periods" if days else "days", periods and days),
        Step("people", _("People"), _("Everybody who teaches"), "people", "", people),
        Step("door-open", _("Rooms"), _("One by one, or together with the timetable"), "rows", "rooms", rooms),
        Step("calendar3", _("Timetable"), _("Paste it from a spreadsheet"), "timetable", "", lessons),
    ]
    return [] if all(step.done for step in steps) else steps
