"""When a walk suits the walker's day: while they are at school, and with a break left at lunch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from school.calendar import at_local
from school.models import Person

from ..availability.availability import Availability
from ..availability.occupancy import TimeRange

NOON = dt.time(11), dt.time(13, 30)
LUNCH = dt.timedelta(minutes=25)


@dataclass(frozen=True)
class WalkerDay:
    """A walker's day: when they are busy, in order, when they are at school (None: not at all), and noon."""

    busy: Sequence[TimeRange]
    hours: TimeRange | None
    noon: TimeRange

    def minutes_for_walk(self, period: TimeRange) -> int:
        """Return how many minutes a walk that begins with this free period may take; 0 if it does not suit."""
        start, end = period
        if self.hours is None or start < self.hours[0] or not self.keeps_lunch(period):
            return 0
        return max((min(end, self.hours[1]) - start) // dt.timedelta(minutes=1), 0)

    def keeps_lunch(self, period: TimeRange) -> bool:
        """Whether the walker has a break around noon beside this period. Their only free period then is that break."""
        noon_starts, noon_ends = self.noon
        if period[1] <= noon_starts or period[0] >= noon_ends:
            return True
        free_since = noon_starts
        for start, end in sorted([*self.busy, period, (noon_ends, noon_ends)]):
            if min(start, noon_ends) - free_since >= LUNCH:
                return True
            free_since = max(free_since, end)
        return False

    def is_between_lessons(self, period: TimeRange) -> bool:
        """Whether the walker is busy before and after the period, so that they need not come early or stay late."""
        is_after = any(end <= period[0] for _start, end in self.busy)
        return is_after and any(start >= period[1] for start, _end in self.busy)


def day_of(walker: Person, date: dt.date, *, availability: Availability) -> WalkerDay:
    """Return the walker's day at school."""
    lessons = availability.known_lessons.times_of(walker, date)
    hours = (min(start for start, _end in lessons), max(end for _start, end in lessons)) if lessons else None
    noon_starts, noon_ends = (at_local(walker.school, date, time) for time in NOON)
    return WalkerDay(availability.busy_times(walker, date), hours, (noon_starts, noon_ends))
