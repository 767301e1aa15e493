"""Semesters, school days and the school's clock: pure questions about dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from .models import DayOff, DayType, Period, School, Semester

SEARCH_DAYS = 60  # how far to look for the next school day before giving up (longer than any holiday)


def local_date(school: School, moment: dt.datetime) -> dt.date:
    """The date on the school's wall calendar at the moment."""
    return moment.astimezone(school.zone).date()


def at_local(school: School, date: dt.date, time: dt.time) -> dt.datetime:
    """The moment (UTC) when the school's clock shows this date and time."""
    return dt.datetime.combine(date, time, tzinfo=school.zone).astimezone(dt.UTC)


def semester_on(school: School, date: dt.date) -> Semester | None:
    """The semester that contains the date, if any."""
    return Semester.objects.filter(school=school, starts_on__lte=date, ends_on__gte=date).first()


def current_semester(school: School, date: dt.date) -> Semester | None:
    """The running semester; between two, the next one; after the last, the last one."""
    semesters = Semester.objects.filter(school=school)
    return semesters.filter(ends_on__gte=date).order_by("starts_on").first() or semesters.order_by("-starts_on").first()


def overlapping(semester: Semester) -> Semester | None:
    """Another semester of the same school that shares a day with this one."""
    others = Semester.objects.filter(
        school=semester.school, starts_on__lte=semester.ends_on, ends_on__gte=semester.starts_on
    )
    return others.exclude(pk=semester.pk).first()


def week_of(semester: Semester, date: dt.date) -> tuple[int, int]:
    """Which week of the semester the date is in, and of how many (Monday starts a week)."""
    first = semester.starts_on - dt.timedelta(days=semester.starts_on.weekday())
    total = (semester.ends_on - first).days // 7 + 1
    return min(max((date - first).days // 7 + 1, 1), total), total


class Calendar:
    """The school days around a time, read once (two queries) and then asked in memory."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.day_types: dict[int, DayType] = {d.weekday: d for d in DayType.objects.filter(school=school)}
        self.days_off: dict[dt.date, str] = dict(DayOff.objects.filter(school=school).values_list("date", "label"))

    def day_type(self, date: dt.date) -> DayType | None:
        """The timetable day of a date; None when there is no school."""
        return None if date in self.days_off else self.day_types.get(date.weekday())

    def is_school_day(self, date: dt.date) -> bool:
        """Whether there is school on the date."""
        return self.day_type(date) is not None

    def school_days(self, after: dt.date, *, include: bool = False) -> Iterator[dt.date]:
        """School days after the date (or from it on), in order, for up to two months."""
        for offset in range(0 if include else 1, SEARCH_DAYS):
            date = after + dt.timedelta(days=offset)
            if self.is_school_day(date):
                yield date

    def school_days_before(self, date: dt.date) -> Iterator[dt.date]:
        """School days before the date, nearest first."""
        for offset in range(1, SEARCH_DAYS):
            day = date - dt.timedelta(days=offset)
            if self.is_school_day(day):
                yield day


def period_times(school: School, date: dt.date, period: Period) -> tuple[dt.datetime, dt.datetime]:
    """When the period starts and ends on the date, in UTC."""
    return at_local(school, date, period.starts_at), at_local(school, date, period.ends_at)
