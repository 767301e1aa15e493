"""Classes, closed rooms, visitors and free people on the days of a plan."""

import datetime as dt

import pytest
from django.db.models import Q

from school.calendar import Calendar
from school.models import Period, Room, RoomClosure
from school.places import rooms_of
from school.tests.factories import NOW, THURSDAY, a_lesson
from walks.availability.availability import Availability
from walks.models import Walk
from walks.tests.factories import a_walk, an_availability

FRIDAY = THURSDAY + dt.timedelta(days=1)


@pytest.fixture
def period(school):
    return Period.objects.get(school=school, position=3)


def test_lessons_of_a_period_name_their_room_and_teacher(school, hosts, period):
    lessons = an_availability(school).lessons_in(THURSDAY, period)
    assert {taught.room.code: taught.host.given_name for taught in lessons.values()} == {
        "204": "Jonas",
        "206": "Leila",
        "208": "Priya",
    }


def test_lessons_of_people_who_left_are_not_listed(school, host, period):
    host.is_active = False
    host.save()
    assert an_availability(school).lessons_in(THURSDAY, period) == {}


def test_lessons_of_other_schools_are_not_listed(school, hosts, stranger):
    a_lesson(stranger, "204")
    period = Period.objects.get(school=stranger.school, position=3)
    assert [taught.host for taught in an_availability(stranger.school).lessons_in(THURSDAY, period).values()] == [
        stranger
    ]


@pytest.mark.parametrize(("closed_period", "reason"), [(None, "Test"), (3, "Test"), (2, "")])
def test_a_room_may_be_closed_all_day_or_in_one_period(closed_period, reason, school, period):
    room = Room.objects.get(school=school, code="204")
    bell = Period.objects.filter(school=school, position=closed_period).first()
    RoomClosure.objects.create(room=room, date=THURSDAY, period=bell)
    assert an_availability(school).closure_reason(room.pk, THURSDAY, period) == reason


@pytest.mark.parametrize(
    ("state", "visitors"),
    [
        ("draft", 0),
        ("requested", 1),
        ("changes_asked", 0),
        ("approved", 1),
        ("cancelled", 0),
    ],
)
def test_only_requested_and_approved_walks_count_as_visitors(state, visitors, school, colleague, hosts, head):
    walk = a_walk(colleague, hosts[:1], state=state)
    counts = an_availability(school).visitor_counts((walk.starts_at, walk.ends_at))
    assert sum(counts.values()) == visitors


def test_a_skipped_room_has_no_visitor_any_more(school, colleague, hosts, head):
    walk = a_walk(colleague, hosts[:1])
    walk.stops.update(skipped_at=NOW)
    assert an_availability(school).visitor_counts((walk.starts_at, walk.ends_at)) == {}


def test_a_walk_right_before_or_after_another_does_not_overlap_it(school, colleague, hosts, head):
    walk = a_walk(colleague, hosts[:1])
    availability = an_availability(school)
    assert availability.visitor_counts((walk.ends_at, walk.ends_at + (walk.ends_at - walk.starts_at))) == {}
    assert availability.visitor_counts((walk.starts_at - (walk.ends_at - walk.starts_at), walk.starts_at)) == {}


def test_a_walk_does_not_count_itself_as_a_visitor(school, colleague, hosts, head):
    walk = a_walk(colleague, hosts[:1])
    assert an_availability(school).visitor_counts((walk.starts_at, walk.ends_at), excluding=walk) == {}


def test_a_room_with_as_many_visitors_as_allowed_is_not_open(school, walker, colleague, hosts, head, period):
    school.visitor_limit = 1
    a_walk(colleague, hosts[:1])
    codes = [
        taught.room.code for taught in an_availability(school).open_rooms(THURSDAY, period, visitor=walker).values()
    ]
    assert codes == ["206", "208"]


def test_a_person_is_busy_while_they_teach_or_walk(school, walker, hosts, head, period):
    first = Period.objects.get(school=school, position=1)
    assert not an_availability(school).is_free(walker, THURSDAY, first)
    assert an_availability(school).is_free(walker, THURSDAY, period)
    a_walk(walker, hosts)
    assert not an_availability(school).is_free(walker, THURSDAY, period)
    assert an_availability(school).is_free(walker, THURSDAY, period, excluding=Walk.objects.get())


def test_teachers_of_one_room_are_its_hosts_with_one_title(school, hosts, colleague, period):
    a_lesson(colleague, "204", title="7B Maths")
    taught = an_availability(school).lessons_in(THURSDAY, period)[Room.objects.get(code="204").pk]
    assert [host.given_name for host in taught.hosts] == ["Samuel", "Jonas"]
    assert (taught.host, taught.title) == (colleague, "7A + 7B Maths")


@pytest.mark.parametrize("kind", ["class", "duty", "meeting"])
def test_a_person_is_busy_with_a_lesson_that_cannot_be_visited(kind, school, walker, period):
    a_lesson(walker, None, kind=kind)
    availability = Availability(
        school, first=THURSDAY, last=THURSDAY, calendar=Calendar(school), rooms=[], people=[walker.pk]
    )
    assert not availability.is_free(walker, THURSDAY, period)
    assert availability.lessons_in(THURSDAY, period) == {}


def test_a_person_is_free_after_the_last_day_of_their_lesson(school, walker, period):
    a_lesson(walker, "210", valid_until=THURSDAY)
    availability = Availability(
        school, first=THURSDAY, last=FRIDAY, calendar=Calendar(school), rooms=[], people=[walker.pk]
    )
    assert [availability.is_free(walker, date, period) for date in (THURSDAY, FRIDAY)] == [False, True]


@pytest.mark.parametrize(("starts_at", "is_shown"), [(dt.time(10, 20), True), (dt.time(10, 30), False)])
def test_other_bells_keep_teachers_busy_and_show_rooms_in_which_most_of_a_walk_fits(
    starts_at, is_shown, school, walker, colleague, period
):
    other = Period.objects.create(
        school=school, name="Primary 3", position=9, starts_at=starts_at, ends_at=dt.time(11, 5)
    )
    school.refresh_from_db(fields=["directory_version"])
    a_lesson(colleague, "210", period=9)
    room = Room.objects.get(code="210")
    RoomClosure.objects.create(room=room, date=FRIDAY, period=other, reason="Test")
    availability = Availability(
        school, first=THURSDAY, last=FRIDAY, calendar=Calendar(school), rooms=[room.pk], people=[colleague.pk]
    )
    assert not availability.is_free(colleague, THURSDAY, period)
    assert (room.pk in availability.lessons_in(THURSDAY, period)) == is_shown
    assert availability.closure_reason(room.pk, FRIDAY, period) == "Test"


def test_availability_takes_four_queries(school, walker, hosts, period, django_assert_num_queries):
    availability = an_availability(school)
    rooms_of(school)
    with django_assert_num_queries(4):
        availability.open_rooms(THURSDAY, period, visitor=walker)


def test_only_the_requested_rooms_and_their_visits_are_read(school, walker, hosts, colleague, head, period):
    a_walk(colleague, hosts[:1])
    rooms = [Room.objects.get(school=school, code="208").pk]
    availability = Availability(
        school, first=THURSDAY, last=THURSDAY, calendar=Calendar(school), rooms=rooms, people=[walker.pk]
    )
    assert [taught.room.code for taught in availability.lessons_in(THURSDAY, period).values()] == ["208"]
    assert availability.scheduled_walks == []


def test_reading_a_route_adds_its_rooms_and_their_visits(school, walker, hosts, colleague, head, period):
    walk = a_walk(colleague, hosts)
    availability = Availability(
        school, first=THURSDAY, last=THURSDAY, calendar=Calendar(school), rooms=[], people=[walker.pk]
    )
    assert availability.visitor_counts((walk.starts_at, walk.ends_at)) == {}
    availability.read_period(THURSDAY, period, Q(room__hallway__building__school=school), "all")
    codes = [taught.room.code for taught in availability.open_rooms(THURSDAY, period, visitor=walker).values()]
    assert (codes, len(availability.visitor_counts((walk.starts_at, walk.ends_at)))) == (["204", "206", "208"], 3)


@pytest.mark.parametrize(("needle", "codes"), [("jonas", ["204"]), ("grade 8", ["206"]), ("20", ["204", "206"])])
def test_a_search_reads_at_most_the_given_number_of_lessons(needle, codes, school, walker, hosts, period):
    availability = Availability(school, first=THURSDAY, last=THURSDAY, calendar=Calendar(school), rooms=[], people=[])
    availability.lessons_with_text(THURSDAY, period, needle, limit=2)
    assert [taught.room.code for taught in availability.lessons_in(THURSDAY, period).values()] == codes
