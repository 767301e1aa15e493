"""Which lessons take place, which rooms take visitors and who is free: read for some rooms and people, answered in
memory.

Everything is read when it is first needed, and only for the rooms, people and days in question.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from school.calendar import Calendar, period_times
from school.models import Lesson, Period, Person, Room, School, Semester
from school.text.typed import plain

from ..models import Walk
from .occupancy import Closures, Moments, Visit, closures_between, visits_between
from .taught_lessons import Slot, TaughtLesson, TaughtLessons, lessons_matching, room_order

LONGEST = dt.timedelta(minutes=30)  # the longest possible walk, for which a room must be open

WORDS = (
    "teacher__given_name",
    "teacher__family_name",
    "teacher__grade__name",
    "teacher__subject",
    "title",
    "room__code",
)


class Availability:
    """The school from `first` to `last`: classes, closed rooms and visits of the rooms and people in question.

    `lessons` says more exactly which classes to read, `more_rooms` which rooms to know besides those in question, and
    `reader` decides whose names may be read.
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
        lessons: QuerySet[Lesson] | None = None,
        more_rooms: Q | None = None,
        reader: Person | None = None,
    ) -> None:
        self.school = school
        self.calendar = calendar
        self.first = first
        self.last = last
        self._rooms = frozenset(rooms)
        self._people = frozenset(people)
        self._lessons = self._own_lessons() if lessons is None else lessons
        self._rooms_asked = Q(pk__in=self._rooms) | (more_rooms or Q(pk__in=[]))
        self.reader = reader
        self._visits: list[Visit] | None = None
        self._closures: Closures | None = None
        self._looked: set[tuple[Slot, str]] = set()
        self._found: dict[tuple[Slot, str], list[int]] = {}

    def _own_lessons(self) -> QuerySet[Lesson]:
        mine = Q(room__in=self._rooms), Q(teacher__in=self._people)
        return lessons_matching(*mine, semesters=self.near_semesters)

    # --- Reading, on first use -------------------------------------------------------------------
    @property
    def near_semesters(self) -> list[Semester]:
        """The semesters that these days touch."""
        return self.calendar.semesters_in(self.first, self.last)

    @property
    def periods(self) -> list[Period]:
        """The bell schedule."""
        return self.calendar.periods

    @cached_property
    def rooms(self) -> dict[int, Room]:
        """The rooms in question, in walking order."""
        rooms = Room.objects.filter(self._rooms_asked, school=self.school).select_related("hallway__building")
        return {room.pk: room for room in sorted(rooms, key=room_order)}

    @cached_property
    def known_lessons(self) -> TaughtLessons:
        """The lessons read so far."""
        lessons = TaughtLessons()
        lessons.read(self._lessons)
        return lessons

    @cached_property
    def _taught_slots(self) -> set[Slot]:
        return set(taught_slots(self.near_semesters))

    @property
    def visits(self) -> list[Visit]:
        """Walks of the people, and to the rooms, in question."""
        if self._visits is None:
            rooms = self._known_rooms()
            self._visits = visits_between(
                self.school, self.first, self.last, rooms=rooms, people=self._people, to=self.reader
            )
        return self._visits

    @property
    def closures(self) -> Closures:
        """When and why the rooms in question are closed."""
        if self._closures is None:
            self._closures = closures_between(self.first, self.last, rooms=self._known_rooms())
        return self._closures

    def _known_rooms(self) -> Q:
        return Q(room__in=self._rooms | self.known_lessons.rooms.keys())

    def look(self, date: dt.date, period: Period, within: Q, key: str) -> None:
        """Read more classes of one period; `key` names them, so that they are read once."""
        slot = self._slot(date, period)
        if slot is None or (slot, key) in self._looked:
            return
        self._looked.add((slot, key))
        self._read(Lesson.objects.filter(within, **_at(slot)))

    def know(self, rooms: Iterable[int]) -> None:
        """Read the lessons of these rooms in every period, unless they are known."""
        missing = set(rooms) - self._rooms
        if missing:
            self._rooms |= missing
            self._read(lessons_matching(Q(room__in=missing), semesters=self.near_semesters))

    def _read(self, lessons: QuerySet[Lesson]) -> None:
        """Read more classes; of rooms that are new, visits and closures are read again."""
        before = len(self.known_lessons.rooms)
        self.known_lessons.read(lessons)
        if len(self.known_lessons.rooms) > before:
            self._visits = None
            self._closures = None

    def find(self, date: dt.date, period: Period, needle: str, *, most: int) -> list[TaughtLesson]:
        """Return the first lessons of a period with this text in teacher, subject, class or room (two queries)."""
        slot = self._slot(date, period)
        if slot is None:
            return []
        if (slot, needle) not in self._found:
            lessons = Lesson.objects.filter(**_at(slot), teacher__is_active=True).order_by("pk")
            rows = ((room, " ".join(filter(None, words))) for room, *words in lessons.values_list("room_id", *WORDS))
            rooms = list(islice((room for room, words in rows if needle in plain(words)), most))
            self.look(date, period, Q(room__in=rooms), f"find {needle}")
            self._found[slot, needle] = rooms
        return [self.known_lessons.slots[slot][room] for room in self._found[slot, needle]]

    def _slot(self, date: dt.date, period: Period) -> Slot | None:
        semester = self.semester_on(date)
        day_type = self.calendar.day_type(date)
        return (semester.pk, day_type.pk, period.pk) if semester and day_type else None

    # --- Questions ---------------------------------------------------------------------------------
    def semester_on(self, date: dt.date) -> Semester | None:
        """The semester that contains the date, if any."""
        return self.calendar.semester_on(date)

    def is_taught(self, date: dt.date, period: Period) -> bool:
        """Whether there is any lesson in that period."""
        return self._slot(date, period) in self._taught_slots

    def lessons_in(self, date: dt.date, period: Period) -> dict[int, TaughtLesson]:
        """The classes of that period, by room id."""
        slot = self._slot(date, period)
        return self.known_lessons.slots.get(slot, {}) if slot else {}

    def taught_by(self, person: Person, date: dt.date, period: Period) -> TaughtLesson | None:
        """Return the person's lesson then, which would need cover."""
        return next((t for t in self.lessons_in(date, period).values() if t.host.pk == person.pk), None)

    def closed(self, room_id: int, date: dt.date, period: Period) -> str:
        """Return why the room takes no visitors then; empty if it does."""
        found = self.closures.get((room_id, date), [])
        return next((reason for only, reason in found if only in (None, period.pk)), "")

    def going(self, times: Moments, *, but: Walk | None = None) -> dict[int, int]:
        """Count other walks to each room in that time; rooms without any are left out."""
        counts: dict[int, int] = defaultdict(int)
        for visit in self.visits:
            if visit.overlaps(times) and not (but and visit.walk_id == but.pk):
                for room in visit.rooms:
                    counts[room] += 1
        return counts

    def walks_then(self, person: Person, times: Moments, *, but: Walk | None = None) -> bool:
        """Whether the person has another walk at that time."""
        own = (v for v in self.visits if v.walker_id == person.pk and not (but and v.walk_id == but.pk))
        return any(visit.overlaps(times) for visit in own)

    def covers_then(self, person: Person, times: Moments) -> Visit | None:
        """Return the approved walk of a colleague whom the person covers at that time, if any."""
        return next((v for v in self.visits if v.cover_id == person.pk and v.overlaps(times)), None)

    def is_free(self, person: Person, date: dt.date, period: Period, *, but: Walk | None = None) -> bool:
        """Whether the person has no lesson, no other walk and no lesson to cover in that period."""
        times = self.span(date, period)
        busy = self.walks_then(person, times, but=but) or self.covers_then(person, times)
        return self.taught_by(person, date, period) is None and not busy

    def span(self, date: dt.date, period: Period) -> Moments:
        """Return start and end of the longest possible walk in that period."""
        start, _end = period_times(self.school, date, period)
        return start, start + LONGEST

    def open_rooms(
        self, date: dt.date, period: Period, *, to: Person, but: Walk | None = None
    ) -> dict[int, TaughtLesson]:
        """Return rooms with a lesson that can be visited then: not one's own, not closed, not full."""
        going = self.going(self.span(date, period), but=but)
        return {
            pk: taught
            for pk, taught in self.lessons_in(date, period).items()
            if taught.host.pk != to.pk and not self.closed(pk, date, period) and self._has_place(pk, going)
        }

    def _has_place(self, room_id: int, going: dict[int, int]) -> bool:
        return going.get(room_id, 0) < self.school.visitor_limit

    def slots(self, days: Iterable[dt.date], *, now: dt.datetime) -> list[tuple[dt.date, Period]]:
        """Every period still to come on those days that lie in a semester, in order."""
        return [
            (date, period)
            for date in days
            if self.semester_on(date)
            for period in self.periods
            if period_times(self.school, date, period)[0] > now
        ]


def taught_slots(semesters: Iterable[Semester]) -> QuerySet[Semester, tuple[Any, ...]]:
    """Return the weekly periods of these semesters in which anybody teaches."""
    then = {"semester": OuterRef("pk"), "day_type": OuterRef("day"), "period": OuterRef("bell")}
    anybody = Exists(Lesson.objects.filter(**then, teacher__is_active=True))
    near = Semester.objects.filter(pk__in=[semester.pk for semester in semesters])
    slots = near.annotate(day=F("school__day_types"), bell=F("school__periods")).filter(anybody)
    rows: QuerySet[Semester, tuple[Any, ...]] = slots.order_by().values_list("pk", "day", "bell")
    return rows


def _at(slot: Slot) -> dict[str, int]:
    return dict(zip(("semester", "day_type", "period"), slot, strict=True))
