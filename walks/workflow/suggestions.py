"""The time that a Head of Grade suggests: the walk's plan at that time, and whether the walker can accept it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.utils.http import urlencode
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from school.calendar import Calendar
from school.models import Person, Room

from ..availability.availability import Availability
from ..models import State, Walk
from ..planning import clashes
from ..planning.plan import MIN_STOPS, Plan, PlannedStop, plan_of, problems
from ..planning.ways_out import time_words


@dataclass(frozen=True)
class Suggestion:
    """A walk's plan at the suggested time, and what the walker has to know before they accept it."""

    plan: Plan  # without the dropped rooms
    changed: list[PlannedStop]  # the rooms in which somebody else or nobody teaches then
    dropped: list[Room]  # rooms without a class to see then
    refusal: str = ""  # why the walker cannot accept it; empty if they can
    warnings: tuple[str, ...] = ()

    @property
    def dropped_in_words(self) -> str:
        """The dropped rooms in words: "G08 and G11"."""
        return get_text_list([room.code for room in self.dropped], _("and"))

    @property
    def when(self) -> str:
        """The suggested time: "Thu 12 Nov, Period 2"."""
        assert self.plan.date is not None and self.plan.period is not None
        return time_words(self.plan.date, self.plan.period)

    @property
    def query(self) -> str:
        """The query string that opens the planning page at the suggested time."""
        assert self.plan.date is not None
        assert self.plan.period is not None
        return urlencode({"date": self.plan.date.isoformat(), "period": str(self.plan.period.pk)})


def of(walk: Walk, *, now: dt.datetime) -> Suggestion | None:
    """Return the suggestion that waits for the walker's answer, if any.

    Fetch the walk with `with_route` and its `suggested_period`.
    """
    if walk.state != State.CHANGES_ASKED or walk.suggested_period is None:
        return None
    before = plan_of(walk, focus=(), stops=walk.stops.all())
    calendar = Calendar(walk.walker.school)
    date = walk.suggested_date or walk.date
    availability = clashes.availability_for(before, first=date, last=date, calendar=calendar)
    moved = before.at(date, walk.suggested_period, availability=availability)
    pairs = zip(before.stops, moved.stops, strict=True)
    changed = [after for stop, after in pairs if set(after.hosts) != set(stop.hosts)]
    plan, dropped = without_empty_rooms(moved)
    found = clashes.find_clashes(plan, calendar=calendar, availability=availability)
    warnings = tuple(clash.words for clash in found if clash.room_id is None)
    refusal = _refusal(plan, walk, calendar, availability, now)
    return Suggestion(plan, changed, dropped, refusal, warnings)


def without_empty_rooms(plan: Plan) -> tuple[Plan, list[Room]]:
    """Return the plan without the rooms that have no class to see then, and the list of these rooms.

    The walker's own class is none to see.
    """
    kept = tuple(stop for stop in plan.stops if _has_class(stop, plan.walker))
    return replace(plan, stops=kept), [stop.room for stop in plan.stops if stop not in kept]


def _has_class(stop: PlannedStop, walker: Person) -> bool:
    return bool(stop.hosts) and walker not in stop.hosts


def _refusal(plan: Plan, walk: Walk, calendar: Calendar, availability: Availability, now: dt.datetime) -> str:
    if len(plan.stops) < MIN_STOPS:
        return clashes.too_few_words(len(plan.stops))
    covers = availability.walk_covered_by(plan.walker, plan.times(calendar=calendar))
    if covers is not None:
        return clashes.covering_words(covers.covered_title)
    assert plan.date is not None
    semester = calendar.semester_on(plan.date)
    found = problems(plan, calendar=calendar, semester=semester, now=now)
    return next((problem.words for problem in found if problem.field != "focus"), "")
