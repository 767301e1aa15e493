"""The tasks that beat and the workers run, and the command that needs neither."""

import datetime as dt

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.utils import timezone

from notifications import heartbeat, reminders, tasks
from notifications.management.commands import outbox as command
from notifications.models import Heartbeat, Message, Reminder
from notifications.tests.factories import a_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(walker):
    """One mail and one reminder that are due."""

    @reminders.handler("test")
    def remind(reminder, now):
        return bool(a_message(reminder.person, key="reminder", now=now))

    now = timezone.now()
    reminders.schedule(kind="test", key="1", person=walker, about_id=1, due_at=now, now=now)
    return a_message(walker, key="mail", now=now)


def states():
    return dict(Message.objects.values_list("key", "state"))


def test_every_scheduled_task_of_notifications_exists():
    tasks_of_notifications = {
        entry["task"] for entry in project.CELERY_BEAT_SCHEDULE.values() if entry["task"].startswith("notifications.")
    }
    assert tasks_of_notifications == {"notifications.sweep_outbox", "notifications.sweep_reminders"}
    assert tasks_of_notifications <= {task.name for task in (tasks.sweep_outbox, tasks.sweep_reminders)}


@pytest.mark.parametrize("task", [tasks.deliver, tasks.sweep_outbox])
def test_a_woken_worker_and_a_sweep_both_deliver(waiting, task):
    task.apply(throw=True)
    assert states() == {"mail": "sent"}


def test_the_reminder_sweep_writes_mails(waiting):
    tasks.sweep_reminders.apply(throw=True)
    assert states() == {"mail": "queued", "reminder": "queued"}


def test_the_outbox_command_handles_reminders_and_mails(waiting):
    call_command("outbox")
    assert states() == {"mail": "sent", "reminder": "sent"}
    assert Reminder.objects.get().state == "done"


def test_again_resends_mails_of_the_last_week_that_failed_because_of_the_senders_address(walker, host, capsys):
    now = timezone.now()
    failed = {"state": "failed", "settled_at": now - dt.timedelta(days=6)}
    a_message(walker, key="sender", state={**failed, "error_code": "sender 550"})
    a_message(host, key="address", state={**failed, "error_code": "550"})
    long_ago = {**failed, "settled_at": now - dt.timedelta(days=8)}
    a_message(host, key="long ago", state={**long_ago, "error_code": "sender 550"})
    call_command("outbox", "--again")
    assert states() == {"sender": "sent", "address": "failed", "long ago": "failed"}
    assert capsys.readouterr().out == "Mails queued again: 1\n"


def test_the_loop_survives_a_job_that_raises(caplog):
    class StopAfterTwoRounds:
        rounds = 0

        def is_set(self):
            return self.rounds == 2

        def wait(self, seconds):
            self.rounds += 1

    jobs = []

    def job():
        jobs.append(1)
        raise ValueError

    command._repeat(StopAfterTwoRounds(), 1.0, job)
    assert len(jobs) == 2
    assert caplog.messages == ["outbox loop: ValueError, trying again"] * 2


def test_heartbeats_are_not_written_every_second(now, django_assert_num_queries):
    heartbeat.record("worker", now=now)
    with django_assert_num_queries(0):
        heartbeat.record("worker", now=now + dt.timedelta(seconds=1))
    heartbeat._last.clear()
    heartbeat.record("worker", now=now + dt.timedelta(seconds=30))
    assert list(Heartbeat.objects.values_list("name", "at")) == [("worker", now + dt.timedelta(seconds=30))]
