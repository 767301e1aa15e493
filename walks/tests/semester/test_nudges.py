"""Semester nudges: who gets one, when, how often; and the administrators' mail at the end."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import reminders
from notifications.models import Message, Reminder
from school.directory import directory_of
from school.models import Semester
from school.tests.factories import a_lesson, a_person
from walks.models import Excusal
from walks.semester import nudges
from walks.tasks import plan_semester_nudges
from walks.tests.factories import a_walk

ENDS = dt.date(2026, 12, 18)  # a Friday


def weeks_before(weeks, hour=9):
    """Return the moment that many weeks before the last day, in UTC (London has the same time)."""
    return dt.datetime.combine(ENDS - dt.timedelta(weeks=weeks), dt.time(hour), tzinfo=dt.UTC)


def count_nudges(person):
    """Return how many nudges were sent to the person."""
    return Message.objects.filter(kind=nudges.NUDGE, recipient=person).count()


@pytest.mark.parametrize(("weeks", "expected"), [(7, 0), (6, 1), (5, 0), (4, 0), (3, 1), (2, 0), (1, 1)])
def test_nudges_come_six_three_and_one_weeks_before_the_end(weeks, expected, colleague):
    nudges.store_upcoming(weeks_before(weeks))
    assert Reminder.objects.filter(kind=nudges.NUDGE, person=colleague).count() == expected


def test_a_nudge_is_due_in_the_morning(colleague):
    nudges.store_upcoming(weeks_before(6, hour=0))
    assert Reminder.objects.get(person=colleague).due_at == weeks_before(6, hour=0) + dt.timedelta(hours=7, minutes=30)


def test_nudges_are_due_later_if_the_server_was_off_that_day(colleague):
    nudges.store_upcoming(weeks_before(6) + dt.timedelta(days=1))  # a Saturday
    monday_after_quiet_hours = dt.datetime(2026, 11, 9, 7, 0, tzinfo=dt.UTC)
    assert Reminder.objects.get(person=colleague).due_at == monday_after_quiet_hours


def test_scheduling_every_hour_makes_one_nudge(colleague):
    for hour in range(8, 18):
        nudges.store_upcoming(weeks_before(6, hour=hour))
    reminders.sweep(weeks_before(6, hour=18))
    assert (Reminder.objects.count(), count_nudges(colleague)) == (1, 1)


@pytest.mark.parametrize("state", ["requested", "changes_asked", "approved", "walked", "complete"])
def test_people_who_have_planned_get_no_nudge(state, walker, hosts):
    a_walk(walker, hosts, state=state)
    assert walker not in nudges.people_without_plan(Semester.objects.get(), now=weeks_before(6))


@pytest.mark.parametrize("state", ["requested", "changes_asked", "approved"])
@pytest.mark.parametrize(("days", "nudged_again"), [(0, False), (1, True)])
def test_people_whose_planned_day_passed_are_nudged_again(state, days, nudged_again, walker, hosts):
    walk = a_walk(walker, hosts, state=state)
    now = walk.starts_at + dt.timedelta(days=days)
    assert (walker in nudges.people_without_plan(Semester.objects.get(), now=now)) is nudged_again


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_a_draft_is_not_a_plan(state, walker, hosts):
    a_walk(walker, hosts, state=state)
    assert walker in nudges.people_without_plan(Semester.objects.get(), now=weeks_before(6))


def test_a_school_that_asks_for_two_walks_nudges_after_the_first(walker, hosts):
    type(walker.school).objects.update(required_walks=2)
    a_walk(walker, hosts, state="complete")
    assert walker in nudges.people_without_plan(Semester.objects.get(), now=weeks_before(6))


def test_excused_people_and_non_teachers_get_no_nudge(colleague, administrator, head):
    semester = Semester.objects.get()
    Excusal.objects.create(person=colleague, semester=semester, reason="Leave", excused_at=weeks_before(9))
    assert set(nudges.people_without_plan(semester, now=weeks_before(6))) == {head}


def test_nobody_is_nudged_after_the_semester(colleague):
    assert not nudges.people_without_plan(Semester.objects.get(), now=weeks_before(-1)).exists()


def test_a_person_who_planned_in_the_meantime_gets_no_nudge(walker, hosts):
    nudges.store_upcoming(weeks_before(6))
    a_walk(walker, hosts, state="requested")
    reminders.sweep(weeks_before(6, hour=10))
    assert count_nudges(walker) == 0


def test_nobody_gets_more_than_one_nudge_a_week(colleague, school):
    nudges.store_upcoming(weeks_before(6))
    reminders.sweep(weeks_before(6))
    semester = Semester.objects.get()
    soon = weeks_before(6) + dt.timedelta(days=3)
    Reminder.objects.create(
        kind=nudges.NUDGE, key="by hand", person=colleague, about_id=semester.pk, due_at=soon, created_at=soon
    )
    reminders.sweep(soon)
    assert count_nudges(colleague) == 1


def test_a_nudge_offers_three_times_with_links(walker, hosts, colleague, settings):
    settings.SITE_URL = "https://walks.school.example"
    a_lesson(colleague, "210", period=3)
    nudges.store_upcoming(weeks_before(6))
    reminders.sweep(weeks_before(6))
    found = Message.objects.get(kind=nudges.NUDGE, recipient=walker)
    assert found.subject == "Three good times for your autumn walk"
    links = re.findall(r"https://walks.school.example/walks/new/\?date=\S+", found.body_text)
    button = links[-1]
    assert len(set(links)) == 3
    assert button == links[0]
    assert "Use Monday" in found.body_html


def test_a_nudge_without_offers_still_says_when_the_semester_ends(colleague):
    nudges.store_upcoming(weeks_before(1))
    reminders.sweep(weeks_before(1))
    found = Message.objects.get(kind=nudges.NUDGE, recipient=colleague)
    assert "The semester ends on Friday 18 December." in found.body_text


def test_scheduling_takes_the_same_number_of_queries_for_one_and_for_many(school):
    directory_of(school)
    counts = []
    for given in ("Ada", "Bo", "Cy"):
        a_person(school, given)
        with CaptureQueriesContext(connection) as queries:
            nudges.store_upcoming(weeks_before(6))
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_administrators_get_a_mail_when_the_report_is_ready(walker, hosts, administrator):
    a_walk(walker, hosts, state="complete")
    nudges.store_upcoming(weeks_before(0))
    reminders.sweep(dt.datetime(2026, 12, 21, 7, 30, tzinfo=dt.UTC))
    found = Message.objects.get(kind=nudges.SEMESTER_END)
    assert (found.recipient, found.subject) == (administrator, "Autumn 2026 report: 1 of 4 complete")


def test_a_former_administrator_gets_no_mail_about_the_report(administrator):
    nudges.store_upcoming(weeks_before(0))
    type(administrator).objects.update(is_administrator=False)
    reminders.sweep(dt.datetime(2026, 12, 21, 7, 30, tzinfo=dt.UTC))
    assert not Message.objects.filter(kind=nudges.SEMESTER_END).exists()


def test_nobody_gets_a_mail_about_a_deleted_semester(colleague, administrator):
    nudges.store_upcoming(weeks_before(1))
    nudges.store_upcoming(weeks_before(0))
    Semester.objects.all().delete()
    reminders.sweep(weeks_before(-1))
    assert not Message.objects.exists()


def test_the_scheduled_task_raises_no_error_without_teachers(school):
    plan_semester_nudges()
    assert Message.objects.count() == 0
