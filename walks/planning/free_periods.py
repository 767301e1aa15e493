"""The walker's next free periods, and another time for a plan with clashes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice

from school.calendar import Calendar, local_date
from school.models import Period, Person

from ..availability.availability import Availability
from .clashes import availability_for
from .plan import Plan

DAYS_AHEAD = 10  # school days that are searched
DATES_AHEAD = 30  # calendar days that contain these school days, even with a holiday between


def next_free_periods(
    walker: Person, *, availability: Availability, now: dt.datetime, count: int = 6, per_day: int = 2
) -> list[tuple[dt.date, Period]]:
    """Return the walker's next free periods in which others teach, at most `per_day` a day.

    Periods of campuses on which the walker does not teach are left out, unless they teach nowhere.
    """
    own_campuses = availability.known_lessons.campuses_of(walker)
    found: list[tuple[dt.date, Period]] = []
    for date in _days_from(availability, now):
        slots = availability.periods_after([date], now=now)
        near = (slot for slot in slots if not own_campuses or slot[1].campus_id in {None, *own_campuses})
        free = (slot for slot in near if availability.is_free(walker, *slot))
        found += islice((slot for slot in free if availability.is_taught(*slot)), per_day)
        if len(found) >= count:
            break
    return found[:count]


def _days_from(availability: Availability, now: dt.datetime) -> Iterator[dt.date]:
    first = availability.calendar.first_day_to_walk(local_date(availability.school, now))
    return islice(availability.calendar.school_days(first, include=True), DAYS_AHEAD)


def other_time(
    plan: Plan, *, calendar: Calendar, now: dt.datetime, for_person: Person, availability: Availability | None = None
) -> Plan | None:
    """Return the plan at the next time when all its rooms are open and the person is free; None if there is none.

    Times on the plan's own day come first.
    """
    if not plan.stops:
        return None
    start = max(plan.date or dt.date.min, calendar.first_day_to_walk(local_date(for_person.school, now)))
    last = start + dt.timedelta(days=DATES_AHEAD)
    if availability is None or availability.first > start or availability.last < last:
        availability = availability_for(plan, first=start, last=last, calendar=calendar)
    days = islice(calendar.school_days(start, include=True), DAYS_AHEAD)
    availability.read_rooms(plan.room_ids)
    wanted = set(plan.room_ids)
    for date, period in _nearest_first(availability.periods_after(days, now=now), plan):
        free = availability.is_free(for_person, date, period, excluding=plan.walk)
        if free and wanted <= availability.open_rooms(date, period, visitor=for_person, excluding=plan.walk).keys():
            return plan.at(date, period, availability=availability)
    return None


def _nearest_first(slots: Iterable[tuple[dt.date, Period]], plan: Plan) -> list[tuple[dt.date, Period]]:
    """Return the slots without the plan's own, by day, and on each day by how near they are to the plan's period."""
    position = plan.period.position if plan.period else 0
    others = [slot for slot in slots if slot != (plan.date, plan.period)]
    return sorted(others, key=lambda slot: (slot[0], abs(slot[1].position - position), slot[1].position))
