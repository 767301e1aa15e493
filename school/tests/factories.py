"""A small school for tests: two grades, one hallway, four rooms, three periods a day, and school on five days."""

import datetime as dt
import unicodedata
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import make_password

from school.models import (
    BellSchedule,
    BellTime,
    Building,
    Campus,
    DayType,
    Grade,
    Hallway,
    HoursAtSchool,
    Lesson,
    Period,
    Person,
    Room,
    School,
    Semester,
    Team,
)

PASSWORD = "correct horse battery"
NOW = dt.datetime(2026, 11, 11, 9, 0, tzinfo=dt.UTC)  # a Wednesday; London has the same time
WEDNESDAY = NOW.date()
THURSDAY = WEDNESDAY + dt.timedelta(days=1)


def a_school(name="Test School", *, today=WEDNESDAY, **fields):
    """Create a school with its bell schedule, days, hallway and two grades, and a semester that began ten weeks ago.

    On the default day, the semester lasts from 1 September to 18 December 2026.
    """
    starts_on = today - dt.timedelta(days=71)
    fields = {"opened_at": dt.datetime.combine(starts_on, dt.time(), dt.UTC)} | fields
    school = School.objects.create(name=name, time_zone="Europe/London", **fields)
    ends_on = today + dt.timedelta(days=37)
    semester = Semester.objects.create(
        school=school, name=f"Autumn {starts_on.year}", word="autumn", starts_on=starts_on, ends_on=ends_on
    )
    periods = Period.objects.bulk_create(
        Period(
            school=school, name=f"Period {number}", position=number, starts_at=dt.time(*start), ends_at=dt.time(*end)
        )
        for number, (start, end) in enumerate([((8, 15), (9, 0)), ((9, 5), (9, 50)), ((10, 10), (10, 55))], start=1)
    )
    days = DayType.objects.bulk_create(
        DayType(school=school, name=day, weekday=weekday)
        for weekday, day in enumerate(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"])
    )
    campus = Campus.objects.create(school=school, name="Main campus")
    building = Building.objects.create(school=school, campus=campus, name="Main building")
    hallway = Hallway.objects.create(building=building, name="Second floor")
    codes = ("204", "206", "208", "210")
    rooms = Room.objects.bulk_create(Room(school=school, hallway=hallway, code=code) for code in codes)
    grades = Grade.objects.bulk_create(Grade(school=school, name=f"Grade {n}", position=n - 7) for n in (7, 8))
    Team.objects.create(school=school, name="Maths")
    school.refresh_from_db(fields=["directory_version"])
    _remember(school, [semester], [])
    for rows, field in ((periods, "position"), (days, "weekday"), (rooms, "code"), (grades, "name")):
        _remember(school, rows, [field])
    return school


def _remember(school, rows, fields):
    """Let `row_of` find these rows by these fields without a query."""
    found = school.__dict__.setdefault("_known", {})
    found.update({(type(row), *(getattr(row, field) for field in fields)): row for row in rows})


def row_of(school, model, **which):
    """Return the row of this school with these values. Look it up only once, because thousands of tests use it."""
    rows = school.__dict__.setdefault("_known", {})
    key = (model, *which.values())
    if key not in rows:
        rows[key] = model.objects.get(school=school, **which)
    return rows[key]


def a_hallway(school, name="Garden", *, building="Main building", campus="Main campus"):
    """Create a hallway, with its building and campus if they are new."""
    site, _new = Campus.objects.get_or_create(school=school, name=campus)
    house, _new = Building.objects.get_or_create(school=school, campus=site, name=building)
    return Hallway.objects.create(building=house, name=name)


def a_person(school, given="Amara", family="Osei", grade="Grade 7", **fields):
    """Create a colleague. The e-mail address is built from the names."""
    name = unicodedata.normalize("NFKD", f"{given}.{family}").encode("ascii", "ignore").decode()
    fields.setdefault("email", f"{name}@{school.pk}.example".lower())
    grade = row_of(school, Grade, name=grade) if grade else None
    fields.setdefault("subject", "Maths")
    person = Person(school=school, given_name=given, family_name=family, grade=grade, **fields)
    person.password = _hashed(PASSWORD, settings.PASSWORD_HASHERS[0])
    person.save()
    return person


def at_school_all_day(person):
    """Let the person be at school from the first to the last period, whatever the timetable says."""
    days = [row_of(person.school, DayType, weekday=day) for day in range(5)]
    HoursAtSchool.objects.bulk_create(
        HoursAtSchool(person=person, day_type=day, starts_at=dt.time(8), ends_at=dt.time(16)) for day in days
    )
    person.school.refresh_from_db(fields=["directory_version"])


@cache
def _hashed(password, _hasher):
    return make_password(password)  # cached, because hashing is slow by design


def a_lesson(teacher, room, *, period=3, days=range(5), title=None, **fields):
    """Create lessons of this teacher in the room, or in none, on each of these days. Return the last one."""
    school = teacher.school
    common = {
        "semester": row_of(school, Semester),
        "period": row_of(school, Period, position=period),
        "room": row_of(school, Room, code=room) if room else None,
        "title": title or f"{teacher.family_name} class",
        **fields,
    }
    day_types = [row_of(school, DayType, weekday=day) for day in days]
    lessons = Lesson.objects.bulk_create(Lesson(teacher=teacher, day_type=day, **common) for day in day_types)
    return lessons[-1] if lessons else None


def a_bell_schedule(school, times, name="Short", **fields):
    """Create a bell schedule. `times` is the start and the end of each period, by its position."""
    schedule = BellSchedule.objects.create(school=school, name=name, **fields)
    for position, (start, end) in times.items():
        period = row_of(school, Period, position=position)
        BellTime.objects.create(schedule=schedule, period=period, starts_at=dt.time(*start), ends_at=dt.time(*end))
    return schedule
