"""Good times for a walk: whole routes in the walker's free periods, and another time for a plan with clashes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from django.db.models import Case, Exists, OuterRef, Q, When

from school.calendar import Calendar, local_date
from school.models import Hallway, Lesson, Period, Person, Room, School

from ..availability.availability import Availability
from ..availability.taught_lessons import room_order
from .clashes import availability_for
from .fair_rooms import fair_rooms, take_turns, turn_of
from .plan import MAX_MINUTES, MIN_MINUTES, Plan, even_minutes
from .routes import HallwayRoute, LessonsByRoute, Route, known_routes
from .way import campus_of, minutes_on_the_way

DAYS_AHEAD = 10  # school days that are searched
DATES_AHEAD = 30  # calendar days that contain these school days, even with a holiday between
FEWEST_ROOMS = 4
NEAR_HALLWAYS = 6  # hallways whose lessons are read; those of buildings in which the walker teaches come first


@dataclass(frozen=True)
class GoodTime:
    """A whole walk that fits the walker's timetable, with no cover needed."""

    date: dt.date
    period: Period
    title: str
    route: str
    rooms: tuple[Room, ...]
    minutes: int

    @property
    def route_kind(self) -> str:
        """For example "hallway" or "team"."""
        return self.route.partition("-")[0]

    @property
    def room_ids(self) -> list[int]:
        """The ids of the rooms, in walking order."""
        return [room.pk for room in self.rooms]

    @property
    def codes(self) -> list[str]:
        """The codes of the rooms, in walking order."""
        return [room.code for room in self.rooms]

    @property
    def query(self) -> str:
        """The query string that fills in this walk on the planning page."""
        fixed = [("date", self.date.isoformat()), ("period", str(self.period.pk)), ("route", self.route)]
        return urlencode([*fixed, *(("stop", str(pk)) for pk in self.room_ids)])


def availability_ahead(person: Person, *, now: dt.datetime, calendar: Calendar) -> Availability:
    """Return the availability near the person, for the days on which good times are searched."""
    first = calendar.first_day_to_plan(local_date(person.school, now))
    last = first + dt.timedelta(days=DATES_AHEAD)
    own = Lesson.objects.filter(teacher=person)
    same_slot = {"semester": OuterRef("semester"), "day_type": OuterRef("day_type"), "period": OuterRef("period")}
    is_free = ~Exists(own.valid_on(first).valid_on(last).filter(**same_slot))
    near = [Q(teacher=person), *(is_free & part for part in (_near_rooms(person), _near_colleagues(person)))]
    return Availability(
        person.school, first=first, last=last, calendar=calendar, rooms=(), people=[person.pk], lessons=near
    )


def _near_rooms(person: Person) -> Q:
    """Return the filter for lessons along the nearest hallways (one query)."""
    own_building = When(building__in=person.lessons.values("room__hallway__building"), then=0)
    own_campus = When(building__campus__in=person.lessons.values("room__hallway__building__campus"), then=1)
    far = Case(own_building, own_campus, default=2)
    hallways = Hallway.objects.filter(building__school=person.school_id).annotate(far=far)
    nearest = hallways.order_by("far", "building", "position", "name").values("pk")[:NEAR_HALLWAYS]
    return Q(room__in=list(Room.objects.filter(hallway__in=nearest).order_by().values_list("pk", flat=True)))


def _near_colleagues(person: Person) -> Q:
    """Return the filter for lessons of the person's teams and grade (one query)."""
    same_grade = Q(grade=person.grade_id, grade__isnull=False)
    colleagues = Person.objects.filter(same_grade | Q(teams__in=person.teams.all())).distinct()
    return Q(teacher__in=list(colleagues.order_by().values_list("pk", flat=True)))


def next_good_times(
    walker: Person, *, now: dt.datetime, count: int = 3, calendar: Calendar | None = None
) -> list[GoodTime]:
    """Return the next good walks: one a day, as different as can be, with 4 or 5 open rooms and 20 to 30 minutes.

    Nine queries besides the calendar's, whatever the size of the school, because only lessons near the walker are read.
    """
    calendar = calendar or Calendar(walker.school)
    availability = availability_ahead(walker, now=now, calendar=calendar)
    routes = known_routes(availability, walker)
    today = local_date(walker.school, now)
    first = calendar.first_day_to_plan(today)
    days = islice(calendar.school_days(first, include=first > today), DAYS_AHEAD)
    return list(islice(_one_a_day(availability, routes, walker, days, now), count))


def _one_a_day(
    availability: Availability, routes: Sequence[Route], walker: Person, days: Iterable[dt.date], now: dt.datetime
) -> Iterator[GoodTime]:
    offered: list[GoodTime] = []
    by_route = LessonsByRoute(routes)
    campuses = availability.known_lessons.campuses_of(walker)
    for date in days:
        found: list[GoodTime] = []
        for day, period in availability.periods_after([date], now=now):
            if availability.is_free(walker, day, period):
                found += _good_times_at(availability, by_route, walker, campuses, day, period)
        if found:
            choices = _least_alike(found, offered)
            best = _fair_choice(choices, availability.visits_in_semester(date), turn_of(walker, date))
            offered.append(best)
            yield best


def _least_alike(found: Sequence[GoodTime], offered: Sequence[GoodTime]) -> list[GoodTime]:
    """Return the good times that differ most from those offered already: by route, kind of route, then period."""
    routes = {good_time.route for good_time in offered}
    kinds = {good_time.route_kind for good_time in offered}
    periods = {good_time.period for good_time in offered}
    ranks = [
        (good_time.route in routes, good_time.route_kind in kinds, good_time.period in periods) for good_time in found
    ]
    return [good_time for good_time, rank in zip(found, ranks, strict=True) if rank == min(ranks)]


def _fair_choice(found: Sequence[GoodTime], visits: Mapping[int, int], turn: int) -> GoodTime:
    """Return a good time with the most rooms, along a hallway if possible. Routes take turns, as rooms do.

    If a route has several such times, its first period of the day is taken.
    """
    ranks = [(-len(good_time.rooms), not good_time.route.startswith(HallwayRoute.kind)) for good_time in found]
    first_by_route: dict[str, GoodTime] = {}
    for good_time, rank in zip(found, ranks, strict=True):
        if rank == min(ranks):
            first_by_route.setdefault(good_time.route, good_time)
    equals = list(first_by_route.values())
    return take_turns(equals, [sum(visits.get(pk, 0) for pk in good_time.room_ids) for good_time in equals], turn)


def _good_times_at(
    availability: Availability,
    by_route: LessonsByRoute,
    walker: Person,
    campuses: Collection[int],
    date: dt.date,
    period: Period,
) -> Iterator[GoodTime]:
    """Yield a walk on each route with enough open rooms at that time, on the walker's campuses if they teach."""
    open_rooms = availability.open_rooms(date, period, visitor=walker)
    visitors = availability.visitor_counts(availability.longest_walk_times(date, period))
    visits = availability.visits_in_semester(date)
    turn = turn_of(walker, date, period)
    near = [taught for taught in open_rooms.values() if not campuses or campus_of(taught.room) in campuses]
    lessons = by_route.sort(sorted(near, key=lambda taught: room_order(taught.room)))
    for route in by_route.routes:
        of_route = route.on_one_campus(lessons.get(route.key, ()), campuses)
        rooms = fair_rooms(of_route, visitors=visitors, visits=visits, turn=turn)
        chosen = tuple(taught.room for taught in rooms)
        minutes = _walk_minutes(chosen, availability.school)
        if len(rooms) >= FEWEST_ROOMS and MIN_MINUTES <= minutes <= MAX_MINUTES:
            yield GoodTime(date, period, route.name, route.key, chosen, minutes)


def best_hallway(
    routes: Iterable[Route], availability: Availability, walker: Person, date: dt.date, period: Period
) -> GoodTime | None:
    """Return a walk along a hallway near the walker at that time; None if no hallway has enough open rooms.

    Four queries at most, whatever the number of hallways.
    """
    hallways = [route for route in routes if isinstance(route, HallwayRoute)]
    own = availability.known_lessons.buildings_of(walker)
    campuses = availability.known_lessons.campuses_of(walker)
    near = sorted(hallways, key=lambda route: (route.building not in own, route.campus not in campuses))[:NEAR_HALLWAYS]
    availability.read_period(date, period, Q(room__hallway__in=[route.pk for route in near]), "near hallways")
    found = list(_good_times_at(availability, LessonsByRoute(near), walker, campuses, date, period))
    return _fair_choice(found, availability.visits_in_semester(date), turn_of(walker, date)) if found else None


def _walk_minutes(rooms: Sequence[Room], school: School) -> int:
    return even_minutes(rooms, school=school) * len(rooms) + minutes_on_the_way(rooms, school=school)


def next_free_periods(
    walker: Person, *, availability: Availability, now: dt.datetime, count: int = 6, per_day: int = 2
) -> list[tuple[dt.date, Period]]:
    """Return the walker's next free periods in which others teach, at most `per_day` a day."""
    found: list[tuple[dt.date, Period]] = []
    for date in _days_from(availability, now):
        free = (slot for slot in availability.periods_after([date], now=now) if availability.is_free(walker, *slot))
        found += islice((slot for slot in free if availability.is_taught(*slot)), per_day)
        if len(found) >= count:
            break
    return found[:count]


def _days_from(availability: Availability, now: dt.datetime) -> Iterator[dt.date]:
    first = availability.calendar.first_day_to_plan(local_date(availability.school, now))
    return islice(availability.calendar.school_days(first, include=True), DAYS_AHEAD)


def other_time(
    plan: Plan, *, calendar: Calendar, now: dt.datetime, for_person: Person, availability: Availability | None = None
) -> Plan | None:
    """Return the plan at the next time when all its rooms are open and the person is free; None if there is none.

    Times on the plan's own day come first.
    """
    if not plan.stops:
        return None
    start = max(plan.date or dt.date.min, calendar.first_day_to_plan(local_date(for_person.school, now)))
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
