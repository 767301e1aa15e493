"""A plan: focus, time and rooms as the walker wants them, its length, and how it becomes a walk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school import timetable
from school.errors import NotAllowedError
from school.models import Period, Person, Room, Semester
from school.terms import Calendar, period_times, semester_on

from . import approval
from .errors import NotReadyError
from .models import Practice, State, Stop, Walk
from .permissions import is_walker

MIN_STOPS, GOOD_STOPS, MAX_STOPS = 2, 3, 8
MIN_MINUTES, MAX_MINUTES = 20, 30
MOVE_MINUTES = 1  # from one door to the next
MAX_FOCUS = 2
DEFAULT_STOP_MINUTES = 4


@dataclass(frozen=True)
class PlannedStop:
    """One room of a plan; `host` is None while nobody teaches there in the chosen period."""

    room: Room
    host: Person | None
    title: str = ""
    minutes: int = DEFAULT_STOP_MINUTES


@dataclass(frozen=True)
class Plan:
    """What the planner holds before anything is stored."""

    walker: Person
    date: dt.date | None
    period: Period | None
    practices: tuple[Practice, ...] = ()
    own_focus: str = ""
    stops: tuple[PlannedStop, ...] = ()
    announced: bool = True
    walk: Walk | None = None  # the walk being changed, so that it does not clash with itself
    words: str = field(default="", compare=False)

    @property
    def minutes(self) -> int:
        """Minutes in the rooms and one for each move between two doors."""
        return sum(stop.minutes for stop in self.stops) + MOVE_MINUTES * max(len(self.stops) - 1, 0)

    @property
    def focus_count(self) -> int:
        """How many things the walk looks for."""
        return len(self.practices) + bool(self.own_focus.strip())

    def times(self) -> tuple[dt.datetime, dt.datetime]:
        """Start and end in UTC: from the start of the period, for as long as the plan takes."""
        assert self.date is not None and self.period is not None
        start, _end = period_times(self.walker.school, self.date, self.period)
        return start, start + dt.timedelta(minutes=max(self.minutes, 1))

    def at(self, date: dt.date, period: Period, calendar: Calendar, semester: Semester) -> Plan:
        """The same rooms at another time, with whoever teaches there then."""
        day_type = calendar.day_type(date)
        lessons = timetable.lessons_in(semester, day_type, period) if day_type else {}
        moved = []
        for stop in self.stops:
            lesson = lessons.get(stop.room.pk)
            host, title = (lesson.teacher, lesson.title) if lesson else (None, "")
            moved.append(replace(stop, host=host, title=title))
        return replace(self, date=date, period=period, stops=tuple(moved))


@dataclass(frozen=True)
class Problem:
    """Something that keeps a plan from being sent; `field` names the part of the form."""

    field: str
    words: str


def problems(plan: Plan, *, calendar: Calendar, semester: Semester | None, now: dt.datetime) -> list[Problem]:
    """Everything that blocks sending (product.md, section 3); an empty list means ready."""
    return [*_focus_problems(plan), *_time_problems(plan, calendar, semester, now), *_stop_problems(plan)]


def _focus_problems(plan: Plan) -> list[Problem]:
    if plan.focus_count == 0:
        return [Problem("focus", _("Choose one or two things to look for"))]
    if plan.focus_count > MAX_FOCUS:
        return [Problem("focus", _("That's three. Which two matter most?"))]
    return []


def _time_problems(plan: Plan, calendar: Calendar, semester: Semester | None, now: dt.datetime) -> list[Problem]:
    if plan.date is None:
        return [Problem("date", _("Choose a day"))]
    if plan.period is None:
        return [Problem("period", _("Choose a period"))]
    if semester is None:
        return [Problem("date", _("Choose a day within a semester"))]
    if plan.times()[0] <= now:
        return [Problem("date", _("Choose a day that hasn't passed"))]
    if not calendar.is_school_day(plan.date):
        day = f"{plan.date.day} {plan.date:%B}"
        return [Problem("date", _("There's no school on %(day)s") % {"day": day})]
    return []


def _stop_problems(plan: Plan) -> list[Problem]:
    count = len(plan.stops)
    if count < MIN_STOPS:
        return [Problem("stops", _("Choose at least two rooms"))]
    if count > MAX_STOPS:
        return [Problem("stops", _("Eight rooms is the most for one walk. Drop a few, or make it two walks."))]
    empty = [stop.room.code for stop in plan.stops if stop.host is None]
    if empty:
        words = ngettext(
            "Nobody teaches in Room %(rooms)s then. Drop it, or choose another period.",
            "Nobody teaches in Rooms %(rooms)s then. Drop them, or choose another period.",
            len(empty),
        )
        return [Problem("stops", words % {"rooms": ", ".join(empty)})]
    if plan.minutes > MAX_MINUTES:
        words = _("%(rooms)s rooms is %(minutes)s minutes. Drop one, or make it two walks.")
        return [Problem("stops", words % {"rooms": count, "minutes": plan.minutes})]
    return []


@transaction.atomic
def save(plan: Plan, *, by: Person, now: dt.datetime) -> Walk:
    """Keep the plan as a draft, or write it into the walk being changed (its state stays)."""
    walk = plan.walk or Walk(walker=plan.walker)
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker changes this plan."))
    if walk.pk and (walk.started_at or walk.state in (State.CANCELLED, State.WALKED, State.COMPLETE)):
        raise NotReadyError(_("This walk has begun, so its plan stays as it is."))
    return _write(walk, plan)


def _write(walk: Walk, plan: Plan) -> Walk:
    """Store the plan's values; rooms without a host are left out, since a stop has a host."""
    assert plan.date is not None and plan.period is not None
    semester = semester_on(plan.walker.school, plan.date)
    if semester is None:
        raise NotReadyError(_("Choose a day within a semester"))
    walk.semester, walk.date, walk.period = semester, plan.date, plan.period
    walk.starts_at, walk.ends_at = plan.times()
    walk.own_focus, walk.announced = plan.own_focus.strip(), plan.announced
    walk.save()
    walk.focus.set(plan.practices)
    walk.stops.all().delete()
    stops = [stop for stop in plan.stops if stop.host is not None]
    Stop.objects.bulk_create(
        Stop(walk=walk, position=n, room=s.room, host=s.host, lesson_title=s.title, minutes=s.minutes)
        for n, s in enumerate(stops, start=1)
    )
    return walk


@transaction.atomic
def send(plan: Plan, *, calendar: Calendar, by: Person, now: dt.datetime) -> Walk:
    """Store the plan and ask the Head of Grade; of a walk already asked for, only time and rooms ask anew."""
    _refuse_unready(plan, calendar, now)
    before = _signature(plan.walk) if plan.walk and plan.walk.pk else None
    was_agreed = plan.walk is not None and plan.walk.state == State.APPROVED
    walk = save(plan, by=by, now=now)
    if walk.state == State.DRAFT:
        approval.request(walk, by=by, now=now)
    elif before != _signature(walk):
        Walk.objects.filter(pk=walk.pk).update(calendar_sequence=walk.calendar_sequence + 1)
        approval.change(walk, by=by, now=now, was_agreed=was_agreed)
    return walk


@transaction.atomic
def adjust_and_approve(
    plan: Plan, *, calendar: Calendar, by: Person, now: dt.datetime, cover: Person | None = None, words: str = ""
) -> Walk:
    """The Head of Grade changes time or rooms of a request and agrees to it in one go."""
    _refuse_unready(plan, calendar, now)
    walk = plan.walk
    assert walk is not None
    if not approval.may(by, "adjust", walk):
        approval.approve(walk, by=by, now=now)  # raises: says who was first, or that it is not theirs
    changed = _signature(walk)
    _write(walk, plan)
    Walk.objects.filter(pk=walk.pk).update(calendar_sequence=walk.calendar_sequence + 1)
    step = approval.adjust if changed != _signature(walk) else approval.approve
    step(walk, by=by, now=now, cover=cover, words=words)
    return walk


def _refuse_unready(plan: Plan, calendar: Calendar, now: dt.datetime) -> None:
    semester = semester_on(plan.walker.school, plan.date) if plan.date else None
    found = problems(plan, calendar=calendar, semester=semester, now=now)
    if found:
        raise NotReadyError(found[0].words)


def _signature(walk: Walk) -> tuple[object, ...]:
    """What needs the Head's agreement: the time and the rooms. The focus does not."""
    rooms = tuple(walk.stops.order_by("position").values_list("room_id", "host_id", "minutes"))
    return (walk.date, walk.period_id, rooms)


def plan_of(walk: Walk) -> Plan:
    """The plan that a stored walk was made from, to be changed."""
    stops = tuple(
        PlannedStop(room=s.room, host=s.host, title=s.lesson_title, minutes=s.minutes)
        for s in walk.stops.select_related("room__hallway", "host__grade").order_by("position")
    )
    return Plan(
        walker=walk.walker, date=walk.date, period=walk.period, practices=tuple(walk.focus.all()),
        own_focus=walk.own_focus, stops=stops, announced=walk.announced, walk=walk,
    )  # fmt: skip
