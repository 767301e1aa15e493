"""Good times for a walk: whole routes in free periods, and another time for a plan that clashes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from school.models import Period, Person, Room
from school.terms import Calendar, local_date

from .outlook import Outlook, Taught
from .plans import MAX_MINUTES, MIN_MINUTES, MOVE_MINUTES, Plan, even_minutes
from .routes import Route, ready_made

DAYS_AHEAD = 10  # school days that are searched
DATES_AHEAD = 30  # the same as dates, with room for a holiday
FEWEST_ROOMS = 4


@dataclass(frozen=True)
class Offer:
    """A whole walk that fits the walker's timetable, with no cover needed."""

    date: dt.date
    period: Period
    title: str
    route: str
    rooms: tuple[Room, ...]
    minutes: int

    @property
    def room_ids(self) -> list[int]:
        """The rooms in order, as the planner takes them."""
        return [room.pk for room in self.rooms]

    @property
    def codes(self) -> list[str]:
        """What stands on the doors."""
        return [room.code for room in self.rooms]

    @property
    def query(self) -> str:
        """The query string that opens the planner with this walk filled in."""
        fixed = [("date", self.date.isoformat()), ("period", str(self.period.pk)), ("route", self.route)]
        return urlencode([*fixed, *(("stop", str(pk)) for pk in self.room_ids)])


def outlook_ahead(person: Person, *, now: dt.datetime, calendar: Calendar) -> Outlook:
    """The school over the days in which walks are offered."""
    today = local_date(person.school, now)
    return Outlook(person.school, first=today, last=today + dt.timedelta(days=DATES_AHEAD), calendar=calendar)


def three_good(walker: Person, *, now: dt.datetime, count: int = 3) -> list[Offer]:
    """The next good walks: one a day, different routes, four or five open rooms, 20 to 30 minutes.

    Ten queries, whatever the size of the school.
    """
    calendar = Calendar(walker.school)
    outlook = outlook_ahead(walker, now=now, calendar=calendar)
    routes = ready_made(outlook, walker)
    days = islice(calendar.school_days(local_date(walker.school, now)), DAYS_AHEAD)
    return list(islice(_one_a_day(outlook, routes, walker, days, now), count))


def _one_a_day(
    outlook: Outlook, routes: Sequence[Route], walker: Person, days: Iterable[dt.date], now: dt.datetime
) -> Iterator[Offer]:
    used: set[str] = set()
    for date in days:
        slots = [(day, p) for day, p in outlook.slots([date], now=now) if outlook.is_free(walker, day, p)]
        order = {route.key: n for n, route in enumerate(routes)}
        found = [offer for day, p in slots for offer in _offers_at(outlook, routes, walker, day, p)]
        if found:
            best = min(found, key=lambda o: (o.route in used, -len(o.rooms), order[o.route], o.period.position))
            used.add(best.route)
            yield best


def _offers_at(
    outlook: Outlook, routes: Sequence[Route], walker: Person, date: dt.date, period: Period
) -> Iterator[Offer]:
    for route in routes:
        rooms = route.best_rooms(outlook, date, period, to=walker)
        minutes = _length(rooms)
        if len(rooms) >= FEWEST_ROOMS and MIN_MINUTES <= minutes <= MAX_MINUTES:
            yield Offer(date, period, route.name, route.key, tuple(taught.room for taught in rooms), minutes)


def _length(rooms: Sequence[Taught]) -> int:
    return even_minutes(len(rooms)) * len(rooms) + MOVE_MINUTES * max(len(rooms) - 1, 0)


def free_slots(
    walker: Person, *, outlook: Outlook, now: dt.datetime, count: int = 6, per_day: int = 2
) -> list[tuple[dt.date, Period]]:
    """The walker's next free periods in which others teach, a few a day: the planner's quick picks."""
    found: list[tuple[dt.date, Period]] = []
    for date in _days_from(outlook, now):
        free = (slot for slot in outlook.slots([date], now=now) if outlook.is_free(walker, *slot))
        found += islice((slot for slot in free if outlook.classes(*slot)), per_day)
        if len(found) >= count:
            break
    return found[:count]


def _days_from(outlook: Outlook, now: dt.datetime) -> Iterator[dt.date]:
    today = local_date(outlook.school, now)
    return islice(outlook.calendar.school_days(today, include=True), DAYS_AHEAD)


def other_time(
    plan: Plan, *, calendar: Calendar, now: dt.datetime, for_person: Person, outlook: Outlook | None = None
) -> Plan | None:
    """The same rooms when all are open and the person is free: that day if possible, else soon after.

    Rooms count as open when somebody else teaches there, no test is on, and a visitor has a place.
    """
    if not plan.stops:
        return None
    start = max(plan.date or dt.date.min, local_date(for_person.school, now))
    last = start + dt.timedelta(days=DATES_AHEAD)
    if outlook is None or outlook.first > start or outlook.last < last:
        outlook = Outlook(for_person.school, first=start, last=last, calendar=calendar)
    days = islice(calendar.school_days(start, include=True), DAYS_AHEAD)
    wanted = {stop.room.pk for stop in plan.stops}
    for date, period in _nearest_first(outlook.slots(days, now=now), plan):
        free = outlook.is_free(for_person, date, period, but=plan.walk)
        if free and wanted <= outlook.open_rooms(date, period, to=for_person, but=plan.walk).keys():
            return plan.at(date, period, outlook=outlook)
    return None


def _nearest_first(slots: Iterable[tuple[dt.date, Period]], plan: Plan) -> list[tuple[dt.date, Period]]:
    """Other times than the plan's: by day, then by how near the period is to the plan's own."""
    here = plan.period.position if plan.period else 0
    others = [slot for slot in slots if slot != (plan.date, plan.period)]
    return sorted(others, key=lambda slot: (slot[0], abs(slot[1].position - here), slot[1].position))
