"""The cycle of a school's days: which day of the timetable each date has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from .models import DayCycle, DayType, Semester, SpecialDate

ONE_DAY = dt.timedelta(days=1)
DAYS_OF_A_WEEK = 7


class Cycle:
    """Either days of the week, in one week or in two that take turns, or numbered days on school days.

    Each semester begins with the first day or week. After a day off, or a week off, the cycle goes on where it stopped,
    unless `setting.days_off_count`.
    """

    def __init__(
        self,
        day_types: Collection[DayType],
        *,
        setting: DayCycle,
        days_off: Collection[dt.date],
        special_dates: Mapping[dt.date, SpecialDate],
    ) -> None:
        by_number = {day.number: day for day in day_types if day.number is not None}
        self._numbered = [by_number[number] for number in sorted(by_number)]
        self._by_weekday = {(day.week, day.weekday): day for day in day_types if day.weekday is not None}
        self.weekdays = set(setting.weekdays) if self._numbered else {weekday for _week, weekday in self._by_weekday}
        self.weeks = max((week for week, _weekday in self._by_weekday), default=1)
        self.first_weekday = first_of_week(self.weekdays)
        self._days_off_count = setting.days_off_count
        self._days_off = days_off
        self.special_dates = special_dates

    @property
    def is_numbered(self) -> bool:
        """Whether numbered days follow each other, independent of the days of the week."""
        return bool(self._numbered)

    @property
    def can_start_anew(self) -> bool:
        """Whether the cycle can start again on a date. A cycle of one week cannot."""
        return self.is_numbered or self.weeks > 1

    @property
    def day_types(self) -> list[DayType]:
        """The days in the order of the cycle. In some schools a week begins on Sunday."""
        by_week = sorted(self._by_weekday, key=lambda place: (place[0], self._place_in_week(place[1])))
        return self._numbered + [self._by_weekday[place] for place in by_week]

    def days_of(self, semester: Semester) -> dict[dt.date, DayType | None]:
        """Return the day of the timetable on each date of the semester, None without school."""
        found: dict[dt.date, DayType | None] = {}
        used = 0  # days or weeks of the cycle that are over
        for offset in range((semester.ends_on - semester.starts_on).days + 1):
            date = semester.starts_on + ONE_DAY * offset
            special = self.special_dates.get(date)
            if special and special.starts_cycle and special.day_type:
                used = self._place_of(special.day_type)
            found[date] = self.day_on(date, used)
            if self._uses_up(date, found):
                used += 1
        return found

    def day_on(self, date: dt.date, used: int = 0) -> DayType | None:
        """Return the day of the timetable on the date. `used` days or weeks of the cycle are over then."""
        if date in self._days_off:
            return None
        special = self.special_dates.get(date)
        if special and special.day_type and not (special.starts_cycle and self.can_start_anew):
            return special.day_type
        if self.is_numbered:
            return self._numbered[used % len(self._numbered)] if date.weekday() in self.weekdays else None
        return self._by_weekday.get((used % self.weeks + 1, date.weekday()))

    def _uses_up(self, date: dt.date, found: dict[dt.date, DayType | None]) -> bool:
        """Whether a numbered day, or a week, of the cycle is over after this date."""
        if self.is_numbered:
            return date.weekday() in self.weekdays and (self._days_off_count or date not in self._days_off)
        if self._place_in_week(date.weekday()) < DAYS_OF_A_WEEK - 1:
            return False
        return self._days_off_count or any(found.get(date - ONE_DAY * n) for n in range(DAYS_OF_A_WEEK))

    def _place_of(self, day: DayType) -> int:
        return self._numbered.index(day) if day in self._numbered else day.week - 1

    def _place_in_week(self, weekday: int) -> int:
        return (weekday - self.first_weekday) % DAYS_OF_A_WEEK


def first_of_week(weekdays: Collection[int]) -> int:
    """Return the weekday after the weekend: the longest time without school. Monday, if every day has school."""
    if not 0 < len(weekdays) < DAYS_OF_A_WEEK:
        return 0
    days_before = {day: next(n for n in range(1, 8) if (day - n) % DAYS_OF_A_WEEK in weekdays) for day in weekdays}
    return max(sorted(weekdays), key=lambda day: days_before[day])
