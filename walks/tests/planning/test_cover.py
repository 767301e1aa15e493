"""Who could cover the walker's lesson, in a small school and in a large one."""

import pytest

from school.calendar import Calendar
from school.tests.factories import a_lesson, a_person
from walks.planning import cover
from walks.tests.factories import a_plan, a_walk


@pytest.fixture
def names(walker):
    """Return the given names offered as cover for the walker's lesson on Thursday, in order."""

    def offered():
        return [person.given_name for person in cover.offered(a_plan(walker), calendar=Calendar(walker.school))]

    return offered


def test_people_who_teach_or_walk_then_are_not_offered(names, hosts, colleague, school, head):
    a_walk(a_person(school, "Ines", "Walker"), hosts)
    assert names() == ["Samuel", "Lucía"]


def test_in_a_large_school_ones_own_grade_is_still_offered(names, hosts, school, monkeypatch):
    monkeypatch.setattr(cover, "OFFERED_AT_MOST", 2)
    for n, letter in enumerate("ABC"):
        a_person(school, f"Other{n}", f"{letter}aron", grade="Grade 8")
    a_person(school, "Zoe", "Zimmer")
    assert names() == ["Other0", "Other1", "Zoe"]


def test_on_the_list_everybody_is_offered_whom_the_page_of_the_walk_offers(names, walker, hosts, school, head):
    a_lesson(walker, "210")
    walk = a_walk(walker, hosts, state="requested")
    listed = cover.colleagues([walk], calendar=Calendar(school))
    assert {person.given_name for person in listed} >= set(names())
