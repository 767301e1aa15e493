"""Every walk that the rules of good times allow: tried one by one, and written without the code of the product.

Only the calendar is shared: days of the cycle and times of periods have their own tests.
"""

import datetime as dt
from itertools import pairwise

from school.calendar import Calendar, at_local
from school.models import HoursAtSchool, Lesson, Room, RoomClosure
from walks.models import Walk

MINUTE = dt.timedelta(minutes=1)


class BruteForce:
    """Tries all rooms, periods and days for one walker."""

    def __init__(self, walker, now):
        self.walker, self.now, self.school = walker, now, walker.school
        self.calendar = Calendar(walker.school)
        lessons = Lesson.objects.filter(semester__school=self.school).select_related("teacher", "period")
        self.lessons = list(lessons.prefetch_related("teacher__teams"))
        rooms = Room.objects.filter(school=self.school).select_related("hallway__building__campus")
        self.rooms = {room.pk: room for room in rooms}
        self.hours = {hours.day_type_id: hours for hours in HoursAtSchool.objects.filter(person=walker)}
        self.closures = list(RoomClosure.objects.filter(room__school=self.school))
        self.walks = list(Walk.objects.filter(semester__school=self.school).prefetch_related("stops"))
        own = [lesson for lesson in self.lessons if lesson.teacher_id == walker.pk]
        self.teaches = bool(own)
        self.campuses = {self._campus(self.rooms[lesson.room_id]) for lesson in own if lesson.room_id}

    # --- The walker --------------------------------------------------------------------------------
    def dates(self):
        """Return the first days with an allowed walk, among the next ten school days."""
        return [date for date in self.school_days() if any(self.walks_in(date, period) for period in self.slots(date))]

    def school_days(self):
        days = [self.now.date() + dt.timedelta(days=n) for n in range(1, 60)]
        return [day for day in days if self.calendar.is_school_day(day)][:10]

    def slots(self, date):
        """Return the periods of the date in which the walker could walk."""
        semester = self.calendar.semester_on(date)
        if semester is None or self.is_before_holiday(date):
            return []
        return [period for period in self.calendar.periods_on(date) if self.suits(date, period)]

    def is_before_holiday(self, date):
        day = date + dt.timedelta(days=1)
        while day in self.calendar.days_off or not self.calendar.is_school_day(day):
            if day in self.calendar.days_off:
                return True
            day += dt.timedelta(days=1)
        return False

    def suits(self, date, period):
        start, end = self.calendar.times(date, period)
        lessons = [self.calendar.times(date, lesson.period) for lesson in self.lessons_of(self.walker, date)]
        walks = [
            (walk.starts_at, walk.ends_at)
            for walk in self.walks
            if walk.walker_id == self.walker.pk and walk.date == date
        ]
        is_busy = any(overlap((start, end), lesson) for lesson in lessons)
        walks_then = any(overlap((start, start + 30 * MINUTE), walk) for walk in walks)
        hours = self.hours_on(date, lessons)
        at_school = hours is not None and hours[0] <= start and end <= hours[1]
        return at_school and not is_busy and not walks_then and self.has_lunch(date, (start, end), lessons + walks)

    def hours_on(self, date, lessons):
        day_type = self.calendar.day_type(date)
        if day_type.pk in self.hours:
            hours = self.hours[day_type.pk]
            times = hours.starts_at, hours.ends_at
            return tuple(at_local(self.school, date, time) for time in times) if hours.starts_at else None
        if lessons:
            return min(start for start, _end in lessons), max(end for _start, end in lessons)
        return (
            None
            if self.teaches
            else (at_local(self.school, date, dt.time(0)), at_local(self.school, date, dt.time(23)))
        )

    def has_lunch(self, date, period, busy):
        """Whether 25 minutes between 11:00 and 13:30 are free, minute by minute."""
        noon = [at_local(self.school, date, dt.time(11)) + n * MINUTE for n in range(150)]
        if not any(period[0] <= minute < period[1] for minute in noon):
            return True
        free = [not any(start <= minute < end for start, end in [*busy, period]) for minute in noon]
        return any(all(free[first : first + 25]) for first in range(126))

    def lessons_of(self, person, date):
        return [lesson for lesson in self.lessons if lesson.teacher_id == person.pk and self.takes_place(lesson, date)]

    def takes_place(self, lesson, date):
        is_valid = (lesson.valid_from or date) <= date <= (lesson.valid_until or date)
        return is_valid and lesson.day_type_id == self.calendar.day_type(date).pk

    # --- The rooms ---------------------------------------------------------------------------------
    def walks_in(self, date, period):
        """Return all allowed walks of four or five neighbouring open rooms on one route, as lists of room ids."""
        hosts = self.open_rooms(date, period)
        ordered = sorted(hosts, key=self.place)
        found = []
        for is_on_route in self.routes():
            rooms = [pk for pk in ordered if is_on_route(self.rooms[pk], hosts[pk])]
            runs = [rooms[first : first + size] for size in (4, 5) for first in range(len(rooms) - size + 1)]
            found += [run for run in runs if self.minutes(run, date, period)]
        return found

    def open_rooms(self, date, period):
        """Return the teachers of each room that the walker can visit, by room id."""
        hosts = {}
        for lesson in self.lessons:
            is_class = lesson.kind == "class" and lesson.room_id
            if is_class and lesson.period_id == period.pk and self.takes_place(lesson, date):
                hosts.setdefault(lesson.room_id, []).append(lesson.teacher)
        return {
            pk: people
            for pk, people in hosts.items()
            if not self.is_closed(pk, date, period)
            and self.visitors(pk, date, period) < self.school.visitor_limit
            and (not self.campuses or self._campus(self.rooms[pk]) in self.campuses)
        }

    def is_closed(self, room, date, period):
        closures = [closure for closure in self.closures if (closure.room_id, closure.date) == (room, date)]
        return any(closure.period_id in (None, period.pk) for closure in closures)

    def visitors(self, room, date, period):
        start, _end = self.calendar.times(date, period)
        walks = [walk for walk in self.walks if overlap((start, start + 30 * MINUTE), (walk.starts_at, walk.ends_at))]
        return sum(room in {stop.room_id for stop in walk.stops.all()} for walk in walks)

    def routes(self):
        """Yield what makes a room part of a hallway, a building, a grade or a team."""
        for hallway in {room.hallway_id for room in self.rooms.values()}:
            yield lambda room, _hosts, hallway=hallway: room.hallway_id == hallway
        for building in {room.hallway.building_id for room in self.rooms.values()}:
            yield lambda room, _hosts, building=building: room.hallway.building_id == building
        for grade in self.school.grades.values_list("pk", flat=True):
            yield lambda _room, hosts, grade=grade: any(host.grade_id == grade for host in hosts)
        for team in self.school.teams.all():
            yield lambda _room, hosts, team=team: any(team in host.teams.all() for host in hosts)

    def minutes(self, rooms, date, period):
        """Return how long a walk through these rooms takes; 0 if this is too long or too short, or impossible."""
        if len({self._campus(self.rooms[pk]) for pk in rooms}) > 1:
            return 0
        on_the_way = sum(self.way(self.rooms[one], self.rooms[other]) for one, other in pairwise(rooms))
        start, end = self.calendar.times(date, period)
        for in_each in (4, 5):
            total = in_each * len(rooms) + on_the_way
            if 20 <= total <= 30:
                return total if total * MINUTE <= end - start else 0
        return 0

    def way(self, room, other):
        if room.hallway_id == other.hallway_id:
            return 1
        return 2 if room.hallway.building_id == other.hallway.building_id else self.school.minutes_between_buildings

    def place(self, pk):
        room = self.rooms[pk]
        building = room.hallway.building
        return building.campus_id, building.name, room.hallway.name, room.code

    def _campus(self, room):
        return room.hallway.building.campus_id

    # --- An offer ----------------------------------------------------------------------------------
    def faults(self, offer):
        """Return the rules that an offer of the product breaks, in words."""
        rooms = offer.room_ids
        hosts = self.open_rooms(offer.date, offer.period)
        in_order = sorted(rooms, key=self.place)
        rules = {
            "a school day ahead": offer.date in self.school_days(),
            "a period that suits the walker": offer.period in self.slots(offer.date),
            "open rooms": set(rooms) <= hosts.keys(),
            "one route": any(all(has(self.rooms[pk], hosts[pk]) for pk in rooms) for has in self.routes()),
            "four or five rooms": len(set(rooms)) in (4, 5),
            "in walking order": rooms in (in_order, in_order[::-1]),
            "the right minutes": offer.minutes == self.minutes(rooms, offer.date, offer.period),
        }
        return [rule for rule, is_kept in rules.items() if not is_kept]


def overlap(times, others):
    return times[0] < others[1] and others[0] < times[1]
