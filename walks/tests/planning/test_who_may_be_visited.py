"""Whose lessons may be visited: everyone's, or everyone's who did not opt out."""

from dataclasses import replace

import pytest
from django.urls import reverse

from school.calendar import Calendar
from school.models import Person, School
from school.tests.factories import NOW, THURSDAY, a_lesson
from school.tests.pages import text_of
from school.timetable import timetable
from walks.planning import clashes
from walks.planning.plan import problems
from walks.tests.factories import a_plan, a_walk, an_availability


@pytest.fixture
def opted_out(hosts):
    """Jonas, who teaches in Room 204, asks not to be visited."""
    Person.objects.filter(pk=hosts[0].pk).update(opted_out_of_visits=True)
    return hosts[0]


def open_codes(walker):
    period = a_plan(walker).period
    found = an_availability(walker.school).open_rooms(THURSDAY, period, visitor=walker)
    return sorted(taught.room.code for taught in found.values())


def words_about(plan):
    calendar = Calendar(plan.walker.school)
    found = problems(plan, calendar=calendar, semester=calendar.semester_on(plan.date), now=NOW)
    return [problem.words for problem in found]


@pytest.mark.parametrize(
    ("policy", "codes"),
    [("anybody", ["204", "206", "208"]), ("unless_opted_out", ["206", "208"])],
)
def test_the_school_decides_which_rooms_are_offered(policy, codes, walker, opted_out):
    School.objects.update(who_may_be_visited=policy)
    walker.school.refresh_from_db()
    assert open_codes(walker) == codes
    assert (words_about(a_plan(walker)) == []) is (codes == ["204", "206", "208"])
    period = a_plan(walker).period
    classes = timetable.open_classes(THURSDAY, [period], calendar=Calendar(walker.school))
    assert sorted(lesson.room.code for lesson in classes) == codes  # offered on the way, and when a walk is logged


def test_a_room_of_two_teachers_is_not_visited_if_one_of_them_opted_out(walker, hosts, opted_out, colleague):
    a_lesson(colleague, "204")
    assert open_codes(walker) == ["206", "208"]


@pytest.mark.not_on_postgresql
def test_the_planner_gives_no_reason(walker, opted_out, head, sign_in):
    query = f"?date={THURSDAY}&period={a_plan(walker).period.pk}&" + "&".join(
        f"stop={stop.room.pk}" for stop in a_plan(walker).stops
    )
    shown = text_of(sign_in(walker).get(reverse("walks:new") + query))
    assert "Room 204 is not open to visits." in shown and "Not open to visits" in shown
    assert "opted" not in shown


def test_a_visit_that_was_planned_before_stays_and_its_walker_reads_about_it(walker, hosts, opted_out, head):
    walk = a_walk(walker, hosts)
    plan = replace(a_plan(walker), walk=walk)
    assert words_about(plan) == []
    assert words_about(replace(plan, period=a_plan(walker, period=2).period)) != []
    found = clashes.changes_since_approval(walk, now=NOW)
    assert [change.words for change in found] == ["Room 204 is not open to visits."]
