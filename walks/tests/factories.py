"""Walks for tests, in any state, without going through the pages."""

import datetime as dt

from school.calendar import Calendar, at_local
from school.models import Period, Person, Room, Semester
from school.tests.factories import NOW, THURSDAY, a_lesson, a_person, row_of
from walks.availability.availability import Availability
from walks.models import OpenDoor, Practice, Stop, Walk
from walks.planning.plan import Plan, even_minutes, planned_stop

TEN_PAST_TEN = dt.datetime(2026, 11, 12, 10, 10, tzinfo=dt.UTC)  # when `a_walk` begins by default


def a_practice(school, name="Student talk", **fields):
    """Return this practice of the school's catalogue. Create it if it does not exist."""
    found = Practice.objects.filter(school=school, name=name).first()
    return found or Practice.objects.create(school=school, name=name, **fields)


def a_walk(walker, hosts, *, state="approved", date=THURSDAY, period=3, **fields):
    """Create a walk to the rooms 204, 206, … with these hosts. It begins with the period.

    In a finished walk, the rooms were visited one after the other, for four minutes each.
    """
    school = walker.school
    period_row = row_of(school, Period, position=period)
    start = at_local(school, date, period_row.starts_at)
    end = start + dt.timedelta(minutes=5 * len(hosts))
    fields = _times_of(state, start, end) | fields
    semester = Semester.objects.filter(school=school, starts_on__lte=date, ends_on__gte=date).get()
    walk = Walk.objects.create(
        walker=walker,
        semester=semester,
        state=state,
        date=date,
        period=period_row,
        starts_at=start,
        ends_at=end,
        **fields,
    )
    walk.focus.add(a_practice(school))
    rooms = Room.objects.filter(school=school).order_by("code")
    stops = []
    for n, (host, room) in enumerate(zip(hosts, rooms, strict=False), start=1):
        arrived = start + dt.timedelta(minutes=5 * (n - 1)) if walk.finished_at else None
        left = arrived + dt.timedelta(minutes=4) if arrived else None
        stops.append(Stop(walk=walk, position=n, room=room, host=host, arrived_at=arrived, left_at=left))
    Stop.objects.bulk_create(stops)
    return walk


def a_second_teacher(stop, person):
    """Let this person teach in the room of the stop, too, as another host of the walk. Return their stop."""
    same = ("walk", "room", "position", "minutes", "arrived_at", "left_at", "skipped_at")
    return Stop.objects.create(host=person, **{name: getattr(stop, name) for name in same})


def _times_of(state, start, end):
    decided_by = Person.objects.filter(headed_grades__isnull=False).first()
    times = {}
    if state != "draft":
        times |= {"requested_at": NOW}
    if state in ("approved", "walked", "complete", "changes_asked"):
        times |= {"decided_by": decided_by, "decided_at": NOW}
    if state in ("walked", "complete"):
        times |= {"started_at": start, "finished_at": end, "praise_due_at": end + dt.timedelta(hours=24)}
    if state == "complete":
        times |= {"takeaway_at": end, "completed_at": end}
    if state == "cancelled":
        times |= {"cancelled_at": NOW}
    return times


def a_door(host, code, *, title="First Socratic seminar", date=THURSDAY, period=3, places=2, **fields):
    """Open the host's class in this room at that time."""
    school = host.school
    period_row = row_of(school, Period, position=period)
    lesson = host.lessons.filter(period=period_row, room__code=code).first()
    return OpenDoor.objects.create(
        host=host,
        date=date,
        period=period_row,
        room=row_of(school, Room, code=code),
        starts_at=at_local(school, date, period_row.starts_at),
        ends_at=at_local(school, date, period_row.ends_at),
        lesson_title=lesson.title if lesson else "",
        title=title,
        places=places,
        created_at=NOW,
        **fields,
    )


def an_availability(school, date=THURSDAY):
    """Return the availability of all rooms of the school on that day."""
    rooms = Room.objects.filter(school=school).values_list("pk", flat=True)
    return Availability(school, first=date, last=date, calendar=Calendar(school), rooms=rooms)


def a_plan(walker, codes=("204", "206", "208"), *, date=THURSDAY, period=3, minutes=None, focus=1, **fields):
    """Return a plan to these rooms with the hosts of that time. Without `minutes`, each room gets the same time."""
    school = walker.school
    period_row = row_of(school, Period, position=period)
    lessons = an_availability(school, date).lessons_in(date, period_row)
    rooms = [row_of(school, Room, code=code) for code in codes]
    minutes = minutes or even_minutes(rooms, school=school)
    stops = tuple(planned_stop(room, lessons.get(room.pk), minutes) for room in rooms)
    practices = tuple(a_practice(school, name) for name in ["Student talk", "Wait time", "Technology"][:focus])
    return Plan(walker=walker, date=date, period=period_row, practices=practices, stops=stops, **fields)


def nine_rooms(school):
    """Add six rooms with a lesson in period 3 to the three of the hosts. Return the codes of all nine."""
    new_codes = [f"30{number}" for number in range(6)]
    for code in new_codes:
        Room.objects.create(school=school, hallway=school.rooms.first().hallway, code=code)
        a_lesson(a_person(school, f"Teacher{code}", "Three"), code)
    return ["204", "206", "208", *new_codes]
