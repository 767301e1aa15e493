"""The pulse of background processes, for the operator's health page."""

from __future__ import annotations

import datetime as dt
import time

from .models import Heartbeat

EVERY_SECONDS = 20.0
AHEAD = dt.timedelta(seconds=60)  # clocks of several machines differ; later than this is no sign of life

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


def silent_since(name: str, moment: dt.datetime, *, now: dt.datetime) -> bool:
    """Whether nothing was heard of it since that moment. A time that is still to come is of a wrong clock."""
    return not Heartbeat.objects.filter(name=name, at__gte=moment, at__lte=now + AHEAD).exists()
