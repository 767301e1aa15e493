"""Waking a worker: a failure never breaks the request of the person who just saved something."""

import time

import pytest
from celery import current_app

from notifications.sending import wake


@pytest.fixture
def broker(monkeypatch):
    """A broker that keeps what is sent in a list; with `broken` it raises."""

    class Broker(list):
        broken = False

        def send_task(self, name, **options):
            self.append((name, options))
            if self.broken:
                raise ConnectionError

    broker = Broker()
    monkeypatch.setattr(wake, "_quiet_until", 0.0)
    monkeypatch.setattr(
        type(current_app._get_current_object()), "send_task", lambda app, *a, **k: broker.send_task(*a, **k)
    )
    return broker


def test_the_task_carries_no_data_and_expires(broker):
    wake.wake_worker()
    assert broker == [("notifications.deliver", {"expires": 60, "ignore_result": True})]


def test_after_a_failure_the_broker_is_not_called_for_half_a_minute(broker, monkeypatch):
    broker.broken = True
    wake.wake_worker()
    wake.wake_worker()
    assert len(broker) == 1
    monkeypatch.setattr(wake, "_quiet_until", time.monotonic())
    wake.wake_worker()
    assert len(broker) == 2
