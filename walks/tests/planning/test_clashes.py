"""Each kind of clash of a plan. A clash is a warning and does not block the plan."""

import datetime as dt
from dataclasses import replace

import pytest

from school.calendar import Calendar
from school.models import DayOff, Lesson, Period, RoomClosure
from school.places import rooms_of
from school.tests.factories import NOW, THURSDAY, a_bell_schedule, a_lesson, a_person
from walks.decisions import requests_to_decide
from walks.models import Walk
from walks.planning import clashes
from walks.planning.plan import Plan, plan_of
from walks.tests.factories import a_plan, a_walk


def found_clashes(plan):
    return [(c.kind, c.words) for c in clashes.find_clashes(plan, calendar=Calendar(plan.walker.school))]


def test_a_good_plan_has_no_clash(walker, hosts):
    assert found_clashes(a_plan(walker)) == []


def test_a_plan_without_a_time_has_no_clash(walker, hosts):
    assert found_clashes(Plan(walker=walker, date=None, period=None)) == []


def test_a_day_without_school_is_a_clash(walker, hosts):
    DayOff.objects.create(school=walker.school, date=THURSDAY)
    walker.school.refresh_from_db()
    plan = a_plan(walker)
    assert found_clashes(plan) == [("no_school", "There is no school that day.")]


def test_a_period_that_does_not_take_place_is_a_clash_and_shows_on_the_page_of_an_approved_walk(
    walker, hosts, sign_in, time_machine
):
    time_machine.move_to(NOW, tick=False)
    walk = a_walk(walker, hosts, state="approved")
    a_bell_schedule(walker.school, {1: ((8, 0), (8, 30))}, weekdays=[THURSDAY.weekday()])
    walker.school.refresh_from_db()
    words = "Period 3 doesn’t take place that day."
    assert found_clashes(plan_of(walk)) == [("bells_changed", words)]
    assert words in sign_in(walker).get(f"/walks/{walk.pk}/").text


def test_a_walk_that_keeps_its_time_when_the_bells_change_says_so_and_asks_for_cover(
    walker, hosts, head, colleague, school, sign_in, time_machine
):
    """The walker teaches in period 2, which moves to the time of the walk. So does the class of a colleague."""
    time_machine.move_to(NOW, tick=False)
    Lesson.objects.filter(teacher=walker).delete()
    a_lesson(walker, "210", period=2, title="8B History")
    a_lesson(colleague, "210", period=2, title="8C Latin")
    free = a_person(school, "Ines", "Duarte")
    walk = a_walk(walker, hosts)
    a_walk(a_person(school, "Ben", "Cole"), hosts[:2], state="requested")
    moved = {1: ((9, 0), (9, 40)), 2: ((10, 0), (10, 40)), 3: ((10, 45), (11, 20))}
    a_bell_schedule(school, moved, weekdays=[THURSDAY.weekday()])
    page = sign_in(walker).get(f"/walks/{walk.pk}/").text
    assert "The bells have changed: Period 3 begins at 10:45 that day, and this walk at 10:10." in page
    assert "Cover is needed for 8B History." in page
    assert "You teach 8B History in Room 210 at that time." in sign_in(walker).get(f"/walks/{walk.pk}/edit/").text
    as_head = sign_in(head)
    assert "The bells have changed" in as_head.get("/approvals/").text
    cover_page = as_head.get(f"/approvals/{walk.pk}/cover/")
    offered = list(cover_page.context["form"].fields["cover"].queryset)
    assert free in offered and colleague not in offered
    as_head.post(f"/approvals/{walk.pk}/cover/", {"cover": free.pk, "seen_cover": ""})
    walk.refresh_from_db()
    assert (walk.cover, walk.covered_lesson.title) == (free, "8B History")
    Walk.objects.filter(pk=walk.pk).update(state="requested", cover=None, covered_lesson=None)
    stored = requests_to_decide.plan_from(walk, walk.stops.all())
    assert ("teaching", "Cover needed for 8B History, Room 210.") in found_clashes(replace(stored, walker=walker))


def test_a_lesson_of_the_walker_is_a_clash(walker, hosts):
    a_lesson(walker, "210", title="7B Science")
    assert found_clashes(a_plan(walker)) == [("teaching", "Cover needed for 7B Science, Room 210.")]


def test_a_time_outside_the_walkers_hours_is_a_clash(walker, hosts, head):
    walk = a_walk(walker, hosts, state="requested")
    walker.hours_at_school.update(starts_at=dt.time(8), ends_at=dt.time(9))
    walker.school.refresh_from_db()
    words = "According to the timetable, you are not at school at that time."
    assert found_clashes(plan_of(walk)) == [("away", words)]
    assert requests_to_decide.clashes_in_words(walk, calendar=Calendar(walker.school)) == [
        "According to the timetable, Amara is not at school at that time."
    ]


def test_a_room_without_a_class_is_a_clash(walker, hosts):
    assert found_clashes(a_plan(walker, ["204", "206", "210"])) == [
        ("no_class", "Nobody teaches in Room 210 at that time.")
    ]


def test_a_room_whose_lesson_moved_to_another_teacher_is_a_clash(walker, hosts, colleague, head):
    plan = plan_of(a_walk(walker, hosts))
    Lesson.objects.filter(room__code="204").update(teacher=colleague)
    assert found_clashes(plan) == [("no_class", "Jonas Lindqvist does not teach in Room 204 at that time.")]


def test_a_room_with_two_teachers_stays_on_the_walk_while_one_of_them_teaches_there(walker, hosts, colleague):
    plan = a_plan(walker)
    first, *others = plan.stops
    first = replace(first, hosts=(colleague, *first.hosts))
    plan = replace(plan, stops=(first, *others))
    assert found_clashes(plan) == []
    Lesson.objects.filter(room__code="204").update(teacher=a_person(walker.school, "Ola", "Nowak"))
    words = "Samuel Brandt and Jonas Lindqvist do not teach in Room 204 at that time."
    assert found_clashes(plan) == [("no_class", words)]


def test_a_closed_room_is_a_clash(walker, hosts):
    plan = a_plan(walker)
    RoomClosure.objects.create(room=plan.stops[1].room, date=THURSDAY, reason="Maths test")
    assert found_clashes(plan) == [("closed", "Room 206 takes no visitors at that time: Maths test.")]


@pytest.mark.parametrize(("others", "full"), [(1, []), (2, ["204"])])
def test_a_room_with_as_many_visitors_as_allowed_is_a_clash(others, full, walker, hosts, head):
    for n in range(others):
        a_walk(a_person(walker.school, f"Other{n}", "Walker"), hosts[:1], state="requested")
    seen = clashes.find_clashes(a_plan(walker), calendar=Calendar(walker.school))
    assert [(c.kind, c.room) for c in seen] == [("full", code) for code in full]


def test_each_school_has_its_own_visitor_limit(walker, hosts, colleague, head):
    walker.school.visitor_limit = 1
    a_walk(colleague, hosts[:1])
    assert found_clashes(a_plan(walker)) == [("full", "Room 204 would have 2 visitors; the limit is 1.")]


def test_another_walk_of_the_walker_is_a_clash(walker, hosts, head):
    a_walk(walker, hosts, state="requested")
    assert found_clashes(a_plan(walker)) == [("own_walk", "You have another walk at that time.")]


def test_a_walk_does_not_clash_with_itself(walker, hosts, head):
    walker.school.visitor_limit = 1
    assert found_clashes(plan_of(a_walk(walker, hosts))) == []


@pytest.mark.parametrize("gap", [dt.timedelta(0), dt.timedelta(minutes=1)])
def test_a_walk_that_begins_at_the_end_of_another_or_later_does_not_clash(gap, walker, hosts, colleague, head):
    walker.school.visitor_limit = 1
    other = a_walk(colleague, hosts)
    plan = a_plan(walker)
    other.starts_at = plan.times(calendar=Calendar(walker.school))[1] + gap
    other.ends_at = other.starts_at + dt.timedelta(minutes=20)
    other.save()
    assert found_clashes(plan) == []


def test_walks_of_other_schools_do_not_count(walker, hosts, stranger, head):
    walker.school.visitor_limit = 1
    a_lesson(stranger, "204")
    a_walk(a_person(stranger.school, "Ola", "Nowak"), [stranger])
    assert found_clashes(a_plan(walker)) == []


def test_a_second_check_with_the_same_availability_makes_no_query(walker, hosts, django_assert_num_queries):
    plan = a_plan(walker)
    calendar = Calendar(walker.school)
    availability = clashes.availability_for(plan, first=THURSDAY, last=THURSDAY, calendar=calendar)
    rooms_of(walker.school)
    for queries in (4, 0):
        with django_assert_num_queries(queries):
            assert clashes.find_clashes(plan, calendar=calendar, availability=availability) == []


def test_the_lesson_to_cover_is_the_one_that_the_walker_teaches_then(walker, hosts, head):
    first = Period.objects.get(school=walker.school, position=1)
    assert clashes.lesson_during(walker, a_walk(walker, hosts)) is None
    assert clashes.lesson_during(walker, a_walk(walker, hosts, period=1)).period == first


def test_on_a_day_off_there_is_no_lesson_to_cover(walker, hosts, head):
    walk = a_walk(walker, hosts, period=1)
    DayOff.objects.create(school=walker.school, date=THURSDAY)
    assert clashes.lesson_during(walk.walker, walk) is None
