"""What the planning page shows: routes, rooms, free periods, problems, and ways out of clashes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import Calendar, local_date, period_times
from school.models import Period, Person, Room
from school.text.typed import plain

from ..availability.availability import Availability
from ..availability.taught_lessons import TaughtLesson, room_order
from ..models import Walk
from . import clashes, good_times, ways_out
from .plan import Plan, PlannedStop, PlanProblem, even_minutes, planned, problems
from .routes import NOTHING, Route, routes_of_school

FOUND_AT_MOST = 12  # rows that a search for a name may add


@dataclass(frozen=True)
class RoomChoice:
    """A room in the list: who teaches there then, whether it is chosen, and remarks."""

    room: Room
    taught: TaughtLesson | None
    chosen: bool
    words: str = ""
    full: bool = False

    @property
    def disabled(self) -> bool:
        """A room without a lesson cannot be added; a chosen one can always be removed."""
        return self.taught is None and not self.chosen


@dataclass(frozen=True)
class PeriodChoice:
    """A period with what it means for the walker."""

    period: Period
    words: str
    free: bool
    passed: bool


class Planner:
    """What the planner shows a walker at a moment, about the rooms of the plan and of the routes that are shown."""

    def __init__(
        self,
        walker: Person,
        *,
        calendar: Calendar,
        now: dt.datetime,
        also: Sequence[dt.date] = (),
        rooms: Iterable[int] = (),
        shown: Iterable[str] = (),
    ) -> None:
        self.walker = walker
        self.calendar = calendar
        self.now = now
        days = [calendar.first_day_to_plan(local_date(walker.school, now)), *also]
        wanted = [route for route in map(self.route, filter(None, shown)) if route is not None]
        self.availability = Availability(
            walker.school,
            first=min(days),
            last=max(days) + dt.timedelta(days=good_times.DATES_AHEAD),
            calendar=calendar,
            rooms=rooms,
            people=[walker.pk],
            more_rooms=reduce(or_, (route.rooms() for route in wanted), NOTHING),
        )

    @cached_property
    def routes(self) -> list[Route]:
        """The ready-made routes."""
        return routes_of_school(self.walker.school, self.walker)

    @cached_property
    def slots(self) -> list[tuple[dt.date, Period]]:
        """The walker's next free periods: the quick picks."""
        return good_times.free_slots(self.walker, availability=self.availability, now=self.now)

    def route(self, key: str) -> Route | None:
        """A ready-made route by its key."""
        return next((route for route in self.routes if route.key == key), None)

    def period(self, pk: int | None) -> Period | None:
        """A period of this school."""
        return next((period for period in self.availability.periods if period.pk == pk), None)

    def stops(
        self, wanted: Sequence[tuple[int, int | None]], date: dt.date | None, period: Period | None
    ) -> tuple[PlannedStop, ...]:
        """Turn (room id, minutes) into stops with the hosts of that time; rooms of other schools are left out."""
        lessons = self.availability.lessons_in(date, period) if date and period else {}
        known = [(self.availability.rooms[pk], minutes) for pk, minutes in wanted if pk in self.availability.rooms]
        even = even_minutes(len(known))
        return tuple(planned(room, lessons.get(room.pk), minutes or even) for room, minutes in known)

    def periods(self, plan: Plan) -> list[PeriodChoice]:
        """The periods of the plan's day, the free ones first."""
        choices = [self._period_choice(plan, period) for period in self.availability.periods]
        return sorted(choices, key=lambda choice: (choice.passed, not choice.free, choice.period.position))

    def _period_choice(self, plan: Plan, period: Period) -> PeriodChoice:
        date = plan.date
        if date is None or not self.calendar.is_school_day(date) or self.availability.semester_on(date) is None:
            return PeriodChoice(period, "", free=False, passed=False)
        if period_times(self.walker.school, date, period)[0] <= self.now:
            return PeriodChoice(period, _("(has passed)"), free=False, passed=True)
        taught = self.availability.taught_by(self.walker, date, period)
        if taught:
            return PeriodChoice(period, _("(you teach %(title)s)") % {"title": taught.title}, free=False, passed=False)
        if self.availability.covers_then(self.walker, self.availability.span(date, period)):
            return PeriodChoice(period, _("(you cover a class)"), free=False, passed=False)
        if not self.availability.is_free(self.walker, date, period, but=plan.walk):
            return PeriodChoice(period, _("(you have another walk)"), free=False, passed=False)
        return PeriodChoice(period, _("(you’re free)"), free=True, passed=False)

    def covered(self, plan: Plan) -> TaughtLesson | None:
        """The walker's own lesson in that period, for which the Head of Grade finds cover."""
        return self.availability.taught_by(self.walker, plan.date, plan.period) if plan.date and plan.period else None

    def rows(self, plan: Plan, route: Route | None, q: str = "") -> list[RoomChoice]:
        """Return the rooms to choose from: the chosen ones, and those that match the search or else belong to the
        route.

        Without a day or period, for example while a day is retyped, only the chosen ones, so that they stay chosen.
        """
        if plan.date is None or plan.period is None:
            return [RoomChoice(stop.room, None, True, _("Choose a day and a period")) for stop in plan.stops]
        rooms = {stop.room for stop in plan.stops} | {taught.room for taught in self.found(plan, q)}
        if route is not None and not q:
            rooms |= {room for room in self.availability.rooms.values() if route.has(room, None)}
            rooms |= {taught.room for taught in route.lessons_in(self.availability, plan.date, plan.period)}
        chosen = set(plan.room_ids)
        lessons = self.availability.lessons_in(plan.date, plan.period)
        going = self.availability.going(self.availability.span(plan.date, plan.period), but=plan.walk)
        return [
            self._row(plan, room, lessons.get(room.pk), going.get(room.pk, 0), room.pk in chosen)
            for room in sorted(rooms, key=room_order)
        ]

    def found(self, plan: Plan, q: str) -> list[TaughtLesson]:
        """Classes of the period whose teacher, subject, class or room matches what was typed."""
        if not q or plan.date is None or plan.period is None:
            return []
        needle = plain(q)
        taught = self.availability.find(plan.date, plan.period, needle, most=FOUND_AT_MOST + 1)  # one may be the walker
        return [t for t in taught if needle in t.searched and t.host != self.walker][:FOUND_AT_MOST]

    def _row(self, plan: Plan, room: Room, taught: TaughtLesson | None, going: int, chosen: bool) -> RoomChoice:
        assert plan.date is not None and plan.period is not None
        closed = self.availability.closed(room.pk, plan.date, plan.period)
        if taught is None:
            return RoomChoice(room, None, chosen, _("No class then"), full=True)
        if taught.host == self.walker:
            return RoomChoice(room, None, chosen, _("Your own class"), full=True)
        if closed:
            return RoomChoice(room, taught, chosen, self._closed_words(closed, plan.date), full=True)
        if going >= self.walker.school.visitor_limit:
            return RoomChoice(room, taught, chosen, _("Full: %(n)s visitors") % {"n": going}, full=True)
        words = ngettext("%(n)s other visitor", "%(n)s other visitors", going) % {"n": going} if going else ""
        return RoomChoice(room, taught, chosen, words)

    def _closed_words(self, reason: str, date: dt.date) -> str:
        today = date == local_date(self.walker.school, self.now)
        return (_("%(why)s today") if today else _("%(why)s that day")) % {"why": reason}

    def problems(self, plan: Plan) -> list[PlanProblem]:
        """Return what prevents sending the plan."""
        semester = self.availability.semester_on(plan.date) if plan.date else None
        return problems(plan, calendar=self.calendar, semester=semester, now=self.now)

    def warnings(self, plan: Plan) -> list[tuple[clashes.Clash, list[ways_out.WayOut]]]:
        """Each clash with its one-click ways out."""
        found = clashes.find(plan, calendar=self.calendar, availability=self.availability)
        if not found:
            return []
        other = ways_out.another_time(plan, availability=self.availability, now=self.now)
        other = other or ways_out.next_free_period(plan, self.slots, availability=self.availability)
        return [
            (clash, ways_out.for_walker(plan, clash, other=other, availability=self.availability)) for clash in found
        ]

    def room_instead(self, plan: Plan, room_id: int) -> TaughtLesson | None:
        """An open room near the one that clashes."""
        return ways_out.room_instead(plan, room_id, availability=self.availability)

    def again(self, plan: Plan) -> Plan:
        """Return the same walk at the next good time, for a missed slot or a cancelled walk."""
        other = good_times.other_time(
            plan, calendar=self.calendar, now=self.now, for_person=self.walker, availability=self.availability
        )
        slot = next(iter(self.slots), None)
        return other or (plan.at(*slot, availability=self.availability) if slot else plan)

    def fresh(self, last: Walk | None) -> Plan:
        """Return an empty plan at the next free period, if any, announced or not like the last one."""
        opening = self.calendar.opening_day(local_date(self.walker.school, self.now))
        date, period = next(iter(self.slots), (opening, None))
        announced = last.announced if last else self.walker.school.announce_by_default
        return Plan(walker=self.walker, date=date, period=period, announced=announced)
