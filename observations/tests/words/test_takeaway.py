"""The takeaway of a walk: one line, the day of its reminder, and its outcome."""

import datetime as dt

import pytest

from notifications.models import Reminder
from observations.models import Takeaway
from observations.tests.factories import a_takeaway
from observations.words import takeaway
from school.errors import NotAllowedError
from school.models import DayOff
from walks.models import Walk
from walks.tests.factories import a_walk

MONDAY = dt.date(2026, 11, 16)


def write(walk, now, text="Answer-and-how boards", remind_on=None, by=None):
    return takeaway.write(Walk.objects.get(pk=walk.pk), text=text, remind_on=remind_on, by=by or walk.walker, now=now)


def test_the_takeaway_is_stored_as_one_line(walk, later):
    write(walk, later, text=" Answer-and-how \n\u202e\x0bboards ")
    walk.refresh_from_db()
    assert (walk.takeaway.text, walk.takeaway_at) == ("Answer-and-how boards", later)


def test_changing_the_takeaway_keeps_its_first_time(walk, later):
    write(walk, later)
    write(walk, later + dt.timedelta(days=1), text="Something smaller")
    walk.refresh_from_db()
    assert (Takeaway.objects.get().text, walk.takeaway_at) == ("Something smaller", later)


def test_an_empty_takeaway_is_refused(walk, later):
    with pytest.raises(takeaway.EmptyTakeawayError) as error:
        write(walk, later, text="   ")
    assert str(error.value) == "Write one line about what you will try"
    assert not Takeaway.objects.exists()


def test_no_takeaway_can_be_written_before_the_end_of_the_walk(walker, hosts, now):
    with pytest.raises(NotAllowedError):
        write(a_walk(walker, hosts), now)


def test_only_the_walker_can_write_the_takeaway(walk, colleague, later):
    with pytest.raises(NotAllowedError):
        write(walk, later, by=colleague)


def test_the_reminder_comes_on_the_morning_of_the_chosen_day(walk, walker, later):
    write(walk, later, remind_on=MONDAY)
    reminder = Reminder.objects.get(kind="takeaway_day")
    assert (reminder.person, reminder.due_at) == (walker, dt.datetime(2026, 11, 16, 7, 30, tzinfo=dt.UTC))


def test_quiet_hours_move_the_reminder_later(walk, school, later):
    school.quiet_until = dt.time(8, 0)
    school.save()
    write(walk, later, remind_on=MONDAY)
    assert Reminder.objects.get().due_at == dt.datetime(2026, 11, 16, 8, 0, tzinfo=dt.UTC)


def test_choosing_the_same_day_twice_schedules_one_reminder(walk, later):
    write(walk, later, remind_on=MONDAY)
    write(walk, later, remind_on=MONDAY, text="Something smaller")
    assert Reminder.objects.count() == 1


def test_ten_school_days_are_offered(school, now):
    DayOff.objects.create(school=school, date=dt.date(2026, 11, 13), label="Training day")
    days = takeaway.days_to_try(school, now=now)
    assert (days[0], days[1], len(days)) == (dt.date(2026, 11, 12), MONDAY, 10)


def test_an_outcome_can_be_recorded_and_removed(walk, walker, later):
    idea = a_takeaway(walk)
    takeaway.record_outcome(idea, outcome="tried", by=walker, now=later)
    assert Takeaway.objects.values_list("outcome", "outcome_at").get() == ("tried", later)
    takeaway.record_outcome(idea, outcome="", by=walker, now=later)
    assert Takeaway.objects.values_list("outcome", "outcome_at").get() == ("", None)


def test_only_the_walker_can_record_an_outcome(walk, head, later):
    with pytest.raises(NotAllowedError):
        takeaway.record_outcome(a_takeaway(walk), outcome="tried", by=head, now=later)
