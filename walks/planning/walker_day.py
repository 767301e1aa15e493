"""Which free periods of a walker's day suit a walk: between lessons, and with a break left at lunch.

`busy` is when the walker is busy that day, as `Availability.busy_times` returns it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from school.calendar import at_local
from school.models import School

from ..availability.occupancy import TimeRange

NOON = dt.time(11), dt.time(13, 30)
LUNCH = dt.timedelta(minutes=25)


def noon_on(date: dt.date, school: School) -> TimeRange:
    """Return from when to when a lunch break can be."""
    return at_local(school, date, NOON[0]), at_local(school, date, NOON[1])


def keeps_lunch(period: TimeRange, busy: Sequence[TimeRange], noon: TimeRange) -> bool:
    """Whether the walker has a break around noon beside this period. Their only free period then is that break."""
    noon_starts, noon_ends = noon
    if period[1] <= noon_starts or period[0] >= noon_ends:
        return True
    free_since = noon_starts
    for start, end in sorted([*busy, period, (noon_ends, noon_ends)]):
        if min(start, noon_ends) - free_since >= LUNCH:
            return True
        free_since = max(free_since, end)
    return False


def is_between_lessons(period: TimeRange, busy: Sequence[TimeRange]) -> bool:
    """Whether the walker is busy before and after the period, so that they need not come early or stay late."""
    return any(end <= period[0] for _start, end in busy) and any(start >= period[1] for start, _end in busy)
