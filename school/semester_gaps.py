"""Sentences for days without a semester, and for administrators who must add the next one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from .calendar import Calendar
from .models import Lesson, Person, School, Semester
from .text.dates import date_words

NOTICE = dt.timedelta(weeks=4)  # how long before the end of the last semester administrators are asked for the next


@dataclass(frozen=True)
class SemesterGap:
    """A day without a semester."""

    next: Semester | None
    who: str = ""  # names of the people who can add the next semester, if there is none
    today: dt.date | None = None

    @property
    def message(self) -> str:
        """Return one or two sentences about the gap, for pages."""
        if self.next is not None:
            day = date_words(self.next.starts_on, "l j F", today=self.today or self.next.starts_on)
            return _("No semester is running. The next one begins on %(day)s.") % {"day": day}
        if self.who:
            return _("No semester is running, and the next one isn’t set up yet. Ask %(who)s.") % {"who": self.who}
        return _("No semester is running, and the next one isn’t set up yet.")


def gap_on(calendar: Calendar, date: dt.date) -> SemesterGap | None:
    """Return the gap, or None while a semester runs. One query if no next semester is known, else none."""
    if calendar.semester_on(date) is not None:
        return None
    following = calendar.next_semester(date)
    who = "" if following else _administrators(calendar.school)
    return SemesterGap(following, who, date)


def _administrators(school: School) -> str:
    people = Person.objects.active().filter(school=school, is_administrator=True)
    names = [person.full_name for person in people.order_by("family_name", "given_name")]
    return str(get_text_list(names, _("or")))


def without_timetable(school: School, semester: Semester | None) -> str:
    """Return a sentence that says whom to ask if the semester has no lessons yet, else an empty text."""
    if semester is None or Lesson.objects.filter(semester=semester).exists():
        return ""
    who = _administrators(school)
    if not who:
        return _("The timetable hasn’t been added yet.")
    return _("The timetable hasn’t been added yet. Ask %(who)s.") % {"who": who}


def last_semester_if_ending(calendar: Calendar, date: dt.date) -> Semester | None:
    """Return the last known semester if it has ended or ends within four weeks, else None."""
    if not calendar.semesters:
        return None
    last = calendar.semesters[-1]
    return last if date >= last.ends_on - NOTICE else None


def semester_to_add(reader: Person, calendar: Calendar, date: dt.date) -> str:
    """Return a sentence that asks an administrator to add the next semester.

    The text is empty for other people, and while no semester is missing.
    """
    last = last_semester_if_ending(calendar, date) if reader.is_administrator else None
    if last is None:
        return ""
    words = _("%(semester)s ends on %(day)s, and no semester follows yet. Nobody can plan a walk for a later day.")
    if date > last.ends_on:
        words = _("%(semester)s ended on %(day)s, and no semester follows. Nobody can plan a walk until you add one.")
    return words % {"semester": last.name, "day": date_words(last.ends_on, "l j F", today=date)}
