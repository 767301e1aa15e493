"""Which colleagues are offered as cover for the walker's lesson."""

import datetime as dt

import pytest

from school.calendar import Calendar
from school.models import Period
from school.tests.factories import NOW, a_lesson, a_person, at_school_all_day
from walks.decisions import requests_to_decide
from walks.planning import cover
from walks.tests.factories import a_plan, a_walk


@pytest.fixture
def offered_names(walker):
    """Return a function that lists the given names of the people offered as cover on Thursday, in order."""

    def offered():
        return [
            person.given_name for person in cover.colleagues_to_offer(a_plan(walker), calendar=Calendar(walker.school))
        ]

    return offered


def test_people_who_teach_or_walk_then_are_not_offered(offered_names, hosts, colleague, school, head):
    a_walk(a_person(school, "Ines", "Walker"), hosts)
    assert offered_names() == ["Samuel", "Lucía"]


def test_people_who_teach_in_a_period_that_overlaps_are_not_offered(offered_names, hosts, colleague, school, head):
    times = {"starts_at": dt.time(10, 50), "ends_at": dt.time(11, 30)}
    Period.objects.create(school=school, name="Primary 3", position=9, **times)
    a_lesson(colleague, "210", period=9)
    at_school_all_day(colleague)
    school.refresh_from_db()
    assert offered_names() == ["Lucía"]


def test_part_time_colleagues_are_not_offered_when_they_are_away(offered_names, walker, hosts, colleague, school, head):
    a_lesson(colleague, "210", period=1, days=[3])
    assert offered_names() == ["Lucía"]
    a_lesson(walker, "210")
    walk = a_walk(walker, hosts, state="requested")
    calendar = Calendar(school)
    found = requests_to_decide.list_requests([walk], decider=head, now=NOW, calendar=calendar)
    assert [person.short_name for person in found.requests[0].can_cover] == ["Lucía"]
    at_school_all_day(colleague)
    school.refresh_from_db()
    assert offered_names() == ["Samuel", "Lucía"]


def test_in_a_large_school_colleagues_of_the_walkers_grade_are_still_offered(offered_names, hosts, school, monkeypatch):
    monkeypatch.setattr(cover, "OFFERED_AT_MOST", 2)
    for n, letter in enumerate("ABC"):
        a_person(school, f"Other{n}", f"{letter}aron", grade="Grade 8")
    a_person(school, "Zoe", "Zimmer")
    assert offered_names() == ["Other0", "Other1", "Zoe"]


def test_the_list_offers_at_least_the_colleagues_of_a_requests_page(offered_names, walker, hosts, school, head):
    a_lesson(walker, "210")
    walk = a_walk(walker, hosts, state="requested")
    listed = cover.who_might_cover([walk], calendar=Calendar(school))
    assert {person.given_name for person in listed} >= set(offered_names())
