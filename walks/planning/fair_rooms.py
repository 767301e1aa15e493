"""Which rooms of a ready-made route are proposed, so that over a semester every room gets visitors.

The rule, in this order:

1. Leave out rooms that have more visitors than others at that time, while enough rooms are left.
2. Divide the others into stretches of rooms next to each other, so that each room is in one, the ends too.
3. Take turns: the fewer visits a stretch has, planned and walked this semester, the more often it is proposed. Walkers
   and days get different turns. If only the least visited stretch were proposed, all who get a nudge would meet there.

Hallways take turns in the same way. The counts only choose rooms; no page shows them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from zlib import crc32

from school.models import Period, Person

from ..availability.taught_lessons import TaughtLesson

GOOD_ROOMS = 5  # the rooms that a route proposes; four to six make a good walk
Option = TypeVar("Option")


def turn_of(walker: Person, date: dt.date, period: Period | None = None) -> int:
    """Return a number for rule 3 that looks random. It is the same when the page is loaded again."""
    return crc32(f"{walker.pk} {date} {period.position if period else 0}".encode())


def take_turns(options: Sequence[Option], visits: Sequence[int], turn: int) -> Option:
    """Return one of the options. `turn` draws one of their tickets.

    Each option has one ticket, and one more for each option that has more visits.
    """
    tickets: list[Option] = []
    for option, own_visits in zip(options, visits, strict=True):
        tickets += [option] * (1 + sum(others > own_visits for others in visits))
    return tickets[turn % len(tickets)]


def fair_rooms(
    lessons: Iterable[TaughtLesson], *, visitors: Mapping[int, int], visits: Mapping[int, int], turn: int
) -> list[TaughtLesson]:
    """Return up to five of these lessons by the rule above. `lessons` must be in walking order."""
    quiet = _without_busy_rooms(list(lessons), visitors)
    if len(quiet) <= GOOD_ROOMS:
        return quiet
    counts = [visits.get(taught.room.pk, 0) for taught in quiet]
    totals = [sum(counts[start:][:GOOD_ROOMS]) for start in range(len(quiet) - GOOD_ROOMS + 1)]
    starts = _stretches(totals)
    start = take_turns(starts, [totals[start] for start in starts], turn)
    return quiet[start:][:GOOD_ROOMS]


def _without_busy_rooms(lessons: Sequence[TaughtLesson], visitors: Mapping[int, int]) -> list[TaughtLesson]:
    """Leave out the rooms with the most visitors at that time, while at least five others are left."""
    counts = sorted(visitors.get(taught.room.pk, 0) for taught in lessons)
    most = counts[:GOOD_ROOMS][-1] if counts else 0
    return [taught for taught in lessons if visitors.get(taught.room.pk, 0) <= most]


def _stretches(totals: Sequence[int]) -> list[int]:
    """Choose stretches of five rooms that together have every room. Return the number of the first room of each.

    `totals` has the visits of each possible stretch, by its first room. The least visited stretch comes first.
    """
    missing = set(range(len(totals) + GOOD_ROOMS - 1))
    chosen: list[int] = []
    while missing:
        new_rooms = [len(missing & _rooms_from(start)) for start in range(len(totals))]
        best = max(range(len(totals)), key=lambda start: (new_rooms[start], -totals[start], -start))
        chosen.append(best)
        missing -= _rooms_from(best)
    return chosen


def _rooms_from(start: int) -> set[int]:
    return set(range(start, start + GOOD_ROOMS))
