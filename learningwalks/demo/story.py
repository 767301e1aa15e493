"""Add the demo's walks, so that each of the four demo people has something to do after signing in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from school.calendar import SEARCH_DAYS, at_local, local_date
from school.models import Lesson, Period, Person, Semester
from walks.models import Excusal, State, Walk, WalkEvent

from . import people, texts
from .directory import Directory
from .walks import WalkBatch

Progress = Callable[[int], None]
PeriodStart = tuple[Period, dt.datetime]  # a period, and the moment when it begins on some day

HOSTS_TO_THANK = 3  # by Amara, for her last walk
# Most teachers have one completed walk. In each group of twenty, the teachers with these numbers have these instead.
UNUSUAL_WALKS = {
    3: [(State.CANCELLED, "past"), (State.COMPLETE, "past")],
    5: [(State.COMPLETE, "past"), (State.COMPLETE, "past")],
    15: [(State.WALKED, "week")],
    16: [(State.APPROVED, "coming")],
    17: [(State.REQUESTED, "coming")],
    18: [(State.APPROVED, "past")],  # approved, but never walked
    19: [],
}


def add_walks(directory: Directory, *, now: dt.datetime, walks: int | None, progress: Progress) -> None:
    """Fill the semesters with walks. For benchmarks, `walks` sets the number of past walks."""
    batch = WalkBatch(directory, now)
    *earlier, running = directory.semesters
    if walks is not None:
        _add_many(batch, walks, progress)
    else:
        for semester in earlier:
            for teacher in directory.walkers:
                if batch.chance.random() < 0.96:
                    batch.add(teacher, semester, batch.school_day(semester.starts_on, semester.ends_on), State.COMPLETE)
    _fill_running_semester(batch, running, for_benchmark=walks is not None)
    batch.store()
    _add_words_of_changes(directory)


def _add_many(batch: WalkBatch, total: int, progress: Progress) -> None:
    semesters = batch.directory.semesters
    teachers = batch.directory.walkers
    yesterday = local_date(batch.directory.school, batch.now) - dt.timedelta(days=1)
    for number in range(total):
        semester = semesters[number % len(semesters)]
        date = batch.school_day(semester.starts_on, min(semester.ends_on, yesterday))
        batch.add(teachers[(number // 3) % len(teachers)], semester, date, State.COMPLETE)
        if number % 1000 == 999:
            batch.store()
        progress(number + 1)
    batch.store()


def _fill_running_semester(batch: WalkBatch, semester: Semester, *, for_benchmark: bool) -> None:
    directory = batch.directory
    now = batch.now
    today = local_date(directory.school, now)
    by_mailbox = {(person.email or "").split("@")[0]: person for person in directory.teachers[:40]}
    walker = by_mailbox[people.WALKER[0]]
    host = by_mailbox[people.HOST[0]]
    head = by_mailbox[people.HEAD[0]]
    others = [t for t in directory.teachers if t not in (walker, host, head)]
    grade_mates = [t for t in others if t.grade_id == head.grade_id]
    _add_requests(batch, semester, grade_mates[:5], others[-4:], today)
    add_walks_of_amara(batch, semester, walker, host, today)
    batch.add(head, semester, batch.school_day(semester.starts_on, today - dt.timedelta(days=9)), State.COMPLETE)
    rest = [] if for_benchmark else [t for t in others if t not in grade_mates[:5] and t not in others[-4:]]
    _add_praise_for_host(batch, semester, host, rest[:6] or others[:6], today)
    _add_walks_of_others(batch, semester, rest[6:], today)
    Excusal.objects.create(
        person=others[-1], semester=semester, reason="Part-time, walks at her other school", excused_at=now
    )


def add_walks_of_amara(batch: WalkBatch, semester: Semester, walker: Person, host: Person, today: dt.date) -> None:
    """Give Amara a walk on the last school day with praise to write, and one that can start today."""
    period_today, start_today = _next_free_period(batch, semester, walker, host, today)
    period, start = _last_free_period(batch, semester, walker, besides=period_today)
    date = local_date(batch.directory.school, start)
    walked = Walk.objects.filter(walker=walker, starts_at=start, state__in=[State.WALKED, State.COMPLETE])
    if not walked.exists():
        last = batch.add(walker, semester, date, State.WALKED, period=period, starts_at=start, count=5)
        last.thanked = len(last.stops) - HOSTS_TO_THANK  # a room may have two hosts
    lessons = batch.lessons_in_neighbouring_rooms(semester, today, period_today, exclude=walker, count=4)
    own = batch.lesson_of(host, semester, today, period_today)
    lessons = [*lessons[:3], own] if own and own not in lessons else lessons
    batch.add(walker, semester, today, State.APPROVED, starts_at=start_today, period=period_today, lessons=lessons)


def _free_slots(batch: WalkBatch, semester: Semester, walker: Person, date: dt.date) -> list[PeriodStart]:
    """Return the walker's free periods on that day with their start times."""
    return [(p, batch.calendar.times(date, p)[0]) for p in batch.free_periods(walker, semester, date)]


def _last_free_period(batch: WalkBatch, semester: Semester, walker: Person, *, besides: Period) -> PeriodStart:
    """Return her latest free period that is over, but not the period of her next walk: the two would look like one.

    At a weekend, her praise is then past its 24 hours.
    """
    today = local_date(batch.directory.school, batch.now)
    over = batch.now - dt.timedelta(minutes=30)
    for ago in range(SEARCH_DAYS):
        day = today - dt.timedelta(days=ago)
        slots = _free_slots(batch, semester, walker, day) if batch.calendar.is_school_day(day) else []
        for period, start in reversed(slots):
            if start < over and period != besides:
                return period, start
    raise LookupError("no school day for two months")


def _next_free_period(
    batch: WalkBatch, semester: Semester, walker: Person, host: Person, today: dt.date
) -> PeriodStart:
    """Return her next free period today, if possible one in which Jonas teaches. After school, begin in 90 minutes."""
    slots = _free_slots(batch, semester, walker, today)
    ahead = [(period, start) for period, start in slots if start > batch.now]
    with_host = [slot for slot in ahead if batch.lesson_of(host, semester, today, slot[0])]
    if ahead:
        return (with_host or ahead)[0]
    last = at_local(batch.directory.school, today, dt.time(23, 30))  # so that the walk stays on this day
    return slots[-1][0], min(_rounded_to_five_minutes(batch.now + dt.timedelta(minutes=90)), last)


def _rounded_to_five_minutes(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)


def _add_praise_for_host(
    batch: WalkBatch, semester: Semester, host: Person, visitors: list[Person], today: dt.date
) -> None:
    """Give Jonas praise from the last weeks. He has not read the latest, and has not planned a walk of his own."""
    for weeks, visitor in enumerate(visitors, start=1):
        date = batch.school_day(today - dt.timedelta(days=7 * weeks), today - dt.timedelta(days=7 * weeks - 5))
        for period in batch.periods_on(date):
            own = batch.lesson_of(host, semester, date, period)
            if own and period in batch.free_periods(visitor, semester, date):
                near = batch.lessons_in_neighbouring_rooms(semester, date, period, exclude=visitor, count=3)
                lessons = [own, *(lesson for lesson in near if lesson.pk != own.pk)]
                batch.add(visitor, semester, date, State.COMPLETE, period=period, lessons=lessons)
                break


def _add_requests(
    batch: WalkBatch, semester: Semester, asking: list[Person], busy: list[Person], today: dt.date
) -> None:
    """Give Lucía four requests: one with a full room, one that needs cover, and two without problems.

    She has asked a fifth walker for changes.
    """
    days = [day for day in batch.calendar.school_days(today) if day <= semester.ends_on][:5]
    for_full_room, needs_cover, *without_problems, asked_to_change = asking
    day = days[0]
    period = batch.free_periods(for_full_room, semester, day)[0]
    lessons = batch.lessons_in_neighbouring_rooms(semester, day, period, exclude=for_full_room, count=4)
    free = [p for p in busy if not batch.lesson_of(p, semester, day, period)]
    teaching = [p for p in busy if p not in free and p.pk != lessons[1].teacher_id]
    for visitor in (free + teaching)[:2]:
        full_room = lessons[1:2]
        more = batch.lessons_in_neighbouring_rooms(semester, day, period, exclude=visitor, count=8)
        route = (full_room + [lesson for lesson in more if lesson not in lessons])[:4]
        batch.add(visitor, semester, day, State.APPROVED, period=period, lessons=route)
    batch.add(for_full_room, semester, day, State.REQUESTED, period=period, lessons=lessons)
    taught = next(p for p in batch.periods_on(days[1]) if batch.lesson_of(needs_cover, semester, days[1], p))
    batch.add(needs_cover, semester, days[1], State.REQUESTED, period=taught)
    shared_room, *others = without_problems
    date, lessons = _walk_to_a_shared_room(batch, semester, shared_room, days[1:])
    shared_period = lessons[0].period if lessons else None
    batch.add(shared_room, semester, date, State.REQUESTED, period=shared_period, lessons=lessons)
    for offset, person in enumerate(others):
        batch.add(person, semester, days[3 + offset], State.REQUESTED)
    unsaved = batch.add(asked_to_change, semester, days[3], State.CHANGES_ASKED)
    later = [p for p in batch.free_periods(asked_to_change, semester, days[3]) if p != unsaved.walk.period]
    unsaved.walk.suggested_date = days[3]
    unsaved.walk.suggested_period = (later or batch.periods_on(days[3]))[0]


def _walk_to_a_shared_room(
    batch: WalkBatch, semester: Semester, walker: Person, days: list[dt.date]
) -> tuple[dt.date, list[Lesson]]:
    """Return the first of these days, and lessons in one of the walker's free periods: two people teach in one room.

    Return the second day and no lessons if there is no such period.
    """
    for date in days:
        for period in batch.free_periods(walker, semester, date):
            lessons = batch.directory.lessons[semester.pk, batch.day_type(date).pk, period.pk]
            shared = [number for number, one in enumerate(lessons) if len(batch.lessons_in_room(one)) > 1]
            if shared:
                first = max(min(shared[0] - 1, len(lessons) - 4), 0)
                return date, lessons[first : first + 4]
    return days[1], []


def _add_walks_of_others(batch: WalkBatch, semester: Semester, rest: list[Person], today: dt.date) -> None:
    """Give most teachers a completed walk, and the others what UNUSUAL_WALKS says."""
    days = [d for d in batch.calendar.school_days(today) if d <= semester.ends_on][:12]
    week = batch.school_day(today - dt.timedelta(days=6), today - dt.timedelta(days=3))
    for number, person in enumerate(rest):
        if person not in batch.directory.walkers:
            continue
        past = batch.school_day(semester.starts_on, today - dt.timedelta(days=3))
        coming = days[number % len(days)]
        for state, date in UNUSUAL_WALKS.get(number % 20, [(State.COMPLETE, "past")]):
            day = {"past": past, "week": week, "coming": coming}[date]
            batch.add(person, semester, day, state, announced=number % 3 > 0, thanked=2 if date == "week" else None)


def _add_words_of_changes(directory: Directory) -> None:
    for walk in Walk.objects.filter(walker__school=directory.school, state=State.CHANGES_ASKED).select_related(
        "decided_by", "suggested_period"
    ):
        room = walk.stops.order_by("position")[0].room
        words = texts.CHANGE_WORDS.format(room=room.code, period=walk.suggested_period)
        at = walk.decided_at or walk.created_at
        WalkEvent.objects.create(walk=walk, actor=walk.decided_by, action="ask_change", at=at, words=words)
