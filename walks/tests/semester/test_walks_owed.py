"""Walks may be voluntary; and a school that changes its mind does not change the reports of the past."""

import datetime as dt

import pytest
from django.urls import reverse

from notifications import reminders
from notifications.models import Message
from school import policy
from school.models import School, Semester
from school.tests.factories import NOW
from school.tests.pages import text_of
from walks.semester import nudges, report
from walks.tests.factories import a_walk

TODAY = NOW.date()
ENDS = dt.date(2026, 12, 18)


@pytest.fixture
def voluntary(school):
    """A school where nobody owes a walk."""
    School.objects.update(required_walks=0)


def statuses(reader, *, today=TODAY):
    reader.refresh_from_db()
    return {row.sort_name: row.status for row in report.build(reader, Semester.objects.get(), today=today).rows}


def test_nobody_is_nudged_to_a_voluntary_walk(voluntary, walker, colleague, administrator):
    six_weeks_before = dt.datetime.combine(ENDS - dt.timedelta(weeks=6), dt.time(9), tzinfo=dt.UTC)
    nudges.store_upcoming(six_weeks_before)
    reminders.sweep(six_weeks_before + dt.timedelta(days=3))
    assert not Message.objects.filter(kind=nudges.NUDGE).exists()


def test_a_waiting_nudge_is_dropped_when_walks_become_voluntary(colleague):
    six_weeks_before = dt.datetime.combine(ENDS - dt.timedelta(weeks=6), dt.time(9), tzinfo=dt.UTC)
    assert nudges.store_upcoming(six_weeks_before)
    School.objects.update(required_walks=0)
    reminders.sweep(six_weeks_before + dt.timedelta(days=3))
    assert not Message.objects.filter(kind=nudges.NUDGE).exists()


@pytest.mark.not_on_postgresql
def test_the_report_of_voluntary_walks_calls_nobody_late(voluntary, walker, hosts, colleague, administrator, sign_in):
    a_walk(walker, hosts, state="complete")
    a_walk(hosts[0], hosts[1:], state="walked", period=2)
    found = statuses(administrator)
    assert [found[name] for name in ("Osei, Amara", "Lindqvist, Jonas", "Brandt, Samuel")] == [
        "complete",
        "under_way",
        "no_walk",
    ]
    shown = text_of(sign_in(administrator).get(reverse("walks:report")))
    assert "Walks are voluntary." in shown and "1 of 5 teachers have completed a walk." in shown
    words = ["Required", "Not yet planned", "Excuse", "nudge", "percent"]
    assert [word for word in words if word in shown] == []
    nudge = text_of(sign_in(administrator).get(reverse("walks:report_nudge")))
    assert "Walks are voluntary at your school, so nobody is reminded to plan one." in nudge


@pytest.mark.not_on_postgresql
def test_home_does_not_call_a_voluntary_walk_the_walk_of_the_semester(voluntary, walker, hosts, sign_in):
    shown = text_of(sign_in(walker).get(reverse("home")))
    assert "A walk starts with one free period" in shown and "Your autumn walk starts" not in shown


def test_a_change_of_policy_leaves_the_report_of_an_earlier_semester(walker, hosts, administrator, time_machine):
    a_walk(walker, hosts, state="complete")
    after = ENDS + dt.timedelta(days=20)
    time_machine.move_to(dt.datetime.combine(after, dt.time(9), tzinfo=dt.UTC))
    for walks in (2, 0):
        policy.change(School.objects.get(), {"required_walks": walks}, by=administrator)
    found = statuses(administrator, today=after)
    assert (found["Osei, Amara"], found["Lindqvist, Jonas"]) == ("complete", "not_completed")


def test_the_mail_at_the_end_counts_those_who_walked(voluntary, walker, hosts, administrator):
    a_walk(walker, hosts, state="complete")
    after = dt.datetime.combine(ENDS + dt.timedelta(days=4), dt.time(9), tzinfo=dt.UTC)
    nudges.store_upcoming(after)
    reminders.sweep(after + dt.timedelta(days=4))
    mail = Message.objects.get(kind=nudges.SEMESTER_END)
    assert mail.subject == "Autumn 2026 report: 1 of 4 went on a walk"
