"""What a Head of Grade needs in order to decide: clashes, ways out, cover and visitors, for many requests at once.

Everything is asked of one outlook over the days in question, so the number of queries stays the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.models import Period, Person, School
from school.terms import Calendar, local_date, period_times

from . import clashes, offers
from .clashes import Clash
from .models import Walk
from .outlook import Outlook
from .plans import MIN_STOPS, Plan, PlannedStop

COVER = "teaching"  # the kind of clash that a colleague can take away


@dataclass(frozen=True)
class Finding:
    """One thing to know before agreeing: what it is, and who else is going."""

    kind: str
    words: str
    more: str = ""


@dataclass(frozen=True)
class WayOut:
    """Another plan that is all clear, what its button says, and why."""

    label: str
    reason: str
    plan: Plan


@dataclass(frozen=True)
class Request:
    """A walk that waits for a decision, with everything that helps to decide."""

    walk: Walk
    plan: Plan
    findings: tuple[Finding, ...]
    ways_out: tuple[WayOut, ...]
    can_cover: tuple[Person, ...]

    @property
    def needs_cover(self) -> bool:
        """Whether the walker teaches then."""
        return any(finding.kind == COVER for finding in self.findings)

    @property
    def others(self) -> list[Finding]:
        """The warnings that cover does not take away."""
        return [finding for finding in self.findings if finding.kind != COVER]

    @property
    def cover_finding(self) -> Finding | None:
        """The lesson that needs cover, in words."""
        return next((finding for finding in self.findings if finding.kind == COVER), None)

    @property
    def all_clear(self) -> bool:
        """Nothing to sort out: one click is enough."""
        return not self.findings


def outlook_for(school: School, dates: Iterable[dt.date], *, now: dt.datetime, calendar: Calendar) -> Outlook:
    """The school on all these days and over the weeks in which another time is looked for."""
    days = [local_date(school, now), *dates]
    return Outlook(school, first=min(days), last=max(days) + dt.timedelta(days=offers.DATES_AHEAD), calendar=calendar)


def look_at(walks: Iterable[Walk], *, outlook: Outlook, to: Person | None, now: dt.datetime) -> list[Request]:
    """What there is to know about each request. `to` decides whose names may be named. No queries.

    Fetch the walks with their stops, and their days within the outlook.
    """
    return [_look(walk, outlook, to, now) for walk in walks]


def warnings(walk: Walk, *, calendar: Calendar) -> list[str]:
    """The same for one walk in words, for a mail."""
    outlook = Outlook(walk.walker.school, first=walk.date, last=walk.date, calendar=calendar)
    plan = plan_from(walk, outlook)
    found = clashes.find(plan, calendar=calendar, outlook=outlook)
    return [_words(plan, clash, outlook, None).words for clash in found]


def plan_from(walk: Walk, outlook: Outlook) -> Plan:
    """The plan of a walk whose stops are already fetched, without its focus."""
    stops = tuple(
        PlannedStop(outlook.rooms[s.room_id], outlook.people.get(s.host_id), s.lesson_title, s.minutes)
        for s in walk.stops.all()
    )
    return Plan(walker=walk.walker, date=walk.date, period=walk.period, stops=stops, walk=walk)


def look_at_plan(plan: Plan, *, outlook: Outlook, to: Person | None, now: dt.datetime) -> tuple[Finding, ...]:
    """What a changed plan would still collide with."""
    found = clashes.find(plan, calendar=outlook.calendar, outlook=outlook)
    passed = [Finding("passed", _("This time has passed."))] if plan.times()[0] <= now else []
    return (*passed, *(_words(plan, clash, outlook, to) for clash in found))


def who_can_cover(plan: Plan, outlook: Outlook) -> tuple[Person, ...]:
    """Colleagues without a lesson or walk then, by name."""
    assert plan.date is not None and plan.period is not None
    teaching = {taught.host.pk for taught in outlook.classes(plan.date, plan.period).values()}
    times = outlook.span(plan.date, plan.period)
    walking = {visit.walker_id for visit in outlook.visits if visit.overlaps(times)}
    busy = teaching | walking | {plan.walker.pk}
    free = [p for p in outlook.people.values() if p.is_teacher and p.pk not in busy]
    return tuple(sorted(free, key=lambda p: (p.family_name, p.given_name)))


def _look(walk: Walk, outlook: Outlook, to: Person | None, now: dt.datetime) -> Request:
    plan = plan_from(walk, outlook)
    found = clashes.find(plan, calendar=outlook.calendar, outlook=outlook)
    noted = look_at_plan(plan, outlook=outlook, to=to, now=now)
    cover = who_can_cover(plan, outlook) if any(clash.kind == COVER for clash in found) else ()
    return Request(walk, plan, noted, tuple(_ways_out(plan, found, outlook, now)), cover)


def _ways_out(plan: Plan, found: list[Clash], outlook: Outlook, now: dt.datetime) -> Iterable[WayOut]:
    """One-click ways out: another time for the same rooms, or the same time without the full rooms."""
    if not found or all(clash.kind == COVER for clash in found):
        return
    reason = " ".join(clash.words for clash in found if clash.kind not in (COVER, "own_walk"))
    moved = offers.other_time(plan, calendar=outlook.calendar, now=now, for_person=plan.walker, outlook=outlook)
    if moved is not None:
        yield WayOut(_move_label(plan, moved), reason, moved)
    bad = {clash.room_id for clash in found}
    kept = tuple(stop for stop in plan.stops if stop.room.pk not in bad)
    if None not in bad and len(kept) >= MIN_STOPS and plan.times()[0] > now:
        codes = ", ".join(stop.room.code for stop in plan.stops if stop.room.pk in bad)
        yield WayOut(_("Skip %(rooms)s") % {"rooms": codes}, reason, _with_stops(plan, kept))


def _with_stops(plan: Plan, stops: tuple[PlannedStop, ...]) -> Plan:
    return Plan(walker=plan.walker, date=plan.date, period=plan.period, stops=stops, walk=plan.walk)


def _move_label(plan: Plan, moved: Plan) -> str:
    assert moved.date is not None
    when = str(moved.period) if moved.date == plan.date else f"{date_format(moved.date, 'D j M')}, {moved.period}"
    return _("Move to %(when)s, all rooms free") % {"when": when}


def _words(plan: Plan, clash: Clash, outlook: Outlook, to: Person | None) -> Finding:
    """The clash as the decider reads it."""
    if clash.kind == "own_walk":
        words = _("%(name)s has another walk at that time.") % {"name": plan.walker.given_name}
        return Finding(clash.kind, words)
    if clash.kind == "full" and clash.room_id is not None and to is not None:
        return Finding(clash.kind, clash.words, _who_is_going(plan, clash.room_id, outlook, to))
    return Finding(clash.kind, clash.words)


def _who_is_going(plan: Plan, room_id: int, outlook: Outlook, to: Person) -> str:
    """Names from the decider's own grades; a walk of another grade is not theirs to know (product.md, section 4)."""
    own = plan.walk.pk if plan.walk else None
    visits = [v for v in outlook.visits if room_id in v.rooms and v.overlaps(plan.times()) and v.walk_id != own]
    people = [outlook.people[v.walker_id] for v in visits if v.walker_id in outlook.people]
    known = [p.given_name for p in people if p.grade_id in to.headed_grade_ids or p.pk == to.pk]
    unknown = len(visits) - len(known)
    if unknown:
        words = ngettext("%(n)s colleague of another grade", "%(n)s colleagues of other grades", unknown)
        known.append(words % {"n": unknown})
    names = _(" and ").join(filter(None, [", ".join(known[:-1]), known[-1]]))
    words = ngettext("%(names)s is already going.", "%(names)s are already going.", len(visits))
    return words % {"names": names}


# --- The grid of visitors on one day ------------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """Other visitors in one room and period; `ask`: the request in question goes there then."""

    count: int
    full: bool
    ask: bool


@dataclass(frozen=True)
class Grid:
    """Visitors on one day, by room and period; without the request in question."""

    date: dt.date
    request: Request | None
    periods: list[Period]
    rows: list[tuple[str, list[Cell]]]


def visitors_on(date: dt.date, *, request: Request | None, outlook: Outlook) -> Grid:
    """How many walks come to the rooms of the request (or of that day) in each period of the day."""
    times = {p.pk: period_times(outlook.school, date, p) for p in outlook.periods}
    asked = request.walk if request else None
    going = {p.pk: outlook.going(times[p.pk], but=asked) for p in outlook.periods}
    limit = outlook.school.visitor_limit
    rows = []
    for room in _rooms_of(date, request, outlook):
        counts = [(p, going[p.pk].get(room, 0)) for p in outlook.periods]
        cells = [Cell(n, n >= limit, asked is not None and p.pk == asked.period_id) for p, n in counts]
        rows.append((outlook.rooms[room].code, cells))
    return Grid(date, request, outlook.periods, rows)


def _rooms_of(date: dt.date, request: Request | None, outlook: Outlook) -> list[int]:
    if request is not None:
        return [stop.room.pk for stop in request.plan.stops]
    day = [v for v in outlook.visits if local_date(outlook.school, v.starts_at) == date]
    visited = {room for visit in day for room in visit.rooms}
    return [pk for pk in outlook.rooms if pk in visited]
