"""Reminders come once, only while they are true, and one broken reminder stops nobody."""

import datetime as dt

import pytest
from django.db import connection

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.sending import outbox
from notifications.tests.factories import a_message

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def handled():
    """A handler for kind "test" that writes a mail; returns what it was asked about."""
    asked = []

    @reminders.handler("test")
    def remind(reminder, now):
        asked.append((reminder.key, now))
        return bool(a_message(reminder.person, key=f"remind:{reminder.key}", now=now))

    return asked


def remind(person, now, *, key="walk:1", about_id=1, kind="test", due_at=None, **fields):
    reminders.schedule(kind=kind, key=key, person=person, about_id=about_id, due_at=due_at or now, now=now, **fields)
    return Reminder.objects.get(key=key)


def states():
    return list(Reminder.objects.order_by("pk").values_list("state", flat=True))


def test_a_due_reminder_becomes_a_mail_once(walker, now, handled):
    remind(walker, now, due_at=now + HOUR)
    assert reminders.sweep(now + HOUR - dt.timedelta(seconds=1)) == 0
    assert reminders.sweep(now + HOUR) == 1
    assert reminders.sweep(now + 2 * HOUR) == 0
    assert (states(), Message.objects.count()) == (["done"], 1)


def test_what_is_no_longer_true_is_dropped(walker, now):
    reminders.handler("test")(lambda reminder, moment: False)
    remind(walker, now)
    assert reminders.sweep(now) == 0
    assert states() == ["dropped"]


def test_what_takes_its_time_is_done_before_the_write_lock_is_held(walker, now):
    outside = len(connection.savepoint_ids)
    seen = []
    reminders.preparation("test")(lambda reminder, moment: f"times for {reminder.key}, {depth() - outside} deep")

    def depth():
        return len(connection.savepoint_ids)

    reminders.handler("test")(lambda reminder, moment: seen.append((reminder.prepared, depth() - outside)) or True)
    remind(walker, now)
    assert reminders.sweep(now) == 1
    assert seen == [("times for walk:1, 0 deep", 1)]


def test_a_preparation_that_breaks_is_tried_again_later(walker, now, handled):
    reminders.preparation("test")(lambda reminder, moment: 1 / 0)
    waiting = remind(walker, now)
    assert reminders.sweep(now) == 0
    waiting.refresh_from_db()
    assert (waiting.state, waiting.due_at) == ("pending", now + dt.timedelta(minutes=10))


def test_what_another_sweep_took_meanwhile_is_not_prepared_again(walker, now, handled):
    prepared = []
    reminders.preparation("test")(lambda reminder, moment: prepared.append(reminder.key))
    reminder = remind(walker, now)
    assert [reminders._handle(reminder, now), reminders._handle(reminder, now)] == [True, False]
    assert prepared == ["walk:1"]


def test_what_has_to_be_prepared_keeps_nobody_waiting(walker, now, handled):
    reminders.handler("nudge")(lambda reminder, moment: bool(handled.append((reminder.key, moment))))
    reminders.preparation("nudge")(lambda reminder, moment: None)
    remind(walker, now, key="nudge", kind="nudge", due_at=now - HOUR)
    remind(walker, now, key="praise")
    reminders.sweep(now)
    assert [key for key, _moment in handled] == ["praise", "nudge"]


def test_a_long_sweep_ends_and_the_next_one_goes_on(walker, now, handled, monkeypatch):
    monkeypatch.setattr(reminders, "SWEEP_SECONDS", -1.0)
    for number in range(3):
        remind(walker, now, key=str(number), about_id=number)
    assert [reminders.sweep(now) for _ in range(4)] == [1, 1, 1, 0]


def test_scheduling_again_moves_a_waiting_reminder(walker, now, handled):
    remind(walker, now, due_at=now + HOUR)
    remind(walker, now, due_at=now + 3 * HOUR, deadline=now + 4 * HOUR)
    assert reminders.sweep(now + 2 * HOUR) == 0
    assert reminders.sweep(now + 3 * HOUR) == 1
    assert Reminder.objects.get().deadline == now + 4 * HOUR


def test_what_was_done_stays_done(walker, now, handled):
    remind(walker, now)
    reminders.sweep(now)
    remind(walker, now, due_at=now + HOUR)
    assert reminders.sweep(now + HOUR) == 0
    assert states() == ["done"]


def test_a_dropped_reminder_comes_back_only_for_a_new_moment(walker, now, handled):
    remind(walker, now, due_at=now + HOUR)
    assert reminders.drop(about_id=1, kind="test", now=now) == 1
    remind(walker, now, due_at=now + HOUR)
    assert states() == ["dropped"]
    remind(walker, now, due_at=now + 2 * HOUR)
    assert states() == ["pending"]


def test_dropping_leaves_other_kinds_other_things_and_done_ones(walker, now, handled):
    remind(walker, now, key="1")
    reminders.sweep(now)
    remind(walker, now, key="2", kind="other")
    remind(walker, now, key="3", about_id=2)
    remind(walker, now, key="4")
    assert reminders.drop(about_id=1, kind="test", now=now) == 1
    assert states() == ["done", "pending", "pending", "dropped"]
    assert reminders.drop(about_id=1, now=now) == 1


def test_a_broken_reminder_stops_nobody_and_is_tried_again(walker, now, handled, caplog):
    reminders.handler("broken")(lambda reminder, moment: 1 / 0)
    broken = remind(walker, now, key="canary-key", kind="broken", due_at=now - HOUR)
    remind(walker, now, key="fine")
    assert reminders.sweep(now) == 1
    assert states() == ["pending", "done"]
    broken.refresh_from_db()
    assert broken.due_at == now + dt.timedelta(minutes=10)
    assert caplog.messages == [f"reminder {broken.pk} of kind broken: ZeroDivisionError"]


def test_a_handler_that_fails_halfway_leaves_no_mail(walker, now):
    @reminders.handler("test")
    def halfway(reminder, moment):
        a_message(walker)
        raise ValueError

    remind(walker, now)
    reminders.sweep(now)
    assert not Message.objects.exists()


def test_one_that_was_moved_since_it_was_read_is_left_alone(walker, now, handled):
    read_before = remind(walker, now)
    remind(walker, now, due_at=now + HOUR)
    assert reminders._handle(read_before, now) is False
    assert (states(), handled) == (["pending"], [])


def test_two_sweeps_that_read_the_same_reminder_send_one_mail(walker, now, handled):
    reminder = remind(walker, now)
    assert [reminders._handle(reminder, now), reminders._handle(reminder, now)] == [True, False]
    assert Message.objects.count() == 1


def test_a_kind_that_nobody_handles_waits(walker, now, handled):
    remind(walker, now, kind="from-a-newer-version")
    assert reminders.sweep(now) == 0
    assert states() == ["pending"]


def test_many_due_at_once_all_go_out(walker, now, handled):
    for number in range(reminders.BATCH + 5):
        remind(walker, now, key=str(number), about_id=number)
    assert reminders.sweep(now) == reminders.BATCH + 5


def test_a_sweep_with_nothing_due_costs_one_query(walker, now, handled, django_assert_num_queries):
    remind(walker, now, due_at=now + HOUR)
    with django_assert_num_queries(1):
        reminders.sweep(now)


def test_the_mail_of_a_reminder_is_automatic(walker, now, handled):
    remind(walker, now)
    reminders.sweep(now)
    assert Message.objects.get().author is None
    assert outbox.delivery_of("") == [] or Message.objects.get().about == ""
