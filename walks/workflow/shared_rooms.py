"""Rooms with two teachers on a walk that has not begun: when one of them no longer teaches there, the other stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from school.calendar import Calendar
from school.timetable import timetable

from ..models import Stop, Walk


def take_off_hosts_who_moved(walk: Walk) -> None:
    """Take hosts off the walk whose lesson is elsewhere by now. A room without any of its hosts stays as it is."""
    by_room: dict[int, list[Stop]] = defaultdict(list)
    for stop in Stop.objects.filter(walk=walk):
        by_room[stop.room_id].append(stop)
    shared = {room: stops for room, stops in by_room.items() if len(stops) > 1}
    if not shared:
        return
    classes = timetable.lessons_at(walk.date, walk.period, calendar=Calendar(walk.walker.school)).to_visit()
    teaching = set(classes.filter(room__in=shared).values_list("room", "teacher"))
    for room, stops in shared.items():
        keep_only([stop for stop in stops if (room, stop.host_id) in teaching], stops)


def keep_only(staying: Sequence[Stop], stops: Sequence[Stop]) -> None:
    """Keep some of the hosts of a room, whose `stops` are given in order.

    The first stop is always kept and gets another host if necessary, because open pages have its address.
    """
    if not staying or len(staying) == len(stops):
        return
    first, *others = stops
    Stop.objects.filter(pk__in=[stop.pk for stop in others]).delete()
    Stop.objects.filter(pk=first.pk).update(host=staying[0].host_id, lesson_title=staying[0].lesson_title)
    for stop in staying[1:]:
        stop.pk = None
    Stop.objects.bulk_create(staying[1:])
