"""Ready-made routes, and how a walker changes a route."""

import pytest

from school.calendar import Calendar
from school.models import Campus, Hallway, Period, Room, Team
from school.places import rooms_of
from school.tests.factories import THURSDAY, a_hallway, a_lesson, a_person
from walks import status
from walks.availability.availability import Availability
from walks.planning import route_changes, routes
from walks.tests.factories import a_plan, a_walk, an_availability


@pytest.fixture
def availability(school, hosts):
    return an_availability(school)


@pytest.fixture
def period(school):
    return Period.objects.get(school=school, position=3)


def codes(stops):
    return [stop.room.code for stop in stops]


def routes_by_name(walker):
    walker.school.refresh_from_db()  # the version of the directory, too
    return {route.name: route for route in routes.routes_of_school(walker.school, walker)}


def test_routes_are_hallways_then_the_walkers_team_and_grade_then_others(school, walker, availability):
    Team.objects.create(school=school, name="Science").members.add(walker)
    Team.objects.get(name="Maths").members.add(*availability.known_lessons.teachers.values())
    Team.objects.get(name="Maths").members.remove(walker)
    assert list(routes_by_name(walker)) == ["Second floor", "Science", "Grade 7", "Maths", "Grade 8"]


def test_a_grade_with_the_same_people_as_a_team_is_not_shown(school, walker, second_host):
    team = Team.objects.get(school=school)
    team.members.set([second_host])
    found = routes.routes_of_school(school, walker)
    assert [route.name for route in found if route.repeats] == ["Grade 8"]
    shown = routes.shown_routes(found, an_availability(school), walker, shown="", q="")
    assert "Grade 8" not in [route.name for route in (*shown.at_once, *shown.more)]


def test_a_building_is_a_route_when_it_has_more_than_one_hallway(school, walker, hosts):
    hall = a_hallway(school, "Ground floor")
    Room.objects.create(school=school, hallway=hall, code="G1")
    assert {"Main building", "Ground floor", "Second floor"} <= set(routes_by_name(walker))


def test_hallways_and_rooms_are_listed_in_the_order_of_the_campuses(school, walker, hosts, period):
    first = a_hallway(school, "Garden", building="Villa", campus="Hill")
    Campus.objects.filter(name="Hill").update(position=1)
    Room.objects.filter(code="208").update(hallway=first)
    found = routes_by_name(walker)
    assert [name for name in found if name in ("Garden", "Second floor")] == ["Garden", "Second floor"]
    assert [room.code for room in rooms_of(school).values()] == ["208", "204", "206", "210"]


def test_rooms_without_a_hallway_are_on_the_route_of_their_building(school, walker):
    for hallway, code in [("", "G1"), ("Upper floor", "G2")]:
        a_hallway(school, hallway, building="Gym").rooms.create(school=school, code=code)
        assert list(routes_by_name(walker)).count("Gym") == 1
    assert "Upper floor" in routes_by_name(walker)


def test_the_route_of_a_building_has_the_rooms_of_all_its_hallways(school, walker, hosts, period):
    hall = a_hallway(school, "Ground floor")
    Room.objects.filter(school=school, code="204").update(hallway=hall)
    availability = Availability(school, first=THURSDAY, last=THURSDAY, calendar=Calendar(school), rooms=())
    found = routes_by_name(walker)["Main building"].lessons_in(availability, THURSDAY, period)
    assert codes(found) == ["204", "206", "208"]


def test_two_hallways_with_the_same_name_show_their_building(school, walker):
    hall = a_hallway(school, "Second floor", building="Annex")
    Room.objects.create(school=school, hallway=hall, code="A1")
    assert list(routes_by_name(walker))[:2] == ["Second floor, Annex", "Second floor, Main building"]


def test_a_route_takes_open_rooms_in_walking_order(walker, availability, period):
    route = routes_by_name(walker)["Second floor"]
    assert codes(route.best_rooms(availability, THURSDAY, period, visitor=walker)) == ["204", "206", "208"]


def test_rooms_follow_their_place_in_the_hallway_and_then_their_number(school, walker, hosts, period):
    for room, code in zip(Room.objects.filter(school=school), ["A10", "A2", "Gym"], strict=False):
        room.code = code
        room.save()
    Room.objects.filter(code="Gym").update(position=1)
    found = routes_by_name(walker)["Second floor"].lessons_in(an_availability(school), THURSDAY, period)
    assert codes(found) == ["Gym", "A2", "A10"]


def test_a_long_route_takes_the_rooms_with_the_fewest_visitors(school, walker, colleague, hosts, head, period):
    for n in range(3):
        Room.objects.create(school=school, hallway=Hallway.objects.get(), code=f"21{n + 1}")
        a_lesson(a_person(school, f"Teacher{n}", "Three"), f"21{n + 1}")
    a_walk(colleague, hosts[:1])
    availability = an_availability(school)
    route = routes_by_name(walker)["Second floor"]
    assert codes(route.best_rooms(availability, THURSDAY, period, visitor=walker)) == [
        "206",
        "208",
        "211",
        "212",
        "213",
    ]


def test_the_route_of_a_grade_or_team_has_the_rooms_of_its_teachers(school, walker, second_host, availability, period):
    Team.objects.get(school=school).members.add(second_host)
    found = routes_by_name(walker)
    for name in ("Grade 8", "Maths"):
        assert codes(found[name].lessons_in(availability, THURSDAY, period)) == ["206"]


def test_the_route_of_a_team_stays_on_the_campus_of_the_walker(school, walker, hosts, period):
    team = Team.objects.get(school=school)
    team.members.set(hosts)
    Room.objects.filter(code__in=["206", "208"]).update(hallway=a_hallway(school, building="Villa", campus="Hill"))
    availability = an_availability(school)
    route = routes_by_name(walker)["Maths"]
    assert codes(route.best_rooms(availability, THURSDAY, period, visitor=walker)) == ["204"]
    shown = routes.shown_routes(list(routes_by_name(walker).values()), availability, walker, shown="", q="")
    assert [route.name for route in (shown.at_once[0], shown.more[0])] == ["Second floor", "Garden, Hill"]


def test_using_a_route_drops_only_the_rooms_of_the_route_shown_before(walker, availability, period):
    found = routes_by_name(walker)
    plan = a_plan(walker, ["208", "206"])
    best = found["Grade 8"].best_rooms(availability, THURSDAY, period, visitor=walker)
    assert codes(route_changes.use_route(plan, shown=found["Grade 7"], best=best).stops) == ["206"]
    assert codes(route_changes.use_route(plan, shown=None, best=best).stops) == ["208", "206"]


@pytest.mark.parametrize(
    ("room", "by", "order"),
    [
        ("206", -1, ["206", "204", "208"]),
        ("206", 1, ["204", "208", "206"]),
        ("204", -1, ["204", "206", "208"]),
        ("208", 1, ["204", "206", "208"]),
        ("210", 1, ["204", "206", "208"]),
    ],
)
def test_a_room_can_be_moved_earlier_or_later(room, by, order, walker, hosts):
    pk = Room.objects.get(school=walker.school, code=room).pk
    assert codes(route_changes.moved(a_plan(walker), pk, by).stops) == order


def test_equal_minutes_stay_equal_when_a_room_is_dropped(walker, hosts):
    plan = a_plan(walker, ["204", "206", "208"])
    assert [s.minutes for s in route_changes.without(plan, plan.room_ids[0]).stops] == [5, 5]


def test_minutes_chosen_by_hand_stay_when_a_room_is_dropped(walker, hosts):
    plan = a_plan(walker, minutes=2)
    assert [s.minutes for s in route_changes.without(plan, plan.room_ids[0]).stops] == [2, 2]


def test_a_walk_is_called_after_its_hallway(school, walker, hosts, head):
    walk = a_walk(walker, hosts)
    assert status.title_of(walk) == "Second floor"
    walk.stops.all().delete()
    assert status.title_of(walk) == "No rooms yet"


def test_a_walk_through_several_hallways_is_called_after_its_building(school, walker, hosts, head):
    walk = a_walk(walker, hosts)
    hall = a_hallway(school, "Ground floor")
    Room.objects.filter(school=school, code="204").update(hallway=hall)
    assert status.title_of(walk) == "Main building"
    Hallway.objects.filter(pk=hall.pk).update(building=a_hallway(school, building="Annex").building)
    assert status.title_of(walk) == "Room 204 and Second floor"
