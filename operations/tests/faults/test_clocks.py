"""Promised hours are elapsed hours, even if the clocks change meanwhile, in every school's own zone."""

import datetime as dt

import pytest

from notifications import reminders
from notifications.models import Message, Reminder, ReminderState
from observations.words import praise
from school.models import DayType
from walks.mail import schedule
from walks.models import Walk
from walks.tests.factories import a_walk
from walks.workflow import approval

pytestmark = [pytest.mark.django_db, pytest.mark.not_on_postgresql]
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
CHANGES = [  # the moment the clocks change, in UTC
    ("Europe/London", dt.datetime(2026, 10, 25, 1, 0)),
    ("Europe/London", dt.datetime(2027, 3, 28, 1, 0)),
    ("America/New_York", dt.datetime(2026, 11, 1, 6, 0)),
    ("America/New_York", dt.datetime(2027, 3, 14, 7, 0)),
    ("Australia/Sydney", dt.datetime(2026, 10, 3, 16, 0)),
    ("Australia/Sydney", dt.datetime(2027, 4, 3, 16, 0)),
]


@pytest.fixture
def always_open(school):
    """A school that is open every day without quiet hours, so that only the clock can delay a mail."""
    school.quiet_from = school.quiet_until = dt.time(0)
    for weekday, name in ((5, "Saturday"), (6, "Sunday")):
        DayType.objects.create(school=school, weekday=weekday, name=name)
    semester = school.semesters.get()
    semester.starts_on, semester.ends_on = dt.date(2026, 8, 1), dt.date(2027, 7, 31)
    semester.save()
    return school


def finish(walker, hosts, zone, at):
    """Move the walker's school to the zone and finish a walk at that moment."""
    walker.school.time_zone = zone
    walker.school.save()
    walk = a_walk(walker, hosts[:1])
    Walk.objects.filter(pk=walk.pk).update(started_at=at - dt.timedelta(minutes=20))
    walk.stops.update(arrived_at=at - dt.timedelta(minutes=10), left_at=at - dt.timedelta(minutes=5))
    walk = Walk.objects.get(pk=walk.pk)
    approval.finish(walk, by=walk.walker, now=at)
    return walk


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@pytest.mark.parametrize("hours_before", [1, 12, 23])
def test_24_hours_and_the_reminder_4_hours_before_are_elapsed_hours(
    walker, hosts, always_open, zone, change, hours_before
):
    at = change.replace(tzinfo=dt.UTC) - hours_before * HOUR
    walk = finish(walker, hosts, zone, at)
    reminder = Reminder.objects.get(kind=schedule.FOUR_HOURS)
    assert walk.praise_due_at - at == 24 * HOUR
    assert abs(reminder.due_at - (at + 20 * HOUR)) <= 2 * MINUTE
    reminders.sweep(at + 20 * HOUR - 2 * MINUTE)
    early = Message.objects.filter(about__startswith=schedule.FOUR_HOURS).count()
    reminders.sweep(at + 20 * HOUR + MINUTE)
    assert (early, Message.objects.filter(about__startswith=schedule.FOUR_HOURS).count()) == (0, 1)


@pytest.mark.parametrize(("zone", "change"), CHANGES[:3])
def test_no_reminder_is_sent_for_a_praised_walk(walker, hosts, always_open, zone, change):
    at = change.replace(tzinfo=dt.UTC) - 12 * HOUR
    walk = finish(walker, hosts, zone, at)
    praise.send(walk.stops.get(), text="Boards!", photo=None, by=walk.walker, now=at + HOUR)
    reminders.sweep(at + 72 * HOUR)
    assert not Message.objects.filter(kind="praise_reminder", about__startswith=schedule.FOUR_HOURS).exists()
    assert not Message.objects.filter(kind="praise_reminder", about__startswith=schedule.LATE).exists()
    assert not Reminder.objects.filter(kind__in=[schedule.FOUR_HOURS, schedule.LATE], state=ReminderState.DONE).exists()
