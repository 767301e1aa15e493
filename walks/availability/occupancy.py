"""Who comes to which room when, and which rooms are closed: read for some rooms, people and days."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import BooleanField, ExpressionWrapper, Q, Value

from school.calendar import at_local
from school.models import Grade, Person, RoomClosure, School

from ..models import Stop, Walk

Moments = tuple[dt.datetime, dt.datetime]
Closures = dict[tuple[int, dt.date], list[tuple[int | None, str]]]  # by room and date: a period or none, and the reason


@dataclass
class Visit:
    """A requested or approved walk, with the rooms still to visit."""

    walk_id: int
    walker_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    name: str = ""  # the walker's, if the reader may know it
    rooms: set[int] = field(default_factory=set)
    cover_id: int | None = None  # the person who covers
    covered: str = ""  # the title of the covered lesson

    def overlaps(self, times: Moments) -> bool:
        """Whether the times meet; touching end to start does not count."""
        return self.starts_at < times[1] and self.ends_at > times[0]


def visits_between(
    school: School, first: dt.date, last: dt.date, *, rooms: Q, people: Iterable[int], to: Person | None
) -> list[Visit]:
    """Return walks to these rooms or by these people, ordered by id (one query).

    Walkers are named only if the reader `to` may read their names.
    """
    start = at_local(school, first, dt.time.min)
    end = at_local(school, last + dt.timedelta(days=1), dt.time.min)
    walks = Walk.objects.occupying(start, end).filter(semester__school=school).order_by()
    asked = rooms | Q(walk__walker__in=people) | Q(walk__cover__in=people)
    may_know = ExpressionWrapper(_known_to(to), BooleanField()) if to else Value(False)
    rows = (
        Stop.objects.filter(asked, walk__in=walks)
        .annotate(may_know=may_know)
        .order_by()
        .values_list(
            "walk_id",
            "walk__walker_id",
            "walk__starts_at",
            "walk__ends_at",
            "walk__walker__given_name",
            "may_know",
            "walk__cover_id",
            "walk__covered_lesson__title",
            "room_id",
            "skipped_at",
        )
    )
    visits: dict[int, Visit] = {}
    for walk, walker, starts_at, ends_at, name, known, cover, covered, room, skipped_at in rows:
        if walk not in visits:
            visits[walk] = Visit(
                walk, walker, starts_at, ends_at, name if known else "", cover_id=cover, covered=covered or ""
            )
        if skipped_at is None:
            visits[walk].rooms.add(room)
    return sorted(visits.values(), key=lambda visit: visit.walk_id)


def closures_between(first: dt.date, last: dt.date, *, rooms: Q) -> Closures:
    """Return why these rooms are closed (one query)."""
    closed: Closures = defaultdict(list)
    rows = RoomClosure.objects.filter(rooms, date__range=(first, last)).order_by()
    for room, date, period, reason in rows.values_list("room_id", "date", "period_id", "reason"):
        closed[room, date].append((period, reason))
    return closed


def _known_to(reader: Person) -> Q:
    """Walks of the reader and of the grades they are Head of, by people who are still here: names they may read."""
    own = Q(walk__walker=reader)
    headed = Q(walk__walker__grade__in=Grade.objects.filter(heads=reader))
    return Q(walk__walker__is_active=True) & (own | headed)
