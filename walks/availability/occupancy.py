"""Read from the database which walks go to some rooms, and when these rooms are closed."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, Value

from school.calendar import Calendar, at_local
from school.models import Grade, Period, Person, RoomClosure, School, Semester

from ..models import State, Stop, Walk

TimeRange = tuple[dt.datetime, dt.datetime]
Closures = dict[tuple[int, dt.date], list[tuple[int | None, str]]]  # (room, date) → (period, or None all day; reason)

STOP_COLUMNS = (
    "walk_id",
    "walk__walker_id",
    "walk__starts_at",
    "walk__ends_at",
    "walk__walker__given_name",
    "walk__walker__family_name",
    "may_know",
    "walk__cover_id",
    "walk__covered_lesson__title",
    "room_id",
    "skipped_at",
)


@dataclass
class ScheduledWalk:
    """A requested or approved walk, with its rooms except the skipped ones."""

    walk_id: int
    walker_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    name: str = ""  # the walker's given name, if the reader may know it
    rooms: set[int] = field(default_factory=set)
    cover_id: int | None = None  # the person who covers the walker's lesson
    covered_title: str = ""  # the title of that lesson
    hosts: set[int] = field(default_factory=set)  # of a walk that is not stored

    def overlaps(self, times: TimeRange) -> bool:
        """Whether the walk takes place during a part of these times."""
        return self.starts_at < times[1] and self.ends_at > times[0]


def longest_walk(school: School) -> dt.timedelta:
    """Return the length of the longest walk that the school's policy allows."""
    return dt.timedelta(minutes=school.walk_minutes_max)


def busy_times(date: dt.date, period: Period, own: TimeRange, *, calendar: Calendar) -> TimeRange:
    """Return when the walker, and who covers, must be free for a walk that takes place at its `own` times.

    This is the whole period, or longer if the walk ends after it; but if the bells have changed since, the walk keeps
    its times, and these count.
    """
    starts_at, ends_at = calendar.times(date, period)
    return (starts_at, max(ends_at, own[1])) if starts_at == own[0] else own


def busy_times_of(walk: Walk, *, calendar: Calendar) -> TimeRange:
    """Return when the walker of this stored walk, and who covers, must be free."""
    return busy_times(walk.date, walk.period, (walk.starts_at, walk.ends_at), calendar=calendar)


def walks_between(
    school: School, first: dt.date, last: dt.date, *, rooms: Q, people: Iterable[int], reader: Person | None
) -> list[ScheduledWalk]:
    """Return walks to these rooms, and walks that these people walk or cover, ordered by id (one query).

    Walkers are named only if `reader` may read their names.
    """
    start = at_local(school, first, dt.time.min)
    end = at_local(school, last + dt.timedelta(days=1), dt.time.min)
    walks = Walk.objects.occupying(start, end).filter(semester__school=school).order_by()
    wanted = rooms | Q(walk__walker__in=people) | Q(walk__cover__in=people)
    may_know = ExpressionWrapper(_name_known_to(reader), BooleanField()) if reader else Value(False)
    rows = Stop.objects.filter(wanted, walk__in=walks).annotate(may_know=may_know).order_by().values_list(*STOP_COLUMNS)
    found: dict[int, ScheduledWalk] = {}
    for walk, walker, starts_at, ends_at, given, family, may_know_name, cover, title, room, skipped_at in rows:
        if walk not in found:
            found[walk] = ScheduledWalk(
                walk_id=walk,
                walker_id=walker,
                starts_at=starts_at,
                ends_at=ends_at,
                name=(given or family) if may_know_name else "",
                cover_id=cover,
                covered_title=title or "",
            )
        if skipped_at is None:
            found[walk].rooms.add(room)
    return sorted(found.values(), key=lambda walk: walk.walk_id)


def visits_per_host(semesters: Iterable[Semester], *, hosts: Iterable[int]) -> dict[int, Counter[int]]:
    """Count the requested, approved and walked visits to these people, by semester id and host id (one query)."""
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    stops = Stop.objects.filter(host__in=hosts, walk__semester__in=[semester.pk for semester in semesters])
    counted = stops.filter(skipped_at__isnull=True).exclude(walk__state__in=[State.DRAFT, State.CANCELLED])
    rows = counted.order_by().values_list("walk__semester_id", "host_id").annotate(visits=Count("pk"))
    for semester, host, visits in rows:
        counts[semester][host] = visits
    return counts


def closures_between(first: dt.date, last: dt.date, *, rooms: Q) -> Closures:
    """Return when and why these rooms are closed (one query)."""
    closed: Closures = defaultdict(list)
    rows = RoomClosure.objects.filter(rooms, date__range=(first, last)).order_by()
    for room, date, period, reason in rows.values_list("room_id", "date", "period_id", "reason"):
        closed[room, date].append((period, reason))
    return closed


def _name_known_to(reader: Person) -> Q:
    """Walks whose walker the reader may know by name: their own, and those of the grades that they head.

    Nobody reads the name of a walker who has left.
    """
    own = Q(walk__walker=reader)
    headed = Q(walk__walker__grade__in=Grade.objects.filter(heads=reader))
    return Q(walk__walker__is_active=True) & (own | headed)
