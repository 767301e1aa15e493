"""Between two semesters and after the last one: what pages say, and when the next one must be added."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from .calendar import Calendar
from .models import Lesson, Person, School, Semester
from .text.dates import date_words

NOTICE = dt.timedelta(weeks=4)  # administrators are asked this long before the last known semester ends


@dataclass(frozen=True)
class SemesterGap:
    """A day without a semester: the next one if it is known, else who can add it."""

    next: Semester | None
    who: str = ""
    today: dt.date | None = None

    @property
    def message(self) -> str:
        """In one or two sentences."""
        if self.next is not None:
            day = date_words(self.next.starts_on, "l j F", today=self.today or self.next.starts_on)
            return _("No semester is running. The next one begins on %(day)s.") % {"day": day}
        if self.who:
            return _("No semester is running, and the next one isn’t set up yet. Ask %(who)s.") % {"who": self.who}
        return _("No semester is running, and the next one isn’t set up yet.")


def gap_on(calendar: Calendar, date: dt.date) -> SemesterGap | None:
    """The gap, or None while a semester runs. One query if the next semester is not known."""
    if calendar.semester_on(date) is not None:
        return None
    following = calendar.next_semester(date)
    return SemesterGap(following, "" if following else _administrators(calendar.school), date)


def _administrators(school: School) -> str:
    people = Person.objects.active().filter(school=school, is_administrator=True)
    names = [person.full_name for person in people.order_by("family_name", "given_name")]
    return str(get_text_list(names, _("or")))


def without_timetable(school: School, semester: Semester | None) -> str:
    """A sentence if the semester has no lessons yet, with whom to ask; else empty."""
    if semester is None or Lesson.objects.filter(semester=semester).exists():
        return ""
    who = _administrators(school)
    return _("The timetable isn’t in yet. Ask %(who)s.") % {"who": who} if who else _("The timetable isn’t in yet.")


def ending_without_next(calendar: Calendar, date: dt.date) -> Semester | None:
    """The last known semester if it has ended or ends within four weeks, so that the next one must be added."""
    last = calendar.semesters[-1] if calendar.semesters else None
    return last if last is not None and date >= last.ends_on - NOTICE else None


def semester_to_add(reader: Person, calendar: Calendar, date: dt.date) -> str:
    """A sentence that asks an administrator to add the next semester; empty for others and while none is missing."""
    last = ending_without_next(calendar, date) if reader.is_administrator else None
    if last is None:
        return ""
    words = _("%(semester)s ends on %(day)s, and no semester follows yet. Nobody can plan a walk after it.")
    if date > last.ends_on:
        words = _("%(semester)s ended on %(day)s, and no semester follows. Nobody can plan a walk until you add one.")
    return words % {"semester": last.name, "day": date_words(last.ends_on, "l j F", today=date)}
