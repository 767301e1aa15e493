"""The pulse of background processes, for the operator's health page."""

from __future__ import annotations

import datetime as dt
import time

from .models import Heartbeat

EVERY_SECONDS = 20.0

_last: dict[str, float] = {}


def beat(name: str, *, now: dt.datetime) -> None:
    """Say "I live", at most every 20 seconds per process."""
    tick = time.monotonic()
    if tick - _last.get(name, float("-inf")) < EVERY_SECONDS:
        return
    _last[name] = tick
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def silent_since(name: str, moment: dt.datetime) -> bool:
    """Whether nothing was heard of it at that moment or later."""
    return not Heartbeat.objects.filter(name=name, at__gte=moment).exists()
