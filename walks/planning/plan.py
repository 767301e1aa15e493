"""A plan: focus, time and rooms of a walk, how long it takes, and what prevents sending it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from school.calendar import Calendar, local_date
from school.models import Period, Person, Room, School, Semester
from school.models.people import full_names
from school.people.addresses import tell_in_person
from school.text.dates import date_words
from school.timetable import visits

from ..availability.availability import Availability
from ..availability.occupancy import TimeRange, busy_times
from ..availability.taught_lessons import TaughtLesson
from ..models import Practice, State, Stop, Walk
from .way import minutes_on_the_way, on_other_campus

MIN_STOPS = 2
GOOD_STOPS = 3
MAX_STOPS = 8
MAX_FOCUS = 2
UNHURRIED_MINUTES = 4  # in a room
ROOM_COUNTS = ("", "", *map(gettext_lazy, ("Two", "Three", "Four", "Five", "Six", "Seven", "Eight")))


@dataclass(frozen=True)
class PlannedStop:
    """One room of a plan, with all who teach there in the chosen period; `hosts` is empty if nobody does."""

    room: Room
    hosts: tuple[Person, ...]
    title: str = ""
    minutes: int = UNHURRIED_MINUTES

    @property
    def host_names(self) -> str:
        """The full names of the hosts."""
        return full_names(self.hosts)


@dataclass(frozen=True)
class Plan:
    """A walk as it is planned, before it is stored."""

    walker: Person
    date: dt.date | None
    period: Period | None
    practices: tuple[Practice, ...] = ()
    own_focus: str = ""
    stops: tuple[PlannedStop, ...] = ()
    announced: bool = True
    walk: Walk | None = None  # the walk being changed, so that it does not clash with itself
    starts_at: dt.datetime | None = None  # if it differs from the start of the period: the bells changed since

    @property
    def minutes(self) -> int:
        """The minutes in the rooms and on the way between them."""
        return sum(stop.minutes for stop in self.stops) + self.minutes_on_the_way

    @property
    def minutes_on_the_way(self) -> int:
        """The minutes from room to room."""
        return minutes_on_the_way(self.rooms, school=self.walker.school)

    @property
    def most_minutes(self) -> int:
        """The longest walk by the school's policy. A walk that was sent under an older policy keeps its length."""
        sent_as = self.walk.minutes if self.walk and self.walk.state != State.DRAFT else 0
        return max(self.walker.school.walk_minutes_max, sent_as)

    @property
    def minute_choices(self) -> range:
        """The minutes to choose for a room: up to the school's most, or to those of the plan if they are more."""
        return range(1, max([self.walker.school.room_minutes_max, *(stop.minutes for stop in self.stops)]) + 1)

    @property
    def rooms(self) -> list[Room]:
        """The rooms, in walking order."""
        return [stop.room for stop in self.stops]

    @property
    def room_ids(self) -> list[int]:
        """The ids of the rooms, in walking order."""
        return [stop.room.pk for stop in self.stops]

    @property
    def tell_in_person(self) -> str:
        """A sentence about the hosts whom no mail reaches; empty if all get mail."""
        return tell_in_person(host for stop in self.stops for host in stop.hosts)

    @property
    def focus_count(self) -> int:
        """The number of practices and own words that the walk looks for."""
        return len(self.practices) + bool(self.own_focus.strip())

    @property
    def keeps_its_time(self) -> bool:
        """Whether the walk was sent before for the same day and period."""
        walk = self.walk
        if walk is None or walk.state == State.DRAFT or self.period is None:
            return False
        return (walk.date, walk.period_id) == (self.date, self.period.pk)

    @property
    def time_key(self) -> str:
        """Day and period for the form field `shown_time`: the time for which the page shows the rooms."""
        return f"{self.date or ''}:{self.period.pk if self.period else ''}"

    def times(self, *, calendar: Calendar) -> tuple[dt.datetime, dt.datetime]:
        """Start and end in UTC: from `starts_at` or the start of the period, for as long as the plan takes."""
        assert self.date is not None and self.period is not None
        start = self.starts_at or calendar.times(self.date, self.period)[0]
        return start, start + dt.timedelta(minutes=max(self.minutes, 1))

    def busy_times(self, *, calendar: Calendar) -> TimeRange:
        """When the walker, and who covers, must be free: the whole period, or the walk if the bells have changed."""
        assert self.date is not None and self.period is not None
        return busy_times(self.date, self.period, self.times(calendar=calendar), calendar=calendar)

    def with_own_start(self) -> Plan:
        """Return the plan with the start of its walk, if it was sent and keeps the walk's day and period."""
        return replace(self, starts_at=self.walk.starts_at if self.walk and self.keeps_its_time else None)

    def at(self, date: dt.date, period: Period, *, availability: Availability) -> Plan:
        """Return the plan at another time, with the hosts who teach in its rooms then."""
        lessons = availability.lessons_in(date, period)
        stops = tuple(planned_stop(stop.room, lessons.get(stop.room.pk), stop.minutes) for stop in self.stops)
        return replace(self, date=date, period=period, stops=stops, starts_at=None)


def planned_stop(room: Room, taught: TaughtLesson | None, minutes: int) -> PlannedStop:
    """Return a stop at the room, with all who teach there then."""
    hosts, title = (taught.hosts, taught.title) if taught else ((), "")
    return PlannedStop(room=room, hosts=hosts, title=title, minutes=minutes)


def even_minutes(rooms: Sequence[Room], *, school: School) -> int:
    """Return the same number of minutes for each room, so that the walk has a good length.

    They are four or five if a room may take five, eight to ten if it may take ten, or fewer in many rooms.
    """
    on_the_way = minutes_on_the_way(rooms, school=school)
    totals = {each: each * len(rooms) + on_the_way for each in range(1, school.room_minutes_max + 1)}
    fitting = [each for each, total in totals.items() if total <= school.walk_minutes_max] or [1]
    usual = school.room_minutes_max - school.room_minutes_max // 5
    long_enough = [each for each in fitting if each >= usual and totals[each] >= fewest_good_minutes(school)]
    return long_enough[0] if long_enough else fitting[-1]


def fewest_good_minutes(school: School) -> int:
    """Return how long a walk should at least be: 20 minutes, or fewer if four rooms take fewer by the policy."""
    return min(20, 4 * school.room_minutes_max + 3)


def usual_minutes(school: School) -> int:
    """Return how long most walks take: 25 minutes if they may take 30."""
    return (fewest_good_minutes(school) + school.walk_minutes_max) // 2


def unhurried_minutes(school: School) -> int:
    """Return how long a walker should at least stay in a room."""
    return min(UNHURRIED_MINUTES, school.room_minutes_max)


@dataclass(frozen=True)
class PlanProblem:
    """A reason why a plan cannot be sent. `field` names the part of the plan: focus, date, period or stops."""

    field: str
    words: str
    missing: bool = False  # not filled in yet: the page says so only after Send is pressed
    is_clash: bool = False  # a clash says the same and offers ways out


def problems(plan: Plan, *, calendar: Calendar, semester: Semester | None, now: dt.datetime) -> list[PlanProblem]:
    """Return everything that prevents sending; an empty list means that the plan can be sent."""
    of_time = _time_problems(plan, calendar, semester, now)
    of_stops = _stop_problems(plan, has_lessons=not of_time)
    return [*focus_problems(plan.focus_count), *of_time, *of_stops, *opening_problems(plan.walker.school)]


def opening_problems(school: School) -> list[PlanProblem]:
    """Return why no walk can be sent before the school opens: colleagues are not invited yet."""
    if school.is_open:
        return []
    words = _("Learning Walks isn’t open at your school yet. Save a draft, and send it when the site is open")
    return [PlanProblem("date", words)]


def focus_problems(count: int) -> list[PlanProblem]:
    """Return what is wrong with this number of things to look for."""
    if count == 0:
        return [PlanProblem("focus", _("Choose one or two things to look for"), missing=True)]
    if count > MAX_FOCUS:
        return [PlanProblem("focus", _("That’s more than two. Which two matter most?"))]
    return []


def _time_problems(plan: Plan, calendar: Calendar, semester: Semester | None, now: dt.datetime) -> list[PlanProblem]:
    if plan.date is None:
        return [PlanProblem("date", _("Choose a day"), missing=True)]
    if plan.period is None:
        return [PlanProblem("period", _("Choose a period"), missing=True)]
    if semester is None:
        return [PlanProblem("date", _outside_words(calendar, local_date(plan.walker.school, now)))]
    if plan.date < local_date(plan.walker.school, now):
        return [PlanProblem("date", _("Choose a day that hasn’t passed"))]
    if not calendar.is_school_day(plan.date):
        return [PlanProblem("date", _("There’s no school on %(day)s") % {"day": date_words(plan.date, "j F")})]
    if plan.period not in calendar.periods_on(plan.date):
        words = _("%(period)s doesn’t take place on %(day)s. Choose another")
        return [PlanProblem("period", words % {"period": plan.period, "day": date_words(plan.date, "j F")})]
    if plan.times(calendar=calendar)[0] <= now:
        return [PlanProblem("period", _("That time has passed. Choose a later period, or another day"))]
    return _notice_problems(plan, plan.date, calendar, now)


def _notice_problems(plan: Plan, date: dt.date, calendar: Calendar, now: dt.datetime) -> list[PlanProblem]:
    """Return whether colleagues would be told too late. A walk that was sent before for the same time stays."""
    first = calendar.first_day_to_walk(local_date(plan.walker.school, now))
    if date >= first or plan.keeps_its_time:
        return []
    words = _("Colleagues are told %(days)s before. Choose %(first)s, or a later day")
    days = school_days_in_words(plan.walker.school.announce_days_ahead)
    return [PlanProblem("date", words % {"days": days, "first": date_words(first, "j F")})]


def _outside_words(calendar: Calendar, today: dt.date) -> str:
    """Tell the walker which days they can choose: those of the running or the next semester."""
    semester = calendar.semester_on(today) or calendar.next_semester(today)
    if semester is None:
        return _("No semester is running, and the next one isn’t set up yet.")
    first = date_words(semester.starts_on, "j F")
    last = date_words(semester.ends_on, "j F")
    return _("Choose a day in the semester, from %(first)s to %(last)s") % {"first": first, "last": last}


def _stop_problems(plan: Plan, *, has_lessons: bool) -> list[PlanProblem]:
    count = len(plan.stops)
    if count < MIN_STOPS:
        return [PlanProblem("stops", _("Choose at least two rooms"), missing=True)]
    if count > MAX_STOPS:
        return [PlanProblem("stops", _("A walk has at most eight rooms. Remove a few, or make it two walks."))]
    empty = [stop.room.code for stop in plan.stops if not stop.hosts]
    if empty and has_lessons:
        words = ngettext(
            "Nobody teaches in Room %(rooms)s at that time. Remove it, or choose another period.",
            "Nobody teaches in Rooms %(rooms)s at that time. Remove them, or choose another period.",
            len(empty),
        )
        return [PlanProblem("stops", words % {"rooms": get_text_list(empty, _("and"))}, is_clash=True)]
    own = next((stop.room.code for stop in plan.stops if plan.walker in stop.hosts), None)
    if own:
        return [PlanProblem("stops", _("You teach in Room %(room)s at that time. Remove it.") % {"room": own})]
    closed = not_open_to_visits(plan)
    if closed:
        words = ngettext(
            "Room %(rooms)s is not open to visits. Choose another.",
            "Rooms %(rooms)s are not open to visits. Choose others.",
            len(closed),
        )
        return [PlanProblem("stops", words % {"rooms": get_text_list(closed, _("and"))}, is_clash=True)]
    elsewhere = [room.code for room in on_other_campus(plan.rooms)]
    if elsewhere:
        words = ngettext(
            "Room %(rooms)s is on another campus, and a walk stays on one. Remove it, or make it two walks.",
            "Rooms %(rooms)s are on another campus, and a walk stays on one. Remove them, or make it two walks.",
            len(elsewhere),
        )
        return [PlanProblem("stops", words % {"rooms": get_text_list(elsewhere, _("and"))})]
    if plan.minutes > plan.most_minutes:
        words = _("%(rooms)s rooms take %(minutes)s minutes; %(most)s is the most. Remove one, or make it two walks.")
        numbers = {"rooms": ROOM_COUNTS[count], "minutes": plan.minutes, "most": plan.most_minutes}
        return [PlanProblem("stops", words % numbers)]
    return []


def school_days_in_words(days: int) -> str:
    """Return "2 school days"."""
    return ngettext("%(n)s school day", "%(n)s school days", days) % {"n": days}


def not_open_to_visits(plan: Plan) -> list[str]:
    """Return the codes of rooms that may not be visited. Visits that were planned before for the same time stay."""
    school = plan.walker.school
    closed = [stop.room for stop in plan.stops if not visits.take_visits(stop.hosts, school=school)]
    planned: set[int] = set()
    if closed and plan.walk and plan.keeps_its_time:
        planned = set(plan.walk.stops.values_list("room_id", flat=True))
    return [room.code for room in closed if room.pk not in planned]


def is_planned_as(walk: Walk, plan: Plan) -> bool:
    """Whether the walk has the plan's day, period and rooms in the plan's order."""
    rooms = list(dict.fromkeys(walk.stops.values_list("room_id", flat=True)))
    same_time = plan.period is not None and (walk.date, walk.period_id) == (plan.date, plan.period.pk)
    return same_time and rooms == plan.room_ids


def plan_of(walk: Walk, *, focus: Iterable[Practice] | None = None, stops: Iterable[Stop] | None = None) -> Plan:
    """Return the plan of a stored walk. Focus and stops are read from the database unless they are passed."""
    if stops is None:
        stops = walk.stops.select_related("room__hallway__building__campus", "host__grade")
    return Plan(
        walker=walk.walker,
        date=walk.date,
        period=walk.period,
        practices=tuple(walk.focus.all() if focus is None else focus),
        own_focus=walk.own_focus,
        stops=planned_stops_of(stops),
        announced=walk.announced,
        walk=walk,
    )


def planned_stops_of(stops: Iterable[Stop]) -> tuple[PlannedStop, ...]:
    """Return one planned stop for each room of these stops, in their order."""
    by_room: dict[int, PlannedStop] = {}
    for stop in stops:
        before = by_room.get(stop.room_id)
        hosts = (*before.hosts, stop.host) if before else (stop.host,)
        by_room[stop.room_id] = PlannedStop(stop.room, hosts, stop.lesson_title, stop.minutes)
    return tuple(by_room.values())
