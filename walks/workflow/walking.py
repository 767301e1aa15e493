"""The walk itself: into a room, out of it, skip, add a room, finish, or log it afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from itertools import islice

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Max, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from school.calendar import Calendar, local_date
from school.errors import NotAllowedError, RuleError
from school.models import Lesson, Period, Person, Room
from school.text.typed import plain
from school.timetable import timetable

from .. import status
from ..activity import ended_at
from ..errors import AlreadyDecidedError
from ..models import State, Stop, Walk
from ..permissions import is_walker
from ..planning.plan import MAX_STOPS
from . import approval, ending, locks

SEARCHED = (
    "room__code",
    "teacher__given_name",
    "teacher__family_name",
    "teacher__grade__name",
    "teacher__subject",
    "title",
    "room__hallway__name",
)


class OtherDayError(RuleError):
    """The walk is planned for another day: change the plan, or log the walk afterwards."""


class NothingVisitedError(RuleError):
    """A walk without a single visited room cannot be finished."""


# --- May it begin? ------------------------------------------------------------------------
def refuse_start(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """Raise with a sentence if this walk cannot start now: it can on its own day, at any hour, once it is approved.

    The hour is up to the walker: periods shift, colleagues swap. Another day is another plan.
    """
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker walks this walk."))
    if walk.state in (State.WALKED, State.COMPLETE):
        raise RuleError(_("This walk is finished already."))
    if walk.state != State.APPROVED:
        raise RuleError(_("This walk isn’t agreed yet."))
    today = local_date(walk.walker.school, now)
    day = date_format(walk.date, "l j F")
    if not walk.is_live and today < walk.date:
        raise OtherDayError(_("This walk is on %(day)s. Its doors open here that day.") % {"day": day})
    if began_on_another_day(walk, now=now):
        raise OtherDayError(_("This walk began on %(day)s. Finish it first.") % {"day": day})
    if not walk.is_live and today > walk.date:
        raise OtherDayError(_("This walk was on %(day)s. Pick another time, or tell us you did walk.") % {"day": day})


def began_on_another_day(walk: Walk, *, now: dt.datetime) -> bool:
    """Whether the walk has been under way since another day; then it can only be finished."""
    if walk.started_at is None:
        return False
    school = walk.walker.school
    return local_date(school, walk.started_at) != local_date(school, now)


def _begin(walk: Walk, by: Person, now: dt.datetime) -> None:
    """Start the walk unless it is under way; after a double tap, the second request changes nothing."""
    refuse_start(walk, by=by, now=now)
    if walk.is_live:
        return
    try:
        approval.start(walk, by=by, now=now)
    except AlreadyDecidedError:
        walk.refresh_from_db()
        if not walk.is_live:
            raise


def _own_live_walk(walk: Walk, by: Person) -> None:
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker walks this walk."))
    if not walk.is_live:
        raise RuleError(_("This walk is not under way."))


# --- From room to room --------------------------------------------------------------------
@transaction.atomic
def arrive(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """I'm in: start the walk if this is the first room, close the room before, start this clock.

    Arriving twice keeps the first time; a room that was left stays left, whatever old page is sent again.
    """
    locks.lock_walk(stop.walk)
    _begin(stop.walk, by, now)
    stop.refresh_from_db(fields=["arrived_at", "left_at", "skipped_at"])
    if stop.left_at is None:
        _leave_open_rooms(stop.walk, now, but=stop)
        Stop.objects.filter(pk=stop.pk, arrived_at__isnull=True).update(arrived_at=now)
        Stop.objects.filter(pk=stop.pk).update(skipped_at=None)
    stop.refresh_from_db()


def _open_rooms(walk: Walk) -> QuerySet[Stop]:
    return walk.stops.filter(arrived_at__isnull=False, left_at__isnull=True, skipped_at__isnull=True)


def _leave_open_rooms(walk: Walk, now: dt.datetime, but: Stop | None = None) -> None:
    others = _open_rooms(walk).exclude(pk__in=[but.pk] if but else [])
    others.update(left_at=_not_before_arrival(now))


def _not_before_arrival(now: dt.datetime) -> Greatest:
    """The clocks of two web servers may differ by a second; nobody leaves a room before entering it."""
    return Greatest(F("arrived_at"), Value(now, output_field=DateTimeField()))


@transaction.atomic
def leave(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Done here: stop this room's clock. Leaving twice keeps the first time."""
    _own_live_walk(stop.walk, by)
    _open_rooms(stop.walk).filter(pk=stop.pk).update(left_at=_not_before_arrival(now))
    stop.refresh_from_db()


@transaction.atomic
def skip(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """A bad moment: pass this room. No reason is asked, and no thanks are owed.

    Turning round just inside counts as skipped too; a room that was left after a visit stays visited.
    Skipping alone does not start a walk, so that it can still be changed or cancelled.
    """
    refuse_start(stop.walk, by=by, now=now)
    Stop.objects.filter(pk=stop.pk, left_at__isnull=True, skipped_at__isnull=True).update(
        skipped_at=now, arrived_at=None
    )
    stop.refresh_from_db()


@transaction.atomic
def unskip(stop: Stop, *, by: Person, now: dt.datetime) -> None:
    """Put a skipped room back on the way, until the walk is finished."""
    refuse_start(stop.walk, by=by, now=now)
    Stop.objects.filter(pk=stop.pk).update(skipped_at=None)
    stop.refresh_from_db()


# --- A room that was not planned ------------------------------------------------------------
def period_at(walk: Walk, now: dt.datetime, *, calendar: Calendar) -> Period:
    """The period the bell schedule shows now; between two bells, the walk's own."""
    time = now.astimezone(calendar.school.zone).time()
    return next((bell for bell in calendar.periods if bell.starts_at <= time < bell.ends_at), walk.period)


def lessons_now(walk: Walk, *, now: dt.datetime, words: str = "", most: int = 60) -> list[Lesson]:
    """Return lessons the walker could still visit: under way, open to visits, not on this walk, not their own.

    `words` must all occur in room, colleague, class or hallway. Ordered by room; of more than `most`, the nearest ones.
    """
    lessons = _open_classes(walk, now)
    if words:
        lessons = lessons.filter(pk__in=_with_words(lessons, plain(words).split(), most))
    found = list(lessons[: most + 1])
    return found if len(found) <= most else list(_nearest_first(lessons, walk)[:most])


def _open_classes(walk: Walk, now: dt.datetime) -> QuerySet[Lesson]:
    calendar = Calendar(walk.walker.school)
    today = local_date(calendar.school, now)
    period = period_at(walk, now, calendar=calendar)
    day_type = calendar.day_type(today)
    if day_type is None:
        return Lesson.objects.none()
    lessons = timetable.open_classes(walk.semester, day_type, period, today).exclude(teacher=walk.walker_id)
    elsewhere = lessons.exclude(room__in=walk.stops.order_by().values("room"))
    return elsewhere.select_related("teacher__grade", "room__hallway__building")


def _with_words(lessons: QuerySet[Lesson], words: Collection[str], most: int) -> list[int]:
    """The first classes with all of these words, compared as people compare them (databases differ in that)."""
    rows = lessons.values_list("pk", *SEARCHED)
    searched = ((pk, plain(" ".join(filter(None, texts)))) for pk, *texts in rows.iterator())
    return list(islice((pk for pk, text in searched if all(word in text for word in words)), most + 1))


def _nearest_first(lessons: QuerySet[Lesson], walk: Walk) -> QuerySet[Lesson]:
    """Those in the hallways of the walk, then in its buildings, then the others."""
    here = walk.stops.order_by()
    hallway = When(room__hallway__in=here.values("room__hallway"), then=0)
    building = When(room__hallway__building__in=here.values("room__hallway__building"), then=1)
    return lessons.order_by(Case(hallway, building, default=2), "room__code")


@transaction.atomic
def add_room(walk: Walk, *, room: Room, by: Person, now: dt.datetime) -> Stop:
    """Step into a room that was not planned. A room that is on the walk already comes back if it was skipped."""
    _own_live_walk(walk, by)
    known = walk.stops.filter(room=room).first()
    if known is not None:
        unskip(known, by=by, now=now)
        return known
    lesson = _open_classes(walk, now).filter(room=room).first()
    if lesson is None:
        raise RuleError(_("There is no class to visit in Room %(room)s just now.") % {"room": room.code})
    if walk.stops.filter(skipped_at__isnull=True).count() >= MAX_STOPS:
        raise RuleError(_("Eight rooms is plenty for one walk."))
    last = walk.stops.aggregate(last=Max("position"))["last"] or 0
    fields = {"host": lesson.teacher, "lesson_title": lesson.title, "position": last + 1, "added_on_the_way": True}
    made, _created = Stop.objects.get_or_create(walk=walk, room=room, defaults=fields)
    return made


# --- The end --------------------------------------------------------------------------------
@transaction.atomic
def finish(walk: Walk, *, by: Person, now: dt.datetime) -> None:
    """End the walk: rooms never entered count as skipped; at least one room must have been visited.

    Pressed long after the walk, it ends the walk at the last thing that happened on it, not now.
    """
    locks.lock_walk(walk)
    _own_live_walk(walk, by)
    ending.count_rooms_with_activity(walk)
    if not walk.stops.visited().exists():
        raise NothingVisitedError(_("Step into at least one room first. A few minutes are enough."))
    over = ended_at(walk, now=now) if status.is_forgotten(walk, now) else None
    ending.close_rooms(walk, at=over or now)
    approval.finish(walk, by=by, now=now, ended_at=over)


@transaction.atomic
def log_afterwards(
    walk: Walk, *, visited: Collection[int], started_at: dt.datetime, minutes: int, by: Person, now: dt.datetime
) -> None:
    """ "I did walk": the rooms ticked were visited, the others skipped; times are filled in evenly."""
    if not is_walker(by, walk):
        raise NotAllowedError(_("Only the walker walks this walk."))
    if walk.state != State.APPROVED or walk.is_live:
        raise RuleError(_("This walk is not waiting to be walked."))
    _refuse_other_semester(walk, started_at)
    stops = list(walk.stops.all())
    chosen = [stop for stop in stops if stop.pk in set(visited)]
    if not chosen:
        raise NothingVisitedError(_("Choose at least one room you visited."))
    finished_at = started_at + dt.timedelta(minutes=minutes)
    approval.log(walk, by=by, now=now, started_at=started_at, finished_at=finished_at)
    _fill_in_times(stops, chosen, started_at, finished_at)


def _refuse_other_semester(walk: Walk, started_at: dt.datetime) -> None:
    """Refuse a date outside the walk's semester, for which it counts."""
    day = local_date(walk.walker.school, started_at)
    if not walk.semester.starts_on <= day <= walk.semester.ends_on:
        raise RuleError(_("Choose a day in %(semester)s") % {"semester": walk.semester.name})


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
    Stop.objects.bulk_update(stops, ["arrived_at", "left_at", "skipped_at"])
