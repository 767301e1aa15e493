"""Open doors: who can come, who reads what, and what happens when a door closes."""

import datetime as dt
import random

import pytest
from django.urls import reverse

from notifications import reminders
from notifications.models import Message
from school import people
from school.calendar import Calendar
from school.errors import RuleError
from school.models import DayType, Lesson, Period, Person, Room, RoomClosure, School, Semester
from school.tests.concurrency import in_two_threads, move_database_to_disk
from school.tests.factories import NOW, THURSDAY, a_hallway, a_lesson, a_person, at_school_all_day, row_of
from school.tests.pages import text_of
from walks.doors import doors, pauses, visitors, visits, weekly
from walks.doors.chart import Chart
from walks.doors.lessons import lessons_to_open
from walks.models import OpenDoor, State, Walk
from walks.semester import nudges, report
from walks.tests.factories import a_door, a_walk
from walks.workflow import completion, time_limits, walking

pytestmark = pytest.mark.usefixtures("frozen_clock")
IN_THE_LESSON = dt.datetime(2026, 11, 12, 10, 15, tzinfo=dt.UTC)


@pytest.fixture
def door(host):
    """Jonas's class in Room 204, on Thursday in period 3."""
    return a_door(host, "204")


def chart_of(person, now=NOW):
    return Chart(person, calendar=Calendar(person.school), now=now)


def state_of(door, person):
    return chart_of(person).of(door).state.key


def a_teacher(school, name):
    person = a_person(school, name, "Free")
    at_school_all_day(person)
    return person


# --- Who can come ----------------------------------------------------------------------------
def test_you_could_go_to_exactly_the_doors_that_a_search_through_all_lessons_finds(school, walker):
    chance = random.Random(7)
    periods = list(Period.objects.filter(school=school).order_by("position"))
    days = list(DayType.objects.filter(school=school).order_by("weekday"))
    semester = row_of(school, Semester)
    hallway = a_hallway(school, "Long")
    rooms = Room.objects.bulk_create(Room(school=school, hallway=hallway, code=f"X{n}", position=n) for n in range(200))
    hosts = Person.objects.bulk_create(
        Person(school=school, given_name=f"H{n}", family_name="Ost", email=f"h{n}@x.example") for n in range(200)
    )
    Lesson.objects.bulk_create(
        Lesson(semester=semester, teacher=teacher, room=room, period=period, day_type=day, title="Class")
        for teacher, room in zip(hosts, rooms, strict=True)
        for period in periods
        for day in days
        if chance.random() < 0.6
    )
    school.refresh_from_db()
    dates = [THURSDAY + dt.timedelta(days=n) for n in range(14)]
    dates = [date for date in dates if date.weekday() < 5]
    opened = [
        a_door(hosts[n], f"X{n}", date=date, period=chance.choice(periods).position, places=chance.choice([1, 2]))
        for n in range(200)
        for date in [chance.choice(dates)]
    ]
    OpenDoor.objects.update(lesson_title="Class")
    for door in chance.sample(opened, 60):
        other = a_person(school, f"V{door.pk}", "Isitor")
        visit = a_walk(other, [door.host], date=door.date, period=door.period.position)
        visit.stops.update(room=door.room)
        Walk.objects.filter(pk=visit.pk).update(door=door, is_drop_in=True)
    for door in chance.sample(opened, 20):
        RoomClosure.objects.create(room=door.room, date=door.date, reason="Test")
    own = {(lesson.day_type_id, lesson.period_id) for lesson in walker.lessons.all()}
    taught = set(Lesson.objects.values_list("teacher", "room", "day_type", "period"))
    closed = set(RoomClosure.objects.values_list("room", "date"))

    def fits(door):
        day = days[door.date.weekday()].pk
        is_taught = (door.host_id, door.room_id, day, door.period_id) in taught
        coming = Walk.objects.filter(door=door).count()
        return (
            is_taught
            and door.date in dates[:9]  # with today ten school days
            and (day, door.period_id) not in own
            and (door.room_id, door.date) not in closed
            and coming < door.places
        )

    expected = {door.pk for door in opened if fits(door)}
    found = {shown.door.pk for shown in chart_of(Person.objects.get(pk=walker.pk)).could_go}
    assert 30 < len(expected) < 200
    assert found == expected


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda door, me: None, "open"),
        (lambda door, me: a_lesson(me, "210"), "busy"),
        (lambda door, me: a_walk(me, [door.host], period=3), "busy"),
        (lambda door, me: RoomClosure.objects.create(room=door.room, date=door.date, reason="Test"), "paused"),
        (lambda door, me: door.host.lessons.all().delete(), "paused"),
        (lambda door, me: a_walk(a_person(me.school, "Another"), [door.host]), "open"),
        (lambda door, me: [a_walk(a_person(me.school, f"Other{n}"), [door.host]) for n in range(2)], "full"),
    ],
)
def test_a_door_says_whether_the_reader_can_come(change, state, door, walker):
    change(door, walker)
    walker.school.refresh_from_db()
    assert state_of(door, walker) == state


def test_the_last_place_goes_to_one_and_the_next_one_reads_of_another_door(door, walker, school, second_host):
    OpenDoor.objects.update(places=1)
    other = a_door(second_host, "206", date=THURSDAY + dt.timedelta(days=1))
    first = a_teacher(school, "First")
    visits.come(door, by=first, now=NOW)
    with pytest.raises(visits.NoPlaceError) as refused:
        visits.come(door, by=walker, now=NOW)
    assert "went a moment ago. Room 206 is open on Friday 13 November, Period 3." in str(refused.value)
    assert (visitors.coming_to(door).count(), visitors.coming_to(other).count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_for_one_place_exactly_one_comes(door, school, tmp_path, monkeypatch):
    OpenDoor.objects.update(places=1)
    waiting = [a_teacher(school, "First"), a_teacher(school, "Second")]
    move_database_to_disk(tmp_path, monkeypatch)

    def come():
        try:
            return visits.come(door, by=waiting.pop(), now=NOW).pk
        except visits.NoPlaceError:
            return None

    assert sorted(found is None for found in in_two_threads(come)) == [False, True]


def test_pressing_twice_plans_one_visit_and_it_needs_no_approval(door, walker, head):
    first = visits.come(door, by=walker, now=NOW)
    assert visits.come(door, by=walker, now=NOW) == first
    assert (first.state, first.is_drop_in, [stop.host for stop in first.stops.all()]) == ("approved", True, [door.host])
    assert Walk.objects.pending_for(head).count() == 0
    assert list(Message.objects.values_list("recipient__given_name", flat=True)) == ["Amara"]


# --- Opening ---------------------------------------------------------------------------------
def test_only_ones_own_classes_are_offered_and_a_class_of_two_teachers_opens_once(door, host, school):
    both = a_teacher(school, "Ben")
    a_lesson(both, "204", title="7A Maths")
    calendar = Calendar(school)
    offered = lessons_to_open(both, calendar=calendar, now=NOW)
    assert {(lesson.room.code, lesson.title) for lesson in offered} == {("204", "7A Maths")}
    assert [lesson.why_not for lesson in offered if lesson.date == THURSDAY] == ["Already open"]
    assert doors.open_doors(offered[1:2], title="Mine too", places=1, by=both, now=NOW) == []
    assert state_of(door, both) == "own"
    doors.close(door, by=both, now=NOW)  # either closes
    assert state_of_closed(door)


def state_of_closed(door):
    return OpenDoor.objects.get(pk=door.pk).closed_at is not None


@pytest.mark.not_on_postgresql
def test_a_lesson_is_opened_on_a_page_every_time_until_the_semester_ends(host, sign_in):
    client = sign_in(host)
    page = client.get(reverse("walks:door_new"))
    chosen = page.context["chosen"]
    data = {"lesson": chosen, "title": "Maths journals", "places": "2", "repeats": "on"}
    answer = client.post(reverse("walks:door_new"), data, follow=True)
    assert "Your door is open" in text_of(answer)
    assert OpenDoor.objects.count() == 6  # Wednesdays until 18 December
    assert client.post(reverse("walks:door_new"), {"lesson": chosen}).status_code == 422


@pytest.mark.not_on_postgresql
def test_without_a_timetable_day_period_and_room_are_chosen_by_hand(school, sign_in):
    new = a_teacher(school, "Newcomer")
    client = sign_in(new)
    data = {"title": "Drum circle", "places": "1", "period": row_of(school, Period, position=2).pk}
    data |= {"room": row_of(school, Room, code="210").pk, "date": "2026-11-14"}
    assert "There is no school on that day" in text_of(client.post(reverse("walks:door_new"), data))
    closed = RoomClosure.objects.create(room=row_of(school, Room, code="210"), date=THURSDAY, reason="Exam")
    assert "takes no visitors then: Exam" in text_of(client.post(reverse("walks:door_new"), data | {"date": THURSDAY}))
    closed.delete()
    assert client.post(reverse("walks:door_new"), data | {"date": THURSDAY}).status_code == 302
    assert OpenDoor.objects.get().host == new


@pytest.mark.not_on_postgresql
def test_a_teacher_without_a_class_soon_reads_why_nothing_can_be_opened(school, sign_in):
    later = a_teacher(school, "Later")
    a_lesson(later, "210", valid_from=THURSDAY + dt.timedelta(days=30))
    assert "Your timetable has none in the next ten school days" in text_of(sign_in(later).get("/doors/new/"))


# --- Who reads what --------------------------------------------------------------------------
def test_only_the_teachers_of_the_class_read_who_comes(door, walker, head, administrator, school, sign_in):
    visits.come(door, by=walker, now=NOW)
    both = a_teacher(school, "Ben")
    a_lesson(both, "204", title="7A Maths")
    for person, reads in ((door.host, True), (both, True), (head, False), (administrator, False)):
        for address in ("/doors/", f"/doors/{door.pk}/"):
            assert ("Amara Osei" in sign_in(person).get(address).text) is reads, (person, address)
    answer = sign_in(walker).get("/doors/")
    assert "You’re going" in text_of(answer) and "First Socratic seminar" in text_of(answer)


# --- Closing, and visits that do not happen -----------------------------------------------------
def test_closing_tells_exactly_the_visitors(door, walker, school, second_host):
    other_door = a_door(second_host, "206")
    gone, coming = a_teacher(school, "Gone"), a_teacher(school, "Coming")
    for person in (walker, gone):
        visits.come(door, by=person, now=NOW)
    visits.come(other_door, by=coming, now=NOW)
    visits.cannot_come(Walk.objects.get(walker=gone), by=gone, now=NOW)
    doors.close(door, by=door.host, now=NOW)
    closed = Message.objects.filter(subject__contains="closed")
    assert list(closed.values_list("recipient__given_name", flat=True)) == ["Amara"]
    states = dict(Walk.objects.values_list("walker__given_name", "state"))
    assert states == {"Amara": "cancelled", "Gone": "cancelled", "Coming": "approved"}
    with pytest.raises(RuleError):
        doors.close(door, by=door.host, now=NOW)


def test_a_visitor_who_cannot_come_frees_the_place(door, walker, school):
    OpenDoor.objects.update(places=1)
    walk = visits.come(door, by=walker, now=NOW)
    visits.cannot_come(walk, by=walker, now=NOW)
    assert visits.come(door, by=a_teacher(school, "Next"), now=NOW).state == State.APPROVED


def test_a_teacher_who_leaves_closes_their_doors(door, walker, administrator):
    visits.come(door, by=walker, now=NOW)
    people.leave(door.host, by=administrator, now=NOW)
    assert state_of_closed(door) and Walk.objects.get().state == State.CANCELLED


@pytest.mark.parametrize("why", ["closed", "moved"])
def test_visitors_of_a_door_that_pauses_are_told_once(why, door, walker, second_host):
    visits.come(door, by=walker, now=NOW)
    visits.come(a_door(second_host, "206", date=THURSDAY + dt.timedelta(days=1)), by=walker, now=NOW)
    assert pauses.sweep(NOW) == 0
    if why == "closed":
        RoomClosure.objects.create(room=door.room, date=door.date, reason="Test")
    else:
        door.host.lessons.all().delete()
    assert [pauses.sweep(NOW), pauses.sweep(NOW)] == [1, 0]
    assert Message.objects.filter(subject__contains="door is closed").count() == 1
    assert list(Walk.objects.order_by("date").values_list("state", flat=True)) == ["cancelled", "approved"]


def test_the_host_reads_at_15_00_the_school_day_before_who_comes(walker, host, school):
    monday = THURSDAY + dt.timedelta(days=4)
    empty = a_door(host, "204", date=monday + dt.timedelta(days=1))
    gone = a_teacher(school, "Gone")
    visits.cannot_come(visits.come(empty, by=gone, now=NOW), by=gone, now=NOW)
    door = a_door(host, "204", date=monday)
    for person in (walker, a_teacher(school, "Ben")):
        visits.come(door, by=person, now=NOW)
    friday = dt.datetime(2026, 11, 13, 15, 0, tzinfo=dt.UTC)
    reminders.sweep(friday - dt.timedelta(minutes=1))
    to_host = Message.objects.filter(recipient=host)
    assert not to_host.exists()
    for moment in (friday, friday + dt.timedelta(days=3)):
        reminders.sweep(moment)
    assert [mail.subject for mail in to_host] == ["Amara Osei and Ben Free plan to come: Mon 16 Nov, Period 3"]


def test_the_week_begins_with_a_mail_to_those_whom_a_door_fits(walker, hosts, head, administrator, colleague):
    a_door(hosts[0], "204", date=dt.date(2026, 11, 17))
    a_door(hosts[1], "206", date=dt.date(2026, 11, 23), title="The week after")
    visits.come(a_door(hosts[2], "208", date=dt.date(2026, 11, 18)), by=colleague, now=NOW)
    sunday_night = dt.datetime(2026, 11, 15, 23, tzinfo=dt.UTC)
    assert weekly.store_upcoming(sunday_night) == 0
    monday = dt.datetime(2026, 11, 16, 6, tzinfo=dt.UTC)
    for moment in (monday, monday + dt.timedelta(hours=1)):
        weekly.store_upcoming(moment)
        reminders.sweep(moment)
    assert not Message.objects.filter(kind=weekly.WEEKLY).exists()
    reminders.sweep(monday + dt.timedelta(hours=1, minutes=30))
    sent = Message.objects.filter(kind=weekly.WEEKLY)
    subjects = dict(sent.values_list("recipient__given_name", "subject"))
    assert subjects["Amara"] == "Two doors are open when you’re free this week"
    assert subjects["Samuel"] == "One door is open when you’re free this week"  # he goes to the other one already
    assert "Jonas" not in subjects and "Daniel" not in subjects  # he teaches then; administrators do not go
    assert "The week after" not in sent.get(recipient=walker).body_text
    assert weekly.still_open(sent.get(recipient=walker), monday + dt.timedelta(days=1))
    OpenDoor.objects.update(closed_at=NOW)
    assert not weekly.still_open(sent.get(recipient=walker), monday + dt.timedelta(days=1))


def test_a_visit_that_nobody_started_is_cancelled_a_day_later(door, walker):
    walk = visits.come(door, by=walker, now=NOW)
    time_limits.sweep(walk.ends_at + dt.timedelta(hours=23))
    assert Walk.objects.get().state == State.APPROVED
    time_limits.sweep(walk.ends_at + dt.timedelta(hours=24))
    assert Walk.objects.get().state == State.CANCELLED


# --- Thanks, and what counts -------------------------------------------------------------------
def visit_and_thank(walker, door, *, takeaway):
    walk = visits.come(door, by=walker, now=NOW)
    start = door.starts_at
    walking.arrive(walk.stops.get(), by=walker, now=start)
    walking.finish(Walk.objects.get(pk=walk.pk), by=walker, now=start + dt.timedelta(minutes=5))
    fields = {"takeaway_at": start + dt.timedelta(hours=1)} if takeaway else {}
    Walk.objects.filter(pk=walk.pk).update(**fields)
    assert Walk.objects.get(pk=walk.pk).praise_due_at == start + dt.timedelta(hours=24, minutes=5)
    completion.mark_thanked(walk.stops.get(), by=walker, now=start + dt.timedelta(hours=1))
    return Walk.objects.get(pk=walk.pk)


@pytest.mark.parametrize(
    ("needed", "visited", "takeaway", "counts"),
    [(2, 2, True, True), (2, 1, True, False), (2, 2, False, False), (0, 2, True, False)],
)
def test_thanked_visits_and_a_takeaway_count_as_a_walk_if_the_school_wants_it(
    needed, visited, takeaway, counts, walker, host, school, administrator
):
    School.objects.update(drop_ins_for_a_walk=needed)
    school.refresh_from_db()
    for number in range(visited):
        door = a_door(host, "204", date=THURSDAY + dt.timedelta(days=7 * number))
        assert visit_and_thank(walker, door, takeaway=takeaway and not number).state == State.COMPLETE
    semester = Semester.objects.get()
    status = {row.sort_name: row.status for row in report.build(administrator, semester, today=NOW.date()).rows}
    assert (status["Osei, Amara"] == "complete") is counts
    assert (walker in nudges.people_without_plan(semester, now=NOW)) is not counts
