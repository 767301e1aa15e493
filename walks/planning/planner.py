"""What the planning page shows: routes, rooms, free periods, problems, and ways out of clashes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import Calendar, local_date
from school.models import Lesson, Period, Person, Room
from school.places import room_order, rooms_of
from school.text.typed import comparable
from school.timetable import visits

from ..availability.availability import Availability
from ..availability.occupancy import TimeRange
from ..availability.taught_lessons import TaughtLesson
from ..models import Walk
from . import clashes, free_periods, good_times, ways_out
from .good_time_words import why_words
from .plan import Plan, PlannedStop, PlanProblem, even_minutes, planned_stop, problems
from .routes import Route, routes_of_school
from .way import campus_of

FOUND_AT_MOST = 12  # lessons that a search may add to the list of rooms


@dataclass(frozen=True)
class RoomChoice:
    """A room in the list of the planning page. `taught` is the lesson there at that time, `words` a remark on it."""

    room: Room
    taught: TaughtLesson | None
    chosen: bool
    words: str = ""
    unavailable: bool = False  # the room is full or closed, or there is no lesson to see
    place: int = 0  # among the listed rooms, in the order of their doors

    @property
    def disabled(self) -> bool:
        """Whether the checkbox is disabled: no lesson to see, and not chosen. A chosen room can always be removed."""
        return self.taught is None and not self.chosen


@dataclass(frozen=True)
class PeriodChoice:
    """A period to choose, with what the walker does then, in words."""

    period: Period
    times: TimeRange
    words: str
    free: bool
    passed: bool
    note: str = ""  # `words` in short, to stand beside the field


@dataclass(frozen=True)
class FieldNote:
    """A remark beside a field that has a value."""

    words: str
    good: bool = False


class Planner:
    """What the planning page shows a walker at the moment `now`.

    `more_dates` and `rooms` are the days and rooms of the plan.
    """

    def __init__(
        self,
        walker: Person,
        *,
        calendar: Calendar,
        now: dt.datetime,
        more_dates: Sequence[dt.date] = (),
        rooms: Iterable[int] = (),
    ) -> None:
        self.walker = walker
        self.calendar = calendar
        self.now = now
        today = local_date(walker.school, now)
        days = [calendar.first_day_to_plan(today), calendar.first_day_to_walk(today), *more_dates]
        self.availability = Availability(
            walker.school,
            first=min(days),
            last=max(days) + dt.timedelta(days=free_periods.DATES_AHEAD),
            calendar=calendar,
            rooms=rooms,
            people=[walker.pk],
        )

    @cached_property
    def routes(self) -> list[Route]:
        """The ready-made routes of the school."""
        return routes_of_school(self.walker.school, self.walker)

    @cached_property
    def free_periods(self) -> list[tuple[dt.date, Period]]:
        """The walker's next free periods (day and period), which the page offers as buttons."""
        return free_periods.next_free_periods(self.walker, availability=self.availability, now=self.now)

    def route(self, key: str) -> Route | None:
        """Return the ready-made route with this key, if any."""
        return next((route for route in self.routes if route.key == key), None)

    def stops(
        self, wanted: Sequence[tuple[int, int | None]], date: dt.date | None, period: Period | None
    ) -> tuple[PlannedStop, ...]:
        """Turn pairs of room id and minutes into stops with the hosts at that time. Unknown rooms are left out."""
        lessons = self.availability.lessons_in(date, period) if date and period else {}
        rooms = rooms_of(self.walker.school)
        known = [(rooms[pk], minutes) for pk, minutes in wanted if pk in rooms]
        even = even_minutes([room for room, _minutes in known], school=self.walker.school)
        return tuple(planned_stop(room, lessons.get(room.pk), minutes or even) for room, minutes in known)

    def period_choices(self, plan: Plan) -> list[PeriodChoice]:
        """Return the periods of the plan's day on the campus of its rooms, those in which the walker is free first."""
        of_day = self.calendar.periods_on(plan.date) if plan.date else []
        campuses = {None} | {campus_of(stop.room) for stop in plan.stops}
        periods = [
            period
            for period in of_day or self.calendar.periods
            if period.campus_id in campuses or not plan.stops or period == plan.period
        ]
        choices = [self._period_choice(plan, period) for period in periods]
        return sorted(choices, key=lambda choice: (choice.passed, not choice.free, choice.period.position))

    def _period_choice(self, plan: Plan, period: Period) -> PeriodChoice:
        date = plan.date
        times = self.calendar.times(date or local_date(self.walker.school, self.now), period)
        if date is None or not self.calendar.is_school_day(date) or self.calendar.semester_on(date) is None:
            return PeriodChoice(period, times, "", free=False, passed=False)
        own_start = plan.starts_at if period == plan.period else None
        if (own_start or times[0]) <= self.now:
            return PeriodChoice(period, times, _("(has passed)"), free=False, passed=True, note=_("Passed"))
        taught = self.availability.taught_by(self.walker, date, period)
        if taught:
            title = {"title": taught.title}
            is_class = taught.kind == Lesson.Kind.CLASS
            note = (_("You teach %(title)s") if is_class else _("You have %(title)s")) % title
            words = (_("(you teach %(title)s)") if is_class else _("(you have %(title)s)")) % title
            return PeriodChoice(period, times, words, free=False, passed=False, note=note)
        if self.availability.walk_covered_by(self.walker, self.availability.longest_walk_times(date, period)):
            note = _("You cover a class")
            return PeriodChoice(period, times, _("(you cover a class)"), free=False, passed=False, note=note)
        if not self.availability.is_at_school(self.walker, date, period):
            words = _("(you’re not at school)")
            return PeriodChoice(period, times, words, free=False, passed=False, note=_("Not at school"))
        if not self.availability.is_free(self.walker, date, period, excluding=plan.walk):
            note = _("You have another walk")
            return PeriodChoice(period, times, _("(you have another walk)"), free=False, passed=False, note=note)
        return PeriodChoice(period, times, _("(you’re free)"), free=True, passed=False, note=_("Free"))

    def day_note(self, plan: Plan) -> FieldNote | None:
        """Return what the plan's day means for the walker, to stand beside the field."""
        date = plan.date
        if date is None:
            return None
        if self.calendar.semester_on(date) is None:
            return FieldNote(_("Outside the semester"))
        if date < local_date(self.walker.school, self.now):
            return FieldNote(_("Passed"))
        if not self.calendar.is_school_day(date):
            reason = self.calendar.days_off.get(date)
            return FieldNote(_("No school: %(reason)s") % {"reason": reason} if reason else _("No school"))
        free = [choice.period.short for choice in self.period_choices(plan) if choice.free]
        words = _("Free: %(periods)s") % {"periods": ", ".join(free)} if free else _("No free period")
        day = self.calendar.day_words(date)
        return FieldNote(f"{day} · {words}" if day else words, good=bool(free))

    def period_note(self, plan: Plan) -> FieldNote | None:
        """Return what the plan's period means for the walker on that day, to stand beside the field."""
        if plan.period is None:
            return None
        choice = self._period_choice(plan, plan.period)
        return FieldNote(choice.note, good=choice.free) if choice.note else None

    def own_lesson(self, plan: Plan) -> Lesson | None:
        """Return the walker's own lesson at that time, if any; the Head of Grade finds cover for it."""
        if plan.date is None or plan.period is None:
            return None
        lessons = self.availability.known_lessons.busy_during(plan.busy_times(calendar=self.calendar))
        return lessons.get(self.walker.pk)

    def room_choices(self, plan: Plan, route: Route | None, q: str = "") -> list[RoomChoice]:
        """Return the rooms to choose from: the chosen ones, and those that match the search or, without one, the route.

        Without a day or a period, for example while the walker types a new day, only the chosen rooms are listed, so
        that they stay chosen.
        """
        if plan.date is None or plan.period is None:
            return [RoomChoice(stop.room, None, True, _("Choose a day and a period")) for stop in plan.stops]
        rooms = {stop.room for stop in plan.stops} | {taught.room for taught in self.lessons_found(plan, q)}
        if route is not None and not q:
            rooms |= set(route.rooms(self.walker.school))
            rooms |= {taught.room for taught in route.lessons_in(self.availability, plan.date, plan.period)}
        chosen = set(plan.room_ids)
        lessons = self.availability.lessons_in(plan.date, plan.period)
        times = self.availability.longest_walk_times(plan.date, plan.period)
        visitors = self.availability.visitor_counts(times, excluding=plan.walk)
        choices = [
            self._room_choice(plan, room, lessons.get(room.pk), visitors.get(room.pk, 0), room.pk in chosen)
            for room in sorted(rooms, key=room_order)
        ]
        return [replace(choice, place=place) for place, choice in enumerate(choices)]

    def lessons_found(self, plan: Plan, q: str) -> list[TaughtLesson]:
        """Return the lessons of the period whose teacher, subject, class or room contains the text `q`."""
        if not q or plan.date is None or plan.period is None:
            return []
        text = comparable(q)
        limit = FOUND_AT_MOST + 1  # one lesson may be the walker's own
        found = self.availability.lessons_with_text(plan.date, plan.period, text, limit=limit)
        others = [taught for taught in found if text in taught.search_text and self.walker not in taught.hosts]
        return others[:FOUND_AT_MOST]

    def _is_elsewhere(self, room: Room, plan: Plan) -> bool:
        """Whether the room is on another campus than the first room of the plan."""
        return bool(plan.stops) and campus_of(room) != campus_of(plan.stops[0].room)

    def _room_choice(
        self, plan: Plan, room: Room, taught: TaughtLesson | None, visitors: int, chosen: bool
    ) -> RoomChoice:
        assert plan.date is not None and plan.period is not None
        closed = self.availability.closure_reason(room.pk, plan.date, plan.period)
        if taught is None:
            return RoomChoice(room, None, chosen, _("No class at that time"), unavailable=True)
        if self.walker in taught.hosts:
            return RoomChoice(room, None, chosen, _("Your own class"), unavailable=True)
        if closed:
            return RoomChoice(room, taught, chosen, self._closed_words(closed, plan.date), unavailable=True)
        if not visits.take_visits(taught.hosts, school=self.walker.school):
            return RoomChoice(room, taught, chosen, _("Not open to visits"), unavailable=True)
        full = self._full_words(plan, plan.date, taught, visitors)
        if full:
            return RoomChoice(room, taught, chosen, full, unavailable=True)
        if self._is_elsewhere(room, plan):
            return RoomChoice(room, taught, chosen, _("On another campus"), unavailable=True)
        if not visitors:
            return RoomChoice(room, taught, chosen)
        words = ngettext("%(n)s other visitor", "%(n)s other visitors", visitors)
        return RoomChoice(room, taught, chosen, words % {"n": visitors})

    def _full_words(self, plan: Plan, date: dt.date, taught: TaughtLesson, visitors: int) -> str:
        if visitors >= self.walker.school.visitor_limit:
            return _("Full: %(n)s visitors") % {"n": visitors}
        if self.availability.has_most_visits(taught, date, excluding=plan.walk):
            return _("Full for this fortnight")
        return ""

    def _closed_words(self, reason: str, date: dt.date) -> str:
        is_today = date == local_date(self.walker.school, self.now)
        words = _("%(why)s today") if is_today else _("%(why)s that day")
        return words % {"why": reason}

    def problems(self, plan: Plan) -> list[PlanProblem]:
        """Return what prevents sending the plan."""
        semester = self.calendar.semester_on(plan.date) if plan.date else None
        return problems(plan, calendar=self.calendar, semester=semester, now=self.now)

    def clashes_with_ways_out(self, plan: Plan) -> list[tuple[clashes.Clash, list[ways_out.WayOut]]]:
        """Return each clash of the plan with the ways out of it."""
        found = clashes.find_clashes(plan, calendar=self.calendar, availability=self.availability)
        found = clashes.join_empty_rooms(found)
        if not found:
            return []
        other_time = ways_out.another_time(plan, availability=self.availability, now=self.now)
        other_time = other_time or ways_out.next_free_period(plan, self.free_periods, availability=self.availability)
        return [
            (clash, ways_out.for_walker(plan, clash, other_time=other_time, availability=self.availability))
            for clash in found
        ]

    def plan_again(self, plan: Plan) -> Plan:
        """Return a missed or cancelled walk's plan at the next time when its rooms are open.

        Without such a time, return it at the walker's next free period, or unchanged.
        """
        other = free_periods.other_time(
            plan, calendar=self.calendar, now=self.now, for_person=self.walker, availability=self.availability
        )
        if other is not None:
            return other
        slot = next(iter(self.free_periods), None)
        return plan.at(*slot, availability=self.availability) if slot else plan

    def empty_plan(self, last_walk: Walk | None) -> Plan:
        """Return a plan without rooms in the walker's next free period; announced or not, like their last walk.

        Not today if it can be avoided, because the Head of Grade needs time to approve.
        """
        today = local_date(self.walker.school, self.now)
        next_semester = self.calendar.first_day_of_next_semester(today)
        later = [slot for slot in self.free_periods if slot[0] > today]
        date, period = next(iter(later or self.free_periods), (next_semester, None))
        school = self.walker.school
        announced = last_walk.announced if last_walk else school.announce_by_default
        announced = announced or school.always_announce
        return Plan(walker=self.walker, date=date, period=period, announced=announced)

    def why_good(self, plan: Plan, route: Route | None) -> str:
        """Return why a proposed walk along the route is good, in a sentence; empty if it is not."""
        if route is None or plan.date is None or plan.period is None:
            return ""
        route.lessons_in(self.availability, plan.date, plan.period)  # reads them
        open_rooms = self.availability.open_rooms(plan.date, plan.period, visitor=self.walker)
        if not (self._period_choice(plan, plan.period).free and open_rooms.keys() >= set(plan.room_ids)):
            return ""
        return why_words(
            route, plan.date, plan.period, plan.room_ids, walker=self.walker, availability=self.availability
        )

    def with_default_rooms(self, plan: Plan) -> tuple[Plan, str]:
        """Return the plan with the rooms of the best hallway near the walker, and the key of that route, if any."""
        if plan.date is None or plan.period is None or not self._period_choice(plan, plan.period).free:
            return plan, ""
        best = good_times.best_hallway(self.routes, self.availability, self.walker, plan.date, plan.period)
        if best is None:
            return plan, ""
        stops = self.stops([(pk, None) for pk in best.room_ids], plan.date, plan.period)
        return replace(plan, stops=stops), best.route.key
