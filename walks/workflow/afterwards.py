"""Walks recorded afterwards: a planned one ("I did walk"), and one that nobody planned (docs/adr/0014)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from school.calendar import Calendar, local_date, period_times
from school.errors import NotAllowedError, RuleError
from school.models import Lesson, Period, Person
from school.text.dates import date_words
from school.timetable import timetable

from ..availability.taught_lessons import room_order
from ..errors import NotReadyError
from ..models import Practice, State, Stop, Walk
from ..permissions import deciders, is_walker
from ..planning.plan import MAX_STOPS, MIN_STOPS, PlanProblem, even_minutes, focus_problems
from . import approval, locks
from .walking import NothingVisitedError


def periods_during(start: dt.datetime, end: dt.datetime, *, calendar: Calendar) -> list[Period]:
    """The periods that overlap this time, on the day on which it starts."""
    school = calendar.school
    day = local_date(school, start)
    times = [(period, period_times(school, day, period)) for period in calendar.periods]
    return [period for period, (first, last) in times if first < end and last > start]


def classes_during(walker: Person, start: dt.datetime, end: dt.datetime, *, calendar: Calendar) -> list[Lesson]:
    """The classes that the walker could have visited then, in the order in which one comes past the rooms."""
    day = local_date(calendar.school, start)
    semester = calendar.semester_on(day)
    day_type = calendar.day_type(day)
    if semester is None or day_type is None:
        return []
    found: list[Lesson] = []
    for period in periods_during(start, end, calendar=calendar):
        classes = timetable.open_classes(semester, day_type, period, day).exclude(teacher=walker)
        related = classes.select_related("teacher__grade", "room__hallway__building", "period")
        found += sorted(related, key=lambda lesson: room_order(lesson.room))
    return found


# --- A planned walk -------------------------------------------------------------------------
@transaction.atomic
def log_planned(
    walk: Walk,
    *,
    visited: Collection[int],
    added: Sequence[Lesson] = (),
    started_at: dt.datetime,
    minutes: int,
    by: Person,
    now: dt.datetime,
) -> None:
    """ "I did walk": the rooms ticked were visited, the others skipped; times are filled in evenly.

    `added`: classes visited beside the plan, out of `classes_during`.
    """
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker can log this walk."))
    if walk.state != State.APPROVED or walk.is_live:
        raise RuleError(_("This walk can’t be logged now."))
    _refuse_other_semester(walk, started_at)
    stops = list(walk.stops.all())
    chosen = [stop for stop in stops if stop.pk in set(visited)]
    if not chosen and not added:
        raise NothingVisitedError(_("Choose at least one room you visited."))
    _refuse_too_many(len(chosen) + len(added))
    _refuse_twice([*(stop.room_id for stop in stops), *(lesson.room_id for lesson in added)], added)
    finished_at = started_at + dt.timedelta(minutes=minutes)
    approval.log(walk, by=by, now=now, started_at=started_at, finished_at=finished_at)
    chosen += _add_rooms(walk, stops, added)
    _fill_in_times(stops, chosen, started_at, finished_at)


def _refuse_other_semester(walk: Walk, started_at: dt.datetime) -> None:
    """Refuse a date outside the walk's semester, for which it counts."""
    day = local_date(walk.walker.school, started_at)
    if not walk.semester.starts_on <= day <= walk.semester.ends_on:
        raise RuleError(_("Choose a day in %(semester)s") % {"semester": walk.semester.name})


def _refuse_too_many(count: int) -> None:
    if count > MAX_STOPS:
        raise RuleError(_("Eight rooms is the most for one walk. Drop a few."))


def _refuse_twice(rooms: Sequence[int], added: Sequence[Lesson]) -> None:
    for lesson in added:
        if rooms.count(lesson.room_id) > 1:
            raise RuleError(_("Room %(room)s is chosen twice. Drop one of them.") % {"room": lesson.room.code})


def _add_rooms(walk: Walk, stops: list[Stop], added: Sequence[Lesson]) -> list[Stop]:
    last = max((stop.position for stop in stops), default=0)
    return [
        Stop.objects.create(
            walk=walk,
            position=last + number,
            room=lesson.room,
            host=lesson.teacher,
            lesson_title=lesson.title,
            added_on_the_way=True,
        )
        for number, lesson in enumerate(added, start=1)
    ]


def _fill_in_times(stops: list[Stop], chosen: list[Stop], start: dt.datetime, end: dt.datetime) -> None:
    """Share the time evenly among the rooms visited."""
    share = (end - start) / len(chosen)
    for stop in stops:
        stop.arrived_at = None
        stop.left_at = None
        stop.skipped_at = end
    for index, stop in enumerate(chosen):
        stop.arrived_at = start + index * share
        stop.left_at = start + (index + 1) * share
        stop.skipped_at = None
    Stop.objects.bulk_update([*stops, *(s for s in chosen if s not in stops)], ["arrived_at", "left_at", "skipped_at"])


# --- A walk that nobody planned -------------------------------------------------------------
@dataclass(frozen=True)
class UnplannedWalk:
    """What the walker says of a walk without a plan: when it was, which classes it visited, what it looked for."""

    walker: Person
    started_at: dt.datetime
    finished_at: dt.datetime
    lessons: tuple[Lesson, ...] = ()
    practices: tuple[Practice, ...] = ()
    own_focus: str = ""

    @property
    def focus_count(self) -> int:
        """How many things the walk looked for."""
        return len(self.practices) + bool(self.own_focus)


def problems(done: UnplannedWalk, *, calendar: Calendar, now: dt.datetime) -> list[PlanProblem]:
    """Return everything that prevents logging; an empty list means ready."""
    return [*_time_problems(done, calendar, now), *_room_problems(done), *focus_problems(done.focus_count)]


def _time_problems(done: UnplannedWalk, calendar: Calendar, now: dt.datetime) -> list[PlanProblem]:
    today = local_date(calendar.school, now)
    day = local_date(calendar.school, done.started_at)
    semester = calendar.semester_on(today)
    if semester is None:
        return [PlanProblem("date", _("No semester is running, so a walk can’t be logged now."))]
    if day > today:
        return [PlanProblem("date", _("Choose a day that isn’t in the future"))]
    if not semester.starts_on <= day <= semester.ends_on:
        return [PlanProblem("date", _("Choose a day in %(semester)s") % {"semester": semester.name})]
    if not calendar.is_school_day(day):
        return [PlanProblem("date", _("There’s no school on %(day)s") % {"day": date_words(day, "j F")})]
    if done.finished_at > now:
        return [PlanProblem("time", _("That time isn’t over yet. Check when your walk began and how long it took"))]
    if not periods_during(done.started_at, done.finished_at, calendar=calendar):
        return [PlanProblem("time", _("No class runs at that time. Check when your walk began"))]
    return _other_walk_problems(done)


def _other_walk_problems(done: UnplannedWalk) -> list[PlanProblem]:
    own = Walk.objects.of(done.walker)
    walked = Q(started_at__lt=done.finished_at, finished_at__gt=done.started_at)
    if own.filter(walked).exists():
        return [PlanProblem("time", _("You have logged another walk at that time already"))]
    agreed = Q(state=State.APPROVED, starts_at__lt=done.finished_at, ends_at__gt=done.started_at)
    if own.filter(agreed).exists():
        return [PlanProblem("time", _("You planned a walk for that time. Open it in My walks and press “I did walk”"))]
    return []


def _room_problems(done: UnplannedWalk) -> list[PlanProblem]:
    rooms = [lesson.room_id for lesson in done.lessons]
    if len(set(rooms)) < MIN_STOPS:
        return [PlanProblem("lesson", _("Choose at least two rooms"), missing=True)]
    try:
        _refuse_too_many(len(rooms))
        _refuse_twice(rooms, done.lessons)
    except RuleError as error:
        return [PlanProblem("lesson", str(error))]
    return []


def log_unplanned(
    done: UnplannedWalk, *, calendar: Calendar, by: Person, now: dt.datetime, token: uuid.UUID | None = None
) -> Walk:
    """Record a walk without a plan, and tell who would have decided on it. The same token finds the same walk again."""
    try:
        return _log_unplanned(done, calendar, by, now, token)
    except IntegrityError:
        first = logged_with(token, walker=done.walker)
        if first is None:
            raise
        return first


def logged_with(token: uuid.UUID | None, *, walker: Person) -> Walk | None:
    """Return the walk that this page has logged already, when its button is pressed twice."""
    return Walk.objects.filter(uid=token, walker=walker).first() if token else None


@transaction.atomic
def _log_unplanned(
    done: UnplannedWalk, calendar: Calendar, by: Person, now: dt.datetime, token: uuid.UUID | None
) -> Walk:
    if by != done.walker:
        raise NotAllowedError(_("Only the walker logs this walk."))
    locks.lock_people(done.walker)
    known = logged_with(token, walker=done.walker)
    if known is not None:
        return known
    found = problems(done, calendar=calendar, now=now)
    if found:
        raise NotReadyError(found[0].words)
    walk = _write(done, calendar, token)
    if not deciders(walk).exists():
        raise NotReadyError(_("Your grade has no Head of Grade yet. Ask an administrator to add one."))
    approval.log_unplanned(walk, by=by, now=now, started_at=done.started_at, finished_at=done.finished_at)
    return walk


def _write(done: UnplannedWalk, calendar: Calendar, token: uuid.UUID | None) -> Walk:
    day = local_date(calendar.school, done.started_at)
    semester = calendar.semester_on(day)
    assert semester is not None
    walk = Walk.objects.create(
        walker=done.walker,
        uid=token if token and not Walk.objects.filter(uid=token).exists() else uuid.uuid4(),
        semester=semester,
        date=day,
        period=periods_during(done.started_at, done.finished_at, calendar=calendar)[0],
        starts_at=done.started_at,
        ends_at=done.finished_at,
        own_focus=done.own_focus,
        announced=False,
    )
    walk.focus.set(done.practices)
    stops = [
        Stop(
            walk=walk,
            position=number,
            room=lesson.room,
            host=lesson.teacher,
            lesson_title=lesson.title,
            minutes=even_minutes(len(done.lessons)),
        )
        for number, lesson in enumerate(done.lessons, start=1)
    ]
    Stop.objects.bulk_create(stops)
    _fill_in_times(stops, stops, done.started_at, done.finished_at)
    return walk
