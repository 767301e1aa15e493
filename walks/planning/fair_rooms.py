"""Which rooms of a ready-made route are proposed, so that over a semester all colleagues get visitors.

The rule, in this order:

1. Leave out rooms that have more visitors than others at that time, while enough rooms are left.
2. Divide the others into stretches of rooms next to each other, so that each room is in one, the ends too.
3. Take turns: the fewer visits a stretch has, planned and walked this semester, the more often it is proposed. Walkers
   and days get different turns. If only the least visited stretch were proposed, all who get a nudge would meet there.

Routes take turns in the same way. The counts only choose rooms; no page shows them.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TypeVar
from zlib import crc32

from school.models import Period, Person

from ..availability.taught_lessons import TaughtLesson

GOOD_ROOMS = 5  # the rooms that a route proposes; four to six make a good walk
Option = TypeVar("Option")
Stretch = tuple[TaughtLesson, ...]


def turn_of(walker: Person, date: dt.date, period: Period | None = None) -> int:
    """Return a number for rule 3 that looks random. It is the same when the page is loaded again."""
    return crc32(f"{walker.pk} {date} {period.position if period else 0}".encode())


def take_turns(options: Sequence[Option], visits: Sequence[int], turn: int) -> Option:
    """Return one of the options. `turn` draws one of their tickets.

    The option with the most visits has one ticket, the next ones have 4, 9, 16, …
    """
    ordered = sorted(visits)
    with_more_visits = (len(ordered) - bisect_right(ordered, own) for own in visits)
    last_tickets = list(accumulate((1 + more) ** 2 for more in with_more_visits))
    return options[bisect_right(last_tickets, turn % last_tickets[-1])]


def fair_rooms(
    lessons: Iterable[TaughtLesson],
    *,
    visitors: Mapping[int, int],
    visits: Mapping[int, int],
    turn: int,
    fewest: int = 1,
    fits: Callable[[Stretch], bool] = bool,
) -> Stretch:
    """Return up to five of these lessons by the rule above, at least `fewest`, in a stretch that `fits`; else none.

    `lessons` must be in walking order. `visitors` are counted by room, `visits` by host.
    """
    everywhere = tuple(lessons)
    for choice in (_without_busy_rooms(everywhere, visitors), everywhere):
        for size in range(min(GOOD_ROOMS, len(choice)), fewest - 1, -1):
            fitting = [stretch for start in range(len(choice) - size + 1) if fits(stretch := choice[start:][:size])]
            if fitting:
                stretches = _with_every_room(fitting, visits)
                return take_turns(stretches, [visits_to(stretch, visits) for stretch in stretches], turn)
    return ()


def visits_to(stretch: Stretch, visits: Mapping[int, int]) -> int:
    """Return the visits of all hosts of a stretch."""
    return sum(visits.get(host.pk, 0) for taught in stretch for host in taught.hosts)


def _without_busy_rooms(lessons: Stretch, visitors: Mapping[int, int]) -> Stretch:
    """Leave out the rooms with the most visitors at that time, while at least five others are left."""
    counts = sorted(visitors.get(taught.room.pk, 0) for taught in lessons)
    most = counts[:GOOD_ROOMS][-1] if counts else 0
    return tuple(taught for taught in lessons if visitors.get(taught.room.pk, 0) <= most)


def _with_every_room(stretches: Sequence[Stretch], visits: Mapping[int, int]) -> list[Stretch]:
    """Choose stretches that together have every room. The least visited stretch comes first."""
    rooms = [{taught.room.pk for taught in stretch} for stretch in stretches]
    counts = [visits_to(stretch, visits) for stretch in stretches]
    missing = set[int]().union(*rooms)
    chosen: list[Stretch] = []
    while missing:
        best = max(range(len(stretches)), key=lambda number: (len(missing & rooms[number]), -counts[number]))
        chosen.append(stretches[best])
        missing -= rooms[best]
    return chosen
