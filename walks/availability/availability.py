"""Which lessons take place, which rooms take visitors, and who is free.

`Availability` reads the database when a question first needs it, and only for the rooms, people and days it was made
for. It answers every further question from memory.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import islice
from operator import or_

from django.db.models import Q, QuerySet

from school.calendar import Calendar, local_date
from school.models import Lesson, Period, Person, School, Semester
from school.text.typed import comparable
from school.timetable import hours, timetable, visits

from ..models import Walk
from .fortnight import Visit, most_in_a_fortnight, visits_around
from .lesson_queries import in_semesters, taught_slots
from .occupancy import (
    Closures,
    ScheduledWalk,
    TimeRange,
    closures_between,
    longest_walk,
    visits_per_host,
    walks_between,
)
from .taught_lessons import KnownLessons, Slot, TaughtLesson

SEARCHED_COLUMNS = (
    "teacher__given_name",
    "teacher__family_name",
    "teacher__grade__name",
    "teacher__subject",
    "title",
    "room__code",
)


class Availability:
    """Lessons, closed rooms and other walks from `first` to `last`, for some rooms and people.

    By default it reads the lessons in `rooms` and of `people`; `lessons` replaces that choice. `more_walks` adds walks
    that are not stored. Walkers are named only if `reader` may read their names.
    """

    def __init__(
        self,
        school: School,
        *,
        first: dt.date,
        last: dt.date,
        calendar: Calendar,
        rooms: Iterable[int],
        people: Iterable[int] = (),
        lessons: Iterable[Q] | None = None,
        more_walks: Sequence[ScheduledWalk] = (),
        reader: Person | None = None,
    ) -> None:
        self.school = school
        self.calendar = calendar
        self.first = first
        self.last = last
        self.reader = reader
        self._rooms = frozenset(rooms)
        self._people = frozenset(people)
        self._lessons = [Q(room__in=self._rooms), Q(teacher__in=self._people)] if lessons is None else lessons
        self._more_walks = more_walks
        self._scheduled_walks: list[ScheduledWalk] | None = None
        self._closures: Closures | None = None
        self._visits_per_host: dict[int, Counter[int]] | None = None
        self._visits: dict[int, list[Visit]] | None = None
        self._hours: dict[tuple[int, dt.date], TimeRange | None] = {}  # of people at school, by id and date
        self._read_keys: set[tuple[dt.date, int, str]] = set()
        self._rooms_by_text: dict[tuple[dt.date, int, str], list[int]] = {}

    # --- Reading, on first use -------------------------------------------------------------------
    @property
    def semesters(self) -> list[Semester]:
        """The semesters that overlap the days from `first` to `last`."""
        return self.calendar.semesters_in(self.first, self.last)

    @cached_property
    def known_lessons(self) -> KnownLessons:
        """The lessons read so far."""
        lessons = KnownLessons(self.calendar)
        lessons.read(in_semesters(self.semesters, *self._lessons))
        return lessons

    @cached_property
    def _taught_slots(self) -> dict[Slot, list[Lesson]]:
        slots: dict[Slot, list[Lesson]] = defaultdict(list)
        for semester, day_type, period, first, last in taught_slots(self.semesters):
            slots[semester, day_type, period].append(Lesson(valid_from=first, valid_until=last))
        return slots

    @property
    def scheduled_walks(self) -> list[ScheduledWalk]:
        """Requested and approved walks by the people or to the rooms."""
        if self._scheduled_walks is None:
            rooms = self._known_rooms()
            stored = walks_between(
                self.school, self.first, self.last, rooms=rooms, people=self._people, reader=self.reader
            )
            self._scheduled_walks = [*stored, *self._more_walks]
        return self._scheduled_walks

    @property
    def closures(self) -> Closures:
        """When and why the rooms are closed."""
        if self._closures is None:
            self._closures = closures_between(self.first, self.last, rooms=self._known_rooms())
        return self._closures

    def visits_in_semester(self, date: dt.date) -> Mapping[int, int]:
        """Return how many visits are planned or walked in the semester of that date, by host id.

        The counts only spread visits over hosts. No page shows them.
        """
        if self._visits_per_host is None:
            self._visits_per_host = visits_per_host(self.semesters, hosts=self.known_lessons.teachers)
            for walk in self._more_walks:
                semester = self.calendar.semester_on(local_date(self.school, walk.starts_at))
                if semester:
                    self._visits_per_host[semester.pk].update(walk.hosts)
        semester = self.calendar.semester_on(date)
        return self._visits_per_host.get(semester.pk, {}) if semester else {}

    def _known_rooms(self) -> Q:
        return Q(room__in=self._rooms | self.known_lessons.rooms.keys())

    def read_period(self, date: dt.date, period: Period, lessons: Q, key: str) -> None:
        """Read more lessons at the time of one period. A second call with the same `key` reads nothing."""
        if (date, period.pk, key) not in self._read_keys:
            self._read_keys.add((date, period.pk, key))
            self._read(timetable.lessons_at(date, period, calendar=self.calendar).filter(lessons))

    def read_times(self, times: Iterable[tuple[dt.date, Period]]) -> None:
        """Read all lessons at these times."""
        at_once = [(date, other) for date, period in times for other in self.calendar.overlapping(date, period)]
        slots = {(self.calendar.semester_on(date), self.calendar.day_type(date), period) for date, period in at_once}
        parts = [Q(semester=semester, day_type=day, period=period) for semester, day, period in slots]
        self._read(Lesson.objects.filter(reduce(or_, parts)))

    def read_rooms(self, rooms: Iterable[int]) -> None:
        """Read the lessons of these rooms in every period, unless they were read before."""
        missing = set(rooms) - self._rooms
        if missing:
            self._rooms |= missing
            self._read(in_semesters(self.semesters, Q(room__in=missing)))

    def _read(self, lessons: QuerySet[Lesson]) -> None:
        """Read more lessons. If they are in new rooms or of new people, the next question reads their visits again."""
        rooms = len(self.known_lessons.rooms)
        teachers = len(self.known_lessons.teachers)
        self.known_lessons.read(lessons)
        if len(self.known_lessons.rooms) > rooms:
            self._scheduled_walks = None
            self._closures = None
        if len(self.known_lessons.teachers) > teachers:
            self._visits_per_host = None
            self._visits = None

    def lessons_with_text(self, date: dt.date, period: Period, text: str, *, limit: int) -> list[TaughtLesson]:
        """Return the first classes of a period with this text in teacher, subject, class or room (four queries).

        The comparison happens in Python, because databases compare accents and case differently.
        """
        key = date, period.pk, text
        if key not in self._rooms_by_text:
            classes = timetable.lessons_at(date, period, calendar=self.calendar).to_visit().order_by("pk")
            rows = classes.values_list("room_id", *SEARCHED_COLUMNS)
            searched = ((room, comparable(" ".join(filter(None, columns)))) for room, *columns in rows)
            rooms = list(islice((room for room, words in searched if text in words), limit))
            self.read_period(date, period, Q(room__in=rooms), f"find {text}")
            self._rooms_by_text[key] = list(dict.fromkeys(rooms))
        lessons = self.lessons_in(date, period)
        return [lessons[room] for room in self._rooms_by_text[key] if room in lessons]

    # --- Questions ---------------------------------------------------------------------------------
    def is_taught(self, date: dt.date, period: Period) -> bool:
        """Whether there is a class to visit in that period, whether or not it was read."""
        semester = self.calendar.semester_on(date)
        day_type = self.calendar.day_type(date)
        if semester is None or day_type is None:
            return False
        visited = self.known_lessons.visited_periods(date, period)
        slots = [self._taught_slots.get((semester.pk, day_type.pk, one.pk), []) for one in visited]
        return any(lesson.is_valid_on(date) for slot in slots for lesson in slot)

    def lessons_in(self, date: dt.date, period: Period) -> dict[int, TaughtLesson]:
        """Return the classes to visit in that period that were read, by room id."""
        return self.known_lessons.at(date, period).in_rooms

    def taught_by(self, person: Person, date: dt.date, period: Period) -> Lesson | None:
        """Return the person's lesson, duty or meeting while that period runs, if any."""
        return self.known_lessons.at(date, period).of_teachers.get(person.pk)

    def closure_reason(self, room_id: int, date: dt.date, period: Period) -> str:
        """Return why the room is closed while that period runs; empty if it is open."""
        found = self.closures.get((room_id, date))
        if not found:
            return ""
        closed_periods = {None, *(other.pk for other in self.calendar.overlapping(date, period))}
        return next((reason for closed_period, reason in found if closed_period in closed_periods), "")

    def has_most_visits(self, taught: TaughtLesson, date: dt.date, *, excluding: Walk | None = None) -> bool:
        """Whether one more visit on the date is more than the policy allows in two weeks, for any of the teachers."""
        limit = self.school.fortnight_visit_limit
        if limit is None:
            return False
        if self._visits is None:
            self._visits = visits_around(self.first, self.last, hosts=self.known_lessons.teachers)
        own = excluding.pk if excluding else None
        for host in taught.hosts:
            dates = [day for day, walk in self._visits.get(host.pk, ()) if walk != own]
            dates += [local_date(self.school, walk.starts_at) for walk in self._more_walks if host.pk in walk.hosts]
            if most_in_a_fortnight(dates, date) >= limit:
                return True
        return False

    def visitor_counts(self, times: TimeRange, *, excluding: Walk | None = None) -> dict[int, int]:
        """Return how many walks come to each room at that time, by room id; rooms without walks are left out."""
        counts: dict[int, int] = defaultdict(int)
        for walk in self.scheduled_walks:
            if walk.overlaps(times) and not (excluding and walk.walk_id == excluding.pk):
                for room in walk.rooms:
                    counts[room] += 1
        return counts

    def is_walking(self, person: Person, times: TimeRange, *, excluding: Walk | None = None) -> bool:
        """Whether the person has another walk at that time."""
        own = (walk for walk in self.scheduled_walks if walk.walker_id == person.pk)
        others = (walk for walk in own if excluding is None or walk.walk_id != excluding.pk)
        return any(walk.overlaps(times) for walk in others)

    def walk_covered_by(self, person: Person, times: TimeRange) -> ScheduledWalk | None:
        """Return the colleague's walk during which the person covers a class at that time, if any."""
        covered = (walk for walk in self.scheduled_walks if walk.cover_id == person.pk)
        return next((walk for walk in covered if walk.overlaps(times)), None)

    def is_free(self, person: Person, date: dt.date, period: Period, *, excluding: Walk | None = None) -> bool:
        """Whether the person is at school and has no lesson, no other walk and no lesson to cover in that period."""
        times = self.longest_walk_times(date, period)
        busy = self.is_walking(person, times, excluding=excluding) or self.walk_covered_by(person, times)
        is_away = not self.is_at_school(person, date, period)
        return self.taught_by(person, date, period) is None and not busy and not is_away

    def is_at_school(self, person: Person, date: dt.date, period: Period, *, teaches: bool | None = None) -> bool:
        """Whether the person is at school during the whole period. `teaches` is as below."""
        return self.is_at_school_during(person, self.calendar.times(date, period), teaches=teaches)

    def is_at_school_during(self, person: Person, times: TimeRange, *, teaches: bool | None = None) -> bool:
        """Whether the person is at school all that time; True if their lessons were not asked for.

        `teaches`: whether they have any lesson in the semester, if not all of their lessons were read.
        """
        if person.pk not in self._people:
            return True
        date = local_date(self.school, times[0])
        if (person.pk, date) not in self._hours:
            self._hours[person.pk, date] = self.known_lessons.hours_of(person, date, teaches=teaches)
        return hours.covers(self._hours[person.pk, date], times)

    def busy_times(self, person: Person, date: dt.date) -> list[TimeRange]:
        """Return when the person teaches, has a duty or a meeting, walks or covers a class on that date."""
        walks = (walk for walk in self.scheduled_walks if person.pk in (walk.walker_id, walk.cover_id))
        of_date = [(walk.starts_at, walk.ends_at) for walk in walks if local_date(self.school, walk.starts_at) == date]
        return sorted([*self.known_lessons.times_of(person, date), *of_date])

    def longest_walk_times(self, date: dt.date, period: Period) -> TimeRange:
        """Return start and end of the longest possible walk that begins with that period."""
        start, _end = self.calendar.times(date, period)
        return start, start + longest_walk(self.school)

    def open_rooms(
        self, date: dt.date, period: Period, *, visitor: Person, excluding: Walk | None = None
    ) -> dict[int, TaughtLesson]:
        """Return the lessons that the visitor can see, by room id: not their own, in an open room that is not full."""
        visitors = self.visitor_counts(self.longest_walk_times(date, period), excluding=excluding)
        return {
            pk: taught
            for pk, taught in self.lessons_in(date, period).items()
            if visitor not in taught.hosts
            and not self.closure_reason(pk, date, period)
            and visits.take_visits(taught.hosts, school=self.school)
            and not self.has_most_visits(taught, date, excluding=excluding)
            and self._has_place(pk, visitors)
        }

    def _has_place(self, room_id: int, visitors: dict[int, int]) -> bool:
        return visitors.get(room_id, 0) < self.school.visitor_limit

    def periods_after(self, days: Iterable[dt.date], *, now: dt.datetime) -> list[tuple[dt.date, Period]]:
        """Return each period after `now` on those of the days that are in a semester."""
        return [
            (date, period)
            for date in days
            if self.calendar.semester_on(date)
            for period in self.calendar.periods_on(date)
            if self.calendar.times(date, period)[0] > now
        ]
