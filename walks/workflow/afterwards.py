"""Record a walk afterwards: a planned one ("I did this walk"), or one without a plan (docs/adr/0014)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from school.calendar import Calendar, local_date
from school.errors import NotAllowedError, RuleError
from school.models import Lesson, Person, Room
from school.text.dates import date_words
from school.timetable import timetable

from ..availability.taught_lessons import lesson_order
from ..errors import NotReadyError
from ..models import Practice, State, Stop, Walk
from ..permissions import is_walker, who_decides
from ..planning.plan import MAX_STOPS, MIN_STOPS, PlanProblem, even_minutes, focus_problems
from ..planning.way import on_other_campus
from . import approval, drafts, locks, shared_rooms
from .walking import NothingVisitedError


def classes_during(walker: Person, start: dt.datetime, end: dt.datetime, *, calendar: Calendar) -> list[Lesson]:
    """Return the lessons that the walker could have visited then, by period and in walking order.

    A class with two teachers has a lesson for each.
    """
    day = local_date(calendar.school, start)
    classes = timetable.open_classes(day, calendar.periods_during(start, end), calendar=calendar)
    related = classes.select_related("teacher__grade", "room__hallway__building__campus", "period")
    lessons = sorted(related, key=lambda lesson: (lesson.period.position, lesson_order(lesson)))
    own = {(lesson.period_id, lesson.room_id) for lesson in lessons if lesson.teacher == walker}
    return [lesson for lesson in lessons if (lesson.period_id, lesson.room_id) not in own]


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
    """Record that a planned walk took place ("I did this walk"). All visited rooms get the same share of the time.

    `visited` are the ids of stops in the visited rooms; the other rooms count as skipped. `added` are lessons that were
    visited without being planned, from `classes_during`.
    """
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker can log this walk."))
    if walk.state != State.APPROVED or walk.is_live:
        raise RuleError(_("This walk can’t be logged now."))
    finished_at = started_at + dt.timedelta(minutes=minutes)
    refuse_time(walk, started_at=started_at, finished_at=finished_at, now=now)
    shared_rooms.take_off_hosts_who_moved(walk)
    stops = list(Stop.objects.filter(walk=walk).select_related("room__hallway__building"))
    visited_rooms = {stop.room_id for stop in stops if stop.pk in set(visited)}
    chosen = [stop for stop in stops if stop.room_id in visited_rooms]
    if not chosen and not added:
        raise NothingVisitedError(_("Choose at least one room you visited."))
    _refuse_too_many(len(visited_rooms) + len(_rooms_of(added)))
    _refuse_two_campuses([*(stop.room for stop in chosen), *_rooms_of(added)])
    _refuse_twice(added, planned_rooms={stop.room_id for stop in stops})
    approval.log(walk, by=by, now=now, started_at=started_at, finished_at=finished_at)
    last = max((stop.position for stop in stops), default=0)
    new = Stop.objects.bulk_create(_stops(walk, added, after=last, added_on_the_way=True))
    _fill_in_times(stops, [*chosen, *new], started_at, finished_at)


def refuse_time(walk: Walk, *, started_at: dt.datetime, finished_at: dt.datetime, now: dt.datetime) -> None:
    """Raise an error if this time is not over, or outside the semester for which the walk counts."""
    day = local_date(walk.walker.school, started_at)
    if not walk.semester.starts_on <= day <= walk.semester.ends_on:
        raise RuleError(_("Choose a day in %(semester)s") % {"semester": walk.semester.name})
    if finished_at > now:
        raise RuleError(_("That time isn’t over yet. Check when your walk began and how long it took"))


def _refuse_too_many(count: int) -> None:
    if count > MAX_STOPS:
        raise RuleError(_("A walk has at most eight rooms. Remove a few."))


def _refuse_two_campuses(rooms: Sequence[Room]) -> None:
    elsewhere = on_other_campus(rooms)
    if elsewhere:
        words = _("Room %(room)s is on another campus, and a walk stays on one. Log it as a walk of its own.")
        raise RuleError(words % {"room": elsewhere[0].code})


def _refuse_twice(lessons: Iterable[Lesson], *, planned_rooms: Collection[int] = ()) -> None:
    """Refuse a room that the walk has already, and a room in two periods."""
    periods: dict[Room, int] = {}
    for lesson in lessons:
        room = lesson.visited_room
        if room.pk in planned_rooms or periods.setdefault(room, lesson.period_id) != lesson.period_id:
            raise RuleError(_("Room %(room)s is chosen twice. Remove one of them.") % {"room": room.code})


def _rooms_of(lessons: Iterable[Lesson]) -> list[Room]:
    return list(dict.fromkeys(lesson.visited_room for lesson in lessons))


def _stops(walk: Walk, lessons: Sequence[Lesson], *, after: int = 0, **fields: Any) -> list[Stop]:
    """Return an unsaved stop for each of these lessons. The positions of their rooms begin after the number `after`."""
    rooms = _rooms_of(lessons)
    return [
        Stop(
            walk=walk,
            position=after + 1 + rooms.index(lesson.visited_room),
            room=lesson.visited_room,
            host=lesson.teacher,
            lesson_title=lesson.title,
            **fields,
        )
        for lesson in lessons
    ]


def _fill_in_times(stops: list[Stop], chosen: list[Stop], start: dt.datetime, end: dt.datetime) -> None:
    """Give each visited room (of `chosen`) the same share of the time, and mark the other stops as skipped."""
    rooms = list(dict.fromkeys(stop.room_id for stop in chosen))
    share = (end - start) / len(rooms)
    for stop in stops:
        stop.arrived_at = None
        stop.left_at = None
        stop.skipped_at = end
    for stop in chosen:
        index = rooms.index(stop.room_id)
        stop.arrived_at = start + index * share
        stop.left_at = start + (index + 1) * share
        stop.skipped_at = None
    added = [stop for stop in chosen if stop not in stops]
    Stop.objects.bulk_update([*stops, *added], ["arrived_at", "left_at", "skipped_at"])


# --- A walk without a plan ------------------------------------------------------------------
@dataclass(frozen=True)
class UnplannedWalk:
    """A walk without a plan, as its walker enters it: when it was, which classes it visited, what it looked for."""

    walker: Person
    started_at: dt.datetime
    finished_at: dt.datetime
    lessons: tuple[Lesson, ...] = ()
    practices: tuple[Practice, ...] = ()
    own_focus: str = ""

    @property
    def focus_count(self) -> int:
        """The number of practices and own words that the walk looked for."""
        return len(self.practices) + bool(self.own_focus)


def problems(unplanned: UnplannedWalk, *, calendar: Calendar, now: dt.datetime) -> list[PlanProblem]:
    """Return everything that prevents recording the walk; an empty list means that it can be recorded."""
    return [
        *time_problems(unplanned, calendar=calendar, now=now),
        *_room_problems(unplanned),
        *focus_problems(unplanned.focus_count),
    ]


def time_problems(unplanned: UnplannedWalk, *, calendar: Calendar, now: dt.datetime) -> list[PlanProblem]:
    """Return why the walk cannot have taken place at its time; an empty list means that it can have."""
    if not calendar.school.is_open:
        return [PlanProblem("date", _("Learning Walks isn’t open at your school yet, so a walk can’t be logged"))]
    today = local_date(calendar.school, now)
    day = local_date(calendar.school, unplanned.started_at)
    semester = calendar.semester_on(today)
    if semester is None:
        return [PlanProblem("date", _("No semester is running, so a walk can’t be logged now."))]
    if day > today:
        return [PlanProblem("date", _("Choose a day that isn’t in the future"))]
    if not semester.starts_on <= day <= semester.ends_on:
        return [PlanProblem("date", _("Choose a day in %(semester)s") % {"semester": semester.name})]
    if not calendar.is_school_day(day):
        return [PlanProblem("date", _("There’s no school on %(day)s") % {"day": date_words(day, "j F")})]
    if unplanned.finished_at > now:
        return [PlanProblem("time", _("That time isn’t over yet. Check when your walk began and how long it took"))]
    if not calendar.periods_during(unplanned.started_at, unplanned.finished_at):
        return [PlanProblem("time", _("There is no class at that time. Check when your walk began"))]
    return _other_walk_problems(unplanned)


def _other_walk_problems(unplanned: UnplannedWalk) -> list[PlanProblem]:
    own = Walk.objects.of(unplanned.walker)
    walked = Q(started_at__lt=unplanned.finished_at, finished_at__gt=unplanned.started_at)
    if own.filter(walked).exists():
        return [PlanProblem("time", _("You have logged another walk at that time already"))]
    agreed = Q(state=State.APPROVED, starts_at__lt=unplanned.finished_at, ends_at__gt=unplanned.started_at)
    if own.filter(agreed).exists():
        words = _("You planned a walk for that time. Open it in My walks and press “I did this walk”")
        return [PlanProblem("time", words)]
    return []


def _room_problems(unplanned: UnplannedWalk) -> list[PlanProblem]:
    rooms = _rooms_of(unplanned.lessons)
    if len(rooms) < MIN_STOPS:
        return [PlanProblem("lesson", _("Choose at least two rooms"), missing=True)]
    try:
        _refuse_too_many(len(rooms))
        _refuse_two_campuses(_rooms_of(unplanned.lessons))
        _refuse_twice(unplanned.lessons)
    except RuleError as error:
        return [PlanProblem("lesson", str(error))]
    return []


def logged_with(token: uuid.UUID | None, *, walker: Person) -> Walk | None:
    """Return the walk with this token: the one that the first click recorded, if the button was pressed twice."""
    return Walk.objects.filter(uid=token, walker=walker).first() if token else None


@transaction.atomic
def log_unplanned(
    unplanned: UnplannedWalk, *, calendar: Calendar, by: Person, now: dt.datetime, token: uuid.UUID | None = None
) -> Walk:
    """Record a walk without a plan, and mail the people who would have decided on it.

    Two calls with the same token record one walk.
    """
    if by != unplanned.walker:
        raise NotAllowedError(_("Only the walker can log this walk."))
    locks.lock_people(unplanned.walker)
    known = logged_with(token, walker=unplanned.walker)
    if known is not None:
        return known
    found = problems(unplanned, calendar=calendar, now=now)
    if found:
        raise NotReadyError(found[0].words)
    walk = _write(unplanned, calendar, token)
    if not who_decides(walk):
        raise NotReadyError(_("Your grade has no Head of Grade yet. Ask an administrator to add one."))
    approval.log_unplanned(walk, by=by, now=now, started_at=unplanned.started_at, finished_at=unplanned.finished_at)
    return walk


def _write(unplanned: UnplannedWalk, calendar: Calendar, token: uuid.UUID | None) -> Walk:
    day = local_date(calendar.school, unplanned.started_at)
    semester = calendar.semester_on(day)
    assert semester is not None
    walk = Walk.objects.create(
        walker=unplanned.walker,
        uid=drafts.uid_of_new_walk(token),
        semester=semester,
        date=day,
        period=calendar.periods_during(unplanned.started_at, unplanned.finished_at)[0],
        starts_at=unplanned.started_at,
        ends_at=unplanned.finished_at,
        own_focus=unplanned.own_focus,
        announced=False,
    )
    walk.focus.set(unplanned.practices)
    minutes = even_minutes(_rooms_of(unplanned.lessons), school=calendar.school)
    stops = Stop.objects.bulk_create(_stops(walk, unplanned.lessons, minutes=minutes))
    _fill_in_times(stops, stops, unplanned.started_at, unplanned.finished_at)
    return walk
