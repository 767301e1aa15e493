"""Good times for a walk: whole routes to colleagues who teach, in free periods that suit the walker's day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q

from school.calendar import Calendar, local_date
from school.models import Lesson, Period, Person, Room
from school.places import hallways_of, room_order, rooms_of

from ..availability.availability import Availability
from ..availability.occupancy import ScheduledWalk
from ..availability.taught_lessons import TaughtLesson
from .fair_rooms import Stretch, fair_rooms, take_turns, turn_of, visits_to
from .free_periods import DATES_AHEAD, DAYS_AHEAD
from .good_time_words import why_words
from .plan import even_minutes, fewest_good_minutes, unhurried_minutes
from .routes import HallwayRoute, LessonsByRoute, PeopleRoute, Route, known_routes
from .walker_day import is_between_lessons, keeps_lunch, noon_on
from .way import campus_of, minutes_on_the_way

FEWEST_ROOMS = 4
FROM_THE_END = 1 << 16  # a bit of the turn: every other walker begins at the end of the route
NEAR_HALLWAYS = 6  # hallways whose lessons are read; those of buildings in which the walker teaches come first


@dataclass(frozen=True)
class GoodTime:
    """A whole walk that fits the walker's timetable, with no cover needed."""

    date: dt.date
    period: Period
    route: Route
    lessons: Stretch  # in walking order
    minutes: int
    is_between_lessons: bool  # so that the walker need not come early or stay late
    why: str = ""  # it is good, in a sentence

    @property
    def title(self) -> str:
        """The name of the route."""
        return self.route.name

    @property
    def rooms(self) -> list[Room]:
        """The rooms, in walking order."""
        return [taught.room for taught in self.lessons]

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
        fixed = [("date", self.date.isoformat()), ("period", str(self.period.pk)), ("route", self.route.key)]
        return urlencode([*fixed, *(("stop", str(pk)) for pk in self.room_ids)])


def next_good_times(
    walker: Person,
    *,
    now: dt.datetime,
    count: int = 3,
    calendar: Calendar | None = None,
    availability: Availability | None = None,
) -> list[GoodTime]:
    """Return the next good walks: one a day, as different as can be, with 4 or 5 open rooms and a good length.

    Eight queries besides the directory's, whatever the size of the school, because only lessons near the walker are
    read. If none of them makes a good walk, all lessons in the walker's free periods are read (at most eight queries
    more).
    """
    calendar = calendar or Calendar(walker.school)
    availability = availability or availability_ahead(walker, now=now, calendar=calendar)
    today = local_date(walker.school, now)
    first = calendar.first_day_to_walk(today)
    days = list(islice(calendar.school_days(first, include=first > today), DAYS_AHEAD))
    near = Search(walker, availability, known_routes(availability, walker))
    found = list(islice(near.one_a_day(days, now=now), count))
    free = [] if found else [(date, period) for date in days for period, _is_between in near.slots(date, now)]
    if free:
        availability.read_times(free)
        everywhere = Search(walker, availability, known_routes(availability, walker))
        found = list(islice(everywhere.one_a_day(days, now=now), count))
    return found


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
    search = Search(walker, availability, near)
    found = list(search.walks_at(date, period))
    return search.best(found, date) if found else None


class Search:
    """Finds good walks on some routes."""

    def __init__(self, walker: Person, availability: Availability, routes: Sequence[Route]) -> None:
        self.walker = walker
        self.availability = availability
        self._lessons_by_route = LessonsByRoute(routes)
        self._campuses = availability.known_lessons.campuses_of(walker)

    def one_a_day(self, days: Iterable[dt.date], *, now: dt.datetime) -> Iterator[GoodTime]:
        """Yield the best walk of each day that has one."""
        offered: list[GoodTime] = []
        for date in days:
            found = [
                good_time
                for period, is_between in self.slots(date, now)
                for good_time in self.walks_at(date, period, is_between_lessons=is_between)
            ]
            if found:
                best = self.best(found, date, offered)
                offered.append(best)
                yield replace(best, why=self._why(best))

    def best(self, found: Sequence[GoodTime], date: dt.date, offered: Sequence[GoodTime] = ()) -> GoodTime:
        """Return one of the walks of a day with the best rank. They take turns, as the rooms of a route do."""
        ranks = [_rank(good_time, offered) for good_time in found]
        equals = [good_time for good_time, rank in zip(found, ranks, strict=True) if rank == min(ranks)]
        visits = self.availability.visits_in_semester(date)
        turn = turn_of(self.walker, date)
        return take_turns(equals, [visits_to(good_time.lessons, visits) for good_time in equals], turn)

    def _why(self, best: GoodTime) -> str:
        return why_words(
            best.route,
            best.date,
            best.period,
            best.room_ids,
            walker=self.walker,
            availability=self.availability,
        )

    def slots(self, date: dt.date, now: dt.datetime) -> Iterator[tuple[Period, bool]]:
        """Yield the free periods that suit the walker's day, and whether each is between two lessons.

        On the day before a holiday there are none.
        """
        if self.availability.calendar.is_before_holiday(date):
            return
        busy = self.availability.busy_times(self.walker, date)
        noon = noon_on(date, self.walker.school)
        for _date, period in self.availability.periods_after([date], now=now):
            times = self.availability.calendar.times(date, period)
            if self.availability.is_free(self.walker, date, period) and keeps_lunch(times, busy, noon):
                yield period, is_between_lessons(times, busy)

    def walks_at(self, date: dt.date, period: Period, *, is_between_lessons: bool = False) -> Iterator[GoodTime]:
        """Yield a walk within the period on each route with enough open rooms, on the walker's campuses."""
        availability = self.availability
        starts_at, ends_at = availability.calendar.times(date, period)
        visitors = availability.visitor_counts(availability.longest_walk_times(date, period))
        turn = turn_of(self.walker, date, period)
        lessons = self._open_lessons(date, period)
        for route in self._lessons_by_route.routes:
            chosen = fair_rooms(
                lessons.get(route.key, ()),
                visitors=visitors,
                visits=availability.visits_in_semester(date),
                turn=turn,
                fewest=FEWEST_ROOMS,
                fits=lambda stretch: self._is_good_walk(stretch, ends_at - starts_at),
            )
            if chosen:
                yield GoodTime(
                    date,
                    period,
                    route,
                    lessons=chosen[::-1] if turn & FROM_THE_END else chosen,
                    minutes=self._minutes_of(chosen)[1],
                    is_between_lessons=is_between_lessons,
                )

    def _open_lessons(self, date: dt.date, period: Period) -> dict[str, list[TaughtLesson]]:
        """Return the lessons that the walker can visit on their campuses, if they teach, by the keys of the routes.

        A period that takes place on one campus only is for the rooms of that campus.
        """
        found = self.availability.open_rooms(date, period, visitor=self.walker).values()
        near = [taught for taught in found if not self._campuses or campus_of(taught.room) in self._campuses]
        near = [taught for taught in near if period.campus_id in (None, campus_of(taught.room))]
        return self._lessons_by_route.sort(sorted(near, key=lambda taught: room_order(taught.room)))

    def _is_good_walk(self, stretch: Stretch, longest: dt.timedelta) -> bool:
        """Whether it stays on one campus, is not in a hurry, and is as long as a walk should be."""
        school = self.walker.school
        in_each, in_sum = self._minutes_of(stretch)
        is_on_one_campus = campus_of(stretch[0].room) == campus_of(stretch[-1].room)
        is_unhurried = in_each >= unhurried_minutes(school) and dt.timedelta(minutes=in_sum) <= longest
        has_good_length = fewest_good_minutes(school) <= in_sum <= school.walk_minutes_max
        return is_on_one_campus and is_unhurried and has_good_length

    def _minutes_of(self, stretch: Stretch) -> tuple[int, int]:
        """Return the minutes in each room, and in sum with the way from room to room."""
        rooms = [taught.room for taught in stretch]
        school = self.walker.school
        in_each = even_minutes(rooms, school=school)
        return in_each, in_each * len(rooms) + minutes_on_the_way(rooms, school=school)


def _rank(good_time: GoodTime, offered: Sequence[GoodTime]) -> tuple[bool | int, ...]:
    """The sort key of walks on the same day, the best one first.

    In this order: between two lessons; unlike those offered already, by route, by places or people, and by period; to
    the walker's own team or grade, else along a hallway; with the most rooms.
    """
    route = good_time.route
    return (
        not good_time.is_between_lessons,
        route.key in {other.route.key for other in offered},
        isinstance(route, PeopleRoute) in {isinstance(other.route, PeopleRoute) for other in offered},
        good_time.period in {other.period for other in offered},
        not (isinstance(route, PeopleRoute) and route.near),
        not isinstance(route, HallwayRoute),
        -len(good_time.lessons),
    )


def availability_ahead(
    person: Person, *, now: dt.datetime, calendar: Calendar, more_walks: Sequence[ScheduledWalk] = ()
) -> Availability:
    """Return the availability near the person, for the days on which good times are searched."""
    first = calendar.first_day_to_walk(local_date(person.school, now))
    last = first + dt.timedelta(days=DATES_AHEAD)
    own = Lesson.objects.filter(teacher=person)
    same_slot = {"semester": OuterRef("semester"), "day_type": OuterRef("day_type"), "period": OuterRef("period")}
    is_free = ~Exists(own.valid_on(first).valid_on(last).filter(**same_slot))
    near = [Q(teacher=person), *(is_free & part for part in (_near_rooms(person), _near_colleagues(person)))]
    return Availability(
        person.school,
        first=first,
        last=last,
        calendar=calendar,
        rooms=(),
        people=[person.pk],
        lessons=near,
        more_walks=more_walks,
    )


def _near_rooms(person: Person) -> Q:
    """Return the filter for lessons along the nearest hallways (one query)."""
    rooms = rooms_of(person.school)
    own_rooms = person.lessons.order_by().values_list("room", flat=True)
    own = {rooms[pk].hallway.building for pk in own_rooms if pk in rooms}
    campuses = {building.campus_id for building in own}
    nearest = sorted(
        hallways_of(person.school),
        key=lambda hallway: (hallway.building not in own, hallway.building.campus_id not in campuses),
    )
    near = {hallway.pk for hallway in nearest[:NEAR_HALLWAYS]}
    return Q(room__in=[room.pk for room in rooms.values() if room.hallway_id in near])


def _near_colleagues(person: Person) -> Q:
    """Return the filter for lessons of the person's teams and grade (one query)."""
    same_grade = Q(grade=person.grade_id, grade__isnull=False)
    colleagues = Person.objects.filter(same_grade | Q(teams__in=person.teams.all())).distinct()
    return Q(teacher__in=list(colleagues.order_by().values_list("pk", flat=True)))
