"""The head of every live page: the trail of rooms, the minutes so far, and the pace in a room."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from walks.models import Stop, Walk
from walks.status import is_forgotten

PACE_MINUTES, SEGMENT, GAP = 5, 58, 60.5  # the bar: five minutes, in units of its own
PACE_WORDS: dict[int, str | Promise] = {
    0: _("Plenty of time"),
    3: _("A good moment to look at student work"),
    4: _("Wrap up when you’re ready"),
    5: _("Time to move on"),
}


@dataclass(frozen=True)
class TrailRoom:
    """One room of the trail; its state is `done`, `here`, `skipped`, or empty for a room ahead."""

    stop: Stop
    state: str


def live_head(walk: Walk, *, here: Stop | None, now: dt.datetime) -> dict[str, Any]:
    """Context of the head. The walk must be fetched with its route. `here`: the room of the page."""
    stops = list(walk.stops.all())
    here = next((stop for stop in stops if here is not None and stop.pk == here.pk), None)
    in_room = here is not None and walk.is_live and is_open(here)
    return {
        "walk": walk,
        "here": here,
        "in_room": in_room,
        "trail": [TrailRoom(stop, _state(stop, here)) for stop in stops],
        "next_stop": next((stop for stop in stops if is_ahead(stop) and stop != here), None),
        "now": now,
        "minutes_so_far": _minutes(walk.started_at, now),
        "minutes_in_all": minutes_in_all(walk.started_at, walk.finished_at),
        "forgotten": is_forgotten(walk, now),
        "pace_words": PACE_WORDS,
        "pace": pace(here.arrived_at, now) if here is not None and in_room else None,
    }


def is_open(stop: Stop) -> bool:
    """Whether the walker is in this room."""
    return stop.visited and stop.left_at is None


def is_ahead(stop: Stop) -> bool:
    """Whether this room is still ahead."""
    return stop.arrived_at is None and stop.skipped_at is None


def _state(stop: Stop, here: Stop | None) -> str:
    if stop == here:
        return "here"
    if stop.skipped_at is not None:
        return "skipped"
    return "done" if stop.visited else ""


def minutes_in_all(began: dt.datetime | None, ended: dt.datetime | None) -> int:
    """Full minutes of the walk, at least one; 0 while unknown."""
    return max(_minutes(began, ended), 1) if began and ended else 0


def _minutes(since: dt.datetime | None, now: dt.datetime) -> int:
    return max(int((now - since).total_seconds() // 60), 0) if since is not None else 0


def pace(arrived_at: dt.datetime | None, now: dt.datetime) -> dict[str, Any]:
    """How far the five segments of the bar are filled now, and their text."""
    assert arrived_at is not None
    seconds = max((now - arrived_at).total_seconds(), 0)
    filled = [min(max(seconds / 60 - number, 0), 1) * SEGMENT for number in range(PACE_MINUTES)]
    return {
        "segments": [(f"{GAP * number:g}", f"{width:.1f}") for number, width in enumerate(filled)],
        "words": PACE_WORDS[max(minute for minute in PACE_WORDS if minute * 60 <= seconds)],
    }
