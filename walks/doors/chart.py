"""The open doors as one person sees them: where they could go, their own door, and all doors by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from school.calendar import Calendar, local_date
from school.models import Lesson, Person

from ..availability.availability import Availability
from ..models import OpenDoor, State, Walk
from .lessons import DATES_AHEAD, DAYS_AHEAD

DAYS_SHOWN = 5  # in the chart of all doors


@dataclass(frozen=True)
class DoorState:
    """What an open door means for the reader: a key for its look, an icon, and words."""

    key: str  # own, going, paused, full, busy or open
    icon: str
    words: str

    @property
    def is_pill(self) -> bool:
        return self.key in ("own", "going")


@dataclass(frozen=True)
class ShownDoor:
    """An open door with its state for the reader, and their own visit to it, if they go."""

    door: OpenDoor
    state: DoorState
    visit: Walk | None = None

    @property
    def may_come(self) -> bool:
        return self.state.key == "open"


def is_paused(door: OpenDoor, availability: Availability) -> bool:
    """Whether the host does not teach there then any more, or the room is closed."""
    if availability.closure_reason(door.room_id, door.date, door.period):
        return True
    taught = availability.lessons_in(door.date, door.period).get(door.room_id)
    is_taught = taught is not None and door.host in taught.hosts
    return bool(door.lesson_title) and not is_taught


class Chart:
    """The open doors from `first` on, for one reader, read in eight queries."""

    def __init__(self, reader: Person, *, calendar: Calendar, now: dt.datetime) -> None:
        self.reader = reader
        self.calendar = calendar
        self.now = now
        today = local_date(reader.school, now)
        self.days = list(islice(calendar.school_days(today, include=True), DAYS_AHEAD))
        doors = OpenDoor.objects.visible_to(reader).open(now).filter(date__lte=today + dt.timedelta(days=DATES_AHEAD))
        self.doors = list(doors.select_related("host__grade", "room", "period", "practice"))
        self._read_visits()
        self.availability = Availability(
            reader.school,
            first=today,
            last=today + dt.timedelta(days=DATES_AHEAD),
            calendar=calendar,
            rooms={door.room_id for door in self.doors},
            people=[reader.pk],
        )
        self.shown = [ShownDoor(door, self._state_of(door), self._own.get(door.pk)) for door in self.doors]

    def _read_visits(self) -> None:
        coming = Walk.objects.filter(door__in=self.doors, state=State.APPROVED)
        counts = coming.order_by().values_list("door").annotate(visitors=Count("pk"))
        self._visitors: Counter[int] = Counter(dict(counts))
        self._own = {walk.door_id: walk for walk in coming.filter(walker=self.reader)}

    # --- One door --------------------------------------------------------------------------------
    def places_left(self, door: OpenDoor) -> int:
        """Return how many can still come. Visitors of doors and of walks share the school's limit for a room."""
        visitors = self.availability.visitor_counts((door.starts_at, door.ends_at)).get(door.room_id, 0)
        left = min(door.places - self._visitors[door.pk], self.reader.school.visitor_limit - visitors)
        return max(left, 0)

    def _state_of(self, door: OpenDoor) -> DoorState:
        if door.host_id == self.reader.pk or self._is_taught_by_reader(door):
            return DoorState("own", "door-open", _("Your door"))
        if door.pk in self._own:
            return DoorState("going", "check2-circle", _("You’re going"))
        if is_paused(door, self.availability):
            return DoorState("paused", "calendar-x", _("Not this time"))
        left = self.places_left(door)
        if not left:
            return DoorState("full", "people-fill", _("Full"))
        busy = self._busy_words(door)
        if busy:
            return DoorState("busy", "mortarboard", busy)
        words = ngettext("%(n)s place left", "%(n)s places left", left) % {"n": left}
        return DoorState("open", "people", words)

    def _is_taught_by_reader(self, door: OpenDoor) -> bool:
        """Whether the reader teaches this lesson together with its host."""
        taught = self.availability.lessons_in(door.date, door.period).get(door.room_id)
        return taught is not None and {self.reader, door.host} <= set(taught.hosts)

    def _busy_words(self, door: OpenDoor) -> str:
        """Return what the reader does while the lesson takes place; empty if they are free."""
        availability = self.availability
        lesson = availability.taught_by(self.reader, door.date, door.period)
        if lesson is not None:
            is_class = lesson.kind == Lesson.Kind.CLASS
            words = _("You teach %(title)s then") if is_class else _("You have %(title)s then")
            return words % {"title": lesson.title}
        times = (door.starts_at, door.ends_at)
        if availability.walk_covered_by(self.reader, times):
            return _("You cover a class then")
        if availability.is_walking(self.reader, times):
            return _("You have another walk then")
        if not availability.is_at_school_during(self.reader, times):
            return _("You’re not at school then")
        return ""

    # --- The page --------------------------------------------------------------------------------
    @property
    def could_go(self) -> list[ShownDoor]:
        """The doors of the next ten school days that are open while the reader is free, and those they go to."""
        near = [shown for shown in self.shown if shown.door.date in self.days]
        return [shown for shown in near if shown.state.key in ("open", "going")]

    @property
    def own(self) -> list[ShownDoor]:
        return [shown for shown in self.shown if shown.state.key == "own"]

    def by_day(self, first: dt.date) -> list[tuple[dt.date, list[ShownDoor]]]:
        """Return five school days from this date on, each with its doors."""
        days = islice(self.calendar.school_days(first, include=True), DAYS_SHOWN)
        return [(day, [shown for shown in self.shown if shown.door.date == day]) for day in days]

    def of(self, door: OpenDoor) -> ShownDoor | None:
        """Return this door as the reader sees it, if it is open."""
        return next((shown for shown in self.shown if shown.door == door), None)


def doors_that_fit(reader: Person, *, calendar: Calendar, now: dt.datetime, count: int = 2) -> list[ShownDoor]:
    """Return the next doors to which the reader could say yes. One query if none is open, else nine."""
    if not reader.is_teacher or not OpenDoor.objects.visible_to(reader).open(now).exists():
        return []
    could_go = Chart(reader, calendar=calendar, now=now).could_go
    return [shown for shown in could_go if shown.may_come][:count]


def grid_of(
    days: Sequence[tuple[dt.date, Iterable[ShownDoor]]], calendar: Calendar
) -> list[tuple[object, list[list[ShownDoor]]]]:
    """Return a row for each period that these days have: the period, and the doors of each day."""
    periods = {period for day, _doors in days for period in calendar.periods_on(day)}
    return [
        (period, [[shown for shown in doors if shown.door.period_id == period.pk] for _day, doors in days])
        for period in sorted(periods, key=lambda period: period.position)
    ]
