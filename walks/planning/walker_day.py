"""Which free periods of a walker's day suit a walk: between lessons, and with a break left at lunch."""

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
    """When a walker is busy on a date, in order, and when it is around noon."""

    busy: Sequence[TimeRange]
    noon: TimeRange

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
    """Return the walker's day."""
    noon_starts, noon_ends = (at_local(walker.school, date, time) for time in NOON)
    return WalkerDay(availability.busy_times(walker, date), (noon_starts, noon_ends))
