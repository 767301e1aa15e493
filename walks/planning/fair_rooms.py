"""Which rooms of a ready-made route are proposed, so that over a semester every room gets visitors.

The rule, in this order:

1. Leave out rooms that have more visitors than others at that time, while enough rooms are left.
2. Take rooms next to each other, with the fewest visits planned or walked this semester in total.
3. Among equal choices, take a different one for each walker and day. Otherwise everybody would be sent to the first
   rooms of a hallway at the start of a semester.

The counts only choose rooms. No page shows them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from school.models import Period, Person

from ..availability.taught_lessons import TaughtLesson

GOOD_ROOMS = 5  # the rooms that a route proposes; four to six make a good walk


def turn_of(walker: Person, date: dt.date, period: Period) -> int:
    """Return a number for rule 3. It is the same when the page is loaded again."""
    return walker.pk + date.toordinal() + period.position


def fair_rooms(
    lessons: Iterable[TaughtLesson], *, visitors: Mapping[int, int], visits: Mapping[int, int], turn: int
) -> list[TaughtLesson]:
    """Return up to five of these lessons by the rule above. `lessons` must be in walking order."""
    quiet = _without_busy_rooms(list(lessons), visitors)
    totals = [_visits_of(quiet[start:][:GOOD_ROOMS], visits) for start in range(len(quiet) - GOOD_ROOMS + 1)]
    if not totals:
        return quiet
    starts = _without_overlaps([start for start, total in enumerate(totals) if total == min(totals)])
    return quiet[starts[turn % len(starts)] :][:GOOD_ROOMS]


def _visits_of(lessons: Iterable[TaughtLesson], visits: Mapping[int, int]) -> int:
    return sum(visits.get(taught.room.pk, 0) for taught in lessons)


def _without_busy_rooms(lessons: Sequence[TaughtLesson], visitors: Mapping[int, int]) -> list[TaughtLesson]:
    """Leave out the rooms with the most visitors at that time, while at least five others are left."""
    counts = sorted(visitors.get(taught.room.pk, 0) for taught in lessons)
    most = counts[:GOOD_ROOMS][-1] if counts else 0
    return [taught for taught in lessons if visitors.get(taught.room.pk, 0) <= most]


def _without_overlaps(starts: Sequence[int]) -> list[int]:
    """Return those of these first rooms whose five rooms do not overlap, and the last one.

    With all overlapping choices, rooms at the ends of a hallway would be proposed less often than those in the middle.
    """
    chosen = [starts[0]]
    for start in starts:
        if start >= chosen[-1] + GOOD_ROOMS:
            chosen.append(start)
    return list(dict.fromkeys([*chosen, starts[-1]]))
