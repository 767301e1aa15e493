"""Bring an older demo up to date: move requests to later dates, and add a walk today and praise to send."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from school.calendar import Calendar, local_date
from school.demo import DOMAIN
from school.models import DayType, Lesson, Period, Person, School, Semester
from school.text.semester_words import guess_word
from walks.models import State, Walk

from . import people
from .directory import Directory, semester_name
from .story import add_walks_of_amara
from .walks import WalkBatch

SIX_WEEKS = dt.timedelta(weeks=6)


def bring_up_to_date(school: School, *, now: dt.datetime) -> str:
    """Give Amara a walk for today and one with praise to send, unless she has them. Return what was added.

    Add nothing if a visitor of the demo marked Amara or Jonas as having left.
    """
    here = Person.objects.active().filter(school=school)
    walker = here.filter(email=f"{people.WALKER[0]}@{DOMAIN}").first()
    host = here.filter(email=f"{people.HOST[0]}@{DOMAIN}").first()
    if walker is None or host is None:
        return ""
    today = local_date(school, now)
    _postpone_requests(school, today)
    agreed = [State.APPROVED, State.WALKED, State.COMPLETE]
    if Walk.objects.filter(walker=walker, state__in=agreed, date=today).exists():
        return ""
    semester = _semester(school, today)
    batch = WalkBatch(_read_directory(school, semester), now)
    add_walks_of_amara(batch, semester, walker, host, today)
    batch.store()
    return "today's walk was added"


def _postpone_requests(school: School, today: dt.date) -> None:
    """Move past requests to a later date, so that the demo's page of approvals never becomes empty.

    They keep their day of the timetable. A request that would fall after the end of its semester stays, and lapses.
    """
    calendar = Calendar(school)
    waiting = Walk.objects.filter(walker__school=school, state__in=[State.REQUESTED, State.CHANGES_ASKED])
    for walk in waiting.filter(date__lte=today).select_related("semester", "period", "suggested_period"):
        date = _same_day_after(walk.date, walk.period, today, calendar)
        if date is None or date > walk.semester.ends_on:
            continue
        length = walk.ends_at - walk.starts_at
        if walk.suggested_date is not None:
            assert walk.suggested_period is not None
            before = max(today, date - dt.timedelta(days=1))
            walk.suggested_date = _same_day_after(walk.suggested_date, walk.suggested_period, before, calendar) or date
        walk.date = date
        walk.starts_at, _ends_at = calendar.times(date, walk.period)
        walk.ends_at = walk.starts_at + length
        walk.save(update_fields=["date", "starts_at", "ends_at", "suggested_date"])


def _same_day_after(date: dt.date, period: Period, after: dt.date, calendar: Calendar) -> dt.date | None:
    """Return the next date with the same day of the timetable as `date`, so with the same lessons."""
    day_type = calendar.day_type(date)
    days = calendar.school_days(after)
    same = (day for day in days if calendar.day_type(day) == day_type and period in calendar.periods_on(day))
    return next(same, None)


def _semester(school: School, today: dt.date) -> Semester:
    """Return a semester that runs today. Extend the last one if it ended recently, else create a new one."""
    semester = Calendar(school).current_semester(today)
    assert semester is not None
    following = _next_semester(semester, today)
    if semester.ends_on < today - SIX_WEEKS and following.name != semester.name:
        following.save()
        _copy_lessons(semester, following)
        return following
    if semester.ends_on < today:
        semester.ends_on = today + SIX_WEEKS
        semester.save(update_fields=["ends_on"])
    return semester


def _next_semester(last: Semester, today: dt.date) -> Semester:
    """Return an unsaved semester that began four weeks ago."""
    begins = today - dt.timedelta(days=today.weekday(), weeks=4)
    ends = begins + dt.timedelta(weeks=18, days=-3)
    name = semester_name(today, begins, ends)
    return Semester(school=last.school, name=name, word=guess_word(name), starts_on=begins, ends_on=ends)


def _copy_lessons(source: Semester, target: Semester) -> None:
    lessons = list(Lesson.objects.filter(semester=source))
    for lesson in lessons:
        lesson.pk = None
        lesson.semester = target
    Lesson.objects.bulk_create(lessons)


def _read_directory(school: School, semester: Semester) -> Directory:
    directory = Directory(school, semesters=[semester], periods=list(Period.objects.filter(school=school)))
    directory.day_types = list(DayType.objects.filter(school=school))
    directory.teachers = list(Person.objects.teachers().filter(school=school))
    lessons: dict[tuple[int, int], list[Lesson]] = defaultdict(list)  # by day type and period
    for lesson in Lesson.objects.filter(semester=semester).select_related("room__hallway__building__campus", "teacher"):
        lessons[lesson.day_type_id, lesson.period_id].append(lesson)
    for day in directory.day_types:
        for period in directory.periods:
            directory.add_lessons(semester, day, period, lessons[day.pk, period.pk])
    return directory
