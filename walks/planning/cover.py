"""Who could cover the walker's lesson: colleagues with neither a lesson nor a walk at that time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from school.calendar import Calendar, period_times
from school.models import Lesson, Period, Person, Semester
from school.models.managers import PersonQuerySet

from ..availability.availability import LONGEST, Availability
from ..models import Walk
from .plan import Plan

SHOWN = 40  # names that are offered; in a larger school the walker's own grade comes first
BY_NAME = ("family_name", "given_name")


def in_timetable(person: Person) -> bool:
    """Whether the semester's timetable has lessons of the person. Otherwise nobody knows when they are free."""
    return bool(getattr(person, "has_classes", True))


def _has_classes(semesters: Iterable[Semester]) -> Exists:
    return Exists(Lesson.objects.filter(semester__in=list(semesters), teacher=OuterRef("pk")))


def free_then(date: dt.date, period: Period, *, calendar: Calendar) -> PersonQuerySet:
    """Return teachers who have neither a lesson nor a walk nor a cover in that period, by name.

    People without any lesson in the semester come last.
    """
    start, _end = period_times(calendar.school, date, period)
    then = Walk.objects.occupying(start, start + LONGEST).order_by()
    busy = Q(pk__in=then.values("walker")) | Q(pk__in=then.filter(cover__isnull=False).values("cover"))
    people: PersonQuerySet = Person.objects.teachers().filter(school=calendar.school).exclude(busy)
    semester = calendar.semester_on(date)
    day_type = calendar.day_type(date)
    if semester and day_type:
        taught = Lesson.objects.filter(semester=semester, day_type=day_type, period=period, teacher=OuterRef("pk"))
        people = people.exclude(Exists(taught))
    if semester:
        return people.annotate(has_classes=_has_classes([semester])).order_by("-has_classes", *BY_NAME)
    return people.order_by(*BY_NAME)


def who_is_free(plan: Plan, *, calendar: Calendar) -> PersonQuerySet:
    """Return everybody who could cover the lesson of the plan's walker, by name."""
    assert plan.date is not None and plan.period is not None
    return free_then(plan.date, plan.period, calendar=calendar).exclude(pk=plan.walker.pk)


def offered(plan: Plan, *, calendar: Calendar) -> PersonQuerySet:
    """Those of them whose names are offered."""
    free = who_is_free(plan, calendar=calendar)
    mates = free.filter(grade=plan.walker.grade_id).order_by() if plan.walker.grade_id else free.none()
    shown = free.filter(Q(pk__in=free.values("pk")[:SHOWN]) | Q(pk__in=mates.values("pk")))
    return shown.select_related("grade")


def colleagues(walks: Iterable[Walk], *, calendar: Calendar) -> list[Person]:
    """Return everybody who may be offered as cover for these walks; the availability knows who is free for which.

    One query finds the walks whose walker teaches then; if there are any, a second one finds the colleagues.
    """
    listed = _with_a_class(walks, calendar)
    if not listed:
        return []
    wanted = Q(grade__in={walk.walker.grade_id for walk in listed if walk.walker.grade_id})
    for date, period in {(walk.date, walk.period) for walk in listed}:
        wanted |= Q(pk__in=free_then(date, period, calendar=calendar).values("pk")[:SHOWN])
    people = Person.objects.teachers().filter(wanted, school=calendar.school).select_related("grade")
    semesters = {semester for semester in (calendar.semester_on(walk.date) for walk in listed) if semester}
    return list(people.annotate(has_classes=_has_classes(semesters)) if semesters else people)


def _with_a_class(walks: Iterable[Walk], calendar: Calendar) -> list[Walk]:
    """Return those walks whose walker teaches at that time."""
    slots = {walk: (calendar.semester_on(walk.date), calendar.day_type(walk.date), walk.period_id) for walk in walks}
    then = Q(pk__in=[])
    for walk, (semester, day_type, period) in slots.items():
        then |= Q(semester=semester, day_type=day_type, period=period, teacher=walk.walker_id)
    columns = ("semester_id", "day_type_id", "period_id", "teacher_id")
    teaching = set(Lesson.objects.filter(then).order_by().values_list(*columns))
    return [
        walk
        for walk, (semester, day_type, period) in slots.items()
        if semester and day_type and (semester.pk, day_type.pk, period, walk.walker_id) in teaching
    ]


def who_can_cover(plan: Plan, availability: Availability, among: Iterable[Person]) -> tuple[Person, ...]:
    """Return those colleagues who have no lesson or walk then, the walker's own grade first, by name.

    People without any lesson in the timetable come last.
    """
    assert plan.date is not None and plan.period is not None
    teaching = {taught.host.pk for taught in availability.lessons_in(plan.date, plan.period).values()}
    times = availability.span(plan.date, plan.period)
    engaged = {pk for visit in availability.visits if visit.overlaps(times) for pk in (visit.walker_id, visit.cover_id)}
    busy = teaching | engaged | {plan.walker.pk}
    free = sorted((p for p in among if p.pk not in busy), key=_listed)
    nearest = sorted(free, key=lambda p: (not in_timetable(p), p.grade_id != plan.walker.grade_id))[:SHOWN]
    return tuple(sorted(nearest, key=_listed))


def _listed(person: Person) -> tuple[bool, str, str]:
    return not in_timetable(person), person.family_name, person.given_name
