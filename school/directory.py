"""The rows of a school that change rarely, kept in the memory of each process under the version of the directory.

These are the calendar (`Directory`, below) and the rooms (places.py). A page learns the version with the signed-in
person's school, in its first query, and reads the rows again if it is another one. Triggers give the school another
version in the transaction of each change (school/models/versions.py), so rows that are older than their version are
never kept. docs/adr/0016 says what may be kept and why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .cycle import Cycle
from .models import (
    BellSchedule,
    BellTime,
    DayCycle,
    DayOff,
    DayType,
    HoursAtSchool,
    Period,
    School,
    Semester,
    SpecialDate,
)

Times = tuple[dt.time, dt.time]
Rows = TypeVar("Rows")


@dataclass(frozen=True)
class Bells:
    """The bell schedules of one school, which replace the periods' own times on some days."""

    names: Mapping[int, str]  # by id of the schedule
    times: Mapping[int, Mapping[int, Times]]  # by schedule and period, as ids
    of_dates: Mapping[dt.date, int]  # ids of schedules
    of_weekdays: Mapping[int, int]


@dataclass(frozen=True)
class Directory:
    """The rows of one school. All requests of a process share them, so nobody may change one."""

    cycle: Cycle
    days: Mapping[dt.date, DayType | None]  # on each date of each semester
    days_off: Mapping[dt.date, str]
    periods: tuple[Period, ...]
    bells: Bells
    semesters: tuple[Semester, ...]
    hours_set: Mapping[tuple[int, int], Times | None]  # of part-time teachers, by person and day type, as ids


_kept: dict[tuple[int, Callable[[School], Any]], tuple[int, Any]] = {}  # version and rows, by the school's id


def directory_of(school: School) -> Directory:
    """Return the directory of a school (nine queries, or none if this process has read this version before)."""
    return kept(school, _read)


def kept(school: School, read: Callable[[School], Rows]) -> Rows:
    """Return what `read` returned for this version of the school's directory, or call it and keep what it returns.

    The tables that it reads must be in `directory_triggers.SCHOOL_OF`.
    """
    version, rows = _kept.get((school.pk, read), (None, None))
    if version != school.directory_version:
        rows = read(school)
        _kept[school.pk, read] = school.directory_version, rows
    return rows  # type: ignore[return-value]


def forget() -> None:
    """Forget what was kept. Tests need it, because the databases of two tests contain the same ids and versions."""
    _kept.clear()


def _read(school: School) -> Directory:
    semesters = tuple(Semester.objects.filter(school=school).order_by("starts_on"))
    days_off = dict(DayOff.objects.filter(school=school).values_list("date", "label"))
    special_dates = {row.date: row for row in SpecialDate.objects.filter(school=school).select_related("day_type")}
    cycle = Cycle(
        tuple(DayType.objects.filter(school=school)),
        setting=DayCycle.objects.filter(school=school).first() or DayCycle(),
        days_off=days_off,
        special_dates=special_dates,
    )
    return Directory(
        cycle=cycle,
        days={date: day for semester in semesters for date, day in cycle.days_of(semester).items()},
        days_off=days_off,
        periods=tuple(Period.objects.filter(school=school)),
        bells=_read_bells(school, special_dates),
        semesters=semesters,
        hours_set=_read_hours(school),
    )


def _read_hours(school: School) -> dict[tuple[int, int], Times | None]:
    rows = HoursAtSchool.objects.filter(person__school=school)  # also of people who have left: they may come back
    return {(row.person_id, row.day_type_id): row.times for row in rows}


def _read_bells(school: School, special_dates: Mapping[dt.date, SpecialDate]) -> Bells:
    schedules = list(BellSchedule.objects.filter(school=school))
    times: dict[int, dict[int, Times]] = {schedule.pk: {} for schedule in schedules}
    for row in BellTime.objects.filter(schedule__school=school):
        times[row.schedule_id][row.period_id] = row.starts_at, row.ends_at
    return Bells(
        names={schedule.pk: schedule.name for schedule in schedules},
        times=times,
        of_dates={date: special.bells_id for date, special in special_dates.items() if special.bells_id},
        of_weekdays={weekday: schedule.pk for schedule in schedules for weekday in schedule.weekdays},
    )
