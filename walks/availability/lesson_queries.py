"""Queries for the lessons of semesters."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Value

from school.models import Lesson, Semester


def in_semesters(semesters: Iterable[Semester], *parts: Q) -> QuerySet[Lesson]:
    """Return the lessons of these semesters that match at least one of `parts`.

    Each part names the semesters, so that the database can use an index for each.
    """
    semester = Q(semester__in=[semester.pk for semester in semesters])
    found: QuerySet[Lesson] = Lesson.objects.filter(reduce(or_, (semester & part for part in parts)))
    return found


def taught_slots(semesters: Iterable[Semester]) -> QuerySet[Semester, tuple[Any, ...]]:
    """Return semester, day type and period, as ids, wherever there is a class to visit in these semesters.

    Behind them are the first and the last day of classes that do not take place all semester (one query).
    """
    ids = [semester.pk for semester in semesters]
    same_slot = {"semester": OuterRef("pk"), "day_type": OuterRef("day"), "period": OuterRef("bell")}
    all_semester = Q(valid_from=None, valid_until=None)
    classes = Lesson.objects.to_visit().order_by()
    no_day = Value(None, DateField())
    slots = Semester.objects.filter(pk__in=ids).annotate(day=F("school__day_types"), bell=F("school__periods"))
    always = slots.filter(Exists(classes.filter(all_semester, **same_slot))).order_by()
    some_days = classes.filter(~all_semester, semester__in=ids)
    rows: QuerySet[Semester, tuple[Any, ...]] = always.values_list("pk", "day", "bell", no_day, no_day).union(
        some_days.values_list("semester", "day_type", "period", "valid_from", "valid_until")
    )
    return rows
