"""A day off that is added after the approval stands in the way of a walk."""

import datetime as dt

import pytest

from notifications.models import Message
from school.models import DayOff
from school.tests.factories import NOW
from walks.tests.factories import a_walk
from walks.workflow import time_limits

THURSDAY = dt.date(2026, 11, 12)


@pytest.fixture
def walk(walker, hosts, head):
    """An approved walk on a day that became a day off."""
    DayOff.objects.create(school=walker.school, date=THURSDAY, label="Storm")
    return a_walk(walker, hosts, state="approved", decided_by=head)


def test_the_walker_sees_everywhere_that_there_is_no_school(walk, walker, sign_in):
    for path in ["/", "/walks/", f"/walks/{walk.pk}/"]:
        page = sign_in(walker).get(path).text
        assert "No school that day" in page
        assert "Ready to walk" not in page
        assert "You’re set" not in page
        assert "Pick another day" in page, path


def test_the_walker_gets_one_mail_about_a_day_off(walk, walker):
    for hours in range(2):
        time_limits.sweep(NOW + dt.timedelta(hours=hours))
    mails = Message.objects.filter(subject__startswith="No school on Thu 12 Nov")
    assert [mail.recipient for mail in mails] == [walker]
    assert "Pick another day" in mails[0].body_text


def test_nobody_gets_a_mail_about_a_day_off_without_their_walk(walk):
    DayOff.objects.update(date=THURSDAY + dt.timedelta(days=1))
    time_limits.sweep(NOW)
    assert not Message.objects.exists()


def test_without_school_a_walk_can_neither_be_started_nor_put_on_the_calendar(walk, walker, sign_in, time_machine):
    time_machine.move_to(walk.starts_at - dt.timedelta(hours=1), tick=False)
    for path in ["/", f"/walks/{walk.pk}/"]:
        page = sign_in(walker).get(path).text
        assert "Start walk" not in page, path
        assert "Add to calendar" not in page, path


def test_the_head_sees_the_day_off_among_the_upcoming_walks(walk, head, sign_in):
    assert "There is no school on Thursday 12 November." in sign_in(head).get("/approvals/coming/").text


def test_the_head_sees_the_day_off_on_home(walk, head, sign_in):
    assert "No school that day" in sign_in(head).get("/").text.partition("Next walks")[2]


def test_no_school_matters_more_than_cover(walk, walker, sign_in):
    page = sign_in(walker).get(f"/walks/{walk.pk}/").text
    assert "Cover" not in page.partition("<main")[2]
