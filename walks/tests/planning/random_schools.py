"""Schools with a random timetable: kinds of cycles, two campuses, part-timers, duties, shared rooms, closed rooms."""

import datetime as dt
import random
from dataclasses import dataclass

from school.calendar import at_local
from school.models import (
    Building,
    Campus,
    DayOff,
    DayType,
    Grade,
    Hallway,
    HoursAtSchool,
    Lesson,
    Period,
    Person,
    Room,
    RoomClosure,
    School,
    Semester,
    Team,
)
from school.tests.factories import NOW
from walks.models import Stop, Walk

TODAY = NOW.date()
MORNING = dt.time(8, 15)


@dataclass(frozen=True)
class Shape:
    """What kind of school is made. `cycle` is the number of days, or "weekdays" or "weeks"."""

    cycle: str | int = "weekdays"
    campuses: int = 1
    teachers: int = 14
    rooms: int = 18
    hallways: int = 3
    periods: int = 6
    period_minutes: int = 45
    share_taught: float = 0.7  # of a full-timer's periods
    has_surprises: bool = True  # days off, closed rooms, walks of others, lessons that begin or end within the semester


def random_school(shape, seed):
    """Create the school. Return its teachers."""
    chance = random.Random(seed)
    school = School.objects.create(name="Random School", time_zone="Europe/London", minutes_between_buildings=4)
    semester = Semester.objects.create(
        school=school,
        name="Autumn 2026",
        starts_on=TODAY - dt.timedelta(days=71),
        ends_on=TODAY + dt.timedelta(days=chance.choice([9, 37])),
    )
    periods = _periods(school, shape, chance)
    day_types = DayType.objects.bulk_create(_day_types(school, shape.cycle))
    rooms = _rooms(school, shape)
    teachers = _teachers(school, shape, chance)
    _timetable(semester, day_types, periods, teachers, rooms, shape, chance)
    if shape.has_surprises:
        _surprises(school, periods, teachers, rooms, chance)
    school.refresh_from_db()
    return list(Person.objects.filter(school=school).select_related("school", "grade").order_by("pk"))


def _periods(school, shape, chance):
    start = dt.datetime.combine(TODAY, MORNING)
    lunch_after = chance.choice([None, 4, 5])  # else lunch is in a free period
    periods = []
    for number in range(1, shape.periods + 1):
        end = start + dt.timedelta(minutes=shape.period_minutes)
        name = f"Period {number}"
        period = Period(school=school, name=name, position=number, starts_at=start.time(), ends_at=end.time())
        periods.append(period)
        start = end + dt.timedelta(minutes=40 if number == lunch_after else 5)
    return Period.objects.bulk_create(periods)


def _day_types(school, cycle):
    if isinstance(cycle, int):
        return [DayType(school=school, name=f"Day {number}", number=number) for number in range(1, cycle + 1)]
    weeks = (1, 2) if cycle == "weeks" else (1,)
    return [
        DayType(school=school, name=f"Weekday {weekday} of {week}", week=week, weekday=weekday)
        for week in weeks
        for weekday in range(5)
    ]


def _rooms(school, shape):
    """Spread the rooms over the hallways; two hallways make a building, and the buildings are spread over campuses."""
    campuses = [Campus.objects.create(school=school, name=f"Campus {number}") for number in range(shape.campuses)]
    hallways = []
    for number in range(shape.hallways):
        campus = campuses[number // 2 % shape.campuses]
        name = f"Building {number // 2:02d}"
        building, _new = Building.objects.get_or_create(school=school, campus=campus, name=name)
        hallways.append(Hallway.objects.create(building=building, name=f"Hallway {number:02d}"))
    return Room.objects.bulk_create(
        Room(
            school=school,
            hallway=hallways[number * shape.hallways // shape.rooms],
            code=f"{number + 100}",
            plate=f"{number + 100}",
            code_order=f"{number + 100}",
        )
        for number in range(shape.rooms)
    )


def _teachers(school, shape, chance):
    grades = [Grade.objects.create(school=school, name=f"Grade {n}", position=n) for n in range(1, 3)]
    teams = [Team.objects.create(school=school, name=name) for name in ("Maths", "Science")]
    teachers = Person.objects.bulk_create(
        Person(
            school=school,
            email=f"teacher{number}@{school.pk}.example",
            given_name=f"Teacher{number:03d}",
            family_name="Random",
            grade=chance.choice([*grades, None]),
            subject="Maths",
        )
        for number in range(shape.teachers)
    )
    for team in teams:
        team.members.set(teacher for teacher in teachers if chance.random() < 0.4)
    return teachers


def _timetable(semester, day_types, periods, teachers, rooms, shape, chance):
    part_timers = {teacher.pk for teacher in teachers if chance.random() < 0.25}
    lessons, hours = [], []
    for number, teacher in enumerate(teachers):
        home = rooms[number * len(rooms) // len(teachers)]
        for day in day_types:
            at_school = periods
            if teacher.pk in part_timers:
                at_school = chance.choice([[], periods[: len(periods) // 2], periods])
                if chance.random() < 0.3:
                    hours.append(HoursAtSchool(person=teacher, day_type=day, **_set_hours(chance)))
            for period in at_school:
                kind, room = _kind_and_room(home, rooms, shape, chance)
                if kind:
                    limits = _validity(chance) if shape.has_surprises else {}
                    place = {"semester": semester, "day_type": day, "period": period, "room": room}
                    lessons.append(Lesson(teacher=teacher, kind=kind, title="Class", **place, **limits))
    Lesson.objects.bulk_create(lessons)
    HoursAtSchool.objects.bulk_create(hours)


def _set_hours(chance):
    return chance.choice(
        [
            {"starts_at": None, "ends_at": None},
            {"starts_at": dt.time(8), "ends_at": dt.time(12)},
            {"starts_at": dt.time(10), "ends_at": dt.time(16)},
        ]
    )


def _kind_and_room(home, rooms, shape, chance):
    """Return what a teacher does in a period, and where. Some share a room with others; some lessons have no room."""
    draw = chance.random()
    if draw < shape.share_taught - 0.08:
        return Lesson.Kind.CLASS, home
    if draw < shape.share_taught - 0.02:
        return Lesson.Kind.CLASS, chance.choice(rooms)
    if draw < shape.share_taught:
        return Lesson.Kind.CLASS, None
    if draw < shape.share_taught + 0.08:
        return chance.choice([Lesson.Kind.DUTY, Lesson.Kind.MEETING]), chance.choice([None, home])
    return None, None


def _validity(chance):
    """Let a few lessons begin or end near today."""
    if chance.random() > 0.05:
        return {}
    limit = TODAY + dt.timedelta(days=chance.randrange(7))
    return {chance.choice(["valid_from", "valid_until"]): limit}


def _surprises(school, periods, teachers, rooms, chance):
    for offset in range(1, 14):
        if chance.random() < 0.1:
            DayOff.objects.create(school=school, date=TODAY + dt.timedelta(days=offset))
    for room in rooms:
        if chance.random() < 0.2:
            date = TODAY + dt.timedelta(days=chance.randrange(10))
            RoomClosure.objects.create(room=room, date=date, period=chance.choice([None, *periods]))
    for walker in teachers:
        if chance.random() < 0.3:
            start = chance.randrange(len(rooms) - 3)
            date = TODAY + dt.timedelta(days=chance.randrange(8))
            hosts = chance.sample([person for person in teachers if person != walker], 3)
            _request(walker, date, chance.choice(periods), list(zip(hosts, rooms[start:], strict=False)))


def _request(walker, date, period, visits):
    """Store a requested walk of a quarter of an hour. `visits` are pairs of host and room."""
    start = at_local(walker.school, date, period.starts_at)
    walk = Walk.objects.create(
        walker=walker,
        semester=walker.school.semesters.get(),
        state="requested",
        requested_at=NOW,
        date=date,
        period=period,
        starts_at=start,
        ends_at=start + dt.timedelta(minutes=15),
    )
    Stop.objects.bulk_create(
        Stop(walk=walk, position=n, host=host, room=room) for n, (host, room) in enumerate(visits, start=1)
    )
