"""The time that a Head of Grade suggests: what the walk would be then, and whether it can be accepted."""

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


@dataclass(frozen=True)
class Suggestion:
    """A walk at the suggested time.

    `others`: rooms in which somebody else, or nobody, teaches then. `dropped`: rooms without a class to see, which
    accepting leaves out. `refusal`: why it cannot be accepted, empty when it can.
    """

    plan: Plan
    others: list[PlannedStop]
    dropped: list[Room]
    refusal: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def rooms(self) -> str:
        """The dropped rooms in words: "G08 and G11"."""
        return get_text_list([room.code for room in self.dropped], _("and"))

    @property
    def changes(self) -> str:
        """Who teaches in the other rooms then: "Jonas Lindqvist in 204, nobody in 206"."""
        return ", ".join(
            _("%(name)s in %(room)s") % {"name": stop.host.full_name, "room": stop.room.code}
            if stop.host
            else _("nobody in %(room)s") % {"room": stop.room.code}
            for stop in self.others
        )

    @property
    def query(self) -> str:
        """The suggested time as the planning page takes it in its address."""
        assert self.plan.date is not None
        assert self.plan.period is not None
        return urlencode({"date": self.plan.date.isoformat(), "period": str(self.plan.period.pk)})


def of(walk: Walk, *, now: dt.datetime) -> Suggestion | None:
    """Return what accepting would do; None without a suggested time. Fetch with the route and the suggested period."""
    if walk.state != State.CHANGES_ASKED or walk.suggested_period is None:
        return None
    before = plan_of(walk, focus=(), stops=walk.stops.all())
    calendar = Calendar(walk.walker.school)
    date = walk.suggested_date or walk.date
    availability = clashes.about(before, first=date, last=date, calendar=calendar)
    moved = before.at(date, walk.suggested_period, availability=availability)
    others = [then for now_, then in zip(before.stops, moved.stops, strict=True) if then.host != now_.host]
    plan, dropped = without_empty_rooms(moved)
    own = [
        clash.words
        for clash in clashes.find(plan, calendar=calendar, availability=availability)
        if clash.room_id is None
    ]
    return Suggestion(plan, others, dropped, _refusal(plan, walk, calendar, availability, now), tuple(own))


def without_empty_rooms(plan: Plan) -> tuple[Plan, list[Room]]:
    """The plan without rooms in which nobody else teaches then, and these rooms."""
    kept = tuple(stop for stop in plan.stops if _has_class(stop, plan.walker))
    return replace(plan, stops=kept), [stop.room for stop in plan.stops if stop not in kept]


def _has_class(stop: PlannedStop, walker: Person) -> bool:
    return stop.host is not None and stop.host != walker


def _refusal(plan: Plan, walk: Walk, calendar: Calendar, availability: Availability, now: dt.datetime) -> str:
    if len(plan.stops) < MIN_STOPS:
        return clashes.too_few_words(len(plan.stops))
    covers = availability.covers_then(plan.walker, plan.times())
    if covers is not None:
        return clashes.covering_words(covers.covered)
    assert plan.date is not None
    semester = calendar.semester_on(plan.date)
    found = problems(plan, calendar=calendar, semester=semester, now=now)
    return next((problem.words for problem in found if problem.field != "focus"), "")
