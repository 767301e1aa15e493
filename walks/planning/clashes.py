"""Clashes of a plan with the timetable, closed rooms and other walks. They are only warnings: they do not block."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import Calendar
from school.models import Lesson, Person
from school.timetable import timetable, visits

from ..availability.availability import Availability
from ..availability.occupancy import busy_times_of
from ..models import Walk
from ..status import Obstacle
from . import obstacles
from .plan import Plan, PlannedStop, plan_of

ClashKind = Literal[
    "teaching",
    "away",
    "no_class",
    "full",
    "closed",
    "own_walk",
    "covering",
    "cover_needed",
    "no_school",
    "bells_changed",
]
# Other people can cause these after the page was drawn, so Send checks them again.
CAUSED_BY_OTHERS: tuple[ClashKind, ...] = ("full", "closed", "covering")

# Changes after the approval, besides obstacles, that the page of the walk shows.
CHANGES: tuple[ClashKind, ...] = ("closed", "no_class", "bells_changed")


@dataclass(frozen=True)
class Clash:
    """One clash in words. `room_id` and `room`, its code, are set if the clash is about a room.

    A clash about several rooms (`join_empty_rooms`) has the other rooms in `more_room_ids`, and all codes in `room`.
    """

    kind: ClashKind
    words: str
    room_id: int | None = None
    room: str = ""
    more_room_ids: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Return the clash's name in the form field `shown_clashes`, which lists what the walker has seen."""
        return str(self.room_id) if self.room_id else self.kind


def find_clashes(plan: Plan, *, calendar: Calendar, availability: Availability | None = None) -> list[Clash]:
    """Return all clashes of a plan.

    Four queries; none if `availability` is given, which must contain the plan's day and rooms.
    """
    if plan.date is None or plan.period is None:
        return []
    if not calendar.is_school_day(plan.date):
        return [Clash("no_school", _("There is no school that day."))]
    if plan.period not in calendar.periods_on(plan.date):
        return [Clash("bells_changed", _("%(period)s doesn’t take place that day.") % {"period": plan.period})]
    availability = availability or availability_for(plan, first=plan.date, last=plan.date, calendar=calendar)
    return [*_bell_clashes(plan, calendar), *_own_clashes(plan, availability), *_room_clashes(plan, availability)]


def join_empty_rooms(found: list[Clash]) -> list[Clash]:
    """Return the clashes, with one clash for all rooms in which nobody teaches, so that they have the same way out."""
    empty = [clash for clash in found if clash.kind == "no_class"]
    if len(empty) < 2:
        return found
    codes = get_text_list([clash.room for clash in empty], _("and"))
    joined = Clash(
        "no_class",
        _("Nobody teaches in Rooms %(rooms)s at that time.") % {"rooms": codes},
        empty[0].room_id,
        codes,
        tuple(clash.room_id for clash in empty[1:] if clash.room_id),
    )
    return [joined if clash is empty[0] else clash for clash in found if clash not in empty[1:]]


def changes_since_approval(walk: Walk, *, now: dt.datetime) -> list[Clash]:
    """Return what changed about an approved walk: a day off, cover needed, closed rooms, colleagues who left.

    Fetch the walk with `with_route`.
    """
    if not walk.is_upcoming(now):
        return []
    plan = plan_of(walk, focus=(), stops=walk.stops.all()).with_own_start()
    calendar = Calendar(walk.walker.school)
    changed = [clash for clash in find_clashes(plan, calendar=calendar) if clash.kind in CHANGES]
    in_the_way = obstacles.find_obstacles([walk], calendar=calendar, now=now).values()
    return [*(Clash(obstacle.kind, obstacle.words) for obstacle in in_the_way), *changed]


def obstacle_among(changes: Iterable[Clash]) -> Obstacle | None:
    """Return the one of these changes that stands in the way of the walk."""
    for clash in changes:
        if clash.kind == "no_school" or clash.kind == "cover_needed":
            return Obstacle(clash.kind, clash.words)
    return None


def availability_for(plan: Plan, *, first: dt.date, last: dt.date, calendar: Calendar) -> Availability:
    """Return the availability of the plan's rooms and walker from `first` to `last`."""
    school = plan.walker.school
    walker = plan.walker.pk
    return Availability(school, first=first, last=last, calendar=calendar, rooms=plan.room_ids, people=[walker])


def _bell_clashes(plan: Plan, calendar: Calendar) -> Iterator[Clash]:
    """Yield a clash if the walk keeps a time at which its period, and so the classes in its rooms, no longer begin."""
    assert plan.date is not None and plan.period is not None
    begins = calendar.times(plan.date, plan.period)[0]
    if plan.starts_at and plan.starts_at != begins:
        words = _("The bells have changed: %(period)s begins at %(begins)s that day, and this walk at %(start)s.")
        start, begins = (moment.astimezone(calendar.school.zone) for moment in (plan.starts_at, begins))
        words %= {"period": plan.period, "begins": f"{begins:%H:%M}", "start": f"{start:%H:%M}"}
        yield Clash("bells_changed", words)


def _own_clashes(plan: Plan, availability: Availability) -> Iterator[Clash]:
    busy_times = plan.busy_times(calendar=availability.calendar)
    lesson = availability.known_lessons.busy_during(busy_times).get(plan.walker.pk)
    if lesson is not None:
        yield Clash("teaching", _("Cover needed for %(lesson)s.") % {"lesson": lesson.with_room})
    elif not availability.is_at_school_during(plan.walker, busy_times):
        yield Clash("away", _("According to the timetable, you are not at school at that time."))
    times = plan.times(calendar=availability.calendar)
    if availability.is_walking(plan.walker, times, excluding=plan.walk):
        yield Clash("own_walk", _("You have another walk at that time."))
    covers = availability.walk_covered_by(plan.walker, times)
    if covers is not None:
        yield Clash("covering", covering_words(covers.covered_title))


def covering_words(title: str) -> str:
    """Tell the walker that they cover a class with this title at that time."""
    return _("You’re covering %(title)s at that time.") % {"title": title or _("a colleague’s class")}


def too_few_words(left: int) -> str:
    """Tell the walker that only `left` rooms, none or one, have a class then."""
    return ngettext(
        "Only one of your rooms has a class at that time. A walk needs two.",
        "None of your rooms has a class at that time. A walk needs two.",
        left or 2,  # "None of your rooms" is a plural
    )


def _room_clashes(plan: Plan, availability: Availability) -> Iterator[Clash]:
    assert plan.date is not None and plan.period is not None
    lessons = availability.lessons_in(plan.date, plan.period)
    visitors = availability.visitor_counts(plan.times(calendar=availability.calendar), excluding=plan.walk)
    limit = plan.walker.school.visitor_limit
    for stop in plan.stops:
        code = stop.room.code
        pk = stop.room.pk
        taught = lessons.get(pk)
        closed = availability.closure_reason(pk, plan.date, plan.period)
        if taught is None or not set(taught.hosts) & set(stop.hosts):
            yield Clash("no_class", _no_class_words(stop, room_is_empty=taught is None), pk, code)
        if closed:
            words = _("Room %(room)s takes no visitors at that time: %(why)s.") % {"room": code, "why": closed}
            yield Clash("closed", words, pk, code)
        elif taught is not None and not visits.take_visits(taught.hosts, school=availability.school):
            yield Clash("closed", _("Room %(room)s is not open to visits.") % {"room": code}, pk, code)
        if visitors.get(pk, 0) >= limit:
            yield _full(pk, code, visitors[pk], limit)
        elif taught is not None and availability.has_most_visits(taught, plan.date, excluding=plan.walk):
            yield Clash("full", _("Room %(room)s is full for this fortnight.") % {"room": code}, pk, code)


def _no_class_words(stop: PlannedStop, *, room_is_empty: bool) -> str:
    if room_is_empty or not stop.hosts:
        return _("Nobody teaches in Room %(room)s at that time.") % {"room": stop.room.code}
    words = ngettext(
        "%(names)s does not teach in Room %(room)s at that time.",
        "%(names)s do not teach in Room %(room)s at that time.",
        len(stop.hosts),
    )
    return words % {"names": stop.host_names, "room": stop.room.code}


def _full(room_id: int, code: str, other_visitors: int, limit: int) -> Clash:
    visitors = other_visitors + 1  # with this walker
    words = ngettext(
        "Room %(room)s would have %(count)s visitors; the limit is %(limit)s.",
        "Room %(room)s would have %(count)s visitors; the limit is %(limit)s.",
        visitors,
    )
    return Clash("full", words % {"room": code, "count": visitors, "limit": limit}, room_id, code)


def lesson_during(person: Person, walk: Walk) -> Lesson | None:
    """Return what keeps the person busy during the walk, if anything. The walker's own lesson then needs cover."""
    calendar = Calendar(walk.walker.school)
    return timetable.lesson_of(person, busy_times_of(walk, calendar=calendar), calendar=calendar)
