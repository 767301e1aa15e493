"""Reminders of a semester: nudges for teachers without a plan, and the mails to administrators at its end."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db.models import Count, Q

from notifications.models import Reminder, ReminderState
from notifications.quiet import MORNING, fit_quiet_hours, next_morning
from school import semester_gaps
from school.calendar import Calendar, at_local, local_date
from school.models import Person, School, Semester
from school.models.managers import PersonQuerySet

from ..models import Excusal, State, Walk
from .drop_ins import walkers_with_enough_drop_ins
from .walks_owed import walks_owed_now

NUDGE = "walks.nudge"
SEMESTER_END = "walks.semester_end"
ADD_SEMESTER = "walks.add_semester"
WEEKS_BEFORE = (6, 3, 1)
A_WEEK = dt.timedelta(days=7)
PLANNED = (State.REQUESTED, State.CHANGES_ASKED, State.APPROVED)  # these count only until their day has passed
WALKED = (State.WALKED, State.COMPLETE)


def people_owing_walk(semester: Semester) -> PersonQuerySet:
    """Return the teachers who have to walk this semester: all except those who are excused or joined after it."""
    excused = Excusal.objects.filter(semester=semester).values("person")
    teachers: PersonQuerySet = Person.objects.teachers().filter(school=semester.school_id)
    return teachers.joined_by(semester.school, semester.ends_on).exclude(pk__in=excused)


def people_without_plan(semester: Semester, *, now: dt.datetime) -> PersonQuerySet:
    """Return those who owe a walk and have planned or walked fewer walks than the school requires.

    A plan whose day has passed does not count. After the semester, before the school opens, and if walks are voluntary,
    nobody is returned.
    """
    today = local_date(semester.school, now)
    if today > semester.ends_on or not semester.school.is_open or not semester.school.required_walks:
        return people_owing_walk(semester).none()
    counts = Q(state__in=WALKED) | Q(state__in=PLANNED, date__gte=today)
    planned = Walk.objects.filter(counts, semester=semester, is_drop_in=False).values("walker").order_by()
    counted = planned.annotate(walks=Count("pk"))
    owed = semester.school.required_walks
    enough = Q(pk__in=counted.filter(walks__gte=owed).values("walker"))
    all_but_one = Q() if owed == 1 else Q(pk__in=counted.filter(walks__gte=owed - 1).values("walker"))
    enough |= all_but_one & Q(pk__in=walkers_with_enough_drop_ins(semester))
    return people_owing_walk(semester).exclude(enough)


def completion_counts(semester: Semester, *, now: dt.datetime) -> tuple[int, int]:
    """Return how many of the teachers who owe a walk have completed it, and how many teachers owe one.

    If walks are voluntary, it is how many have completed one, of how many.
    """
    people = people_owing_walk(semester)
    complete = Walk.objects.filter(semester=semester, state=State.COMPLETE, is_drop_in=False, walker__in=people)
    walks = Counter(dict(complete.values_list("walker").annotate(walks=Count("pk")).order_by()))
    walks.update(people.filter(pk__in=walkers_with_enough_drop_ins(semester)).values_list("pk", flat=True))
    owed = max(walks_owed_now(semester, now=now), 1)
    return sum(1 for count in walks.values() if count >= owed), people.count()


def store_upcoming(now: dt.datetime) -> int:
    """Store the reminders of every open school whose time is near, unless they are stored already.

    Return how many there are, old and new.
    """
    schools = School.objects.filter(opened_at__isnull=False)
    return sum(store_upcoming_of(school, now) for school in schools.order_by("pk"))


def store_upcoming_of(school: School, now: dt.datetime) -> int:
    """Store the reminders of one school. `store_upcoming` does this every hour; opening the school does it at once."""
    today = local_date(school, now)
    current_or_just_ended = Semester.objects.filter(
        school=school, starts_on__lte=today, ends_on__gte=today - 2 * A_WEEK
    )
    calendar = Calendar(school)
    rows: list[Reminder] = []
    for semester in current_or_just_ended.select_related("school"):
        rows += [*_nudges(semester, calendar, now), *_end_mails(semester, calendar, now)]
        rows += _add_semester_mails(semester, calendar, now)
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def delete_upcoming_of(school: School) -> None:
    """Delete the reminders that wait, after the opening of the school was undone. Another opening stores them anew."""
    kinds = (NUDGE, SEMESTER_END, ADD_SEMESTER)
    Reminder.objects.filter(kind__in=kinds, person__school=school, state=ReminderState.PENDING).delete()


def _nudges(semester: Semester, calendar: Calendar, now: dt.datetime) -> list[Reminder]:
    """Return a nudge for each person without a plan, if the semester ends in 6, 3 or 1 weeks (WEEKS_BEFORE).

    The weeks are counted back from its last day, not from a Monday. The nudge is due on the first morning of such a
    week, or now if that morning has passed, but not in the first week of an open school, which began with invitations.
    """
    days_left = (semester.ends_on - local_date(semester.school, now)).days
    weeks = next((week for week in WEEKS_BEFORE if 7 * (week - 1) < days_left <= 7 * week), None)
    if weeks is None:
        return []
    morning = at_local(semester.school, semester.ends_on - weeks * A_WEEK, MORNING)
    a_week_open = semester.school.opened_at + A_WEEK if semester.school.opened_at else now
    due_at = fit_quiet_hours(semester.school, max(morning, now, a_week_open), calendar=calendar)
    people = people_without_plan(semester, now=now).values_list("pk", flat=True)
    return [_reminder(NUDGE, f"nudge:{semester.pk}:{weeks}:{pk}", pk, semester, due_at, now) for pk in people]


def _end_mails(semester: Semester, calendar: Calendar, now: dt.datetime) -> list[Reminder]:
    """Return a mail to each administrator, due on the first school morning after the last day of the semester."""
    due_at = next_morning(calendar, semester.ends_on)
    if due_at is None or local_date(semester.school, now) <= semester.ends_on - A_WEEK:
        return []
    return [
        _reminder(SEMESTER_END, f"semester_end:{semester.pk}:{pk}", pk, semester, due_at, now)
        for pk in _administrators(semester)
    ]


def _add_semester_mails(semester: Semester, calendar: Calendar, now: dt.datetime) -> list[Reminder]:
    """Return a mail to each administrator if no semester follows: four weeks before the end, and again after it."""
    today = local_date(semester.school, now)
    if semester_gaps.last_semester_if_ending(calendar, today) != semester:
        return []
    when = "before"
    due_at = fit_quiet_hours(semester.school, now, calendar=calendar)
    if today > semester.ends_on:
        when = "after"
        due_at = max(next_morning(calendar, semester.ends_on) or due_at, now)
    return [
        _reminder(ADD_SEMESTER, f"add_semester:{semester.pk}:{when}:{pk}", pk, semester, due_at, now)
        for pk in _administrators(semester)
    ]


def _administrators(semester: Semester) -> list[int]:
    people = Person.objects.active().filter(school=semester.school_id, is_administrator=True)
    return list(people.values_list("pk", flat=True))


def _reminder(kind: str, key: str, person: int, semester: Semester, due_at: dt.datetime, now: dt.datetime) -> Reminder:
    return Reminder(kind=kind, key=key, person_id=person, about_id=semester.pk, due_at=due_at, created_at=now)
