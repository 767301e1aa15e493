"""Beat sends due tasks to the worker; without a broker or a worker it runs them itself."""

import datetime as dt
import threading
import time

import pytest
from celery import current_app as app
from celery.beat import ScheduleEntry, Service
from django.utils import timezone

from notifications import heartbeat
from notifications.models import Heartbeat, Message, MessageState
from notifications.sending import delivery
from operations.beat import Scheduler

pytestmark = pytest.mark.django_db(transaction=True)  # beat closes its database connection


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """Beat's scheduler with one task, which has not run before."""
    monkeypatch.setattr(heartbeat, "_last", {})
    monkeypatch.setattr(delivery, "stop_requested", threading.Event())
    app.loader.import_default_modules()  # as `celery beat` does
    all_entries = app.conf.beat_schedule
    # Only one task: the threads of several would block each other in SQLite's in-memory database.
    app.conf.beat_schedule = {"outbox-sweep": all_entries["outbox-sweep"]}
    new_scheduler = Scheduler(app, schedule_filename=str(tmp_path / "schedule"))
    yield new_scheduler
    new_scheduler.close()
    app.conf.beat_schedule = all_entries


def a_due_mail(person):
    now = timezone.now()
    return Message.objects.create(
        key="k",
        kind="test",
        recipient=person,
        to_addr=person.email,
        subject="Hello",
        body_text="Hi there",
        message_id="<m@maplehill.example>",
        due_at=now,
        next_try=now,
        created_at=now,
    )


def sweep(scheduler):
    begin_sweep(scheduler)
    for helper in scheduler.helpers:
        helper.join()


def begin_sweep(scheduler):
    scheduler.apply_entry(ScheduleEntry("outbox-sweep", "notifications.sweep_outbox", schedule=20.0, app=app))


def test_with_a_broker_the_sweep_is_left_to_the_worker(scheduler, broker, walker):
    message = a_due_mail(walker)
    sweep(scheduler)
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED


@pytest.mark.parametrize("failure", ["stop", "freeze"])
def test_without_a_broker_beat_sends_the_mail(scheduler, broker, walker, failure):
    a_due_mail(walker)
    getattr(broker, failure)()
    sweep(scheduler)
    assert Message.objects.get().state == MessageState.SENT
    assert not Heartbeat.objects.filter(name="worker").exists()


@pytest.mark.parametrize(("seconds_ago", "state"), [(30, MessageState.QUEUED), (100, MessageState.SENT)])
def test_with_a_broker_but_without_a_worker_beat_sends_the_mail(scheduler, broker, walker, seconds_ago, state):
    now = timezone.now()
    scheduler.began = time.monotonic() - 3600
    Heartbeat.objects.create(name="worker", at=now - dt.timedelta(seconds=seconds_ago))
    a_due_mail(walker)
    sweep(scheduler)
    assert Message.objects.get().state == state


def test_a_worker_gets_time_to_start(scheduler, broker, walker):
    a_due_mail(walker)
    sweep(scheduler)
    assert Message.objects.get().state == MessageState.QUEUED


def rounds(scheduler, count=8):
    for _ in range(count):
        scheduler.tick()
    for helper in scheduler.helpers:
        helper.join()


def set_last_run(scheduler, ago):
    """Set the last run of all entries to that long ago."""
    for entry in scheduler.schedule.values():
        entry.last_run_at = timezone.now() - ago
    scheduler.populate_heap()


def test_beat_records_a_heartbeat_at_its_start(scheduler, broker, tmp_path):
    beat = Service(app, schedule_filename=str(tmp_path / "started"), scheduler_cls=Scheduler)
    beat.stop()  # as soon as it has started
    beat.start()
    assert Heartbeat.objects.filter(name="beat").exists()


def test_beat_records_a_heartbeat_when_it_runs_a_task_but_not_when_idle(scheduler, broker):
    set_last_run(scheduler, dt.timedelta(0))
    rounds(scheduler)
    assert not Heartbeat.objects.filter(name="beat").exists()
    set_last_run(scheduler, dt.timedelta(hours=2))
    rounds(scheduler)
    assert Heartbeat.objects.filter(name="beat").exists()


@pytest.mark.parametrize("restarted", [False, True])
def test_beat_continues_after_a_clock_that_was_ahead_is_set_back(scheduler, broker, walker, tmp_path, restarted):
    set_last_run(scheduler, -dt.timedelta(days=1))
    message = a_due_mail(walker)
    broker.stop()
    if restarted:
        scheduler.sync()
        scheduler = Scheduler(app, schedule_filename=scheduler.schedule_filename)
    rounds(scheduler)
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert {entry.last_run_at <= timezone.now() for entry in scheduler.schedule.values()} == {True}


def test_a_workers_heartbeat_in_the_future_does_not_count(scheduler, broker, walker):
    scheduler.began = time.monotonic() - 3600
    Heartbeat.objects.create(name="worker", at=timezone.now() + dt.timedelta(hours=1))
    a_due_mail(walker)
    sweep(scheduler)
    assert Message.objects.get().state == MessageState.SENT


@pytest.mark.parametrize(("failure", "cure"), [("stop", "start"), ("freeze", "thaw")])
def test_a_recovered_broker_is_used_again(scheduler, broker, walker, failure, cure):
    getattr(broker, failure)()
    sweep(scheduler)
    getattr(broker, cure)()
    message = a_due_mail(walker)
    sweep(scheduler)
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED
