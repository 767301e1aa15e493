"""The grid of visitors to the rooms of one plan on its day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from school.models import Period, Person, Room

from ..availability.availability import Availability
from ..models import Walk
from ..planning.plan import Plan


@dataclass(frozen=True)
class VisitorCount:
    """Other visitors in one room and period."""

    count: int
    is_full: bool
    is_requested_period: bool


@dataclass(frozen=True)
class VisitorGrid:
    """Visitors to the rooms of one plan on its day; `rows` are room codes with a count for each period."""

    date: dt.date
    walker: Person
    walk: Walk | None  # the walk in question
    periods: list[Period]
    rows: list[tuple[Room, list[VisitorCount]]]

    @property
    def has_full_room(self) -> bool:
        """Whether a room has no space for a further visitor in one of the periods."""
        return any(cell.is_full for _room, cells in self.rows for cell in cells)


def visitors_to_rooms_of(plan: Plan, *, availability: Availability) -> VisitorGrid:
    """Count the walks that come to the rooms of the plan in each period of its day, without the plan's own walk."""
    assert plan.date is not None and plan.period is not None
    limit = availability.school.visitor_limit
    calendar = availability.calendar
    periods = calendar.periods_on(plan.date) or calendar.periods  # the day may have become a day off
    visitors = {}
    for period in periods:
        times = calendar.times(plan.date, period)
        visitors[period.pk] = availability.visitor_counts(times, excluding=plan.walk)
    rows = []
    for stop in plan.stops:
        cells = []
        for period in periods:
            count = visitors[period.pk].get(stop.room.pk, 0)
            cells.append(VisitorCount(count, count >= limit, period.pk == plan.period.pk))
        rows.append((stop.room, cells))
    return VisitorGrid(plan.date, plan.walker, plan.walk, periods, rows)
