"""Change how the school's days follow each other, and its bell schedules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import policy
from .calendar import Calendar
from .cycle import Cycle, first_of_week
from .errors import RuleError
from .locks import lock_school
from .models import (
    BellSchedule,
    BellTime,
    DayCycle,
    DayType,
    HoursAtSchool,
    Lesson,
    Period,
    Person,
    School,
    SpecialDate,
)
from .permissions import require_administrator
from .timetable import lessons as timetable_lessons

ONE_WEEK = "week"
TWO_WEEKS = "two_weeks"
NUMBERED = "numbered"
MOST_DAYS = 10


class LessonsInTheWayError(RuleError):
    """Days of the timetable would be removed together with their lessons."""


class Place(NamedTuple):
    """The place of a day in the cycle: a weekday of a week, or a number. See DayType."""

    week: int
    weekday: int | None
    number: int | None


@dataclass(frozen=True)
class CycleSettings:
    """How the days of a school follow each other."""

    kind: str  # ONE_WEEK, TWO_WEEKS or NUMBERED
    weekdays: Collection[int]  # the days of the week with school, from 0 for Monday
    days: int  # of the cycle, if they are numbered
    days_off_count: bool

    @property
    def places(self) -> list[Place]:
        """The places of the cycle in order."""
        if self.kind == NUMBERED:
            return [Place(1, None, number) for number in range(1, self.days + 1)]
        weeks = (1, 2) if self.kind == TWO_WEEKS else (1,)
        first = first_of_week(self.weekdays)
        weekdays = sorted(self.weekdays, key=lambda weekday: (weekday - first) % len(WEEKDAYS))
        return [Place(week, weekday, None) for week in weeks for weekday in weekdays]

    def name_of(self, place: Place) -> str:
        """Return the name of a new day: Monday, Monday A or Day 1."""
        if place.weekday is None:
            return _("Day %(number)s") % {"number": place.number}
        weekday = str(WEEKDAYS[place.weekday])
        if self.kind == TWO_WEEKS:
            return _("%(day)s %(week)s") % {"day": weekday, "week": "AB"[place.week - 1]}
        return weekday


def kind_of(cycle: Cycle) -> str:
    """Return ONE_WEEK, TWO_WEEKS or NUMBERED."""
    if cycle.is_numbered:
        return NUMBERED
    return TWO_WEEKS if cycle.weeks > 1 else ONE_WEEK


@transaction.atomic
def set_cycle(
    school: School, wanted: CycleSettings, *, names: Mapping[int, str], delete_lessons: bool, by: Person
) -> None:
    """Change the cycle, and the names of its days (by id). Days keep their lessons, as far as the new cycle has them.

    Numbered days take the lessons of the days of the week in their order, and the other way round. New days of week B
    begin as those of week A. Raise LessonsInTheWayError if a day with lessons would be removed,
    unless `delete_lessons`.
    """
    require_administrator(by, school_id=school.pk, words=_("Only administrators can change the school’s settings."))
    school = lock_school(school.pk)
    calendar = Calendar(school)
    days = calendar.day_types
    old_kind = kind_of(calendar.cycle)
    kept = _kept_days(days, wanted, old_kind)
    _remove([day for day in days if day not in kept.values()], delete_lessons=delete_lessons)
    new_places = [place for place in wanted.places if place not in kept]
    for place in wanted.places:
        day = kept.get(place) or DayType(school=school)
        is_new = day.pk is None or old_kind != wanted.kind
        day.week, day.weekday, day.number = place
        day.name = wanted.name_of(place) if is_new else names.get(day.pk, day.name)
        day.save()
        kept[place] = day
    if old_kind != wanted.kind:
        for place in new_places:
            if place.week == 2:
                _begin_like(kept[place._replace(week=1)], kept[place])
        _forget_days(SpecialDate.objects.filter(school=school))
    values = {"weekdays": sorted(wanted.weekdays), "days_off_count": wanted.days_off_count}
    DayCycle.objects.update_or_create(school=school, defaults=values)


def _kept_days(days: Iterable[DayType], wanted: CycleSettings, old_kind: str) -> dict[Place, DayType]:
    """Return the days that stay, by their new place."""
    if (old_kind == NUMBERED) != (wanted.kind == NUMBERED):
        return dict(zip(wanted.places, days, strict=False))  # the first day becomes Day 1, or Day 1 the first day
    by_place = {Place(day.week, day.weekday, day.number): day for day in days}
    return {place: by_place[place] for place in wanted.places if place in by_place}


def _remove(days: list[DayType], *, delete_lessons: bool) -> None:
    lessons = Lesson.objects.filter(day_type__in=days)
    count = lessons.count()
    if count and not delete_lessons:
        words = ngettext(
            "%(n)s lesson is on days that would be removed: %(days)s.",
            "%(n)s lessons are on days that would be removed: %(days)s.",
            count,
        )
        names = ", ".join(day.name for day in days if lessons.filter(day_type=day).exists())
        raise LessonsInTheWayError(words % {"n": count, "days": names})
    timetable_lessons.remove(lessons)
    _forget_days(SpecialDate.objects.filter(day_type__in=days))
    DayType.objects.filter(pk__in=[day.pk for day in days]).delete()


def _begin_like(source: DayType, target: DayType) -> None:
    """Give a new day the bells, the lessons and the hours at school of another one."""
    target.bells = source.bells
    target.save()
    lessons = list(Lesson.objects.filter(day_type=source))
    hours = list(HoursAtSchool.objects.filter(day_type=source))
    for row in (*lessons, *hours):
        row.pk = None
        row.day_type = target
    Lesson.objects.bulk_create(lessons, batch_size=1000)
    HoursAtSchool.objects.bulk_create(hours)


def _forget_days(special_dates: QuerySet[SpecialDate]) -> None:
    """Special dates keep their bells only, because their days meant places in the old cycle."""
    special_dates.filter(bells=None).delete()
    special_dates.update(day_type=None, starts_cycle=False)


@transaction.atomic
def save_bells(
    schedule: BellSchedule,
    *,
    times: Mapping[Period, tuple[dt.time, dt.time]],
    day_types: Collection[DayType],
    by: Person,
) -> None:
    """Save a bell schedule, the times of its periods, and the days of the timetable that it is for."""
    policy.save_row(schedule, by=by)
    BellTime.objects.filter(schedule=schedule).delete()
    BellTime.objects.bulk_create(
        BellTime(schedule=schedule, period=period, starts_at=start, ends_at=end)
        for period, (start, end) in times.items()
    )
    DayType.objects.filter(bells=schedule).update(bells=None)
    DayType.objects.filter(pk__in=[day.pk for day in day_types], school=schedule.school).update(bells=schedule)
