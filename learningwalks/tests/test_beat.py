"""Beat hands sweeps to the worker; without a broker it runs them itself."""

import pytest
from celery.beat import ScheduleEntry
from django.utils import timezone

from learningwalks.beat import Scheduler
from learningwalks.celery import app
from notifications import heartbeat
from notifications.models import Heartbeat, Message, MessageState

pytestmark = pytest.mark.django_db(transaction=True)  # beat closes its database connection


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    monkeypatch.setattr(heartbeat, "_last", {})
    app.loader.import_default_modules()  # as `celery beat` does
    made = Scheduler(app, schedule_filename=str(tmp_path / "schedule"))
    yield made
    made.close()


def a_message(person):
    now = timezone.now()
    return Message.objects.create(
        key="k", kind="test", recipient=person, to_addr=person.email, subject="Hello", body_text="Hi there",
        message_id="<m@maplehill.example>", due_at=now, next_try=now, created_at=now,
    )  # fmt: skip


def sweep(scheduler):
    scheduler.apply_entry(ScheduleEntry("outbox-sweep", "notifications.sweep_outbox", schedule=20.0, app=app))


def test_with_a_broker_the_sweep_is_left_to_the_worker(scheduler, broker, walker):
    message = a_message(walker)
    sweep(scheduler)
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED


@pytest.mark.parametrize("illness", ["stop", "freeze"])
def test_without_a_broker_the_mail_still_goes_out(scheduler, broker, walker, illness):
    a_message(walker)
    getattr(broker, illness)()
    sweep(scheduler)
    assert Message.objects.get().state == MessageState.SENT
    assert not Heartbeat.objects.filter(name="worker").exists()


def test_each_round_leaves_a_heartbeat(scheduler, broker):
    scheduler.tick()
    assert Heartbeat.objects.filter(name="beat").exists()


@pytest.mark.parametrize(("illness", "cure"), [("stop", "start"), ("freeze", "thaw")])
def test_a_broker_that_is_well_again_is_used_again(scheduler, broker, walker, illness, cure):
    getattr(broker, illness)()
    sweep(scheduler)
    getattr(broker, cure)()
    message = a_message(walker)
    sweep(scheduler)
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED
