"""Which rooms of a ready-made route are proposed: neighbours, so that over a semester every room has its turn.

The rule, in this order: rooms with the fewest visitors at that time; next to each other; with the fewest visits planned
or walked this semester, in all; and among equals a different stretch for each walker and day, so that at the start of a
semester not everybody is sent to the first rooms of a hallway. The counts choose rooms and are never shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from school.models import Period, Person

from ..availability.taught_lessons import TaughtLesson

GOOD_ROOMS = 5  # what a ready-made route chooses; four to six are a good walk


def turn_of(walker: Person, date: dt.date, period: Period) -> int:
    """A number that differs between walkers, days and periods, and stays the same when a page is loaded again."""
    return walker.pk + date.toordinal() + period.position


def fair_rooms(
    lessons: Iterable[TaughtLesson], *, visitors: Mapping[int, int], visits: Mapping[int, int], turn: int
) -> list[TaughtLesson]:
    """Return up to five of these lessons, which are in walking order: see the rule above."""
    quiet = _quiet(list(lessons), visitors)
    totals = [_total(quiet[start:][:GOOD_ROOMS], visits) for start in range(len(quiet) - GOOD_ROOMS + 1)]
    if not totals:
        return quiet
    starts = _apart([start for start, total in enumerate(totals) if total == min(totals)])
    return quiet[starts[turn % len(starts)] :][:GOOD_ROOMS]


def _total(lessons: Iterable[TaughtLesson], visits: Mapping[int, int]) -> int:
    return sum(visits.get(taught.room.pk, 0) for taught in lessons)


def _quiet(lessons: Sequence[TaughtLesson], visitors: Mapping[int, int]) -> list[TaughtLesson]:
    """Leave out the rooms with more visitors at that time, while five others are left."""
    counts = sorted(visitors.get(taught.room.pk, 0) for taught in lessons)
    most = counts[:GOOD_ROOMS][-1] if counts else 0
    return [taught for taught in lessons if visitors.get(taught.room.pk, 0) <= most]


def _apart(starts: Sequence[int]) -> list[int]:
    """Of equally good stretches, those without a room in common, and the last: the ends come as often as the middle."""
    chosen = [starts[0]]
    for start in starts:
        if start >= chosen[-1] + GOOD_ROOMS:
            chosen.append(start)
    return list(dict.fromkeys([*chosen, starts[-1]]))
