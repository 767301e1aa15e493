"""What a Head of Grade needs in order to decide on requests: clashes, ways out, cover and visitors.

All requests of a page share one availability, so the number of queries does not depend on the number of requests.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from school.calendar import Calendar, local_date
from school.models import Person
from school.text.typed import number_in_words

from ..availability.availability import Availability
from ..models import Stop, Walk
from ..planning import clashes, free_periods, ways_out
from ..planning.clashes import Clash
from ..planning.cover import in_timetable, who_can_cover, who_might_cover
from ..planning.plan import Plan, PlannedStop, planned_stops_of, school_days_in_words

TEACHING = "teaching"  # the kind of clash that a cover solves
SHORT: dict[str, str] = {
    TEACHING: gettext_noop("cover needed"),
    "no_class": gettext_noop("no class in %(room)s"),
    "full": gettext_noop("Room %(room)s is full"),
    "closed": gettext_noop("Room %(room)s is closed"),
    "away": gettext_noop("not at school at that time"),
    "own_walk": gettext_noop("another walk at that time"),
    "covering": gettext_noop("covers a class at that time"),
    "no_school": gettext_noop("no school that day"),
    "bells_changed": gettext_noop("the bells have changed"),
}
STOP_RELATIONS = ("room__hallway__building__campus", "host__grade")
STOPS = Prefetch("stops", queryset=Stop.objects.select_related(*STOP_RELATIONS).order_by("position", "pk"))


@dataclass(frozen=True)
class RequestFinding:
    """Something to know before approving. `kind` is a kind of clash, or "passed"."""

    kind: str
    words: str
    visitors: str = ""  # who already visits a full room
    room_id: int | None = None
    room: str = ""  # its code
    short: str = ""  # the same in a few words


@dataclass(frozen=True)
class PendingRequest:
    """A walk that waits for a decision, with what its decider has to know."""

    walk: Walk
    plan: Plan
    findings: tuple[RequestFinding, ...]
    ways_out: tuple[ways_out.WayOut, ...]
    can_cover: tuple[Person, ...]

    @property
    def needs_cover(self) -> bool:
        """Whether the walker teaches then."""
        return any(finding.kind == TEACHING for finding in self.findings)

    @property
    def walker_is_free(self) -> bool:
        """Whether the walker is at school then, without a class, another walk or a class to cover."""
        return not any(finding.kind in (TEACHING, "own_walk", "covering", "away") for finding in self.findings)

    @property
    def findings_besides_cover(self) -> list[RequestFinding]:
        """The findings that a cover does not solve."""
        return [finding for finding in self.findings if finding.kind != TEACHING]

    @property
    def needs_another_time(self) -> bool:
        """Whether only another time solves what clashes: there is no way out, and a cover is not enough."""
        enough = self.ways_out or (self.can_cover and not self.findings_besides_cover)
        return bool(self.findings) and not enough

    @property
    def cover_finding(self) -> RequestFinding | None:
        """The finding that the walker's lesson needs cover, if it does."""
        return next((finding for finding in self.findings if finding.kind == TEACHING), None)

    @property
    def shared_names(self) -> set[str]:
        """Names that two of these colleagues have. The page adds grade, subject and code to them."""
        names = Counter(person.full_name for person in self.can_cover)
        return {name for name, count in names.items() if count > 1}

    @property
    def free_colleagues(self) -> list[Person]:
        """Colleagues who are free according to the timetable."""
        return [person for person in self.can_cover if in_timetable(person)]

    @property
    def colleagues_without_timetable(self) -> list[Person]:
        """Colleagues without any lesson in the timetable: nobody knows whether they are free."""
        return [person for person in self.can_cover if not in_timetable(person)]

    @property
    def short(self) -> str:
        """Why the request needs a decision, in a few words."""
        if self.findings:
            return self.findings[0].short
        return _("has answered you") if self.reply else ""

    @property
    def is_clear(self) -> bool:
        """Whether the request has no findings and no reply to read, so that it can be approved together with others."""
        return not self.findings and not self.reply

    @property
    def reply(self) -> str:
        """The walker's answer to the last question, from `with_latest_reply`; empty without one."""
        return getattr(self.walk, "reply_words", None) or ""


@dataclass(frozen=True)
class RequestList:
    """The requests on one page, and the availability that they share."""

    requests: list[PendingRequest]
    availability: Availability

    @property
    def clear(self) -> list[PendingRequest]:
        """Requests that can be approved together."""
        return [request for request in self.requests if request.is_clear]

    @property
    def unclear(self) -> list[PendingRequest]:
        """Requests that need a decision one by one."""
        return [request for request in self.requests if not request.is_clear]


def list_requests(
    walks: Iterable[Walk], *, decider: Person, now: dt.datetime, calendar: Calendar, offers_cover: bool = True
) -> RequestList:
    """Find out what a decider has to know about each of these walks. Fetch them `with_latest_reply`.

    `offers_cover=False` saves the queries for the colleagues who could cover.
    """
    listed = list(walks)
    prefetch_related_objects(listed, STOPS)
    might_cover = who_might_cover(listed, calendar=calendar) if offers_cover else []
    availability = availability_for(listed, decider=decider, now=now, calendar=calendar, might_cover=might_cover)
    return RequestList([_pending_request(walk, availability, now, might_cover) for walk in listed], availability)


def availability_for(
    walks: Iterable[Walk],
    *,
    decider: Person,
    now: dt.datetime,
    calendar: Calendar,
    dates: Iterable[dt.date] = (),
    might_cover: Iterable[Person] = (),
) -> Availability:
    """Return the availability for these walks, over the weeks in which another time is searched.

    `dates` are more days to read. Walkers are named if `decider` may read their names.
    """
    listed = list(walks)
    others = [person.pk for person in might_cover]
    days = [local_date(calendar.school, now), *(walk.date for walk in listed), *dates]
    rooms = {stop.room_id for walk in listed for stop in walk.stops.all()}
    walkers = [walk.walker_id for walk in listed]
    first = min(days)
    last = max(days) + dt.timedelta(days=free_periods.DATES_AHEAD)
    return Availability(
        calendar.school,
        first=first,
        last=last,
        calendar=calendar,
        rooms=rooms,
        people=[*walkers, *others],
        reader=decider,
        lessons=[Q(room__in=rooms), Q(teacher__in=walkers), *_lessons_during(listed, others, calendar)],
    )


def _lessons_during(walks: Iterable[Walk], people: list[int], calendar: Calendar) -> list[Q]:
    """Return filters for the lessons that these people teach on the days of these walks."""
    days = {calendar.day_type(walk.date) for walk in walks}
    return [Q(day_type=day, teacher__in=people) for day in days if day]


def clashes_in_words(walk: Walk, *, calendar: Calendar) -> list[str]:
    """Return the clashes of one request, for a mail to its deciders."""
    plan = plan_from(walk, walk.stops.select_related(*STOP_RELATIONS))
    availability = clashes.availability_for(plan, first=walk.date, last=walk.date, calendar=calendar)
    found = clashes.find_clashes(plan, calendar=calendar, availability=availability)
    return [_finding(plan, clash, availability).words for clash in found]


def plan_from(walk: Walk, stops: Iterable[Stop]) -> Plan:
    """Return the plan of a walk with its own start, with these stops and without its focus.

    A host who has left counts as no host.
    """
    in_order = sorted(stops, key=lambda stop: (stop.position, stop.pk))
    return Plan(
        walker=walk.walker,
        date=walk.date,
        period=walk.period,
        stops=tuple(_without_leavers(stop) for stop in planned_stops_of(in_order)),
        walk=walk,
        starts_at=walk.starts_at,
    )


def _without_leavers(stop: PlannedStop) -> PlannedStop:
    return replace(stop, hosts=tuple(host for host in stop.hosts if host.is_active))


def findings_about_plan(plan: Plan, *, availability: Availability, now: dt.datetime) -> tuple[RequestFinding, ...]:
    """Return what a decider has to know about a plan: its clashes, and whether its time has passed."""
    found = clashes.find_clashes(plan, calendar=availability.calendar, availability=availability)
    has_passed = plan.times(calendar=availability.calendar)[0] <= now
    passed = [RequestFinding("passed", _("This time has passed."), short=_("time has passed"))] if has_passed else []
    return (*passed, *_short_notice(plan, availability, now), *(_finding(plan, clash, availability) for clash in found))


def _short_notice(plan: Plan, availability: Availability, now: dt.datetime) -> list[RequestFinding]:
    """Return that colleagues would be told later than the school promises them, if the walk was approved now."""
    school = availability.school
    assert plan.date is not None
    if not plan.announced or plan.date >= availability.calendar.first_day_to_walk(local_date(school, now)):
        return []
    days = school_days_in_words(school.announce_days_ahead)
    words = _("The colleagues would be told less than %(days)s before.") % {"days": days}
    return [RequestFinding("short_notice", words, short=_("short notice"))]


def _pending_request(
    walk: Walk, availability: Availability, now: dt.datetime, might_cover: list[Person]
) -> PendingRequest:
    plan = plan_from(walk, walk.stops.all())
    found = clashes.find_clashes(plan, calendar=availability.calendar, availability=availability)
    findings = findings_about_plan(plan, availability=availability, now=now)
    can_cover = who_can_cover(plan, availability, might_cover) if any(c.kind == TEACHING for c in found) else ()
    return PendingRequest(walk, plan, findings, _ways_out(plan, found, availability, now), can_cover)


def ways_out_of_plan(plan: Plan, *, availability: Availability, now: dt.datetime) -> tuple[ways_out.WayOut, ...]:
    """Return the ways out of the clashes of a plan."""
    found = clashes.find_clashes(plan, calendar=availability.calendar, availability=availability)
    return _ways_out(plan, found, availability, now)


def offered_time(plan: Plan, *, availability: Availability, now: dt.datetime) -> Plan | None:
    """Return the plan at another time when all rooms are free, if one is offered because the plan clashes."""
    offers = (way.plan for way in ways_out_of_plan(plan, availability=availability, now=now))
    return next((offer for offer in offers if (offer.date, offer.period) != (plan.date, plan.period)), None)


def _ways_out(
    plan: Plan, found: list[Clash], availability: Availability, now: dt.datetime
) -> tuple[ways_out.WayOut, ...]:
    besides_cover = any(clash.kind != TEACHING for clash in found)
    return ways_out.for_decider(plan, found, availability=availability, now=now) if besides_cover else ()


def _finding(plan: Plan, clash: Clash, availability: Availability) -> RequestFinding:
    """Return the clash in words for the decider; a clash's own words address the walker."""
    words = clash.words
    visitors = ""
    if clash.kind == "away":
        words = _("According to the timetable, %(name)s is not at school at that time.")
        words %= {"name": plan.walker.short_name}
    elif clash.kind == "own_walk":
        words = _("%(name)s has another walk at that time.") % {"name": plan.walker.short_name}
    elif clash.kind == "covering":
        words = _("%(name)s covers a colleague’s class at that time.") % {"name": plan.walker.short_name}
    elif clash.kind == "full" and clash.room_id is not None and availability.reader is not None:
        visitors = _who_is_going(plan, clash.room_id, availability)
    short = _(SHORT[clash.kind]) % {"room": clash.room}
    return RequestFinding(clash.kind, words, visitors, clash.room_id, clash.room, short)


def _who_is_going(plan: Plan, room_id: int, availability: Availability) -> str:
    """Say who visits the room then. Deciders read only names of their own grades; other walkers are counted."""
    own_id = plan.walk.pk if plan.walk else None
    times = plan.times(calendar=availability.calendar)
    walks = [
        walk
        for walk in availability.scheduled_walks
        if room_id in walk.rooms and walk.overlaps(times) and walk.walk_id != own_id
    ]
    if not walks:
        return ""  # the room is full for this fortnight, not at this time
    names = [walk.name for walk in walks if walk.name]
    unnamed = len(walks) - len(names)
    if unnamed:
        words = ngettext("%(n)s colleague of another grade", "%(n)s colleagues of other grades", unnamed)
        count = number_in_words(unnamed)
        names.append(words % {"n": count.lower() if names else count})
    listed = _(" and ").join(filter(None, [", ".join(names[:-1]), names[-1]]))
    words = ngettext(
        "%(names)s is already visiting this room at that time.",
        "%(names)s are already visiting this room at that time.",
        len(walks),
    )
    return words % {"names": listed}
