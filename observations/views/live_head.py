"""The band at the top of the pages used during a walk: the rooms, the minutes, and the time in the present room."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from walks.models import Stop, Walk
from walks.status import is_forgotten

# The bar has five segments, each for a fifth of the longest stay in a room. Lengths are in units of the drawing.
SEGMENTS = 5
SEGMENT_WIDTH = 58
SEGMENT_STEP = 60.5  # from the start of a segment to the start of the next
# From this fifth of the longest stay on, the page shows this text.
PACE_WORDS: dict[int, str | Promise] = {
    0: _("Plenty of time"),
    3: _("A good moment to look at student work"),
    4: _("Almost time to move on"),
    5: _("Time to move on"),
}


@dataclass(frozen=True)
class TrailRoom:
    """One room in the list of rooms. Its state is `done`, `here`, `skipped`, or empty if it is still ahead."""

    stop: Stop
    state: str


def live_head(walk: Walk, *, here: Stop | None, now: dt.datetime) -> dict[str, Any]:
    """Return the context of the band. The walk must be fetched with its route. `here` is the room of the page."""
    stops = walk.room_stops
    here = next((stop for stop in stops if here is not None and stop.room_id == here.room_id), None)
    in_room = here is not None and walk.is_live and is_open(here)
    return {
        "walk": walk,
        "here": here,
        "in_room": in_room,
        "trail": [TrailRoom(stop, _trail_state(stop, here)) for stop in stops],
        "next_stop": next((stop for stop in stops if is_ahead(stop) and stop != here), None),
        "now": now,
        "minutes_so_far": walk.minutes_until(now),
        "forgotten": is_forgotten(walk, now),
        "pace_words": PACE_WORDS,
        "pace": pace(here.arrived_at, now, most_minutes(walk)) if here is not None and in_room else None,
    }


def is_open(stop: Stop) -> bool:
    """Whether the walker is in this room."""
    return stop.visited and stop.left_at is None


def is_ahead(stop: Stop) -> bool:
    """Whether this room is still ahead."""
    return stop.arrived_at is None and stop.skipped_at is None


def _trail_state(stop: Stop, here: Stop | None) -> str:
    if stop == here:
        return "here"
    if stop.skipped_at is not None:
        return "skipped"
    return "done" if stop.visited else ""


def most_minutes(walk: Walk) -> int:
    """Return the longest stay in a room: the school's, or that of the plan if it was made under an older policy."""
    return max([walk.walker.school.room_minutes_max, *(stop.minutes for stop in walk.room_stops)])


def pace(arrived_at: dt.datetime | None, now: dt.datetime, most: int) -> dict[str, Any]:
    """Return how far the segments of the bar are filled now, and the text below them. `most` is in minutes."""
    assert arrived_at is not None
    seconds = max((now - arrived_at).total_seconds(), 0)
    fifths = seconds / 60 / most * SEGMENTS
    filled = [min(max(fifths - number, 0), 1) * SEGMENT_WIDTH for number in range(SEGMENTS)]
    return {
        "most": most,
        "segments": [(f"{SEGMENT_STEP * number:g}", f"{width:.1f}") for number, width in enumerate(filled)],
        "words": PACE_WORDS[max(fifth for fifth in PACE_WORDS if fifth <= fifths)],
    }
