"""What a plan collides with. Clashes warn and offer a way out; they do not block."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school import timetable
from school.models import Lesson
from school.terms import Calendar, semester_on

from .models import Stop, Walk
from .planning import Plan, plan_of

Kind = Literal["teaching", "no_class", "full", "closed", "own_walk", "no_school"]


@dataclass(frozen=True)
class Clash:
    """One clash in words; `room` is the code of the room it is about, if any."""

    kind: Kind
    words: str
    room_id: int | None = None
    room: str = ""
    detail: str = ""


def find(plan: Plan, *, calendar: Calendar) -> list[Clash]:
    """All clashes of a plan with the timetable, closed rooms and other walks (at most five queries)."""
    if plan.date is None or plan.period is None:
        return []
    if not calendar.is_school_day(plan.date):
        return [Clash("no_school", _("There is no school that day."))]
    return [*_own_clashes(plan, calendar), *_room_clashes(plan)]


def _own_clashes(plan: Plan, calendar: Calendar) -> list[Clash]:
    found = []
    lesson = _own_lesson(plan, calendar)
    if lesson is not None:
        words = _("Cover needed for %(title)s, Room %(room)s.")
        found.append(Clash("teaching", words % {"title": lesson.title, "room": lesson.room.code}))
    start, end = plan.times()
    own = Walk.objects.of(plan.walker).occupying(start, end)
    if own.exclude(pk__in=[plan.walk.pk] if plan.walk else []).exists():
        found.append(Clash("own_walk", _("You have another walk at that time.")))
    return found


def _own_lesson(plan: Plan, calendar: Calendar) -> Lesson | None:
    assert plan.date is not None and plan.period is not None
    day_type, semester = calendar.day_type(plan.date), semester_on(plan.walker.school, plan.date)
    if day_type is None or semester is None:
        return None
    return timetable.lesson_of(plan.walker, semester, day_type, plan.period)


def _room_clashes(plan: Plan) -> list[Clash]:
    assert plan.date is not None and plan.period is not None
    rooms = [stop.room for stop in plan.stops]
    closed = timetable.closures_on(rooms, plan.date, plan.period)
    going = visitors([room.pk for room in rooms], *plan.times(), but=plan.walk)
    limit = plan.walker.school.visitor_limit
    found = []
    for stop in plan.stops:
        code, pk = stop.room.code, stop.room.pk
        if stop.host is None:
            found.append(Clash("no_class", _("Nobody teaches in Room %(room)s then.") % {"room": code}, pk, code))
        if pk in closed:
            words = _("Room %(room)s takes no visitors then: %(why)s.") % {"room": code, "why": closed[pk]}
            found.append(Clash("closed", words, pk, code, closed[pk]))
        if going.get(pk, 0) >= limit:
            found.append(_full(pk, code, going[pk], limit))
    return found


def _full(room_id: int, code: str, going: int, limit: int) -> Clash:
    words = ngettext(
        "Room %(room)s would have %(count)s visitors; the limit is %(limit)s.",
        "Room %(room)s would have %(count)s visitors; the limit is %(limit)s.",
        going + 1,
    )
    return Clash("full", words % {"room": code, "count": going + 1, "limit": limit}, room_id, code)


def visitors(room_ids: list[int], start: dt.datetime, end: dt.datetime, *, but: Walk | None = None) -> dict[int, int]:
    """How many other walks, requested or agreed, come to each room in that time (one query)."""
    walks = Walk.objects.occupying(start, end).exclude(pk__in=[but.pk] if but else [])
    counts = Stop.objects.filter(room__in=room_ids, walk__in=walks, skipped_at__isnull=True)
    return dict(counts.values_list("room_id").annotate(going=Count("walk", distinct=True)))


def lesson_taught_by_walker(walk: Walk) -> Lesson | None:
    """The walker's own lesson that needs cover during the walk."""
    return _own_lesson(plan_of(walk), Calendar(walk.walker.school))
