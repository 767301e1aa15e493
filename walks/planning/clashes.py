"""Clashes of a plan. They are warnings with a way out; they do not block."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import Calendar
from school.models import Lesson, Person
from school.timetable import timetable

from ..availability.availability import Availability
from ..models import Walk
from . import cover_needed
from .plan import Plan, PlannedStop, plan_of

ClashKind = Literal["teaching", "no_class", "full", "closed", "own_walk", "covering", "cover_needed", "no_school"]
NEWS: tuple[ClashKind, ...] = ("full", "closed", "covering")  # what others may have done since the page was drawn


@dataclass(frozen=True)
class Clash:
    """One clash in words; `room` is the code of the room it is about, if any."""

    kind: ClashKind
    words: str
    room_id: int | None = None
    room: str = ""

    @property
    def key(self) -> str:
        """How the planner's form names a clash that the walker has read: the room's id, or the kind."""
        return str(self.room_id) if self.room_id else self.kind


def find(plan: Plan, *, calendar: Calendar, availability: Availability | None = None) -> list[Clash]:
    """All clashes of a plan with the timetable, closed rooms and other walks.

    Three queries; none when an availability over the plan's day and rooms is passed (lists of plans share one).
    """
    if plan.date is None or plan.period is None:
        return []
    if not calendar.is_school_day(plan.date):
        return [Clash("no_school", _("There is no school that day."))]
    availability = availability or about(plan, first=plan.date, last=plan.date, calendar=calendar)
    return [*_own_clashes(plan, availability), *_room_clashes(plan, availability)]


def since_agreed(walk: Walk, *, now: dt.datetime) -> list[Clash]:
    """Return what changed about an approved walk: closed rooms, colleagues who left, a day off.

    Fetch it with `with_route`.
    """
    if not walk.needs_cover_at(now):
        return []
    plan = plan_of(walk, focus=(), stops=walk.stops.all())
    calendar = Calendar(walk.walker.school)
    reported = ("closed", "no_class", *(["no_school"] if walk.date in calendar.days_off else []))
    changed = [clash for clash in find(plan, calendar=calendar) if clash.kind in reported]
    needed = cover_needed.reasons([walk], calendar=calendar, now=now).values()
    return [*(Clash("cover_needed", reason) for reason in needed), *changed]


def about(plan: Plan, *, first: dt.date, last: dt.date, calendar: Calendar) -> Availability:
    """The school over these days, as far as it concerns the plan's rooms and walker."""
    school = plan.walker.school
    walker = plan.walker.pk
    return Availability(school, first=first, last=last, calendar=calendar, rooms=plan.room_ids, people=[walker])


def _own_clashes(plan: Plan, availability: Availability) -> Iterator[Clash]:
    assert plan.date is not None and plan.period is not None
    lesson = availability.taught_by(plan.walker, plan.date, plan.period)
    if lesson is not None:
        words = _("Cover needed for %(title)s, Room %(room)s.")
        yield Clash("teaching", words % {"title": lesson.title, "room": lesson.room.code})
    if availability.walks_then(plan.walker, plan.times(), but=plan.walk):
        yield Clash("own_walk", _("You have another walk at that time."))
    covers = availability.covers_then(plan.walker, plan.times())
    if covers is not None:
        yield Clash("covering", covering_words(covers.covered))


def covering_words(title: str) -> str:
    """That the walker takes somebody's class then, as the walker reads it."""
    return _("You’re covering %(title)s at that time.") % {"title": title or _("a colleague’s class")}


def too_few_words(left: int) -> str:
    """That a walk with so many rooms is none."""
    return ngettext(
        "Only one of your rooms has a class then. A walk needs two.",
        "None of your rooms has a class then. A walk needs two.",
        left or 2,
    )


def _room_clashes(plan: Plan, availability: Availability) -> Iterator[Clash]:
    assert plan.date is not None and plan.period is not None
    lessons = availability.lessons_in(plan.date, plan.period)
    going = availability.going(plan.times(), but=plan.walk)
    limit = plan.walker.school.visitor_limit
    for stop in plan.stops:
        code = stop.room.code
        pk = stop.room.pk
        taught = lessons.get(pk)
        closed = availability.closed(pk, plan.date, plan.period)
        if taught is None or stop.host is None or taught.host.pk != stop.host.pk:
            yield Clash("no_class", _away(stop, taught is None), pk, code)
        if closed:
            words = _("Room %(room)s takes no visitors then: %(why)s.") % {"room": code, "why": closed}
            yield Clash("closed", words, pk, code)
        if going.get(pk, 0) >= limit:
            yield _full(pk, code, going[pk], limit)


def _away(stop: PlannedStop, nobody: bool) -> str:
    if nobody or stop.host is None:
        return _("Nobody teaches in Room %(room)s then.") % {"room": stop.room.code}
    words = _("%(name)s does not teach in Room %(room)s then.")
    return words % {"name": stop.host.full_name, "room": stop.room.code}


def _full(room_id: int, code: str, going: int, limit: int) -> Clash:
    words = ngettext(
        "Room %(room)s would have %(count)s visitors; the limit is %(limit)s.",
        "Room %(room)s would have %(count)s visitors; the limit is %(limit)s.",
        going + 1,
    )
    return Clash("full", words % {"room": code, "count": going + 1, "limit": limit}, room_id, code)


def lesson_taught_then(person: Person, walk: Walk) -> Lesson | None:
    """Return the lesson that the person teaches during the walk; for its walker, the lesson that needs cover."""
    calendar = Calendar(walk.walker.school)
    day_type = calendar.day_type(walk.date)
    semester = calendar.semester_on(walk.date)
    if day_type is None or semester is None:
        return None
    return timetable.lesson_of(person, semester, day_type, walk.period)
