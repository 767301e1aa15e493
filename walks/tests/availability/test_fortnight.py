"""A school may limit the visits that a teacher has in two weeks."""

import datetime as dt
from dataclasses import replace

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from school.calendar import Calendar
from school.models import School
from school.tests.factories import THURSDAY, a_person
from school.tests.pages import text_of
from walks.availability.fortnight import most_in_a_fortnight
from walks.planning import clashes
from walks.tests.factories import a_plan, a_walk, an_availability

DAYS = [THURSDAY + dt.timedelta(days=n) for n in range(-30, 31)]


@given(st.lists(st.sampled_from(DAYS)))
def test_every_fortnight_with_the_day_counts(dates):
    fortnights = [{THURSDAY + dt.timedelta(days=first + n) for n in range(14)} for first in range(-13, 1)]
    expected = max(sum(date in days for date in dates) for days in fortnights)
    assert most_in_a_fortnight(dates, THURSDAY) == expected


@pytest.fixture
def limit(walker):
    """At most two visits in two weeks."""
    School.objects.update(fortnight_visit_limit=2)
    walker.school.refresh_from_db()


def visit(host, days, state="approved", **fields):
    other = a_person(host.school, f"Other{days}", state)
    return a_walk(other, [host], state=state, date=THURSDAY + dt.timedelta(days=days), **fields)


def kinds(plan):
    return [clash.words for clash in clashes.find_clashes(plan, calendar=Calendar(plan.walker.school))]


@pytest.mark.parametrize(
    ("first", "second", "is_full"),
    [(-1, 4, True), (-9, 4, True), (-9, 5, False), (-1, 14, False)],  # days from the planned walk
)
def test_one_visit_too_many_in_any_two_weeks_is_a_clash(first, second, is_full, limit, walker, hosts):
    visit(hosts[0], first, state="walked" if first < 0 else "approved")
    visit(hosts[0], second)
    plan = a_plan(walker)
    assert kinds(plan) == (["Room 204 is full for this fortnight."] if is_full else [])
    found = an_availability(walker.school).open_rooms(THURSDAY, plan.period, visitor=walker)
    assert len(found) == (2 if is_full else 3)


def test_missed_cancelled_and_skipped_visits_and_ones_own_do_not_count(limit, walker, hosts):
    visit(hosts[0], -1)  # missed
    visit(hosts[0], 1, state="cancelled")
    visit(hosts[0], 4).stops.update(skipped_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    visit(hosts[0], 5)
    own = a_walk(walker, hosts)
    assert kinds(replace(a_plan(walker), walk=own)) == []


def test_without_a_limit_nothing_is_counted(walker, hosts):
    for days in (1, 4, 5, 6):
        visit(hosts[0], days)
    assert kinds(a_plan(walker)) == []


@pytest.mark.not_on_postgresql
def test_the_planner_and_the_host_read_about_it(limit, walker, hosts, head, sign_in):
    visit(hosts[0], 1)
    visit(hosts[0], -2, state="walked")
    plan = a_plan(walker)
    query = f"?date={THURSDAY}&period={plan.period.pk}&" + "&".join(f"stop={stop.room.pk}" for stop in plan.stops)
    assert "Full for this fortnight" in text_of(sign_in(walker).get(reverse("walks:new") + query))
    mine = text_of(sign_in(hosts[0]).get("/me/"))
    assert "1 visit to your lessons in the last two weeks. Your school allows up to 2." in mine
    School.objects.update(fortnight_visit_limit=None)
    assert "My visits" not in text_of(sign_in(hosts[0]).get("/me/"))
