"""Which lessons colleagues may visit: by the school's policy, and by what teachers asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from ..models import Person, School, Visits
from ..models.managers import LessonQuerySet


def take_visits(teachers: Iterable[Person], *, school: School) -> bool:
    """Whether these teachers may be visited in the room that they share: not if one of them opted out."""
    if school.who_may_be_visited == Visits.ANYBODY:
        return True
    return not any(teacher.opted_out_of_visits for teacher in teachers)


def to_visit_now(classes: LessonQuerySet, date: dt.date, *, school: School) -> LessonQuerySet:
    """Return those of the classes of a date that may be visited without a plan, by the rule of `take_visits`."""
    if school.who_may_be_visited == Visits.ANYBODY:
        return classes
    same = {name: OuterRef(name) for name in ("semester", "day_type", "period", "room")}
    opted_out = classes.model._default_manager.filter(teacher__opted_out_of_visits=True, **same)
    return classes.exclude(Exists(opted_out.valid_on(date)))
