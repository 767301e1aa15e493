"""Record when each background process was last seen. /readyz, doctor and beat ask for it."""

from __future__ import annotations

import datetime as dt
import time

from .models import Heartbeat

EVERY_SECONDS = 20.0  # a process records its heartbeat at most this often
CLOCK_TOLERANCE = dt.timedelta(seconds=60)  # allowed difference between the clocks of machines

_last: dict[str, float] = {}


def record(name: str, *, now: dt.datetime) -> None:
    """Record that the process is alive, at most every 20 seconds."""
    tick = time.monotonic()
    if tick - _last.get(name, float("-inf")) < EVERY_SECONDS:
        return
    _last[name] = tick
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def silent_since(name: str, moment: dt.datetime, *, now: dt.datetime) -> bool:
    """Whether nothing was recorded since that moment. Times in the future come from a wrong clock and do not count."""
    return not Heartbeat.objects.filter(name=name, at__gte=moment, at__lte=now + CLOCK_TOLERANCE).exists()
