"""Open doors at the demo school: some fit Amara's free periods, and Jonas has one with a visitor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from school.calendar import Calendar, local_date
from school.demo import DOMAIN
from school.models import Person, School
from walks.availability.availability import Availability
from walks.doors import doors, visits
from walks.doors.lessons import DATES_AHEAD, lessons_to_open
from walks.models import OpenDoor

from . import people

TITLES = (
    "Egg drop: first designs",
    "Gallery walk: proofs without words",
    "First Socratic seminar of the year",
    "Peer review with sentence starters",
    "Maths journals, first try",
    "Silent debate on a map",
    "Rhythm dictation in pairs",
    "Reading a scene in roles",
)
TENTATIVE = 3  # number of the door that is not sure yet


def open_doors(school: School, *, now: dt.datetime) -> None:
    """Open a door of Jonas and of some colleagues, unless the school has open doors already.

    Every other door is open while Amara is free. Nothing happens if one of them has left the demo school.
    """
    here = Person.objects.teachers().filter(school=school).order_by("pk")
    walker = here.filter(email=f"{people.WALKER[0]}@{DOMAIN}").first()
    host = here.filter(email=f"{people.HOST[0]}@{DOMAIN}").first()
    if walker is None or host is None or OpenDoor.objects.filter(host__school=school).open(now).exists():
        return
    school.refresh_from_db(fields=["directory_version"])
    calendar = Calendar(school)
    today = local_date(school, now)
    last = today + dt.timedelta(days=DATES_AHEAD)
    availability = Availability(school, first=today, last=last, calendar=calendar, rooms=(), people=[walker.pk])
    colleagues = here.exclude(pk__in=[walker.pk, host.pk]).filter(is_administrator=False)[: len(TITLES) - 1]
    hosts = [host, *colleagues]
    opened = []
    for number, (teacher, title) in enumerate(zip(hosts, TITLES, strict=False)):
        teacher.school = school
        lessons = [
            lesson
            for lesson in lessons_to_open(teacher, calendar=calendar, now=now)
            if lesson.starts_at > now and not lesson.why_not
        ]
        fitting = [lesson for lesson in lessons if availability.is_free(walker, lesson.date, lesson.period)]
        offered = fitting if number % 2 == 0 and fitting else lessons
        chosen = offered[number * 4 % len(offered) :][:1] if offered else []  # spread over the days
        opened += doors.open_doors(
            chosen,
            title=title,
            places=min(school.visitor_limit, 2),
            is_tentative=number == TENTATIVE,
            by=teacher,
            now=now,
        )
    for door in opened[:1]:
        _send_a_visitor(door, hosts[1:], now)


def _send_a_visitor(door: OpenDoor, colleagues: Iterable[Person], now: dt.datetime) -> None:
    """Let the first colleague who is free come."""
    for colleague in colleagues:
        try:
            visits.come(door, by=colleague, now=now)
        except visits.NoPlaceError:
            continue
        return
