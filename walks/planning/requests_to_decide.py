"""What a Head of Grade needs in order to decide: clashes, ways out, cover and visitors, for many requests at once.

All questions go to one availability over the days in question, so the number of queries is constant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import Calendar, local_date, period_times
from school.models import Period, Person

from ..availability.availability import Availability
from ..availability.taught_lessons import lessons_matching
from ..models import Stop, Walk
from . import clashes, good_times, ways_out
from .clashes import Clash
from .cover import in_timetable, who_can_cover
from .plan import Plan, PlannedStop

COVER = "teaching"  # the kind of clash that a colleague can take away
SHOWN = ("room__hallway__building", "host__grade")  # what a stop brings along
STOPS = Prefetch("stops", queryset=Stop.objects.select_related(*SHOWN).order_by("position", "pk"))


@dataclass(frozen=True)
class RequestFinding:
    """One thing to know before agreeing: what it is, and who else is going."""

    kind: str
    words: str
    more: str = ""


@dataclass(frozen=True)
class PendingRequest:
    """A walk that waits for a decision, with everything needed to decide."""

    walk: Walk
    plan: Plan
    findings: tuple[RequestFinding, ...]
    ways_out: tuple[ways_out.WayOut, ...]
    reason: str  # why a way out is proposed, in words for the walker
    can_cover: tuple[Person, ...]

    @property
    def needs_cover(self) -> bool:
        """Whether the walker teaches then."""
        return any(finding.kind == COVER for finding in self.findings)

    @property
    def is_free(self) -> bool:
        """Whether the walker has nothing else to do then: no class, no other walk, no class to cover."""
        return not any(finding.kind in (COVER, "own_walk", "covering") for finding in self.findings)

    @property
    def others(self) -> list[RequestFinding]:
        """The warnings that cover does not take away."""
        return [finding for finding in self.findings if finding.kind != COVER]

    @property
    def cover_finding(self) -> RequestFinding | None:
        """The lesson that needs cover, in words."""
        return next((finding for finding in self.findings if finding.kind == COVER), None)

    @property
    def free(self) -> list[Person]:
        """Who could cover, according to the timetable."""
        return [person for person in self.can_cover if in_timetable(person)]

    @property
    def unknown(self) -> list[Person]:
        """Who might cover, but has no lesson in the timetable."""
        return [person for person in self.can_cover if not in_timetable(person)]

    @property
    def all_clear(self) -> bool:
        """Nothing to solve and nothing to read: one click is enough."""
        return not self.findings and not self.reply

    @property
    def reply(self) -> str:
        """The walker's answer. A request with an answer is never approved unread."""
        return getattr(self.walk, "reply_words", None) or ""


def availability_for(
    walks: Iterable[Walk],
    *,
    to: Person,
    now: dt.datetime,
    calendar: Calendar,
    dates: Iterable[dt.date] = (),
    colleagues: Iterable[Person] = (),
) -> Availability:
    """Return the availability for these walks, over the weeks in which another time is searched.

    `dates` are further days in question, `to` is the person whose right decides which names are shown, `colleagues`
    might cover.
    """
    listed = list(walks)
    others = [person.pk for person in colleagues]
    more = list(dates)
    days = [local_date(calendar.school, now), *(walk.date for walk in listed), *more]
    rooms = {stop.room_id for walk in listed for stop in walk.stops.all()}
    walkers = [walk.walker_id for walk in listed]
    first = min(days)
    last = max(days) + dt.timedelta(days=good_times.DATES_AHEAD)
    near = [Q(room__in=rooms), Q(teacher__in=walkers), *_taught_by(others, listed, calendar)]
    return Availability(
        calendar.school,
        first=first,
        last=last,
        calendar=calendar,
        rooms=rooms,
        people=[*walkers, *others],
        reader=to,
        lessons=lessons_matching(*near, semesters=calendar.semesters_in(first, last)),
    )


def _taught_by(people: list[int], walks: Iterable[Walk], calendar: Calendar) -> list[Q]:
    """What these people teach in the periods in which these walks are."""
    slots = {(calendar.semester_on(w.date), calendar.day_type(w.date), w.period_id) for w in walks}
    return [
        Q(semester=semester, day_type=day, period=period, teacher__in=people)
        for semester, day, period in slots
        if semester and day
    ]


def look_at(
    walks: Iterable[Walk], *, availability: Availability, now: dt.datetime, colleagues: Iterable[Person] = ()
) -> list[PendingRequest]:
    """What there is to know about each request. Fetch the walks with `with_route` or `STOPS`."""
    among = list(colleagues)
    return [_look(walk, availability, now, among) for walk in walks]


def warnings(walk: Walk, *, calendar: Calendar) -> list[str]:
    """The same for one walk in words, for a mail."""
    plan = plan_from(walk, walk.stops.select_related(*SHOWN))
    availability = clashes.about(plan, first=walk.date, last=walk.date, calendar=calendar)
    found = clashes.find(plan, calendar=calendar, availability=availability)
    return [_words(plan, clash, availability).words for clash in found]


def plan_from(walk: Walk, stops: Iterable[Stop]) -> Plan:
    """The plan of a walk with these stops, without its focus; colleagues who left teach nothing."""
    planned = tuple(
        PlannedStop(s.room, s.host if s.host.is_active else None, s.lesson_title, s.minutes)
        for s in sorted(stops, key=lambda stop: (stop.position, stop.pk))
    )
    return Plan(walker=walk.walker, date=walk.date, period=walk.period, stops=planned, walk=walk)


def look_at_plan(plan: Plan, *, availability: Availability, now: dt.datetime) -> tuple[RequestFinding, ...]:
    """Return the clashes that a changed plan would still have."""
    found = clashes.find(plan, calendar=availability.calendar, availability=availability)
    passed = [RequestFinding("passed", _("This time has passed."))] if plan.times()[0] <= now else []
    return (*passed, *(_words(plan, clash, availability) for clash in found))


def _look(walk: Walk, availability: Availability, now: dt.datetime, among: list[Person]) -> PendingRequest:
    plan = plan_from(walk, walk.stops.all())
    found = clashes.find(plan, calendar=availability.calendar, availability=availability)
    noted = look_at_plan(plan, availability=availability, now=now)
    kinds = {clash.kind for clash in found}
    can_cover = who_can_cover(plan, availability, among) if COVER in kinds else ()
    ways = ways_out.for_decider(plan, found, availability=availability, now=now) if kinds - {COVER} else ()
    reason = " ".join(clash.words for clash in found if clash.kind not in (COVER, "own_walk"))
    return PendingRequest(walk, plan, noted, ways, reason, can_cover)


def _words(plan: Plan, clash: Clash, availability: Availability) -> RequestFinding:
    """The clash as the decider reads it."""
    if clash.kind == "own_walk":
        words = _("%(name)s has another walk at that time.") % {"name": plan.walker.given_name}
        return RequestFinding(clash.kind, words)
    if clash.kind == "covering":
        words = _("%(name)s covers a colleague’s class at that time.") % {"name": plan.walker.given_name}
        return RequestFinding(clash.kind, words)
    if clash.kind == "full" and clash.room_id is not None and availability.reader is not None:
        return RequestFinding(clash.kind, clash.words, _who_is_going(plan, clash.room_id, availability))
    return RequestFinding(clash.kind, clash.words)


def _who_is_going(plan: Plan, room_id: int, availability: Availability) -> str:
    """Return names from the decider's own grades only; they may not know about walks of other grades."""
    own = plan.walk.pk if plan.walk else None
    visits = [v for v in availability.visits if room_id in v.rooms and v.overlaps(plan.times()) and v.walk_id != own]
    known = [visit.name for visit in visits if visit.name]
    unknown = len(visits) - len(known)
    if unknown:
        words = ngettext("%(n)s colleague of another grade", "%(n)s colleagues of other grades", unknown)
        known.append(words % {"n": unknown})
    names = _(" and ").join(filter(None, [", ".join(known[:-1]), known[-1]]))
    words = ngettext("%(names)s is already going.", "%(names)s are already going.", len(visits))
    return words % {"names": names}


# --- The grid of visitors on one day ------------------------------------------------------------
@dataclass(frozen=True)
class VisitorCount:
    """Other visitors in one room and period; `ask`: the request in question goes there then."""

    count: int
    full: bool
    ask: bool


@dataclass(frozen=True)
class VisitorGrid:
    """Visitors on one day, by room and period; without the request in question."""

    date: dt.date
    request: PendingRequest
    periods: list[Period]
    rows: list[tuple[str, list[VisitorCount]]]


def visitors_on(date: dt.date, *, request: PendingRequest, availability: Availability) -> VisitorGrid:
    """How many other walks come to the rooms of the request in each period of the day."""
    times = {p.pk: period_times(availability.school, date, p) for p in availability.periods}
    asked = request.walk
    going = {p.pk: availability.going(times[p.pk], but=asked) for p in availability.periods}
    limit = availability.school.visitor_limit
    rows = []
    for room in (stop.room for stop in request.plan.stops):
        counts = [(p, going[p.pk].get(room.pk, 0)) for p in availability.periods]
        cells = [VisitorCount(n, n >= limit, p.pk == asked.period_id) for p, n in counts]
        rows.append((room.code, cells))
    return VisitorGrid(date, request, availability.periods, rows)
