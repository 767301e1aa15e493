"""Which classes run, which rooms take a visitor and who is free: read once for some days, then asked in memory."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from school.models import Lesson, Period, Person, Room, RoomClosure, School, Semester
from school.terms import Calendar, at_local, period_times

from .models import Stop, Walk
from .querysets import OCCUPYING

LONGEST = dt.timedelta(minutes=30)  # no walk takes longer, so a room that is open for this long is open

Moments = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Taught:
    """A class that runs in a period: who teaches it, where, and what."""

    room: Room
    host: Person
    title: str


@dataclass
class Visit:
    """A walk, requested or agreed, and the rooms it still means to see."""

    walk_id: int
    walker_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    rooms: set[int] = field(default_factory=set)

    def overlaps(self, times: Moments) -> bool:
        """Whether the times meet; touching end to start does not count."""
        return self.starts_at < times[1] and self.ends_at > times[0]


class Outlook:
    """The school from `first` to `last`, in seven queries whatever is asked afterwards."""

    def __init__(self, school: School, *, first: dt.date, last: dt.date, calendar: Calendar) -> None:
        self.school, self.calendar, self.first, self.last = school, calendar, first, last
        self.semesters = list(Semester.objects.filter(school=school).order_by("starts_on"))
        self.periods = list(Period.objects.filter(school=school).order_by("position"))
        rooms = Room.objects.filter(school=school).select_related("hallway__building")
        self.rooms: dict[int, Room] = {room.pk: room for room in sorted(rooms, key=door_order)}
        self.people: dict[int, Person] = {
            person.pk: person for person in Person.objects.active().filter(school=school).select_related("grade")
        }
        self._classes = self._read_classes()
        self._closures = self._read_closures()
        self.visits = self._read_visits()

    def _read_classes(self) -> dict[tuple[int, int, int], dict[int, Taught]]:
        near = [s for s in self.semesters if s.starts_on <= self.last and s.ends_on >= self.first]
        rows = Lesson.objects.filter(semester__in=near).values_list(
            "semester_id", "day_type_id", "period_id", "room_id", "teacher_id", "title"
        )
        classes: dict[tuple[int, int, int], dict[int, Taught]] = defaultdict(dict)
        for semester, day_type, period, room, teacher, title in rows:
            if teacher in self.people:
                taught = Taught(self.rooms[room], self.people[teacher], title)
                classes[semester, day_type, period][room] = taught
        return classes

    def _read_closures(self) -> dict[tuple[int, dt.date], list[tuple[int | None, str]]]:
        rows = RoomClosure.objects.filter(room__school=self.school, date__range=(self.first, self.last))
        closures: dict[tuple[int, dt.date], list[tuple[int | None, str]]] = defaultdict(list)
        for room, date, period, reason in rows.values_list("room_id", "date", "period_id", "reason"):
            closures[room, date].append((period, reason))
        return closures

    def _read_visits(self) -> list[Visit]:
        start = at_local(self.school, self.first, dt.time.min)
        end = at_local(self.school, self.last + dt.timedelta(days=1), dt.time.min)
        walks = {"walk__state__in": OCCUPYING, "walk__starts_at__lt": end, "walk__ends_at__gt": start}
        rows = Stop.objects.filter(walk__walker__school=self.school, **walks).values_list(
            "walk_id", "walk__walker_id", "walk__starts_at", "walk__ends_at", "room_id", "skipped_at"
        )
        visits: dict[int, Visit] = {}
        for walk, walker, starts_at, ends_at, room, skipped_at in rows:
            visit = visits.setdefault(walk, Visit(walk, walker, starts_at, ends_at))
            visit.rooms |= set() if skipped_at else {room}
        return list(visits.values())

    def semester_on(self, date: dt.date) -> Semester | None:
        """The semester that contains the date, if any."""
        return next((s for s in self.semesters if s.starts_on <= date <= s.ends_on), None)

    def classes(self, date: dt.date, period: Period) -> dict[int, Taught]:
        """Every class of that period, by room id."""
        semester, day_type = self.semester_on(date), self.calendar.day_type(date)
        return self._classes.get((semester.pk, day_type.pk, period.pk), {}) if semester and day_type else {}

    def taught_by(self, person: Person, date: dt.date, period: Period) -> Taught | None:
        """What the person teaches then, if anything (it would need cover)."""
        return next((t for t in self.classes(date, period).values() if t.host.pk == person.pk), None)

    def closed(self, room_id: int, date: dt.date, period: Period) -> str:
        """Why the room takes no visitors then; empty when it does."""
        found = self._closures.get((room_id, date), [])
        return next((reason for only, reason in found if only in (None, period.pk)), "")

    def going(self, times: Moments, *, but: Walk | None = None) -> dict[int, int]:
        """How many other walks come to each room in that time; rooms without any are left out."""
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

    def is_free(self, person: Person, date: dt.date, period: Period, *, but: Walk | None = None) -> bool:
        """Neither a lesson nor another walk in that period."""
        times = self.span(date, period)
        return self.taught_by(person, date, period) is None and not self.walks_then(person, times, but=but)

    def span(self, date: dt.date, period: Period) -> Moments:
        """The time that a walk of the longest kind would take in that period."""
        start, _end = period_times(self.school, date, period)
        return start, start + LONGEST

    def open_rooms(self, date: dt.date, period: Period, *, to: Person, but: Walk | None = None) -> dict[int, Taught]:
        """Rooms with a class that may be visited then: not one's own, not closed, below the visitor limit."""
        going = self.going(self.span(date, period), but=but)
        return {
            pk: taught
            for pk, taught in self.classes(date, period).items()
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


def door_order(room: Room) -> tuple[str, str, str]:
    """The order in which one comes past the doors: building, hallway, number."""
    return room.hallway.building.name, room.hallway.name, room.code
