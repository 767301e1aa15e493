"""Which lessons colleagues may visit: by the school's policy, by what teachers asked for, and through open doors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef, Q

from ..models import Person, School, Visits
from ..models.managers import LessonQuerySet
from ..registry import Registry

Door = tuple[int, dt.date, int]  # the ids of room and period, and the date between them
# Each function returns the doors of a school that are open from one date to another. They may always be visited.
open_doors: Registry[Callable[[School, dt.date, dt.date], Iterable[Door]]] = Registry()


def take_visits(teachers: Iterable[Person], *, school: School) -> bool:
    """Whether these teachers may be visited in the room that they share, without an open door."""
    if school.who_may_be_visited == Visits.OPEN_DOORS:
        return False
    if school.who_may_be_visited == Visits.ANYBODY:
        return True
    return not any(teacher.opted_out_of_visits for teacher in teachers)


def doors_between(school: School, first: dt.date, last: dt.date) -> set[Door]:
    """Return the doors that are open from `first` to `last`."""
    return {door for find in open_doors for door in find(school, first, last)}


def to_visit_now(classes: LessonQuerySet, date: dt.date, *, school: School) -> LessonQuerySet:
    """Return those of the classes of a date that may be visited without a plan.

    A room that teachers share takes no visits if one of them opted out.
    """
    if school.who_may_be_visited == Visits.ANYBODY:
        return classes
    if school.who_may_be_visited == Visits.UNLESS_OPTED_OUT:
        same = {name: OuterRef(name) for name in ("semester", "day_type", "period", "room")}
        opted_out = classes.model._default_manager.filter(teacher__opted_out_of_visits=True, **same)
        return classes.exclude(Exists(opted_out.valid_on(date)))
    through_doors = Q(pk__in=[])
    for room, _date, period in doors_between(school, date, date):
        through_doors |= Q(room=room, period=period)
    return classes.filter(through_doors)
