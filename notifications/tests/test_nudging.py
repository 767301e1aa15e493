"""The door-bell never breaks what a person just saved."""

import time

import pytest
from celery import current_app

from notifications import nudging


@pytest.fixture
def bell(monkeypatch):
    """Rings into a list; `bell.broken` makes the broker raise."""

    class Bell(list):
        broken = False

        def send_task(self, name, **options):
            self.append((name, options))
            if self.broken:
                raise ConnectionError

    bell = Bell()
    monkeypatch.setattr(nudging, "_quiet_until", 0.0)
    monkeypatch.setattr(
        type(current_app._get_current_object()), "send_task", lambda app, *a, **k: bell.send_task(*a, **k)
    )
    return bell


def test_a_nudge_carries_no_data_and_goes_stale(bell):
    nudging.nudge()
    assert bell == [("notifications.deliver", {"expires": 60, "ignore_result": True})]


def test_after_a_failure_the_broker_rests_for_half_a_minute(bell, monkeypatch):
    bell.broken = True
    nudging.nudge()
    nudging.nudge()
    assert len(bell) == 1
    monkeypatch.setattr(nudging, "_quiet_until", time.monotonic())
    nudging.nudge()
    assert len(bell) == 2
