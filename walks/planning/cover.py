"""Which colleagues could cover the walker's lesson: those without a lesson or a walk at that time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_

from django.db.models import Exists, Min, OuterRef, Q

from school.calendar import Calendar, local_date
from school.models import Lesson, Person, Semester
from school.models.managers import PersonQuerySet
from school.timetable import hours, timetable

from ..availability.availability import Availability
from ..availability.occupancy import TimeRange, busy_times_of, longest_walk
from ..availability.taught_lessons import KnownLessons
from ..models import Walk
from .plan import Plan

OFFERED_AT_MOST = 40  # names from all grades; free colleagues of the walker's grade are offered, too, or come first
BY_NAME = ("family_name", "given_name")


def in_timetable(person: Person) -> bool:
    """Whether the person teaches in the semester. If not, the timetable cannot tell when they are free.

    `has_classes` is an annotation of the queries in this module.
    """
    return bool(getattr(person, "has_classes", True))


def _has_classes(semesters: Iterable[Semester]) -> Exists:
    return Exists(Lesson.objects.filter(semester__in=list(semesters), teacher=OuterRef("pk")))


def free_then(times: TimeRange, *, calendar: Calendar, excluding: Walk | None = None) -> PersonQuerySet:
    """Return the teachers who are at school and do not teach, walk or cover at that time, by name.

    Teachers without any lesson in the semester come last. `excluding` is the walk in question, which keeps nobody busy.
    """
    start, _end = times
    walks = Walk.objects.occupying(start, start + longest_walk(calendar.school)).order_by()
    if excluding is not None:
        walks = walks.exclude(pk=excluding.pk)
    busy = Q(pk__in=walks.values("walker")) | Q(pk__in=walks.filter(cover__isnull=False).values("cover"))
    people: PersonQuerySet = Person.objects.teachers().filter(school=calendar.school).exclude(busy)
    people = people.filter(hours.at_school_then(times, calendar=calendar)).exclude(
        Exists(timetable.lessons_during(times, calendar=calendar).filter(teacher=OuterRef("pk")))
    )
    semester = calendar.semester_on(local_date(calendar.school, start))
    if semester:
        return people.annotate(has_classes=_has_classes([semester])).order_by("-has_classes", *BY_NAME)
    return people.order_by(*BY_NAME)


def who_is_free(plan: Plan, *, calendar: Calendar) -> PersonQuerySet:
    """Return all teachers who could cover the lesson of the plan's walker, by name."""
    times = plan.busy_times(calendar=calendar)
    return free_then(times, calendar=calendar, excluding=plan.walk).exclude(pk=plan.walker.pk)


def colleagues_to_offer(plan: Plan, *, calendar: Calendar) -> PersonQuerySet:
    """Return the teachers to offer as cover: the first of those who are free, and all of the walker's grade."""
    free = who_is_free(plan, calendar=calendar)
    of_grade = free.filter(grade=plan.walker.grade_id).order_by() if plan.walker.grade_id else free.none()
    first = free.values("pk")[:OFFERED_AT_MOST]
    return free.filter(Q(pk__in=first) | Q(pk__in=of_grade.values("pk"))).select_related("grade")


def who_might_cover(walks: Iterable[Walk], *, calendar: Calendar) -> list[Person]:
    """Return everybody who might cover at least one of these walks; `who_can_cover` then chooses for each walk.

    One query finds the walks whose walker teaches then; if there are any, a second one finds the colleagues.
    """
    listed = _during_a_class(walks, calendar)
    if not listed:
        return []
    wanted = Q(grade__in={walk.walker.grade_id for walk in listed if walk.walker.grade_id})
    for times in {busy_times_of(walk, calendar=calendar) for walk in listed}:
        wanted |= Q(pk__in=free_then(times, calendar=calendar).values("pk")[:OFFERED_AT_MOST])
    people = Person.objects.teachers().filter(wanted, school=calendar.school).select_related("grade")
    semesters = {semester for semester in (calendar.semester_on(walk.date) for walk in listed) if semester}
    return list(people.annotate(has_classes=_has_classes(semesters)) if semesters else people)


def _during_a_class(walks: Iterable[Walk], calendar: Calendar) -> list[Walk]:
    """Return those walks whose walker teaches at that time."""
    listed = list(walks)
    lessons = lessons_of({walk.walker_id for walk in listed}, during=listed, calendar=calendar)
    return [walk for walk in listed if walk.walker_id in lessons.busy_during(busy_times_of(walk, calendar=calendar))]


def lessons_of(
    walkers: Collection[int], *, covers: Collection[int] = (), during: Iterable[Walk], calendar: Calendar
) -> KnownLessons:
    """Return what these people teach on the days of these walks (two queries).

    Of each cover, one more lesson of the semester is read, because people without any count as always at school.
    """
    days = {(calendar.semester_on(walk.date), calendar.day_type(walk.date)) for walk in during}
    people = {*walkers, *covers}
    parts = [Q(semester=semester, day_type=day, teacher__in=people) for semester, day in days if semester and day]
    if covers:
        of_covers = Lesson.objects.filter(semester__in=[semester for semester, _day in days if semester])
        by_person = of_covers.filter(teacher__in=covers).order_by().values("semester", "teacher")
        parts.append(Q(pk__in=by_person.annotate(first=Min("pk")).values("first")))
    lessons = KnownLessons(calendar)
    lessons.read(Lesson.objects.filter(reduce(or_, parts, Q(pk__in=[]))))
    return lessons


def who_can_cover(plan: Plan, availability: Availability, among: Iterable[Person]) -> tuple[Person, ...]:
    """Return those of `among` who are at school and do not teach, walk or cover then, by name.

    If there are too many, colleagues of the walker's grade are kept before others. People without any lesson in the
    timetable come last.
    """
    times = plan.busy_times(calendar=availability.calendar)
    teaching = availability.known_lessons.busy_during(times).keys()
    during = times[0], times[0] + longest_walk(availability.school)
    walks = [walk for walk in availability.scheduled_walks if walk.overlaps(during)]
    walking = {walk.walker_id for walk in walks}
    covering = {walk.cover_id for walk in walks}
    busy = teaching | walking | covering | {plan.walker.pk}
    here = [person for person in among if availability.is_at_school_during(person, times, teaches=in_timetable(person))]
    free = sorted((person for person in here if person.pk not in busy), key=_list_order)
    own_grade_first = sorted(free, key=lambda p: (not in_timetable(p), p.grade_id != plan.walker.grade_id))
    return tuple(sorted(own_grade_first[:OFFERED_AT_MOST], key=_list_order))


def _list_order(person: Person) -> tuple[bool, str, str]:
    return not in_timetable(person), person.family_name, person.given_name
