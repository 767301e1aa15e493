"""Reminders come once, only while they are true, and a broken reminder does not stop the others."""

import datetime as dt

import pytest
from django.db import connection

from notifications import reminders
from notifications.models import Message, Reminder
from notifications.tests.factories import a_message

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def handler_calls():
    """Register a handler for kind "test" that writes a mail. Return the list of its calls."""
    calls = []

    @reminders.handler("test")
    def remind(reminder, now):
        calls.append((reminder.key, now))
        return bool(a_message(reminder.person, key=f"remind:{reminder.key}", now=now))

    return calls


def schedule_reminder(person, now, *, key="walk:1", about_id=1, kind="test", due_at=None, **fields):
    reminders.schedule(kind=kind, key=key, person=person, about_id=about_id, due_at=due_at or now, now=now, **fields)
    return Reminder.objects.get(key=key)


def states():
    return list(Reminder.objects.order_by("pk").values_list("state", flat=True))


def test_a_due_reminder_becomes_a_mail_once(walker, now, handler_calls):
    schedule_reminder(walker, now, due_at=now + HOUR)
    assert reminders.sweep(now + HOUR - dt.timedelta(seconds=1)) == 0
    assert reminders.sweep(now + HOUR) == 1
    assert reminders.sweep(now + 2 * HOUR) == 0
    assert (states(), Message.objects.count()) == (["done"], 1)


def test_a_reminder_that_is_no_longer_true_is_dropped(walker, now):
    reminders.handler("test")(lambda reminder, moment: False)
    schedule_reminder(walker, now)
    assert reminders.sweep(now) == 0
    assert states() == ["dropped"]


def test_a_reminder_is_prepared_before_the_write_lock_is_held(walker, now):
    outside = len(connection.savepoint_ids)
    seen = []
    reminders.preparation("test")(lambda reminder, moment: f"times for {reminder.key}, {depth() - outside} deep")

    def depth():
        return len(connection.savepoint_ids)

    reminders.handler("test")(lambda reminder, moment: seen.append((reminder.prepared, depth() - outside)) or True)
    schedule_reminder(walker, now)
    assert reminders.sweep(now) == 1
    assert seen == [("times for walk:1, 0 deep", 1)]


def test_a_preparation_that_breaks_is_tried_again_later(walker, now, handler_calls):
    reminders.preparation("test")(lambda reminder, moment: 1 / 0)
    waiting = schedule_reminder(walker, now)
    assert reminders.sweep(now) == 0
    waiting.refresh_from_db()
    assert (waiting.state, waiting.due_at) == ("pending", now + dt.timedelta(minutes=10))


def test_a_reminder_that_another_sweep_handled_is_not_prepared_again(walker, now, handler_calls):
    prepared = []
    reminders.preparation("test")(lambda reminder, moment: prepared.append(reminder.key))
    reminder = schedule_reminder(walker, now)
    assert [reminders._handle(reminder, now), reminders._handle(reminder, now)] == [True, False]
    assert prepared == ["walk:1"]


def test_reminders_that_need_preparation_come_after_all_others(walker, now, handler_calls):
    reminders.handler("nudge")(lambda reminder, moment: bool(handler_calls.append((reminder.key, moment))))
    reminders.preparation("nudge")(lambda reminder, moment: None)
    schedule_reminder(walker, now, key="nudge", kind="nudge", due_at=now - HOUR)
    schedule_reminder(walker, now, key="praise")
    reminders.sweep(now)
    assert [key for key, _moment in handler_calls] == ["praise", "nudge"]


def test_a_long_sweep_ends_and_the_next_one_continues(walker, now, handler_calls, monkeypatch):
    monkeypatch.setattr(reminders, "SWEEP_SECONDS", -1.0)
    for number in range(3):
        schedule_reminder(walker, now, key=str(number), about_id=number)
    assert [reminders.sweep(now) for _ in range(4)] == [1, 1, 1, 0]


def test_scheduling_again_moves_a_waiting_reminder(walker, now, handler_calls):
    schedule_reminder(walker, now, due_at=now + HOUR)
    schedule_reminder(walker, now, due_at=now + 3 * HOUR, deadline=now + 4 * HOUR)
    assert reminders.sweep(now + 2 * HOUR) == 0
    assert reminders.sweep(now + 3 * HOUR) == 1
    assert Reminder.objects.get().deadline == now + 4 * HOUR


def test_a_done_reminder_is_not_repeated(walker, now, handler_calls):
    schedule_reminder(walker, now)
    reminders.sweep(now)
    schedule_reminder(walker, now, due_at=now + HOUR)
    assert reminders.sweep(now + HOUR) == 0
    assert states() == ["done"]


def test_a_dropped_reminder_comes_back_only_for_a_new_time(walker, now, handler_calls):
    schedule_reminder(walker, now, due_at=now + HOUR)
    assert reminders.drop(about_id=1, kind="test", now=now) == 1
    schedule_reminder(walker, now, due_at=now + HOUR)
    assert states() == ["dropped"]
    schedule_reminder(walker, now, due_at=now + 2 * HOUR)
    assert states() == ["pending"]


def test_dropping_keeps_reminders_of_other_kinds_and_objects_and_done_ones(walker, now, handler_calls):
    schedule_reminder(walker, now, key="1")
    reminders.sweep(now)
    schedule_reminder(walker, now, key="2", kind="other")
    schedule_reminder(walker, now, key="3", about_id=2)
    schedule_reminder(walker, now, key="4")
    assert reminders.drop(about_id=1, kind="test", now=now) == 1
    assert states() == ["done", "pending", "pending", "dropped"]
    assert reminders.drop(about_id=1, now=now) == 1


def test_a_broken_reminder_stops_no_other_one_and_is_retried(walker, now, handler_calls, caplog):
    reminders.handler("broken")(lambda reminder, moment: 1 / 0)
    broken = schedule_reminder(walker, now, key="canary-key", kind="broken", due_at=now - HOUR)
    schedule_reminder(walker, now, key="fine")
    assert reminders.sweep(now) == 1
    assert states() == ["pending", "done"]
    broken.refresh_from_db()
    assert broken.due_at == now + dt.timedelta(minutes=10)
    assert caplog.messages == [f"reminder {broken.pk} of kind broken: ZeroDivisionError"]


def test_a_handler_that_fails_halfway_leaves_no_mail(walker, now):
    @reminders.handler("test")
    def write_a_mail_and_fail(reminder, moment):
        a_message(walker)
        raise ValueError

    schedule_reminder(walker, now)
    reminders.sweep(now)
    assert not Message.objects.exists()


def test_a_reminder_that_was_moved_after_it_was_read_is_not_handled(walker, now, handler_calls):
    read_before = schedule_reminder(walker, now)
    schedule_reminder(walker, now, due_at=now + HOUR)
    assert reminders._handle(read_before, now) is False
    assert (states(), handler_calls) == (["pending"], [])


def test_two_sweeps_that_read_the_same_reminder_send_one_mail(walker, now, handler_calls):
    reminder = schedule_reminder(walker, now)
    assert [reminders._handle(reminder, now), reminders._handle(reminder, now)] == [True, False]
    assert Message.objects.count() == 1


def test_a_reminder_without_a_handler_waits(walker, now, handler_calls):
    schedule_reminder(walker, now, kind="from-a-newer-version")
    assert reminders.sweep(now) == 0
    assert states() == ["pending"]


def test_more_due_reminders_than_one_batch_are_all_handled(walker, now, handler_calls):
    for number in range(reminders.BATCH + 5):
        schedule_reminder(walker, now, key=str(number), about_id=number)
    assert reminders.sweep(now) == reminders.BATCH + 5


def test_a_sweep_with_nothing_due_takes_one_query(walker, now, handler_calls, django_assert_num_queries):
    schedule_reminder(walker, now, due_at=now + HOUR)
    with django_assert_num_queries(1):
        reminders.sweep(now)


def test_the_mail_of_a_reminder_has_no_author(walker, now, handler_calls):
    schedule_reminder(walker, now)
    reminders.sweep(now)
    assert Message.objects.get().author is None
