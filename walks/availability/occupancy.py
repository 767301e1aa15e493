"""Who comes to which room when, and which rooms are closed: read together, for some rooms, people and days."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    ExpressionWrapper,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from school.calendar import at_local
from school.models import Grade, Person, RoomClosure, School

from ..models import Stop, Walk

Moments = tuple[dt.datetime, dt.datetime]
Closures = dict[tuple[int, dt.date], list[tuple[int | None, str]]]  # by room and date: a period or none, and the reason

_NO_NUMBER = Cast(Value(None), BigIntegerField())
_NO_TIME, _NO_DATE = Cast(Value(None), DateTimeField()), Cast(Value(None), DateField())


@dataclass
class Visit:
    """A walk, requested or agreed, and the rooms it still means to see."""

    walk_id: int
    walker_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    name: str = ""  # the walker's, when the reader of the page may know it
    rooms: set[int] = field(default_factory=set)
    cover_id: int | None = None  # who takes the walker's class
    covered: str = ""  # the title of that class

    def overlaps(self, times: Moments) -> bool:
        """Whether the times meet; touching end to start does not count."""
        return self.starts_at < times[1] and self.ends_at > times[0]


def visits_and_closures(
    school: School, first: dt.date, last: dt.date, *, rooms: Q, people: Iterable[int], to: Person | None
) -> tuple[list[Visit], Closures]:
    """Walks to these rooms or by these people, in order of their number, and why rooms are closed (one query).

    The names of walkers are there for whoever may read them: `to` is that reader.
    """
    visits: dict[int, Visit] = {}
    closed: Closures = defaultdict(list)
    asked = rooms | Q(walk__walker__in=people) | Q(walk__cover__in=people)
    rows = _visits(school, first, last, asked, to).union(_closures(rooms, first, last), all=True)
    for walk, walker, other, starts_at, ends_at, room, skipped_at, words, may_know, covered, date in rows:
        if walk is None:
            closed[room, date].append((other, words))
            continue
        name = words if may_know else ""
        visit = Visit(walk, walker, starts_at, ends_at, name, cover_id=other, covered=covered or "")
        visit = visits.setdefault(walk, visit)
        visit.rooms |= set() if skipped_at else {room}
    return sorted(visits.values(), key=lambda visit: visit.walk_id), closed


def _visits(
    school: School, first: dt.date, last: dt.date, asked: Q, to: Person | None
) -> QuerySet[Stop, tuple[Any, ...]]:
    start = at_local(school, first, dt.time.min)
    end = at_local(school, last + dt.timedelta(days=1), dt.time.min)
    walks = Walk.objects.occupying(start, end).filter(semester__school=school).order_by()
    may_know = ExpressionWrapper(_known_to(to), BooleanField()) if to else Value(False)
    return (
        Stop.objects.filter(asked, walk__in=walks)
        .order_by()
        .values_list(
            "walk_id",
            "walk__walker_id",
            "walk__cover_id",
            "walk__starts_at",
            "walk__ends_at",
            "room_id",
            "skipped_at",
            "walk__walker__given_name",
            may_know,
            "walk__covered_lesson__title",
            _NO_DATE,
        )
    )


def _closures(rooms: Q, first: dt.date, last: dt.date) -> QuerySet[RoomClosure, tuple[Any, ...]]:
    """As the rows of visits: no walk, the period in the place of the cover, the reason in that of the name."""
    closures = RoomClosure.objects.filter(rooms, date__range=(first, last)).order_by()
    return closures.values_list(
        _NO_NUMBER,
        _NO_NUMBER,
        "period_id",
        _NO_TIME,
        _NO_TIME,
        "room_id",
        _NO_TIME,
        "reason",
        Value(False),
        Value(""),
        "date",
    )


def _known_to(reader: Person) -> Q:
    """Walks of the reader and of the grades they are Head of, by people who are still here: names they may read."""
    own, headed = Q(walk__walker=reader), Q(walk__walker__grade__in=Grade.objects.filter(heads=reader))
    return Q(walk__walker__is_active=True) & (own | headed)
