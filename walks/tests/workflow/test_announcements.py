"""A school may always tell colleagues about a visit, some school days before."""

import datetime as dt
from dataclasses import replace

import pytest
from django.urls import reverse

from notifications.models import Message
from school.calendar import Calendar
from school.models import Period, School
from school.tests.factories import NOW, THURSDAY
from school.tests.pages import text_of
from walks.decisions import requests_to_decide
from walks.models import Walk
from walks.planning.good_times import next_good_times
from walks.planning.plan import problems
from walks.tests.factories import a_plan, a_walk, an_availability, nine_rooms
from walks.workflow import approval, drafts

FRIDAY = THURSDAY + dt.timedelta(days=1)
MONDAY = THURSDAY + dt.timedelta(days=4)


@pytest.fixture
def always(walker):
    """The school always tells colleagues, three school days before. NOW is a Wednesday, so the first day is Monday."""
    School.objects.update(always_announce=True, announce_days_ahead=3)
    walker.school.refresh_from_db()


def words_about(plan):
    calendar = Calendar(plan.walker.school)
    found = problems(plan, calendar=calendar, semester=calendar.semester_on(plan.date), now=NOW)
    return [problem.words for problem in found]


def test_a_walk_is_planned_as_far_ahead_as_the_school_says(always, walker, hosts):
    assert words_about(a_plan(walker, date=FRIDAY)) == [
        "Colleagues are told 3 school days before. Choose 16 November, or a later day"
    ]
    assert words_about(a_plan(walker, date=MONDAY)) == []
    sent_before = replace(a_plan(walker), walk=a_walk(walker, hosts))
    assert words_about(sent_before) == []


def test_no_surprise_is_stored_and_an_earlier_one_stays_one(always, walker, hosts, head, second_host):
    surprise = a_plan(walker, date=MONDAY, announced=False)
    calendar = Calendar(walker.school)
    walk = drafts.send(surprise, calendar=calendar, by=walker, now=NOW)
    assert walk.announced
    earlier = a_walk(walker, hosts, state="requested", announced=False, period=2)
    approval.approve(earlier, by=head, now=NOW)
    assert not Message.objects.filter(kind="walks.host").exists()


@pytest.mark.parametrize("tells_focus", [False, True])
def test_the_mail_to_colleagues_says_what_the_walk_looks_for_if_the_school_wants_it(tells_focus, walker, hosts, head):
    School.objects.update(focus_in_heads_up=tells_focus)
    walker.school.refresh_from_db()
    walk = drafts.send(a_plan(walker, own_focus="Laughter"), calendar=Calendar(walker.school), by=walker, now=NOW)
    School.objects.update(focus_in_heads_up=not tells_focus)  # too late for this walk
    approval.approve(walk, by=head, now=NOW)
    mail = Message.objects.filter(kind="walks.host").first()
    assert ("Amara is looking for: Student talk and Laughter." in mail.body_text) is tells_focus
    assert (mail.author == walker) is tells_focus


def test_a_request_that_waited_too_long_is_shown_to_the_decider(always, walker, hosts):
    walk = a_walk(walker, hosts, state="requested")
    plan = replace(a_plan(walker), walk=walk)
    found = requests_to_decide.findings_about_plan(plan, availability=an_availability(walker.school), now=NOW)
    assert [finding.words for finding in found] == ["The colleagues would be told less than 3 school days before."]


def test_good_times_begin_as_far_ahead(always, walker, hosts):
    nine_rooms(walker.school)
    assert next_good_times(walker, now=NOW)[0].date >= MONDAY


@pytest.mark.not_on_postgresql
def test_the_planner_offers_no_surprise(always, walker, hosts, head, sign_in):
    period = Period.objects.get(school=walker.school, position=3).pk
    client = sign_in(walker)
    shown = text_of(client.get(f"{reverse('walks:new')}?date={MONDAY}&period={period}"))
    assert "Your school always tells colleagues" in shown and "keep it a surprise" not in shown
    assert not Walk.objects.exists()
