"""The actions during a walk: enter, leave, skip or add a room, and finish the walk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from itertools import islice

from django.db import transaction
from django.db.models import Case, Count, DateTimeField, F, Max, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from school.calendar import Calendar, local_date
from school.errors import NotAllowedError, RuleError
from school.models import Hallway, Lesson, Period, Person, Room
from school.text.dates import date_words
from school.text.typed import comparable
from school.timetable import timetable

from .. import status
from ..activity import ended_at
from ..availability.taught_lessons import lesson_order
from ..errors import AlreadyDecidedError
from ..models import State, Stop, Walk
from ..permissions import is_walker
from ..planning.plan import MAX_STOPS
from . import approval, ending, locks, shared_rooms

SEARCHED_COLUMNS = (
    "room__code",
    "teacher__given_name",
    "teacher__family_name",
    "teacher__grade__name",
    "teacher__subject",
    "title",
    "room__hallway__name",
    "room__hallway__building__name",
)


class OtherDayError(RuleError):
    """The walk is planned for another day, or began on another day."""


class NothingVisitedError(RuleError):
    """The walk cannot be finished, because no room was visited."""


# --- The start ----------------------------------------------------------------------------
def refuse_start(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Raise an error if this walk cannot start now.

    An approved walk can start at any hour of its day, because periods shift and colleagues swap lessons.
    """
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker can do this."))
    if walk.state in (State.WALKED, State.COMPLETE):
        raise RuleError(_("This walk is finished already."))
    if walk.state != State.APPROVED:
        raise RuleError(_("This walk isn’t approved yet."))
    today = local_date(walk.walker.school, now)
    day = date_words(walk.date)
    if not walk.is_live and today < walk.date:
        raise OtherDayError(_("This walk is on %(day)s. You can start it here on that day.") % {"day": day})
    if began_on_another_day(walk, now=now):
        raise OtherDayError(_("This walk began on %(day)s. Finish it first.") % {"day": day})
    if not walk.is_live and today > walk.date:
        words = _("This walk was on %(day)s. Pick another time, or press “I did this walk”.")
        raise OtherDayError(words % {"day": day})


def began_on_another_day(walk: Walk, *, now: dt.datetime) -> bool:
    """Whether the walk began on an earlier day and is still under way. Then it can only be finished."""
    if walk.started_at is None:
        return False
    school = walk.walker.school
    return local_date(school, walk.started_at) != local_date(school, now)


def _begin(walk: Walk, by: Person, now: dt.datetime) -> None:
    """Start the walk unless it is under way. After a double tap, the second request changes nothing."""
    refuse_start(walk, by=by, now=now)
    if walk.is_live:
        return
    shared_rooms.take_off_hosts_who_moved(walk)
    try:
        approval.start(walk, by=by, now=now)
    except AlreadyDecidedError:
        walk.refresh_from_db()
        if not walk.is_live:
            raise


def _refuse_unless_own_and_live(walk: Walk, by: Person) -> None:
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker can do this."))
    if not walk.is_live:
        raise RuleError(_("This walk is not under way."))


# --- From room to room --------------------------------------------------------------------
@transaction.atomic
def arrive(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Enter the room of this stop. This starts the walk, or leaves the room before.

    Entering a room again keeps the first time. A room that was left stays left, even if an old page is sent again.
    """
    locks.lock_walk(stop.walk)
    _begin(stop.walk, by, now)
    stop.refresh_from_db(fields=["arrived_at", "left_at", "skipped_at"])
    if stop.left_at is None:
        _open_rooms(stop.walk).exclude(room=stop.room_id).update(left_at=_not_before_arrival(now))
        stop.same_room.filter(arrived_at__isnull=True).update(arrived_at=now)
        stop.same_room.update(skipped_at=None)
    stop.refresh_from_db()


def _open_rooms(walk: Walk) -> QuerySet[Stop]:
    return walk.stops.filter(arrived_at__isnull=False, left_at__isnull=True, skipped_at__isnull=True)


def _not_before_arrival(now: dt.datetime) -> Greatest:
    """Return `now`, or the arrival if that is later: the clocks of two web servers may differ by a second."""
    return Greatest(F("arrived_at"), Value(now, output_field=DateTimeField()))


@transaction.atomic
def leave(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Leave the room of this stop. Leaving it again keeps the first time."""
    _refuse_unless_own_and_live(stop.walk, by)
    _open_rooms(stop.walk).filter(room=stop.room_id).update(left_at=_not_before_arrival(now))
    stop.refresh_from_db()


@transaction.atomic
def skip(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Skip the room of this stop, without a reason. Its hosts need no thanks.

    A room that the walker is in can be skipped too; a room that was left stays visited. Skipping does not start the
    walk, so that the plan can still be changed or cancelled.
    """
    refuse_start(stop.walk, by=by, now=now)
    stop.same_room.filter(left_at__isnull=True, skipped_at__isnull=True).update(skipped_at=now, arrived_at=None)
    stop.refresh_from_db()


@transaction.atomic
def unskip(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Put a skipped room back on the walk."""
    refuse_start(stop.walk, by=by, now=now)
    stop.same_room.update(skipped_at=None)
    stop.refresh_from_db()


# --- A room that was not planned ------------------------------------------------------------
def period_at(walk: Walk, now: dt.datetime, *, calendar: Calendar) -> Period:
    """Return the period that runs now; between periods, the walk's own period."""
    return calendar.period_at(now, preferred=walk.period) or walk.period


def lessons_now(walk: Walk, *, now: dt.datetime, words: str = "", most: int = 60) -> list[Lesson]:
    """Return the lessons that the walker could visit now: open to visitors, not on this walk, not their own.

    Only lessons with all of `words` in room, colleague, class, hallway or building are returned, at most `most`,
    nearest first: the hallway in which the walker is, other hallways of the walk, its buildings, all the rest.
    """
    lessons = _open_classes(walk, now)
    if words:
        lessons = lessons.filter(room__in=_rooms_with_words(lessons, comparable(words).split(), most))
    found = list(lessons[: most + 1])
    if len(found) > most:
        found = list(_nearest_first(lessons, walk)[:most])
    rooms_of_walk = [stop.room for stop in walk.room_stops]
    here = current_hallway(walk)
    in_order = sorted(found, key=lesson_order)
    return sorted(in_order, key=lambda lesson: _distance(lesson.visited_room, here, rooms_of_walk))


def current_hallway(walk: Walk) -> Hallway:
    """Return the hallway of the room that the walker entered last; before the first room, that of the first one."""
    stops = walk.room_stops_as_walked
    visited = [stop for stop in stops if stop.visited]
    return (visited[-1] if visited else stops[0]).room.hallway


def _distance(room: Room, here: Hallway, rooms_of_walk: Collection[Room]) -> int:
    """Return 0 for a room in the hallway `here`, 1 for other hallways of the walk, 2 for its buildings, 3 otherwise."""
    if room.hallway_id == here.pk:
        return 0
    if room.hallway_id in {other.hallway_id for other in rooms_of_walk}:
        return 1
    if room.hallway.building_id in {other.hallway.building_id for other in rooms_of_walk}:
        return 2
    return 3


def _open_classes(walk: Walk, now: dt.datetime) -> QuerySet[Lesson]:
    calendar = Calendar(walk.walker.school)
    today = local_date(calendar.school, now)
    running = calendar.periods_at(now) or [walk.period]
    lessons = timetable.open_classes(today, running, calendar=calendar)
    own_rooms = lessons.filter(teacher=walk.walker_id).order_by().values("room")
    stops = walk.stops.order_by()
    on_campus = lessons.filter(room__hallway__building__campus__in=stops.values("room__hallway__building__campus"))
    others = on_campus.exclude(room__in=own_rooms).exclude(room__in=stops.values("room"))
    return others.select_related("teacher__grade", "room__hallway__building__campus")


def _rooms_with_words(lessons: QuerySet[Lesson], words: Collection[str], most: int) -> list[int]:
    """Return the ids of the rooms of the first lessons with all of these words.

    The comparison happens in Python, because databases compare accents and case differently.
    """
    rows = lessons.values_list("room_id", *SEARCHED_COLUMNS)
    searched = ((room, comparable(" ".join(filter(None, texts)))) for room, *texts in rows.iterator())
    return list(islice((room for room, text in searched if all(word in text for word in words)), most + 1))


def _nearest_first(lessons: QuerySet[Lesson], walk: Walk) -> QuerySet[Lesson]:
    """Order the lessons in the database, where the list is cut: hallways of the walk, its buildings, the others."""
    stops = walk.stops.order_by()
    same_hallway = When(room__hallway__in=stops.values("room__hallway"), then=0)
    same_building = When(room__hallway__building__in=stops.values("room__hallway__building"), then=1)
    return lessons.order_by(Case(same_hallway, same_building, default=2), "room__code_order")


@transaction.atomic
def add_room(walk: Walk, *, room: Room, by: Person, now: dt.datetime) -> Stop:
    """Add a room that was not planned. If the walk has the room already and skipped it, put it back on the walk."""
    _refuse_unless_own_and_live(walk, by)
    planned = walk.stops.filter(room=room).first()
    if planned is not None:
        unskip(planned, by=by, now=now)
        return planned
    period = period_at(walk, now, calendar=Calendar(walk.walker.school))
    found = _open_classes(walk, now).filter(room=room)
    lessons = sorted(found, key=lambda lesson: (lesson.period_id != period.pk, lesson_order(lesson)))
    if not lessons:
        raise RuleError(_("There is no class to visit in Room %(room)s right now.") % {"room": room.code})
    on_walk = Q(skipped_at__isnull=True)
    so_far = walk.stops.aggregate(last=Max("position"), rooms=Count("room", filter=on_walk, distinct=True))
    if so_far["rooms"] >= MAX_STOPS:
        raise RuleError(_("A walk has at most eight rooms."))
    position = (so_far["last"] or 0) + 1
    for lesson in lessons:
        if lesson.period_id != lessons[0].period_id:
            continue  # another class, in a period that runs at the same time
        fields = {"position": position, "lesson_title": lesson.title, "added_on_the_way": True}
        Stop.objects.get_or_create(walk=walk, room=room, host=lesson.teacher, defaults=fields)
    return walk.stops.filter(room=room)[0]


# --- The end --------------------------------------------------------------------------------
@transaction.atomic
def finish(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """End the walk. At least one room must have been visited; rooms that were not entered count as skipped.

    If the walker forgot to press Finish, the walk ends at the last recorded activity, not now.
    """
    locks.lock_walk(walk)
    _refuse_unless_own_and_live(walk, by)
    ending.count_rooms_with_activity(walk)
    if not walk.stops.visited().exists():
        raise NothingVisitedError(_("Step into at least one room first. A few minutes are enough."))
    forgotten_end = ended_at(walk, now=now) if status.is_forgotten(walk, now) else None
    ending.close_rooms(walk, at=forgotten_end or now)
    approval.finish(walk, by=by, now=now, ended_at=forgotten_end)
