"""Semesters, school days and the school's clock.

`Calendar` is the only place that turns a date into a day of the timetable, the periods of that day, and their times.
test_architecture.py checks that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from copy import copy
from itertools import islice
from typing import TypeVar

from .directory import Times, directory_of
from .models import DayType, Period, School, Semester

Row = TypeVar("Row", DayType, Period, Semester)

SEARCH_DAYS = 60  # how far to look for the next school day before giving up (longer than any holiday)


def local_date(school: School, moment: dt.datetime) -> dt.date:
    """Return the date at the school at this moment."""
    return moment.astimezone(school.zone).date()


def at_local(school: School, date: dt.date, time: dt.time) -> dt.datetime:
    """Return the moment (UTC) when the school's clock shows this date and time."""
    return dt.datetime.combine(date, time, tzinfo=school.zone).astimezone(dt.UTC)


def overlapping_semester(semester: Semester) -> Semester | None:
    """Return another semester of the same school that shares a day with this one."""
    others = Semester.objects.filter(
        school=semester.school, starts_on__lte=semester.ends_on, ends_on__gte=semester.starts_on
    )
    return others.exclude(pk=semester.pk).first()


def week_of(semester: Semester, date: dt.date) -> tuple[int, int]:
    """Return the number of the date's week in the semester, and the number of weeks. A week starts on Monday."""
    first = semester.starts_on - dt.timedelta(days=semester.starts_on.weekday())
    total = (semester.ends_on - first).days // 7 + 1
    return min(max((date - first).days // 7 + 1, 1), total), total


class Calendar:
    """School days, days off, periods and semesters of a school."""

    def __init__(self, school: School) -> None:
        directory = directory_of(school)
        self.school = school
        self.cycle = directory.cycle
        self.days_off = directory.days_off
        self.day_types = [_own_copy(row, school) for row in directory.cycle.day_types]
        self.periods = [_own_copy(row, school) for row in directory.periods]
        self.semesters = [_own_copy(row, school) for row in directory.semesters]
        self.hours_set = directory.hours_set
        self._bells = directory.bells
        self._days = directory.days
        self._day_types = {day.pk: day for day in self.day_types}
        self._overlapping: dict[tuple[int | None, int], list[Period]] = {}  # by bell schedule and period, as ids

    def semester_on(self, date: dt.date) -> Semester | None:
        """Return the semester that contains the date, if any."""
        return next((s for s in self.semesters if s.starts_on <= date <= s.ends_on), None)

    def semesters_in(self, first: dt.date, last: dt.date) -> list[Semester]:
        """Return the semesters that share a day with this span."""
        return [s for s in self.semesters if s.starts_on <= last and s.ends_on >= first]

    def current_semester(self, date: dt.date) -> Semester | None:
        """Return the running semester; between two semesters the next one; after all of them the last one."""
        for semester in self.semesters:
            if semester.ends_on >= date:
                return semester
        return self.semesters[-1] if self.semesters else None

    def next_semester(self, date: dt.date) -> Semester | None:
        """Return the first semester that begins after the date, if any is known."""
        return next((s for s in self.semesters if s.starts_on > date), None)

    def reported_semester(self, date: dt.date) -> Semester | None:
        """Return the last semester that has begun; before the first semester, the first one."""
        begun = [semester for semester in self.semesters if semester.starts_on <= date]
        if begun:
            return begun[-1]
        return self.semesters[0] if self.semesters else None

    def first_day_to_plan(self, today: dt.date) -> dt.date:
        """Return today while a semester runs; between two semesters, the first day of the next one."""
        following = None if self.semester_on(today) else self.next_semester(today)
        return following.starts_on if following else today

    def first_day_to_walk(self, today: dt.date) -> dt.date:
        """Return the first day for which a walk can be planned, if colleagues must be told some school days before."""
        first = self.first_day_to_plan(today)
        ahead = self.school.announce_days_ahead if self.school.always_announce else 0
        if not ahead:
            return first
        return max(first, next(islice(self.school_days(today), ahead - 1, None), first))

    def first_day_of_next_semester(self, today: dt.date) -> dt.date | None:
        """Return the first school day of the next semester, or None while a semester runs."""
        first = self.first_day_to_plan(today)
        if first <= today:
            return None
        return next(self.school_days(first, include=True), None)

    def day_type(self, date: dt.date) -> DayType | None:
        """Return the day of the timetable on a date, or None without school."""
        day = self._days[date] if date in self._days else self.cycle.day_on(date)
        return self._day_types[day.pk] if day else None

    def is_school_day(self, date: dt.date) -> bool:
        """Whether there is school on the date."""
        return self.day_type(date) is not None

    def is_before_holiday(self, date: dt.date) -> bool:
        """Whether there is a day off before the next school day, for example on the Monday after the weekend."""
        following = next(self.school_days(date), date)
        return any(date < day_off < following for day_off in self.days_off)

    def period(self, pk: int | None) -> Period | None:
        """Return the school's period with this id, if any."""
        return next((period for period in self.periods if period.pk == pk), None)

    def periods_on(self, date: dt.date) -> list[Period]:
        """Return the periods that take place on the date, in order; none without school."""
        if not self.is_school_day(date):
            return []
        return self._periods_with(self._bell_schedule(date))

    def times(self, date: dt.date, period: Period) -> tuple[dt.datetime, dt.datetime]:
        """Return when the period starts and ends on the date, in UTC. Works for any date, also without school."""
        starts_at, ends_at = self._clock(self._bell_schedule(date), period)
        return at_local(self.school, date, starts_at), at_local(self.school, date, ends_at)

    def day_words(self, date: dt.date) -> str:
        """Return what the date does not say itself, such as "Day 4" or "Monday · Assembly", or an empty text."""
        day = self.day_type(date)
        if day is None:
            return ""
        is_usual = not self.cycle.can_start_anew and day.weekday == date.weekday()
        return " · ".join(filter(None, ["" if is_usual else day.name, self.bells_name(date)]))

    def bells_name(self, date: dt.date) -> str:
        """Return the name of the bell schedule that replaces the periods' own times on the date, or an empty text."""
        bells = self._bell_schedule(date)
        return self._bells.names[bells] if bells else ""

    def overlapping(self, date: dt.date, period: Period) -> list[Period]:
        """Return the periods of the date whose times overlap with this one: itself and, in some schools, others."""
        bells = self._bell_schedule(date)
        if (bells, period.pk) not in self._overlapping:
            starts_at, ends_at = self._clock(bells, period)
            clocks = [(other, self._clock(bells, other)) for other in self._periods_with(bells) if other != period]
            others = [other for other, (start, end) in clocks if start < ends_at and end > starts_at]
            self._overlapping[bells, period.pk] = [period, *others]
        return self._overlapping[bells, period.pk]

    def period_at(self, moment: dt.datetime, *, preferred: Period | None = None) -> Period | None:
        """Return the period that runs at this moment, if any. If several run, return the preferred one."""
        running = self.periods_at(moment)
        if preferred in running:
            return preferred
        return running[0] if running else None

    def periods_at(self, moment: dt.datetime) -> list[Period]:
        """Return the periods that run at this moment: in schools whose periods overlap, there may be several."""
        date = local_date(self.school, moment)
        times = [(period, self.times(date, period)) for period in self.periods_on(date)]
        return [period for period, (starts_at, ends_at) in times if starts_at <= moment < ends_at]

    def periods_during(self, starts_at: dt.datetime, ends_at: dt.datetime) -> list[Period]:
        """Return the periods that overlap these times, on the day on which they start."""
        date = local_date(self.school, starts_at)
        times = [(period, self.times(date, period)) for period in self.periods_on(date)]
        return [period for period, (start, end) in times if start < ends_at and end > starts_at]

    def _bell_schedule(self, date: dt.date) -> int | None:
        """Return the id of the bell schedule that replaces the periods' own times on the date, if any.

        What is set for the date counts more than what is set for the day of the week, and this more than the cycle's.
        """
        day = self.day_type(date)
        of_weekday = self._bells.of_weekdays.get(date.weekday())
        return self._bells.of_dates.get(date) or of_weekday or (day.bells_id if day else None)

    def _periods_with(self, bells: int | None) -> list[Period]:
        """Return the periods of the bell schedule by time, or all periods if there is none."""
        if bells is None:
            return self.periods
        times = self._bells.times[bells]
        return sorted((period for period in self.periods if period.pk in times), key=lambda period: times[period.pk])

    def _clock(self, bells: int | None, period: Period) -> Times:
        """Return the period's times in the bell schedule, or else its own."""
        own = period.starts_at, period.ends_at
        return self._bells.times[bells].get(period.pk, own) if bells else own

    def school_days(self, after: dt.date, *, include: bool = False) -> Iterator[dt.date]:
        """Yield the school days of the two months after the date, with `include=True` also the date itself."""
        for offset in range(0 if include else 1, SEARCH_DAYS):
            date = after + dt.timedelta(days=offset)
            if self.is_school_day(date):
                yield date


def _own_copy(row: Row, school: School) -> Row:
    """Return a copy that belongs to this school object. The original is shared with other requests."""
    copied = copy(row)
    copied.school = school
    return copied
